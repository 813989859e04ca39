//! Sets: host names of a listener rule, rules of a security group.

use std::collections::BTreeSet;

/// A set in which ours and those of others are together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedSet<T: Ord> {
    /// All elements.
    pub elements: BTreeSet<T>,
    /// Those among them that others added.
    pub preserved: BTreeSet<T>,
}

/// What we want, and what others added: elements that are live, that we did not write, and that we do not want.
pub fn merge_sets<T: Ord + Clone>(
    base: Option<&BTreeSet<T>>,
    live: &BTreeSet<T>,
    want: &BTreeSet<T>,
) -> MergedSet<T> {
    let is_ours = |element: &&T| want.contains(*element) || base.is_some_and(|base| base.contains(*element));
    let preserved: BTreeSet<T> = live.iter().filter(|element| !is_ours(element)).cloned().collect();
    MergedSet { elements: want.union(&preserved).cloned().collect(), preserved }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_others_added_stays_and_one_that_we_gave_up_goes() {
        let set = |hosts: &[&'static str]| hosts.iter().copied().collect::<BTreeSet<_>>();
        let (base, live) = (set(&["old", "both"]), set(&["old", "both", "theirs"]));
        let merged = merge_sets(Some(&base), &live, &set(&["both", "new"]));
        assert_eq!(merged.elements, set(&["both", "new", "theirs"]));
        assert_eq!(merged.preserved, set(&["theirs"]));
        assert_eq!(merge_sets(None, &live, &set(&["new"])).elements, set(&["both", "new", "old", "theirs"]));
    }
}
