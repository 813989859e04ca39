//! Applies that do not wait for their deployment (`wait_for_steady_state = false`): whatever they change is settled with
//! them, so that the next plan is empty at once, and still when the deployment is over.

use serde_json::{Value as Json, json};

use super::{Engine, Subject};
use crate::support::values::told;
use crate::support::workspace::with;

impl Subject {
    fn unwaited(&self) -> Json {
        with(&self.config(), "wait_for_steady_state", false)
    }

    /// Applies the present levels without waiting. Says what was not as planned, or did not settle.
    async fn step_unwaited(&mut self) -> Result<(), String> {
        let config = self.unwaited();
        self.workspace.restart_provider().await;
        let applied = self.workspace.apply("app", &config).await;
        if applied.diagnostics.has_errors() {
            return Err(format!("the apply fails: {}", told(&applied.diagnostics)));
        }
        let broken = self.workspace.broken.replace(Vec::new()).unwrap_or_default();
        if !broken.is_empty() {
            return Err(format!("the result differs from the plan: {broken:#?}"));
        }
        for (when, seconds) in [("right after it", 0), ("while it deploys", 90), ("an hour later", 3600)] {
            self.workspace.clock_advance(seconds).await;
            let changed = self.workspace.changed_by_plan("app", &config).await;
            if !changed.is_empty() {
                return Err(format!("the plan {when} is not empty: {changed:#?}"));
            }
        }
        Ok(())
    }
}

/// Every argument added, changed and removed again.
#[expect(clippy::print_stderr, reason = "how much was tried is worth a line")]
async fn everything_settles_without_a_wait(engine: Engine) {
    let mut subject = Subject::new(engine).await;
    let (mut count, mut misses) = (0, Vec::new());
    for index in 0..subject.arguments.len() {
        let argument = subject.arguments[index].clone();
        if argument.path == "wait_for_steady_state" {
            continue;
        }
        for level in (1..=argument.values.len()).chain([0]) {
            subject.levels[index] = level;
            count += 1;
            if let Err(problem) = subject.step_unwaited().await {
                misses.push(format!("{} to level {level}: {problem}", argument.path));
                subject = Subject::new(engine).await;
                subject.levels[index] = level;
            }
        }
        subject.levels[index] = 0;
    }
    eprintln!("{engine:?}: {count} changes without a wait, {} misses", misses.len());
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test]
async fn every_change_of_the_managed_engine_settles_without_a_wait() {
    everything_settles_without_a_wait(Engine::Managed).await;
}

#[tokio::test]
async fn every_change_of_the_composed_engine_settles_without_a_wait() {
    everything_settles_without_a_wait(Engine::Composed).await;
}

#[tokio::test]
async fn another_health_check_settles_without_a_wait_whatever_the_strategy() {
    for strategy in ["CANARY", "LINEAR", "BLUE_GREEN", "ROLLING"] {
        let mut subject = Subject::new(Engine::Composed).await;
        let of = |path: &str| {
            let config = with(&Engine::Composed.base(), "wait_for_steady_state", false);
            let config = with(&config, "health_check_path", path);
            with(&config, "deployment_configuration", json!({ "strategy": strategy }))
        };
        for path in ["/one", "/two", "/one"] {
            let applied = subject.workspace.apply("app", &of(path)).await;
            assert!(!applied.diagnostics.has_errors(), "{strategy}: {}", told(&applied.diagnostics));
            assert_eq!(subject.workspace.broken.replace(Vec::new()), Some(Vec::new()), "{strategy} {path}");
            for seconds in [0, 90, 3600] {
                subject.workspace.clock_advance(seconds).await;
                let changed = subject.workspace.changed_by_plan("app", &of(path)).await;
                assert_eq!(changed, Vec::<String>::new(), "{strategy} {path}, after {seconds} s");
            }
            assert_eq!(subject.workspace.attribute("app", "health_check_path"), json!(path), "{strategy}");
        }
    }
}
