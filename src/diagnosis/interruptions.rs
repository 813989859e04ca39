//! What becomes of an apply that is cut short: one table, from which errors take their hints, pages are printed, and which
//! the acceptance tests go over with a real core and real signals.
//!
//! The provider cannot do more than answer, mark what it begins, and find it again: what the state has is core's decision.

use std::fmt::Write as _;

/// What is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A service is made.
    Create,
    /// A service is changed in place.
    Update,
    /// While the new service is made. While the old one is removed it is as a destroy.
    Replacement,
    /// A service is removed.
    Destroy,
}

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Ctrl-C once: core asks the provider to stop, and waits for it.
    Interrupt,
    /// Ctrl-C twice: core does not wait.
    TwoInterrupts,
    /// The time in `timeouts` is over.
    Timeout,
    /// SIGKILL of the provider alone.
    ProviderKilled,
    /// SIGKILL of core alone; the provider notices that nobody is left.
    CoreKilled,
    /// SIGKILL of both.
    BothKilled,
}

/// What the state has afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// No service.
    Nothing,
    /// The service, not tainted.
    Service,
    /// The service, tainted: a plan replaces it.
    Tainted,
    /// The service as it was before, not tainted.
    Before,
    /// What the destroy has not removed yet.
    Rest,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// What was cut short.
    pub work: Work,
    /// How.
    pub cut: Cut,
    /// Any of these: where there are several, it depends on how far the provider came.
    pub left: &'static [Left],
    /// What is said, in words for the page.
    pub says: &'static str,
    /// Words of what is said, by whoever says it.
    pub words: Option<&'static str>,
    /// The hint of ours that goes along.
    pub hint: Option<&'static str>,
    /// What the next plan shows, in words for the page.
    pub next_plan: &'static str,
    /// What the next apply does, in words for the page.
    pub next_apply: &'static str,
}

const CONTINUES_HINT: &str = "apply again: it continues this service and follows its deployment to the end";
const UNTAINT_HINT: &str = "Terraform marks the service as tainted, so the next plan would replace it: `terraform untaint \
                            <address>` keeps it, and the next apply follows its deployment to the end";
const FOLLOW_HINT: &str =
    "apply again: the plan shows the deployment that goes on, and the apply follows it to its end";
const DESTROY_HINT: &str = "destroy again: it goes on with the deletion that is under way";

const STOPPED: &str = "a warning that it was stopped, and Terraform's own error";
const TERRAFORMS: &str = "Terraform's own error";
const NOTHING: &str = "nothing";

const OPEN: &str = "shows `deployment` as known after apply";
const OPEN_STATUS: &str = "shows `deployment.status` as known after apply while the deployment runs";
const CREATES: &str = "creates the service";
const ONCE_OR_KILLED: &str = "as after one of them; creates the service if nothing was saved";
const REPLACES: &str =
    "replaces the service; after `terraform untaint` it shows `deployment` as known after apply";
const OLD_ONE: &str = "goes on with a service of the same `service_name`; creates one otherwise";
const REST: &str = "of a destroy: destroys; of an apply: makes the service again";

const MAKES_THE_REST: &str = "makes the rest and follows the deployment to its end";
const AFTER_UNTAINT: &str =
    "after `terraform untaint`: follows the deployment, or begins one if none ever succeeded";
const FINDS: &str = "within 24 hours it goes on with a service that has a `service_name`, and names any other with the \
                     commands that import or remove it; later it says \"already exists\", with the import command";
const FOLLOWS: &str = "follows the deployment to its end, and fails if it fails";
const DELETES: &str = "goes on with the deletion, and an apply makes the service again after it";

const CANCELED: Option<&str> = Some("Interrupt received");
const NO_ANSWER: Option<&str> = Some("Plugin did not respond");

const fn row(work: Work, cut: Cut, left: &'static [Left]) -> Interruption {
    let (says, words) = match cut {
        Cut::Interrupt => (STOPPED, Some("was stopped")),
        Cut::TwoInterrupts => (TERRAFORMS, CANCELED),
        Cut::Timeout => ("an error that names `terraform untaint`", Some("timed out")),
        Cut::ProviderKilled => (TERRAFORMS, NO_ANSWER),
        Cut::CoreKilled | Cut::BothKilled => (NOTHING, None),
    };
    Interruption { work, cut, left, says, words, hint: None, next_plan: CREATES, next_apply: FINDS }
}

const fn then(row: Interruption, next_plan: &'static str, next_apply: &'static str) -> Interruption {
    Interruption { next_plan, next_apply, ..row }
}

const fn hinting(row: Interruption, hint: &'static str) -> Interruption {
    Interruption { hint: Some(hint), ..row }
}

/// An error of ours with a hint.
const fn refused(
    row: Interruption,
    says: &'static str,
    words: &'static str,
    hint: &'static str,
) -> Interruption {
    Interruption { says, words: Some(words), hint: Some(hint), ..row }
}

const fn create(cut: Cut) -> Interruption {
    let work = Work::Create;
    match cut {
        Cut::Interrupt => {
            hinting(then(row(work, cut, &[Left::Service]), OPEN, MAKES_THE_REST), CONTINUES_HINT)
        }
        Cut::TwoInterrupts => {
            then(row(work, cut, &[Left::Service, Left::Nothing]), ONCE_OR_KILLED, MAKES_THE_REST)
        }
        Cut::Timeout => {
            hinting(then(row(work, cut, &[Left::Tainted]), REPLACES, AFTER_UNTAINT), UNTAINT_HINT)
        }
        Cut::ProviderKilled | Cut::CoreKilled | Cut::BothKilled => row(work, cut, &[Left::Nothing]),
    }
}

const fn update(cut: Cut) -> Interruption {
    let (says, left) = ("an error: apply again", &[Left::Service]);
    let row = then(row(Work::Update, cut, &[Left::Before]), OPEN_STATUS, FOLLOWS);
    match cut {
        Cut::Interrupt => refused(Interruption { left, ..row }, says, "interrupted", FOLLOW_HINT),
        Cut::Timeout => refused(Interruption { left, ..row }, says, "timed out", FOLLOW_HINT),
        Cut::TwoInterrupts => Interruption { left: &[Left::Service, Left::Before], ..row },
        Cut::ProviderKilled | Cut::CoreKilled | Cut::BothKilled => row,
    }
}

const fn replacement(cut: Cut) -> Interruption {
    let row = Interruption { work: Work::Replacement, ..create(cut) };
    match cut {
        Cut::TwoInterrupts => Interruption { left: &[Left::Service, Left::Before, Left::Nothing], ..row },
        Cut::CoreKilled | Cut::BothKilled => {
            Interruption { left: &[Left::Before, Left::Nothing], next_plan: OLD_ONE, ..row }
        }
        Cut::Interrupt | Cut::Timeout | Cut::ProviderKilled => row,
    }
}

const fn destroy(cut: Cut) -> Interruption {
    let says = "an error: destroy again";
    let row = then(row(Work::Destroy, cut, &[Left::Rest]), REST, DELETES);
    match cut {
        Cut::Interrupt => refused(row, says, "interrupted", DESTROY_HINT),
        Cut::Timeout => refused(row, says, "timed out", DESTROY_HINT),
        Cut::TwoInterrupts | Cut::ProviderKilled | Cut::CoreKilled | Cut::BothKilled => row,
    }
}

/// Every way to cut an apply short, in the order of the page.
pub const CUTS: [Cut; 6] =
    [Cut::Interrupt, Cut::TwoInterrupts, Cut::Timeout, Cut::ProviderKilled, Cut::CoreKilled, Cut::BothKilled];

/// Everything that can be cut short, in the order of the page.
pub const WORKS: [Work; 4] = [Work::Create, Work::Update, Work::Replacement, Work::Destroy];

/// The row of a work and a cut.
pub const fn of(work: Work, cut: Cut) -> Interruption {
    match work {
        Work::Create => create(cut),
        Work::Update => update(cut),
        Work::Replacement => replacement(cut),
        Work::Destroy => destroy(cut),
    }
}

impl Work {
    /// What a user calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replacement => "replacement, while it makes the new service",
            Self::Destroy => "destroy, or a replacement while it removes the old service",
        }
    }
}

impl Cut {
    /// What a user calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Interrupt => "Ctrl-C or SIGTERM",
            Self::TwoInterrupts => "Ctrl-C or SIGTERM twice",
            Self::Timeout => "timeout",
            Self::ProviderKilled => "provider killed",
            Self::CoreKilled => "Terraform killed",
            Self::BothKilled => "both killed",
        }
    }
}

impl Left {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Service => "the service, not tainted",
            Self::Tainted => "the service, tainted",
            Self::Before => "the service as it was",
            Self::Rest => "what is left of the service",
        }
    }
}

/// The table as a page has it: cuts with the same row are told together.
pub fn page() -> String {
    let mut text = "| the apply | is left in the state | says | the next plan | the next apply |\n\
                    |---|---|---|---|---|\n"
        .to_owned();
    for work in WORKS {
        let mut told: Vec<(String, String)> = Vec::new();
        for row in CUTS.map(|cut| of(work, cut)) {
            let left: Vec<_> = row.left.iter().map(|left| left.words()).collect();
            let cells = [&left.join("; or "), row.says, row.next_plan, row.next_apply].join(" | ");
            match told.iter_mut().find(|(_, known)| *known == cells) {
                Some((cuts, _)) => {
                    cuts.push_str(", ");
                    cuts.push_str(row.cut.words());
                }
                None => told.push((row.cut.words().to_owned(), cells)),
            }
        }
        for (cuts, cells) in told {
            let _ = writeln!(text, "| {}: {cuts} | {cells} |", work.words());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_work_and_every_cut_is_told() {
        let page = page();
        for work in WORKS {
            for cut in CUTS {
                let row = of(work, cut);
                assert_eq!((row.work, row.cut), (work, cut));
                assert!(!row.left.is_empty(), "{row:?}");
                let is_told = |line: &str| {
                    line.starts_with(&format!("| {}: ", work.words())) && line.contains(cut.words())
                };
                assert!(page.lines().any(is_told), "{row:?}");
            }
        }
    }

    #[test]
    fn only_what_nobody_could_answer_leaves_no_word() {
        for work in WORKS {
            for cut in CUTS {
                let is_silent = matches!(cut, Cut::CoreKilled | Cut::BothKilled);
                assert_eq!(of(work, cut).words.is_none(), is_silent);
            }
        }
    }
}
