//! `provider::express::parse_service_arn`.

use super::{object_of_texts, refused, text, text_argument, text_parameter};
use crate::framework::Value;
use crate::framework::function::{Function, FunctionError, Signature};
use crate::service::ServiceArn;

/// Takes the ARN of an ECS service apart.
pub(super) struct ParseServiceArn;

impl Function for ParseServiceArn {
    fn name(&self) -> &'static str {
        "parse_service_arn"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Takes the ARN of an ECS service apart",
            description: "Gives `partition`, `region`, `account_id`, `cluster` and `service_name` of a service ARN, \
                          for example to name alarms and dashboards after the service. It needs neither \
                          credentials nor a region. OpenTofu calls it in plans and applies, but not in `tofu \
                          console` and not in the provider's own block.",
            parameters: vec![text_parameter(
                "arn",
                "ARN of an ECS service: `arn:aws:ecs:region:account:service/cluster/name`.",
            )],
            variadic: None,
            result: object_of_texts(&["partition", "region", "account_id", "cluster", "service_name"]),
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let arn: ServiceArn =
            text_argument(arguments, 0)?.parse().map_err(|error| refused(0, format!("{error}.")))?;
        Ok(Value::object([
            ("partition", text(arn.arn().partition())),
            ("region", text(arn.arn().region())),
            ("account_id", text(arn.arn().account_id())),
            ("cluster", text(arn.cluster())),
            ("service_name", text(arn.name())),
        ]))
    }
}
