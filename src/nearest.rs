//! What somebody may have meant: the nearest of the words that there are.

/// The candidate with the fewest letters inserted, left out, changed or swapped; the first one of several. `None` if
/// each differs in more than half of its letters: such a word is no misspelling.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = candidates.into_iter().filter_map(|candidate| {
        let length = candidate.chars().count().max(word.chars().count());
        let distance = distance(&word, &candidate.to_lowercase());
        // Words that begin alike are found by their beginning: `exit` means `exit-on-complete`.
        let is_beginning = word.len() >= 3 && candidate.starts_with(&word);
        (distance <= length / 2 || is_beginning).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Letters inserted, left out, changed, or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let changed = last[column] + usize::from(letter != other);
            let mut fewest = changed.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swapped = row > 0 && column > 0 && from[row - 1] == *other && to[column - 1] == *letter;
            if is_swapped {
                fewest = fewest.min(before[column - 1] + 1);
            }
            next.push(fewest);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_in_letters() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("slow", "slow", 0),
            ("slwo", "slow", 1),
            ("crsh", "crash", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((distance(from, to), distance(to, from)), (expected, expected), "{from} {to}");
        }
    }

    #[test]
    fn the_nearest_is_a_misspelling_and_not_any_word() {
        let words = ["image-not-found", "wrong-architecture", "crash", "slow"];
        assert_eq!(nearest("image-not-fuond", words), Some("image-not-found"));
        assert_eq!(nearest("Crash", words), Some("crash"));
        assert_eq!(nearest("wrong-arch", words), Some("wrong-architecture"));
        assert_eq!(nearest("meteor", words), None);
        assert_eq!(nearest("", words), None);
    }
}
