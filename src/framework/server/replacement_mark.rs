//! How the create half of a replacement is told from a plain create.
//!
//! Core plans a replacement twice: the change, then a create from nothing. Whatever asks for the replacement (a changed
//! attribute, `-replace`, `replace_triggered_by`), the private bytes that the first plan answered come with the second
//! (`PriorPrivate: plannedPrivate` in `node_resource_abstract_instance.go`), and with no other create. So the first plan
//! marks them. Apply takes the mark off, and no state ever has it.

use crate::framework::resource::Private;

/// Ends the private bytes of a planned change.
const MARK: &[u8] = b"\0terraform-provider-express:planned-change";

/// Private bytes of a planned change of what exists.
pub(super) fn put(mut private: Private) -> Private {
    private.extend_from_slice(MARK);
    private
}

/// The bytes without the mark, and whether it was there.
pub(super) fn take(mut private: Private) -> (Private, bool) {
    let is_marked = private.ends_with(MARK);
    if is_marked {
        private.truncate(private.len() - MARK.len());
    }
    (private, is_marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_off_and_leaves_what_was_there() {
        for private in [b"".to_vec(), b"kept".to_vec()] {
            assert_eq!(take(put(private.clone())), (private.clone(), true));
            assert_eq!(take(private.clone()), (private, false));
        }
    }
}
