//! What signals mean to a provider (protocol section 1.5).

use crate::clock::SharedClock;
use crate::protocol::lifecycle::Lifecycle;

/// Whose process this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Core's: Ctrl-C reaches the whole process group, and core then says what is to be stopped.
    Core,
    /// A developer's: Ctrl-C ends it.
    Developer,
}

/// Time between a SIGTERM and the departure from core: one to the whole process group reaches core as well, and core then
/// asks to stop, which is what an operation's answer depends on.
#[cfg(unix)]
const CORE_ASKS: std::time::Duration = std::time::Duration::from_millis(400);

/// Listens to signals from now on: SIGINT ends a developer's process and is ignored in core's; SIGTERM ends
/// both in order (operations are cancelled, the socket is removed).
#[cfg(unix)]
pub(crate) fn listen(owner: Owner, lifecycle: &Lifecycle, clock: SharedClock) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let lifecycle = lifecycle.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupts.recv() => if owner == Owner::Core {
                    tracing::debug!("SIGINT ignored: core says what to stop");
                    continue;
                },
                _ = terminations.recv() => if owner == Owner::Core {
                    clock.sleep(CORE_ASKS).await;
                },
                () = lifecycle.departure().cancelled() => return,
            }
            return lifecycle.depart();
        }
    });
    Ok(())
}

/// Listens to Ctrl-C from now on: it ends a developer's process and is ignored in core's.
#[cfg(not(unix))]
pub(crate) fn listen(owner: Owner, lifecycle: &Lifecycle, _clock: SharedClock) -> std::io::Result<()> {
    let lifecycle = lifecycle.clone();
    tokio::spawn(async move {
        // Each wait ends with a Ctrl-C, and the process lives no longer than core.
        while tokio::signal::ctrl_c().await.is_ok() {
            if owner == Owner::Developer {
                return lifecycle.depart();
            }
        }
    });
    Ok(())
}
