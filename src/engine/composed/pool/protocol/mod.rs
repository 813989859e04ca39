//! The protocol by which independent processes share load balancers, without any I/O.
//!
//! [`Join`] and [`Leave`] say which call comes next and take its answer. The engine makes the calls; the model checker
//! (`super::model`) makes them against a simulated account, with every interleaving, crash, lost answer and stale read.
//! Both run this code.
//!
//! # Guarantees
//! A load balancer is deleted only while tombstones hold all its slots, and tombstones go only when no delete that
//! relied on them can still arrive. So a service that has a slot keeps its load balancer. Whoever gives up taking a load
//! balancer down has been refused a slot while it held none itself: somebody else is there, and will leave later.
//!
//! # Assumptions
//! `CreateRule` gives a priority to one caller (facts, composition section 3.1). AWS refuses a request five minutes
//! after the time in its signature; every call of a round carries the time at which the round began.

mod join;
mod leave;
mod take_down;
mod view;

pub(crate) use join::{Join, JoinFailure, Seat};
pub(crate) use leave::{Leave, LeaveFailure, LeaveReport};
pub(crate) use take_down::KeptReason;
pub(crate) use view::{BalancerView, Holder, PoolView, SlotRule};

/// Seconds since the epoch, on the clock of the process.
pub(crate) type Seconds = u64;

/// Numbers that the protocol depends on. The model uses small ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Limits {
    /// Services on a load balancer.
    pub(crate) slots: u8,
    /// Load balancers in a pool.
    pub(crate) load_balancers: u8,
    /// How often a join starts again, and how many rounds taking one load balancer down may need.
    pub(crate) attempts: u8,
    /// Time between two tries of a slot that another process tries as well.
    pub(crate) pause_seconds: Seconds,
    /// A round makes no call later than this after its beginning; AWS enforces a little more by the signature.
    pub(crate) round_seconds: Seconds,
    /// From this age on a tombstone is removed by anybody. All calls of its round have expired long before.
    pub(crate) stale_seconds: Seconds,
}

impl Limits {
    /// What production uses (facts, composition sections 3.2 and 3.4).
    pub(crate) const PRODUCTION: Self = Self {
        slots: 25,
        load_balancers: 10,
        attempts: 5,
        pause_seconds: 1,
        round_seconds: 180,
        stale_seconds: 1800,
    };
    /// A load balancer of one service alone.
    pub(crate) const ALONE: Self = Self { slots: 1, load_balancers: 1, ..Self::PRODUCTION };

    fn is_stale(&self, round: Seconds, now: Seconds) -> bool {
        now.saturating_sub(round) >= self.stale_seconds
    }

    fn is_round_over(&self, round: Seconds, now: Seconds) -> bool {
        now.saturating_sub(round) > self.round_seconds
    }
}

/// What the protocol asks AWS. `A` identifies load balancers and rules: an ARN, in the model a small value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Call<A> {
    /// Reads every load balancer of the pool. `is_settled`: what was written before the call is certainly seen.
    ObservePool { is_settled: bool },
    /// Reads one load balancer.
    Observe { balancer: A, is_settled: bool },
    /// Makes the load balancer of this number, or finds it.
    EnsureBalancer { number: u8 },
    /// Makes its listeners, or finds them.
    EnsureListeners { balancer: A },
    /// Makes the service's rule.
    TakeSlot { balancer: A, slot: u8 },
    /// Makes a tombstone.
    PlaceTombstone { balancer: A, slot: u8, round: Seconds },
    /// Forbids to delete the load balancer.
    Protect { balancer: A },
    /// Allows it again.
    Unprotect { balancer: A, round: Seconds },
    /// Deletes exactly this rule; it may be gone.
    DeleteRule { rule: A },
    /// Deletes the service's target groups, which AWS refuses as long as a rule uses them.
    DeleteTargetGroups,
    /// Deletes the load balancer.
    DeleteBalancer { balancer: A, round: Seconds },
    /// Deletes what belonged to a load balancer that is gone.
    Clean { number: u8, balancer: A },
    /// Lets time pass.
    WaitUntil { time: Seconds },
}

/// What AWS answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<A> {
    /// To `ObservePool`.
    Pool(PoolView<A>),
    /// To `Observe`; `None`: the load balancer is gone.
    View(Option<BalancerView<A>>),
    /// The load balancer or the rule that was made or found.
    Made(A),
    /// Done, or nothing to do.
    Done,
    /// The slot is taken, or the target groups are in use.
    InUse,
    /// The load balancer or its listener is gone.
    Gone,
    /// The load balancer has no room for another rule or target group.
    Full,
    /// The target groups are on another load balancer already.
    Elsewhere,
    /// Deletion is forbidden.
    Protected,
    /// The round is over: AWS takes none of its calls any more.
    Expired,
    /// No answer: the call may have had its effect, or may have it until the round is over.
    Unknown,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next<A, T> {
    /// A call to make.
    Call(Call<A>),
    /// Nothing: this is the result.
    Finished(T),
}
