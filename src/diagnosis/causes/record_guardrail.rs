//! A change guardrail of the hosted zone refuses that a record is deleted.
//!
//! Source: the Route 53 API model of 2026-11 (`ChangeGuardrail`: `ACTIVE_RECORD_CHECK`, `ALIAS_TARGET_CHECK`; facts,
//! peers D5). It names no error of its own; code and words are inferred.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "record-guardrail",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "A change guardrail of the hosted zone refuses that the record is deleted.",
    example: Example::coded(
        Place::Refusal,
        "InvalidChangeBatch",
        "[The change guardrail ACTIVE_RECORD_CHECK rejected the change: resource record set [name='api.example.com.', \
         type='A'] still receives DNS queries]",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && (symptom.has_code("InvalidChangeBatch") || symptom.has_code("InvalidInput"))
        && symptom.says_any(&["guardrail", "active_record_check", "alias_target_check"])
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let (name, wait) = if symptom.says("alias_target_check") {
        (
            "ALIAS_TARGET_CHECK",
            "an alias record of the zone points to this record: change or delete that one first, then apply again",
        )
    } else {
        (
            "ACTIVE_RECORD_CHECK",
            "clients still ask for the name: apply again when they have stopped; nothing that it leads to is deleted \
             before the record",
        )
    };
    vec![
        wait.to_owned(),
        format!(
            "or turn the guardrail off for the change: aws route53 update-hosted-zone-features --hosted-zone-id <id> \
             --change-guardrails Name={name},Status=DISABLED"
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_guardrail_is_told_with_the_way_around_it() {
        check_diagnosis(
            &CAUSE,
            &["[The change guardrail ALIAS_TARGET_CHECK rejected the change: an alias points to the record]"],
            &["[Tried to create resource record set [name='a.', type='A'] but it already exists]"],
        );
    }
}
