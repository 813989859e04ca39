use super::*;
use crate::framework::schema::{Mode, Nesting, Replace, WhenUnset};
use crate::framework::{Path, Type};

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn ignoring_case(left: &Value, right: &Value) -> bool {
    matches!((left, right), (Value::String(left), Value::String(right)) if left.eq_ignore_ascii_case(right))
}

fn computed(name: &'static str, when_unset: WhenUnset) -> Attribute {
    Attribute::optional_computed(name, Type::String).when_unset(when_unset)
}

#[test]
fn on_create_what_is_left_out_is_unknown_or_the_default() {
    let members = [
        Attribute::optional("a", Type::String),
        computed("b", WhenUnset::Keep),
        computed("c", WhenUnset::Default(text("default"))),
    ];
    let config = Value::object([("a", Value::Null), ("b", Value::Null), ("c", Value::Null)]);
    let expected = Value::object([("a", Value::Null), ("b", Value::unknown()), ("c", text("default"))]);
    assert_eq!(plan_change(&members, &config, &Value::Null), expected);
}

#[test]
fn an_update_makes_unknown_only_what_it_may_change() {
    let members = [
        Attribute::required("a", Type::String),
        computed("kept", WhenUnset::Keep),
        computed("fresh", WhenUnset::Unknown),
        computed("follows_a", WhenUnset::UnknownIfChanged(&["a"])),
        computed("follows_follower", WhenUnset::UnknownIfChanged(&["follows_a"])),
        computed("follows_kept", WhenUnset::UnknownIfChanged(&["kept"])),
    ];
    let unset = ["kept", "fresh", "follows_a", "follows_follower", "follows_kept"];
    let object = |a: &str, rest: &Value| {
        Value::object(std::iter::once(("a", text(a))).chain(unset.iter().map(|name| (*name, rest.clone()))))
    };
    let prior = object("1", &text("x"));
    let planned = plan_change(&members, &object("2", &Value::Null), &prior);
    let known = |name| planned.member(name).expect("a member") == &text("x");
    assert_eq!(unset.map(known), [true, false, false, false, true]);
    assert_eq!(plan_change(&members, &object("1", &Value::Null), &prior), prior);
}

#[test]
fn another_spelling_of_the_same_keeps_the_one_of_the_state() {
    let nested = vec![Attribute::required("x", Type::String).equal_if(ignoring_case)];
    let members = [
        Attribute::required("a", Type::String).equal_if(ignoring_case).replace(Replace::Always),
        Attribute::nested("n", Mode::Optional, Nesting::List, nested),
    ];
    let object = |a: &str, x: &str| {
        Value::object([("a", text(a)), ("n", Value::List(vec![Value::object([("x", text(x))])]))])
    };
    let prior = object("abc", "def");
    assert_eq!(plan_change(&members, &object("ABC", "DEF"), &prior), prior);
    let changed = plan_change(&members, &object("ABC", "other"), &prior);
    assert_eq!(changed, object("abc", "other"));
    assert_eq!(replaced_paths(&members, &prior, &changed), []);
}

#[test]
fn each_member_of_a_nested_object_is_planned_by_itself() {
    let nested = vec![
        computed("min", WhenUnset::Keep),
        computed("max", WhenUnset::Keep),
        Attribute::optional("mine", Type::String),
    ];
    let members = [Attribute::nested("n", Mode::OptionalComputed, Nesting::Single, nested)];
    let object =
        |min, max, mine| Value::object([("n", Value::object([("min", min), ("max", max), ("mine", mine)]))]);
    let left_out = Value::object([("n", Value::Null)]);

    let partly = object(text("1"), Value::Null, Value::Null);
    let created = plan_change(&members, &partly, &Value::Null);
    assert_eq!(created, object(text("1"), Value::unknown(), Value::Null));
    assert_eq!(plan_change(&members, &left_out, &Value::Null), Value::object([("n", Value::unknown())]));

    let prior = object(text("1"), text("9"), Value::Null);
    assert_eq!(plan_change(&members, &left_out, &prior), prior);
    let with_mine = object(text("1"), text("9"), text("m"));
    assert_eq!(plan_change(&members, &left_out, &with_mine), prior, "what only the user sets goes with it");
}

#[test]
fn a_new_element_has_no_state_to_keep() {
    let nested = vec![Attribute::required("x", Type::String), computed("y", WhenUnset::Keep)];
    let members = [Attribute::nested("n", Mode::Optional, Nesting::Map, nested)];
    let object = |entries: &[(&str, &Value)]| {
        let entries = entries
            .iter()
            .map(|(key, y)| ((*key).to_owned(), Value::object([("x", text("x")), ("y", (*y).clone())])));
        Value::object([("n", Value::Map(entries.collect()))])
    };
    let planned = plan_change(
        &members,
        &object(&[("new", &Value::Null), ("old", &Value::Null)]),
        &object(&[("old", &text("kept"))]),
    );
    assert_eq!(planned, object(&[("new", &Value::unknown()), ("old", &text("kept"))]));
}

#[test]
fn a_change_replaces_where_the_schema_says_so() {
    let nested = vec![Attribute::required("x", Type::String).replace(Replace::Always)];
    let members = [
        Attribute::nested("n", Mode::Optional, Nesting::Single, nested),
        Attribute::optional("grows", Type::String)
            .replace(Replace::If(|_, planned| planned == &Value::String("big".to_owned()))),
    ];
    let object = |x, grows: &str| Value::object([("n", Value::object([("x", x)])), ("grows", text(grows))]);
    let prior = object(text("1"), "small");
    let path = Path::attribute("n").then("x");
    assert_eq!(replaced_paths(&members, &prior, &object(text("2"), "small")), std::slice::from_ref(&path));
    assert_eq!(replaced_paths(&members, &prior, &object(Value::unknown(), "small")), [path]);
    assert_eq!(replaced_paths(&members, &prior, &object(text("1"), "other")), []);
    assert_eq!(replaced_paths(&members, &prior, &object(text("1"), "big")), [Path::attribute("grows")]);
    assert_eq!(replaced_paths(&members, &Value::Null, &prior), []);
}

#[test]
fn paths_that_do_not_change_or_do_not_exist_are_dropped() {
    let prior = Value::object([("a", text("1")), ("b", text("2"))]);
    let planned = Value::object([("a", text("1")), ("b", text("3"))]);
    let paths = ["b", "a", "c", "b"].map(Path::attribute).to_vec();
    assert_eq!(changed_paths(paths, &prior, &planned), [Path::attribute("b")]);
}
