//! The flat executor: carries a plan out as concurrently as its dependencies allow.

use std::collections::HashSet;
use std::future::Future;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::plan::{Part, Plan, StepId};
use crate::engine::EngineError;

/// Steps that are under way at the same time.
const CONCURRENCY_LIMIT: usize = 8;

/// How a plan went.
#[derive(Debug)]
pub(super) struct Report {
    /// Parts whose step succeeded, in the order in which they did.
    pub(super) done: Vec<Part>,
    /// Parts whose step was begun and did not succeed.
    pub(super) unfinished: Vec<Part>,
    /// The first failure.
    pub(super) failure: Option<(StepId, EngineError)>,
}

/// Carries out a plan.
///
/// # Guarantees
/// A step begins only when all that it waits for succeeded. After a failure no step begins; those under way are asked
/// to end through `halt`, and are waited for. At most eight are under way at once.
pub(super) async fn run<F>(plan: &Plan, halt: &CancellationToken, carry_out: impl Fn(StepId) -> F) -> Report
where
    F: Future<Output = Result<(), EngineError>> + Send + 'static,
{
    let mut report = Report { done: Vec::new(), unfinished: Vec::new(), failure: None };
    let mut waiting: Vec<_> = plan.steps().iter().collect();
    let mut under_way = HashSet::new();
    let mut tasks = JoinSet::new();
    loop {
        while report.failure.is_none() && tasks.len() < CONCURRENCY_LIMIT {
            let is_ready = |after: &[Part]| after.iter().all(|part| report.done.contains(part));
            let Some(index) = waiting.iter().position(|step| is_ready(&step.after)) else { break };
            let step = waiting.remove(index);
            tracing::info!(step = %step.id, "step begins");
            under_way.insert(step.id.part);
            let (id, work) = (step.id, carry_out(step.id));
            let span = tracing::info_span!("step", id = %id);
            tasks.spawn(async move { (id, work.await) }.instrument(span));
        }
        match tasks.join_next().await {
            None => break,
            Some(Ok((id, Ok(())))) => {
                tracing::info!(step = %id, "step done");
                under_way.remove(&id.part);
                report.done.push(id.part);
            }
            Some(Ok((id, Err(error)))) => {
                tracing::info!(step = %id, error = %error, "step failed");
                note_failure(&mut report, halt, id, error);
            }
            // Tasks are aborted only when this whole future is dropped.
            Some(Err(error)) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    let mut unfinished: Vec<_> = under_way.into_iter().collect();
    unfinished.sort();
    report.unfinished = unfinished;
    report
}

/// The first failure counts. A step that was merely asked to end because of another one is none.
fn note_failure(report: &mut Report, halt: &CancellationToken, id: StepId, error: EngineError) {
    if report.failure.is_none() {
        report.failure = Some((id, error));
        halt.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::clock::{Clock, VirtualClock};

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn diamond() -> Plan {
        let steps = [
            (Part::Cluster, vec![]),
            (Part::LogGroup, vec![Part::Cluster]),
            (Part::TargetGroups, vec![Part::Cluster]),
            (Part::EcsService, vec![Part::LogGroup, Part::TargetGroups]),
        ];
        Plan::undo(steps).expect("a plan")
    }

    fn refusal() -> EngineError {
        EngineError::Missing { what: "it".to_owned() }
    }

    #[tokio::test]
    async fn independent_steps_run_at_the_same_time_and_dependent_ones_in_order() {
        let clock = VirtualClock::starting_at(START);
        let ended = Arc::new(Mutex::new(Vec::new()));
        let report = run(&diamond(), &CancellationToken::new(), |step| {
            let (clock, ended) = (clock.clone(), Arc::clone(&ended));
            async move {
                clock.sleep(Duration::from_secs(10)).await;
                let seconds = clock.now().duration_since(START).expect("after the start").as_secs();
                ended.lock().expect("not poisoned").push((step.part, seconds));
                Ok(())
            }
        })
        .await;
        assert!(report.failure.is_none());
        assert_eq!(report.done.len(), 4);
        let seconds: Vec<_> =
            ended.lock().expect("not poisoned").iter().map(|(_, seconds)| *seconds).collect();
        assert_eq!(seconds, [10, 20, 20, 30]);
    }

    #[tokio::test]
    async fn after_a_failure_nothing_begins_and_what_is_under_way_is_asked_to_end() {
        let clock = VirtualClock::starting_at(START);
        let halt = CancellationToken::new();
        let report = run(&diamond(), &halt, |step| {
            let (clock, halt) = (clock.clone(), halt.clone());
            async move {
                match step.part {
                    Part::LogGroup => {
                        clock.sleep(Duration::from_secs(1)).await;
                        Err(refusal())
                    }
                    Part::TargetGroups => {
                        halt.cancelled().await;
                        Err(EngineError::Interrupted { pending: "waiting".to_owned() })
                    }
                    _ => Ok(()),
                }
            }
        })
        .await;
        let (step, error) = report.failure.expect("a failure");
        assert_eq!((step.to_string().as_str(), error), ("log_group.undo", refusal()));
        assert_eq!(report.done, [Part::Cluster]);
        assert_eq!(report.unfinished, [Part::LogGroup, Part::TargetGroups]);
    }
}
