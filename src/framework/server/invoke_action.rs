//! `InvokeAction`.

use tokio::sync::mpsc;

use super::guard::guarded;
use super::{ActionRequest, Server, unknown_action_type};
use crate::framework::action::Progress;
use crate::framework::diagnostics::Diagnostics;

impl Server {
    /// Invokes an action; its progress goes to `progress`, the answer is how it ended.
    pub async fn invoke_action(&self, request: ActionRequest, progress: mpsc::Sender<String>) -> Diagnostics {
        let Some(entry) = self.action(&request.type_name) else {
            return unknown_action_type(&request.type_name);
        };
        let cx = self.context(request.capabilities);
        let progress = Progress::new(progress);
        let invocation = entry.action.invoke(&cx, request.config, &progress);
        guarded(&request.type_name, "invocation", invocation).await.unwrap_or_else(Diagnostics::from)
    }
}
