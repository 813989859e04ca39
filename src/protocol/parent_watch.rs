//! Leaving when nobody is there any more.
//!
//! Core asks a provider to shut down, and kills it if it does not. A core that crashes or is killed does
//! neither, and a provider that waits for it would stay for ever. The kernel closes a dead core's connection
//! and gives its children another parent; both together are certain.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;

/// How long to look again when there is no connection.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Looks without a connection after which a provider whose parent has gone leaves.
const LOOKS_WITHOUT_PARENT: u32 = 2;
/// Looks without a connection after which it leaves although the parent is there: one that does not come
/// back within this time has forgotten it. Core itself keeps its connection for its whole life.
const LOOKS_WITHOUT_CONNECTION: u32 = 600;

/// Ends when nobody has been connected for some seconds and the parent has gone, or for ten minutes.
///
/// `is_parent_there` is asked about once a second while there is no connection.
pub(crate) async fn wait_until_abandoned(
    clock: &dyn Clock,
    mut connections: watch::Receiver<usize>,
    is_parent_there: impl Fn() -> bool,
) {
    loop {
        // Every wait ends when the sender goes, which is when the server has ended anyway.
        if connections.wait_for(|count| *count == 0).await.is_err() {
            return;
        }
        let mut looks = 0;
        let mut looks_without_parent = 0;
        while *connections.borrow_and_update() == 0 {
            tokio::select! {
                () = clock.sleep(LOOK_INTERVAL) => {}
                _ = connections.wait_for(|count| *count > 0) => break,
            }
            looks += 1;
            looks_without_parent = if is_parent_there() { 0 } else { looks_without_parent + 1 };
            if looks_without_parent >= LOOKS_WITHOUT_PARENT || looks >= LOOKS_WITHOUT_CONNECTION {
                return;
            }
        }
    }
}

/// Answers whether the process that started this one is still its parent.
#[cfg(unix)]
pub(crate) fn parent_at_start() -> impl Fn() -> bool {
    let parent_id = std::os::unix::process::parent_id();
    move || std::os::unix::process::parent_id() == parent_id
}

/// Elsewhere a parent's end is not visible: the time without a connection alone decides.
#[cfg(not(unix))]
pub(crate) fn parent_at_start() -> impl Fn() -> bool {
    || true
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::clock::VirtualClock;

    async fn seconds_until_abandoned(is_parent_there: impl Fn(Duration) -> bool) -> u64 {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let elapsed = || clock.now().duration_since(SystemTime::UNIX_EPOCH).expect("after the epoch");
        let (_sender, connections) = watch::channel(0);
        wait_until_abandoned(&clock, connections, || is_parent_there(elapsed())).await;
        elapsed().as_secs()
    }

    #[tokio::test]
    async fn without_parent_and_connection_it_takes_two_seconds() {
        assert_eq!(seconds_until_abandoned(|_| false).await, 2);
    }

    #[tokio::test]
    async fn a_parent_that_never_connects_is_waited_for_ten_minutes() {
        assert_eq!(seconds_until_abandoned(|_| true).await, 600);
    }

    #[tokio::test]
    async fn a_parent_that_goes_later_is_noticed() {
        assert_eq!(seconds_until_abandoned(|elapsed| elapsed.as_secs() < 30).await, 31);
    }

    #[tokio::test]
    async fn an_open_connection_holds_the_process_whatever_the_parent_does() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let (sender, connections) = watch::channel(1);
        let mut abandoned = std::pin::pin!(wait_until_abandoned(&clock, connections, || false));
        for _ in 0..1000 {
            let poll =
                std::future::poll_fn(|context| std::task::Poll::Ready(abandoned.as_mut().poll(context)));
            assert!(poll.await.is_pending());
        }
        sender.send_replace(0);
        abandoned.await;
    }
}
