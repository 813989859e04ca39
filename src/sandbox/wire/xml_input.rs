//! XML request bodies to JSON, with the types of the service's table.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::services::{ROUTE53_LISTS, ServiceTable};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// An element whose end has not come yet.
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    members: Map<String, Value>,
    items: Vec<Value>,
}

/// The members of the root element; `None` for a body that is no well-formed XML.
pub(super) fn read(body: &[u8], table: &ServiceTable) -> Option<Value> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < MAX_DEPTH => {
                let name = start.local_name().as_ref().to_owned();
                open.push(Open { name, ..Open::default() });
            }
            Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                close(Open { name, ..Open::default() }, open.last_mut()?, table);
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)?.to_owned(),
                };
                open.last_mut()?.text.push_str(&resolved);
            }
            Event::End(_) => {
                let element = open.pop()?;
                match open.last_mut() {
                    Some(parent) => close(element, parent, table),
                    None => return Some(Value::Object(element.members)),
                }
            }
            Event::Eof | Event::Start(_) => return None,
            _ => {}
        }
    }
}

/// Hands a complete element to its parent: as an item of a list, or as a member.
fn close(element: Open, parent: &mut Open, table: &ServiceTable) {
    let is_list = ROUTE53_LISTS.iter().any(|(list, _)| *list == element.name);
    let value = if is_list {
        Value::Array(element.items)
    } else if element.members.is_empty() {
        scalar(&parent.name, &element.name, element.text, table)
    } else {
        Value::Object(element.members)
    };
    if ROUTE53_LISTS.contains(&(parent.name.as_str(), element.name.as_str())) {
        parent.items.push(value);
    } else {
        parent.members.insert(element.name, value);
    }
}

fn scalar(parent: &str, name: &str, text: String, table: &ServiceTable) -> Value {
    let number = || text.parse::<i64>().ok().map(Value::from);
    let boolean = || text.parse::<bool>().ok().map(Value::Bool);
    let typed = match () {
        () if table.is_integer(parent, name) => number(),
        () if table.is_boolean(name) => boolean(),
        () => None,
    };
    typed.unwrap_or(Value::String(text))
}
