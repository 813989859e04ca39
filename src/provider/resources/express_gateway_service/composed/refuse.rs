//! Why the managed engine cannot take an argument, and what can.

use crate::framework::{Diagnostic, Path};
use crate::provider::resources::express_gateway_service::model::ServiceModel;

/// An argument of the composed engine.
struct Refusal {
    argument: &'static str,
    /// What Express Mode does instead.
    reason: &'static str,
    /// A way that keeps the managed engine, where there is one.
    way: Option<&'static str>,
}

const OWN_TASK_DEFINITION: Option<&str> =
    Some("register a task definition with it yourself and name that in `task_definition_arn`");

const DOMAIN: Refusal = Refusal {
    argument: "domain",
    reason: "Express Mode gives a service a host name and a certificate of AWS's own, and takes no other.",
    way: None,
};
const CERTIFICATE: Refusal = Refusal {
    argument: "certificate_arn",
    reason: "Express Mode requests the certificate of the host name that it gives, and takes no other.",
    way: None,
};
const DEPLOYMENT: Refusal = Refusal {
    argument: "deployment_configuration",
    reason: "Express Mode deploys every revision as a canary: 5 percent of the traffic for 3 minutes, then all of it, \
             with a circuit breaker and an alarm on 4xx and 5xx answers above 1 percent.",
    way: None,
};
const HEALTH_CHECK: Refusal = Refusal {
    argument: "health_check",
    reason: "Express Mode takes the path of the health check (`health_check_path`) and fixes the rest: every 30 \
             seconds, an answer within 5, healthy after 5 successes, unhealthy after 2 failures, status 200.",
    way: None,
};
const DEREGISTRATION_DELAY: Refusal = Refusal {
    argument: "deregistration_delay_seconds",
    reason: "Express Mode lets every stopping task drain for 300 seconds.",
    way: None,
};
const PUBLIC_IP: Refusal = Refusal {
    argument: "assign_public_ip",
    reason: "Express Mode gives tasks public addresses if the routes of their subnets lead to an internet gateway.",
    way: Some("name subnets with the routes that you want in `network_configuration`"),
};
const CAPACITY_PROVIDER: Refusal =
    Refusal { argument: "capacity_provider", reason: "Express Mode runs every task on FARGATE.", way: None };
const EPHEMERAL_STORAGE: Refusal = Refusal {
    argument: "ephemeral_storage_gib",
    reason: "Express Mode makes task definitions with the 20 GiB that Fargate gives without asking.",
    way: OWN_TASK_DEFINITION,
};
const EXECUTE_COMMAND: Refusal = Refusal {
    argument: "enable_execute_command",
    reason: "Express Mode makes services without ECS Exec, and its API has no member for it.",
    way: Some(
        "switch it on for the service that is there: aws ecs update-service --cluster <cluster> --service <name> \
         --enable-execute-command --force-new-deployment. The task role needs `ssmmessages` rights, and this provider leaves \
         the switch alone",
    ),
};
const WEB_ACL: Refusal = Refusal {
    argument: "web_acl_arn",
    reason: "Express Mode puts services of all teams on load balancers that it shares as it sees fit: a web ACL would \
             be in front of all of them.",
    way: None,
};
const SIDECARS: Refusal = Refusal {
    argument: "sidecars",
    reason: "Express Mode makes task definitions with one container, `Main`.",
    way: OWN_TASK_DEFINITION,
};
const LOAD_BALANCER: Refusal = Refusal {
    argument: "load_balancer",
    reason: "Express Mode makes and shares load balancers by itself, in the subnets of the tasks: public if their \
             routes lead to an internet gateway, without access logs.",
    way: None,
};
const LOG_RETENTION: Refusal = Refusal {
    argument: "log_retention_days",
    reason: "Express Mode makes a log group that keeps the log forever, and its role may not change that.",
    way: Some("make a log group yourself and name it in `primary_container.aws_logs_configuration`"),
};
const LOG_CONFIGURATION: Refusal = Refusal {
    argument: "primary_container.log_configuration",
    reason: "Express Mode sends the log of `Main` to CloudWatch Logs with the driver `awslogs`.",
    way: OWN_TASK_DEFINITION,
};
const DEPENDS_ON: Refusal = Refusal {
    argument: "primary_container.depends_on",
    reason: "Express Mode makes task definitions with one container, so there is none to wait for.",
    way: OWN_TASK_DEFINITION,
};

/// One error for each argument in the configuration that the managed engine does not have.
pub(in crate::provider::resources::express_gateway_service) fn refuse(
    config: &ServiceModel,
) -> Vec<Diagnostic> {
    let container = config.primary_container.known();
    let is_set = [
        (DOMAIN, !config.domain.is_null()),
        (CERTIFICATE, !config.certificate_arn.is_null()),
        (DEPLOYMENT, !config.deployment_configuration.is_null()),
        (HEALTH_CHECK, !config.health_check.is_null()),
        (DEREGISTRATION_DELAY, !config.deregistration_delay_seconds.is_null()),
        (PUBLIC_IP, !config.assign_public_ip.is_null()),
        (CAPACITY_PROVIDER, !config.capacity_provider.is_null()),
        (EPHEMERAL_STORAGE, !config.ephemeral_storage_gib.is_null()),
        (EXECUTE_COMMAND, !config.enable_execute_command.is_null()),
        (WEB_ACL, !config.web_acl_arn.is_null()),
        (SIDECARS, !config.sidecars.is_null()),
        (LOAD_BALANCER, !config.load_balancer.is_null()),
        (LOG_RETENTION, !config.log_retention_days.is_null()),
        (LOG_CONFIGURATION, container.is_some_and(|container| !container.log_configuration.is_null())),
        (DEPENDS_ON, container.is_some_and(|container| !container.depends_on.is_null())),
    ];
    is_set.into_iter().filter(|(_, is_set)| *is_set).map(|(refusal, _)| explain(&refusal)).collect()
}

fn explain(refusal: &Refusal) -> Diagnostic {
    let Refusal { argument, reason, way } = refusal;
    let mut steps = argument.split('.');
    let first = Path::attribute(steps.next().unwrap_or_default());
    let path = steps.fold(first, |path, step| path.then(step));
    let diagnostic =
        Diagnostic::error(format!("`{argument}` needs the composed engine"), *reason).at(path).hint(format!(
            "set `engine = \"composed\"`, which replaces an existing service, or remove `{argument}`"
        ));
    match way {
        Some(way) => diagnostic.hint(format!("to stay with the managed engine, {way}")),
        None => diagnostic,
    }
}
