use serde_json::json;

use crate::sandbox::world::ecs::testing::Account;

#[test]
fn twenty_five_services_share_a_load_balancer_and_the_next_gets_a_second() {
    let mut account = Account::new();
    let arns: Vec<String> = (0..26).map(|number| account.create(&format!("svc-{number:02}"))).collect();
    account.wait(600);
    assert_eq!(account.state().elbv2.load_balancers.len(), 2);
    let mut priorities: Vec<u32> = account.state().elbv2.rules.values().map(|rule| rule.priority).collect();
    priorities.sort_unstable();
    assert_eq!(priorities.len(), 26);
    assert_eq!((priorities[0], priorities[1], priorities[25]), (1, 1, 25));
    for arn in &arns {
        assert_eq!(account.deployment(arn)["status"], "SUCCESSFUL");
    }
    for arn in &arns[..24] {
        account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    }
    account.wait(300);
    assert_eq!(account.state().elbv2.load_balancers.len(), 2, "one user is left on each");
    let managed = account.managed(&arns[24]);
    assert_eq!(managed["ingressPaths"][0]["loadBalancer"]["status"], "ACTIVE");
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arns[24]}));
    account.wait(90);
    assert_eq!(account.express(&arns[24])["status"]["statusCode"], "INACTIVE");
    assert_eq!(
        account.state().elbv2.load_balancers.len(),
        2,
        "the load balancer outlives its last service a little"
    );
    account.wait(60);
    assert_eq!(account.state().elbv2.load_balancers.len(), 1);
}

#[test]
fn a_second_service_comes_up_faster_on_the_shared_load_balancer() {
    let mut account = Account::new();
    account.create_and_wait("one");
    let arn = account.create("two");
    let seconds = account.wait_until(400, |account| account.deployment(&arn)["status"] == "SUCCESSFUL");
    assert!(seconds < 290, "{seconds}");
    assert_eq!(account.state().elbv2.load_balancers.len(), 1);
    assert_eq!(account.state().elbv2.rules.len(), 2);
}

#[test]
fn two_services_created_together_share_the_load_balancer_that_is_coming_up() {
    let mut account = Account::new();
    let one = account.create("one");
    account.wait(1);
    let two = account.create("two");
    account.wait(400);
    for arn in [&one, &two] {
        assert_eq!(account.deployment(arn)["status"], "SUCCESSFUL");
        assert!(!account.managed(arn).to_string().contains("PROVISIONING"));
    }
    assert_eq!(account.state().elbv2.load_balancers.len(), 1);
}
