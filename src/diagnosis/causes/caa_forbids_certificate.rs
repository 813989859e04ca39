//! A CAA record of the domain does not let Amazon issue certificates.
//!
//! Source: composition section 10, row 48.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "caa-forbids-certificate",
    family: Family::Certificate,
    rank: Rank::Root,
    sentence: "A CAA record of the domain does not let Amazon issue certificates.",
    example: Example::coded(Place::Resource, "certificate", "FAILED: CAA_ERROR"),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Resource && symptom.says("caa_error")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["add a CAA record to the domain: `0 issue \"amazon.com\"`; the nearest one on the way up from the \
         host name counts. The next apply requests the certificate anew"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_caa_record_that_forbids_amazon_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
