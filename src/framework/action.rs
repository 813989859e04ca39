//! Actions (protocol 6.10): the typed trait behind `action` blocks and `terraform apply -invoke`.

use std::future::Future;

use tokio::sync::mpsc;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Model};

/// Something to do that is no state.
pub trait Action: Send + Sync + 'static {
    /// One field for each attribute of the schema.
    type Model: Model + Clone + Send + Sync + 'static;

    /// The Terraform type, for example `express_gateway_service_redeploy`.
    fn type_name(&self) -> &'static str;

    /// The `config` block's attributes, validators and documentation.
    fn schema(&self) -> Schema;

    /// Checks that a schema's validators cannot express. Must say nothing about unknown values.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// What a user is told when the action is planned. Changes nothing; values may be unknown.
    fn plan(&self, cx: &Context, config: &Self::Model) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, config);
        async { Diagnostics::none() }
    }

    /// Does it. An error means that it did not come about.
    ///
    /// Returns soon after `cx.cancellation` is cancelled, with an error that says how far it came.
    fn invoke(
        &self,
        cx: &Context,
        config: Self::Model,
        progress: &Progress,
    ) -> impl Future<Output = Diagnostics> + Send;
}

/// Where an action says how far it is.
#[derive(Debug, Clone)]
pub struct Progress {
    sender: mpsc::Sender<String>,
}

impl Progress {
    /// A place to send to.
    pub(crate) fn new(sender: mpsc::Sender<String>) -> Self {
        Self { sender }
    }

    /// Where lines go, for who sends them on its own.
    pub fn lines(&self) -> &mpsc::Sender<String> {
        &self.sender
    }

    /// Says one line. It is lost when nobody reads on: an action is not undone because its reader left.
    pub async fn say(&self, line: impl Into<String> + Send) {
        let _ = self.sender.send(line.into()).await;
    }
}
