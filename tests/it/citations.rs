//! What the code cites of the design exists: `docs/design` has each section and row that a comment names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages with numbered sections.
const PAGES: [&str; 3] = ["express", "composition", "protocol"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(format!("docs/design/{name}.md"))).expect("readable")
}

/// Every source file below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()) {
        if entry.is_dir() {
            collect(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
}

/// The text of a file in lower case, with comments that go over several lines as one.
fn text_of(file: &Path) -> String {
    let source = fs::read_to_string(file).expect("readable").to_lowercase();
    let lines = source.lines().map(|line| line.trim().trim_start_matches(['/', '!']).trim());
    lines.collect::<Vec<_>>().join(" ")
}

/// The numbers at the beginning of `text`: `2.6, 3.1 and 4` has three.
fn numbers(text: &str) -> Vec<&str> {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        if number.is_empty() {
            return numbers;
        }
        numbers.push(number);
        let after = &rest[end..];
        let next = [", ", " and ", " to "].iter().find_map(|separator| after.strip_prefix(separator));
        match next {
            Some(next) => rest = next,
            None => return numbers,
        }
    }
}

/// Every `<page> section N` of a text, with what follows the numbers.
fn citations<'a>(text: &'a str, page: &str) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for word in [" section ", " sections "] {
        let marker = format!("{page}{word}");
        for (position, _) in text.match_indices(&marker) {
            let rest = &text[position + marker.len()..];
            found.extend(numbers(rest).into_iter().map(|number| (number, rest)));
        }
    }
    found
}

/// `A1-24` of every `pain A1-24`.
fn pain_rows(text: &str) -> Vec<String> {
    let rows = text.match_indices("pain a").map(|(position, _)| &text[position + "pain ".len()..]);
    let rows = rows.map(|rest| rest.split(|it: char| !it.is_ascii_alphanumeric() && it != '-').next());
    rows.flatten().filter(|row| row.contains('-')).map(str::to_uppercase).collect()
}

#[test]
fn every_citation_leads_to_a_section_that_exists() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "examples"] {
        collect(&root().join(folder), &mut files);
    }
    let texts: Vec<_> = files.iter().filter(|file| !file.ends_with("tests/it/citations.rs")).collect();
    let texts: Vec<_> = texts.into_iter().map(|file| (file, text_of(file))).collect();
    let mut missing = BTreeSet::new();
    let mut count = 0;
    for name in PAGES {
        let page = page(name);
        let headings: BTreeSet<_> = page
            .lines()
            .filter(|line| line.starts_with("##"))
            .filter_map(|line| line.trim_start_matches(['#', ' ']).split(' ').next())
            .map(|number| number.trim_end_matches('.'))
            .collect();
        for (file, text) in &texts {
            for (number, rest) in citations(text, name) {
                count += 1;
                if !headings.contains(number) {
                    missing.insert(format!("{}: {name} section {number}", file.display()));
                }
                let row = rest.strip_prefix("10, row ").map(|rest| numbers(rest)).unwrap_or_default();
                for row in row.iter().filter(|row| !page.contains(&format!("\n| {row} | "))) {
                    missing.insert(format!("{}: {name} section 10, row {row}", file.display()));
                }
            }
        }
    }
    let pain = page("pain");
    for (file, text) in &texts {
        for row in pain_rows(text) {
            count += 1;
            if !pain.contains(&format!("\n| {row} | ")) {
                missing.insert(format!("{}: pain {row}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 100, "only {count} citations were found");
}

#[test]
fn numbers_of_a_citation_are_read() {
    assert_eq!(numbers("2.6, 3.1 and 4)"), ["2.6", "3.1", "4"]);
    assert_eq!(numbers("5."), ["5"]);
    assert_eq!(pain_rows("(pain a2-7), pain a1-13."), ["A2-7", "A1-13"]);
}
