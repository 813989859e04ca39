//! The matrix: derived from the calls that each operation makes, run on every core, reported as a table.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use terraform_provider_express::sandbox::journal::Call;

use super::account::take_inventory;
use super::cell::{Cell, Undisturbed, Verdict};
use super::fault::{Fault, Position};
use super::scenario::{Scenario, say};

#[test]
fn every_call_survives_every_fault() {
    let size = prove("fault matrix", &Scenario::ALL);
    assert!(
        size.calls >= 60 && size.runs > size.calls * 7,
        "the matrix has shrunk to {} calls and {} runs",
        size.calls,
        size.runs
    );
}

#[test]
fn every_composed_call_survives_every_fault() {
    let size = prove("composed fault matrix", &Scenario::COMPOSED);
    assert!(
        size.calls >= 250 && size.runs > 1000,
        "the matrix has shrunk to {} calls and {} runs",
        size.calls,
        size.runs
    );
}

/// How much of a matrix there is.
struct Size {
    calls: usize,
    runs: usize,
}

/// Runs the matrix of these operations, and insists that no cell ends badly.
///
/// `EXPRESS_FAULTS` narrows it while somebody works on one cell: only cells whose description contains it are run, and
/// the size means nothing.
fn prove(title: &str, operations: &[Scenario]) -> Size {
    let undisturbed = on_all_cores(operations.len(), |index| observe(operations[index]));
    let mut scenarios = Vec::new();
    for (scenario, observed) in operations.iter().copied().zip(undisturbed) {
        scenarios
            .push((scenario, observed.unwrap_or_else(|wrong| panic!("{scenario:?} undisturbed: {wrong}"))));
    }
    let only = std::env::var("EXPRESS_FAULTS").unwrap_or_default();
    let mut cells = derive_cells(&scenarios);
    cells.retain(|(_, cell)| cell.to_string().contains(&only));
    tell(&format!("{title}: {} cells", cells.len()));
    let verdicts = on_all_cores(cells.len(), |index| {
        let (observed, cell) = &cells[index];
        let verdict = block_on(cell.run(observed));
        if let (Verdict::Bad(wrong), None) = (&verdict, cell.find_limit()) {
            // The table at the end has it again; whoever watches need not wait for it.
            tell(&format!("{cell} | {wrong}"));
        }
        verdict
    });
    let (mut runs, mut limits) = (0, 0);
    let mut table = Vec::new();
    for ((_, cell), verdict) in cells.iter().zip(verdicts) {
        let wrong = match verdict {
            Ok(Verdict::Vacuous) => continue,
            Ok(Verdict::Good) => None,
            Ok(Verdict::Bad(wrong)) => Some(wrong),
            Err(panic) => Some(format!("panicked: {panic}")),
        };
        runs += 1;
        match (wrong, cell.find_limit()) {
            (None, None) => {}
            (Some(_), Some(reason)) => {
                limits += 1;
                tell(&format!("known limit: {cell}: {reason}"));
            }
            (None, Some(_)) => table.push(format!("{cell} | ends well, so it is no limit any more")),
            (Some(wrong), None) => table.push(format!("{cell} | {wrong}")),
        }
    }
    let call_count: usize = scenarios.iter().map(|(_, observed)| observed.positions.len()).sum();
    let faults = Fault::ALL.len();
    tell(&format!(
        "{title}: {call_count} calls x {faults} faults = {runs} runs, {} failures, {limits} known limits",
        table.len()
    ));
    assert!(table.is_empty(), "\n{}", table.join("\n"));
    if only.is_empty() {
        Size { calls: call_count, runs }
    } else {
        Size { calls: usize::MAX / 8, runs: usize::MAX }
    }
}

/// Says something that shows also when the test passes: the harness keeps back only what the print macros write.
fn tell(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").expect("stderr is open");
}

/// Runs an operation undisturbed: what it calls, and what it leaves.
fn observe(scenario: Scenario) -> Undisturbed {
    block_on(async {
        let before = scenario.before().await;
        let mut workspace = before.fork().await;
        let said = scenario.act(&mut workspace).await;
        assert!(!said.has_errors(), "{}", say(&said));
        let positions = derive_positions(scenario, &workspace.sandbox.calls());
        let inventory = take_inventory(&workspace.sandbox);
        assert_eq!(inventory.services.len(), usize::from(!scenario.is_delete()), "{inventory:?}");
        assert!(!inventory.services.iter().any(|service| service.contains("creating")), "{inventory:?}");
        Undisturbed { before, positions, inventory }
    })
}

/// First, second and last call of each operation: a poll in the middle of a wait is like the second one. Of the composed
/// engine, which makes several times as many calls, the first and the last.
fn derive_positions(scenario: Scenario, calls: &[Call]) -> Vec<Position> {
    let mut counts = BTreeMap::<(&'static str, &str), u32>::new();
    for call in calls {
        *counts.entry((call.service, &call.operation)).or_default() += 1;
    }
    let positions = counts.into_iter().flat_map(|((service, operation), count)| {
        let second = if scenario.is_composed() { 0 } else { 1.min(count - 1) };
        let mut skips = vec![0, second, count - 1];
        skips.dedup();
        skips.into_iter().map(move |skip| Position { service, operation: operation.to_owned(), skip })
    });
    positions.collect()
}

fn derive_cells(scenarios: &[(Scenario, Undisturbed)]) -> Vec<(&Undisturbed, Cell)> {
    let mut cells = Vec::new();
    for (scenario, observed) in scenarios {
        for position in &observed.positions {
            for fault in Fault::ALL.into_iter().filter(|fault| fault.applies_to(*scenario, position)) {
                cells.push((observed, Cell { scenario: *scenario, position: position.clone(), fault }));
            }
        }
    }
    cells
}

/// `work` of every index, on as many threads as there are cores; a panic is the answer of its index alone.
fn on_all_cores<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<Result<T, String>> {
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut answers = thread::scope(|scope| {
        let worker = || {
            let mut answers = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return answers;
                }
                let answer = catch_unwind(AssertUnwindSafe(|| work(index)));
                answers.push((index, answer.map_err(|panic| describe_panic(panic.as_ref()))));
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("panics are caught")).collect::<Vec<_>>()
    });
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn describe_panic(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}
