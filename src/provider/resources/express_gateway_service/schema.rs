//! The schema of `express_gateway_service`: data only.

use super::composed;
use super::image_reference::image_validator;
use super::removal::Removals as _;
use crate::framework::schema::validators::{
    arn, between, duration, length_between, matches, one_of, size_between, starts_with,
};
use crate::framework::schema::{Attribute, Mode, Nesting, Removal, Replace, Schema, Validator, WhenUnset};
use crate::framework::{Type, Value};
use crate::provider::handle::{COMPOSED_ENGINE, MANAGED_ENGINE};
use crate::provider::tag_keys;
use crate::service::{Arn, ScalingMetric, SecretReference, cluster_name};

/// Version of the state's shape.
const VERSION: i64 = 0;

/// `image_source`: the configuration decides.
const IMAGE_FROM_CONFIG: &str = "config";
/// `image_source`: what runs decides.
pub(super) const IMAGE_FROM_LIVE: &str = "live";

/// What changes with every deployment, and so is not known while one is planned. The resource's own plan narrows it.
const ROLLS_OUT: WhenUnset = WhenUnset::Unknown;

/// The resource's schema.
pub(crate) fn schema() -> Schema {
    let mut attributes = inputs();
    attributes.extend(composed::members());
    attributes.extend(settings());
    attributes.extend(outputs());
    Schema { version: VERSION, description: DESCRIPTION, attributes, blocks: Vec::new() }
}

const DESCRIPTION: &str = "One container image and two IAM roles become a running, load-balanced, TLS-terminated, \
auto-scaled service on Amazon ECS, with a URL. Everything underneath is reported by ARN in `infrastructure`; the \
data source `express_gateway_service` has one row for each, with status and link.";

fn text(name: &'static str) -> Attribute {
    Attribute::optional(name, Type::String)
}

fn text_or_computed(name: &'static str) -> Attribute {
    Attribute::optional_computed(name, Type::String).when_unset(WhenUnset::Keep)
}

fn computed(name: &'static str) -> Attribute {
    Attribute::computed(name, Type::String).when_unset(WhenUnset::Keep)
}

fn list_of(element: Type) -> Type {
    Type::List(Box::new(element))
}

/// A name is that of the provider's own region and account; two ARNs tell theirs.
fn is_same_cluster(left: &Value, right: &Value) -> bool {
    let is_arn = |text: &str| text.starts_with("arn:");
    match (left, right) {
        (Value::String(left), Value::String(right)) if is_arn(left) && is_arn(right) => left == right,
        (Value::String(left), Value::String(right)) => cluster_name(left) == cluster_name(right),
        _ => false,
    }
}

const NAME_CHARACTERS: &str = "letters, digits, hyphens and underscores";

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_".contains(character)
}

/// A cluster by name or by ARN.
fn cluster_validator() -> Validator {
    let allowed = "the name of an ECS cluster (1-255 letters, digits, hyphens and underscores) or its ARN";
    Validator::new(allowed, |value| {
        let Value::String(cluster) = value else { return Ok(()) };
        let name = cluster_name(cluster);
        let is_of_ecs = name == cluster || cluster.parse().is_ok_and(|arn: Arn| arn.service() == "ecs");
        let is_name = (1..=255).contains(&name.len()) && name.chars().all(is_name_character);
        if is_name && is_of_ecs { Ok(()) } else { Err(format!("{cluster:?} is neither a name nor an ARN")) }
    })
}

/// A text without white space.
pub(super) fn without_spaces(what: &'static str, most: usize) -> Validator {
    matches(1, most, what, |character| !character.is_whitespace())
}

#[expect(clippy::too_many_lines, reason = "a schema literal")]
fn inputs() -> Vec<Attribute> {
    vec![
        text_or_computed("engine")
            .describe(
                "Who assembles the service: `managed` (AWS's Express Mode API) or `composed` (this provider, from plain \
                 AWS services, on your own domain). Default: the provider's `engine`, \
                 else `managed`. Changing it replaces the service.",
            )
            .validate(one_of(&["managed", "composed"]))
            .replace(Replace::Always)
            .when_removed(Removal::Kept),
        text_or_computed("service_name")
            .describe(
                "Name of the service: 1 to 255 letters, digits, `_` and `-`, unique in its cluster. Default: made \
                 from the image name, by AWS or by the composed engine. Changing it replaces the service and so its \
                 URL.",
            )
            .validate(matches(1, 255, NAME_CHARACTERS, is_name_character))
            .replace(Replace::Always)
            .when_removed(Removal::Kept),
        text_or_computed("cluster")
            .describe(
                "Cluster, by name or ARN; both spellings of one cluster are equal. Default: `default`. Changing it \
                 replaces the service and so its URL.",
            )
            .validate(cluster_validator())
            .equal_if(is_same_cluster)
            .replace(Replace::Always)
            .when_removed(Removal::Kept),
        Attribute::required("infrastructure_role_arn", Type::String)
            .describe(
                "Role with which ECS makes and operates the load balancer, certificate, scaling and alarms; of the \
                 composed engine, with which it shifts traffic between target groups. It must trust \
                 `ecs.amazonaws.com` and live until the service is gone. ECS offers no way to change it: a change \
                 replaces the service and so its URL.",
            )
            .validate(arn("iam", "role/"))
            .replace(Replace::Always),
        text("execution_role_arn")
            .describe(
                "Role that pulls the image, reads secrets and writes logs. It must trust `ecs-tasks.amazonaws.com`. \
                 Required unless `task_definition_arn` is set.",
            )
            .validate(arn("iam", "role/"))
            .when_removed(Removal::NeedsAnother("task_definition_arn")),
        text("task_role_arn")
            .describe(
                "Role of the application itself. Express Mode keeps the role when an update leaves it out, so there \
                 removing it replaces the service.",
            )
            .validate(arn("iam", "role/"))
            .replace(Replace::If(|_, planned| planned.is_null()))
            .when_removed_from(MANAGED_ENGINE, Removal::Replaces)
            .when_removed_from(COMPOSED_ENGINE, Removal::Goes),
        Attribute::nested("primary_container", Mode::Optional, Nesting::Single, primary_container())
            .describe("The container that serves. Required unless `task_definition_arn` is set.")
            .when_removed(Removal::NeedsAnother("task_definition_arn")),
        Attribute::optional_computed("image_source", Type::String)
            .when_unset(WhenUnset::Default(Value::String(IMAGE_FROM_CONFIG.to_owned())))
            .describe(
                "Who decides the image of an existing service: `config` (this configuration) or `live` (whatever is \
                 running, for images that CI deploys outside Terraform; `image` then only serves the first create). \
                 Default: `config`.",
            )
            .validate(one_of(&[IMAGE_FROM_CONFIG, IMAGE_FROM_LIVE]))
            .when_removed(Removal::Default),
        text_or_computed("task_definition_arn")
            .describe(
                "Your own task definition instead of `primary_container`, both task roles, `cpu`, `memory` and \
                 `cpu_architecture`: Fargate-compatible, with a container named `Main` that has one named TCP port. \
                 Otherwise the one that was made for the service.",
            )
            .when_unset(ROLLS_OUT)
            .validate(arn("ecs", "task-definition/"))
            .when_removed(Removal::NeedsAnother("primary_container")),
        text_or_computed("cpu")
            .describe("CPU units of a task, a valid Fargate pair with `memory`. Default: set by AWS; composed: `1024`.")
            .kept_or_default(),
        text_or_computed("memory")
            .describe("Memory of a task in MiB, a valid Fargate pair with `cpu`. Default: set by AWS; composed: `2048`.")
            .kept_or_default(),
        text_or_computed("cpu_architecture")
            .describe("`X86_64` or `ARM64`; must match the image. Default: set by AWS; composed: `X86_64`.")
            .validate(one_of(&["X86_64", "ARM64"]))
            .kept_or_default(),
        text_or_computed("health_check_path")
            .describe("Path that must answer, with an optional query; with 200 unless `health_check.matcher` says otherwise. Default: \
                 set by AWS; composed: `/`.")
            .validate(starts_with("/"))
            .validate(without_spaces("characters other than spaces", 1024))
            .kept_or_default(),
        Attribute::nested("network_configuration", Mode::OptionalComputed, Nesting::Single, network_configuration())
            .when_unset(WhenUnset::Keep)
            .describe("Where tasks and load balancer live. Default: the public subnets of the default VPC."),
        Attribute::nested("scaling_target", Mode::OptionalComputed, Nesting::Single, scaling_target())
            .when_unset(WhenUnset::Keep)
            .describe("Auto scaling. Each member left out is set by AWS; composed: to the same values."),
    ]
}

fn primary_container() -> Vec<Attribute> {
    let map_of_strings = Type::Map(Box::new(Type::String));
    let mut members = vec![
        Attribute::required("image", Type::String)
            .describe("Image reference. ECS resolves a tag to a digest at each deployment.")
            .validate(image_validator()),
        Attribute::optional_computed("container_port", Type::Number)
            .when_unset(WhenUnset::Keep)
            .describe("TCP port that the application listens on. Default: 80.")
            .validate(between(1, 65535))
            .kept_or_default(),
        Attribute::optional("command", list_of(Type::String))
            .describe("Overrides the image's command.")
            .may_hold_secrets()
            .when_removed(Removal::Goes),
        Attribute::optional("environment", map_of_strings.clone())
            .may_hold_secrets()
            .describe(
                "Environment variables. They are readable in the state; use `secrets` for what must not be. \
                 `$${service.url}` and `$${service.hostname}` (written with two dollar signs) stand for the service's \
                 own URL and host name; a create that uses them makes a second revision, once the name is known.",
            )
            .validate(variable_name_validator().for_keys())
            .when_removed(Removal::Goes),
        Attribute::optional("secrets", map_of_strings)
            .may_hold_secrets()
            .describe(
                "Environment variables whose values ECS reads with the execution role: the ARN of a Secrets Manager \
                 secret or of an SSM parameter, or the name of an SSM parameter in the same region.",
            )
            .validate(variable_name_validator().for_keys())
            .validate(secret_reference_validator().for_elements())
            .when_removed(Removal::Goes),
        Attribute::nested("aws_logs_configuration", Mode::OptionalComputed, Nesting::Single, aws_logs_configuration())
            .when_unset(WhenUnset::Keep)
            .describe("Where the container's log goes. Default: a log group that is made with the service."),
        Attribute::nested(
            "repository_credentials",
            Mode::Optional,
            Nesting::Single,
            vec![
                Attribute::required("credentials_parameter", Type::String)
                    .describe("ARN of the Secrets Manager secret with user name and password.")
                    .may_hold_secrets()
                    .validate(credentials_validator()),
            ],
        )
        .describe("Credentials of a private registry.")
        .when_removed(Removal::Goes),
    ];
    members.extend(composed::container_members());
    members
}

pub(super) fn variable_name_validator() -> Validator {
    matches(1, 255, "characters other than `=`", |character| character != '=')
}

/// What ECS reads a variable from. Parameter Store takes letters, digits and `.-_/` in a name, so whatever else is no
/// reference: most likely the secret itself.
pub(super) fn secret_reference_validator() -> Validator {
    let allowed = "a reference, never the value itself: the ARN of a Secrets Manager secret or of an SSM parameter, or the \
                   name of an SSM parameter (letters, digits, `.`, `-`, `_` and `/`)";
    Validator::new(allowed, |value| {
        let Value::String(text) = value else { return Ok(()) };
        let is_name = |text: &str| {
            (1..=2048).contains(&text.len())
                && text.chars().all(|it| it.is_ascii_alphanumeric() || ".-_/".contains(it))
        };
        match SecretReference::parse(text) {
            Some(SecretReference::Parameter { region: None, .. }) if !is_name(text) => {
                Err("no reference".to_owned())
            }
            Some(_) => Ok(()),
            None => Err("no reference".to_owned()),
        }
    })
}

/// Where ECS reads the credentials of a registry.
pub(super) fn credentials_validator() -> Validator {
    let allowed = "the ARN or the name of a Secrets Manager secret, never the credentials themselves";
    Validator::new(allowed, |value| {
        let Value::String(text) = value else { return Ok(()) };
        // Letters, digits and `/_+=.@-`: the characters of a secret's name.
        let is_name = (1..=512).contains(&text.len())
            && text.chars().all(|it| it.is_ascii_alphanumeric() || "/_+=.@-".contains(it));
        match SecretReference::parse_credentials(text) {
            Some(SecretReference::Secret { region: None, .. }) if !is_name => Err("no reference".to_owned()),
            Some(_) => Ok(()),
            None => Err("no reference".to_owned()),
        }
    })
}

fn aws_logs_configuration() -> Vec<Attribute> {
    vec![
        text_or_computed("log_group")
            .describe("Name of the log group. Required when the block is given.")
            .validate(length_between(1, 512))
            .kept_or_default(),
        Attribute::optional_computed("log_stream_prefix", Type::String)
            .describe("Prefix of the log stream names. Default: `ecs`.")
            .when_unset(WhenUnset::Default(Value::String("ecs".to_owned())))
            .validate(length_between(1, 512))
            .when_removed(Removal::Default),
    ]
}

fn network_configuration() -> Vec<Attribute> {
    let set_of_strings = Type::Set(Box::new(Type::String));
    vec![
        Attribute::optional_computed("subnets", set_of_strings.clone())
            .when_unset(WhenUnset::Keep)
            .describe(
                "At least two subnets in two availability zones. If their route tables lead to an internet gateway \
                 the service is public, else private.",
            )
            .validate(size_between(2, 16))
            .validate(starts_with("subnet-").for_elements())
            .when_removed(Removal::Kept),
        Attribute::optional("security_groups", set_of_strings)
            .describe(
                "Your own security groups, in addition to the one that is made for the service (see \
                 `infrastructure.service_security_group_ids`).",
            )
            .validate(size_between(0, 5))
            .validate(starts_with("sg-").for_elements())
            .when_removed(Removal::Goes),
    ]
}

fn scaling_target() -> Vec<Attribute> {
    let number = |name| Attribute::optional_computed(name, Type::Number).when_unset(WhenUnset::Keep);
    vec![
        number("min_task_count").describe("Fewest tasks. Default: 1.").validate(between(0, 5000)).kept_or_default(),
        number("max_task_count")
            .describe("Most tasks; `0`, together with a minimum of 0, stops the service. Default: 20.")
            .validate(between(0, 5000))
            .kept_or_default(),
        text_or_computed("auto_scaling_metric")
            .describe("What is measured: `AVERAGE_CPU`, `AVERAGE_MEMORY` or `REQUEST_COUNT_PER_TARGET`. Default: `AVERAGE_CPU`.")
            .validate(one_of(&ScalingMetric::NAMES))
            .kept_or_default(),
        number("auto_scaling_target_value")
            .describe(
                "The value to hold: 1 to 100 percent, or requests per target and minute. Another metric without a value \
                 takes the default. Default: 60.",
            )
            .validate(between(1, 65536))
            .kept_or_default(),
    ]
}

fn settings() -> Vec<Attribute> {
    let map_of_strings = Type::Map(Box::new(Type::String));
    vec![
        Attribute::optional("tags", map_of_strings.clone())
            .describe("Tags, changed in place. They win over the provider's `default_tags`.")
            .validate(size_between(0, 50))
            .validate(length_between(1, 128).for_keys())
            .validate(tag_keys::key_validator().for_keys())
            .validate(length_between(0, 256).for_elements())
            .when_removed(Removal::Goes),
        Attribute::computed("tags_all", map_of_strings)
            .describe("`tags` together with the provider's `default_tags`."),
        Attribute::optional_computed("wait_for_steady_state", Type::Bool)
            .when_unset(WhenUnset::Default(Value::Bool(true)))
            .describe(
                "`true`: an apply succeeds when the deployment that it started succeeded and its revision serves. \
                 `false`: it returns once AWS accepted the change. Default: `true`.",
            )
            .when_removed(Removal::Default),
        Attribute::optional("delete_logs_on_destroy", Type::Bool)
            .describe(
                "`true`: a destroy deletes the log group that was made for the service, with all its lines. One that \
                 `aws_logs_configuration` names is yours and stays. Default: `false`, and the log stays. It counts as it \
                 was applied last.",
            )
            .when_removed(Removal::Goes),
        Attribute::nested("timeouts", Mode::Optional, Nesting::Single, timeouts())
            .describe("How long an operation may take: Go durations such as `45m` or `1h30m`.")
            .when_removed(Removal::Default),
    ]
}

fn timeouts() -> Vec<Attribute> {
    vec![
        text("create").describe("Default: `30m`.").validate(duration()).when_removed(Removal::Default),
        text("update")
            .describe("Default: `60m`: a canary deployment alone takes about 12 minutes.")
            .validate(duration())
            .when_removed(Removal::Default),
        text("delete")
            .describe("Default: `40m`: connections drain for minutes.")
            .validate(duration())
            .when_removed(Removal::Default),
    ]
}

fn outputs() -> Vec<Attribute> {
    vec![
        computed("url")
            .describe(
                "Where the service is reached, ready to click: `https://` and the host name. A service of the composed \
                 engine without a domain has plain `http://` and its load balancer's name.",
            ),
        computed("hostname").describe("Host name alone."),
        computed("service_arn").describe("ARN of the ECS service."),
        computed("cluster_arn").describe("ARN of the cluster."),
        computed("service_revision_arn")
            .when_unset(ROLLS_OUT)
            .describe("ARN of the service revision that this state describes."),
        computed("status").describe("`ACTIVE` or `DRAINING`; `INCOMPLETE` if a create of the composed engine was cut short before there was an ECS \
             service; `DEGRADED` if a service of the managed engine lacks a part without which its URL does not answer, \
             though ECS still calls it active."),
        Attribute::nested("deployment", Mode::Computed, Nesting::Single, deployment())
            .when_unset(ROLLS_OUT)
            .describe("The deployment that brought the revision that this state describes."),
        Attribute::nested("infrastructure", Mode::Computed, Nesting::Single, infrastructure())
            .when_unset(WhenUnset::Keep)
            .describe("What is underneath, by name: ARNs, ids and addresses to refer to."),
    ]
}

fn deployment() -> Vec<Attribute> {
    vec![
        computed("arn").describe("ARN of the service deployment."),
        computed("status").describe("Its status, for example `SUCCESSFUL`."),
    ]
}

fn infrastructure() -> Vec<Attribute> {
    let list =
        |name: &'static str| Attribute::computed(name, list_of(Type::String)).when_unset(WhenUnset::Keep);
    vec![
        computed("load_balancer_arn").describe("The Application Load Balancer, shared by up to 25 services; of the composed engine without a domain, the \
             service's own."),
        computed("load_balancer_dns_name").describe("Its DNS name, for alias records."),
        computed("load_balancer_zone_id").describe("Hosted zone of that name, for alias records."),
        computed("load_balancer_scheme").describe("`internet-facing` or `internal`."),
        list("load_balancer_security_group_ids").describe("Security groups of the load balancer."),
        computed("listener_arn").describe("Its HTTPS listener; of the composed engine without a domain, its HTTP listener."),
        computed("listener_rule_arn").describe("The service's rule on it."),
        list("target_group_arns").describe("The two target groups that deployments alternate between."),
        computed("certificate_arn").describe("The certificate of the service's host name; null without HTTPS."),
        list("service_security_group_ids").describe("Security groups that were made for the tasks."),
        computed("log_group_name").describe("Log group of the container."),
        computed("log_group_arn").describe("Its ARN."),
        computed("scalable_target_arn").describe("Scalable target of Application Auto Scaling."),
        list("scaling_policy_arns").describe("Its scaling policies."),
        list("metric_alarm_arns").describe("Alarms that roll a deployment back."),
        list("to_repair").describe(
            "Parts that somebody deleted or changed by hand, such as `listener_rule missing`. The next apply makes those of \
             the composed engine again; of the managed engine those that ECS makes again with a deployment (rollback alarm, \
             scalable target, scaling policy), and a warning says what to do about the others. Otherwise empty.",
        ),
    ]
}
