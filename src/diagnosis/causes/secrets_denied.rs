//! The execution role may not read what `secrets` names.
//!
//! Source: composition section 10, row 10.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{DENIED, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "secrets-denied",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The execution role may not read what `secrets` names.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
         retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): \
         failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:api/db-AbCdEf from \
         secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/execution/1 \
         is not authorized to perform: secretsmanager:GetSecretValue on resource: \
         arn:aws:secretsmanager:eu-west-1:123456789012:secret:api/db-AbCdEf because no identity-based \
         policy allows the secretsmanager:GetSecretValue action",
    ),
    conclusive: Some(Conclusive::lasting(2, 180)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_initialization()
        && symptom.says_any(&DENIED)
        && symptom.says_any(&["secretsmanager:", "secrets manager", "ssm:", "kms:"])
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let (action, resource) = denied_action(&symptom.text);
    let action = action.unwrap_or("secretsmanager:GetSecretValue");
    let resource = resource.unwrap_or("<the ARN in `secrets`>");
    vec![
        format!("allow `{action}` on `{resource}` in a policy of the execution role (`execution_role_arn`)"),
        "a secret that a key of your own encrypts needs `kms:Decrypt` on that key as well".to_owned(),
    ]
}

/// Action and resource in `... is not authorized to perform: <action> on resource: <resource> because ...`.
fn denied_action(text: &str) -> (Option<&str>, Option<&str>) {
    let after = |mark: &str| {
        let (_, rest) = text.split_once(mark)?;
        rest.split([' ', ',']).next().filter(|word| !word.is_empty())
    };
    (after("to perform: "), after("on resource: "))
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn the_hint_names_action_and_secret() {
        check_diagnosis(
            &CAUSE,
            &["ResourceInitializationError: unable to pull secrets or registry auth: \
                 AccessDeniedException: User is not authorized to perform: ssm:GetParameters on resource: \
                 arn:aws:ssm:eu-west-1:123456789012:parameter/api/key"],
            &["ResourceInitializationError: failed to validate logger args: AccessDeniedException: not \
                 authorized to perform: logs:CreateLogStream"],
        );
    }
}
