//! `StopProvider`: cancels what is in flight.

use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

use super::Server;

/// What ends the operations that are in flight.
#[derive(Debug, Default)]
pub(super) struct Stop {
    /// Parent of the cancellation of every operation.
    pub(super) cancellation: CancellationToken,
    /// Cancelled before that if core asked for it.
    pub(super) asked_by_core: CancellationToken,
}

impl Server {
    /// Cancels every operation in flight because core asks for it, and returns at once. Later operations start
    /// uncancelled, since core may send more of them until it shuts the process down (protocol section 1.7, "Stop").
    pub fn stop(&self) {
        let stop = std::mem::take(&mut *self.stop.lock().unwrap_or_else(PoisonError::into_inner));
        stop.asked_by_core.cancel();
        stop.cancellation.cancel();
    }

    /// Cancels every operation in flight although core did not ask for it: it has gone, or the process has to.
    pub fn abandon(&self) {
        let stop = std::mem::take(&mut *self.stop.lock().unwrap_or_else(PoisonError::into_inner));
        stop.cancellation.cancel();
    }
}
