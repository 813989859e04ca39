//! `action "express_gateway_service_redeploy"`: the same service again, with new tasks.

use super::{ActionModel, Invocation, schema};
use crate::diagnosis::{self, Operation};
use crate::engine::deployments::redeploy;
use crate::framework::action::{Action, Progress};
use crate::framework::schema::Schema;
use crate::framework::{Context, Diagnostics};
use crate::provider::handle::ProviderHandle;

const DESCRIPTION: &str = "Deploys a service once more without changing it: new tasks pull an image whose tag has moved, \
and are tagged anew. The deployment is followed to its end; if it fails, ECS rolls it back and the action fails with \
the reason. Refused while another deployment is under way. An Express service is sent its container again, because \
what a forced deployment of one pulls is not certain; it needs `ecs:DescribeExpressGatewayService` and \
`ecs:UpdateExpressGatewayService`, a service of the composed engine `ecs:UpdateService`, both \
`ecs:ListServiceDeployments` and `ecs:DescribeServiceDeployments`. Terraform 1.14 and later.";

/// The action.
pub(super) struct Redeploy {
    provider: ProviderHandle,
}

impl Redeploy {
    /// An action of this provider.
    pub(super) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }
}

impl Action for Redeploy {
    type Model = ActionModel;

    fn type_name(&self) -> &'static str {
        "express_gateway_service_redeploy"
    }

    fn schema(&self) -> Schema {
        schema(DESCRIPTION)
    }

    async fn invoke(&self, cx: &Context, config: ActionModel, progress: &Progress) -> Diagnostics {
        let Invocation { configured, arn, bounds } = match Invocation::begin(&self.provider, cx, &config) {
            Ok(invocation) => invocation,
            Err(diagnostic) => return diagnostic.into(),
        };
        let began_at = bounds.clock.now();
        progress.say(format!("redeploying {}", arn.name())).await;
        let Err(error) = redeploy(&configured.ecs, &bounds, &arn, progress.lines()).await else {
            return Diagnostics::none();
        };
        let evidence = configured.evidence.collect(&bounds.clock, Some(&arn), &error, Some(began_at)).await;
        diagnosis::explain(Operation::Redeploy, Some(&arn), &error, &evidence).into()
    }
}
