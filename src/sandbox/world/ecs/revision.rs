//! Service revisions: what exactly a deployment rolls out. `DescribeServiceRevisions`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors;
use super::express::configuration::ExpressConfiguration;
use super::managed_resource;
use super::service::ServiceStatus;
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::{Scope, Timestamp};

/// An immutable version of a service's workload, apart from an Express service's scaling bounds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceRevision {
    pub(crate) arn: String,
    pub(crate) service_arn: String,
    pub(crate) created_at: Timestamp,
    /// `ecs-svc/<number>`, as it appears in `deployments[].id` and in tasks' `startedBy`.
    pub(crate) deployment_id: String,
    pub(crate) task_definition: String,
    pub(crate) network: Option<TaskNetwork>,
    /// Where the tasks register, with the container's name and port.
    pub(crate) target: Option<RevisionTarget>,
    /// Target groups that the tasks register in besides.
    pub(crate) further_targets: Vec<RevisionTarget>,
    pub(crate) load_balancers: Vec<Value>,
    /// The scheduler keeps the desired number of tasks of this revision.
    pub(crate) wants_tasks: bool,
    pub(crate) failed_tasks: u32,
    pub(crate) express: Option<ExpressConfiguration>,
}

/// Tasks of Express that fail before ECS notices that the image is for another processor. Our own guess: what AWS
/// documents is `overrides` alone.
const UNNOTICED_TASKS: u32 = 2;

impl ServiceRevision {
    /// Whether Express has noticed what an image of another processor does to the tasks.
    pub(crate) fn has_other_architecture(&self) -> bool {
        self.express.is_some() && self.failed_tasks >= UNNOTICED_TASKS
    }

    /// Every target group that the tasks register in.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &RevisionTarget> {
        self.target.iter().chain(&self.further_targets)
    }
}

/// `awsvpcConfiguration` of the tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TaskNetwork {
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    pub(crate) assign_public_ip: bool,
}

/// The target group of a revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RevisionTarget {
    pub(crate) target_group_arn: String,
    pub(crate) container_name: String,
    pub(crate) container_port: u16,
}

impl TaskNetwork {
    /// `networkConfiguration` in the form of the API.
    pub(crate) fn describe(&self) -> Value {
        json!({"awsvpcConfiguration": {
            "subnets": self.subnets,
            "securityGroups": self.security_groups,
            "assignPublicIp": if self.assign_public_ip { "ENABLED" } else { "DISABLED" },
        }})
    }
}

/// A name for the next revision: `<service revision ARN>` and `ecs-svc/<number>`.
pub(crate) fn new_names(scope: &mut Scope<'_>, cluster: &str, service: &str) -> (String, String) {
    let number = format!("{:019}", scope.ids.bits() % 10_u64.pow(19));
    let arn = scope.region.arn("ecs", &format!("service-revision/{cluster}/{service}/{number}"));
    (arn, format!("ecs-svc/{number}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    #[serde(default)]
    service_revision_arns: Vec<String>,
}

/// `DescribeServiceRevisions`: at most 20; refused for a service that is `INACTIVE`.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    if input.service_revision_arns.is_empty() {
        return Err(errors::invalid_parameter("serviceRevisionArns cannot be empty."));
    }
    if input.service_revision_arns.len() > 20 {
        return Err(errors::invalid_parameter("serviceRevisionArns can have at most 20 items."));
    }
    let (mut revisions, mut failures) = (Vec::new(), Vec::new());
    for arn in &input.service_revision_arns {
        let Some(revision) = scope.region.ecs.revisions.get(arn) else {
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
            continue;
        };
        let service = scope.region.ecs.services.get(&revision.service_arn);
        if service.is_some_and(|service| service.status == ServiceStatus::Inactive) {
            let message = "Cannot call DescribeServiceRevisions for a service that is INACTIVE";
            return Err(errors::invalid_parameter(message));
        }
        revisions.push(describe_one(scope, revision));
    }
    Ok(json!({"serviceRevisions": revisions, "failures": failures}))
}

fn describe_one(scope: &Scope<'_>, revision: &ServiceRevision) -> Value {
    let ecs = &scope.region.ecs;
    let service = ecs.services.get(&revision.service_arn);
    let cluster = service.map(|service| service.cluster.as_str()).unwrap_or_default();
    let images: Vec<Value> = ecs
        .task_definitions
        .get(&revision.task_definition)
        .map(super::task_definition::TaskDefinition::containers)
        .unwrap_or_default()
        .iter()
        .map(|container| {
            let image = container["image"].as_str().unwrap_or_default();
            let digest = super::task::image_digest(image);
            json!({"containerName": container["name"], "image": image, "imageDigest": digest})
        })
        .collect();
    let mut answer = json!({
        "serviceRevisionArn": revision.arn,
        "serviceArn": revision.service_arn,
        "clusterArn": scope.region.arn("ecs", &format!("cluster/{cluster}")),
        "taskDefinition": revision.task_definition,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": revision.load_balancers,
        "serviceRegistries": [],
        "containerImages": images,
        "guardDutyEnabled": false,
        "createdAt": revision.created_at.epoch_seconds(),
    });
    let image = ecs.main_image(revision);
    let name = service.map(|service| service.name.as_str()).unwrap_or_default();
    let is_overridden = scope.scenarios.is_on(Scenario::ArchitectureOverride, name, image);
    if is_overridden && revision.has_other_architecture() {
        let definition = ecs.task_definitions.get(&revision.task_definition);
        let other = if super::task::architecture(definition) == "ARM64" { "X86_64" } else { "ARM64" };
        answer["overrides"] = json!({"runtimePlatform": {"cpuArchitecture": other}});
    }
    if let Some(network) = &revision.network {
        answer["networkConfiguration"] = network.describe();
    }
    let Some(service) = service else { return answer };
    match &service.express {
        Some(express) => {
            answer["capacityProviderStrategy"] =
                json!([{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]);
            answer["ecsManagedResources"] = managed_resource::describe(scope, express, revision);
        }
        None => answer["launchType"] = json!("FARGATE"),
    }
    if revision.target.is_some() {
        let rule = service.traffic.as_ref().map(|traffic| traffic.rule_arn.as_str());
        let resolved = revision.targets().map(|target| {
            let mut one = json!({"targetGroupArn": target.target_group_arn});
            if let Some(rule) = rule {
                one["productionListenerRule"] = json!(rule);
            }
            one
        });
        answer["resolvedConfiguration"] = json!({"loadBalancers": resolved.collect::<Vec<_>>()});
    }
    answer
}
