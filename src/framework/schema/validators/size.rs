//! Checks of collections as a whole.

use crate::framework::Value;
use crate::framework::schema::Validator;

/// A list, a set or a map of `least` to `most` elements.
pub fn size_between(least: usize, most: usize) -> Validator {
    Validator::new(format!("{least}-{most} elements"), move |value| {
        let (size, grows) = match value {
            Value::List(elements) => (elements.len(), false),
            // Elements that are not known yet may turn out equal to others.
            Value::Set(elements) => (elements.len(), !value.is_wholly_known()),
            Value::Map(elements) => (elements.len(), false),
            _ => return Ok(()),
        };
        let is_allowed = if grows { size >= least.min(1) } else { (least..=most).contains(&size) };
        if is_allowed {
            Ok(())
        } else {
            Err(format!("It has {size} {}", if size == 1 { "element" } else { "elements" }))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_has_as_many_elements_as_allowed() {
        let two = size_between(2, 2);
        let list = |count| Value::List(vec![Value::Bool(true); count]);
        assert_eq!(two.check(&list(2)), Ok(()));
        assert_eq!(two.check(&list(1)), Err("It has 1 element".to_owned()));
        let unsure = Value::Set(vec![Value::unknown(), Value::Bool(true), Value::Bool(false)]);
        assert_eq!(two.check(&unsure), Ok(()), "an unknown element may be one of the others");
    }
}
