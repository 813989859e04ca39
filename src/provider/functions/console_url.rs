//! `provider::express::console_url`.

use super::{refused, text, text_argument, text_parameter};
use crate::framework::function::{Function, FunctionError, Signature};
use crate::framework::{Type, Value};
use crate::service::{Arn, console_url, kind_of_arn};

/// The page of a resource in the AWS console.
pub(super) struct ConsoleUrl;

const KINDS: &str = "ECS clusters, services and task definitions; load balancers, listeners, listener rules and \
                     target groups; security groups; certificates; CloudWatch alarms; log groups";

impl Function for ConsoleUrl {
    fn name(&self) -> &'static str {
        "console_url"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Links to a resource in the AWS console",
            description: "Gives the page of a resource in the AWS console, for outputs and runbooks. It knows ECS \
                          clusters, services and task definitions; load balancers, listeners, listener rules and \
                          target groups; security groups; certificates; CloudWatch alarms; and log groups. AWS does \
                          not promise these links. It needs neither \
                          credentials nor a region. OpenTofu calls it in plans and applies, but not in `tofu \
                          console` and not in the provider's own block.",
            parameters: vec![text_parameter("arn", "ARN of the resource.")],
            variadic: None,
            result: Type::String,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let arn: Arn =
            text_argument(arguments, 0)?.parse().map_err(|error| refused(0, format!("{error}.")))?;
        let Some(kind) = kind_of_arn(&arn) else {
            return Err(refused(0, format!("The console page of `{arn}` is not known. Known: {KINDS}.")));
        };
        console_url(kind, arn.as_str()).map(text).ok_or_else(|| {
            refused(0, format!("`{arn}` has no console page: its partition or its form is not known."))
        })
    }
}
