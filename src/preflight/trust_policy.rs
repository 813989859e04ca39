//! Whom a role trusts, as far as its trust policy says so plainly.
//!
//! Conditions, denials and what a policy says by exclusion are taken to allow: a warning that is wrong is worse than
//! none.

use std::collections::BTreeSet;

use serde_json::Value;

/// Who may assume a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// These services, and nobody else that ECS could be.
    Services(BTreeSet<String>),
    /// Everybody, or the policy cannot be read.
    Unclear,
}

impl Trust {
    /// Reads a trust policy.
    pub(super) fn of(policy: &str) -> Self {
        let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Self::Unclear };
        let mut services = BTreeSet::new();
        for statement in elements(&policy["Statement"]) {
            if statement["Effect"] != "Allow" || !allows_to_assume(statement) {
                continue;
            }
            let principal = &statement["Principal"];
            if statement.get("NotPrincipal").is_some() || *principal == "*" || has_star(&principal["AWS"]) {
                return Self::Unclear;
            }
            for service in elements(&principal["Service"]).filter_map(Value::as_str) {
                if service.contains('*') {
                    return Self::Unclear;
                }
                services.insert(service.to_lowercase());
            }
        }
        Self::Services(services)
    }

    /// Whether `principal` may assume the role.
    pub(super) fn includes(&self, principal: &str) -> bool {
        match self {
            Self::Services(services) => {
                services.iter().any(|service| service.strip_suffix(".cn").unwrap_or(service) == principal)
            }
            Self::Unclear => true,
        }
    }
}

fn allows_to_assume(statement: &Value) -> bool {
    let is_it = |action: &Value| {
        let action = action.as_str().unwrap_or_default().to_lowercase();
        action.contains('*') || action == "sts:assumerole"
    };
    statement.get("NotAction").is_some() || elements(&statement["Action"]).any(is_it)
}

fn has_star(value: &Value) -> bool {
    elements(value).any(|element| element == "*")
}

/// The elements of a list; IAM takes one element without its list.
fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    let (list, single) = match value {
        Value::Array(elements) => (elements.as_slice(), None),
        Value::Null => (&[][..], None),
        single => (&[][..], Some(single)),
    };
    list.iter().chain(single)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(policy: &Value, ecs: bool, tasks: bool) {
        let trust = Trust::of(&policy.to_string());
        let includes = |principal| trust.includes(principal);
        assert_eq!(
            (includes("ecs.amazonaws.com"), includes("ecs-tasks.amazonaws.com")),
            (ecs, tasks),
            "{policy}"
        );
    }

    fn allow(principal: &Value) -> Value {
        json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}})
    }

    #[test]
    fn services_are_read_from_every_spelling() {
        check(&allow(&json!({"Service": "ecs.amazonaws.com"})), true, false);
        check(&allow(&json!({"Service": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]})), false, true);
        check(&allow(&json!({"Service": "ecs-tasks.amazonaws.com.cn"})), false, true);
        let two = json!({"Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:*",
             "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
        ]});
        check(&two, true, true);
    }

    #[test]
    fn what_is_not_said_plainly_is_taken_to_allow() {
        check(&allow(&json!("*")), true, true);
        check(&allow(&json!({"AWS": ["*"]})), true, true);
        check(
            &json!({"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "sts:AssumeRole"}]}),
            true,
            true,
        );
        assert!(Trust::of("not JSON").includes("ecs.amazonaws.com"));
    }

    #[test]
    fn accounts_other_actions_and_denials_do_not_let_ecs_in() {
        check(&allow(&json!({"AWS": "arn:aws:iam::123456789012:root"})), false, false);
        let other = json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:TagSession"}]});
        check(&other, false, false);
        let denied = json!({"Statement": [{"Effect": "Deny", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        check(&denied, false, false);
    }
}
