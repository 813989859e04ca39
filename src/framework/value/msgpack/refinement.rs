//! What is known about an unknown value, as a msgpack extension (protocol section 1.6).

use rmpv::Value as Pack;

use super::{PLAIN_UNKNOWN, pack_number, unpack_number};
use crate::framework::Type;
use crate::framework::value::{Number, Refinement};

const REFINED_UNKNOWN: i8 = 12;

const IS_NULL: i64 = 1;
const STRING_PREFIX: i64 = 2;
const NUMBER_LOWER: i64 = 3;
const NUMBER_UPPER: i64 = 4;
const LENGTH_LOWER: i64 = 5;
const LENGTH_UPPER: i64 = 6;

/// Reads an extension. What is not understood is ignored, which the protocol allows: it only says less.
pub(super) fn unpack(kind: i8, payload: &[u8]) -> Refinement {
    let mut refinement = Refinement::default();
    if kind != REFINED_UNKNOWN {
        return refinement;
    }
    let mut rest = payload;
    let Ok(Pack::Map(entries)) = rmpv::decode::read_value_with_max_depth(&mut rest, 8) else {
        return refinement;
    };
    for (key, value) in &entries {
        match key.as_i64() {
            Some(IS_NULL) => refinement.is_null = value.as_bool(),
            Some(STRING_PREFIX) => refinement.string_prefix = value.as_str().map(str::to_owned),
            Some(NUMBER_LOWER) => refinement.number_lower = unpack_bound(value),
            Some(NUMBER_UPPER) => refinement.number_upper = unpack_bound(value),
            Some(LENGTH_LOWER) => refinement.length_lower = value.as_u64(),
            Some(LENGTH_UPPER) => refinement.length_upper = value.as_u64(),
            _ => {}
        }
    }
    refinement
}

fn unpack_bound(pack: &Pack) -> Option<(Number, bool)> {
    match pack.as_array()?.as_slice() {
        [number, inclusive] => Some((unpack_number(number)?, inclusive.as_bool()?)),
        _ => None,
    }
}

/// Writes an unknown value: plain unless something is known that its type can carry.
pub(super) fn pack(refinement: &Refinement, r#type: &Type) -> Pack {
    let entries = entries(refinement, r#type);
    if entries.is_empty() {
        return Pack::Ext(PLAIN_UNKNOWN, vec![0]);
    }
    let entries = entries.into_iter().map(|(key, value)| (Pack::from(key), value)).collect();
    let mut payload = Vec::new();
    rmpv::encode::write_value(&mut payload, &Pack::Map(entries)).expect("writing to a Vec cannot fail");
    Pack::Ext(REFINED_UNKNOWN, payload)
}

fn entries(refinement: &Refinement, r#type: &Type) -> Vec<(i64, Pack)> {
    let mut entries = Vec::new();
    if *r#type == Type::Dynamic {
        return entries;
    }
    // An unknown that is certainly null is null, so only the other certainty is ever sent.
    if refinement.is_null == Some(false) {
        entries.push((IS_NULL, Pack::Boolean(false)));
    }
    match r#type {
        Type::String => {
            let prefix = refinement.string_prefix.as_ref().filter(|prefix| !prefix.is_empty());
            entries.extend(prefix.map(|prefix| (STRING_PREFIX, Pack::from(prefix.as_str()))));
        }
        Type::Number => {
            entries.extend(refinement.number_lower.as_ref().map(|bound| (NUMBER_LOWER, pack_bound(bound))));
            entries.extend(refinement.number_upper.as_ref().map(|bound| (NUMBER_UPPER, pack_bound(bound))));
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            entries.extend(refinement.length_lower.map(|length| (LENGTH_LOWER, Pack::from(length))));
            entries.extend(refinement.length_upper.map(|length| (LENGTH_UPPER, Pack::from(length))));
        }
        Type::Bool | Type::Dynamic | Type::Tuple(_) | Type::Object(_) => {}
    }
    entries
}

fn pack_bound((number, inclusive): &(Number, bool)) -> Pack {
    Pack::Array(vec![pack_number(number), Pack::Boolean(*inclusive)])
}
