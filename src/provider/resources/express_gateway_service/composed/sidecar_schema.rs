//! The schema of `sidecars`: data only.

use crate::framework::schema::validators::{between, length_between, one_of, size_between};
use crate::framework::schema::{Attribute, Mode, Nesting, Removal, Validator, WhenUnset};
use crate::framework::{Type, Value};
use crate::provider::resources::express_gateway_service::image_reference::image_validator;
use crate::provider::resources::express_gateway_service::schema::{
    credentials_validator, secret_reference_validator, variable_name_validator,
};
use crate::service::{DependencyCondition, FirelensType, TransportProtocol};

/// The attributes of one sidecar.
pub(super) fn members() -> Vec<Attribute> {
    let mut members = what_runs();
    members.extend(what_it_takes());
    members.extend(how_it_goes_with_others());
    members
}

/// `log_configuration` of a container, without a description.
pub(super) fn log_configuration() -> Attribute {
    Attribute::nested(
        "log_configuration",
        Mode::Optional,
        Nesting::Single,
        vec![
            Attribute::required("log_driver", Type::String)
                .describe("For example `awslogs`, `awsfirelens` or `splunk`.")
                .validate(length_between(1, 64)),
            Attribute::optional("options", map_of_strings())
                .describe("Options of the driver. They are readable in the state. Default: none.")
                .may_hold_secrets()
                .when_removed(Removal::Goes),
            Attribute::optional("secret_options", map_of_strings())
                .describe(
                    "Options of the driver whose values ECS reads with the execution role, by reference as in `secrets`. \
                     Default: none.",
                )
                .may_hold_secrets()
                .validate(secret_reference_validator().for_elements())
                .when_removed(Removal::Goes),
        ],
    )
}

/// `depends_on` of a container, without a description.
pub(super) fn depends_on() -> Attribute {
    Attribute::optional("depends_on", map_of_strings())
        .validate(one_of(DependencyCondition::NAMES).for_elements())
        .when_removed(Removal::Goes)
}

/// `entry_point` of a container, without a description.
pub(super) fn entry_point() -> Attribute {
    Attribute::optional("entry_point", list_of_strings()).may_hold_secrets().when_removed(Removal::Default)
}

/// `user` of a container, without a description.
pub(super) fn user() -> Attribute {
    Attribute::optional("user", Type::String).validate(length_between(1, 255)).when_removed(Removal::Default)
}

/// `health_check` of a container, without a description.
pub(super) fn container_health_check() -> Attribute {
    Attribute::nested("health_check", Mode::Optional, Nesting::Single, health_check())
        .when_removed(Removal::Goes)
}

fn map_of_strings() -> Type {
    Type::Map(Box::new(Type::String))
}

fn list_of_strings() -> Type {
    Type::List(Box::new(Type::String))
}

fn what_runs() -> Vec<Attribute> {
    vec![
        Attribute::required("image", Type::String).describe("Image reference.").validate(image_validator()),
        Attribute::optional_computed("essential", Type::Bool)
            .when_unset(WhenUnset::Default(Value::Bool(true)))
            .describe("Whether the task ends with this container. Default: `true`.")
            .when_removed(Removal::Default),
        Attribute::optional("command", list_of_strings())
            .describe("Overrides the image's command. Default: the image's.")
            .may_hold_secrets()
            .when_removed(Removal::Default),
        entry_point().describe("Overrides the image's entry point. Default: the image's."),
        Attribute::optional("environment", map_of_strings())
            .describe("Environment variables. They are readable in the state. Default: none.")
            .may_hold_secrets()
            .validate(variable_name_validator().for_keys())
            .when_removed(Removal::Goes),
        Attribute::optional("secrets", map_of_strings())
            .describe("Environment variables by reference, as in `primary_container.secrets`. Default: none.")
            .may_hold_secrets()
            .validate(variable_name_validator().for_keys())
            .validate(secret_reference_validator().for_elements())
            .when_removed(Removal::Goes),
        user().describe("User that it runs as: a name, a number, or `user:group`. Default: the image's."),
        Attribute::nested(
            "repository_credentials",
            Mode::Optional,
            Nesting::Single,
            vec![
                Attribute::required("credentials_parameter", Type::String)
                    .describe("ARN of the Secrets Manager secret with user name and password.")
                    .may_hold_secrets()
                    .validate(credentials_validator()),
            ],
        )
        .describe("Credentials of a private registry. Default: none.")
        .when_removed(Removal::Goes),
    ]
}

fn what_it_takes() -> Vec<Attribute> {
    let number = |name| Attribute::optional(name, Type::Number).when_removed(Removal::Default);
    vec![
        number("cpu")
            .describe("CPU units that it gets out of the task's. Default: no share of its own.")
            .validate(between(1, 32_768)),
        number("memory_mib")
            .describe("Most memory that it may use, in MiB, out of the task's. Default: the task's.")
            .validate(between(6, 249_856)),
        number("memory_reservation_mib")
            .describe("Memory that is kept free for it, in MiB, out of the task's. Default: none.")
            .validate(between(6, 249_856)),
        number("stop_timeout_seconds")
            .describe("Time to end by itself before it is killed. Default: 30.")
            .validate(between(2, 120)),
    ]
}

fn how_it_goes_with_others() -> Vec<Attribute> {
    vec![
        Attribute::nested("port_mappings", Mode::Optional, Nesting::List, port_mapping())
            .describe("Ports that it listens on; the containers of a task reach each other on `localhost`. Default: none.")
            .when_removed(Removal::Goes),
        Attribute::nested("firelens_configuration", Mode::Optional, Nesting::Single, firelens_configuration())
            .describe("Makes it the log router of the task. Default: none.")
            .when_removed(Removal::Goes),
        log_configuration()
            .describe("Where its own log goes. Default: the service's log group.")
            .when_removed(Removal::Default),
        depends_on().describe(
            "Containers that come first, with what they must have reached: `START`, `COMPLETE`, `SUCCESS` or \
             `HEALTHY`. Default: none.",
        ),
        container_health_check().describe("How ECS tells whether it is healthy. Default: it does not."),
    ]
}

fn port_mapping() -> Vec<Attribute> {
    vec![
        Attribute::required("container_port", Type::Number).describe("Port.").validate(between(1, 65_535)),
        Attribute::optional_computed("protocol", Type::String)
            .when_unset(WhenUnset::Default(Value::String(TransportProtocol::default().as_str().to_owned())))
            .describe("`tcp` or `udp`. Default: `tcp`.")
            .validate(one_of(TransportProtocol::NAMES))
            .when_removed(Removal::Default),
    ]
}

fn firelens_configuration() -> Vec<Attribute> {
    vec![
        Attribute::required("type", Type::String)
            .describe("`fluentbit` or `fluentd`.")
            .validate(one_of(FirelensType::NAMES)),
        Attribute::optional("options", map_of_strings())
            .describe("For example `config-file-type` and `config-file-value`. Default: none.")
            .may_hold_secrets()
            .when_removed(Removal::Goes),
    ]
}

fn health_check() -> Vec<Attribute> {
    let number = |name| Attribute::optional(name, Type::Number).when_removed(Removal::Default);
    vec![
        Attribute::required("command", list_of_strings())
            .describe("`[\"CMD-SHELL\", \"curl -f localhost/health\"]`, or `CMD` and a list of arguments.")
            .may_hold_secrets()
            .validate(size_between(2, 100))
            .validate(health_command_validator()),
        number("interval_seconds")
            .describe("Time between two checks. Default: 30.")
            .validate(between(5, 300)),
        number("timeout_seconds")
            .describe("Time in which the command must end. Default: 5.")
            .validate(between(2, 60)),
        number("retries")
            .describe("Failures in a row that make it unhealthy. Default: 3.")
            .validate(between(1, 10)),
        number("start_period_seconds")
            .describe("Time after the start in which failures do not count. Default: none.")
            .validate(between(0, 300)),
    ]
}

fn health_command_validator() -> Validator {
    Validator::new("a list that begins with \"CMD\" or \"CMD-SHELL\"", |value| {
        let Value::List(words) = value else { return Ok(()) };
        match words.first() {
            Some(Value::String(first)) if first != "CMD" && first != "CMD-SHELL" => {
                Err(format!("It begins with {first:?}"))
            }
            _ => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_a_health_check_says_how_it_is_run() {
        let check = |words: &[&str]| {
            let words = words.iter().map(|word| Value::String((*word).to_owned())).collect();
            health_command_validator().check(&Value::List(words))
        };
        assert_eq!(check(&["CMD-SHELL", "exit 0"]), Ok(()));
        assert_eq!(check(&["curl", "localhost"]), Err("It begins with \"curl\"".to_owned()));
    }
}
