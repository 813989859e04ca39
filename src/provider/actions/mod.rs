//! Actions (`action` blocks, Terraform 1.14 and later), one file for each.

mod express_gateway_service_redeploy;
mod express_gateway_service_rollback;

use std::sync::Arc;
use std::time::Duration;

use crate::engine::Bounds;
use crate::framework::duration::parse_duration;
use crate::framework::erased::{self, ErasedAction};
use crate::framework::schema::validators::{arn, duration};
use crate::framework::schema::{Attribute, Schema};
use crate::framework::{Attr, Context, Diagnostic, Path, Type};
use crate::model;
use crate::provider::handle::{Configured, ProviderHandle};
use crate::provider::resources::express_gateway_service::check_region;
use crate::service::ServiceArn;

/// Every action of the provider.
pub(super) fn all(provider: &ProviderHandle) -> Vec<Arc<dyn ErasedAction>> {
    vec![
        erased::action(express_gateway_service_redeploy::Redeploy::new(provider.clone())),
        erased::action(express_gateway_service_rollback::Rollback::new(provider.clone())),
    ]
}

/// A canary and its bake times take some twelve minutes; three times that is enough.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(40 * 60);

model! {
    /// The `config` block of every action: which service, and for how long it is watched.
    pub(super) struct ActionModel {
        service_arn: Attr<String>,
        timeout: Attr<String>,
    }
}

fn schema(description: &'static str) -> Schema {
    Schema {
        description,
        attributes: vec![
            Attribute::required("service_arn", Type::String)
                .describe("ARN of the service, for example `express_gateway_service.app.service_arn`.")
                .validate(arn("ecs", "service/")),
            Attribute::optional("timeout", Type::String)
                .describe(
                    "How long the deployment is followed, as a duration such as `30m`. Default: `40m`. The deployment \
                     itself goes on when the time is over.",
                )
                .validate(duration()),
        ],
        ..Schema::default()
    }
}

/// What an invocation works with.
struct Invocation {
    configured: Arc<Configured>,
    arn: ServiceArn,
    bounds: Bounds,
}

impl Invocation {
    fn begin(provider: &ProviderHandle, cx: &Context, config: &ActionModel) -> Result<Self, Diagnostic> {
        let configured = provider.configured()?;
        let arn: ServiceArn =
            config.service_arn.known().map(String::as_str).unwrap_or_default().parse().map_err(|error| {
                Diagnostic::error("Not the ARN of a service", format!("{error}."))
                    .at(Path::attribute("service_arn"))
            })?;
        check_region(&configured, &arn)?;
        let timeout = config.timeout.known().and_then(|text| parse_duration(text).ok());
        let clock = configured.clock.clone();
        let deadline = clock.now() + timeout.unwrap_or(DEFAULT_TIMEOUT);
        let bounds = Bounds { clock, cancellation: cx.cancellation.clone(), deadline, judge: None };
        Ok(Self { configured, arn, bounds })
    }
}
