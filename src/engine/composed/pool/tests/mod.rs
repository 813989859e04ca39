//! Joining and leaving against the sandbox in memory, on virtual time.

mod crowd;
mod faults;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::{JoinRequest, LeaveRequest, ListenerKind, PoolKey, Pools, Sharing};
use crate::aws::acm::Acm;
use crate::aws::config::{self, Surroundings};
use crate::aws::ec2::Ec2;
use crate::aws::elbv2::{Elbv2, HealthCheck, Matcher, TargetGroupInput};
use crate::aws::settings::{ClientSettings, Secret, StaticCredentials};
use crate::aws::testing::environment;
use crate::aws::{AwsError, Clients};
use crate::clock::VirtualClock;
use crate::engine::Bounds;
use crate::sandbox::Sandbox;
use crate::sandbox::api::{Request, RequestContext, Service};
use crate::service::{ObjectNames, OwnerId};

/// An account in which nothing runs, and its time.
#[derive(Clone)]
struct Account {
    sandbox: Sandbox,
    clock: VirtualClock,
}

/// A provider process.
struct Process {
    pools: Pools,
    elbv2: Arc<Elbv2>,
    bounds: Bounds,
}

impl Account {
    fn new() -> Self {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_435_200));
        Self { sandbox: Sandbox::new(Arc::new(clock.clone())), clock }
    }

    async fn process(&self) -> Process {
        let secret = |text: &str| Secret::new(text);
        let keys = StaticCredentials {
            access_key: secret("AKIATEST"),
            secret_key: secret("test-secret"),
            token: None,
        };
        let settings = ClientSettings { static_credentials: Some(keys), ..ClientSettings::default() };
        let surroundings = Surroundings {
            clock: Arc::new(self.clock.clone()),
            environment: environment(&[("AWS_REGION", "eu-west-1")]),
            http_client: Some(self.sandbox.http_client()),
        };
        let config = config::load(&settings, &surroundings).await.expect("a valid configuration");
        let clients = Clients::new(config);
        let elbv2 = Arc::new(Elbv2::new(clients.clone()));
        let (ec2, acm) = (Arc::new(Ec2::new(clients.clone())), Arc::new(Acm::new(clients)));
        let bounds = Bounds {
            clock: Arc::new(self.clock.clone()),
            cancellation: CancellationToken::new(),
            deadline: self.sandbox.now() + Duration::from_secs(10 * 3600),
            judge: None,
        };
        Process { pools: Pools::new(Arc::clone(&elbv2), ec2, acm), elbv2, bounds }
    }

    fn call(&self, service: Service, operation: &str) -> Json {
        let context = RequestContext {
            account_id: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            now: self.sandbox.now(),
        };
        let request = Request { service, operation: operation.to_owned(), input: json!({}), context };
        self.sandbox.with_world(|world| world.call(&request)).expect("an answer")
    }

    fn key(&self) -> PoolKey {
        let subnets = self.call(Service::Ec2, "DescribeSubnets");
        let text = |json: &Json, name: &str| json[name].as_str().expect("a text").to_owned();
        let subnets = subnets["Subnets"].as_array().expect("a list");
        PoolKey {
            account_id: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            vpc_id: text(&subnets[0], "VpcId"),
            is_internal: false,
            subnet_ids: subnets.iter().map(|subnet| text(subnet, "SubnetId")).collect(),
            web_acl_arn: None,
            pool_name: None,
            ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
            attributes: BTreeMap::new(),
            sharing: Sharing::ByHost,
        }
    }

    /// What of the pool is in the account: load balancers, target groups, certificates, security groups.
    fn remains(&self) -> Vec<String> {
        let mut found = Vec::new();
        let lists = [
            (Service::Elbv2, "DescribeLoadBalancers", "LoadBalancers", "LoadBalancerName"),
            (Service::Elbv2, "DescribeTargetGroups", "TargetGroups", "TargetGroupName"),
            (Service::Acm, "ListCertificates", "CertificateSummaryList", "DomainName"),
            (Service::Ec2, "DescribeSecurityGroups", "SecurityGroups", "GroupName"),
        ];
        for (service, operation, list, name) in lists {
            let answer = self.call(service, operation);
            let names = answer[list].as_array().into_iter().flatten();
            found.extend(names.filter_map(|item| item[name].as_str()).map(str::to_owned));
        }
        found.retain(|name| name.starts_with("xp-"));
        found
    }
}

impl Process {
    /// A service's request, and its target groups.
    async fn request(&self, account: &Account, name: &str) -> Result<JoinRequest, AwsError> {
        let arn = format!("arn:aws:ecs:eu-west-1:123456789012:service/c/{name}");
        let names = ObjectNames::new(arn.parse().expect("valid"));
        let key = account.key();
        let mut target_group_arns = Vec::new();
        for name in names.target_groups(1) {
            let input = TargetGroupInput {
                name,
                port: 80,
                protocol_version: "HTTP1".to_owned(),
                vpc_id: key.vpc_id.clone(),
                health_check: HealthCheck {
                    path: "/".to_owned(),
                    interval_seconds: 30,
                    timeout_seconds: 5,
                    healthy_threshold_count: 2,
                    unhealthy_threshold_count: 2,
                    matcher: Matcher::Http("200-399".to_owned()),
                },
                tags: BTreeMap::new(),
            };
            target_group_arns.push(self.elbv2.create_target_group(&input).await?.arn);
        }
        Ok(JoinRequest {
            key,
            owner: names.owner().clone(),
            hosts: vec![format!("{name}.example.com")],
            target_group_arns: target_group_arns.try_into().expect("two groups"),
            rule_tags: names.owner().tags("listener_rule", 1),
            shared_tags: BTreeMap::new(),
            full_numbers: [].into(),
        })
    }
}

/// The same service, leaving.
fn leaving(request: &JoinRequest) -> LeaveRequest {
    let listener = match request.key.sharing {
        Sharing::ByHost => ListenerKind::Https { ssl_policy: Some(request.key.ssl_policy.clone()) },
        Sharing::Alone(_) => ListenerKind::Http,
    };
    LeaveRequest {
        pool_id: request.key.id(),
        vpc_id: request.key.vpc_id.clone(),
        listener,
        owner: request.owner.clone(),
        target_group_arns: request.target_group_arns.to_vec(),
        certificate_arns: Vec::new(),
        shared_tags: BTreeMap::new(),
    }
}

/// A request for a load balancer of the service's own.
fn alone(mut request: JoinRequest) -> JoinRequest {
    let owner: OwnerId = request.owner.clone();
    request.key.sharing = Sharing::Alone(owner);
    request.hosts = Vec::new();
    request
}
