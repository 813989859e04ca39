//! Every argument of a service, with the values that the tests give it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::schema::{Attribute, Kind, Mode, Nesting};
use terraform_provider_express::sandbox::api::Service;

use crate::composed::composed;
use crate::composed::hostnames::prove;
use crate::support::cloud::{call, list_subnet_ids};
use crate::support::workspace::{Workspace, three_inputs, with};

/// Who assembles the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Managed,
    Composed,
}

/// One argument.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    /// Dots lead into objects.
    pub(super) path: &'static str,
    /// Where the values are put: at the path, unless a value brings members beside it.
    at: &'static str,
    /// Values other than the one of the beginning.
    pub(super) values: Vec<Json>,
    /// Whether a value of it, or its removal, replaces the service.
    pub(super) replaces: bool,
    /// Arguments that may not be set together with it: these, and what is in them.
    excluded: &'static [&'static str],
}

/// What is in the account for the arguments to name.
pub(super) struct Account {
    zone_id: String,
    task_definitions: Vec<Json>,
    subnets: Vec<String>,
    security_groups: Vec<Json>,
    web_acls: Vec<Json>,
    certificates: Vec<Json>,
}

impl Account {
    /// Makes it all.
    pub(super) async fn prepare(workspace: &Workspace) -> Self {
        let sandbox = &workspace.sandbox;
        for name in ["apps", "other"] {
            let cluster = json!({ "clusterName": name, "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
            call(sandbox, Service::Ecs, "CreateCluster", cluster);
        }
        for group in ["/theirs/1", "/theirs/2"] {
            call(sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": group }));
        }
        let subnets = list_subnet_ids(sandbox);
        let described = call(sandbox, Service::Ec2, "DescribeSubnets", json!({ "SubnetIds": subnets }));
        let vpc = described["Subnets"][0]["VpcId"].clone();
        let group = |name: &str| {
            let input = json!({ "GroupName": name, "Description": name, "VpcId": vpc });
            call(sandbox, Service::Ec2, "CreateSecurityGroup", input)["GroupId"].clone()
        };
        let visibility =
            json!({ "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m" });
        let web_acl = |name: &str| {
            let allow = json!({ "Allow": {} });
            let input = json!({
                "Name": name, "Scope": "REGIONAL", "DefaultAction": allow, "VisibilityConfig": visibility.clone(),
            });
            call(sandbox, Service::Wafv2, "CreateWebACL", input)["Summary"]["ARN"].clone()
        };
        let certificate = || {
            let names = ["*.example.com", "example.com"];
            let input = json!({
                "DomainName": names[0], "SubjectAlternativeNames": names[1..], "ValidationMethod": "DNS",
                "IdempotencyToken": format!("t{}", workspace.elapsed_seconds()),
            });
            call(sandbox, Service::Acm, "RequestCertificate", input)["CertificateArn"].clone()
        };
        let mut certificates = Vec::new();
        for _ in 0..2 {
            let arn = certificate();
            workspace.clock_advance(600).await;
            prove(workspace, &arn);
            workspace.clock_advance(600).await;
            certificates.push(arn);
        }
        let zones = call(sandbox, Service::Route53, "ListHostedZones", json!({}));
        let zone_id = zones["HostedZones"][0]["Id"].as_str().expect("a zone").replace("/hostedzone/", "");
        let task_definition = |family: &str| {
            let main = json!({
                "name": "Main", "image": "nginx", "portMappings": [{ "containerPort": 80, "name": "http" }],
            });
            let definition = json!({
                "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
                "cpu": "512", "memory": "2048", "containerDefinitions": [main],
                "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            });
            let made = call(sandbox, Service::Ecs, "RegisterTaskDefinition", definition);
            made["taskDefinition"]["taskDefinitionArn"].clone()
        };
        Self {
            zone_id,
            task_definitions: ["theirs-1", "theirs-2"].map(task_definition).to_vec(),
            security_groups: ["one", "two"].map(group).to_vec(),
            web_acls: ["one", "two"].map(web_acl).to_vec(),
            subnets,
            certificates,
        }
    }
}

impl Engine {
    /// The service at the beginning.
    pub(super) fn base(self) -> Json {
        let config = match self {
            Self::Managed => with(&three_inputs(), "service_name", "api"),
            Self::Composed => {
                let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
                // Deployments that take no time: what they do meanwhile is tested elsewhere.
                let pace = json!({ "strategy": "BLUE_GREEN", "bake_time_minutes": 0 });
                let config = with(&config, "deployment_configuration", pace);
                // ECS Exec needs one.
                let config = with(&config, "task_role_arn", role("task"));
                with(&config, "sidecars", json!({ "agent": sidecar("agent:1") }))
            }
        };
        with(&config, "cluster", "apps")
    }

    /// Every argument of this engine.
    pub(super) fn arguments(self, account: &Account) -> Vec<Argument> {
        let mut arguments = shared(account);
        match self {
            // ECS refuses zones that the load balancer of another service of the VPC is not in.
            Self::Managed => arguments.push(of("network_configuration.subnets", [json!(account.subnets)])),
            Self::Composed => arguments.extend(only_composed(account)),
        }
        arguments
    }

    /// Whether the engine takes the argument of this name.
    fn takes(self, attribute: &Attribute) -> bool {
        self == Self::Composed || !attribute.description.starts_with("Composed engine only.")
    }
}

fn of(path: &'static str, values: impl IntoIterator<Item = Json>) -> Argument {
    Argument { path, at: path, values: values.into_iter().collect(), replaces: false, excluded: &[] }
}

impl Argument {
    fn replacing(self) -> Self {
        Self { replaces: true, ..self }
    }

    /// The values are members of what is around it.
    fn around(self, at: &'static str) -> Self {
        Self { at, ..self }
    }

    fn without(self, excluded: &'static [&'static str]) -> Self {
        Self { excluded, ..self }
    }

    /// Whether the two cannot be set together.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let names = |one: &Self, path: &str| {
            let is_in = |outer: &&str| path == *outer || path.starts_with(&format!("{outer}."));
            one.excluded.iter().any(is_in)
        };
        names(self, other.path) || names(other, self.path)
    }

    /// Gives the argument the value of a level in a configuration that has the value of the beginning.
    pub(super) fn set(&self, config: &mut Json, level: usize) {
        if level > 0 {
            let value = self.values[level - 1].clone();
            merge(self.steps().fold(config, |place, step| &mut place[step]), value);
        }
    }

    fn steps(&self) -> impl Iterator<Item = &str> {
        self.at.split('.').filter(|step| !step.is_empty())
    }

    /// Attributes that its values set, as deep as objects go.
    fn attributes(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for value in &self.values {
            collect(&self.steps().collect::<Vec<_>>().join("."), value, &mut paths);
        }
        paths
    }
}

/// Members of an object are put beside those that are there; anything else takes the place of what is there.
fn merge(place: &mut Json, value: Json) {
    match (place, value) {
        (Json::Object(there), Json::Object(members)) => {
            for (name, member) in members {
                merge(there.entry(name).or_insert(Json::Null), member);
            }
        }
        (place, value) => *place = value,
    }
}

fn collect(path: &str, value: &Json, paths: &mut BTreeSet<String>) {
    paths.insert(path.to_owned());
    let Json::Object(members) = value else { return };
    for (name, member) in members {
        let dot = if path.is_empty() { "" } else { "." };
        collect(&format!("{path}{dot}{name}"), member, paths);
    }
}

fn role(name: &str) -> Json {
    json!(format!("arn:aws:iam::123456789012:role/{name}"))
}

fn secret(name: &str) -> Json {
    json!(format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-abcdef"))
}

fn sidecar(image: &str) -> Json {
    json!({ "image": image, "essential": false })
}

/// A task definition of the user's own, in place of all that says what runs in a task.
fn own_task_definition(arn: &Json) -> Json {
    json!({
        "task_definition_arn": arn, "primary_container": null, "execution_role_arn": null, "sidecars": null,
        "task_role_arn": null,
    })
}

fn shared(account: &Account) -> Vec<Argument> {
    let [one, two] = &account.security_groups[..] else { panic!("two groups") };
    vec![
        of("service_name", [json!("web"), json!("shop")]).replacing(),
        of("cluster", [json!("other")]).replacing(),
        of("infrastructure_role_arn", [role("infrastructure-2")]).replacing(),
        of("execution_role_arn", [role("execution-2"), role("execution-3")]),
        of("task_role_arn", [role("task-1"), role("task-2")]).replacing(),
        of("primary_container.image", [json!("nginx:2"), json!("nginx:3")]),
        of("primary_container.container_port", [json!(8080), json!(9090)]),
        of("primary_container.command", [json!(["serve"]), json!(["serve", "--fast"])]),
        of("primary_container.environment", [json!({ "A": "1" }), json!({ "A": "2", "B": "1" })]),
        of("primary_container.secrets", [json!({ "S": secret("one") }), json!({ "S": secret("two") })]),
        of(
            "primary_container.aws_logs_configuration",
            [
                json!({ "log_group": "/theirs/1" }),
                json!({ "log_group": "/theirs/2", "log_stream_prefix": "x" }),
            ],
        ),
        of(
            "primary_container.repository_credentials",
            ["pull", "pull-2"].map(|name| json!({ "credentials_parameter": secret(name) })),
        ),
        of("image_source", [json!("live"), json!("config")]),
        of("task_definition_arn", account.task_definitions.iter().map(own_task_definition))
            .around("")
            .without(&[
                "primary_container",
                "execution_role_arn",
                "task_role_arn",
                "image_source",
                "cpu",
                "memory",
                "cpu_architecture",
                "enable_execute_command",
                "ephemeral_storage_gib",
                "sidecars",
            ]),
        of("cpu", [json!("512"), json!("1024")]),
        of("memory", [json!("3072"), json!("4096")]),
        of("cpu_architecture", [json!("ARM64"), json!("X86_64")]),
        of("health_check_path", [json!("/up"), json!("/ready")]),
        of("network_configuration.security_groups", [json!([one]), json!([one, two])]),
        of("scaling_target.min_task_count", [json!(2), json!(3)]),
        of("scaling_target.max_task_count", [json!(8), json!(9)]),
        of(
            "scaling_target.auto_scaling_metric",
            [json!("AVERAGE_MEMORY"), json!("REQUEST_COUNT_PER_TARGET")],
        ),
        of("scaling_target.auto_scaling_target_value", [json!(50), json!(70)]),
        of("tags", [json!({ "team": "web" }), json!({ "team": "shop", "stage": "test" })]),
        of("wait_for_steady_state", [json!(false), json!(true)]),
        of("delete_logs_on_destroy", [json!(true), json!(false)]),
        of(
            "timeouts",
            [json!({ "update": "90m" }), json!({ "create": "40m", "update": "80m", "delete": "50m" })],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn only_composed(account: &Account) -> Vec<Argument> {
    let [a, b, c] = &account.subnets[..] else { panic!("three subnets") };
    let numbers = |path, values: [i64; 2]| of(path, values.map(Json::from));
    let flag = |path, first: bool| of(path, [json!(first), json!(!first)]);
    vec![
        of("domain.hostname", [json!("www.example.com"), json!("shop.example.com")]),
        of(
            "domain.additional_hostnames",
            [json!(["a.example.com"]), json!(["b.example.com", "c.example.com"])],
        ),
        of("certificate_arn", account.certificates.clone()),
        of("load_balancer.scheme", [json!("internal"), json!("internet-facing")]),
        // Where the tasks may be, the load balancer must be.
        of("network_configuration.subnets", [json!([a, b]), json!([a, b, c])]),
        of("load_balancer.subnets", [json!([a, b, c])]),
        of("load_balancer.pool", [json!("team"), json!("other")]),
        of(
            "load_balancer.access_logs",
            [json!({ "bucket": "logs" }), json!({ "bucket": "logs", "prefix": "web" })],
        ),
        of("web_acl_arn", account.web_acls.clone()),
        of("domain", [Json::Null]).without(&["domain", "certificate_arn"]),
        of("domain.hosted_zone", [json!(account.zone_id)]),
        of(
            "deployment_configuration.strategy",
            [
                json!({ "strategy": "CANARY", "canary_percent": 10, "canary_bake_time_minutes": 0 }),
                json!({ "strategy": "CANARY", "canary_percent": 20, "canary_bake_time_minutes": 1 }),
                json!({
                    "strategy": "LINEAR", "linear_step_percent": 50, "linear_step_bake_time_minutes": 0,
                }),
                json!({
                    "strategy": "ROLLING", "bake_time_minutes": null, "maximum_percent": 150,
                    "minimum_healthy_percent": 50,
                }),
            ],
        )
        .around("deployment_configuration")
        .without(&["deployment_configuration.bake_time_minutes"]),
        numbers("deployment_configuration.bake_time_minutes", [1, 2]),
        flag("deployment_configuration.alarm.enable", false),
        numbers("deployment_configuration.alarm.threshold_percent", [5, 10]),
        flag("deployment_configuration.alarm.include_4xx", true),
        flag("deployment_configuration.circuit_breaker.enable", false),
        flag("deployment_configuration.circuit_breaker.rollback", false),
        numbers("health_check.interval_seconds", [20, 10]),
        numbers("health_check.timeout_seconds", [6, 7]),
        numbers("health_check.healthy_threshold", [3, 4]),
        numbers("health_check.unhealthy_threshold", [3, 4]),
        of("health_check.matcher", [json!("200-299"), json!("200,302")]),
        numbers("health_check.grace_period_seconds", [60, 90]),
        numbers("deregistration_delay_seconds", [30, 60]),
        of("sidecars.agent", [sidecar("agent:2"), sidecar("agent:3")]),
        of("sidecars.extra", [sidecar("extra:1"), sidecar("extra:2")]),
        of(
            "primary_container.log_configuration",
            ["1", "2"].map(|url| {
                json!({
                    "log_driver": "splunk", "options": { "splunk-url": url },
                    "secret_options": { "splunk-token": secret("token") },
                })
            }),
        )
        .without(&["primary_container.aws_logs_configuration"]),
        of("primary_container.depends_on", [json!({ "agent": "START" })]),
        of("primary_container.entry_point", [json!(["/a"]), json!(["/b"])]),
        of("primary_container.user", [json!("1000"), json!("1001")]),
        of(
            "primary_container.health_check",
            [10, 20].map(|interval| {
                json!({
                    "command": ["CMD-SHELL", "exit 0"], "interval_seconds": interval, "timeout_seconds": 3,
                    "retries": 4, "start_period_seconds": 5,
                })
            }),
        ),
        numbers("primary_container.stop_timeout_seconds", [40, 50]),
        flag("primary_container.init_process", true),
        flag("primary_container.readonly_root_filesystem", true),
        flag("assign_public_ip", true),
        of("capacity_provider", [json!("FARGATE_SPOT"), json!("FARGATE")]),
        numbers("ephemeral_storage_gib", [30, 40]),
        flag("enable_execute_command", true),
        numbers("log_retention_days", [7, 14])
            .without(&["primary_container.aws_logs_configuration", "task_definition_arn"]),
    ]
}

/// Places in a configuration whose values may be unknown: what the argument sets, and the members of it. Absent ones and
/// whole objects that the argument only adds to are left out.
pub(super) fn open_paths(config: &Json, argument: &Argument) -> Vec<Vec<String>> {
    let set = argument.attributes();
    let paths = set
        .iter()
        .filter(|path| !path.is_empty())
        .map(|path| path.split('.').map(str::to_owned).collect::<Vec<_>>());
    paths.filter(|path| !path.iter().fold(config, |place, step| &place[step]).is_null()).collect()
}

/// The table has every argument that the schema has, and every member of its objects, so one that is added tomorrow is
/// tested, too.
#[tokio::test]
async fn the_table_has_every_argument_of_the_schema() {
    let workspace = Workspace::new().await;
    let server = workspace.server();
    let schema = &server.resource("express_gateway_service").expect("the resource").schema;
    let account = Account::prepare(&workspace).await;
    for engine in [Engine::Managed, Engine::Composed] {
        let listed: BTreeSet<String> =
            engine.arguments(&account).iter().flat_map(Argument::attributes).collect();
        let mut missing = Vec::new();
        // Another engine is another service; `it::composed` and `it::lifecycle` have both.
        for attribute in schema.attributes.iter().filter(|it| it.name != "engine" && engine.takes(it)) {
            expect(engine, attribute, attribute.name.to_owned(), &listed, &mut missing);
        }
        assert_eq!(missing, Vec::<String>::new(), "arguments of the {engine:?} engine that no test changes");
    }
}

fn expect(
    engine: Engine,
    attribute: &Attribute,
    path: String,
    listed: &BTreeSet<String>,
    missing: &mut Vec<String>,
) {
    if attribute.mode == Mode::Computed || listed.contains(&path) && !is_object(attribute) {
        return;
    }
    match &attribute.kind {
        Kind::Nested(Nesting::Single, members) => {
            for member in members.iter().filter(|it| engine.takes(it)) {
                expect(engine, member, format!("{path}.{}", member.name), listed, missing);
            }
        }
        // Members of a map have names of the user's.
        Kind::Nested(..) if listed.iter().any(|it| it.starts_with(&format!("{path}."))) => {}
        _ => missing.push(path),
    }
}

fn is_object(attribute: &Attribute) -> bool {
    matches!(attribute.kind, Kind::Nested(Nesting::Single, _))
}
