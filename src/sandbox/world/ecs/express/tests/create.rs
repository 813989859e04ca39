use serde_json::json;

use crate::sandbox::world::ecs::testing::{Account, create_input};

#[test]
fn create_answers_active_at_once_with_every_default_filled_in() {
    let mut account = Account::new();
    let mut input = create_input("api");
    input["tags"] = json!([{"key": "team", "value": "blue"}]);
    let service = &account.ok("CreateExpressGatewayService", input)["service"];
    assert_eq!(service["status"]["statusCode"], "ACTIVE");
    assert_eq!(service["cluster"], "default");
    assert_eq!(service["serviceArn"], "arn:aws:ecs:eu-west-1:111122223333:service/default/api");
    assert_eq!(service["tags"], json!([{"key": "team", "value": "blue"}]));
    assert!(service.get("currentDeployment").is_none());
    let configuration = &service["activeConfigurations"][0];
    assert_eq!(configuration["cpu"], "1024");
    assert_eq!(configuration["memory"], "2048");
    assert_eq!(configuration["cpuArchitecture"], "X86_64");
    assert_eq!(configuration["healthCheckPath"], "/");
    assert_eq!(configuration["primaryContainer"]["containerPort"], 80);
    assert_eq!(
        configuration["scalingTarget"],
        json!({"minTaskCount": 1, "maxTaskCount": 20, "autoScalingMetric": "AVERAGE_CPU", "autoScalingTargetValue": 60})
    );
    assert_eq!(configuration["networkConfiguration"]["subnets"].as_array().unwrap().len(), 3);
    assert_eq!(configuration["networkConfiguration"]["securityGroups"].as_array().unwrap().len(), 1);
    let logs = &configuration["primaryContainer"]["awsLogsConfiguration"];
    assert!(logs["logGroup"].as_str().unwrap().starts_with("/aws/ecs/default/api-"));
    let definition = configuration["taskDefinitionArn"].as_str().unwrap();
    assert!(definition.ends_with("task-definition/default-api:1"), "{definition}");
    let endpoint = configuration["ingressPaths"][0]["endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with("ap-") && endpoint.ends_with(".ecs.eu-west-1.on.aws"), "{endpoint}");
    assert_eq!(endpoint.len(), "ap-".len() + 32 + ".ecs.eu-west-1.on.aws".len());
}

#[test]
fn tags_come_back_only_when_asked_for() {
    let mut account = Account::new();
    let arn = account.create("api");
    assert!(account.express(&arn).get("tags").is_none());
    let with_tags = json!({"serviceArn": arn, "include": ["TAGS"]});
    assert_eq!(account.ok("DescribeExpressGatewayService", with_tags)["service"]["tags"], json!([]));
}

#[test]
fn a_first_create_succeeds_after_about_four_minutes() {
    let mut account = Account::new();
    let arn = account.create("api");
    assert!(account.deployment(&arn).is_null(), "the deployment appears with delay");
    account.wait(5);
    assert_eq!(account.deployment(&arn)["status"], "PENDING");
    assert_eq!(account.express(&arn)["currentDeployment"], account.deployment(&arn)["serviceDeploymentArn"]);
    account.wait(10);
    assert_eq!(account.deployment(&arn)["lifecycleStage"], "SCALE_UP");
    let seconds = account.wait_until(600, |account| account.deployment(&arn)["status"] == "SUCCESSFUL");
    assert!((180..=300).contains(&(seconds + 15)), "{seconds}");
    assert_eq!(account.weights(&arn), [100, 0]);
    let service = account.service(&arn);
    assert_eq!(service["runningCount"], 1);
    assert!(service.get("currentServiceDeployment").is_none());
    assert_eq!(account.events(&arn)[0], "(service api) has reached a steady state.");
    assert!(account.express(&arn).get("currentDeployment").is_none());
}

#[test]
fn managed_resources_become_active_at_different_times() {
    let mut account = Account::new();
    let arn = account.create("api");
    let managed = account.managed(&arn);
    let balancer = &managed["ingressPaths"][0]["loadBalancer"];
    assert_eq!(balancer["status"], "PROVISIONING");
    assert!(balancer.get("arn").is_none(), "no ARN before the load balancer exists");
    account.wait(30);
    let managed = account.managed(&arn);
    assert_eq!(managed["metricAlarms"][0]["status"], "ACTIVE");
    assert_eq!(managed["ingressPaths"][0]["loadBalancer"]["status"], "PROVISIONING");
    assert!(managed["ingressPaths"][0]["loadBalancer"]["arn"].is_string());
    account.wait(90);
    let text = account.managed(&arn).to_string();
    assert!(!text.contains("PROVISIONING"), "{text}");
    assert_eq!(text.matches("\"ACTIVE\"").count(), 12);
}

#[test]
fn the_service_reads_as_aws_shows_it() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let service = account.service(&arn);
    for member in ["taskDefinition", "launchType", "platformVersion", "networkConfiguration"] {
        assert!(service.get(member).is_none(), "{member} lives on the revision");
    }
    assert_eq!(service["resourceManagementType"], "ECS");
    assert_eq!(service["deploymentConfiguration"]["strategy"], "CANARY");
    assert_eq!(
        service["deploymentConfiguration"]["alarms"]["alarmNames"],
        json!(["default/api/RollbackAlarm"])
    );
    let state = account.state();
    let rule = state.elbv2.rules.values().next().unwrap();
    assert_eq!(rule.priority, 1);
    let balancer = state.elbv2.load_balancers.values().next().unwrap();
    assert_eq!(balancer.scheme, "internet-facing");
    let alarm = &state.cloudwatch.metric_alarms["default/api/RollbackAlarm"];
    assert_eq!(alarm.definition["Metrics"].as_array().unwrap().len(), 9);
    let healthy: Vec<&str> = state
        .elbv2
        .target_groups
        .values()
        .flat_map(|group| &group.targets)
        .map(|target| target.health.state.as_str())
        .collect();
    assert_eq!(healthy, ["healthy"]);
    assert_eq!(state.logs.log_groups.values().next().unwrap().streams.len(), 1);
}

#[test]
fn a_name_is_made_from_the_image_when_none_is_given() {
    let mut account = Account::new();
    let mut input = create_input("");
    input.as_object_mut().unwrap().remove("serviceName");
    let name = account.ok("CreateExpressGatewayService", input)["service"]["serviceName"].take();
    let name = name.as_str().unwrap();
    assert!(name.starts_with("nginx-") && name.len() == "nginx-".len() + 4, "{name}");
}

#[test]
fn a_live_name_and_a_draining_name_are_refused() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let refused = account.refused("CreateExpressGatewayService", create_input("api"));
    assert_eq!(refused, "InvalidParameterException: Creation of service was not idempotent.");
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    let refused = account.refused("CreateExpressGatewayService", create_input("api"));
    assert_eq!(refused, "InvalidParameterException: Unable to Start a service that is still Draining.");
}

#[test]
fn a_named_cluster_has_to_exist() {
    let mut account = Account::new();
    let mut input = create_input("api");
    input["cluster"] = json!("shop");
    let refused = account.refused("CreateExpressGatewayService", input.clone());
    assert_eq!(refused, "ClusterNotFoundException: Cluster not found.");
    let cluster = account.ok("CreateCluster", json!({"clusterName": "shop"}))["cluster"]["clusterArn"].take();
    input["cluster"] = cluster.clone();
    let service = account.ok("CreateExpressGatewayService", input)["service"].take();
    assert_eq!(service["cluster"], "shop");
    assert_eq!(account.express(service["serviceArn"].as_str().unwrap())["cluster"], cluster);
    let deleted = account.refused("DeleteCluster", json!({"cluster": "shop"}));
    assert!(deleted.starts_with("ClusterContainsServicesException"), "{deleted}");
}

#[test]
fn fresh_roles_are_refused_until_iam_has_caught_up() {
    let mut account = Account::new();
    account.world.add_scenario("iam-propagation:2".parse().unwrap());
    for _ in 0..2 {
        let refused = account.refused("CreateExpressGatewayService", create_input("api"));
        assert!(refused.starts_with("AccessDeniedException: Cannot assume role"), "{refused}");
        assert!(refused.contains("is not authorized to perform: sts:AssumeRole"));
    }
    account.create("api");
}

#[test]
fn a_saved_world_goes_on_where_it_was() {
    let mut account = Account::new();
    let arn = account.create("api");
    account.wait(60);
    let saved = serde_json::to_string(&account.world).unwrap();
    account.world = serde_json::from_str(&saved).unwrap();
    account.wait(300);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
}
