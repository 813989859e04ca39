//! The schema of what only the composed engine has: data only.

use super::sidecar_schema;
use crate::framework::schema::validators::{
    arn, between, length_between, matches, one_of, size_between, starts_with,
};
use crate::framework::schema::{Attribute, Mode, Nesting, Removal, Validator, WhenUnset};
use crate::framework::{Number, Type, Value};
use crate::provider::resources::express_gateway_service::removal::Removals as _;
use crate::service::{CapacityProvider, DeploymentStrategy, LoadBalancerScheme, Percent};

/// The attributes of the resource. Each description ends with its default, which the data source leaves out.
pub(in crate::provider::resources::express_gateway_service) fn members() -> Vec<Attribute> {
    let mut members = own_domain();
    members.extend(serving());
    members.extend(task());
    members
}

/// The attributes of `primary_container`.
pub(in crate::provider::resources::express_gateway_service) fn container_members() -> Vec<Attribute> {
    vec![
        sidecar_schema::log_configuration().describe(
            "Composed engine only. Another log driver than `awslogs`, for example `awsfirelens` with a log router \
             among the `sidecars`. Excludes `aws_logs_configuration`.",
        )
        .composed_only(
            Removal::Goes,
            "Express Mode sends the log of `Main` to CloudWatch Logs with the driver `awslogs`.",
            OWN_TASK_DEFINITION,
        ),
        sidecar_schema::depends_on()
            .describe("Composed engine only. Sidecars that come first, with what they must have reached.")
            .composed_only(
                Removal::Goes,
                "Express Mode makes task definitions with one container, so there is none to wait for.",
                OWN_TASK_DEFINITION,
            ),
        sidecar_schema::entry_point()
            .describe("Composed engine only. Overrides the image's entry point. Default: the image's.")
            .composed_only(Removal::Default, "Express Mode runs the image's own entry point.", OWN_TASK_DEFINITION),
        sidecar_schema::user()
            .describe(
                "Composed engine only. User that it runs as: a name, a number, or `user:group`. Default: the image's.",
            )
            .composed_only(Removal::Default, "Express Mode runs the image's own user.", OWN_TASK_DEFINITION),
        sidecar_schema::container_health_check()
            .describe(
                "Composed engine only. How ECS itself tells whether it is healthy, beside the load balancer's check. \
                 Default: it does not.",
            )
            .composed_only(
                Removal::Goes,
                "Express Mode has the load balancer's health check alone (`health_check_path`).",
                OWN_TASK_DEFINITION,
            ),
        number("stop_timeout_seconds")
            .describe(
                "Composed engine only. Time to end by itself before it is killed. Requests that a stopping task still \
                 answers end with it, however long `deregistration_delay_seconds` is. Default: 30.",
            )
            .validate(between(2, 120))
            .composed_only(Removal::Default, "Express Mode gives a container 30 seconds.", OWN_TASK_DEFINITION),
        flag("init_process")
            .describe(
                "Composed engine only. Whether ECS's init process is process 1: it passes signals on and ends orphans. \
                 Images that bring an init process of their own, such as s6-overlay, need `false`. Default: `true`.",
            )
            .composed_only(Removal::Default, "Express Mode starts every container with an init process.", OWN_TASK_DEFINITION),
        flag("readonly_root_filesystem")
            .describe("Composed engine only. Whether nothing can write to its root file system. Default: `false`.")
            .composed_only(
                Removal::Default,
                "Express Mode leaves the root file system writable.",
                OWN_TASK_DEFINITION,
            ),
    ]
}

fn own_domain() -> Vec<Attribute> {
    vec![
        Attribute::nested("domain", Mode::OptionalComputed, Nesting::Single, domain())
            .when_unset(WhenUnset::Keep)
            .describe(
                "Composed engine only. The service's place on your own domain: host names, DNS records and a \
                 certificate that is validated through DNS. Default: `<service_name>.<zone>` in the provider's \
                 `default_domain`; without one, plain HTTP on a load balancer of the service's own.",
            )
            .composed_only(
                Removal::Default,
                "Express Mode gives a service a host name and a certificate of AWS's own, and takes no other.",
                None,
            ),
        Attribute::optional("certificate_arn", Type::String)
            .describe(
                "Composed engine only. Your own ACM certificate in the service's region, valid for all its host \
                 names. Default: one that the engine requests.",
            )
            .validate(arn("acm", "certificate/"))
            .composed_only(
                Removal::Default,
                "Express Mode requests the certificate of the host name that it gives, and takes no other.",
                None,
            ),
        Attribute::nested("load_balancer", Mode::Optional, Nesting::Single, load_balancer())
            .describe(
                "Composed engine only. The load balancer in front of the service. Services share one as long as they \
                 agree in all of this, in the subnets and in `web_acl_arn`. Default: as the subnets of the tasks say.",
            )
            .composed_only(
                Removal::Default,
                "Express Mode makes and shares load balancers by itself, in the subnets of the tasks: public if their \
                 routes lead to an internet gateway, without access logs.",
                None,
            ),
        Attribute::optional("web_acl_arn", Type::String)
            .describe("Composed engine only. AWS WAF web ACL (regional) in front of the load balancer. Default: none.")
            .validate(arn("wafv2", "regional/webacl/"))
            .composed_only(
                Removal::Goes,
                "Express Mode puts services of all teams on load balancers that it shares as it sees fit: a web ACL \
                 would be in front of all of them.",
                None,
            ),
    ]
}

fn serving() -> Vec<Attribute> {
    vec![
        Attribute::nested("deployment_configuration", Mode::OptionalComputed, Nesting::Single, deployment())
            .when_unset(WhenUnset::Keep)
            .describe("Composed engine only. How a new revision comes into service. Default: a canary.")
            .composed_only(
                Removal::Default,
                "Express Mode deploys every revision as a canary: 5 percent of the traffic for 3 minutes, then all of \
                 it, with a circuit breaker and an alarm on 4xx and 5xx answers above 1 percent.",
                None,
            ),
        Attribute::nested("health_check", Mode::OptionalComputed, Nesting::Single, health_check())
            .when_unset(WhenUnset::Keep)
            .describe("Composed engine only. How the load balancer tells a healthy task, beside `health_check_path`.")
            .composed_only(
                Removal::Default,
                "Express Mode takes the path of the health check (`health_check_path`) and fixes the rest: every 30 \
                 seconds, an answer within 5, healthy after 5 successes, unhealthy after 2 failures, status 200.",
                None,
            ),
        number("deregistration_delay_seconds")
            .describe("Composed engine only. How long a stopping task drains. Default: 300.")
            .validate(between(0, 3600))
            .composed_only(
                Removal::Default,
                "Express Mode lets every stopping task drain for 300 seconds.",
                None,
            ),
    ]
}

fn task() -> Vec<Attribute> {
    vec![
        Attribute::nested("sidecars", Mode::Optional, Nesting::Map, sidecar_schema::members())
            .describe(
                "Composed engine only. Further containers of the task, by name. Containers that others add to the \
                 task definition stay.",
            )
            .validate(size_between(0, 9))
            .validate(container_name_validator().for_keys())
            .composed_only(
                Removal::Goes,
                "Express Mode makes task definitions with one container, `Main`.",
                OWN_TASK_DEFINITION,
            ),
        flag("assign_public_ip")
            .describe(
                "Composed engine only. Whether tasks have public addresses. Default: if the routes of their subnets \
                 lead to an internet gateway.",
            )
            .composed_only(
                Removal::Default,
                "Express Mode gives tasks public addresses if the routes of their subnets lead to an internet gateway.",
                Some("name subnets with the routes that you want in `network_configuration`"),
            ),
        text("capacity_provider")
            .describe(
                "Composed engine only. `FARGATE`, or `FARGATE_SPOT`: cheaper, and taken back at two minutes' notice. \
                 Default: `FARGATE`.",
            )
            .validate(one_of(CapacityProvider::NAMES))
            .composed_only(Removal::Default, "Express Mode runs every task on FARGATE.", None),
        number("ephemeral_storage_gib")
            .describe("Composed engine only. Disk space of a task: 20, which Fargate gives anyhow, to 200. Default: 20.")
            .validate(between(20, 200))
            .composed_only(
                Removal::Default,
                "Express Mode makes task definitions with the 20 GiB that Fargate gives without asking.",
                OWN_TASK_DEFINITION,
            ),
        flag("enable_execute_command")
            .describe(
                "Composed engine only. Whether `aws ecs execute-command` works; the task role needs `ssmmessages` \
                 rights. Default: `false`.",
            )
            .composed_only(
                Removal::Default,
                "Express Mode makes services without ECS Exec, and its API has no member for it.",
                Some(
                    "switch it on for the service that is there: aws ecs update-service --cluster <cluster> --service \
                     <name> --enable-execute-command --force-new-deployment. The task role needs `ssmmessages` rights, \
                     and this provider leaves the switch alone",
                ),
            ),
        Attribute::optional("log_retention_days", Type::Number)
            .describe("Composed engine only. How long the log group keeps the log. Default: forever.")
            .validate(retention_validator())
            .composed_only(
                Removal::Default,
                "Express Mode makes a log group that keeps the log forever, and its role may not change that.",
                Some("make a log group yourself and name it in `primary_container.aws_logs_configuration`"),
            ),
    ]
}

fn domain() -> Vec<Attribute> {
    vec![
        text("hostname")
            .describe("Host name. Default: `<service_name>.<zone>`.")
            .validate(hostname_validator()),
        text("hosted_zone")
            .describe(
                "Route 53 hosted zone of the host name, by name or id; a private one takes `certificate_arn`. Default: the provider's \
                 `default_domain`, else the zone with the longest name that fits.",
            )
            .validate(length_between(1, 1024)),
        Attribute::optional("additional_hostnames", Type::Set(Box::new(Type::String)))
            .describe("Further host names in the same zone that lead to the service. Default: none.")
            .validate(size_between(0, 4))
            .validate(hostname_validator().for_elements())
            .when_removed(Removal::Goes),
    ]
}

fn load_balancer() -> Vec<Attribute> {
    vec![
        Attribute::optional("scheme", Type::String)
            .describe(
                "`internet-facing` or `internal`. `internet-facing` with `subnets` of its own puts a public load \
                 balancer in front of private tasks. Default: as the routes of its subnets say.",
            )
            .validate(one_of(LoadBalancerScheme::NAMES))
            .when_removed(Removal::Default),
        Attribute::optional("subnets", Type::Set(Box::new(Type::String)))
            .describe("Subnets of the load balancer, one in each availability zone. Default: those of the tasks.")
            .validate(size_between(2, 16))
            .validate(starts_with("subnet-").for_elements())
            .when_removed(Removal::Default),
        Attribute::optional("pool", Type::String)
            .describe("Services share a load balancer only with services of the same pool. Default: none.")
            .validate(matches(1, 64, "letters, digits, hyphens and underscores", |character| {
                character.is_ascii_alphanumeric() || "-_".contains(character)
            }))
            .when_removed(Removal::Goes),
        Attribute::nested(
            "access_logs",
            Mode::Optional,
            Nesting::Single,
            vec![
                Attribute::required("bucket", Type::String)
                    .describe("S3 bucket whose policy lets Elastic Load Balancing write.")
                    .validate(length_between(3, 63)),
                Attribute::optional("prefix", Type::String)
                    .describe("Prefix of the objects. Default: none.")
                    .validate(length_between(1, 512))
                    .when_removed(Removal::Goes),
            ],
        )
        .describe("Where the load balancer logs requests. Default: nowhere.")
        .when_removed(Removal::Goes),
    ]
}

fn deployment() -> Vec<Attribute> {
    let minutes = |name| number(name).validate(between(0, 1440));
    vec![
        text("strategy")
            .describe(
                "`CANARY`: a small share of the traffic first, then all. `LINEAR`: in equal steps. `BLUE_GREEN`: all at \
                 once, with the way back open. `ROLLING`: task by task, without a second target group. Default: \
                 `CANARY`.",
            )
            .validate(one_of(DeploymentStrategy::NAMES)),
        minutes("bake_time_minutes").describe(
            "How long both revisions run once the new one has all traffic. Not with `ROLLING`. Default: 3.",
        ),
        percent("canary_percent", "0.1")
            .describe("`CANARY`: share of the traffic in the first step. Default: 5."),
        minutes("canary_bake_time_minutes").describe("`CANARY`: length of the first step. Default: 3."),
        percent("linear_step_percent", "3")
            .describe("`LINEAR`: share of the traffic that each step moves. Default: 10."),
        minutes("linear_step_bake_time_minutes").describe("`LINEAR`: length of a step. Default: 6."),
        number("maximum_percent")
            .describe(
                "`ROLLING`: most tasks while a deployment runs, in percent of the desired count. With 100, a task ends \
                 before the next one starts, so that never two run side by side: for processes that must be alone. It \
                 then needs a `minimum_healthy_percent` below 100, and nobody answers in between. Default: 200.",
            )
            .validate(between(100, 1000)),
        number("minimum_healthy_percent")
            .describe(
                "`ROLLING`: fewest healthy tasks while a deployment runs, in percent of the desired count. Default: 100.",
            )
            .validate(between(0, 100)),
        Attribute::nested("alarm", Mode::OptionalComputed, Nesting::Single, alarm())
            .when_unset(WhenUnset::Keep)
            .describe("The CloudWatch alarm that rolls a deployment back."),
        Attribute::nested("circuit_breaker", Mode::OptionalComputed, Nesting::Single, circuit_breaker())
            .when_unset(WhenUnset::Keep)
            .describe("What ends a deployment whose tasks keep failing."),
    ]
}

fn alarm() -> Vec<Attribute> {
    vec![
        flag("enable").describe("Whether there is one. Default: `true`."),
        percent("threshold_percent", "0").describe(
            "Share of failed requests above which it goes off, in two of three minutes. Default: 1.",
        ),
        flag("include_4xx").describe("Whether 4xx answers count as failed, as 5xx do. Default: `false`."),
    ]
}

fn circuit_breaker() -> Vec<Attribute> {
    vec![
        flag("enable").describe("Whether a deployment whose tasks keep failing is stopped. Default: `true`."),
        flag("rollback").describe("Whether the revision from before then comes back. Default: `true`."),
    ]
}

fn health_check() -> Vec<Attribute> {
    vec![
        number("interval_seconds")
            .describe("Time between two checks of a task. Default: 30.")
            .validate(between(5, 300)),
        number("timeout_seconds")
            .describe("Time in which an answer must come; less than the interval. Default: 5.")
            .validate(between(2, 120)),
        number("healthy_threshold")
            .describe("Successes in a row that make a task healthy. Default: 2.")
            .validate(between(2, 10)),
        number("unhealthy_threshold")
            .describe("Failures in a row that make a task unhealthy. Default: 2.")
            .validate(between(2, 10)),
        text("matcher")
            .describe("Status codes that count as success: `200`, `200,302` or `200-299`. Default: `200`.")
            .validate(matcher_validator()),
        number("grace_period_seconds")
            .describe("How long failed checks of a task that has just started are ignored. Default: 300.")
            .validate(between(0, 2_147_483_647)),
    ]
}

fn text(name: &'static str) -> Attribute {
    with_default(name, Type::String)
}

fn number(name: &'static str) -> Attribute {
    with_default(name, Type::Number)
}

fn flag(name: &'static str) -> Attribute {
    with_default(name, Type::Bool)
}

/// An argument whose default the engine has.
fn with_default(name: &'static str, r#type: Type) -> Attribute {
    Attribute::optional_computed(name, r#type).when_unset(WhenUnset::Keep).when_removed(Removal::Default)
}

/// The way to stay with the managed engine.
const OWN_TASK_DEFINITION: Option<&str> =
    Some("register a task definition with it yourself and name that in `task_definition_arn`");

/// A percentage in steps of 0.1.
fn percent(name: &'static str, least: &'static str) -> Attribute {
    number(name).validate(Validator::new(
        format!("a number from {least} to 100 with at most one decimal"),
        move |value| {
            let Value::Number(number) = value else { return Ok(()) };
            let percent = number.to_string().parse::<Percent>().ok();
            let is_step = percent.is_some_and(|percent| percent.hundredths().is_multiple_of(10));
            let is_enough = least.parse::<Number>().is_ok_and(|least| *number >= least);
            if is_step && is_enough { Ok(()) } else { Err(format!("It is {number}")) }
        },
    ))
}

/// A host name of at least two labels, without a final dot and without a wildcard.
fn hostname_validator() -> Validator {
    let allowed = "a host name in lower case: labels of 1-63 letters, digits and hyphens, joined by dots, 253 \
                   characters at most";
    Validator::new(allowed, |value| {
        let Value::String(name) = value else { return Ok(()) };
        if let Some(label) = name.split('.').find(|label| label.len() > 63) {
            return Err(format!("its label {label:?} has {} characters", label.len()));
        }
        let is_character = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(is_character)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
        if is_name {
            return Ok(());
        }
        let meant = name.trim_end_matches('.').to_lowercase();
        let is_meant = meant.contains('.') && meant.split('.').all(is_label);
        let instead = if is_meant { format!(": write {meant:?}") } else { String::new() };
        Err(format!("It is {name:?}{instead}"))
    })
}

/// `200`, `200,202` or `200-299`, from 200 to 499 (facts: ELBv2 `Matcher`).
fn matcher_validator() -> Validator {
    let allowed = "status codes from 200 to 499: single (200), listed (200,302) or a range (200-299)";
    Validator::new(allowed, |value| {
        let Value::String(matcher) = value else { return Ok(()) };
        let code = |text: &str| text.parse::<u16>().ok().filter(|code| (200..=499).contains(code));
        let is_matched = matcher.split(',').all(|part| match part.split_once('-') {
            Some((first, last)) => {
                matches!((code(first), code(last)), (Some(first), Some(last)) if first <= last)
            }
            None => code(part).is_some(),
        });
        if is_matched { Ok(()) } else { Err(format!("It is {matcher:?}")) }
    })
}

/// The retention times that CloudWatch Logs offers.
const RETENTION_DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

fn retention_validator() -> Validator {
    let days: Vec<String> = RETENTION_DAYS.iter().map(ToString::to_string).collect();
    Validator::new(days.join(", "), |value| match value {
        Value::Number(number) if !number.to_i64().is_some_and(|days| RETENTION_DAYS.contains(&days)) => {
            Err(format!("It is {number}"))
        }
        _ => Ok(()),
    })
}

/// A container's name; `Main` is taken.
fn container_name_validator() -> Validator {
    let allowed =
        "1-255 letters, digits, hyphens and underscores, and not `Main`, the name of the primary container";
    Validator::new(allowed, |value| {
        let Value::String(name) = value else { return Ok(()) };
        let is_character = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        let is_name = (1..=255).contains(&name.len()) && name.chars().all(is_character);
        if is_name && name != "Main" { Ok(()) } else { Err(format!("The name {name:?} is not allowed")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(validator: &Validator, allowed: &[&str], refused: &[&str]) {
        let text = |text: &str| Value::String(text.to_owned());
        for value in allowed {
            assert_eq!(validator.check(&text(value)), Ok(()), "{value}");
        }
        for value in refused {
            assert!(validator.check(&text(value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_host_name_is_one_that_dns_and_a_certificate_take() {
        let long = format!("{}.example.com", "a".repeat(64));
        check(
            &hostname_validator(),
            &["api.example.com", "a-1.b.co"],
            &[
                "api",
                "API.example.com",
                "api.example.com.",
                "-a.example.com",
                "a..b",
                "*.example.com",
                "a b.c",
                &long,
            ],
        );
    }

    #[test]
    fn a_matcher_has_codes_that_a_load_balancer_takes() {
        check(
            &matcher_validator(),
            &["200", "200,302", "200-299", "200-204,301"],
            &["", "2xx", "199", "500", "299-200", "200,", "200 - 299"],
        );
    }

    #[test]
    fn a_percentage_comes_in_tenths() {
        let attribute = percent("canary_percent", "0.1");
        let check = |text: &str| {
            attribute.validators[0].check(&Value::Number(text.parse().expect("a number"))).is_ok()
        };
        assert!(check("0.1") && check("5") && check("33.3") && check("100"));
        assert!(!check("0") && !check("0.05") && !check("100.1") && !check("-1"));
    }

    #[test]
    fn the_primary_containers_name_is_taken() {
        check(&container_name_validator(), &["log_router", "main"], &["Main", "", "a.b"]);
    }
}
