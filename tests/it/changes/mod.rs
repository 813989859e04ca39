//! Changes of arguments, from a table that has every one of them: what is not known at plan, every pair at once, and long
//! walks. What the plan promises and what the apply brings is compared after each (`support::workspace`).

mod arguments;
mod pairs;
mod unknowns;
mod unwaited;
mod walks;

use serde_json::Value as Json;

use crate::support::values::told;
use crate::support::workspace::Workspace;
use arguments::{Account, Argument, Engine};

/// A live service to change, and what may be changed of it.
struct Subject {
    workspace: Workspace,
    engine: Engine,
    arguments: Vec<Argument>,
    /// Which value each argument has: 0 is the one of the beginning.
    levels: Vec<usize>,
}

impl Subject {
    /// A service as it is at the beginning.
    async fn new(engine: Engine) -> Self {
        let mut workspace = Workspace::with_provider(serde_json::json!({ "preflight": "off" })).await;
        let account = Account::prepare(&workspace).await;
        let arguments = engine.arguments(&account);
        let levels = vec![0; arguments.len()];
        workspace.applied("app", &engine.base()).await;
        workspace.broken = Some(Vec::new());
        Self { workspace, engine, arguments, levels }
    }

    /// The configuration of the present levels.
    fn config(&self) -> Json {
        let mut config = self.engine.base();
        for (argument, level) in self.arguments.iter().zip(&self.levels) {
            argument.set(&mut config, *level);
        }
        config
    }

    /// Whether an argument may be set to a level beside all the others.
    fn fits(&self, index: usize, level: usize) -> bool {
        let others = self.levels.iter().enumerate().filter(|(other, level)| *other != index && **level > 0);
        level == 0
            || others.map(|(other, _)| &self.arguments[other]).all(|it| !self.arguments[index].excludes(it))
    }

    /// Applies the present levels. Says what went wrong, if anything did.
    async fn step(&mut self) -> Result<(), String> {
        let config = self.config();
        // Each command of a user is a process of its own.
        self.workspace.restart_provider().await;
        let applied = self.workspace.apply("app", &config).await;
        if applied.diagnostics.has_errors() {
            return Err(format!("the apply fails: {}", told(&applied.diagnostics)));
        }
        let broken = self.workspace.broken.replace(Vec::new()).unwrap_or_default();
        if !broken.is_empty() {
            return Err(format!("the result differs from the plan: {broken:#?}"));
        }
        self.settle(&config).await
    }

    /// Says what the next plan of an applied configuration would change. A deployment that nobody waited for is over then.
    async fn settle(&mut self, config: &Json) -> Result<(), String> {
        if config["wait_for_steady_state"] == Json::Bool(false) {
            self.workspace.clock_advance(3600).await;
        }
        let changed = self.workspace.changed_by_plan("app", config).await;
        if changed.is_empty() { Ok(()) } else { Err(format!("the next plan is not empty: {changed:#?}")) }
    }
}

/// Numbers that look random and are the same in every run of a seed.
struct Numbers(u64);

impl Numbers {
    /// The next number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}
