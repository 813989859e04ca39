//! Time, sleep and randomness as arguments.
//!
//! Everything in this crate that waits takes a [`Clock`]: tests hand in a [`VirtualClock`] and assert the
//! exact seconds at which something was polled. Only this file calls the operating system's clock
//! (`.clippy.toml` bans the calls elsewhere).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// A future that ends when the time asked for has passed.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// A source of time, sleep and randomness.
///
/// # Guarantees
/// `now` never goes backwards for one clock; `sleep(d)` ends no earlier than `d` after the call.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The wall-clock time.
    fn now(&self) -> SystemTime;
    /// Waits for `duration`. Dropping the future cancels the wait.
    fn sleep(&self, duration: Duration) -> Sleep;
    /// A number in `[0, 1)` for spreading retries.
    fn jitter(&self) -> f64;
    /// How long a span of AWS's own time takes here: the same, unless a simulation whose time runs faster stands in
    /// AWS's place. For pauses that let something pass by itself, such as what resolvers remember.
    fn here(&self, of_aws: Duration) -> Duration {
        of_aws
    }
}

/// A clock that several owners hold.
pub type SharedClock = Arc<dyn Clock>;

/// The operating system's clock on the tokio runtime.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the operating system's clock")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps in real time")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn jitter(&self) -> f64 {
        fastrand::f64()
    }
}

/// A clock that jumps to the next deadline as soon as every task that it knows of is asleep.
///
/// A sleeper lets the other tasks run for a bounded number of turns; if it then holds the earliest deadline,
/// it moves the clock there. Waits of hours take microseconds and always the same virtual time.
/// `jitter` is constant, so that poll times are exact.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    state: Arc<Mutex<VirtualState>>,
}

#[derive(Debug)]
struct VirtualState {
    now: SystemTime,
    next_id: u64,
    deadlines: BinaryHeap<Reverse<(SystemTime, u64)>>,
}

/// Turns that a virtual sleeper gives to other tasks before it moves the clock.
const TURNS_BEFORE_ADVANCE: u32 = 200;

impl VirtualClock {
    /// A clock that stands at `start`.
    pub fn starting_at(start: SystemTime) -> Self {
        let state = VirtualState { now: start, next_id: 0, deadlines: BinaryHeap::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Moves the clock forward by hand.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.lock();
        state.now += duration;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VirtualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.lock().now
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.lock();
        let deadline = state.now + duration;
        let id = state.next_id;
        state.next_id += 1;
        state.deadlines.push(Reverse((deadline, id)));
        drop(state);
        Box::pin(VirtualSleep { clock: self.clone(), deadline, id, turns: 0 })
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

struct VirtualSleep {
    clock: VirtualClock,
    deadline: SystemTime,
    id: u64,
    turns: u32,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut state = clock.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let is_earliest = state.deadlines.peek() == Some(&Reverse((self.deadline, self.id)));
        if is_earliest && self.turns >= TURNS_BEFORE_ADVANCE {
            state.now = self.deadline;
            return Poll::Ready(());
        }
        self.turns += 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        let mut state = self.clock.lock();
        let id = self.id;
        state.deadlines.retain(|Reverse((_, other))| *other != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn virtual_sleep_passes_exactly_the_time_asked_for() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(3600));
    }

    #[tokio::test]
    async fn concurrent_sleepers_wake_in_order_of_their_deadlines() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let woken = Arc::new(Mutex::new(Vec::new()));
        let sleeper = |seconds: u64| {
            let (clock, woken) = (clock.clone(), Arc::clone(&woken));
            async move {
                clock.sleep(Duration::from_secs(seconds)).await;
                let elapsed = clock.now().duration_since(SystemTime::UNIX_EPOCH).expect("after the epoch");
                woken.lock().expect("not poisoned").push((seconds, elapsed.as_secs()));
            }
        };
        tokio::join!(sleeper(30), sleeper(10), sleeper(20));
        assert_eq!(*woken.lock().expect("not poisoned"), [(10, 10), (20, 20), (30, 30)]);
    }

    #[tokio::test]
    async fn a_dropped_sleep_does_not_hold_the_clock() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        drop(clock.sleep(Duration::from_secs(1)));
        clock.sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(5));
    }
}
