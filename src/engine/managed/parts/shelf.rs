//! Listings that all services of a run share.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use crate::aws::AwsError;
use crate::aws::autoscaling::{ScalableTarget, ScalingPolicy};
use crate::aws::ec2::SecurityGroup;
use crate::aws::elbv2::Rule;

/// How long a listing counts. A refresh of many services goes on for longer, and lists again.
const KEPT_FOR: Duration = Duration::from_secs(15);

/// How long nobody asks again what AWS did not answer: the retries of a call that cannot succeed take a while themselves.
const REFUSED_FOR: Duration = Duration::from_secs(10 * 60);

/// What listings showed, each by what was listed.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Rules by their listener.
    pub(super) rules: Listings<Vec<Rule>>,
    /// Certificates by their listener.
    pub(super) certificates: Listings<Vec<String>>,
    /// Security groups that ECS made, by their ids.
    pub(super) groups: Listings<BTreeMap<String, SecurityGroup>>,
    /// Scalable targets by their resource ids.
    pub(super) targets: Listings<HashMap<String, ScalableTarget>>,
    /// Scaling policies by their resource ids.
    pub(super) policies: Listings<HashMap<String, Vec<ScalingPolicy>>>,
    /// Names of alarms by their prefix.
    pub(super) alarms: Listings<Vec<String>>,
    /// Names of log groups by their prefix.
    pub(super) log_groups: Listings<Vec<String>>,
}

impl Shelf {
    /// Forgets everything: something changes.
    pub(super) async fn clear(&self) {
        self.rules.clear().await;
        self.certificates.clear().await;
        self.groups.clear().await;
        self.targets.clear().await;
        self.policies.clear().await;
        self.alarms.clear().await;
        self.log_groups.clear().await;
    }
}

/// A listing and when it was read; `None`: AWS did not say.
type Listing<V> = (SystemTime, Option<Arc<V>>);

/// Listings of one kind, by what they list.
pub(super) struct Listings<V> {
    kept: Mutex<BTreeMap<String, Listing<V>>>,
}

impl<V> Default for Listings<V> {
    fn default() -> Self {
        Self { kept: Mutex::default() }
    }
}

impl<V> Listings<V> {
    /// What `scope` holds; `None`: AWS does not say. One listing of a kind is read at a time, so that those who wait for
    /// it share it.
    pub(super) async fn find<F>(
        &self,
        now: SystemTime,
        scope: &str,
        list: impl FnOnce() -> F,
    ) -> Option<Arc<V>>
    where
        F: Future<Output = Result<V, AwsError>>,
    {
        let mut kept = self.kept.lock().await;
        if let Some((read_at, listing)) = kept.get(scope) {
            let lasts = if listing.is_some() { KEPT_FOR } else { REFUSED_FOR };
            if now.duration_since(*read_at).is_ok_and(|age| age < lasts) {
                return listing.clone();
            }
        }
        let listing = said(list().await).map(Arc::new);
        kept.insert(scope.to_owned(), (now, listing.clone()));
        listing
    }

    /// Forgets what was read; what AWS did not answer is not asked again.
    async fn clear(&self) {
        self.kept.lock().await.retain(|_, (_, listing)| listing.is_none());
    }
}

/// What AWS said; `None`: it may not be asked, or did not answer.
pub(super) fn said<T>(result: Result<T, AwsError>) -> Option<T> {
    result
        .inspect_err(|error| tracing::warn!(error = %error, "a part cannot be looked at, going on without"))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::aws::AwsErrorKind;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn a_listing_is_shared_for_some_seconds_and_read_again_after_a_change() {
        let listings = Listings::<u32>::default();
        let calls = Cell::new(0);
        let list = || async {
            calls.set(calls.get() + 1);
            Ok(calls.get())
        };
        assert_eq!(listings.find(at(0), "a", list).await.as_deref(), Some(&1));
        assert_eq!(listings.find(at(14), "a", list).await.as_deref(), Some(&1));
        assert_eq!(listings.find(at(15), "a", list).await.as_deref(), Some(&2));
        assert_eq!(listings.find(at(15), "b", list).await.as_deref(), Some(&3));
        listings.clear().await;
        assert_eq!(listings.find(at(16), "a", list).await.as_deref(), Some(&4));
    }

    #[tokio::test]
    async fn what_aws_refuses_is_not_asked_again_for_ten_minutes() {
        let listings = Listings::<u32>::default();
        let calls = Cell::new(0);
        let refuse = || async {
            calls.set(calls.get() + 1);
            Err(AwsError::of_kind("ELBv2", "DescribeRules", AwsErrorKind::AccessDenied, "no"))
        };
        assert_eq!(listings.find(at(0), "a", refuse).await, None);
        listings.clear().await;
        assert_eq!(listings.find(at(599), "a", refuse).await, None);
        assert_eq!(calls.get(), 1);
        assert_eq!(listings.find(at(600), "a", refuse).await, None);
        assert_eq!(calls.get(), 2);
    }
}
