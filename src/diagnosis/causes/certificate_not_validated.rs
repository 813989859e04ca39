//! ACM does not find the record that proves the host name.
//!
//! Source: composition section 10, row 48.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "certificate-not-validated",
    family: Family::Certificate,
    rank: Rank::Root,
    sentence: "ACM does not find the record that proves the host name.",
    example: Example::of(
        Place::Wait,
        "waiting for ACM to issue the certificate for api.example.com: for 25 minutes it has not found the record that \
         proves the name",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    // That a wait was cut short is no sign: ACM takes minutes.
    symptom.place == Place::Wait && symptom.says("it has not found the record that proves the name")
        || symptom.place == Place::Resource && symptom.says("validation_timed_out")
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "the domain must be delegated to the hosted zone: compare the zone's NS records (aws route53 \
         get-hosted-zone --id <id>) with what the world sees (dig NS <zone>)",
        "if they are the same, apply again: ACM takes up to half an hour",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_zone_that_is_not_delegated_is_told() {
        check_diagnosis(
            &CAUSE,
            &[
                "waiting for ACM to issue the certificate for www.example.org: for 12 minutes it has not found the record \
                 that proves the name",
            ],
            &["waiting for ACM to issue the certificate for www.example.org"],
        );
    }
}
