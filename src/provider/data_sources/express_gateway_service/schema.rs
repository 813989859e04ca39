//! The schema of the data source: the resource's, read-only, with words that fit what is found instead of wished.

use crate::framework::Type;
use crate::framework::schema::validators::arn;
use crate::framework::schema::{Attribute, Kind, Mode, Nesting, Replace, Schema, WhenUnset};
use crate::provider::resources::express_gateway_service as resource;

/// Arguments of the resource that say how to apply, or whose tags are the provider's: nothing of a live service.
pub(super) const NOT_READ: [&str; 5] =
    ["image_source", "tags_all", "wait_for_steady_state", "delete_logs_on_destroy", "timeouts"];

/// What the resource leaves out because every apply would write it again, or has less of.
pub(super) const REPORTED: [&str; 3] = ["ingress_paths", "deployment", "resources"];

/// What says which service is meant.
const KEYS: [&str; 3] = ["service_arn", "cluster", "service_name"];

const DESCRIPTION: &str = "A live service of either engine with everything underneath, by `service_arn`, or by `cluster` \
and `service_name`. It has the attributes of the resource `express_gateway_service`, so that outputs and modules can \
take either, and in `resources` one row for each thing underneath. Needs `ecs:DescribeServices`, and what reading a service of its engine needs: for the managed engine \
`ecs:DescribeExpressGatewayService`, `ecs:ListServiceDeployments`, `ecs:DescribeServiceRevisions` and \
`elasticloadbalancing:DescribeLoadBalancers`; for the composed engine the reading actions of its policy in the guide \
about permissions.";

/// What the resource's inputs are here, by path.
const DESCRIPTIONS: [(&str, &str); 32] = [
    ("service_arn", "ARN of the service to look up. Exclusive with `cluster` and `service_name`."),
    ("service_name", "Name of the service to look up, in `cluster`."),
    ("cluster", "Cluster of `service_name`, by name or ARN. Default: `default`."),
    (
        "engine",
        "Who assembled the service: `managed` (AWS's Express Mode API) or `composed` (this provider).",
    ),
    (
        "infrastructure_role_arn",
        "Role with which ECS makes and operates what is underneath, or with the composed engine shifts traffic.",
    ),
    (
        "execution_role_arn",
        "Role that pulls the image, reads secrets and writes logs. Null with a task definition of the user's own.",
    ),
    ("task_role_arn", "Role of the application itself."),
    ("primary_container", "The container that serves. Null with a task definition of the user's own."),
    ("primary_container.image", "Image reference."),
    ("primary_container.container_port", "TCP port that the application listens on."),
    ("primary_container.command", "What overrides the image's command."),
    ("primary_container.environment", "Environment variables. They are readable in the state."),
    (
        "primary_container.secrets",
        "Environment variables by reference: to a Secrets Manager secret or an SSM parameter.",
    ),
    ("primary_container.aws_logs_configuration", "Where the container's log goes."),
    ("primary_container.aws_logs_configuration.log_group", "Name of the log group."),
    ("primary_container.aws_logs_configuration.log_stream_prefix", "Prefix of the log stream names."),
    ("primary_container.repository_credentials", "Credentials of a private registry."),
    (
        "primary_container.repository_credentials.credentials_parameter",
        "ARN of the Secrets Manager secret with user name and password.",
    ),
    ("task_definition_arn", "The task definition that runs, whoever made it."),
    ("cpu", "CPU units of a task."),
    ("memory", "Memory of a task in MiB."),
    ("cpu_architecture", "`X86_64` or `ARM64`."),
    (
        "health_check_path",
        "Path that must answer, with status 200 unless `health_check.matcher` says otherwise.",
    ),
    ("network_configuration", "Where tasks and load balancer live."),
    ("network_configuration.subnets", "Subnets."),
    (
        "network_configuration.security_groups",
        "The user's own security groups; the one of the service itself is in `infrastructure.service_security_group_ids`.",
    ),
    ("scaling_target", "Auto scaling."),
    ("scaling_target.min_task_count", "Fewest tasks."),
    ("scaling_target.max_task_count", "Most tasks."),
    (
        "scaling_target.auto_scaling_metric",
        "What is measured: `AVERAGE_CPU`, `AVERAGE_MEMORY` or `REQUEST_COUNT_PER_TARGET`.",
    ),
    (
        "scaling_target.auto_scaling_target_value",
        "The value to hold: percent, or requests per target and minute.",
    ),
    ("tags", "All tags of the service, without AWS's own and those that the provider's `ignore_tags` names."),
];

pub(super) fn schema() -> Schema {
    let attributes = resource::schema().attributes.into_iter();
    let attributes = attributes
        .filter(|attribute| !NOT_READ.contains(&attribute.name) && !REPORTED.contains(&attribute.name));
    let attributes = attributes.map(key_or_computed).chain(reported()).collect();
    Schema { version: 0, description: DESCRIPTION, attributes, blocks: Vec::new() }
}

fn reported() -> Vec<Attribute> {
    vec![
        Attribute::nested("ingress_paths", Mode::Computed, Nesting::List, ingress_path())
            .describe("Every way in."),
        Attribute::nested("deployment", Mode::Computed, Nesting::Single, deployment())
            .describe("The deployment that brought the revision that runs."),
        Attribute::nested("resources", Mode::Computed, Nesting::List, resource_row())
            .describe("The whole composition, one row each."),
    ]
}

fn found(name: &'static str) -> Attribute {
    Attribute::computed(name, Type::String)
}

fn ingress_path() -> Vec<Attribute> {
    vec![found("access_type").describe("`PUBLIC` or `PRIVATE`."), found("endpoint").describe("Host name.")]
}

fn deployment() -> Vec<Attribute> {
    vec![
        found("arn").describe("ARN of the service deployment."),
        found("status").describe("Its status, for example `SUCCESSFUL`."),
        found("started_at").describe("When it began (RFC 3339)."),
        found("finished_at").describe("When it ended (RFC 3339)."),
    ]
}

fn resource_row() -> Vec<Attribute> {
    vec![
        found("type").describe("What it is, for example `target_group`."),
        found("arn").describe("Its ARN."),
        found("status").describe("Its status, for example `ACTIVE`."),
        found("status_reason").describe("Why, in AWS's words."),
        Attribute::computed("shared", Type::Bool).describe("Whether other services may use the same one."),
        found("console_url").describe("Its page in the AWS console."),
    ]
}

/// A key can be set and keeps its checks; everything else is found.
fn key_or_computed(attribute: Attribute) -> Attribute {
    if !KEYS.contains(&attribute.name) {
        return computed(attribute, "");
    }
    let mut validators = attribute.validators.clone();
    if attribute.name == "service_arn" {
        validators.push(arn("ecs", "service/"));
    }
    Attribute { mode: Mode::OptionalComputed, validators, ..computed(attribute, "") }
}

fn computed(attribute: Attribute, prefix: &str) -> Attribute {
    let path = format!("{prefix}{}", attribute.name);
    let own = DESCRIPTIONS.iter().find(|(key, _)| *key == path);
    let description = own.map_or_else(|| without_default(attribute.description), |(_, words)| *words);
    let kind = match attribute.kind {
        Kind::Nested(nesting, members) => {
            let prefix = format!("{path}.");
            Kind::Nested(nesting, members.into_iter().map(|member| computed(member, &prefix)).collect())
        }
        value @ Kind::Value(_) => value,
    };
    Attribute {
        kind,
        description,
        mode: Mode::Computed,
        validators: Vec::new(),
        when_unset: WhenUnset::Unknown,
        replace: Replace::Never,
        semantic_equality: None,
        removals: Vec::new(),
        lack: None,
        ..attribute
    }
}

/// A description that says what is found: the default, which is always its end, has no meaning here.
fn without_default(description: &'static str) -> &'static str {
    description.split(" Default: ").next().unwrap_or(description)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::framework::schema::SchemaUse;

    /// Paths of everything that a user of the resource can set, but for what only the composed engine has: those
    /// words fit both once they have lost the default.
    fn inputs(attributes: &[Attribute], prefix: &str, paths: &mut BTreeSet<String>) {
        let is_composed = |attribute: &Attribute| attribute.description.starts_with("Composed engine only.");
        let shared = attributes.iter().filter(|attribute| !is_composed(attribute));
        for attribute in shared.filter(|attribute| attribute.is_configurable()) {
            let path = format!("{prefix}{}", attribute.name);
            inputs(attribute.nested_attributes(), &format!("{path}."), paths);
            paths.insert(path);
        }
    }

    #[test]
    fn core_accepts_the_schema() {
        assert_eq!(schema().problems(SchemaUse::DataSource), Vec::<String>::new());
    }

    #[test]
    fn every_input_of_the_resource_has_words_of_its_own_here() {
        let mut wished = BTreeSet::new();
        let attributes = resource::schema().attributes;
        let read: Vec<_> =
            attributes.into_iter().filter(|attribute| !NOT_READ.contains(&attribute.name)).collect();
        inputs(&read, "", &mut wished);
        wished.insert("service_arn".to_owned());
        let described: BTreeSet<String> = DESCRIPTIONS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(described, wished);
    }

    #[test]
    fn no_words_speak_of_a_default_of_what_is_found() {
        fn check(attributes: &[Attribute], path: &str) {
            for attribute in attributes.iter().filter(|attribute| !attribute.is_configurable()) {
                let path = format!("{path}{}", attribute.name);
                assert!(!attribute.description.contains("Default"), "{path}: {}", attribute.description);
                assert!(!attribute.description.is_empty(), "{path}");
                check(attribute.nested_attributes(), &format!("{path}."));
            }
        }
        check(&schema().attributes, "");
    }

    #[test]
    fn only_what_names_the_service_can_be_set() {
        let schema = schema();
        let settable: Vec<_> = schema
            .attributes
            .iter()
            .filter(|found| found.is_configurable())
            .map(|found| found.name)
            .collect();
        assert_eq!(settable, ["service_name", "cluster", "service_arn"]);
    }
}
