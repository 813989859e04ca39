//! Repeats a call whose refusal passes by itself (`aws::retry` says which).

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, SystemTime};

use crate::aws::AwsError;
use crate::aws::iam::Iam;
use crate::aws::retry::{ROLE_PROPAGATION, RetryRule, find_retry_rule, retry_delay};
use crate::engine::role_age::find_role_age;
use crate::engine::{Bounds, EngineError};

/// Makes the call until it succeeds, is refused for good, or the refusal has outlasted its rule's window.
///
/// The bound is the window of the rule and the deadline of the operation, whichever ends first.
pub(crate) async fn retrying<T, F>(bounds: &Bounds, call: impl FnMut() -> F) -> Result<T, EngineError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    repeat(bounds, None, call).await
}

/// As [`retrying`], for a call that makes AWS assume a role: how long a refusal of that may last depends on the role's age.
pub(crate) async fn retrying_with_role<T, F>(
    bounds: &Bounds,
    role: AssumedRole<'_>,
    call: impl FnMut() -> F,
) -> Result<T, EngineError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    repeat(bounds, Some(role), call).await
}

/// The role that a call makes AWS assume.
#[derive(Clone, Copy)]
pub(crate) struct AssumedRole<'a> {
    pub(crate) iam: &'a Iam,
    pub(crate) arn: &'a str,
}

async fn repeat<T, F>(
    bounds: &Bounds,
    assumed: Option<AssumedRole<'_>>,
    mut call: impl FnMut() -> F,
) -> Result<T, EngineError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    let mut first_seen = HashMap::<&'static str, (SystemTime, Duration)>::new();
    let mut attempts = 0;
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let Some(rule) = find_retry_rule(&error) else { return Err(error.into()) };
        attempts += 1;
        let (since, window) = if let Some(known) = first_seen.get(rule.name) {
            *known
        } else {
            let seen = (bounds.clock.now(), window(bounds, rule, assumed).await);
            *first_seen.entry(rule.name).or_insert(seen)
        };
        let delay = retry_delay(attempts, rule.is_brief);
        let is_outlasted = bounds.clock.now() + delay > since + window;
        tracing::info!(rule = rule.name, reason = rule.reason, error = %error, "refusal that passes by itself");
        if is_outlasted || !bounds.sleep(delay).await {
            return Err(interrupted(bounds, error));
        }
    }
}

/// How long a refusal may last.
async fn window(bounds: &Bounds, rule: &RetryRule, assumed: Option<AssumedRole<'_>>) -> Duration {
    match assumed.filter(|_| rule.name == ROLE_PROPAGATION) {
        Some(it) => find_role_age(it.iam, &bounds.clock, it.arn).await.patience(rule.window),
        None => rule.window,
    }
}

/// What was just made shows within this time (facts, composition section 9: up to half a minute).
const SHOWN_WITHIN: Duration = Duration::from_secs(2 * 60);

/// Looks for what this operation has just made, or what AWS says exists, until it shows: that it is not to be found means
/// "not yet", and never that it is to be made again.
///
/// # Errors
/// It does not show in time.
pub(crate) async fn until_shown<T, F>(
    bounds: &Bounds,
    what: &str,
    find: impl FnMut() -> F,
) -> Result<T, EngineError>
where
    F: Future<Output = Result<Option<T>, AwsError>>,
{
    let found = shown_within(bounds, SHOWN_WITHIN, find).await?;
    found.ok_or_else(|| EngineError::TimedOut { pending: format!("waiting for {what} to show") })
}

/// As [`until_shown`], for what may have gone in the meantime; `None`: it does not show within `limit`.
pub(crate) async fn shown_within<T, F>(
    bounds: &Bounds,
    limit: Duration,
    mut find: impl FnMut() -> F,
) -> Result<Option<T>, EngineError>
where
    F: Future<Output = Result<Option<T>, AwsError>>,
{
    let limited = bounds.at_most(limit);
    let mut looks = 0;
    loop {
        if let Some(found) = retrying(bounds, &mut find).await? {
            return Ok(Some(found));
        }
        looks += 1;
        if !limited.sleep_until_next_look(retry_delay(looks, true)).await {
            return if bounds.cancellation.is_cancelled() {
                Err(EngineError::Interrupted { pending: "waiting for what was just made to show".to_owned() })
            } else {
                Ok(None)
            };
        }
    }
}

fn interrupted(bounds: &Bounds, error: AwsError) -> EngineError {
    if bounds.cancellation.is_cancelled() {
        EngineError::Interrupted { pending: format!("{} was refused: {error}", error.operation) }
    } else {
        error.into()
    }
}

/// Whether a failed call may have taken effect: the answer was lost, not given.
pub(crate) fn is_ambiguous(error: &AwsError) -> bool {
    !error.is_without_effect() || error.is_server_fault()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::{Clock, VirtualClock};

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn bounds(clock: &VirtualClock) -> Bounds {
        Bounds {
            clock: Arc::new(clock.clone()),
            cancellation: CancellationToken::new(),
            deadline: START + Duration::from_secs(1800),
            judge: None,
        }
    }

    fn refusal(message: &str) -> AwsError {
        AwsError::refused("ECS", "CreateExpressGatewayService", "AccessDeniedException", message)
    }

    #[tokio::test]
    async fn a_role_that_propagates_is_asked_again_at_exact_times() {
        let clock = VirtualClock::starting_at(START);
        let asked_at = RefCell::new(Vec::new());
        let result = retrying(&bounds(&clock), || {
            let now = clock.now().duration_since(START).expect("after start").as_secs();
            asked_at.borrow_mut().push(now);
            async move { if now < 40 { Err(refusal("Cannot assume role x")) } else { Ok(now) } }
        })
        .await;
        assert_eq!(result, Ok(44));
        assert_eq!(*asked_at.borrow(), [0, 2, 6, 14, 29, 44]);
    }

    #[tokio::test]
    async fn a_refusal_that_outlasts_its_window_is_reported() {
        let clock = VirtualClock::starting_at(START);
        let result: Result<(), _> =
            retrying(&bounds(&clock), || async { Err(refusal("Cannot assume role x")) }).await;
        assert_eq!(result, Err(EngineError::Aws(refusal("Cannot assume role x"))));
        let waited = clock.now().duration_since(START).expect("after start").as_secs();
        assert!((165..=180).contains(&waited), "{waited}");
    }

    #[tokio::test]
    async fn what_was_just_made_is_looked_for_until_it_shows_and_no_longer_than_two_minutes() {
        let clock = VirtualClock::starting_at(START);
        let shows_after = |seconds: u64| {
            let shown = clock.now() + Duration::from_secs(seconds);
            let clock = clock.clone();
            move || {
                let is_shown = clock.now() >= shown;
                async move { Ok(is_shown.then_some(7)) }
            }
        };
        assert_eq!(until_shown(&bounds(&clock), "it", shows_after(5)).await, Ok(7));
        let waited = clock.now().duration_since(START).expect("after start").as_secs_f64();
        assert!((5.0..9.0).contains(&waited), "{waited}");
        let never: Result<u8, _> = until_shown(&bounds(&clock), "it", || async { Ok(None) }).await;
        assert_eq!(never, Err(EngineError::TimedOut { pending: "waiting for it to show".to_owned() }));
    }

    #[tokio::test]
    async fn a_real_denial_is_reported_at_once() {
        let clock = VirtualClock::starting_at(START);
        let denial = refusal("User is not authorized to perform: iam:PassRole");
        let result: Result<(), _> = retrying(&bounds(&clock), || async { Err(denial.clone()) }).await;
        assert_eq!(result, Err(EngineError::Aws(denial.clone())));
        assert_eq!(clock.now(), START);
    }
}
