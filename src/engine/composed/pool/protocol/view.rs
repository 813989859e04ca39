//! What a process sees of a pool. It may be old; decisions that matter are made by writing.

use std::collections::BTreeMap;

use super::{Limits, Seconds};

/// The load balancers of a pool by number.
pub(crate) type PoolView<A> = BTreeMap<u8, BalancerView<A>>;

/// A load balancer as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BalancerView<A> {
    pub(crate) balancer: A,
    /// Whether the listener with the slots is there.
    pub(crate) has_listener: bool,
    /// Rules that have slots.
    pub(crate) rules: Vec<SlotRule<A>>,
    /// Whether somebody added rules or listeners of their own.
    pub(crate) is_extended: bool,
    /// Whether deletion is forbidden; known only to a read that is settled.
    pub(crate) is_protected: bool,
}

/// A rule that has a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SlotRule<A> {
    pub(crate) rule: A,
    pub(crate) slot: u8,
    pub(crate) holder: Holder,
}

/// Who has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// The service of this process.
    Ours,
    /// Another service.
    Other {
        /// Whether it has a host name of ours.
        shares_host: bool,
    },
    /// A process that takes the load balancer down.
    Tombstone {
        /// Whether it was placed for the service of this process, now or by an earlier process.
        is_ours: bool,
        /// When its round began.
        round: Seconds,
    },
}

impl<A: Clone + PartialEq> BalancerView<A> {
    /// Our service's rules.
    pub(super) fn ours(&self) -> impl Iterator<Item = &SlotRule<A>> {
        self.rules.iter().filter(|rule| rule.holder == Holder::Ours)
    }

    /// Another service's rule with a host name of ours.
    pub(crate) fn rival(&self) -> Option<&SlotRule<A>> {
        self.rules.iter().find(|rule| rule.holder == Holder::Other { shares_host: true })
    }

    /// Tombstones that anybody may remove.
    pub(super) fn stale(&self, limits: &Limits, now: Seconds) -> Vec<A> {
        let is_stale = |rule: &&SlotRule<A>| matches!(rule.holder, Holder::Tombstone { round, .. } if limits.is_stale(round, now));
        self.rules.iter().filter(is_stale).map(|rule| rule.rule.clone()).collect()
    }

    /// The latest round that this service has tombstones of.
    pub(super) fn own_round(&self) -> Option<Seconds> {
        let round = |rule: &SlotRule<A>| match rule.holder {
            Holder::Tombstone { is_ours: true, round } => Some(round),
            _ => None,
        };
        self.rules.iter().filter_map(round).max()
    }

    /// All tombstones of this service.
    pub(super) fn own_tombstones(&self) -> Vec<A> {
        let is_own = |rule: &&SlotRule<A>| matches!(rule.holder, Holder::Tombstone { is_ours: true, .. });
        self.rules.iter().filter(is_own).map(|rule| rule.rule.clone()).collect()
    }

    /// Our tombstones of a round.
    pub(super) fn tombstones_of(&self, own_round: Seconds) -> impl Iterator<Item = &SlotRule<A>> {
        let holder = Holder::Tombstone { is_ours: true, round: own_round };
        self.rules.iter().filter(move |rule| rule.holder == holder)
    }

    /// A slot that somebody else seems to have.
    pub(super) fn witness(&self) -> Option<u8> {
        let is_foreign = |rule: &&SlotRule<A>| {
            !matches!(rule.holder, Holder::Ours | Holder::Tombstone { is_ours: true, .. })
        };
        self.rules.iter().find(is_foreign).map(|rule| rule.slot)
    }

    /// Slots without a rule, beginning at `first`, so that processes that begin elsewhere seldom collide.
    pub(super) fn free_slots(&self, limits: &Limits, first: u8) -> Vec<u8> {
        let is_free = |slot: &u8| self.rules.iter().all(|rule| rule.slot != *slot);
        all_slots(limits, first).into_iter().filter(is_free).collect()
    }
}

/// All slots, beginning at `first`.
pub(super) fn all_slots(limits: &Limits, first: u8) -> Vec<u8> {
    let first = first % limits.slots;
    (first..limits.slots).chain(0..first).collect()
}
