//! The protocol of the pool, checked exhaustively.
//!
//! Several services, each with a process of its own, join and leave the load balancers of one pool. The checker tries
//! every interleaving of their calls, with crashes, lost answers, requests that arrive after their process is gone,
//! reads that show the past, and time that passes while a process is paused: a process is paused whenever the others
//! run.
//!
//! What the model leaves small, and why that is enough: a process acts on one load balancer at a time and treats all
//! slots but the first alike, so two slots have the first and another one, three have two of the others; a load
//! balancer's fate depends on its own slots only, so two of them show a joiner that goes on to the next. Time has three
//! ages that matter to the protocol (a round is used, its requests expire, its tombstones are stale), one tick each.

mod account;
mod tests;

use std::collections::BTreeSet;

use stateright::{Model, Property};

use super::protocol::{Answer, Call, Join, JoinFailure, Leave, LeaveFailure, Limits, Next, Seat, Seconds};
use account::{Account, Misbehaviour, Name};

const NO_WRONG_DELETE: &str = "no load balancer with a service is deleted";
const RULES_STAY: &str = "a service that has joined keeps its rule";
/// Excused: the tombstone of a killed process that arrives after its successor is done. It blocks one slot until it is
/// stale, and the load balancer waits for the next service of the pool to leave.
const NOTHING_REMAINS: &str = "after all have left no load balancer remains";

/// A pool and what may go wrong in it.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    services: u8,
    limits: Limits,
    /// What those that leave take for the number of slots.
    slots_to_fill: u8,
    budget: Budget,
    misbehaviour: Misbehaviour,
    /// Whether a process that gave a round up believes that the slot is still refused, without asking.
    trusts_refusals: bool,
}

/// How often each thing may go wrong in one history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Budget {
    /// Processes that are killed.
    crashes: u8,
    /// Answers that are lost.
    losses: u8,
    /// Requests that arrive after their process was killed.
    late: u8,
    /// Reads that show the past.
    stale_reads: u8,
    /// Times that time passes although nobody waits for it.
    ticks: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    account: Account,
    processes: Vec<Process>,
    /// Requests whose processes are gone, with their services.
    late: Vec<(u8, Call<Name>)>,
    now: Seconds,
    budget: Budget,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Process {
    Joining(Join<Name>),
    Joined(Seat<Name>),
    /// The service's owner takes it back.
    NotJoined(JoinFailure<Name>),
    Leaving(Leave<Name>),
    Left,
    Stuck(LeaveFailure<Name>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The pending call is carried out and answered.
    Step {
        service: u8,
        is_stale_read: bool,
    },
    /// The process gets no answer.
    Lose {
        service: u8,
        had_effect: bool,
    },
    /// The process is killed; its pending request may be on its way. The next one goes on, or takes back.
    Crash {
        service: u8,
        is_request_late: bool,
        gives_up: bool,
    },
    /// A request of a process that is gone arrives.
    Arrive {
        index: usize,
    },
    /// A service that has joined is removed.
    Remove {
        service: u8,
    },
    Tick,
}

impl Pool {
    fn join(&self, service: u8) -> Process {
        Process::Joining(Join::new(self.limits.clone(), service, BTreeSet::new()))
    }

    fn leave(&self) -> Process {
        Process::Leaving(Leave::new(Limits { slots: self.slots_to_fill, ..self.limits.clone() }))
    }

    /// Lets a process know the answer to its pending call.
    fn step(&self, state: &mut State, service: u8, is_stale_read: bool) -> Option<()> {
        let call = pending(&state.processes[usize::from(service)])?;
        let is_trusting = self.trusts_refusals && is_repeated_refusal(&state.processes[usize::from(service)]);
        let answer =
            if is_trusting { Answer::InUse } else { self.carry_out(state, service, &call, is_stale_read)? };
        let now = state.now;
        let process = &mut state.processes[usize::from(service)];
        match process {
            Process::Joining(join) => {
                join.answer(now, answer);
                if let Next::Finished(result) = join.next() {
                    *process = result.map_or_else(Process::NotJoined, Process::Joined);
                }
            }
            Process::Leaving(leave) => {
                leave.answer(now, answer);
                if let Next::Finished(result) = leave.next() {
                    *process = result.map_or_else(Process::Stuck, |_| Process::Left);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn carry_out(
        &self,
        state: &mut State,
        service: u8,
        call: &Call<Name>,
        is_stale_read: bool,
    ) -> Option<Answer<Name>> {
        state.account.answer(service, call, state.now, is_stale_read, self.limits.slots, self.misbehaviour)
    }

    fn lose(&self, state: &mut State, service: u8, had_effect: bool) -> Option<()> {
        let call = pending(&state.processes[usize::from(service)])?;
        if had_effect {
            self.carry_out(state, service, &call, false)?;
        }
        let now = state.now;
        match &mut state.processes[usize::from(service)] {
            Process::Joining(join) => join.answer(now, Answer::Unknown),
            Process::Leaving(leave) => leave.answer(now, Answer::Unknown),
            _ => return None,
        }
        state.budget.losses -= 1;
        Some(())
    }

    fn crash(&self, state: &mut State, service: u8, is_request_late: bool, gives_up: bool) -> Option<()> {
        let process = &mut state.processes[usize::from(service)];
        let call = pending(process)?;
        *process = match process {
            Process::Joining(_) if !gives_up => self.join(service),
            _ => self.leave(),
        };
        if is_request_late {
            state.late.push((service, call));
            state.budget.late -= 1;
        }
        state.budget.crashes -= 1;
        Some(())
    }

    /// Makes states the same that differ in nothing that can still matter.
    fn forget(state: &mut State) {
        if state.budget.stale_reads == 0 {
            state.account.catch_up();
        }
    }
}

impl Model for Pool {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            account: Account::new(self.limits.load_balancers, self.services),
            processes: (0..self.services).map(|service| self.join(service)).collect(),
            late: Vec::new(),
            now: 0,
            budget: self.budget,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let mut is_waiting = false;
        for (service, process) in (0..).zip(&state.processes) {
            match process {
                Process::Joined(_) | Process::NotJoined(_) => actions.push(Action::Remove { service }),
                Process::Left | Process::Stuck(_) => {}
                Process::Joining(_) | Process::Leaving(_) => {
                    let Some(call) = pending(process) else { continue };
                    if matches!(call, Call::WaitUntil { time } if state.now < time) {
                        is_waiting = true;
                    } else {
                        actions.push(Action::Step { service, is_stale_read: false });
                    }
                    push_failures(state, service, process, &call, actions);
                }
            }
        }
        actions.extend((0..state.late.len()).map(|index| Action::Arrive { index }));
        let can_matter = state.account.has_tombstones() || !state.late.is_empty();
        if is_waiting || (state.budget.ticks > 0 && can_matter) {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, last_state: &State, action: Action) -> Option<State> {
        let mut state = last_state.clone();
        match action {
            Action::Step { service, is_stale_read } => {
                state.budget.stale_reads -= u8::from(is_stale_read);
                self.step(&mut state, service, is_stale_read)?;
            }
            Action::Lose { service, had_effect } => self.lose(&mut state, service, had_effect)?,
            Action::Crash { service, is_request_late, gives_up } => {
                self.crash(&mut state, service, is_request_late, gives_up)?;
            }
            Action::Arrive { index } => {
                let (service, call) = state.late.remove(index);
                self.carry_out(&mut state, service, &call, false);
            }
            Action::Remove { service } => state.processes[usize::from(service)] = self.leave(),
            Action::Tick => {
                state.now += 1;
                // Reads lag by half a minute at the most, a tick is several minutes.
                state.account.catch_up();
                state.budget.ticks = state.budget.ticks.saturating_sub(1);
            }
        }
        Self::forget(&mut state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_WRONG_DELETE, |_, state: &State| !state.account.is_broken),
            Property::always(RULES_STAY, |_, state: &State| {
                (0..).zip(&state.processes).all(|(service, process)| match process {
                    Process::Joined(seat) => state.account.has_rule(service, seat.rule),
                    _ => true,
                })
            }),
            Property::always("no load balancer has too many services", |pool: &Self, state: &State| {
                state.account.most_services() <= usize::from(pool.limits.slots)
            }),
            Property::always("no two services have one slot", |_, state: &State| {
                let seats = || {
                    state.processes.iter().filter_map(|process| match process {
                        Process::Joined(seat) => Some((seat.balancer, seat.slot)),
                        _ => None,
                    })
                };
                seats().count() == seats().collect::<BTreeSet<_>>().len()
            }),
            Property::always("nobody gets stuck", |_, state: &State| {
                !state.processes.iter().any(|process| matches!(process, Process::Stuck(_)))
            }),
            Property::always("who does not join says that the pool is full", |_, state: &State| {
                !state.processes.iter().any(|process| {
                    matches!(process, Process::NotJoined(failure) if *failure != JoinFailure::PoolFull)
                })
            }),
            Property::eventually(NOTHING_REMAINS, |pool: &Self, state: &State| {
                let has_left = |process: &Process| matches!(process, Process::Left);
                let is_excused = pool.budget.late > 0;
                state.processes.iter().all(has_left) && (is_excused || state.account.is_empty())
            }),
        ]
    }
}

/// The call that a process is about to make.
fn pending(process: &Process) -> Option<Call<Name>> {
    let call = match process {
        Process::Joining(join) => match join.next() {
            Next::Call(call) => call,
            Next::Finished(_) => return None,
        },
        Process::Leaving(leave) => match leave.next() {
            Next::Call(call) => call,
            Next::Finished(_) => return None,
        },
        _ => return None,
    };
    Some(call)
}

fn is_repeated_refusal(process: &Process) -> bool {
    matches!(process, Process::Leaving(leave) if leave.is_probing_again())
}

/// Whether a call changes anything.
fn is_write(call: &Call<Name>) -> bool {
    !matches!(
        call,
        Call::ObservePool { .. } | Call::Observe { .. } | Call::WaitUntil { .. } | Call::Clean { .. }
    )
}

fn push_failures(
    state: &State,
    service: u8,
    process: &Process,
    call: &Call<Name>,
    actions: &mut Vec<Action>,
) {
    let budget = &state.budget;
    let is_read =
        matches!(call, Call::ObservePool { is_settled: false } | Call::Observe { is_settled: false, .. });
    if is_read && budget.stale_reads > 0 && state.account.is_lagging() {
        actions.push(Action::Step { service, is_stale_read: true });
    }
    if budget.losses > 0 && is_write(call) {
        actions.push(Action::Lose { service, had_effect: true });
        actions.push(Action::Lose { service, had_effect: false });
    }
    if budget.crashes == 0 {
        return;
    }
    let ways: &[bool] = if matches!(process, Process::Joining(_)) { &[false, true] } else { &[true] };
    for &gives_up in ways {
        actions.push(Action::Crash { service, is_request_late: false, gives_up });
        if budget.late > 0 && is_write(call) {
            actions.push(Action::Crash { service, is_request_late: true, gives_up });
        }
    }
}
