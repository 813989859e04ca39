//! Links between the pages of the repository.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use super::repository;

/// Markdown files below `folder`.
fn list_pages(folder: &Path) -> BTreeSet<PathBuf> {
    let mut pages = BTreeSet::new();
    for entry in read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages.extend(list_pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.insert(path);
        }
    }
    pages
}

/// What the links of a page point to: `[text](target)`.
fn list_targets(page: &str) -> Vec<&str> {
    let ends = page.split("](").skip(1);
    ends.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// Anchor of a heading, as GitHub and the registries make it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|one| one.is_alphanumeric() || "-_".contains(*one)).collect()
}

fn has_anchor(page: &str, wanted: &str) -> bool {
    page.contains(&format!("<a id=\"{wanted}\">"))
        || page.lines().filter(|line| line.starts_with('#')).any(|heading| anchor(heading) == wanted)
}

#[test]
fn every_link_leads_somewhere() {
    let folders =
        ["docs", "examples", "findings", "tests"].map(|folder| list_pages(&repository().join(folder)));
    let roots = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|page| repository().join(page));
    for page in folders.into_iter().flatten().chain(roots) {
        let text = read_to_string(&page).expect("a page");
        for target in list_targets(&text).into_iter().filter(|target| !target.starts_with("http")) {
            let (file, wanted) = target.split_once('#').unwrap_or((target, ""));
            let linked =
                if file.is_empty() { page.clone() } else { page.parent().expect("a folder").join(file) };
            assert!(linked.exists(), "{}: {target}", page.display());
            if !wanted.is_empty() {
                let text = read_to_string(&linked).expect("a page");
                assert!(has_anchor(&text, wanted), "{}: there is no {target}", page.display());
            }
        }
    }
}

#[test]
fn anchors_are_those_of_headings() {
    assert_eq!(anchor("### Nested Schema for `a.b`"), "nested-schema-for-ab");
    assert!(has_anchor("# Title\n## What *is* it\n", "what-is-it"));
    assert_eq!(list_targets("[a](b.md) and [c](d#e)"), ["b.md", "d#e"]);
}
