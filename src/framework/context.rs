//! What every operation is given besides its own input.

use tokio_util::sync::CancellationToken;

/// The surroundings of one RPC.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Cancelled by `StopProvider` (protocol section 1.7): return what exists so far, with an error.
    pub cancellation: CancellationToken,
    /// Cancelled before `cancellation` if core asked for the stop. Core then says so itself and ends with an error,
    /// whatever the operation answers.
    pub asked_to_stop: CancellationToken,
    /// Whether core accepts a deferred answer.
    pub deferral_allowed: bool,
    /// Whether core sends and expects write-only attributes.
    pub write_only_attributes_allowed: bool,
}
