use serde_json::json;

use crate::sandbox::world::ecs::testing::{Account, create_input, image_update};

const NEXT: &str = "public.ecr.aws/nginx/nginx:1.29";

#[test]
fn an_update_shifts_five_percent_first_and_takes_about_ten_minutes() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let old = account.express(&arn)["activeConfigurations"][0]["serviceRevisionArn"].take();
    let answer = account.ok("UpdateExpressGatewayService", image_update(&arn, NEXT));
    assert_eq!(answer["service"]["targetConfiguration"]["primaryContainer"]["image"], NEXT);
    assert!(answer["service"].get("activeConfigurations").is_none());
    let start = account.now;
    account
        .wait_until(300, |account| account.deployment(&arn)["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT");
    assert_eq!(account.weights(&arn), [950, 50]);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["targetServiceRevision"]["requestedProductionTrafficWeight"], 5.0);
    assert_eq!(deployment["sourceServiceRevisions"][0]["arn"], old);
    assert_eq!(account.express(&arn)["activeConfigurations"].as_array().unwrap().len(), 2);
    let canary = account.wait_until(300, |account| account.weights(&arn) == [0, 100]);
    assert!((179..=181).contains(&canary), "{canary}");
    account.wait_until(10, |account| account.deployment(&arn)["lifecycleStage"] == "BAKE_TIME");
    let bake = account.wait_until(300, |account| account.deployment(&arn)["lifecycleStage"] == "CLEAN_UP");
    assert!((179..=181).contains(&bake), "{bake}");
    account.wait_until(100, |account| account.deployment(&arn)["status"] == "SUCCESSFUL");
    let took = account.now.duration_since(start).unwrap().as_secs();
    assert!((570..=660).contains(&took), "{took}");
    let configurations = account.express(&arn)["activeConfigurations"].take();
    assert_eq!(configurations.as_array().unwrap().len(), 1);
    assert_eq!(configurations[0]["primaryContainer"]["image"], NEXT);
    assert_eq!(account.service(&arn)["runningCount"], 1);
}

#[test]
fn deployments_alternate_between_the_target_groups() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    assert_eq!(account.weights(&arn), [100, 0]);
    for (image, weights) in [("a:2", [0, 100]), ("a:3", [100, 0]), ("a:4", [0, 100])] {
        account.ok("UpdateExpressGatewayService", image_update(&arn, image));
        account.wait(700);
        assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
        assert_eq!(account.weights(&arn), weights, "{image}");
    }
}

#[test]
fn a_scaling_change_alone_is_deployed() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let before = account.deployment(&arn)["serviceDeploymentArn"].take();
    let input = json!({"serviceArn": arn, "scalingTarget": {"minTaskCount": 2}});
    account.ok("UpdateExpressGatewayService", input);
    account.wait(900);
    let deployment = account.deployment(&arn);
    assert_ne!(deployment["serviceDeploymentArn"], before);
    assert_eq!(deployment["status"], "SUCCESSFUL");
    assert_eq!(account.service(&arn)["runningCount"], 2);
}

#[test]
fn in_the_other_world_a_scaling_change_alone_starts_no_deployment_and_takes_effect() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.world.add_scenario("scaling-in-place".parse().unwrap());
    let before = account.deployment(&arn)["serviceDeploymentArn"].take();
    let input = json!({"serviceArn": arn, "scalingTarget": {"minTaskCount": 3, "autoScalingMetric": "AVERAGE_MEMORY"}});
    let answer = account.ok("UpdateExpressGatewayService", input);
    let scaling = &answer["service"]["targetConfiguration"]["scalingTarget"];
    assert_eq!(scaling["minTaskCount"], 3);
    assert_eq!(scaling["maxTaskCount"], 20);
    account.wait(300);
    assert_eq!(account.deployment(&arn)["serviceDeploymentArn"], before);
    assert_eq!(account.service(&arn)["runningCount"], 3);
    let target = &account.state().autoscaling.scalable_targets["service/default/api"];
    assert_eq!((target.min_capacity, target.max_capacity), (3, 20));
    assert_eq!(account.state().autoscaling.policies.values().next().unwrap().name, "apiAVERAGE_MEMORY");
}

#[test]
fn tags_start_no_deployment_and_the_same_container_again_does() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let before = account.deployment(&arn)["serviceDeploymentArn"].take();
    let tags = json!([{"key": "team", "value": "blue"}]);
    account.ok("TagResource", json!({"resourceArn": arn, "tags": tags}));
    account.wait(60);
    assert_eq!(account.deployment(&arn)["serviceDeploymentArn"], before);
    assert_eq!(account.ok("ListTagsForResource", json!({"resourceArn": arn}))["tags"], tags);
    let image = "public.ecr.aws/nginx/nginx:1.28";
    account.ok("UpdateExpressGatewayService", image_update(&arn, image));
    account.wait(60);
    assert_ne!(account.deployment(&arn)["serviceDeploymentArn"], before);
}

#[test]
fn an_update_during_a_deployment_supersedes_it() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account
        .wait_until(400, |account| account.deployment(&arn)["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT");
    let first = account.deployment(&arn)["serviceDeploymentArn"].take();
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:3"));
    account.wait(9);
    let second = account.deployment(&arn);
    assert_eq!(second["lifecycleStage"], "RECONCILE_SERVICE");
    assert_eq!(second["sourceServiceRevisions"].as_array().unwrap().len(), 2);
    assert_eq!(account.weights(&arn), [100, 0], "traffic is back on the live revision");
    let stopped = account.ok("DescribeServiceDeployments", json!({"serviceDeploymentArns": [first]}));
    assert_eq!(stopped["serviceDeployments"][0]["status"], "STOPPED");
    account.wait(700);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    assert_eq!(account.express(&arn)["activeConfigurations"][0]["primaryContainer"]["image"], "a:3");
    assert_eq!(account.tasks(&arn, "RUNNING").len(), 1);
}

#[test]
fn an_update_during_clean_up_waits_for_the_old_deployment_to_have_succeeded() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account.wait(10);
    account.wait_until(700, |account| account.deployment(&arn)["lifecycleStage"] == "CLEAN_UP");
    let first = account.deployment(&arn)["serviceDeploymentArn"].take();
    let refused = account.refused("StopServiceDeployment", json!({"serviceDeploymentArn": first}));
    assert!(
        refused.contains("is cleaning up and cannot be stopped"),
        "the old tasks are stopping: {refused}"
    );
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:3"));
    account.wait(6);
    let deployment = account.ok("DescribeServiceDeployments", json!({"serviceDeploymentArns": [first]}));
    assert_eq!(deployment["serviceDeployments"][0]["status"], "SUCCESSFUL");
    account.wait(700);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    assert_eq!(account.serving_targets(&arn), 1);
    assert_eq!(account.weights(&arn), [100, 0]);
}

#[test]
fn a_changed_port_follows_into_security_groups_and_health_check() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let container = json!({"image": "a:2", "containerPort": 8080});
    let input = json!({"serviceArn": arn, "primaryContainer": container, "healthCheckPath": "/ping"});
    account.ok("UpdateExpressGatewayService", input);
    account.wait(700);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    let express = account.state().ecs.services[&arn].express.as_ref().unwrap();
    let group = &account.state().ec2.security_groups[&express.service_security_group_id];
    let ports: Vec<_> =
        group.rules.iter().filter(|rule| !rule.is_egress).map(|rule| rule.from_port).collect();
    assert_eq!(ports, [Some(8080)]);
    let used = account.state().elbv2.target_groups.values().find(|group| !group.targets.is_empty()).unwrap();
    assert_eq!((used.health_check.path.as_str(), used.health_check.port.as_str()), ("/ping", "8080"));
}

#[test]
fn leaving_out_the_managed_security_group_cuts_the_service_off() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let default = account.state().ec2.security_groups.values().find(|group| group.name == "default").unwrap();
    let input = json!({"serviceArn": arn, "networkConfiguration": {"securityGroups": [default.id]}});
    account.ok("UpdateExpressGatewayService", input);
    account.wait(700);
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert!(account.events(&arn).iter().any(|event| event.contains("Request timed out")));
}

#[test]
fn sidecars_survive_an_update() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let mut definition =
        account.ok("DescribeTaskDefinition", json!({"taskDefinition": "default-api"}))["taskDefinition"]
            .take();
    definition["containerDefinitions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "agent", "image": "agent:1"}));
    let registered = account.ok("RegisterTaskDefinition", definition);
    let edited = registered["taskDefinition"]["taskDefinitionArn"].clone();
    account.ok("UpdateService", json!({"service": arn, "taskDefinition": edited}));
    account.wait(700);
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account.wait(700);
    let live = account.express(&arn)["activeConfigurations"][0]["taskDefinitionArn"].take();
    let input = json!({"taskDefinition": live});
    let containers =
        account.ok("DescribeTaskDefinition", input)["taskDefinition"]["containerDefinitions"].take();
    assert_eq!(containers[0]["image"], "a:2");
    assert_eq!(containers[1]["name"], "agent");
}

#[test]
fn subnets_cannot_change_between_public_and_private() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let mut state = serde_json::to_value(&account.world).unwrap();
    for table in state["regions"]["111122223333/eu-west-1"]["ec2"]["route_tables"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        table["routes"].as_array_mut().unwrap().truncate(1);
    }
    account.world = serde_json::from_value(state).unwrap();
    let subnets: Vec<&String> = account.state().ec2.subnets.keys().collect();
    let input = json!({"serviceArn": arn, "networkConfiguration": {"subnets": subnets}});
    let refused = account.refused("UpdateExpressGatewayService", input);
    assert!(refused.contains("between public and private"), "{refused}");
}

#[test]
fn only_canary_deployments_are_possible() {
    let mut account = Account::new();
    account.create_and_wait("api");
    let with = |configuration: serde_json::Value| json!({"service": "api", "deploymentConfiguration": configuration});
    let refused = account.refused("UpdateService", with(json!({"strategy": "ROLLING"})));
    assert!(refused.contains("must be CANARY"), "{refused}");
    account.ok("UpdateService", with(json!({"strategy": "CANARY", "bakeTimeInMinutes": 0})));
}

#[test]
fn superseded_revisions_linger_among_the_active_configurations() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account.wait(60);
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:3"));
    account.wait(20);
    assert_eq!(account.express(&arn)["activeConfigurations"].as_array().unwrap().len(), 3);
    account.wait(900);
    assert_eq!(account.express(&arn)["activeConfigurations"].as_array().unwrap().len(), 1);
}

#[test]
fn the_circuit_breaker_leaves_a_first_deployment_without_tasks_and_only_scaling_brings_them_back() {
    let mut account = Account::new();
    account.world.add_scenario("crash@image=bad".parse().unwrap());
    let mut input = create_input("api");
    input["primaryContainer"]["image"] = json!("bad:1");
    let answer = account.ok("CreateExpressGatewayService", input);
    let arn = answer["service"]["serviceArn"].as_str().unwrap().to_owned();
    account.wait_until(3600, |account| account.deployment(&arn)["status"] == "ROLLBACK_FAILED");
    assert_eq!(account.service(&arn)["desiredCount"], 0);
    account.ok("UpdateExpressGatewayService", image_update(&arn, "good:1"));
    account.wait_until(900, |account| account.deployment(&arn)["status"] == "SUCCESSFUL");
    assert_eq!(account.service(&arn)["runningCount"], 0, "a deployment of no task is successful");
    let input = json!({"serviceArn": arn, "scalingTarget": {"minTaskCount": 1}});
    account.ok("UpdateExpressGatewayService", input);
    account.wait(900);
    assert_eq!(account.service(&arn)["runningCount"], 1);
}

#[test]
fn bounds_of_zero_park_a_service() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let input = json!({"serviceArn": arn, "scalingTarget": {"minTaskCount": 0, "maxTaskCount": 0}});
    account.ok("UpdateExpressGatewayService", input);
    account.wait(900);
    assert_eq!(account.service(&arn)["desiredCount"], 0);
    assert_eq!(account.service(&arn)["runningCount"], 0);
}
