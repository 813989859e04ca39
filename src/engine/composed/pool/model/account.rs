//! The part of an AWS account that the protocol touches, small enough to be enumerated.

use super::super::protocol::{Answer, BalancerView, Call, Holder, PoolView, Seconds, SlotRule};

/// A load balancer or a rule. What is made anew is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Name {
    Balancer { number: u8, incarnation: u8 },
    Rule { number: u8, incarnation: u8, slot: u8, serial: u8 },
}

/// What AWS does otherwise than the protocol assumes. Tests that the checker finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misbehaviour {
    None,
    /// Requests never expire, and deletion protection does nothing.
    NoExpiryNoProtection,
    /// A rule replaces the one that has its priority.
    PriorityIsNoLock,
}

/// Requests are taken this long after the time in their signature.
const VALID_SECONDS: Seconds = 1;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Account {
    balancers: Vec<Option<Balancer>>,
    /// How often each number was made.
    incarnations: Vec<u8>,
    /// Whether each service's target groups exist.
    target_groups: Vec<bool>,
    /// A load balancer with a service's rule was deleted.
    pub(super) is_broken: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Balancer {
    incarnation: u8,
    has_listener: bool,
    is_protected: bool,
    slots: Vec<Slot>,
    /// The slots before the last write, which a read may still show.
    before: Option<Vec<Slot>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    rule: Option<Rule>,
    /// How many rules the slot has had.
    serial: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    Service { owner: u8 },
    Tombstone { owner: u8, round: Seconds },
}

impl Account {
    pub(super) fn new(load_balancers: u8, services: u8) -> Self {
        Self {
            balancers: vec![None; load_balancers.into()],
            incarnations: vec![0; load_balancers.into()],
            target_groups: vec![true; services.into()],
            is_broken: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.balancers.iter().all(Option::is_none)
    }

    pub(super) fn has_tombstones(&self) -> bool {
        let mut rules = self.balancers.iter().flatten().flat_map(|balancer| &balancer.slots);
        rules.any(|slot| matches!(slot.rule, Some(Rule::Tombstone { .. })))
    }

    /// Whether a read may show something that is not so any more.
    pub(super) fn is_lagging(&self) -> bool {
        self.balancers.iter().flatten().any(|balancer| balancer.before.is_some())
    }

    /// From now on reads show what is.
    pub(super) fn catch_up(&mut self) {
        for balancer in self.balancers.iter_mut().flatten() {
            balancer.before = None;
        }
    }

    /// Whether the service has this rule.
    pub(super) fn has_rule(&self, service: u8, rule: Name) -> bool {
        self.slot(rule).is_some_and(|slot| slot.rule == Some(Rule::Service { owner: service }))
    }

    /// Services on the fullest load balancer.
    pub(super) fn most_services(&self) -> usize {
        let services = |balancer: &Balancer| {
            balancer.slots.iter().filter(|slot| matches!(slot.rule, Some(Rule::Service { .. }))).count()
        };
        self.balancers.iter().flatten().map(services).max().unwrap_or_default()
    }

    /// Carries a call of a service's process out. `None`: it cannot be answered yet.
    pub(super) fn answer(
        &mut self,
        service: u8,
        call: &Call<Name>,
        now: Seconds,
        is_stale_read: bool,
        slots: u8,
        misbehaviour: Misbehaviour,
    ) -> Option<Answer<Name>> {
        let is_expiring = matches!(misbehaviour, Misbehaviour::None | Misbehaviour::PriorityIsNoLock);
        if let Call::PlaceTombstone { round, .. }
        | Call::Unprotect { round, .. }
        | Call::DeleteBalancer { round, .. } = call
            && is_expiring
            && now.saturating_sub(*round) > VALID_SECONDS
        {
            return Some(Answer::Expired);
        }
        Some(match call {
            Call::ObservePool { is_settled } => {
                let seen =
                    |number: u8, balancer| view(service, number, balancer, is_stale_read && !is_settled);
                let numbered = (0..).zip(&self.balancers);
                let pool: PoolView<Name> = numbered
                    .filter_map(|(number, balancer)| Some((number, seen(number, balancer.as_ref()?))))
                    .collect();
                Answer::Pool(pool)
            }
            Call::Observe { balancer, is_settled } => {
                let number = balancer.number();
                let found = self.find(*balancer);
                Answer::View(found.map(|found| view(service, number, found, is_stale_read && !is_settled)))
            }
            Call::EnsureBalancer { number } => self.ensure_balancer(*number, slots),
            Call::EnsureListeners { balancer } => {
                self.change(*balancer, |balancer| balancer.has_listener = true)
            }
            Call::TakeSlot { balancer, slot } => {
                if !self.target_groups[usize::from(service)] {
                    return Some(Answer::Gone);
                }
                if self.is_elsewhere(service, *balancer) {
                    return Some(Answer::Elsewhere);
                }
                self.place(*balancer, *slot, Rule::Service { owner: service }, misbehaviour)
            }
            Call::PlaceTombstone { balancer, slot, round } => {
                self.place(*balancer, *slot, Rule::Tombstone { owner: service, round: *round }, misbehaviour)
            }
            Call::Protect { balancer } => self.change(*balancer, |balancer| balancer.is_protected = true),
            Call::Unprotect { balancer, .. } => {
                self.change(*balancer, |balancer| balancer.is_protected = false)
            }
            Call::DeleteRule { rule } => self.delete_rule(*rule),
            Call::DeleteTargetGroups => {
                if self.has_any_rule(service) {
                    return Some(Answer::InUse);
                }
                self.target_groups[usize::from(service)] = false;
                Answer::Done
            }
            Call::DeleteBalancer { balancer, .. } => self.delete_balancer(*balancer, misbehaviour),
            Call::WaitUntil { time } if now < *time => return None,
            Call::Clean { .. } | Call::WaitUntil { .. } => Answer::Done,
        })
    }

    fn ensure_balancer(&mut self, number: u8, slots: u8) -> Answer<Name> {
        let index = usize::from(number);
        let incarnation = if let Some(balancer) = &self.balancers[index] {
            balancer.incarnation
        } else {
            self.incarnations[index] += 1;
            let incarnation = self.incarnations[index];
            self.balancers[index] = Some(Balancer {
                incarnation,
                has_listener: false,
                is_protected: false,
                slots: vec![Slot { rule: None, serial: 0 }; slots.into()],
                before: None,
            });
            incarnation
        };
        Answer::Made(Name::Balancer { number, incarnation })
    }

    fn place(&mut self, name: Name, slot: u8, rule: Rule, misbehaviour: Misbehaviour) -> Answer<Name> {
        let Some(balancer) = self.find_mut(name).filter(|balancer| balancer.has_listener) else {
            return Answer::Gone;
        };
        let before = balancer.slots.clone();
        let place = &mut balancer.slots[usize::from(slot)];
        if place.rule.is_some() && misbehaviour != Misbehaviour::PriorityIsNoLock {
            return Answer::InUse;
        }
        place.serial += 1;
        place.rule = Some(rule);
        let serial = place.serial;
        let incarnation = balancer.incarnation;
        balancer.before = Some(before);
        Answer::Made(Name::Rule { number: name.number(), incarnation, slot, serial })
    }

    fn delete_rule(&mut self, name: Name) -> Answer<Name> {
        let Name::Rule { number, incarnation, slot, serial } = name else { return Answer::Done };
        if let Some(balancer) = self.find_mut(Name::Balancer { number, incarnation }) {
            let before = balancer.slots.clone();
            let place = &mut balancer.slots[usize::from(slot)];
            if place.serial == serial && place.rule.take().is_some() {
                balancer.before = Some(before);
            }
        }
        Answer::Done
    }

    fn delete_balancer(&mut self, name: Name, misbehaviour: Misbehaviour) -> Answer<Name> {
        let Some(balancer) = self.find(name) else { return Answer::Gone };
        if balancer.is_protected && misbehaviour != Misbehaviour::NoExpiryNoProtection {
            return Answer::Protected;
        }
        let is_service = |slot: &Slot| matches!(slot.rule, Some(Rule::Service { .. }));
        self.is_broken |= balancer.slots.iter().any(is_service);
        self.balancers[usize::from(name.number())] = None;
        Answer::Done
    }

    fn change(&mut self, name: Name, change: impl FnOnce(&mut Balancer)) -> Answer<Name> {
        match self.find_mut(name) {
            Some(balancer) => {
                change(balancer);
                Answer::Done
            }
            None => Answer::Gone,
        }
    }

    fn has_any_rule(&self, service: u8) -> bool {
        let mut slots = self.balancers.iter().flatten().flat_map(|balancer| &balancer.slots);
        slots.any(|slot| slot.rule == Some(Rule::Service { owner: service }))
    }

    /// A target group belongs to one load balancer at the most.
    fn is_elsewhere(&self, service: u8, name: Name) -> bool {
        let others = (0..).zip(&self.balancers).filter(|(number, _)| *number != name.number());
        let mut slots =
            others.filter_map(|(_, balancer)| balancer.as_ref()).flat_map(|balancer| &balancer.slots);
        slots.any(|slot| slot.rule == Some(Rule::Service { owner: service }))
    }

    fn find(&self, name: Name) -> Option<&Balancer> {
        let balancer = self.balancers[usize::from(name.number())].as_ref();
        balancer.filter(|balancer| balancer.incarnation == name.incarnation())
    }

    fn find_mut(&mut self, name: Name) -> Option<&mut Balancer> {
        let balancer = self.balancers[usize::from(name.number())].as_mut();
        balancer.filter(|balancer| balancer.incarnation == name.incarnation())
    }

    fn slot(&self, name: Name) -> Option<&Slot> {
        let Name::Rule { number, incarnation, slot, serial } = name else { return None };
        let balancer = self.find(Name::Balancer { number, incarnation })?;
        Some(&balancer.slots[usize::from(slot)]).filter(|place| place.serial == serial)
    }
}

impl Name {
    fn number(self) -> u8 {
        match self {
            Self::Balancer { number, .. } | Self::Rule { number, .. } => number,
        }
    }

    fn incarnation(self) -> u8 {
        match self {
            Self::Balancer { incarnation, .. } | Self::Rule { incarnation, .. } => incarnation,
        }
    }
}

fn view(service: u8, number: u8, balancer: &Balancer, is_stale: bool) -> BalancerView<Name> {
    let slots = balancer.before.as_ref().filter(|_| is_stale).unwrap_or(&balancer.slots);
    let seen = |(slot, place): (u8, &Slot)| {
        let holder = match place.rule? {
            Rule::Service { owner } if owner == service => Holder::Ours,
            Rule::Service { .. } => Holder::Other { shares_host: false },
            Rule::Tombstone { owner, round } => Holder::Tombstone { is_ours: owner == service, round },
        };
        let (incarnation, serial) = (balancer.incarnation, place.serial);
        Some(SlotRule { rule: Name::Rule { number, incarnation, slot, serial }, slot, holder })
    };
    BalancerView {
        balancer: Name::Balancer { number, incarnation: balancer.incarnation },
        has_listener: balancer.has_listener,
        rules: (0..).zip(slots).filter_map(seen).collect(),
        is_extended: false,
        is_protected: balancer.is_protected,
    }
}
