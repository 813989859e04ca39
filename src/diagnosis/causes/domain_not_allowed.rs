//! AWS does not issue certificates for this domain.
//!
//! Source: composition section 10, row 48.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "domain-not-allowed",
    family: Family::Certificate,
    rank: Rank::Root,
    sentence: "AWS does not issue certificates for this domain.",
    example: Example::coded(Place::Resource, "certificate", "FAILED: DOMAIN_NOT_ALLOWED"),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Resource && symptom.says_any(&["domain_not_allowed", "domain_validation_denied"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["choose another host name in `domain`, or ask AWS Support; a name that was used for phishing, or \
         has the name of a large company in it, is the usual reason"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_domain_that_aws_refuses_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
