//! How a service gets a slot.

use std::collections::BTreeSet;

use super::view::all_slots;
use super::{Answer, BalancerView, Call, Limits, Next, PoolView, Seconds};

/// A service that is getting a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Join<A> {
    limits: Limits,
    /// Where the search for a free slot begins.
    first_slot: u8,
    /// Load balancers without room.
    full: BTreeSet<u8>,
    /// Load balancers that the caller gave up: a rule of ours that still shows there is on its way out.
    left_out: BTreeSet<u8>,
    restarts: u8,
    phase: Phase<A>,
}

/// The slot of a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Seat<A> {
    pub(crate) number: u8,
    pub(crate) balancer: A,
    pub(crate) slot: u8,
    pub(crate) rule: A,
}

/// Why a service got no slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum JoinFailure<A> {
    /// Another service of the pool has a host name of ours.
    HostTaken { rule: A },
    /// Every load balancer is full.
    PoolFull,
    /// Load balancers came and went, or reads contradicted writes, more often than a join tries.
    Unsettled,
    /// AWS gave the priority of our rule to another rule as well.
    SlotShared,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase<A> {
    /// Which slot is ours already, which are free?
    Looking {
        is_settled: bool,
    },
    /// Tombstones that nobody stands behind any more go first.
    Protecting {
        place: Place<A>,
        stale: Vec<A>,
    },
    Breaking {
        place: Place<A>,
        stale: Vec<A>,
    },
    MakingBalancer {
        number: u8,
    },
    MakingListeners {
        place: Place<A>,
    },
    Taking {
        place: Place<A>,
    },
    /// The slot is in use: maybe by ourselves.
    Recognizing {
        place: Place<A>,
        is_settled: bool,
    },
    Securing {
        seat: Seat<A>,
    },
    Checking {
        seat: Seat<A>,
        is_settled: bool,
    },
    Tidying {
        seat: Seat<A>,
        extra: Vec<A>,
    },
    Yielding {
        rule: A,
        failure: JoinFailure<A>,
    },
    Finished(Result<Seat<A>, JoinFailure<A>>),
}

/// A load balancer and the slots of it that remain to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place<A> {
    number: u8,
    balancer: A,
    /// The next one last.
    slots: Vec<u8>,
}

impl<A: Clone + PartialEq> Join<A> {
    /// A join that leaves out `full` load balancers and begins at `first_slot` of the others.
    pub(crate) fn new(limits: Limits, first_slot: u8, full: BTreeSet<u8>) -> Self {
        Self {
            limits,
            first_slot,
            left_out: full.clone(),
            full,
            restarts: 0,
            phase: Phase::Looking { is_settled: false },
        }
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Next<A, Result<Seat<A>, JoinFailure<A>>> {
        Next::Call(match &self.phase {
            Phase::Looking { is_settled } => Call::ObservePool { is_settled: *is_settled },
            Phase::Protecting { place, .. } => Call::Protect { balancer: place.balancer.clone() },
            Phase::Breaking { stale, .. } => Call::DeleteRule { rule: stale[0].clone() },
            Phase::MakingBalancer { number } => Call::EnsureBalancer { number: *number },
            Phase::MakingListeners { place } => Call::EnsureListeners { balancer: place.balancer.clone() },
            Phase::Taking { place } => {
                let slot = place.slots.last().copied().unwrap_or_default();
                Call::TakeSlot { balancer: place.balancer.clone(), slot }
            }
            Phase::Recognizing { place, is_settled } => {
                Call::Observe { balancer: place.balancer.clone(), is_settled: *is_settled }
            }
            Phase::Securing { seat } => Call::Protect { balancer: seat.balancer.clone() },
            Phase::Checking { seat, is_settled } => {
                Call::Observe { balancer: seat.balancer.clone(), is_settled: *is_settled }
            }
            Phase::Tidying { extra, .. } => Call::DeleteRule { rule: extra[0].clone() },
            Phase::Yielding { rule, .. } => Call::DeleteRule { rule: rule.clone() },
            Phase::Finished(result) => return Next::Finished(result.clone()),
        })
    }

    /// Takes the answer to the call that [`Join::next`] named.
    pub(crate) fn answer(&mut self, now: Seconds, answer: Answer<A>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Looking { is_settled: false });
        self.phase = match (phase, answer) {
            (phase, Answer::Unknown) => phase,
            (Phase::Looking { .. }, Answer::Pool(view)) => self.choose(now, &view),
            (Phase::Protecting { place, stale }, Answer::Done) => Phase::Breaking { place, stale },
            (Phase::Breaking { place, mut stale }, Answer::Done) => {
                stale.remove(0);
                if stale.is_empty() { Phase::Taking { place } } else { Phase::Breaking { place, stale } }
            }
            (Phase::MakingBalancer { number }, Answer::Made(balancer)) => {
                Phase::MakingListeners { place: self.place(number, balancer) }
            }
            (Phase::MakingListeners { place }, Answer::Done) => Phase::Taking { place },
            (Phase::Taking { place }, answer) => self.take(place, answer),
            (Phase::Recognizing { place, is_settled }, Answer::View(Some(view))) => {
                self.recognize(place, is_settled, &view)
            }
            (Phase::Securing { seat }, Answer::Done) => Phase::Checking { seat, is_settled: false },
            (Phase::Checking { seat, is_settled }, Answer::View(Some(view))) => {
                self.check(seat, is_settled, &view)
            }
            (Phase::Tidying { seat, mut extra }, Answer::Done) => {
                extra.remove(0);
                tidying(seat, extra)
            }
            (Phase::Yielding { failure, .. }, Answer::Done) => Phase::Finished(Err(failure)),
            // Whatever is gone, or was not to be expected, is looked at anew.
            _ => self.restart(false),
        };
    }

    fn restart(&mut self, is_settled: bool) -> Phase<A> {
        self.restarts += 1;
        if self.restarts > self.limits.attempts {
            return Phase::Finished(Err(JoinFailure::Unsettled));
        }
        Phase::Looking { is_settled }
    }

    fn place(&self, number: u8, balancer: A) -> Place<A> {
        let mut slots = all_slots(&self.limits, self.first_slot);
        slots.reverse();
        Place { number, balancer, slots }
    }

    /// The slot that is ours already; or else a load balancer with a free one, in ascending order; or else the lowest
    /// number that does not exist.
    fn choose(&self, now: Seconds, view: &PoolView<A>) -> Phase<A> {
        for (number, balancer) in view.iter().filter(|(number, _)| !self.left_out.contains(number)) {
            if let Some(ours) = balancer.ours().next() {
                let (slot, rule) = (ours.slot, ours.rule.clone());
                let seat = Seat { number: *number, balancer: balancer.balancer.clone(), slot, rule };
                return Phase::Securing { seat };
            }
        }
        if let Some(rival) = view.values().find_map(BalancerView::rival) {
            return Phase::Finished(Err(JoinFailure::HostTaken { rule: rival.rule.clone() }));
        }
        let is_open = |number: &u8| !self.full.contains(number);
        let seats = view.iter().filter(|(number, _)| is_open(number));
        if let Some(phase) = seats.into_iter().find_map(|(number, seen)| self.approach(now, *number, seen)) {
            return phase;
        }
        let missing =
            (0..self.limits.load_balancers).find(|number| is_open(number) && !view.contains_key(number));
        match missing {
            Some(number) => Phase::MakingBalancer { number },
            None => Phase::Finished(Err(JoinFailure::PoolFull)),
        }
    }

    /// How to get onto a load balancer that is there; `None`: it has no free slot.
    fn approach(&self, now: Seconds, number: u8, seen: &BalancerView<A>) -> Option<Phase<A>> {
        let mut place = self.place(number, seen.balancer.clone());
        if !seen.has_listener {
            return Some(Phase::MakingListeners { place });
        }
        let stale = seen.stale(&self.limits, now);
        let is_left = |rule: &&super::SlotRule<A>| !stale.contains(&rule.rule);
        let taken: Vec<u8> = seen.rules.iter().filter(is_left).map(|rule| rule.slot).collect();
        place.slots.retain(|slot| !taken.contains(slot));
        if place.slots.is_empty() {
            None
        } else if stale.is_empty() {
            Some(Phase::Taking { place })
        } else {
            Some(Phase::Protecting { place, stale })
        }
    }

    fn take(&mut self, mut place: Place<A>, answer: Answer<A>) -> Phase<A> {
        match answer {
            Answer::Made(rule) => {
                let slot = place.slots.pop().unwrap_or_default();
                let seat = Seat { number: place.number, balancer: place.balancer, slot, rule };
                Phase::Securing { seat }
            }
            Answer::InUse => Phase::Recognizing { place, is_settled: false },
            Answer::Full => {
                self.full.insert(place.number);
                Phase::Looking { is_settled: false }
            }
            Answer::Elsewhere => self.restart(true),
            _ => self.restart(false),
        }
    }

    /// A slot that is in use may be ours: an answer was lost, or an earlier process was killed. A rule that does not show
    /// yet may be, too.
    fn recognize(&mut self, mut place: Place<A>, is_settled: bool, view: &BalancerView<A>) -> Phase<A> {
        if let Some(ours) = view.ours().next() {
            let (slot, rule) = (ours.slot, ours.rule.clone());
            return Phase::Securing {
                seat: Seat { number: place.number, balancer: place.balancer, slot, rule },
            };
        }
        let is_holder = |rule: &super::SlotRule<A>| Some(&rule.slot) == place.slots.last();
        if !is_settled && !view.rules.iter().any(is_holder) {
            return Phase::Recognizing { place, is_settled: true };
        }
        place.slots.pop();
        let free = view.free_slots(&self.limits, self.first_slot);
        place.slots.retain(|slot| free.contains(slot));
        if place.slots.is_empty() {
            self.full.insert(place.number);
            Phase::Looking { is_settled: false }
        } else {
            Phase::Taking { place }
        }
    }

    /// The rule must be there, alone at its priority. Of two services with one host name the higher slot yields.
    fn check(&mut self, seat: Seat<A>, is_settled: bool, view: &BalancerView<A>) -> Phase<A> {
        let at_slot = |rule: &&super::SlotRule<A>| rule.slot == seat.slot;
        let is_there = view.rules.iter().filter(at_slot).any(|rule| rule.rule == seat.rule);
        if !is_there {
            return if is_settled { self.restart(true) } else { Phase::Checking { seat, is_settled: true } };
        }
        if view.rules.iter().filter(at_slot).count() > 1 {
            return Phase::Yielding { rule: seat.rule, failure: JoinFailure::SlotShared };
        }
        if let Some(rival) = view.rival().filter(|rival| rival.slot < seat.slot) {
            let failure = JoinFailure::HostTaken { rule: rival.rule.clone() };
            return Phase::Yielding { rule: seat.rule, failure };
        }
        let extra = view.ours().filter(|rule| rule.rule != seat.rule).map(|rule| rule.rule.clone()).collect();
        tidying(seat, extra)
    }
}

fn tidying<A>(seat: Seat<A>, extra: Vec<A>) -> Phase<A> {
    if extra.is_empty() { Phase::Finished(Ok(seat)) } else { Phase::Tidying { seat, extra } }
}
