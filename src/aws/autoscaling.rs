//! Application Auto Scaling of one dimension: how many tasks an ECS service has.

mod convert;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_applicationautoscaling::types;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::aws::batch::Batch;
use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};
use crate::service::TagChange;

const SERVICE: &str = "Application Auto Scaling";

/// For policies: a put replaces all of one, and the SDK's types lose what they do not know.
const POLICIES: JsonService = JsonService {
    name: SERVICE,
    signing_name: "application-autoscaling",
    host_prefix: "application-autoscaling",
    endpoint_name: "applicationautoscaling",
    sdk_id: "application auto scaling",
    target_prefix: "AnyScaleFrontendService",
    version: "1.1",
};

/// Pages of targets (50 to a page) and policies (10 to a page) that a listing of all services reads at the most.
const PAGE_LIMIT: usize = 10;

/// `DescribeScalableTargets` answers with at most this many at once.
const TARGETS_PER_CALL: usize = 50;

/// The Application Auto Scaling API. Its reads of single targets are shared between concurrent callers.
pub(crate) struct AutoScaling {
    clients: Clients,
    policies: JsonClient,
    targets: Batch<String, ScalableTarget>,
}

/// The fewest and the most tasks of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScalableTarget {
    pub(crate) arn: Option<String>,
    pub(crate) min_capacity: i32,
    pub(crate) max_capacity: i32,
}

/// A target-tracking policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScalingPolicy {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// `None`: a policy of another type, or of a metric that is not ours.
    pub(crate) target: Option<TargetTracking>,
    /// The alarms that Application Auto Scaling made for it.
    pub(crate) alarm_arns: Vec<String>,
}

/// The value that a policy holds, and of what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TargetTracking {
    pub(crate) metric: TrackedMetric,
    pub(crate) target_value: f64,
    /// The whole configuration as AWS has it: cooldowns and whatever else others set. Empty of one that is to be made.
    pub(crate) live: Map<String, Value>,
}

impl TargetTracking {
    /// One that is to be made.
    pub(crate) fn new(metric: TrackedMetric, target_value: f64) -> Self {
        Self { metric, target_value, live: Map::new() }
    }
}

/// What a policy measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrackedMetric {
    /// `ECSServiceAverageCPUUtilization`, percent.
    AverageCpu,
    /// `ECSServiceAverageMemoryUtilization`, percent.
    AverageMemory,
    /// Requests per target and minute, summed over the target groups: the predefined metric pins one of them and
    /// goes blind when a deployment moves traffic to the other (facts, composition section 1.4).
    RequestCountPerTarget {
        /// As metrics name it: `app/<name>/<id>`.
        load_balancer: String,
        /// As metrics name them: `targetgroup/<name>/<id>`.
        target_groups: Vec<String>,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PutOutput {
    #[serde(rename = "PolicyARN")]
    policy_arn: String,
}

/// The name under which Application Auto Scaling knows a service.
pub(crate) fn resource_id(cluster: &str, service: &str) -> String {
    format!("service/{cluster}/{service}")
}

impl AutoScaling {
    /// The API through these clients.
    pub(crate) fn new(clients: Clients) -> Self {
        let for_batch = clients.clone();
        let targets =
            Batch::new(TARGETS_PER_CALL, move |ids| describe_scalable_targets(for_batch.clone(), ids));
        Self { policies: JsonClient::new(clients.clone(), POLICIES), clients, targets }
    }

    /// `RegisterScalableTarget`: makes the target or changes its bounds; its ARN. Tags go with the call that makes it: of
    /// a target that exists AWS refuses them, and the bounds with them ([`is_already_registered`]).
    pub(crate) async fn register_scalable_target(
        &self,
        resource_id: &str,
        min_capacity: i32,
        max_capacity: i32,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<String>, AwsError> {
        let tags = tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let output = self
            .clients
            .autoscaling()
            .register_scalable_target()
            .service_namespace(types::ServiceNamespace::Ecs)
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .min_capacity(min_capacity)
            .max_capacity(max_capacity)
            .set_tags(Some(tags).filter(|tags: &HashMap<_, _>| !tags.is_empty()))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "RegisterScalableTarget", error))?;
        Ok(output.scalable_target_arn)
    }

    /// Sets and removes tags of a target.
    pub(crate) async fn change_tags(&self, arn: &str, change: &TagChange) -> Result<(), AwsError> {
        if !change.set.is_empty() {
            let tags = change.set.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let call = self.clients.autoscaling().tag_resource().resource_arn(arn).set_tags(Some(tags));
            call.send().await.map_err(|error| AwsError::from_sdk(SERVICE, "TagResource", error))?;
        }
        if !change.remove.is_empty() {
            let call = self.clients.autoscaling().untag_resource().resource_arn(arn);
            let call = call.set_tag_keys(Some(change.remove.clone()));
            call.send().await.map_err(|error| AwsError::from_sdk(SERVICE, "UntagResource", error))?;
        }
        Ok(())
    }

    /// Tags of a target; `None`: it is gone.
    pub(crate) async fn find_tags(&self, arn: &str) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        let call = self.clients.autoscaling().list_tags_for_resource().resource_arn(arn);
        let answer =
            call.send().await.map_err(|error| AwsError::from_sdk(SERVICE, "ListTagsForResource", error));
        let answer = AwsError::optional(answer, &["ResourceNotFoundException"])?;
        Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }

    /// Takes the target, its policies and their alarms away; one that is gone is a success.
    pub(crate) async fn deregister_scalable_target(&self, resource_id: &str) -> Result<(), AwsError> {
        let result = self
            .clients
            .autoscaling()
            .deregister_scalable_target()
            .service_namespace(types::ServiceNamespace::Ecs)
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "DeregisterScalableTarget", error));
        or_gone(result.map(drop))
    }

    /// The target of a service, read together with those that others ask for; `None`: it does not scale.
    pub(crate) async fn find_scalable_target(
        &self,
        resource_id: &str,
    ) -> Result<Option<ScalableTarget>, AwsError> {
        self.targets.find(&resource_id.to_owned()).await
    }

    /// Targets of ECS services by resource id, up to some hundreds: more than that are not listed.
    pub(crate) async fn list_scalable_targets(&self) -> Result<HashMap<String, ScalableTarget>, AwsError> {
        let mut targets = HashMap::new();
        let mut token = None;
        for _ in 0..PAGE_LIMIT {
            let call = self.clients.autoscaling().describe_scalable_targets();
            let call = call
                .service_namespace(types::ServiceNamespace::Ecs)
                .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
                .set_next_token(token.take());
            let output = call
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeScalableTargets", error))?;
            let page = output.scalable_targets();
            targets.extend(page.iter().map(|target| (target.resource_id.clone(), from_target(target))));
            token = output.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(targets)
    }

    /// Policies of ECS services by resource id, up to some hundreds: more than that are not listed.
    pub(crate) async fn list_all_scaling_policies(
        &self,
    ) -> Result<HashMap<String, Vec<ScalingPolicy>>, AwsError> {
        let mut policies: HashMap<String, Vec<ScalingPolicy>> = HashMap::new();
        let mut token = None;
        for _ in 0..PAGE_LIMIT {
            let mut input = json!({
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
            });
            if let Some(token) = token.take() {
                input["NextToken"] = Value::String(token);
            }
            let output: convert::PoliciesOutput =
                self.policies.call("DescribeScalingPolicies", &input).await?;
            for item in output.scaling_policies {
                policies.entry(item.resource_id.clone()).or_default().push(convert::from_item(item));
            }
            token = output.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(policies)
    }

    /// Whether scheduled actions change the bounds of a service.
    pub(crate) async fn has_scheduled_actions(&self, resource_id: &str) -> Result<bool, AwsError> {
        let output = self
            .clients
            .autoscaling()
            .describe_scheduled_actions()
            .service_namespace(types::ServiceNamespace::Ecs)
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeScheduledActions", error))?;
        Ok(!output.scheduled_actions().is_empty())
    }

    /// `PutScalingPolicy`: makes the policy or replaces all of it; its ARN.
    pub(crate) async fn put_scaling_policy(
        &self,
        resource_id: &str,
        name: &str,
        target: &TargetTracking,
    ) -> Result<String, AwsError> {
        let mut input = dimension_of(resource_id);
        input["PolicyName"] = json!(name);
        input["PolicyType"] = json!("TargetTrackingScaling");
        input["TargetTrackingScalingPolicyConfiguration"] = convert::to_input(target);
        let output: PutOutput = self.policies.call("PutScalingPolicy", &input).await?;
        Ok(output.policy_arn)
    }

    /// Takes a policy and its alarms away; one that is gone is a success.
    pub(crate) async fn delete_scaling_policy(&self, resource_id: &str, name: &str) -> Result<(), AwsError> {
        let result = self
            .clients
            .autoscaling()
            .delete_scaling_policy()
            .service_namespace(types::ServiceNamespace::Ecs)
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .resource_id(resource_id)
            .policy_name(name)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "DeleteScalingPolicy", error));
        or_gone(result.map(drop))
    }

    /// The policies of a service: a page of them is more than a service can have.
    pub(crate) async fn list_scaling_policies(
        &self,
        resource_id: &str,
    ) -> Result<Vec<ScalingPolicy>, AwsError> {
        let input = dimension_of(resource_id);
        let output: convert::PoliciesOutput = self.policies.call("DescribeScalingPolicies", &input).await?;
        Ok(output.scaling_policies.into_iter().map(convert::from_item).collect())
    }
}

/// What says which service is meant.
fn dimension_of(resource_id: &str) -> Value {
    json!({
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": resource_id,
    })
}

fn from_target(target: &types::ScalableTarget) -> ScalableTarget {
    ScalableTarget {
        arn: target.scalable_target_arn.clone(),
        min_capacity: target.min_capacity,
        max_capacity: target.max_capacity,
    }
}

/// Whether a registration was refused because of its tags: the target exists (tests/README.md, facts, row T2).
pub(crate) fn is_already_registered(error: &AwsError) -> bool {
    error.has_code("ValidationException") && error.says("already exists")
}

async fn describe_scalable_targets(
    clients: Clients,
    resource_ids: Vec<String>,
) -> Result<HashMap<String, ScalableTarget>, AwsError> {
    let output = clients
        .autoscaling()
        .describe_scalable_targets()
        .service_namespace(types::ServiceNamespace::Ecs)
        .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
        .set_resource_ids(Some(resource_ids))
        .send()
        .await
        .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeScalableTargets", error))?;
    let targets = output.scalable_targets().iter();
    Ok(targets.map(|target| (target.resource_id.clone(), from_target(target))).collect())
}

fn or_gone(result: Result<(), AwsError>) -> Result<(), AwsError> {
    match result {
        Err(error) if error.has_code("ObjectNotFoundException") => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::ecs::Ecs;
    use crate::aws::testing::sandbox_clients;

    #[tokio::test]
    async fn a_target_and_its_policy_are_made_changed_and_taken_away() {
        let (sandbox, clients) = sandbox_clients().await;
        crate::aws::ecs::tests::create_service(&Ecs::new(clients.clone()), "web").await;
        sandbox.advance(Duration::from_secs(60));
        let scaling = AutoScaling::new(clients);
        let id = resource_id("default", "web");
        assert_eq!(scaling.find_scalable_target(&id).await, Ok(None));
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let arn = scaling.register_scalable_target(&id, 1, 4, &tags).await.expect("made");
        assert!(arn.is_some());
        let refused = scaling.register_scalable_target(&id, 2, 4, &tags).await.expect_err("tags");
        assert!(is_already_registered(&refused), "{refused}");
        let arn_text = arn.clone().expect("an ARN");
        let change = TagChange { set: BTreeMap::from([("l".into(), "w".into())]), remove: vec!["k".into()] };
        scaling.change_tags(&arn_text, &change).await.expect("tagged");
        assert_eq!(scaling.find_tags(&arn_text).await, Ok(Some(change.set)));
        assert_eq!(scaling.find_tags("arn:aws:x").await, Ok(None));
        let again = scaling.register_scalable_target(&id, 2, 4, &BTreeMap::new()).await.expect("changed");
        assert_eq!(again, arn);
        let found = scaling.find_scalable_target(&id).await.expect("answered");
        assert_eq!(found, Some(ScalableTarget { arn, min_capacity: 2, max_capacity: 4 }));
        let before = sandbox.calls().len();
        let (there, missing) = tokio::join!(
            scaling.find_scalable_target(&id),
            scaling.find_scalable_target("service/default/no")
        );
        assert_eq!((there, missing), (Ok(found), Ok(None)));
        assert_eq!(sandbox.calls().len() - before, 1, "read together");

        let target = TargetTracking::new(TrackedMetric::AverageCpu, 60.0);
        let arn = scaling.put_scaling_policy(&id, "cpu", &target).await.expect("put");
        let policies = scaling.list_scaling_policies(&id).await.expect("answered");
        assert_eq!((policies[0].arn.as_str(), policies[0].name.as_str()), (arn.as_str(), "cpu"));
        let found = policies[0].target.as_ref().expect("a target");
        assert_eq!((&found.metric, found.target_value), (&target.metric, target.target_value));
        assert_eq!(policies[0].alarm_arns.len(), 2);
        scaling.delete_scaling_policy(&id, "cpu").await.expect("deleted");
        scaling.delete_scaling_policy(&id, "cpu").await.expect("a repetition is a success");
        scaling.deregister_scalable_target(&id).await.expect("deregistered");
        scaling.deregister_scalable_target(&id).await.expect("a repetition is a success");
        assert_eq!(scaling.list_scaling_policies(&id).await, Ok(Vec::new()));
    }
}
