//! One cell of the matrix: one operation, disturbed at one call by one fault, and brought to its end.

use std::fmt;

use terraform_provider_express::framework::{Diagnostics, Severity};

use super::account::{Inventory, take_inventory};
use super::fault::{Fault, Position};
use super::scenario::{Scenario, say};
use crate::support::workspace::Workspace;

/// Longest time that an operation may take while it is disturbed: its timeout, twice for a replacement.
const LONGEST_SECONDS: u64 = 2 * 60 * 60;

/// A cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) scenario: Scenario,
    pub(super) position: Position,
    pub(super) fault: Fault,
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { operation, skip, .. } = &self.position;
        write!(formatter, "{:?} | {operation} #{} | {:?}", self.scenario, skip + 1, self.fault)
    }
}

/// The cells that end badly and cannot do otherwise, each with the reason. One that ends well is a failure too, so
/// that this list stays true.
const KNOWN_LIMITS: [(Scenario, &str, Fault, &str); 1] = [(
    Scenario::CreateUnnamed,
    "UntagResource",
    Fault::Killed,
    "the marker goes before Terraform has the state, and AWS knows no other token for a service without a name",
)];

/// An operation as it goes undisturbed.
pub(super) struct Undisturbed {
    pub(super) before: Workspace,
    pub(super) positions: Vec<Position>,
    pub(super) inventory: Inventory,
}

/// What became of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    /// There was nothing to do evil to at this point.
    Vacuous,
    /// What is wrong.
    Bad(String),
}

impl Cell {
    /// Why the cell cannot end well, if that is known.
    pub(super) fn find_limit(&self) -> Option<&'static str> {
        let is_this = |limit: &&(Scenario, &str, Fault, &str)| {
            (limit.0, limit.1, limit.2) == (self.scenario, self.position.operation.as_str(), self.fault)
        };
        KNOWN_LIMITS.iter().find(is_this).map(|limit| limit.3)
    }

    /// Runs the cell in a workspace of its own.
    pub(super) async fn run(&self, undisturbed: &Undisturbed) -> Verdict {
        let mut workspace = undisturbed.before.fork().await;
        let armed = self.fault.arm(&workspace.sandbox, &self.position);
        let started = workspace.elapsed_seconds();
        let said = tokio::select! {
            biased;
            () = armed.killed.notified() => None,
            said = self.scenario.act(&mut workspace) => Some(said),
        };
        if !armed.has_struck(&workspace.sandbox) {
            return match self.fault {
                Fault::ServiceDraining | Fault::ServiceGone | Fault::LoadBalancerGone => Verdict::Vacuous,
                _ => Verdict::Bad("the call was not made".to_owned()),
            };
        }
        let seconds = workspace.elapsed_seconds() - started;
        workspace.sandbox.clear_faults();
        if let Err(wrong) = self.check_ending(said.as_ref(), seconds) {
            return Verdict::Bad(wrong);
        }
        if said.is_none() && self.scenario.is_create() {
            workspace.forget("app");
        }
        workspace.restart_provider().await;
        match self.heal(&mut workspace, &undisturbed.inventory).await {
            Ok(()) => Verdict::Good,
            Err(wrong) => Verdict::Bad(match said {
                Some(said) if said.has_errors() => format!("{wrong}; first it said: {}", say(&said)),
                _ => wrong,
            }),
        }
    }

    /// The disturbed operation ended in time, and an error quotes what AWS said.
    fn check_ending(&self, said: Option<&Diagnostics>, seconds: u64) -> Result<(), String> {
        if seconds > LONGEST_SECONDS {
            return Err(format!("took {seconds} s"));
        }
        let Some(said) = said.filter(|said| said.has_errors()) else { return Ok(()) };
        let text = say(said);
        if text.contains("Internal error") {
            return Err(format!("a panic: {text}"));
        }
        if self.fault.is_transient() {
            return Err(format!("failed, though the fault passes by itself: {text}"));
        }
        if said.iter().any(|one| one.severity == Severity::Error && one.detail.is_empty()) {
            return Err(format!("an error without a detail: {text}"));
        }
        if !self.fault.quotes().iter().any(|quote| text.contains(quote)) {
            return Err(format!("does not say what AWS said: {text}"));
        }
        Ok(())
    }

    async fn heal(&self, workspace: &mut Workspace, expected: &Inventory) -> Result<(), String> {
        if self.fault == Fault::LoadBalancerGone && !self.scenario.is_delete() && !self.scenario.is_composed()
        {
            return heal_without_load_balancer(self.scenario, workspace).await;
        }
        self.scenario.heal(workspace).await?;
        let inventory = take_inventory(&workspace.sandbox);
        let is_as_expected = if self.fault.is_transient() {
            inventory == *expected
        } else {
            inventory.without_marks() == expected.without_marks()
        };
        if is_as_expected { Ok(()) } else { Err(format!("left {inventory:?}, expected {expected:?}")) }
    }
}

/// ECS does not make a load balancer again that somebody deleted, so the way out is to destroy.
async fn heal_without_load_balancer(scenario: Scenario, workspace: &mut Workspace) -> Result<(), String> {
    if workspace.state("app").is_none() && scenario == Scenario::Import {
        let imported = workspace.import("app", "default/api").await;
        if imported.has_errors() {
            return Err(format!("the import: {}", say(&imported)));
        }
    }
    let refreshed = workspace.refresh("app").await;
    if refreshed.has_errors() {
        return Err(format!("the refresh: {}", say(&refreshed)));
    }
    let destroyed = workspace.destroy("app").await;
    if destroyed.has_errors() {
        return Err(format!("the destroy: {}", say(&destroyed)));
    }
    let inventory = take_inventory(&workspace.sandbox);
    let is_clean = inventory.services.is_empty()
        && inventory.without_marks().resources.iter().all(|(kind, count)| match *kind {
            "security groups" => *count == 1,
            _ => *count == 0,
        });
    if is_clean { Ok(()) } else { Err(format!("left {inventory:?}")) }
}
