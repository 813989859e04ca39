//! How a service gives up its slot, and the load balancers that nobody uses any more go with it.

use super::take_down::{Ended, KeptReason, TakeDown};
use super::{Answer, Call, Limits, Next, PoolView, Seconds};

/// A service that is leaving.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Leave<A> {
    limits: Limits,
    looks: u8,
    /// Load balancers that remain to be taken down, the next one last.
    rest: Vec<(u8, A)>,
    report: LeaveReport<A>,
    phase: Phase<A>,
}

/// What became of the load balancers of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LeaveReport<A> {
    pub(crate) deleted: Vec<A>,
    pub(crate) kept: Vec<(A, KeptReason)>,
}

/// Why leaving did not come to an end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LeaveFailure<A> {
    /// A rule that cannot be seen uses the target groups.
    TargetGroupsInUse,
    /// Others came and went while the load balancer was being taken down, more often than we try.
    Unsettled { balancer: A },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase<A> {
    Looking,
    DeletingRules { rules: Vec<A> },
    DeletingTargetGroups,
    TakingDown(TakeDown<A>),
    Finished(Result<(), LeaveFailure<A>>),
}

impl<A: Clone + PartialEq> Leave<A> {
    /// A leave from wherever an earlier one was interrupted.
    pub(crate) fn new(limits: Limits) -> Self {
        let report = LeaveReport { deleted: Vec::new(), kept: Vec::new() };
        Self { limits, looks: 0, rest: Vec::new(), report, phase: Phase::Looking }
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Next<A, Result<LeaveReport<A>, LeaveFailure<A>>> {
        Next::Call(match &self.phase {
            Phase::Looking => Call::ObservePool { is_settled: self.looks > 0 },
            Phase::DeletingRules { rules } => Call::DeleteRule { rule: rules[0].clone() },
            Phase::DeletingTargetGroups => Call::DeleteTargetGroups,
            Phase::TakingDown(take_down) => take_down.next(),
            Phase::Finished(result) => {
                return Next::Finished(result.clone().map(|()| self.report.clone()));
            }
        })
    }

    /// Takes the answer to the call that [`Leave::next`] named.
    pub(crate) fn answer(&mut self, now: Seconds, answer: Answer<A>) {
        let phase = std::mem::replace(&mut self.phase, Phase::Looking);
        self.phase = match (phase, answer) {
            (Phase::TakingDown(take_down), answer) => self.take_down(take_down, now, answer),
            (Phase::Looking, Answer::Pool(view)) => self.release(view),
            (Phase::DeletingRules { mut rules }, Answer::Done) => {
                rules.remove(0);
                deleting_rules(rules)
            }
            (Phase::DeletingTargetGroups, Answer::Done) => self.continue_below(),
            (Phase::DeletingTargetGroups, Answer::InUse) => self.look_again(),
            (phase, _) => phase,
        };
    }

    /// Whether a slot that ended a round is tried once more.
    #[cfg(test)]
    pub(crate) fn is_probing_again(&self) -> bool {
        matches!(&self.phase, Phase::TakingDown(take_down) if take_down.is_probing_again())
    }

    fn release(&mut self, view: PoolView<A>) -> Phase<A> {
        let rules = view.values().flat_map(|seen| seen.ours().map(|rule| rule.rule.clone())).collect();
        self.rest = view.into_iter().rev().map(|(number, seen)| (number, seen.balancer)).collect();
        deleting_rules(rules)
    }

    /// The target groups are the proof: as long as AWS refuses to delete them, a rule of ours is left somewhere.
    fn look_again(&mut self) -> Phase<A> {
        self.looks += 1;
        if self.looks > self.limits.attempts {
            return Phase::Finished(Err(LeaveFailure::TargetGroupsInUse));
        }
        Phase::Looking
    }

    fn continue_below(&mut self) -> Phase<A> {
        match self.rest.pop() {
            Some((number, balancer)) => {
                Phase::TakingDown(TakeDown::new(self.limits.clone(), number, balancer))
            }
            None => Phase::Finished(Ok(())),
        }
    }

    fn take_down(&mut self, mut take_down: TakeDown<A>, now: Seconds, answer: Answer<A>) -> Phase<A> {
        take_down.answer(now, answer);
        match take_down.ended() {
            None => return Phase::TakingDown(take_down),
            Some(Ended::Deleted) => self.report.deleted.push(take_down.balancer().clone()),
            Some(Ended::Kept(reason)) => self.report.kept.push((take_down.balancer().clone(), reason)),
            Some(Ended::Unsettled) => {
                let balancer = take_down.balancer().clone();
                return Phase::Finished(Err(LeaveFailure::Unsettled { balancer }));
            }
        }
        self.continue_below()
    }
}

fn deleting_rules<A>(rules: Vec<A>) -> Phase<A> {
    if rules.is_empty() { Phase::DeletingTargetGroups } else { Phase::DeletingRules { rules } }
}
