//! The state after a successful operation, held to what was planned.

use crate::framework::core_rules::apply_violations;
use crate::framework::{Path, Value};

/// A state that core accepts for a plan, and where the resource's own answer did not.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The state: everything that was planned as known is as planned, everything else is known.
    pub state: Value,
    /// Where the resource answered another value than it had planned; the planned one is kept.
    pub diverged: Vec<Divergence>,
    /// Where the resource left a planned unknown unanswered; it is null.
    pub unanswered: Vec<Path>,
}

/// A value that came out otherwise than was planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Divergence {
    /// Where.
    pub path: Path,
    /// What was planned, and is recorded.
    pub planned: Value,
    /// What the resource answered.
    pub answered: Value,
}

/// Settles what a resource answered for a plan of the same type.
pub fn settle(planned: &Value, actual: Value) -> Settled {
    let mut settled = Settled { state: Value::Null, diverged: Vec::new(), unanswered: Vec::new() };
    settled.state = settled.value(planned, actual, &Path::default());
    settled
}

impl Settled {
    fn value(&mut self, planned: &Value, actual: Value, path: &Path) -> Value {
        match (planned, actual) {
            (Value::Unknown(_), actual) => self.answer(actual, path),
            (Value::Object(plans), Value::Object(mut actuals)) => {
                let members = plans.iter().map(|(name, planned)| {
                    let actual = actuals.remove(name).unwrap_or(Value::Null);
                    (name.clone(), self.value(planned, actual, &path.then(name)))
                });
                Value::Object(members.collect())
            }
            (planned, actual) if planned.is_wholly_known() => {
                if *planned != actual {
                    self.diverge(path, planned, actual);
                }
                planned.clone()
            }
            (Value::Map(plans), Value::Map(mut actuals)) if plans.keys().eq(actuals.keys()) => {
                let elements = plans.iter().map(|(key, planned)| {
                    let actual = actuals.remove(key).unwrap_or(Value::Null);
                    (key.clone(), self.value(planned, actual, &path.key(key)))
                });
                Value::Map(elements.collect())
            }
            (Value::List(plans), Value::List(actuals)) if plans.len() == actuals.len() => {
                Value::List(self.elements(plans, actuals, path))
            }
            (Value::Tuple(plans), Value::Tuple(actuals)) if plans.len() == actuals.len() => {
                Value::Tuple(self.elements(plans, actuals, path))
            }
            (planned @ Value::Set(_), actual) if apply_violations(planned, &actual).is_empty() => actual,
            (planned, actual) => {
                self.diverge(path, planned, actual);
                self.unanswered.push(path.clone());
                planned.clone().with_unknown_as_null()
            }
        }
    }

    fn diverge(&mut self, path: &Path, planned: &Value, answered: Value) {
        self.diverged.push(Divergence { path: path.clone(), planned: planned.clone(), answered });
    }

    fn elements(&mut self, plans: &[Value], actuals: Vec<Value>, path: &Path) -> Vec<Value> {
        let elements = plans.iter().zip(actuals).enumerate();
        elements.map(|(index, (planned, actual))| self.value(planned, actual, &path.index(index))).collect()
    }

    fn answer(&mut self, actual: Value, path: &Path) -> Value {
        if actual.is_wholly_known() {
            return actual;
        }
        self.unanswered.push(path.clone());
        actual.with_unknown_as_null()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::arbitrary::Choices;

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    #[test]
    fn a_planned_value_stays_whatever_the_resource_answers() {
        let planned = Value::object([("a", text("planned")), ("b", Value::unknown())]);
        let actual = Value::object([("a", text("other")), ("b", text("answer"))]);
        let settled = settle(&planned, actual);
        assert_eq!(settled.state, Value::object([("a", text("planned")), ("b", text("answer"))]));
        let (path, planned, answered) = (Path::attribute("a"), text("planned"), text("other"));
        assert_eq!(settled.diverged, [Divergence { path, planned, answered }]);
        assert_eq!(settled.unanswered, []);
    }

    #[test]
    fn an_unanswered_unknown_is_null_and_reported() {
        let planned = Value::object([("a", Value::unknown())]);
        let settled = settle(&planned, planned.clone());
        assert_eq!(settled.state, Value::object([("a", Value::Null)]));
        assert_eq!(settled.unanswered, [Path::attribute("a")]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn core_accepts_every_settled_state(bytes in Choices::bytes()) {
            let mut choices = Choices::from(bytes);
            let r#type = choices.object_type(2);
            let planned = choices.present_value(&r#type, 6);
            let actual = choices.value(&r#type, 6);
            let settled = settle(&planned, actual);
            prop_assert_eq!(apply_violations(&planned, &settled.state), vec![]);
            prop_assert_eq!(r#type.check(&settled.state), Ok(()));
            prop_assert_eq!(settle(&planned, settled.state.clone()).state, settled.state);
        }
    }
}
