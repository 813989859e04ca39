//! The rules that core holds the state after an apply to.

use super::Violation;
use crate::framework::value::Refinement;
use crate::framework::{Path, Value};

/// What core will reject in the state after a successful apply of `planned`.
pub fn apply_violations(planned: &Value, actual: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    check(planned, actual, When::Applied, &Path::default(), &mut violations);
    violations
}

/// What core will reject in the plan that it asks for again at apply, when what was unknown in the configuration is known:
/// "Provider produced inconsistent final plan".
pub fn final_plan_violations(first: &Value, last: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    check(first, last, When::PlannedAgain, &Path::default(), &mut violations);
    violations
}

/// What is held to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// The state after an apply.
    Applied,
    /// The plan at the beginning of it.
    PlannedAgain,
}

fn check(planned: &Value, actual: &Value, when: When, path: &Path, violations: &mut Vec<Violation>) {
    let mut reject = |problem: String| violations.push(Violation::new(path, problem));
    match (planned, actual) {
        (Value::Unknown(_), Value::Unknown(_)) if when == When::PlannedAgain => {}
        (_, Value::Unknown(_)) if when == When::PlannedAgain => {
            reject("was known, but now unknown".to_owned());
        }
        (_, Value::Unknown(_)) => reject("still unknown after apply".to_owned()),
        (Value::Unknown(refinement), _) => {
            if !actual.is_wholly_known() && when == When::Applied {
                reject("still partly unknown after apply".to_owned());
            } else if !conforms(refinement, actual) {
                reject("outside of what was planned to be known".to_owned());
            }
        }
        (Value::Object(plans), Value::Object(actuals)) | (Value::Map(plans), Value::Map(actuals)) => {
            let is_object = matches!(planned, Value::Object(_));
            for (key, planned) in plans {
                let path = if is_object { path.then(key) } else { path.key(key) };
                match actuals.get(key) {
                    Some(actual) => check(planned, actual, when, &path, violations),
                    None => violations.push(Violation::new(&path, "the element has vanished")),
                }
            }
            for key in actuals.keys().filter(|key| !plans.contains_key(*key)) {
                violations.push(Violation::new(&path.key(key), "the element was not planned"));
            }
        }
        (Value::List(plans), Value::List(actuals)) | (Value::Tuple(plans), Value::Tuple(actuals)) => {
            if plans.len() != actuals.len() {
                reject(format!("planned {} elements, now {}", plans.len(), actuals.len()));
            }
            for (index, (planned, actual)) in plans.iter().zip(actuals).enumerate() {
                check(planned, actual, when, &path.index(index), violations);
            }
        }
        (Value::Set(plans), Value::Set(actuals)) => {
            if !is_set_compatible(plans, actuals, when, path) {
                reject("the set does not hold the planned elements".to_owned());
            }
        }
        (Value::Dynamic(planned), Value::Dynamic(actual)) if planned.0 == actual.0 => {
            check(&planned.1, &actual.1, when, path, violations);
        }
        _ if planned == actual => {}
        _ => reject(format!("planned {}, now another value or {}", planned.kind_name(), actual.kind_name())),
    }
}

/// A set may shrink, since elements that were unknown may turn out equal, but it never grows.
fn is_set_compatible(plans: &[Value], actuals: &[Value], when: When, path: &Path) -> bool {
    let fits = |planned: &Value, actual: &Value| {
        let mut nested = Vec::new();
        check(planned, actual, when, path, &mut nested);
        nested.is_empty()
    };
    actuals.len() <= plans.len()
        && plans.iter().all(|planned| actuals.iter().any(|actual| fits(planned, actual)))
        && actuals.iter().all(|actual| plans.iter().any(|planned| fits(planned, actual)))
}

/// Whether a value keeps what was promised of it while it was unknown.
fn conforms(refinement: &Refinement, value: &Value) -> bool {
    if refinement.is_null == Some(false) && value.is_null() {
        return false;
    }
    match value {
        Value::String(text) => {
            refinement.string_prefix.as_ref().is_none_or(|prefix| text.starts_with(prefix.as_str()))
        }
        Value::Number(number) => {
            let above = refinement
                .number_lower
                .as_ref()
                .is_none_or(|(bound, inclusive)| number > bound || (*inclusive && number == bound));
            let below = refinement
                .number_upper
                .as_ref()
                .is_none_or(|(bound, inclusive)| number < bound || (*inclusive && number == bound));
            above && below
        }
        Value::List(elements) | Value::Set(elements) => has_length(refinement, elements.len()),
        Value::Map(elements) => has_length(refinement, elements.len()),
        _ => true,
    }
}

fn has_length(refinement: &Refinement, length: usize) -> bool {
    let length = length as u64;
    refinement.length_lower.is_none_or(|least| length >= least)
        && refinement.length_upper.is_none_or(|most| length <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    fn allows(planned: &Value, actual: &Value) -> bool {
        apply_violations(planned, actual).is_empty()
    }

    #[test]
    fn known_values_come_back_and_unknown_ones_become_known() {
        let planned = Value::object([("a", text("1")), ("b", Value::unknown())]);
        let actual = |a, b| Value::object([("a", a), ("b", b)]);
        assert!(allows(&planned, &actual(text("1"), Value::Null)));
        assert!(!allows(&planned, &actual(text("2"), Value::Null)));
        assert!(!allows(&planned, &actual(text("1"), Value::unknown())));
        assert!(!allows(&planned, &Value::Null));
    }

    #[test]
    fn a_plan_that_is_made_again_may_leave_open_what_was_open_and_nothing_else() {
        let first = Value::object([("a", text("1")), ("b", Value::unknown())]);
        let last = |a, b| Value::object([("a", a), ("b", b)]);
        let is_fine = |last: &Value| final_plan_violations(&first, last).is_empty();
        assert!(is_fine(&last(text("1"), Value::unknown())) && is_fine(&last(text("1"), text("2"))));
        assert!(is_fine(&last(text("1"), Value::object([("c", Value::unknown())]))));
        assert!(!is_fine(&last(Value::unknown(), text("2"))) && !is_fine(&last(text("2"), text("2"))));
    }

    #[test]
    fn a_set_may_shrink_but_not_grow() {
        let planned = Value::Set(vec![Value::unknown(), text("a")]);
        assert!(allows(&planned, &Value::Set(vec![text("a")])));
        assert!(!allows(&planned, &Value::Set(vec![text("a"), text("b"), text("c")])));
        assert!(!allows(&planned, &Value::Set(vec![text("b")])));
    }

    #[test]
    fn a_promise_about_an_unknown_value_is_kept() {
        let refinement = Refinement {
            is_null: Some(false),
            string_prefix: Some("arn:".to_owned()),
            ..Refinement::default()
        };
        assert!(allows(&Value::Unknown(refinement.clone()), &text("arn:aws")));
        assert!(!allows(&Value::Unknown(refinement.clone()), &text("name")));
        assert!(!allows(&Value::Unknown(refinement), &Value::Null));
    }

    #[test]
    fn elements_neither_vanish_nor_appear() {
        let map = |keys: &[&str]| Value::Map(keys.iter().map(|key| ((*key).to_owned(), text("x"))).collect());
        assert!(!allows(&map(&["a"]), &map(&[])));
        assert!(!allows(&map(&[]), &map(&["a"])));
        let list = |count| Value::List(vec![text("x"); count]);
        assert!(!allows(&list(1), &list(2)));
    }
}
