//! A newer deployment took the place of this one.
//!
//! Source: express section 5.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "deployment-superseded",
    family: Family::Deployment,
    rank: Rank::Root,
    sentence: "A newer deployment took the place of this one.",
    example: Example::of(
        Place::Deployment,
        "Service deployment stopped because a newer deployment was started.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Deployment && symptom.says("newer deployment")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["somebody deployed at the same time: plan again, it shows what differs from the configuration now"]
        .map(str::to_owned)
        .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_deployment_that_was_overtaken_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
