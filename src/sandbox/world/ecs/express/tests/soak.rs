//! Random calls at random times: whatever happens, the account ends up consistent and then empty.

use proptest::prelude::*;
use serde_json::json;

use crate::sandbox::world::ecs::testing::{Account, create_input, image_update};
use crate::sandbox::world::elbv2::Rule;

/// One step of a rehearsal: what is done to which of three services, then how many seconds pass.
#[derive(Debug, Clone)]
struct Step {
    action: u8,
    service: u8,
    seconds: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0_u8..8, 0_u8..3, prop_oneof![0_u64..40, 0_u64..900])
        .prop_map(|(action, service, seconds)| Step { action, service, seconds });
    prop::collection::vec(step, 1..25)
}

fn take(account: &mut Account, step: &Step) {
    let name = format!("svc-{}", step.service);
    let arn = format!("arn:aws:ecs:eu-west-1:111122223333:service/default/{name}");
    let image = format!("{}:{}", if step.action == 3 { "bad" } else { "good" }, step.seconds);
    // Refusals are part of the game.
    let _ = match step.action {
        0 | 1 => account.call("CreateExpressGatewayService", create_input(&name)),
        2 | 3 => account.call("UpdateExpressGatewayService", image_update(&arn, &image)),
        4 => {
            let scaling = json!({"minTaskCount": step.seconds % 4 + 1});
            account.call("UpdateExpressGatewayService", json!({"serviceArn": arn, "scalingTarget": scaling}))
        }
        5 => account.call("DeleteExpressGatewayService", json!({"serviceArn": arn})),
        6 => {
            let deployment = account.state_of(&arn).and_then(|service| service.current_deployment.clone());
            account.call(
                "StopServiceDeployment",
                json!({"serviceDeploymentArn": deployment.unwrap_or_default()}),
            )
        }
        _ => {
            let task =
                account.world.regions.values().flat_map(|region| region.ecs.tasks.keys()).next().cloned();
            account.call("StopTask", json!({"task": task.unwrap_or_default()}))
        }
    };
    account.wait(step.seconds);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_account_settles_and_leaves_nothing_behind(steps in steps()) {
        let mut account = Account::new();
        account.world.add_scenario("crash@image=bad".parse().unwrap());
        account.ok("ListClusters", json!({}));
        for step in &steps {
            take(&mut account, step);
        }
        account.wait(3600);
        let services: Vec<_> = account.state().ecs.services.values().cloned().collect();
        for service in services.iter().filter(|service| service.is_active()) {
            prop_assert!(service.current_deployment.is_none(), "{} still deploys", service.name);
            if service.live_revision.is_some() {
                prop_assert_eq!(account.tasks(&service.arn, "RUNNING").len(), service.desired_count);
                let mut weights = account.weights(&service.arn);
                weights.sort_unstable();
                prop_assert_eq!(weights, [0, 100]);
                prop_assert_eq!(account.serving_targets(&service.arn), service.desired_count);
            }
            prop_assert!(!account.managed(&service.arn).to_string().contains("PROVISIONING"));
        }
        let rules: Vec<&Rule> = account.state().elbv2.rules.values().collect();
        let active = services.iter().filter(|service| service.is_active()).count();
        prop_assert_eq!(rules.len(), active);
        for service in services.iter().filter(|service| service.is_active()) {
            account.ok("DeleteExpressGatewayService", json!({"serviceArn": service.arn}));
        }
        account.wait(2 * 3600);
        let state = account.state();
        prop_assert!(state.ecs.tasks.is_empty() && state.elbv2.load_balancers.is_empty());
        prop_assert!(state.elbv2.target_groups.is_empty() && state.acm.certificates.is_empty());
        prop_assert!(state.ec2.network_interfaces.is_empty());
        prop_assert_eq!(state.ec2.security_groups.len(), 1);
        prop_assert!(account.world.agenda.is_empty(), "nothing is left to happen");
    }
}
