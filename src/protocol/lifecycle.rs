//! What is going on in the process: operations in flight, open connections, and whether it is to leave.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The state of one served plugin. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    departure: CancellationToken,
    operations: watch::Sender<usize>,
    connections: watch::Sender<usize>,
}

impl Lifecycle {
    /// Takes note of an operation in flight, until the answer is dropped.
    pub(crate) fn begin_operation(&self) -> Counted {
        Counted::one_more(&self.operations)
    }

    /// Takes note of a connection, until the answer is dropped.
    pub(crate) fn open_connection(&self) -> Counted {
        Counted::one_more(&self.connections)
    }

    /// How many connections are open, now and in future.
    pub(crate) fn connections(&self) -> watch::Receiver<usize> {
        self.connections.subscribe()
    }

    /// Ends when no operation is in flight. The caller bounds the wait.
    pub(crate) async fn wait_until_idle(&self) {
        // The sender lives as long as `self`, so the wait cannot fail.
        let _ = self.operations.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Asks the process to leave: streams end and connections close.
    pub(crate) fn depart(&self) {
        self.departure.cancel();
    }

    /// Cancelled when the process is to leave.
    pub(crate) fn departure(&self) -> &CancellationToken {
        &self.departure
    }
}

/// One of a count, as long as it lives.
#[derive(Debug)]
pub(crate) struct Counted(watch::Sender<usize>);

impl Counted {
    fn one_more(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn idle_means_that_every_operation_was_dropped() {
        let lifecycle = Lifecycle::default();
        let operation = lifecycle.begin_operation();
        let mut idle = std::pin::pin!(lifecycle.wait_until_idle());
        let poll_once = std::future::poll_fn(|context| std::task::Poll::Ready(idle.as_mut().poll(context)));
        assert!(poll_once.await.is_pending());
        drop(operation);
        idle.await;
    }
}
