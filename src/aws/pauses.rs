//! The pauses between the attempts of one call.
//!
//! The SDK draws each pause between zero and its whole length, so that nine repetitions may be over after a few
//! seconds. Ours keep at least three quarters: nine of them outlast a minute of throttling or of server errors.

use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_types::retry::ErrorKind;

use crate::aws::error::chain;
use crate::clock::SharedClock;

/// Longest pause.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Pause after the first failure of a connection, which the next one often does not share.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Header by which an answer carries the number of its attempt from the HTTP client to [`Pauses`].
pub(crate) const ATTEMPT_HEADER: &str = "x-terraform-provider-express-attempt";

/// The pause after `failures` failed attempts: 1, 2, 4, 8, 16, 20, 20, ... seconds after throttling; a fifth of a second
/// and then the same after anything else. `jitter` in `[0, 1)` takes up to a quarter of it away.
pub(crate) fn pause(failures: u32, is_throttled: bool, jitter: f64) -> Duration {
    let doublings = if is_throttled { failures } else { failures.saturating_sub(1) };
    let whole = match doublings.checked_sub(1) {
        None => FIRST_PAUSE,
        Some(doublings) => Duration::from_secs(1 << doublings.min(10)).min(LONGEST_PAUSE),
    };
    whole.mul_f64(1.0 - 0.25 * jitter)
}

/// Tells the SDK how long to wait before it repeats what it has decided to repeat.
#[derive(Debug, Clone)]
pub(crate) struct Pauses(pub(crate) SharedClock);

impl ClassifyRetry for Pauses {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        let RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after: None }) = previous
        else {
            return RetryAction::NoActionIndicated;
        };
        let Some(attempt) = attempt_of(context) else { return RetryAction::NoActionIndicated };
        let delay = pause(attempt, *kind == ErrorKind::ThrottlingError, self.0.jitter());
        RetryAction::retryable_error_with_explicit_delay(*kind, delay)
    }

    fn name(&self) -> &'static str {
        "pauses of terraform-provider-express"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn attempt_of(context: &InterceptorContext) -> Option<u32> {
    let in_header = || context.response()?.headers().get(ATTEMPT_HEADER)?.parse().ok();
    let in_error = || {
        let error = context.output_or_error()?.err()?.as_connector_error()?;
        chain(error).find_map(|cause| cause.downcast_ref::<Attempted>()).map(|attempted| attempted.attempt)
    };
    in_error().or_else(in_header)
}

/// A failure of a connection, with the number of its attempt. It says nothing itself.
#[derive(Debug)]
pub(crate) struct Attempted {
    attempt: u32,
    source: ConnectorError,
}

impl Attempted {
    /// `error`, which can be asked for its attempt.
    pub(crate) fn mark(error: ConnectorError, attempt: u32) -> ConnectorError {
        let connection = error.connection_metadata().cloned();
        let new: fn(Box<Self>) -> ConnectorError = match () {
            () if error.is_timeout() => |source| ConnectorError::timeout(source),
            () if error.is_user() => |source| ConnectorError::user(source),
            () if error.is_io() => |source| ConnectorError::io(source),
            () => |source| {
                let kind = source.source.as_other();
                ConnectorError::other(source, kind)
            },
        };
        let marked = new(Box::new(Self { attempt, source: error }));
        match connection {
            Some(connection) => marked.with_connection(connection),
            None => marked,
        }
    }
}

impl fmt::Display for Attempted {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Attempted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_pauses_outlast_a_minute_whatever_the_jitter() {
        for is_throttled in [false, true] {
            let total: Duration = (1..=9).map(|failures| pause(failures, is_throttled, 0.999)).sum();
            assert!(total > Duration::from_secs(65), "{total:?}");
        }
    }

    #[test]
    fn pauses_grow_to_twenty_seconds() {
        let seconds = |is_throttled| {
            let pauses = (1..=7).map(|failures| pause(failures, is_throttled, 0.0).as_millis());
            pauses.collect::<Vec<_>>()
        };
        assert_eq!(seconds(true), [1000, 2000, 4000, 8000, 16000, 20000, 20000]);
        assert_eq!(seconds(false), [200, 1000, 2000, 4000, 8000, 16000, 20000]);
    }

    #[test]
    fn a_marked_failure_is_of_the_same_kind() {
        let io = Attempted::mark(ConnectorError::io("lost".into()), 2);
        assert!(io.is_io() && !io.is_timeout());
        let other = ConnectorError::other("x".into(), Some(ErrorKind::TransientError));
        assert_eq!(Attempted::mark(other, 1).as_other(), Some(ErrorKind::TransientError));
    }
}
