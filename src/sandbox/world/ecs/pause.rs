//! Deployments that a PAUSE hook holds, and `ContinueServiceDeployment` (facts, peers D4; the API's model).
//!
//! A stage that has such a hook does not end before somebody continues it, or the hook's time is over. Lambda hooks do
//! nothing here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deployment::{LifecycleStage, ServiceDeployment};
use super::deployment_lifecycle::end_later;
use super::{errors, rollback};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::{Scope, Timestamp, timing};

/// Minutes that a hook waits which does not say how long.
const DEFAULT_MINUTES: u64 = 1440;
const AWAITING: &str = "AWAITING_ACTION";

/// One hook that held the deployment, or holds it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Pause {
    hook_id: String,
    stage: String,
    status: String,
    expires_at: Timestamp,
    timeout_action: String,
}

/// Holds the deployment at the end of a stage with a PAUSE hook, until the hook is done with. Says whether it does.
pub(crate) fn hold(scope: &mut Scope<'_>, arn: &str, stage: LifecycleStage) -> bool {
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return false };
    if let Some(awaiting) = deployment.pauses.iter().find(|pause| pause.status == AWAITING) {
        // Nothing but the hook's own time ends a stage that it holds.
        let action = awaiting.timeout_action.clone();
        return end(scope, arn, "TIMED_OUT", &action);
    }
    let Some((stage, hook)) = find_hook(deployment, stage) else { return false };
    let minutes = hook["timeoutConfiguration"]["timeoutInMinutes"].as_u64().unwrap_or(DEFAULT_MINUTES);
    let action = hook["timeoutConfiguration"]["action"].as_str().unwrap_or("ROLLBACK").to_owned();
    let waits = Duration::from_secs(60 * minutes);
    let pause = Pause {
        hook_id: scope.ids.uuid(),
        stage,
        status: AWAITING.to_owned(),
        expires_at: scope.now.after(waits),
        timeout_action: action,
    };
    if let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) {
        deployment.pauses.push(pause);
        deployment.updated_at = scope.now;
        deployment.generation += 1;
    }
    end_later(scope, arn, waits);
    true
}

/// The next PAUSE hook that the end of a stage has to pass.
fn find_hook(deployment: &ServiceDeployment, stage: LifecycleStage) -> Option<(String, Value)> {
    let own = json!(stage).as_str().unwrap_or_default().to_owned();
    let mut stages = vec![own];
    if stage == LifecycleStage::PostTestTrafficShift {
        stages.push("PRE_PRODUCTION_TRAFFIC_SHIFT".to_owned());
    }
    let hooks = deployment.configuration["lifecycleHooks"].as_array()?;
    stages.into_iter().find_map(|stage| {
        let is_passed = deployment.pauses.iter().any(|pause| pause.stage == stage);
        let hook = hooks.iter().find(|hook| {
            hook["targetType"] == "PAUSE"
                && hook["lifecycleStages"].as_array().is_some_and(|list| list.contains(&json!(stage)))
        })?;
        (!is_passed).then(|| (stage, hook.clone()))
    })
}

/// Ends the pause. Says whether the deployment goes another way than on.
fn end(scope: &mut Scope<'_>, arn: &str, status: &str, action: &str) -> bool {
    if let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) {
        for pause in deployment.pauses.iter_mut().filter(|pause| pause.status == AWAITING) {
            status.clone_into(&mut pause.status);
        }
    }
    if action != "ROLLBACK" {
        return false;
    }
    let reason = "Service deployment rolled back because a lifecycle hook was not continued.";
    rollback::begin_with(scope, arn, reason);
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContinueInput {
    service_deployment_arn: String,
    hook_id: String,
    action: Option<String>,
}

/// `ContinueServiceDeployment`.
pub(crate) fn continue_deployment(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ContinueInput = parse(request)?;
    let arn = input.service_deployment_arn;
    let Some(deployment) = scope.region.ecs.deployments.get_mut(&arn) else {
        return Err(ApiError::client("ServiceDeploymentNotFoundException", "Service deployment not found."));
    };
    let awaiting = |pause: &Pause| pause.status == AWAITING && pause.hook_id == input.hook_id;
    if !deployment.pauses.iter().any(awaiting) {
        return Err(errors::invalid_parameter("The lifecycle hook is not awaiting an action."));
    }
    deployment.generation += 1;
    if !end(scope, &arn, "SUCCEEDED", input.action.as_deref().unwrap_or("CONTINUE")) {
        end_later(scope, &arn, timing::SHORT_STAGE);
    }
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// `lifecycleHookDetails` of a deployment.
pub(crate) fn describe(deployment: &ServiceDeployment) -> Value {
    let detail = |pause: &Pause| {
        json!({
            "hookId": pause.hook_id,
            "targetType": "PAUSE",
            "status": pause.status,
            "expiresAt": pause.expires_at.epoch_seconds(),
            "timeoutAction": pause.timeout_action,
        })
    };
    deployment.pauses.iter().map(detail).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::sandbox::world::ecs::testing::{Account, image_update};

    fn paused(account: &mut Account, stage: &str, timeout: &serde_json::Value) -> String {
        let arn = account.create_and_wait("api");
        let hook = json!({
            "targetType": "PAUSE", "lifecycleStages": [stage], "timeoutConfiguration": timeout,
        });
        let configuration = json!({"lifecycleHooks": [hook]});
        account.ok("UpdateService", json!({"service": arn, "deploymentConfiguration": configuration}));
        account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
        account.wait_until(900, |account| {
            account.deployment(&arn)["lifecycleHookDetails"][0]["status"] == "AWAITING_ACTION"
        });
        arn
    }

    #[test]
    fn a_hook_holds_its_stage_until_somebody_continues() {
        let mut account = Account::new();
        let arn = paused(&mut account, "PRE_PRODUCTION_TRAFFIC_SHIFT", &json!({}));
        account.wait(3600);
        assert_eq!(account.weights(&arn), [100, 0], "no traffic moves");
        let deployment = account.deployment(&arn);
        let input = json!({
            "serviceDeploymentArn": deployment["serviceDeploymentArn"],
            "hookId": deployment["lifecycleHookDetails"][0]["hookId"],
            "action": "CONTINUE",
        });
        account.ok("ContinueServiceDeployment", input.clone());
        account.wait(900);
        assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
        assert!(account.refused("ContinueServiceDeployment", input).contains("not awaiting"));
    }

    #[test]
    fn a_hook_whose_time_is_over_rolls_back() {
        let mut account = Account::new();
        let timeout = json!({"timeoutInMinutes": 5, "action": "ROLLBACK"});
        let arn = paused(&mut account, "POST_SCALE_UP", &timeout);
        account.wait(600);
        assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    }
}
