//! The credentials that every client shares: fetched once, kept until shortly before they expire.

use std::fmt;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::Mutex;

use crate::clock::SharedClock;

/// How long before their end credentials are fetched anew: longer than a request with its retries of one attempt,
/// shorter than the shortest session (15 minutes).
const REFRESH_BEFORE_EXPIRY: Duration = Duration::from_secs(120);

/// Keeps the credentials of a slower source.
///
/// # Guarantees
/// The source is asked by one caller at a time, and only when there are no credentials or they are about to expire.
/// Errors are not kept.
pub(crate) struct KeptCredentials {
    source: SharedCredentialsProvider,
    clock: SharedClock,
    kept: Mutex<Option<Credentials>>,
}

impl KeptCredentials {
    /// Keeps what `source` gives.
    pub(crate) fn of(
        source: impl ProvideCredentials + 'static,
        clock: SharedClock,
    ) -> SharedCredentialsProvider {
        let source = SharedCredentialsProvider::new(source);
        SharedCredentialsProvider::new(Self { source, clock, kept: Mutex::new(None) })
    }

    async fn fetch(&self) -> provider::Result {
        let mut kept = self.kept.lock().await;
        let fresh_until = self.clock.now() + REFRESH_BEFORE_EXPIRY;
        if let Some(credentials) = &*kept
            && credentials.expiry().is_none_or(|expiry| expiry > fresh_until)
        {
            return Ok(credentials.clone());
        }
        let credentials = self.source.provide_credentials().await?;
        *kept = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for KeptCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.fetch())
    }
}

impl fmt::Debug for KeptCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeptCredentials").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::SystemTime;

    use aws_credential_types::credential_fn::provide_credentials_fn;

    use super::*;
    use crate::clock::VirtualClock;

    #[tokio::test]
    async fn credentials_are_fetched_once_and_again_shortly_before_they_expire() {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let fetches = Arc::new(AtomicU32::new(0));
        let (counter, now) = (Arc::clone(&fetches), clock.clone());
        let source = provide_credentials_fn(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            let expiry = crate::clock::Clock::now(&now) + Duration::from_secs(900);
            std::future::ready(Ok(Credentials::new("a", "b", None, Some(expiry), "test")))
        });
        let kept = KeptCredentials::of(source, Arc::new(clock.clone()));
        for (advance_seconds, fetched) in [(0, 1), (700, 1), (81, 2), (10, 2)] {
            clock.advance(Duration::from_secs(advance_seconds));
            kept.provide_credentials().await.expect("credentials");
            assert_eq!(fetches.load(Ordering::SeqCst), fetched, "after {advance_seconds} more seconds");
        }
    }
}
