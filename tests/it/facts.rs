//! The table of facts in `tests/README.md` has rows of the documents only, and names only tests that exist.

use crate::pains::table::{check_tests, rows_of};

/// The rows of one document: their letter, and the numbers that it has.
const DOCUMENTS: [(&str, &[u32]); 7] = [
    // A new user's day, 2026-11-30.
    (
        "F",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
            27, 28, 29, 30, 31, 32, 33, 34,
        ],
    ),
    // Recorded answers of AWS; `T5` is four rows, told apart by a letter.
    ("T", &[1, 2, 4, 5]),
    ("M", &[3, 4, 8, 9, 10]),
    // Express Mode as its users recorded it.
    (
        "W",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
            27, 28, 29, 30,
        ],
    ),
    // Public bug reports.
    (
        "B",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 23, 24, 25, 26, 28, 29, 30, 31, 32,
            35, 37,
        ],
    ),
    // Defects that peers showed.
    ("D", &[1, 2, 3, 4, 5]),
    // Cores: OpenTofu's rows.
    ("O", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
];

fn is_row(key: &str) -> bool {
    DOCUMENTS.iter().any(|(letter, numbers)| numbers.iter().any(|number| is_of(key, letter, *number)))
}

/// Whether the key of a row is this number of this document, or one of the rows that it was divided into.
fn is_of(key: &str, letter: &str, number: u32) -> bool {
    let digits =
        key.strip_prefix(letter).map(|rest| rest.trim_end_matches(|it: char| it.is_ascii_lowercase()));
    digits.and_then(|digits| digits.parse().ok()) == Some(number)
}

#[test]
fn every_row_of_the_documents_is_in_the_table() {
    let rows = rows_of("## Facts");
    let mut missing = Vec::new();
    for (letter, numbers) in DOCUMENTS {
        let absent = numbers.iter().filter(|number| !rows.keys().any(|key| is_of(key, letter, **number)));
        missing.extend(absent.map(|number| format!("{letter}{number:02}")));
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_fact_names_tests_that_exist_or_says_that_it_is_open() {
    for (key, cell) in rows_of("## Facts") {
        if key == "row" || key.starts_with("---") {
            continue;
        }
        assert!(is_row(&key), "{key} is a row of no document");
        if !cell.starts_with("open:") {
            check_tests(&key, &cell);
        }
    }
}
