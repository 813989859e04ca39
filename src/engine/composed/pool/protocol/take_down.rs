//! How a load balancer without services is deleted, and never one with a service.
//!
//! A round: the tombstone at slot 0 keeps other processes off, protection is lifted, tombstones take the other slots,
//! the load balancer is deleted. A slot that is refused ends the round: protection comes back, the tombstones go, and
//! the refused slot is tried once more, because its holder may have left in the meantime without being able to take the
//! load balancer down itself.

use super::{Answer, BalancerView, Call, Holder, Limits, Seconds};

/// A process that takes a load balancer down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TakeDown<A> {
    limits: Limits,
    number: u8,
    balancer: A,
    rounds: u8,
    /// Whether an earlier try of the pending call may have had its effect.
    is_uncertain: bool,
    phase: Phase<A>,
}

/// Why a load balancer stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum KeptReason {
    /// Another service has a slot, or is taking the load balancer down itself.
    InUse,
    /// Somebody added rules or listeners of their own.
    Extended,
}

/// How taking down ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ended {
    /// The load balancer is gone.
    Deleted,
    /// Somebody needs it.
    Kept(KeptReason),
    /// More rounds would be needed than we try.
    Unsettled,
}

/// Tombstones of one round.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Round<A> {
    began: Seconds,
    /// Slots and rules.
    held: Vec<(u8, A)>,
    /// Whether a delete of this round may still arrive: tombstones stay until they are stale.
    is_binding: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase<A> {
    Looking {
        is_settled: bool,
    },
    MakingListeners,
    /// Stale tombstones go, after protection is back.
    Fencing {
        stale: Vec<A>,
    },
    Breaking {
        stale: Vec<A>,
    },
    /// Is the slot still refused?
    Probing {
        slot: u8,
        began: Seconds,
        is_repeated: bool,
    },
    /// The probe is refused, perhaps because an earlier try succeeded.
    RecognizingProbe {
        slot: u8,
        began: Seconds,
    },
    Unprobing {
        rule: A,
    },
    /// The slot of the tombstone that keeps other processes off.
    Entering {
        began: Seconds,
    },
    /// It is refused: to an earlier process of this service, or to this one by a try without an answer?
    RecognizingEntry {
        began: Seconds,
        was_uncertain: bool,
        is_settled: bool,
    },
    Unprotecting {
        round: Round<A>,
    },
    Filling {
        round: Round<A>,
        slot: u8,
    },
    /// The slot is refused: to a service, or to a process that tried it and goes away again?
    Recognizing {
        round: Round<A>,
        slot: u8,
        is_settled: bool,
    },
    Pausing {
        round: Round<A>,
        slot: u8,
        until: Seconds,
    },
    Inspecting {
        round: Round<A>,
    },
    Deleting {
        round: Round<A>,
    },
    Reprotecting {
        round: Round<A>,
        after: After,
    },
    Withdrawing {
        round: Round<A>,
        after: After,
    },
    Lingering {
        round: Round<A>,
    },
    Cleaning,
    Ended(Ended),
}

/// What follows when a round was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum After {
    /// Try the slot that was refused.
    Probe(u8),
    /// Look anew.
    Look,
    /// Leave the load balancer as it is.
    Keep(KeptReason),
}

impl<A: Clone + PartialEq> TakeDown<A> {
    pub(super) fn new(limits: Limits, number: u8, balancer: A) -> Self {
        let phase = Phase::Looking { is_settled: false };
        Self { limits, number, balancer, rounds: 0, is_uncertain: false, phase }
    }

    pub(super) fn balancer(&self) -> &A {
        &self.balancer
    }

    pub(super) fn ended(&self) -> Option<Ended> {
        match self.phase {
            Phase::Ended(ended) => Some(ended),
            _ => None,
        }
    }

    /// Whether the slot that ended a round is tried once more.
    #[cfg(test)]
    pub(super) fn is_probing_again(&self) -> bool {
        matches!(self.phase, Phase::Probing { is_repeated: true, .. })
    }

    /// What comes next; nothing follows when it has ended.
    pub(super) fn next(&self) -> Call<A> {
        let balancer = self.balancer.clone();
        match &self.phase {
            Phase::Looking { is_settled } => Call::Observe { balancer, is_settled: *is_settled },
            Phase::MakingListeners => Call::EnsureListeners { balancer },
            Phase::Fencing { .. } | Phase::Reprotecting { .. } => Call::Protect { balancer },
            Phase::Breaking { stale } => Call::DeleteRule { rule: stale[0].clone() },
            Phase::Probing { slot, began, .. } => {
                Call::PlaceTombstone { balancer, slot: *slot, round: *began }
            }
            Phase::Unprobing { rule } => Call::DeleteRule { rule: rule.clone() },
            Phase::Entering { began } => Call::PlaceTombstone { balancer, slot: 0, round: *began },
            Phase::Unprotecting { round } => Call::Unprotect { balancer, round: round.began },
            Phase::Filling { round, slot } => {
                Call::PlaceTombstone { balancer, slot: *slot, round: round.began }
            }
            Phase::Recognizing { is_settled, .. } | Phase::RecognizingEntry { is_settled, .. } => {
                Call::Observe { balancer, is_settled: *is_settled }
            }
            Phase::RecognizingProbe { .. } => Call::Observe { balancer, is_settled: true },
            Phase::Pausing { until, .. } => Call::WaitUntil { time: *until },
            Phase::Inspecting { .. } => Call::Observe { balancer, is_settled: false },
            Phase::Deleting { round } => Call::DeleteBalancer { balancer, round: round.began },
            Phase::Withdrawing { round, .. } => Call::DeleteRule { rule: round.held[0].1.clone() },
            Phase::Lingering { round } => Call::WaitUntil { time: round.began + self.limits.stale_seconds },
            Phase::Cleaning | Phase::Ended(_) => Call::Clean { number: self.number, balancer },
        }
    }

    /// Takes the answer to the call that [`TakeDown::next`] named.
    pub(super) fn answer(&mut self, now: Seconds, answer: Answer<A>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Cleaning);
        if answer == Answer::Unknown {
            self.is_uncertain = true;
            self.phase = unanswered(phase);
            return;
        }
        let was_uncertain = std::mem::take(&mut self.is_uncertain);
        self.phase = match (phase, answer) {
            (Phase::Cleaning | Phase::Ended(_), _) => Phase::Ended(Ended::Deleted),
            (_, Answer::Gone | Answer::View(None)) | (Phase::Deleting { .. }, Answer::Done) => {
                Phase::Cleaning
            }
            (Phase::Looking { is_settled }, Answer::View(Some(view))) => self.look(now, is_settled, &view),
            (Phase::MakingListeners | Phase::Lingering { .. }, _) => self.begin_again(),
            (Phase::Fencing { stale }, _) => Phase::Breaking { stale },
            (Phase::Breaking { mut stale }, _) => {
                stale.remove(0);
                if stale.is_empty() { self.begin_again() } else { Phase::Breaking { stale } }
            }
            (Phase::Probing { slot, began, .. }, answer) => self.probe(slot, began, was_uncertain, answer),
            (Phase::RecognizingProbe { slot, began }, Answer::View(Some(view))) => {
                self.recognize_probe(slot, began, &view)
            }
            (Phase::Unprobing { .. }, _) => Phase::Entering { began: now },
            (Phase::Entering { began }, answer) => self.enter(began, was_uncertain, answer),
            (Phase::RecognizingEntry { began, was_uncertain, is_settled }, Answer::View(Some(view))) => {
                self.recognize_entry(began, was_uncertain, is_settled, &view)
            }
            (Phase::Unprotecting { round }, answer) => self.unprotect(round, &answer),
            (Phase::Filling { round, slot }, answer) => self.fill(round, slot, was_uncertain, answer),
            (Phase::Recognizing { round, slot, .. }, Answer::View(Some(view))) => {
                self.recognize(now, round, slot, &view)
            }
            (Phase::Pausing { round, slot, .. }, _) => Phase::Filling { round, slot },
            (Phase::Inspecting { round }, Answer::View(Some(view))) => inspect(round, &view),
            (Phase::Deleting { round }, _) => give_up(round, After::Look),
            (Phase::Reprotecting { round, after }, _) => self.withdraw(now, round, after),
            (Phase::Withdrawing { mut round, after }, _) => {
                round.held.remove(0);
                self.withdraw(now, round, after)
            }
            // An answer that does not fit its call.
            (Phase::Recognizing { round, .. } | Phase::Inspecting { round }, _) => {
                give_up(round, After::Look)
            }
            (Phase::RecognizingProbe { .. } | Phase::RecognizingEntry { .. } | Phase::Looking { .. }, _) => {
                self.begin_again()
            }
        };
        self.phase = self.within_round(now);
    }

    /// A round that took too long makes no further call: AWS would refuse it, and must not take it.
    fn within_round(&mut self, now: Seconds) -> Phase<A> {
        let phase = std::mem::replace(&mut self.phase, Phase::Cleaning);
        match phase {
            Phase::Unprotecting { round } | Phase::Filling { round, .. } | Phase::Deleting { round }
                if self.limits.is_round_over(round.began, now) =>
            {
                give_up(round, After::Look)
            }
            phase => phase,
        }
    }

    fn begin_again(&mut self) -> Phase<A> {
        self.rounds += 1;
        if self.rounds > self.limits.attempts {
            return Phase::Ended(Ended::Unsettled);
        }
        Phase::Looking { is_settled: false }
    }

    fn look(&mut self, now: Seconds, is_settled: bool, view: &BalancerView<A>) -> Phase<A> {
        if view.is_extended {
            return Phase::Ended(Ended::Kept(KeptReason::Extended));
        }
        if !view.has_listener {
            return Phase::MakingListeners;
        }
        let stale = view.stale(&self.limits, now);
        if !stale.is_empty() {
            return Phase::Fencing { stale };
        }
        if let Some(began) = view.own_round() {
            return self.take_over(now, began, is_settled, view);
        }
        match view.witness() {
            Some(slot) => Phase::Probing { slot, began: now, is_repeated: false },
            None => Phase::Entering { began: now },
        }
    }

    /// An earlier process of this service was killed in a round. What of it may still arrive?
    ///
    /// Its delete only if it had all slots, and only until it protected the load balancer again; the end of its
    /// tombstones only after that. So a whole set of tombstones on an unprotected load balancer is as good as our own,
    /// and any other may go.
    fn take_over(&self, now: Seconds, began: Seconds, is_settled: bool, view: &BalancerView<A>) -> Phase<A> {
        if !is_settled {
            return Phase::Looking { is_settled: true };
        }
        let held: Vec<_> = view.tombstones_of(began).map(|rule| (rule.slot, rule.rule.clone())).collect();
        if view.is_protected || held.len() < usize::from(self.limits.slots) {
            return Phase::Fencing { stale: view.own_tombstones() };
        }
        let round = Round { began, held, is_binding: true };
        if self.limits.is_round_over(began, now) {
            Phase::Lingering { round }
        } else {
            Phase::Inspecting { round }
        }
    }

    fn probe(&mut self, slot: u8, began: Seconds, was_uncertain: bool, answer: Answer<A>) -> Phase<A> {
        match answer {
            Answer::Made(rule) => Phase::Unprobing { rule },
            Answer::InUse if was_uncertain => Phase::RecognizingProbe { slot, began },
            Answer::InUse => Phase::Ended(Ended::Kept(KeptReason::InUse)),
            _ => self.begin_again(),
        }
    }

    fn recognize_probe(&mut self, slot: u8, began: Seconds, view: &BalancerView<A>) -> Phase<A> {
        match view.rules.iter().find(|rule| rule.slot == slot) {
            Some(rule) if is_of_round(rule.holder, began) => Phase::Unprobing { rule: rule.rule.clone() },
            Some(_) => Phase::Ended(Ended::Kept(KeptReason::InUse)),
            None => self.begin_again(),
        }
    }

    fn enter(&mut self, began: Seconds, was_uncertain: bool, answer: Answer<A>) -> Phase<A> {
        match answer {
            Answer::Made(rule) => {
                Phase::Unprotecting { round: Round { began, held: vec![(0, rule)], is_binding: false } }
            }
            Answer::InUse => Phase::RecognizingEntry { began, was_uncertain, is_settled: was_uncertain },
            _ => self.begin_again(),
        }
    }

    /// Who has slot 0? One whose rule does not show, though reads show what is, came and went.
    fn recognize_entry(
        &mut self,
        began: Seconds,
        was_uncertain: bool,
        is_settled: bool,
        view: &BalancerView<A>,
    ) -> Phase<A> {
        let at_slot = view.rules.iter().find(|rule| rule.slot == 0);
        match at_slot.map(|rule| (rule.holder, rule.rule.clone())) {
            Some((holder, rule)) if was_uncertain && is_of_round(holder, began) => {
                Phase::Unprotecting { round: Round { began, held: vec![(0, rule)], is_binding: false } }
            }
            Some((Holder::Tombstone { is_ours: true, .. }, _)) => self.begin_again(),
            None if was_uncertain => self.begin_again(),
            // A tombstone of an earlier process of this service may not show yet.
            None if !is_settled => Phase::RecognizingEntry { began, was_uncertain, is_settled: true },
            _ => Phase::Ended(Ended::Kept(KeptReason::InUse)),
        }
    }

    fn unprotect(&self, round: Round<A>, answer: &Answer<A>) -> Phase<A> {
        match answer {
            Answer::Done => self.fill_next(round),
            _ => give_up(round, After::Look),
        }
    }

    fn fill_next(&self, round: Round<A>) -> Phase<A> {
        let is_held = |slot: &u8| round.held.iter().any(|(held, _)| held == slot);
        match (0..self.limits.slots).find(|slot| !is_held(slot)) {
            Some(slot) => Phase::Filling { round, slot },
            None => Phase::Inspecting { round },
        }
    }

    fn fill(&self, mut round: Round<A>, slot: u8, was_uncertain: bool, answer: Answer<A>) -> Phase<A> {
        match answer {
            Answer::Made(rule) => {
                round.held.push((slot, rule));
                self.fill_next(round)
            }
            Answer::InUse => Phase::Recognizing { round, slot, is_settled: was_uncertain },
            _ => give_up(round, After::Look),
        }
    }

    /// Only one process at a time gets past slot 0. Others try a slot at the most and free it at once, so it is worth
    /// waiting for them; a service is not.
    fn recognize(&self, now: Seconds, mut round: Round<A>, slot: u8, view: &BalancerView<A>) -> Phase<A> {
        let at_slot = view.rules.iter().find(|rule| rule.slot == slot);
        match at_slot.map(|rule| (rule.holder, rule.rule.clone())) {
            Some((holder, rule)) if is_of_round(holder, round.began) => {
                round.held.push((slot, rule));
                self.fill_next(round)
            }
            Some((Holder::Tombstone { is_ours: true, .. }, _)) => give_up(round, After::Look),
            None | Some((Holder::Tombstone { is_ours: false, .. }, _)) => {
                Phase::Pausing { round, slot, until: now + self.limits.pause_seconds }
            }
            _ => give_up(round, After::Probe(slot)),
        }
    }

    fn withdraw(&mut self, now: Seconds, round: Round<A>, after: After) -> Phase<A> {
        if !round.held.is_empty() {
            return Phase::Withdrawing { round, after };
        }
        self.rounds += 1;
        if self.rounds > self.limits.attempts {
            return Phase::Ended(Ended::Unsettled);
        }
        match after {
            After::Probe(slot) => Phase::Probing { slot, began: now, is_repeated: true },
            After::Look => Phase::Looking { is_settled: false },
            After::Keep(reason) => Phase::Ended(Ended::Kept(reason)),
        }
    }
}

fn is_of_round(holder: Holder, began: Seconds) -> bool {
    holder == Holder::Tombstone { is_ours: true, round: began }
}

/// Ends a round without deletion. Tombstones that a delete may still rely on stay until they are stale.
fn give_up<A>(round: Round<A>, after: After) -> Phase<A> {
    if round.is_binding { Phase::Lingering { round } } else { Phase::Reprotecting { round, after } }
}

/// Rules and listeners of others go down with the load balancer, so it stays if there are any.
fn inspect<A>(round: Round<A>, view: &BalancerView<A>) -> Phase<A> {
    if !view.is_extended {
        Phase::Deleting { round }
    } else if round.is_binding {
        Phase::Lingering { round }
    } else {
        Phase::Reprotecting { round, after: After::Keep(KeptReason::Extended) }
    }
}

/// The call is made again; a delete without an answer may arrive until the round is over.
fn unanswered<A>(phase: Phase<A>) -> Phase<A> {
    match phase {
        Phase::Deleting { mut round } => {
            round.is_binding = true;
            Phase::Deleting { round }
        }
        phase => phase,
    }
}
