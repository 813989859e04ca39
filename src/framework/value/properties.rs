//! What holds for every type and value.

use proptest::prelude::*;

use super::{json, msgpack};
use crate::framework::Type;
use crate::framework::arbitrary::Choices;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_survives_msgpack(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes).refined();
        let r#type = choices.any_type(3);
        let value = choices.value(&r#type, 6);
        prop_assert_eq!(r#type.check(&value), Ok(()));
        let encoded = msgpack::encode(&value, &r#type).expect("encodable");
        let decoded = msgpack::decode(&encoded, &r#type).expect("decodable");
        prop_assert_eq!(&decoded, &value);
        prop_assert_eq!(msgpack::encode(&decoded, &r#type).expect("encodable"), encoded);
    }

    #[test]
    fn a_known_value_survives_json(bytes in Choices::bytes()) {
        let mut choices = Choices::from(bytes);
        let r#type = choices.any_type(3);
        let value = choices.value(&r#type, 6).with_unknown_as_null();
        let encoded = json::encode(&value, &r#type).expect("encodable");
        prop_assert_eq!(&json::decode(encoded.to_string().as_bytes(), &r#type).expect("decodable"), &value);
        prop_assert_eq!(json::adapt(&encoded, &r#type).expect("adaptable"), value);
    }

    #[test]
    fn a_type_survives_json(bytes in Choices::bytes()) {
        let r#type = Choices::from(bytes).any_type(4);
        prop_assert_eq!(Type::from_json(&r#type.to_json()).expect("a type"), r#type);
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
        choices in Choices::bytes(),
    ) {
        let r#type = Choices::from(choices).any_type(2);
        if let Ok(value) = msgpack::decode(&bytes, &r#type) {
            prop_assert_eq!(r#type.check(&value), Ok(()));
        }
        if let Ok(value) = json::decode(&bytes, &r#type) {
            prop_assert_eq!(r#type.check(&value), Ok(()));
        }
    }
}
