use serde_json::{Value, json};

use crate::sandbox::world::ecs::testing::{Account, create_input};

fn refused_with(member: &str, value: Value) -> String {
    let mut input = create_input("api");
    input[member] = value;
    Account::new().refused("CreateExpressGatewayService", input)
}

#[test]
fn environment_and_secrets_come_back_in_order_of_their_names() {
    let mut account = Account::new();
    let mut input = create_input("api");
    input["primaryContainer"]["environment"] =
        json!([{"name": "ZED", "value": "1"}, {"name": "ALPHA", "value": "2"}]);
    input["primaryContainer"]["secrets"] =
        json!([{"name": "Y", "valueFrom": "arn:y"}, {"name": "B", "valueFrom": "arn:b"}]);
    let service = account.ok("CreateExpressGatewayService", input)["service"].take();
    let container = &service["activeConfigurations"][0]["primaryContainer"];
    assert_eq!(container["environment"][0]["name"], "ALPHA");
    assert_eq!(container["secrets"][0]["name"], "B");
}

#[test]
fn bad_values_are_refused() {
    let cases = [
        ("cpu", json!("1000"), "No Fargate configuration exists for given values: 1000 CPU, 2048 memory."),
        ("healthCheckPath", json!("health"), "healthCheckPath must start with '/'."),
        ("serviceName", json!("a b"), "Invalid service name."),
        ("scalingTarget", json!({"minTaskCount": 30}), "minTaskCount cannot be greater than maxTaskCount."),
        ("scalingTarget", json!({"autoScalingMetric": "CPU"}), "autoScalingMetric CPU must be one of"),
        ("networkConfiguration", json!({"subnets": ["subnet-1"]}), "The subnet ID 'subnet-1' does not exist"),
        (
            "networkConfiguration",
            json!({"securityGroups": ["sg-1"]}),
            "The security group 'sg-1' does not exist",
        ),
        ("cpuArchitecture", json!("arm"), "cpuArchitecture must be one of X86_64, ARM64."),
        ("infrastructureRoleArn", json!("admin"), "Role is not valid"),
        ("primaryContainer", json!({"containerPort": 80}), "primaryContainer.image is required."),
        ("executionRoleArn", Value::Null, "executionRoleArn is required"),
        ("tags", json!([{"key": "aws:x", "value": ""}]), "Tag key can not begin with 'aws:'."),
    ];
    for (member, value, words) in cases {
        let refused = refused_with(member, value);
        assert!(refused.contains(words), "{member}: {refused}");
    }
    assert!(refused_with("cpu", json!(7)).starts_with("SerializationException"));
}

#[test]
fn one_zone_is_not_enough_and_kinds_of_subnets_do_not_mix() {
    let mut account = Account::new();
    account.ok("ListClusters", json!({}));
    let subnets: Vec<String> = account.state().ec2.subnets.keys().cloned().collect();
    let mut input = create_input("api");
    input["networkConfiguration"] = json!({"subnets": [subnets[0]]});
    let refused = account.refused("CreateExpressGatewayService", input);
    assert!(refused.contains("At least two subnets in two different Availability Zones"), "{refused}");
}

#[test]
fn a_name_cannot_be_both_variable_and_secret() {
    let container = json!({
        "image": "a:1",
        "environment": [{"name": "KEY", "value": "x"}],
        "secrets": [{"name": "KEY", "valueFrom": "arn:x"}],
    });
    let refused = refused_with("primaryContainer", container);
    assert!(refused.starts_with("ClientException: The secret name must be unique"), "{refused}");
    assert!(!refused.contains("arn:x"));
}

fn customer_definition(main: &Value) -> Value {
    json!({
        "family": "own",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "containerDefinitions": [main, {"name": "agent", "image": "agent:1"}],
    })
}

#[test]
fn a_task_definition_of_the_customer_is_taken_or_refused_by_its_main_container() {
    let mut account = Account::new();
    let main =
        json!({"name": "Main", "image": "own:1", "portMappings": [{"containerPort": 8080, "name": "web"}]});
    let unnamed = json!({"name": "Main", "image": "own:1", "portMappings": [{"containerPort": 8080}]});
    account.ok("RegisterTaskDefinition", customer_definition(&unnamed));
    let input = |definition: &str| {
        json!({
            "serviceName": "api",
            "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
            "taskDefinitionArn": definition,
        })
    };
    let refused = account.refused("CreateExpressGatewayService", input("own:1"));
    assert_eq!(
        refused,
        "InvalidParameterException: Task definition must contain a container named 'Main' with a single TCP port \
         mapping."
    );
    let registered = account.ok("RegisterTaskDefinition", customer_definition(&main));
    let arn = registered["taskDefinition"]["taskDefinitionArn"].clone();
    let mut both = input(arn.as_str().unwrap());
    both["cpu"] = json!("256");
    let refused = account.refused("CreateExpressGatewayService", both);
    assert_eq!(
        refused,
        "InvalidParameterException: taskDefinitionArn cannot be provided with primaryContainer, executionRoleArn, \
         taskRoleArn, cpu, or memory."
    );
    let service = account.ok("CreateExpressGatewayService", input(arn.as_str().unwrap()))["service"].take();
    let configuration = &service["activeConfigurations"][0];
    assert_eq!(configuration["taskDefinitionArn"], arn);
    assert_eq!(configuration["primaryContainer"]["containerPort"], 8080);
    assert!(configuration.get("cpuArchitecture").is_none());
    account.wait(300);
    let service_arn = service["serviceArn"].as_str().unwrap();
    account.ok(
        "UpdateExpressGatewayService",
        json!({"serviceArn": service_arn, "cpu": "512", "memory": "1024"}),
    );
    let definition = account.ok("DescribeTaskDefinition", json!({"taskDefinition": "default-api"}));
    assert_eq!(definition["taskDefinition"]["containerDefinitions"][1]["name"], "agent");
    assert_eq!(definition["taskDefinition"]["cpu"], "512");
}
