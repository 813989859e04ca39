use super::*;
use crate::framework::Type;
use crate::framework::schema::Mode;

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn ignoring_case(left: &Value, right: &Value) -> bool {
    matches!((left, right), (Value::String(left), Value::String(right)) if left.eq_ignore_ascii_case(right))
}

fn check(nesting: Nesting, wrap: impl Fn(Value) -> Value) {
    let nested = vec![
        Attribute::optional("x", Type::String).equal_if(ignoring_case),
        Attribute::optional("y", Type::String),
    ];
    let members = [Attribute::nested("n", Mode::Optional, nesting, nested)];
    let object = |x: Value, y: &str| Value::object([("n", wrap(Value::object([("x", x), ("y", text(y))])))]);
    let prior = object(text("abc"), "1");
    assert_eq!(respell_object(&members, &prior, &object(text("ABC"), "2")), object(text("abc"), "2"));
    assert_eq!(respell_object(&members, &prior, &object(text("other"), "1")), object(text("other"), "1"));
    assert_eq!(respell_object(&members, &prior, &object(Value::Null, "1")), object(Value::Null, "1"));
    assert_eq!(respell_object(&members, &Value::Null, &prior), prior);
}

#[test]
fn the_old_spelling_stays_in_nested_objects_of_every_kind() {
    check(Nesting::Single, |object| object);
    check(Nesting::List, |object| Value::List(vec![object]));
    check(Nesting::Map, |object| Value::Map([("k".to_owned(), object)].into()));
}

#[test]
fn an_unknown_value_has_no_old_spelling() {
    let members = [Attribute::optional("a", Type::String).equal_if(|_, _| true)];
    let value = Value::object([("a", Value::unknown())]);
    assert_eq!(respell_object(&members, &Value::object([("a", text("x"))]), &value), value);
}
