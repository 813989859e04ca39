//! Some of the subnets are public and some are private.
//!
//! Source: pain A1-27.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "mixed-subnets",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "Some of the subnets are public and some are private.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "The subnets have mixed subnet types. All subnets must be either public or private.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.says("mixed subnet type")
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "name only public or only private subnets in `network_configuration.subnets`; public ones have a \
         route to an internet gateway",
        "let the service depend on the route table associations (`depends_on`) if the same apply makes them",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_mixture_of_subnets_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
