//! Task definitions: `RegisterTaskDefinition`, `DescribeTaskDefinition`, `ListTaskDefinitions`,
//! `ListTaskDefinitionFamilies`, `DeregisterTaskDefinition`, `DeleteTaskDefinitions`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors;
use super::express::validation::is_fargate_size;
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::{flatten_tags, page, parse};
use crate::sandbox::world::{Scope, Timestamp};

/// One revision of a task definition.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: u64,
    pub(crate) active: bool,
    pub(crate) registered_at: Timestamp,
    pub(crate) deregistered_at: Option<Timestamp>,
    /// The members of the registration input, apart from `family` and `tags`.
    pub(crate) body: Map<String, Value>,
}

impl TaskDefinition {
    /// A member that is a text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.body.get(member).and_then(Value::as_str)
    }

    /// The container definitions.
    pub(crate) fn containers(&self) -> &[Value] {
        self.body.get("containerDefinitions").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The container definition of this name.
    pub(crate) fn find_container(&self, name: &str) -> Option<&Value> {
        self.containers().iter().find(|container| container["name"] == name)
    }

    /// `runtimePlatform.cpuArchitecture`, if set.
    pub(crate) fn cpu_architecture(&self) -> Option<&str> {
        self.body.get("runtimePlatform")?.get("cpuArchitecture")?.as_str()
    }

    /// The form in which the API answers it.
    pub(crate) fn describe(&self) -> Value {
        let mut answer = self.body.clone();
        answer.insert("taskDefinitionArn".into(), json!(self.arn));
        answer.insert("family".into(), json!(self.family));
        answer.insert("revision".into(), json!(self.revision));
        answer.insert("status".into(), json!(if self.active { "ACTIVE" } else { "INACTIVE" }));
        answer.insert("registeredAt".into(), self.registered_at.epoch_seconds());
        if let Some(instant) = self.deregistered_at {
            answer.insert("deregisteredAt".into(), instant.epoch_seconds());
        }
        for (member, empty) in [("volumes", json!([])), ("placementConstraints", json!([]))] {
            answer.entry(member).or_insert(empty);
        }
        if answer.get("requiresCompatibilities").is_some_and(|list| *list == json!(["FARGATE"])) {
            answer.entry("compatibilities").or_insert(json!(["EC2", "FARGATE"]));
        }
        // On every revision, old ones too, since January 2025 (aws-actions/amazon-ecs-deploy-task-definition #701).
        answer.entry("enableFaultInjection").or_insert(json!(false));
        as_ecs_orders(&mut answer);
        Value::Object(answer)
    }
}

/// Lists that come back in an order of ECS's own, the member that the order is by, and from how many elements on.
///
/// Variables and secrets: aws-sdk-java #3043, dagster PR 10982, both from four entries on. Containers, ports and
/// dependencies: seen through `CloudFormation` only (terraform-provider-aws PR 36029 sorts containers); that the API itself
/// reorders these is our guess.
const REORDERED: [(&str, &str, usize); 5] = [
    ("environment", "name", 4),
    ("secrets", "name", 4),
    ("secretOptions", "name", 4),
    ("portMappings", "containerPort", 2),
    ("dependsOn", "containerName", 2),
];

fn as_ecs_orders(answer: &mut Map<String, Value>) {
    let Some(Value::Array(containers)) = answer.get_mut("containerDefinitions") else { return };
    containers.sort_by_cached_key(|container| super::task::image_digest(&container["name"].to_string()));
    for container in containers {
        reorder(container);
        if let Some(log) = container.get_mut("logConfiguration") {
            reorder(log);
        }
    }
}

fn reorder(object: &mut Value) {
    let Value::Object(members) = object else { return };
    for (list, member, least) in REORDERED {
        let Some(Value::Array(elements)) = members.get_mut(list) else { continue };
        if elements.len() >= least {
            let sent = elements.clone();
            elements.sort_by_cached_key(|element| super::task::image_digest(&element[member].to_string()));
            if *elements == sent {
                elements.rotate_left(1);
            }
        }
    }
}

/// Registers the next revision of `family`; numbers are never used twice.
pub(crate) fn add_revision(scope: &mut Scope<'_>, family: &str, body: Map<String, Value>) -> TaskDefinition {
    let last = scope.region.ecs.last_task_definition_revision.entry(family.to_owned()).or_default();
    *last += 1;
    let revision = *last;
    let definition = TaskDefinition {
        arn: scope.region.arn("ecs", &format!("task-definition/{family}:{revision}")),
        family: family.to_owned(),
        revision,
        active: true,
        registered_at: scope.now,
        deregistered_at: None,
        body,
    };
    scope.region.ecs.task_definitions.insert(definition.arn.clone(), definition.clone());
    definition
}

/// Looks a task definition up by ARN, `family:revision` or `family` (its newest active revision).
pub(crate) fn find<'a>(scope: &'a Scope<'_>, reference: &str) -> Option<&'a TaskDefinition> {
    let definitions = &scope.region.ecs.task_definitions;
    if let Some(definition) = definitions.get(reference) {
        return Some(definition);
    }
    let name = reference.rsplit_once(":task-definition/").map_or(reference, |(_, name)| name);
    if let Some((family, revision)) = name.split_once(':') {
        let revision: u64 = revision.parse().ok()?;
        return definitions.values().find(|one| one.family == family && one.revision == revision);
    }
    definitions.values().filter(|one| one.active && one.family == name).max_by_key(|one| one.revision)
}

/// `RegisterTaskDefinition`.
pub(crate) fn register(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let mut body: Map<String, Value> = parse(request)?;
    let family = match body.remove("family") {
        Some(Value::String(family)) if !family.is_empty() => family,
        _ => return Err(errors::client("Family should not be null or empty.")),
    };
    let tags = body.remove("tags").unwrap_or(json!([]));
    let tags: Vec<super::tagging::Tag> = serde_json::from_value(tags)
        .map_err(|error| ApiError::client("SerializationException", error.to_string()))?;
    super::tagging::validate(&tags)?;
    validate_registration(&family, &body)?;
    super::scenario_refusals::check_task_roles(scope, &family, &body)?;
    if let Some(Value::Array(containers)) = body.get_mut("containerDefinitions") {
        containers.iter_mut().for_each(fill_container_defaults);
    }
    let definition = add_revision(scope, &family, body);
    let tags = super::tagging::from_input(&tags);
    let answer = json!({"taskDefinition": definition.describe(), "tags": flatten_tags(&tags)});
    scope.region.ecs.tags.insert(definition.arn, tags);
    Ok(answer)
}

/// ECS answers empty lists where a registration says nothing, and repeats the container port as host port.
pub(crate) fn fill_container_defaults(container: &mut Value) {
    let Value::Object(container) = container else { return };
    for member in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
        container.entry(member).or_insert(json!([]));
    }
    container.entry("cpu").or_insert(json!(0));
    container.entry("essential").or_insert(json!(true));
    // go-to-k/cdkd, ecs-provider.ts, August 2026: the one source.
    container.entry("versionConsistency").or_insert(json!("enabled"));
    // terraform-provider-aws PR 41394, cloudposse/terraform-aws-ecs-container-definition PR 97: a log router is root.
    if container.contains_key("firelensConfiguration") {
        container.entry("user").or_insert(json!("0"));
    }
    // terraform-aws-modules/terraform-aws-ecs #148, terraform-provider-aws PR 38872.
    if let Some(Value::Object(check)) = container.get_mut("healthCheck") {
        for (member, default) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(member).or_insert(json!(default));
        }
    }
    for mapping in container["portMappings"].as_array_mut().into_iter().flatten() {
        let port = mapping["containerPort"].clone();
        if let Value::Object(mapping) = mapping {
            mapping.entry("hostPort").or_insert(port);
            mapping.entry("protocol").or_insert(json!("tcp"));
        }
    }
}

/// A name is a variable's or a secret's (dagster #11622, 2023-01-11).
fn check_secret_names(container: &Value) -> Result<(), ApiError> {
    let names = |list: &str| {
        let elements = container[list].as_array().into_iter().flatten();
        elements.filter_map(|element| element["name"].as_str()).collect::<Vec<_>>()
    };
    let variables = names("environment");
    match names("secrets").into_iter().find(|name| variables.contains(name)) {
        Some(name) => Err(errors::client(format!(
            "The secret name must be unique and not shared with any new or existing environment variables set on the \
             container, such as '{name}'."
        ))),
        None => Ok(()),
    }
}

fn validate_registration(family: &str, body: &Map<String, Value>) -> Result<(), ApiError> {
    if !super::express::validation::is_name(family) {
        return Err(errors::client("Invalid family name."));
    }
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    let Some(containers) = containers.filter(|containers| !containers.is_empty()) else {
        return Err(errors::client("Container list cannot be empty."));
    };
    if containers.iter().any(|container| container["image"].as_str().is_none_or(str::is_empty)) {
        return Err(errors::client("Container.image should not be null or empty."));
    }
    // A number of another user is refused by some agents only (facts, B03).
    let is_named = |user: &str| user.split(':').next().is_none_or(|uid| uid.parse::<u32>().is_err());
    let is_router = |container: &&Value| container["firelensConfiguration"].is_object();
    let mut routers = containers.iter().filter(is_router);
    if routers.any(|router| router["user"].as_str().is_some_and(is_named)) {
        return Err(errors::client(
            "If 'user' field is specified on firelens container, then 'UID' has to be '0'.",
        ));
    }
    containers.iter().try_for_each(check_secret_names)?;
    let fargate = body
        .get("requiresCompatibilities")
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().any(|one| one == "FARGATE"));
    if !fargate {
        return Ok(());
    }
    if body.get("networkMode").and_then(Value::as_str) != Some("awsvpc") {
        return Err(errors::client("Fargate only supports network mode ‘awsvpc’."));
    }
    let size = |member| body.get(member).and_then(Value::as_str);
    match (size("cpu"), size("memory")) {
        (Some(cpu), Some(memory)) if is_fargate_size(cpu, memory) => Ok(()),
        (Some(cpu), Some(memory)) => Err(errors::client(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS \
             documentation for the valid values."
        ))),
        (None, _) => Err(errors::client("Fargate requires task definition to have 'cpu' set.")),
        (_, None) => Err(errors::client("Fargate requires task definition to have 'memory' set.")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneInput {
    task_definition: String,
    #[serde(default)]
    include: Vec<String>,
}

/// `DescribeTaskDefinition`.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: OneInput = parse(request)?;
    let definition = find(scope, &input.task_definition)
        .ok_or_else(|| errors::client("Unable to describe task definition."))?;
    let mut answer = json!({"taskDefinition": definition.describe()});
    if input.include.iter().any(|include| include == "TAGS") {
        let tags = scope.region.ecs.tags.get(&definition.arn).cloned().unwrap_or_default();
        answer["tags"] = flatten_tags(&tags);
    }
    Ok(answer)
}

/// `DeregisterTaskDefinition`: the revision stays describable as `INACTIVE`.
pub(crate) fn deregister(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: OneInput = parse(request)?;
    let unable = || errors::client("The specified task definition does not exist.");
    let arn = find(scope, &input.task_definition).filter(|one| one.active).map(|one| one.arn.clone());
    let now = scope.now;
    let definition =
        arn.and_then(|arn| scope.region.ecs.task_definitions.get_mut(&arn)).ok_or_else(unable)?;
    definition.active = false;
    definition.deregistered_at = Some(now);
    Ok(json!({"taskDefinition": definition.describe()}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeleteInput {
    #[serde(default)]
    task_definitions: Vec<String>,
}

/// `DeleteTaskDefinitions`: only inactive revisions, ten at a time.
pub(crate) fn delete(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DeleteInput = parse(request)?;
    if input.task_definitions.len() > 10 {
        return Err(errors::invalid_parameter("Number of task definitions can not exceed 10."));
    }
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for reference in &input.task_definitions {
        match find(scope, reference).filter(|one| !one.active).cloned() {
            Some(definition) => {
                scope.region.ecs.task_definitions.remove(&definition.arn);
                let mut answer = definition.describe();
                answer["status"] = json!("DELETE_IN_PROGRESS");
                deleted.push(answer);
            }
            None => failures.push(json!({
                "arn": reference,
                "reason": "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
            })),
        }
    }
    Ok(json!({"taskDefinitions": deleted, "failures": failures}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `ListTaskDefinitions`: `familyPrefix` is the whole family name, as in ECS.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let active = input.status.as_deref().unwrap_or("ACTIVE") == "ACTIVE";
    let mut found: Vec<(&str, u64, &str)> = scope
        .region
        .ecs
        .task_definitions
        .values()
        .filter(|one| one.active == active)
        .filter(|one| input.family_prefix.as_ref().is_none_or(|family| *family == one.family))
        .map(|one| (one.family.as_str(), one.revision, one.arn.as_str()))
        .collect();
    found.sort_unstable();
    if input.sort.as_deref() == Some("DESC") {
        found.reverse();
    }
    let arns: Vec<&str> = found.into_iter().map(|(_, _, arn)| arn).collect();
    let (arns, next_token) = page(&arns, input.max_results, input.next_token.as_deref(), 100)?;
    Ok(super::with_next_token(json!({"taskDefinitionArns": arns}), next_token))
}

/// `ListTaskDefinitionFamilies`.
pub(crate) fn list_families(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let status = input.status.as_deref().unwrap_or("ALL");
    let prefix = input.family_prefix.as_deref().unwrap_or_default();
    let ecs = &scope.region.ecs;
    let families: Vec<&str> = ecs
        .last_task_definition_revision
        .keys()
        .filter(|family| family.starts_with(prefix))
        .filter(|family| {
            let active = ecs.task_definitions.values().any(|one| one.active && one.family == **family);
            status == "ALL" || active == (status == "ACTIVE")
        })
        .map(String::as_str)
        .collect();
    let (families, next_token) = page(&families, input.max_results, input.next_token.as_deref(), 100)?;
    Ok(super::with_next_token(json!({"families": families}), next_token))
}
