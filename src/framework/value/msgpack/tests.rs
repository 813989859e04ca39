use super::*;
use crate::framework::value::Refinement;

fn round_trip(bytes: &[u8], r#type: &Type) -> Value {
    let value = decode(bytes, r#type).expect("decodable");
    assert_eq!(encode(&value, r#type).expect("encodable"), bytes, "{type}");
    value
}

fn object(members: &[(&str, Type)]) -> Type {
    Type::Object(members.iter().map(|(name, r#type)| ((*name).to_owned(), r#type.clone())).collect())
}

#[test]
fn numbers_keep_the_form_that_core_gives_them() {
    round_trip(b"\x07", &Type::Number);
    round_trip(b"\xcb\x3f\xf8\0\0\0\0\0\0", &Type::Number);
    round_trip(b"\xa30.1", &Type::Number);
    round_trip(b"\xb39223372036854775808", &Type::Number);
    // 2^63 as a float is the same number.
    let text = decode(b"\xb39223372036854775808", &Type::Number).expect("a number");
    let float = decode(b"\xcb\x43\xe0\0\0\0\0\0\0", &Type::Number).expect("a number");
    assert_eq!(text, float);
    assert_eq!(
        decode(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", &Type::Number).expect("a number"),
        decode(b"\xb418446744073709551615", &Type::Number).expect("a number")
    );
}

#[test]
fn no_bytes_and_nil_are_null() {
    assert!(decode(b"", &Type::String).expect("null").is_null());
    assert!(round_trip(b"\xc0", &object(&[("a", Type::Bool)])).is_null());
}

#[test]
fn an_unknown_is_read_from_any_extension_and_written_as_type_0() {
    round_trip(b"\xd4\0\0", &Type::String);
    let odd = decode(b"\xd5\x63\x01\x02", &Type::String).expect("unknown");
    assert_eq!(encode(&odd, &Type::String).expect("encodable"), b"\xd4\0\0");
}

#[test]
fn a_refined_unknown_keeps_what_its_type_can_carry() {
    let refinement = Refinement {
        is_null: Some(false),
        string_prefix: Some("arn:".to_owned()),
        length_lower: Some(1),
        ..Refinement::default()
    };
    let bytes = encode(&Value::Unknown(refinement.clone()), &Type::String).expect("encodable");
    assert_eq!(bytes, b"\xc7\x09\x0c\x82\x01\xc2\x02\xa4arn:");
    let without_length = Refinement { length_lower: None, ..refinement };
    assert_eq!(round_trip(&bytes, &Type::String), Value::Unknown(without_length));
}

#[test]
fn bounds_of_numbers_and_lengths_survive() {
    let number = Value::Unknown(Refinement {
        number_lower: Some((Number::from(1_i64), true)),
        number_upper: Some(("0.1".parse().expect("a number"), false)),
        ..Refinement::default()
    });
    let bytes = encode(&number, &Type::Number).expect("encodable");
    assert_eq!(round_trip(&bytes, &Type::Number), number);

    let lengths =
        Value::Unknown(Refinement { length_lower: Some(2), length_upper: Some(9), ..Refinement::default() });
    let list = Type::List(Box::new(Type::Bool));
    let bytes = encode(&lengths, &list).expect("encodable");
    assert_eq!(round_trip(&bytes, &list), lengths);
}

#[test]
fn a_dynamic_value_carries_its_type() {
    round_trip(b"\x92\xc4\x08\"string\"\xa1a", &Type::Dynamic);
    let unknown = round_trip(b"\x92\xc4\x08\"string\"\xd4\0\0", &Type::Dynamic);
    assert!(unknown.is_unknown());
    assert!(round_trip(b"\xd4\0\0", &Type::Dynamic).is_unknown());
}

#[test]
fn text_is_normalised() {
    let value = decode(b"\xa3e\xcc\x81", &Type::String).expect("a string");
    assert_eq!(value, Value::String("\u{e9}".to_owned()));
}

#[test]
fn a_set_coalesces_its_duplicates() {
    let set = Type::Set(Box::new(Type::Number));
    let value = decode(b"\x93\x01\xcb\x3f\xf0\0\0\0\0\0\0\x02", &set).expect("a set");
    assert_eq!(encode(&value, &set).expect("encodable"), b"\x92\x01\x02");
}

#[test]
fn an_object_has_exactly_the_attributes_of_its_type() {
    let r#type = object(&[("a", Type::Bool), ("b", Type::List(Box::new(Type::String)))]);
    round_trip(b"\x82\xa1a\xc3\xa1b\x90", &r#type);
    let missing = decode(b"\x81\xa1a\xc3", &r#type).expect_err("b is missing");
    assert_eq!(missing.to_string(), "b: the attribute is missing");
    let foreign = decode(b"\x83\xa1a\xc3\xa1b\xc0\xa1c\xc0", &r#type).expect_err("c is foreign");
    assert_eq!(foreign.to_string(), "c: the type has no such attribute");
    let twice = decode(b"\x83\xa1a\xc3\xa1b\xc0\xa1a\xc0", &r#type).expect_err("a is there twice");
    assert_eq!(twice.to_string(), "[\"a\"]: the key is there twice");
    let wrong = decode(b"\x82\xa1a\xc3\xa1b\x91\x01", &r#type).expect_err("a number in a list of strings");
    assert_eq!(wrong.to_string(), "b[0]: expected string, found a number");
}

#[test]
fn a_value_that_does_not_fit_its_type_is_not_encoded() {
    let r#type = object(&[("a", Type::Bool)]);
    let value = Value::object([("a", Value::String("secret".to_owned()))]);
    let error = encode(&value, &r#type).expect_err("a string for a bool");
    assert_eq!(error.to_string(), "a: expected bool, found a string");
    assert!(encode(&Value::object([]), &r#type).is_err());
}

#[test]
fn broken_or_boundless_bytes_are_refused() {
    assert!(decode(b"\xc3\xc3", &Type::Bool).is_err(), "a second value");
    assert!(decode(b"\xdd\xff\xff\xff\xff", &Type::List(Box::new(Type::Bool))).is_err(), "a cut list");
    assert!(decode(&vec![0x91; 100_000], &Type::Dynamic).is_err(), "too deep");
    assert!(decode(b"\xa81e999999", &Type::Number).is_err(), "a number of a million digits");
}
