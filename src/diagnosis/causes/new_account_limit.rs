//! The account is new, and may not have tasks of this size yet.
//!
//! Source: composition section 10, row 28.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "new-account-limit",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "The account is new, and may not have tasks of this size yet.",
    example: Example::of(
        Place::Event,
        "(service api) was unable to place a task. Reason: The requested CPU configuration is above your \
         limit.",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("configuration is above your limit")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["choose a smaller `cpu` and `memory`, or ask AWS Support to raise the limit; it rises by itself \
         with the use of the account"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn the_limit_of_a_new_account_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
