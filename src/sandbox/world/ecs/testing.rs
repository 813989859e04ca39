//! A world with a hand-driven clock, for tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::sandbox::api::{ApiError, Request, RequestContext, Service};
use crate::sandbox::world::World;
use crate::sandbox::world::ec2::SecurityGroupRule;
use crate::sandbox::world::elbv2::{
    HealthCheck, Listener, LoadBalancer, Rule, TargetGroup, WeightedTargetGroup,
};
use crate::sandbox::world::region::RegionState;

/// One account in one region of a world of its own.
pub(crate) struct Account {
    pub(crate) world: World,
    pub(crate) now: SystemTime,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self { world: World::new(42), now: UNIX_EPOCH + Duration::from_secs(1_800_000_000) }
    }

    /// Calls an ECS operation now.
    pub(crate) fn call(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.call_service(Service::Ecs, operation, input)
    }

    /// Calls an operation of any service now.
    pub(crate) fn call_service(
        &mut self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let context = RequestContext {
            account_id: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            now: self.now,
        };
        self.world.call(&Request { service, operation: operation.to_owned(), input, context })
    }

    /// Calls an operation that succeeds.
    pub(crate) fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.call(operation, input).unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// Calls an operation that is refused; answers `code: message`.
    pub(crate) fn refused(&mut self, operation: &str, input: Value) -> String {
        self.call(operation, input).expect_err(operation).to_string()
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.world.advance_to(self.now);
    }

    /// Lets time pass until `done`, a second at a time; answers the seconds.
    pub(crate) fn wait_until(&mut self, limit: u64, mut done: impl FnMut(&mut Self) -> bool) -> u64 {
        for seconds in 0..limit {
            if done(self) {
                return seconds;
            }
            self.wait(1);
        }
        panic!("nothing happened within {limit} s");
    }

    /// The account's state.
    pub(crate) fn state(&self) -> &RegionState {
        &self.world.regions["111122223333/eu-west-1"]
    }

    /// A service's record, if there is one.
    pub(crate) fn state_of(&self, arn: &str) -> Option<&super::service::Service> {
        self.state().ecs.services.get(arn)
    }

    /// Creates an Express service of this name with the defaults; answers its ARN.
    pub(crate) fn create(&mut self, name: &str) -> String {
        let answer = self.ok("CreateExpressGatewayService", create_input(name));
        answer["service"]["serviceArn"].as_str().expect("an ARN").to_owned()
    }

    /// Creates an Express service and waits until its deployment has ended.
    pub(crate) fn create_and_wait(&mut self, name: &str) -> String {
        let arn = self.create(name);
        self.wait(600);
        assert_eq!(self.deployment(&arn)["status"], "SUCCESSFUL");
        arn
    }

    /// A change of the region's state by hand.
    pub(crate) fn state_mut(&mut self) -> &mut RegionState {
        self.ok("ListClusters", json!({}));
        self.world.regions.get_mut("111122223333/eu-west-1").expect("the call above made the region")
    }

    /// Registers a task definition for Fargate with a container `Main` on port 8080; answers its ARN.
    pub(crate) fn register(&mut self, image: &str) -> String {
        let input = json!({
            "family": "web",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{
                "name": "Main", "image": image, "portMappings": [{"containerPort": 8080}],
            }],
        });
        let answer = self.ok("RegisterTaskDefinition", input);
        answer["taskDefinition"]["taskDefinitionArn"].as_str().expect("an ARN").to_owned()
    }

    /// A network of all default subnets, with a security group that admits everything.
    pub(crate) fn network(&mut self) -> Value {
        let ec2 = &mut self.state_mut().ec2;
        let open = SecurityGroupRule {
            ip_protocol: "-1".to_owned(),
            cidr_ipv4: Some("0.0.0.0/0".to_owned()),
            ..SecurityGroupRule::default()
        };
        let group = ec2.security_groups.values_mut().next().expect("the default group");
        group.rules = vec![open.clone(), SecurityGroupRule { is_egress: true, ..open }];
        let (group, subnets) = (group.id.clone(), ec2.subnets.keys().cloned().collect::<Vec<_>>());
        json!({"awsvpcConfiguration": {
            "subnets": subnets, "securityGroups": [group], "assignPublicIp": "ENABLED",
        }})
    }

    /// Creates a service of the customer's own without load balancer; answers its ARN.
    pub(crate) fn create_plain(&mut self, name: &str) -> String {
        let (definition, network) = (self.register("web:1"), self.network());
        let input = json!({
            "serviceName": name, "taskDefinition": definition, "networkConfiguration": network,
        });
        self.ok("CreateService", input)["service"]["serviceArn"].as_str().expect("an ARN").to_owned()
    }

    /// A load balancer in all subnets with a rule that forwards to two target groups, 100 to 0.
    pub(crate) fn add_balancer(&mut self) -> Wiring {
        self.network();
        let region = self.state_mut();
        let arn = |path: &str| region.arn("elasticloadbalancing", path);
        let wiring = Wiring {
            balancer: arn("loadbalancer/app/x/1"),
            rule: arn("listener-rule/app/x/1/2/3"),
            target_groups: [arn("targetgroup/a/1"), arn("targetgroup/b/2")],
        };
        let listener = arn("listener/app/x/1/2");
        let vpc_id = region.ec2.vpcs.keys().next().cloned().unwrap_or_default();
        for target_group in &wiring.target_groups {
            let group = TargetGroup {
                arn: target_group.clone(),
                vpc_id: vpc_id.clone(),
                target_type: "ip".to_owned(),
                health_check: HealthCheck {
                    interval_seconds: 30,
                    healthy_threshold_count: 2,
                    unhealthy_threshold_count: 2,
                    ..HealthCheck::default()
                },
                ..TargetGroup::default()
            };
            region.elbv2.target_groups.insert(target_group.clone(), group);
        }
        let balancer = LoadBalancer {
            arn: wiring.balancer.clone(),
            subnet_ids: region.ec2.subnets.keys().cloned().collect(),
            security_group_ids: region.ec2.security_groups.keys().cloned().collect(),
            ..LoadBalancer::default()
        };
        region.elbv2.load_balancers.insert(balancer.arn.clone(), balancer);
        let forward = wiring.target_groups.iter().zip([100, 0]).map(|(target_group, weight)| {
            WeightedTargetGroup { target_group_arn: target_group.clone(), weight }
        });
        let rule = Rule {
            arn: wiring.rule.clone(),
            listener_arn: listener.clone(),
            forward: forward.collect(),
            ..Rule::default()
        };
        region.elbv2.rules.insert(rule.arn.clone(), rule);
        let one = Listener {
            arn: listener.clone(),
            load_balancer_arn: wiring.balancer.clone(),
            ..Listener::default()
        };
        region.elbv2.listeners.insert(listener, one);
        wiring
    }

    /// `DescribeExpressGatewayService`.
    pub(crate) fn express(&mut self, arn: &str) -> Value {
        self.ok("DescribeExpressGatewayService", json!({"serviceArn": arn}))["service"].take()
    }

    /// `DescribeServices` of one service.
    pub(crate) fn service(&mut self, arn: &str) -> Value {
        let cluster = arn.split('/').nth(1).expect("a cluster");
        self.ok("DescribeServices", json!({"cluster": cluster, "services": [arn]}))["services"][0].take()
    }

    /// Messages of the service's events, the newest first.
    pub(crate) fn events(&mut self, arn: &str) -> Vec<String> {
        let service = self.service(arn);
        let events = service["events"].as_array().expect("events");
        events.iter().map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
    }

    /// The newest deployment in full; null if there is none.
    pub(crate) fn deployment(&mut self, arn: &str) -> Value {
        let cluster = arn.split('/').nth(1).expect("a cluster");
        let list = self.ok("ListServiceDeployments", json!({"cluster": cluster, "service": arn}));
        let newest = &list["serviceDeployments"][0]["serviceDeploymentArn"];
        if newest.is_null() {
            return Value::Null;
        }
        let input = json!({"serviceDeploymentArns": [newest]});
        self.ok("DescribeServiceDeployments", input)["serviceDeployments"][0].take()
    }

    /// The service's tasks with this desired status.
    pub(crate) fn tasks(&mut self, arn: &str, desired_status: &str) -> Vec<Value> {
        let list = self.ok("ListTasks", json!({"serviceName": arn, "desiredStatus": desired_status}));
        if list["taskArns"] == json!([]) {
            return Vec::new();
        }
        let answer = self.ok("DescribeTasks", json!({"tasks": list["taskArns"]}));
        answer["tasks"].as_array().expect("tasks").clone()
    }

    /// `ecsManagedResources` of the service's newest revision.
    pub(crate) fn managed(&mut self, arn: &str) -> Value {
        let revision = self.express(arn)["activeConfigurations"][0]["serviceRevisionArn"].take();
        let input = json!({"serviceRevisionArns": [revision]});
        self.ok("DescribeServiceRevisions", input)["serviceRevisions"][0]["ecsManagedResources"].take()
    }

    /// Healthy targets of the target group that has the traffic.
    pub(crate) fn serving_targets(&self, arn: &str) -> usize {
        let state = self.state();
        let traffic = state.ecs.services[arn].traffic.as_ref().expect("traffic");
        let serving = state.elbv2.rules[&traffic.rule_arn].forward.iter().filter(|group| group.weight > 0);
        serving
            .flat_map(|group| &state.elbv2.target_groups[&group.target_group_arn].targets)
            .filter(|target| target.health.state == "healthy")
            .count()
    }

    /// Weights of the service's rule, in the order of its target groups.
    pub(crate) fn weights(&self, arn: &str) -> Vec<u32> {
        let traffic = self.state().ecs.services[arn].traffic.as_ref().expect("traffic");
        self.state().elbv2.rules[&traffic.rule_arn].forward.iter().map(|group| group.weight).collect()
    }
}

/// What [`Account::add_balancer`] has made, by ARN.
#[derive(Debug, Clone)]
pub(crate) struct Wiring {
    pub(crate) balancer: String,
    pub(crate) rule: String,
    pub(crate) target_groups: [String; 2],
}

impl Wiring {
    /// `loadBalancers` of a service whose traffic ECS shifts.
    pub(crate) fn load_balancers(&self) -> Value {
        json!([{
            "targetGroupArn": self.target_groups[0], "containerName": "Main", "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": self.target_groups[1],
                "productionListenerRule": self.rule,
                "roleArn": "arn:aws:iam::111122223333:role/infrastructure",
            },
        }])
    }
}

/// The smallest input of `CreateExpressGatewayService`.
pub(crate) fn create_input(name: &str) -> Value {
    json!({
        "serviceName": name,
        "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
        "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "primaryContainer": {"image": "public.ecr.aws/nginx/nginx:1.28"},
    })
}

/// The input of an update to another image.
pub(crate) fn image_update(arn: &str, image: &str) -> Value {
    json!({"serviceArn": arn, "primaryContainer": {"image": image}})
}
