//! Load balancers that independent Terraform states share.
//!
//! A slot is a listener rule's priority: `CreateRule` gives a priority to one caller only, and that is the one
//! compare-and-swap that Elastic Load Balancing has (facts, composition section 3). [`protocol`] decides and knows no
//! I/O; `model` checks it exhaustively; [`member`] makes its calls. A service without a host name has a load balancer
//! of its own, a pool of one slot, by the same protocol.

mod certificate;
mod clean;
mod error;
mod join;
mod key;
mod leave;
mod listeners;
mod load_balancer;
mod member;
#[cfg(test)]
mod model;
mod observe;
mod protocol;
mod recent;
mod request;
mod slots;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

pub(crate) use clean::kept_group;
pub(crate) use error::PoolError;
pub(crate) use key::{PoolId, PoolKey, Sharing};
pub(crate) use request::{JoinRequest, Joined, KeptLoadBalancer, LeaveRequest, Left, ListenerKind};

use crate::aws::acm::Acm;
use crate::aws::ec2::Ec2;
use crate::aws::elbv2::Elbv2;
use member::Member;
use protocol::Seconds;
use recent::Recent;

/// Calls that one join or leave makes at the most: ten load balancers with 25 slots, some of them twice.
const CALL_LIMIT: usize = 2000;

/// The pools of an account and region.
pub(crate) struct Pools {
    elbv2: Arc<Elbv2>,
    ec2: Arc<Ec2>,
    acm: Arc<Acm>,
    /// The listener with the slots of each load balancer, as it was found last.
    listeners: Mutex<BTreeMap<String, String>>,
    /// What this process made lately.
    recent: Recent,
    /// The API with requests that are signed for the beginning of the latest round.
    in_round: Mutex<Option<(Seconds, Arc<Elbv2>)>>,
    /// Calls in a row that had no answer.
    unanswered: AtomicU8,
}

impl Pools {
    /// Pools on these APIs.
    pub(crate) fn new(elbv2: Arc<Elbv2>, ec2: Arc<Ec2>, acm: Arc<Acm>) -> Self {
        let (listeners, in_round) = (Mutex::default(), Mutex::default());
        Self { elbv2, ec2, acm, listeners, recent: Recent::default(), in_round, unanswered: AtomicU8::new(0) }
    }

    /// The API for the calls of a round: AWS refuses them when the round is over.
    fn in_round(&self, round: Seconds) -> Arc<Elbv2> {
        let mut latest = self.in_round.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, elbv2)) = latest.as_ref().filter(|(known, _)| *known == round) {
            return Arc::clone(elbv2);
        }
        let elbv2 = Arc::new(self.elbv2.signed_at(SystemTime::UNIX_EPOCH + Duration::from_secs(round)));
        *latest = Some((round, Arc::clone(&elbv2)));
        elbv2
    }

    fn known_listener(&self, load_balancer_arn: &str) -> Option<String> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).get(load_balancer_arn).cloned()
    }

    fn learn_listener(&self, load_balancer_arn: &str, listener_arn: &str) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.insert(load_balancer_arn.to_owned(), listener_arn.to_owned());
    }

    fn forget_listener(&self, load_balancer_arn: &str) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).remove(load_balancer_arn);
    }

    fn answered(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    fn count_unanswered(&self) -> u8 {
        self.unanswered.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}
