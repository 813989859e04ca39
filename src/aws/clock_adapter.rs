//! Our clock as the SDK's time source and sleep.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

use crate::clock::{self, SharedClock};

/// Gives the SDK the time and the sleep of a [`SharedClock`], so that signatures, retries and timeouts follow it.
#[derive(Debug, Clone)]
pub(crate) struct SdkClock(pub(crate) SharedClock);

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(SyncSleep(Mutex::new(self.0.sleep(duration))))
    }
}

/// The SDK wants a future that is `Sync`; ours is only `Send`. A mutex that is never locked makes it so.
struct SyncSleep(Mutex<clock::Sleep>);

impl Future for SyncSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{Clock, VirtualClock};

    #[tokio::test]
    async fn the_sdk_sleeps_on_our_clock() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let adapter = SdkClock(Arc::new(clock.clone()));
        AsyncSleep::sleep(&adapter, Duration::from_secs(90)).await;
        assert_eq!(TimeSource::now(&adapter), SystemTime::UNIX_EPOCH + Duration::from_secs(90));
        assert_eq!(clock.now(), TimeSource::now(&adapter));
    }
}
