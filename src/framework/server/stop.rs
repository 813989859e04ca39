//! `StopProvider`: cancels what is in flight.

use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

use super::Server;

impl Server {
    /// Cancels every operation in flight and returns at once. Later operations start uncancelled, since core
    /// may send more of them until it shuts the process down (protocol section 1.7, "Stop").
    pub fn stop(&self) {
        let mut parent = self.cancellation.lock().unwrap_or_else(PoisonError::into_inner);
        parent.cancel();
        *parent = CancellationToken::new();
    }
}
