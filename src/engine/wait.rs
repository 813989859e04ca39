//! The one poll loop.
//!
//! A wait is a named, pure condition over something observed, plus this loop. Conditions live with what they
//! judge; this file knows time, cancellation and the deadline.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::engine::judge::Judge;

/// What a condition says of one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition<T> {
    /// Not yet; the text says what is still missing, for progress lines and timeouts.
    Pending(String),
    /// Fulfilled.
    Ready(T),
}

/// Why a wait ended without its condition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum WaitError<E> {
    /// The deadline passed; `pending` is what was still missing.
    #[error("timed out while {pending}")]
    TimedOut {
        /// What was still missing.
        pending: String,
    },
    /// The user stopped Terraform; `pending` is what was still missing.
    #[error("interrupted while {pending}")]
    Interrupted {
        /// What was still missing.
        pending: String,
    },
    /// An observation failed, or showed that waiting is in vain.
    #[error(transparent)]
    Failed(#[from] E),
}

/// What bounds a wait.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// Time and sleep.
    pub(crate) clock: SharedClock,
    /// Ends the wait early.
    pub(crate) cancellation: CancellationToken,
    /// Ends the wait.
    pub(crate) deadline: SystemTime,
    /// Ends the wait for a deployment that cannot succeed; `None`: it is waited for to its end.
    pub(crate) judge: Option<Arc<dyn Judge>>,
}

impl Bounds {
    /// The same bounds with a deadline at most `limit` from now.
    pub(crate) fn at_most(&self, limit: Duration) -> Self {
        let deadline = self.deadline.min(self.clock.now() + limit);
        Self { deadline, ..self.clone() }
    }

    /// Time until the deadline.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.duration_since(self.clock.now()).unwrap_or_default()
    }

    /// Lets a span of AWS's own time pass, for what ends by itself and cannot be looked at. As [`Self::sleep`].
    pub(crate) async fn pause(&self, of_aws: Duration) -> bool {
        self.sleep(self.clock.here(of_aws)).await
    }

    /// Sleeps, until the deadline or a cancellation if that comes first. Says whether the whole time passed.
    pub(crate) async fn sleep(&self, duration: Duration) -> bool {
        let remaining = self.remaining();
        tokio::select! {
            () = self.cancellation.cancelled() => false,
            () = self.clock.sleep(duration.min(remaining)) => duration <= remaining,
        }
    }

    /// As [`Self::sleep`], between two looks: says whether there is to be another one. The last look is at the deadline.
    pub(crate) async fn sleep_until_next_look(&self, duration: Duration) -> bool {
        if self.remaining().is_zero() {
            return false;
        }
        self.sleep(duration).await || !self.cancellation.is_cancelled()
    }
}

/// Seconds between polls: quick at first, since many changes are quick, then every ten.
const POLL_DELAYS_SECONDS: [u64; 6] = [1, 1, 2, 3, 5, 8];
const LAST_POLL_DELAY_SECONDS: u64 = 10;

/// Observes until the condition is ready, the deadline passes or the user interrupts.
///
/// The first observation is immediate and happens even when the deadline has passed, so that what is already
/// true is never reported as a timeout; the last one is at the deadline, never before it. Each change of what is pending
/// is logged at INFO.
pub(crate) async fn wait_until<T, E, F, O>(bounds: &Bounds, mut observe: O) -> Result<T, WaitError<E>>
where
    O: FnMut() -> F,
    F: Future<Output = Result<Condition<T>, E>>,
{
    let mut delays = POLL_DELAYS_SECONDS.into_iter();
    let mut last_pending = String::new();
    loop {
        match observe().await? {
            Condition::Ready(value) => return Ok(value),
            Condition::Pending(pending) => {
                if pending != last_pending {
                    tracing::info!(pending = %pending, "waiting");
                    last_pending = pending;
                }
            }
        }
        let delay = Duration::from_secs(delays.next().unwrap_or(LAST_POLL_DELAY_SECONDS));
        if !bounds.sleep_until_next_look(delay).await {
            return Err(ended(bounds, last_pending));
        }
    }
}

fn ended<E>(bounds: &Bounds, pending: String) -> WaitError<E> {
    if bounds.cancellation.is_cancelled() {
        WaitError::Interrupted { pending }
    } else {
        WaitError::TimedOut { pending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, VirtualClock};

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn bounds(clock: &VirtualClock, seconds: u64) -> Bounds {
        Bounds {
            clock: Arc::new(clock.clone()),
            cancellation: CancellationToken::new(),
            deadline: START + Duration::from_secs(seconds),
            judge: None,
        }
    }

    #[tokio::test]
    async fn polls_come_quickly_at_first_and_then_every_ten_seconds() {
        let clock = VirtualClock::starting_at(START);
        let mut polled_at = Vec::new();
        let result: Result<(), WaitError<std::fmt::Error>> = wait_until(&bounds(&clock, 600), || {
            polled_at.push(clock.now().duration_since(START).expect("after start").as_secs());
            let condition =
                if polled_at.len() == 9 { Condition::Ready(()) } else { Condition::Pending("x".to_owned()) };
            async move { Ok(condition) }
        })
        .await;
        assert_eq!(result, Ok(()));
        assert_eq!(polled_at, [0, 1, 2, 4, 7, 12, 20, 30, 40]);
    }

    #[tokio::test]
    async fn a_timeout_says_what_was_still_missing_at_the_deadline_and_never_before_or_after_it() {
        let clock = VirtualClock::starting_at(START);
        let looks = std::cell::Cell::new(0);
        let result: Result<(), WaitError<std::fmt::Error>> = wait_until(&bounds(&clock, 25), || {
            looks.set(looks.get() + 1);
            async { Ok(Condition::Pending("baking".to_owned())) }
        })
        .await;
        assert_eq!(result, Err(WaitError::TimedOut { pending: "baking".to_owned() }));
        assert_eq!((clock.now(), looks.get()), (START + Duration::from_secs(25), 8));
    }

    #[tokio::test]
    async fn what_becomes_true_between_the_last_poll_and_the_deadline_is_no_timeout() {
        let clock = VirtualClock::starting_at(START);
        let result: Result<(), WaitError<std::fmt::Error>> = wait_until(&bounds(&clock, 25), || {
            let is_ready = clock.now() >= START + Duration::from_secs(23);
            async move {
                Ok(if is_ready { Condition::Ready(()) } else { Condition::Pending("baking".to_owned()) })
            }
        })
        .await;
        assert_eq!(result, Ok(()));
    }

    #[tokio::test]
    async fn a_sleep_that_is_longer_than_the_time_left_ends_at_the_deadline() {
        let clock = VirtualClock::starting_at(START);
        let bounds = bounds(&clock, 25);
        assert!(bounds.sleep(Duration::from_secs(5)).await);
        assert!(!bounds.sleep(Duration::from_secs(60)).await);
        assert_eq!(clock.now(), START + Duration::from_secs(25));
    }

    #[tokio::test]
    async fn what_is_already_true_is_no_timeout() {
        let clock = VirtualClock::starting_at(START + Duration::from_secs(99));
        let result: Result<u8, WaitError<std::fmt::Error>> =
            wait_until(&bounds(&clock, 1), || async { Ok(Condition::Ready(7)) }).await;
        assert_eq!(result, Ok(7));
    }

    #[tokio::test]
    async fn an_interruption_ends_the_wait_at_once() {
        let clock = VirtualClock::starting_at(START);
        let bounds = bounds(&clock, 600);
        bounds.cancellation.cancel();
        let result: Result<(), WaitError<std::fmt::Error>> =
            wait_until(&bounds, || async { Ok(Condition::Pending("baking".to_owned())) }).await;
        assert_eq!(result, Err(WaitError::Interrupted { pending: "baking".to_owned() }));
        assert_eq!(clock.now(), START);
    }

    #[tokio::test]
    async fn a_failed_observation_ends_the_wait() {
        let clock = VirtualClock::starting_at(START);
        let result: Result<(), _> = wait_until(&bounds(&clock, 600), || async { Err(std::fmt::Error) }).await;
        assert_eq!(result, Err(WaitError::Failed(std::fmt::Error)));
    }
}
