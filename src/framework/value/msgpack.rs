//! Values as msgpack, the way core sends and reads them (protocol section 1.6).

mod refinement;

use std::collections::BTreeMap;

use rmpv::Value as Pack;
use unicode_normalization::UnicodeNormalization;

use crate::framework::value::{CodecError, Number, json::check_names};
use crate::framework::{Path, Type, Value};

/// Deeper values than this are refused; schemas of ours are a handful of levels deep.
const MAX_DEPTH: usize = 200;
/// Longer encodings than this are refused, as core refuses longer messages.
const MAX_LENGTH: usize = 256 * 1024 * 1024;

/// Extension type of an unknown value of which nothing is known. Every other one is read as unknown, too.
const PLAIN_UNKNOWN: i8 = 0;

/// Decodes msgpack as `r#type`. No bytes at all are null.
///
/// # Errors
/// Bytes that are not one msgpack value, and every mismatch with the type, with its path.
pub fn decode(bytes: &[u8], r#type: &Type) -> Result<Value, CodecError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let root = Path::default();
    if bytes.len() > MAX_LENGTH {
        return Err(CodecError::new(&root, format!("longer than {MAX_LENGTH} bytes")));
    }
    let mut rest = bytes;
    let pack = rmpv::decode::read_value_with_max_depth(&mut rest, MAX_DEPTH)
        .map_err(|error| CodecError::new(&root, format!("not msgpack: {error}")))?;
    if !rest.is_empty() {
        return Err(CodecError::new(&root, format!("{} bytes too many", rest.len())));
    }
    unpack(&pack, r#type, &root)
}

/// Encodes a value strictly by its type, with every attribute present.
///
/// # Errors
/// Every mismatch with the type, with its path.
pub fn encode(value: &Value, r#type: &Type) -> Result<Vec<u8>, CodecError> {
    let pack = pack(value, r#type, &Path::default())?;
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack)
        .map_err(|error| CodecError::new(&Path::default(), format!("not encodable: {error}")))?;
    Ok(bytes)
}

fn unpack(pack: &Pack, r#type: &Type, path: &Path) -> Result<Value, CodecError> {
    match (r#type, pack) {
        (_, Pack::Nil) => Ok(Value::Null),
        (_, Pack::Ext(kind, payload)) => Ok(Value::Unknown(refinement::unpack(*kind, payload))),
        (Type::Bool, Pack::Boolean(flag)) => Ok(Value::Bool(*flag)),
        (Type::Number, _) => unpack_number(pack)
            .map(Value::Number)
            .ok_or_else(|| CodecError::new(path, "expected a number of bounded length")),
        (Type::String, Pack::String(text)) => unpack_text(text, path).map(Value::String),
        (Type::List(element), Pack::Array(elements)) => {
            let elements = elements.iter().enumerate();
            let elements = elements.map(|(index, pack)| unpack(pack, element, &path.index(index)));
            Ok(Value::List(elements.collect::<Result<_, _>>()?))
        }
        (Type::Set(element), Pack::Array(elements)) => {
            let elements = elements.iter().map(|pack| unpack(pack, element, path));
            Ok(Value::set(elements.collect::<Result<_, _>>()?))
        }
        (Type::Tuple(types), Pack::Array(elements)) if types.len() == elements.len() => {
            let elements = types.iter().zip(elements).enumerate();
            let elements = elements.map(|(index, (r#type, pack))| unpack(pack, r#type, &path.index(index)));
            Ok(Value::Tuple(elements.collect::<Result<_, _>>()?))
        }
        (Type::Map(element), Pack::Map(entries)) => {
            let mut elements = BTreeMap::new();
            for (key, pack) in unpack_entries(entries, path)? {
                let value = unpack(pack, element, &path.key(&key))?;
                elements.insert(key, value);
            }
            Ok(Value::Map(elements))
        }
        (Type::Object(types), Pack::Map(entries)) => {
            let entries = unpack_entries(entries, path)?;
            check_names(types, entries.keys(), path)?;
            let members = types.iter().zip(entries);
            let members = members.map(|((name, r#type), (_, pack))| {
                Ok((name.clone(), unpack(pack, r#type, &path.then(name))?))
            });
            Ok(Value::Object(members.collect::<Result<_, CodecError>>()?))
        }
        (Type::Dynamic, Pack::Array(parts)) => unpack_dynamic(parts, path),
        _ => Err(CodecError::new(path, format!("expected {type}, found {}", kind_of(pack)))),
    }
}

fn unpack_text(text: &rmpv::Utf8String, path: &Path) -> Result<String, CodecError> {
    match text.as_str() {
        Some(text) => Ok(text.nfc().collect()),
        None => Err(CodecError::new(path, "the string is not UTF-8")),
    }
}

fn unpack_entries<'a>(
    entries: &'a [(Pack, Pack)],
    path: &Path,
) -> Result<BTreeMap<String, &'a Pack>, CodecError> {
    let mut by_key = BTreeMap::new();
    for (key, value) in entries {
        let Pack::String(key) = key else {
            return Err(CodecError::new(path, format!("expected a string as key, found {}", kind_of(key))));
        };
        let key = unpack_text(key, path)?;
        if by_key.insert(key.clone(), value).is_some() {
            return Err(CodecError::new(&path.key(&key), "the key is there twice"));
        }
    }
    Ok(by_key)
}

fn unpack_dynamic(parts: &[Pack], path: &Path) -> Result<Value, CodecError> {
    let (r#type, value) = match parts {
        [Pack::Binary(r#type), value] => (r#type.as_slice(), value),
        [Pack::String(r#type), value] => (r#type.as_bytes(), value),
        _ => return Err(CodecError::new(path, "expected a type and a value")),
    };
    let r#type = Type::from_json(r#type).map_err(|error| CodecError::new(path, error.problem))?;
    let value = unpack(value, &r#type, path)?;
    Ok(Value::Dynamic(Box::new((r#type, value))))
}

/// A number in any of the forms that core uses: integer, float or decimal text.
fn unpack_number(pack: &Pack) -> Option<Number> {
    match pack {
        Pack::Integer(integer) => match integer.as_i64() {
            Some(value) => Some(Number::from(value)),
            None => integer.as_u64().map(Number::from),
        },
        Pack::F32(value) => Number::from_f64(f64::from(*value)),
        Pack::F64(value) => Number::from_f64(*value),
        Pack::String(text) => text.as_str()?.parse().ok(),
        _ => None,
    }
}

/// An `i64` as integer, else a float if core keeps it as it is, else decimal text, which is always exact.
fn pack_number(number: &Number) -> Pack {
    if let Some(integer) = number.to_i64() {
        return Pack::from(integer);
    }
    match number.to_faithful_f64() {
        Some(float) => Pack::F64(float),
        None => Pack::from(number.to_string()),
    }
}

fn pack(value: &Value, r#type: &Type, path: &Path) -> Result<Pack, CodecError> {
    match (r#type, value) {
        (_, Value::Null) => Ok(Pack::Nil),
        (_, Value::Unknown(refinement)) => Ok(refinement::pack(refinement, r#type)),
        (Type::Bool, Value::Bool(flag)) => Ok(Pack::Boolean(*flag)),
        (Type::Number, Value::Number(number)) => Ok(pack_number(number)),
        (Type::String, Value::String(text)) => Ok(Pack::from(text.as_str())),
        (Type::List(element), Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            let elements = elements.map(|(index, value)| pack(value, element, &path.index(index)));
            Ok(Pack::Array(elements.collect::<Result<_, _>>()?))
        }
        (Type::Set(element), Value::Set(elements)) => {
            let elements = elements.iter().map(|value| pack(value, element, path));
            Ok(Pack::Array(elements.collect::<Result<_, _>>()?))
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let elements = types.iter().zip(elements).enumerate();
            let elements = elements.map(|(index, (r#type, value))| pack(value, r#type, &path.index(index)));
            Ok(Pack::Array(elements.collect::<Result<_, _>>()?))
        }
        (Type::Map(element), Value::Map(elements)) => {
            let entries = elements
                .iter()
                .map(|(key, value)| Ok((Pack::from(key.as_str()), pack(value, element, &path.key(key))?)));
            Ok(Pack::Map(entries.collect::<Result<_, CodecError>>()?))
        }
        (Type::Object(types), Value::Object(members)) => {
            check_names(types, members.keys(), path)?;
            let members = types.iter().zip(members.values());
            let entries = members.map(|((name, r#type), value)| {
                Ok((Pack::from(name.as_str()), pack(value, r#type, &path.then(name))?))
            });
            Ok(Pack::Map(entries.collect::<Result<_, CodecError>>()?))
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => {
            let (r#type, value) = dynamic.as_ref();
            Ok(Pack::Array(vec![Pack::Binary(r#type.to_json()), pack(value, r#type, path)?]))
        }
        _ => Err(CodecError::new(path, format!("expected {type}, found {}", value.kind_name()))),
    }
}

fn kind_of(pack: &Pack) -> &'static str {
    match pack {
        Pack::Nil => "null",
        Pack::Boolean(_) => "a bool",
        Pack::Integer(_) | Pack::F32(_) | Pack::F64(_) => "a number",
        Pack::String(_) => "a string",
        Pack::Binary(_) => "bytes",
        Pack::Array(_) => "an array",
        Pack::Map(_) => "a map",
        Pack::Ext(..) => "an unknown value",
    }
}

#[cfg(test)]
mod tests;
