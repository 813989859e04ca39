//! What holds for every schema, configuration and state.

use proptest::prelude::*;

use super::*;
use crate::framework::arbitrary::Choices;
use crate::framework::core_rules::{plan_violations, proposed_new};
use crate::framework::{Path, Type};

fn type_of(members: &[Attribute]) -> Type {
    Type::Object(members.iter().map(|member| (member.name.to_owned(), member.r#type())).collect())
}

/// A schema and a state that a resource has reached from some earlier configuration.
fn schema_and_state(choices: &mut Choices) -> (Vec<Attribute>, Value) {
    let members = choices.members(2);
    let config = choices.config(&members, 0);
    let planned = plan_change(&members, &config, &Value::Null);
    let state = choices.completed(&members, &planned);
    (members, state)
}

/// Everything that `first` knows is the same in `second`.
fn refines(first: &Value, second: &Value, path: &Path) -> Result<(), String> {
    match (first, second) {
        (Value::Unknown(_), _) => Ok(()),
        (Value::Object(first), Value::Object(second)) => {
            first.iter().try_for_each(|(name, value)| refines(value, &second[name], &path.then(name)))
        }
        (Value::Map(first), Value::Map(second)) if first.keys().eq(second.keys()) => {
            first.iter().try_for_each(|(key, value)| refines(value, &second[key], &path.key(key)))
        }
        (Value::List(first), Value::List(second)) if first.len() == second.len() => {
            let mut pairs = first.iter().zip(second).enumerate();
            pairs.try_for_each(|(index, (first, second))| refines(first, second, &path.index(index)))
        }
        (Value::Set(elements), Value::Set(_)) if !elements.iter().all(Value::is_wholly_known) => Ok(()),
        _ if first == second => Ok(()),
        _ => Err(format!("{path}: {first:?} became {second:?}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn core_accepts_every_plan_of_a_create(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let members = choices.members(2);
        let config = choices.config(&members, 5);
        let planned = plan_change(&members, &config, &Value::Null);
        prop_assert_eq!(plan_violations(&members, &Value::Null, &config, &planned), vec![]);
        prop_assert_eq!(type_of(&members).check(&planned), Ok(()));
        prop_assert_eq!(plan_change(&members, &config, &Value::Null), planned);
    }

    #[test]
    fn core_accepts_every_plan_of_an_update(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let (members, state) = schema_and_state(&mut choices);
        let config = choices.config(&members, 5);
        let planned = plan_change(&members, &config, &state);
        prop_assert_eq!(plan_violations(&members, &state, &config, &planned), vec![]);
        prop_assert_eq!(type_of(&members).check(&planned), Ok(()));
        for path in replaced_paths(&members, &state, &planned) {
            prop_assert_eq!(changed_paths(vec![path.clone()], &state, &planned), vec![path]);
        }
    }

    #[test]
    fn what_core_proposes_of_its_own_is_acceptable_to_it_on_an_update(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let (mut members, state) = schema_and_state(&mut choices);
        for member in &mut members {
            member.write_only = false;
        }
        let config = choices.config(&members, 5);
        let proposed = proposed_new(&members, &state, &config);
        let nested_secrets = members.iter().flat_map(Attribute::nested_attributes).any(has_write_only);
        prop_assume!(!nested_secrets);
        prop_assert_eq!(plan_violations(&members, &state, &config, &proposed), vec![]);
    }

    #[test]
    fn after_an_apply_the_same_configuration_changes_nothing(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let (members, state) = schema_and_state(&mut choices);
        let config = choices.config(&members, 0);
        let planned = plan_change(&members, &config, &state);
        let applied = choices.completed(&members, &planned);
        prop_assert_eq!(plan_change(&members, &config, &applied), applied.clone());
        prop_assert_eq!(replaced_paths(&members, &applied, &applied), vec![]);
    }

    #[test]
    fn what_a_first_plan_knows_is_the_same_in_the_plan_at_apply(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let (members, state) = schema_and_state(&mut choices);
        let config = choices.config(&members, 3);
        let resolved = choices.resolved(&members, &config);
        for prior in [Value::Null, state] {
            let first = plan_change(&members, &config, &prior);
            let second = plan_change(&members, &resolved, &prior);
            prop_assert_eq!(refines(&first, &second, &Path::default()), Ok(()));
        }
    }
}

fn has_write_only(attribute: &Attribute) -> bool {
    attribute.write_only || attribute.nested_attributes().iter().any(has_write_only)
}
