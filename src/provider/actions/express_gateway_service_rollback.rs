//! `action "express_gateway_service_rollback"`: back to the revision from before, while a deployment is under way.

use super::{ActionModel, Invocation, schema};
use crate::diagnosis::{self, Operation};
use crate::engine::deployments::{RollBackEnd, roll_back};
use crate::framework::action::{Action, Progress};
use crate::framework::schema::Schema;
use crate::framework::{Context, Diagnostic, Diagnostics};
use crate::provider::handle::ProviderHandle;

const DESCRIPTION: &str = "Rolls a deployment back that is under way, as the circuit breaker or an alarm would, and follows \
it until the revision from before serves again. Fails if no deployment is under way: one that has ended is undone by \
applying the earlier configuration. After a rollback, the next plan shows the change that was rolled back. Needs \
`ecs:ListServiceDeployments`, `ecs:DescribeServiceDeployments` and `ecs:StopServiceDeployment`. Terraform 1.14 and later.";

/// The action.
pub(super) struct Rollback {
    provider: ProviderHandle,
}

impl Rollback {
    /// An action of this provider.
    pub(super) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }
}

impl Action for Rollback {
    type Model = ActionModel;

    fn type_name(&self) -> &'static str {
        "express_gateway_service_rollback"
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
        let summary = Operation::RollBack.summary(Some(&arn));
        match roll_back(&configured.ecs, &bounds, &arn, progress.lines()).await {
            Ok(RollBackEnd::RolledBack) => Diagnostics::none(),
            Ok(RollBackEnd::NothingRuns) => Diagnostic::error(summary, "No deployment of it is under way.")
                .hint("to undo a deployment that has ended, apply the configuration from before it")
                .into(),
            Ok(RollBackEnd::Otherwise(status)) => {
                Diagnostic::error(summary, format!("Its deployment ended {status} instead of going back."))
                    .into()
            }
            Err(error) => {
                let evidence =
                    configured.evidence.collect(&bounds.clock, Some(&arn), &error, Some(began_at)).await;
                diagnosis::explain(Operation::RollBack, Some(&arn), &error, &evidence).into()
            }
        }
    }
}
