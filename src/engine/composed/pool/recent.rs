//! What this process made lately: it may not show yet, which does not mean that it is gone.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Load balancers, and rules with theirs, by ARN.
#[derive(Default)]
pub(super) struct Recent {
    made: Mutex<BTreeMap<String, Made>>,
}

#[derive(Debug, Clone)]
struct Made {
    /// The load balancer itself, or that of a rule.
    load_balancer_arn: String,
    at: SystemTime,
}

impl Recent {
    /// Notes a load balancer.
    pub(super) fn note_load_balancer(&self, arn: &str, now: SystemTime) {
        self.note_rule(arn, arn, now);
    }

    /// Notes a rule.
    pub(super) fn note_rule(&self, arn: &str, load_balancer_arn: &str, now: SystemTime) {
        let made = Made { load_balancer_arn: load_balancer_arn.to_owned(), at: now };
        self.lock().insert(arn.to_owned(), made);
    }

    /// Forgets what was deleted, and what belongs to it.
    pub(super) fn forget(&self, arn: &str) {
        self.lock().retain(|known, made| known != arn && made.load_balancer_arn != arn);
    }

    /// ARNs of load balancers made within `age`.
    pub(super) fn load_balancers(&self, now: SystemTime, age: Duration) -> Vec<String> {
        self.list(now, age, |arn, made| made.load_balancer_arn == arn)
    }

    /// ARNs of rules on a load balancer made within `age`.
    pub(super) fn rules(&self, load_balancer_arn: &str, now: SystemTime, age: Duration) -> Vec<String> {
        self.list(now, age, |arn, made| {
            made.load_balancer_arn == load_balancer_arn && arn != load_balancer_arn
        })
    }

    fn list(&self, now: SystemTime, age: Duration, is_it: impl Fn(&str, &Made) -> bool) -> Vec<String> {
        let mut made = self.lock();
        made.retain(|_, made| made.at + age > now);
        made.iter().filter(|(arn, made)| is_it(arn, made)).map(|(arn, _)| arn.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_recent_until_it_is_old_or_deleted() {
        let (recent, age) = (Recent::default(), Duration::from_secs(30));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        recent.note_load_balancer("lb", at(0));
        recent.note_rule("rule", "lb", at(20));
        assert_eq!(recent.load_balancers(at(29), age), ["lb"]);
        assert_eq!(recent.rules("lb", at(29), age), ["rule"]);
        assert_eq!(recent.load_balancers(at(30), age), Vec::<String>::new());
        recent.forget("lb");
        assert_eq!(recent.rules("lb", at(31), age), Vec::<String>::new());
    }
}
