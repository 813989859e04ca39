//! A clock whose hours pass in seconds.

use std::time::{Duration, SystemTime};

use crate::clock::{Clock, SharedClock, Sleep};

/// Largest speed: a simulated day passes in less than a second.
pub(crate) const MAX_SPEED: f64 = 100_000.0;

/// Simulated time that runs `speed` times as fast as an underlying clock.
///
/// Simulated time begins at the underlying clock's time of creation, so that both agree at the start.
#[derive(Debug)]
pub struct ScaledClock {
    base: SharedClock,
    started_at: SystemTime,
    speed: f64,
}

impl ScaledClock {
    /// A clock over `base`. `speed` is held within 0.001 and 100000; anything that is no number is 1.
    pub fn new(base: SharedClock, speed: f64) -> Self {
        let started_at = base.now();
        let speed = if speed.is_finite() { speed.clamp(0.001, MAX_SPEED) } else { 1.0 };
        Self { base, started_at, speed }
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> SystemTime {
        let elapsed = self.base.now().duration_since(self.started_at).unwrap_or_default();
        self.started_at + elapsed.mul_f64(self.speed)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.base.sleep(duration.div_f64(self.speed))
    }

    fn jitter(&self) -> f64 {
        self.base.jitter()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::VirtualClock;

    #[tokio::test]
    async fn a_simulated_minute_passes_in_one_real_second_at_speed_sixty() {
        let base = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let clock = ScaledClock::new(Arc::new(base.clone()), 60.0);
        clock.sleep(Duration::from_secs(60)).await;
        assert_eq!(base.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
    }

    #[test]
    fn a_speed_that_is_no_number_is_real_time() {
        let base = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let clock = ScaledClock::new(Arc::new(base.clone()), f64::NAN);
        base.advance(Duration::from_secs(7));
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(7));
    }
}
