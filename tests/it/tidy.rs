//! Conventions of the source that no lint knows: which module may import which, and which crates belong to one module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Top-level modules, from the ground up, and what each may import (ARCHITECTURE.md, section 3). `model!` is the
/// framework's macro, which stands at the top.
const FLOORS: [(&str, &[&str]); 11] = [
    ("clock", &[]),
    ("nearest", &[]),
    ("service", &[]),
    ("framework", &["model"]),
    ("aws", &["clock", "framework", "service"]),
    ("engine", &["aws", "clock", "service"]),
    ("diagnosis", &["aws", "clock", "engine", "framework", "service"]),
    ("preflight", &["aws", "clock", "framework", "service"]),
    ("monitor", &["aws", "clock", "diagnosis", "engine", "framework", "service"]),
    ("provider", &["aws", "clock", "diagnosis", "engine", "framework", "model", "preflight", "service"]),
    ("protocol", &["clock", "framework"]),
];

/// The sandbox stands beside them: it imports the clock and what is misspelled, and only `main` imports it.
const SANDBOX: (&str, &[&str]) = ("sandbox", &["clock", "nearest"]);

/// Words that belong to one module.
const OWNERS: [(&str, &[&str]); 7] = [
    ("tonic::", &["protocol"]),
    ("ratatui::", &["monitor"]),
    ("crossterm::", &["monitor"]),
    ("aws_sdk_", &["aws"]),
    ("aws_config::", &["aws"]),
    ("rmpv::", &["framework"]),
    ("clap::", &["main", "monitor", "sandbox"]),
];

/// A module in which no future is written: it is pure.
const PURE: &str = "service";

fn list_sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            files.extend(list_sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Whether the whole file is of tests.
fn is_of_tests(path: &Path) -> bool {
    let is_named = |name: &str| path.file_name().is_some_and(|file| file == name);
    path.iter().any(|part| part == "tests")
        || ["tests.rs", "testing.rs", "sdk_tests.rs", "write_tests.rs"].into_iter().any(is_named)
}

/// What ships of each top-level module: its files without tests and comments.
fn production() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = BTreeMap::<String, Vec<_>>::new();
    for file in list_sources(&source).into_iter().filter(|file| !is_of_tests(file)) {
        let inside = file.strip_prefix(&source).expect("below src");
        let first = inside.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let code = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {"]
            .into_iter()
            .fold(text.as_str(), |code, tests| code.split(tests).next().unwrap_or_default());
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        modules.entry(module).or_default().push((inside.to_owned(), code.collect::<Vec<_>>().join("\n")));
    }
    modules
}

/// Modules that a text names by `crate::`.
fn imports(code: &str) -> BTreeSet<&str> {
    let names = code.match_indices("crate::").map(|(position, marker)| &code[position + marker.len()..]);
    let names = names.map(|rest| rest.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').next());
    names.flatten().filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_module_imports_only_what_stands_below_it() {
    let modules = production();
    let floors: BTreeMap<_, _> = FLOORS.into_iter().chain([SANDBOX]).collect();
    let roots = ["lib", "main"];
    let unknown: Vec<_> = modules
        .keys()
        .filter(|name| !floors.contains_key(name.as_str()) && !roots.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "modules without a floor: {unknown:?}");
    let mut strangers = Vec::new();
    for (name, allowed) in &floors {
        let files = modules.get(*name).unwrap_or_else(|| panic!("no module {name}"));
        for (file, code) in files {
            let known = |import: &&str| floors.contains_key(import) || *import == "model";
            let wrong =
                imports(code).into_iter().filter(known).filter(|it| it != name && !allowed.contains(it));
            strangers.extend(wrong.map(|import| format!("{} imports {import}", file.display())));
        }
    }
    assert!(strangers.is_empty(), "{strangers:#?}");
}

#[test]
fn floors_have_no_circle() {
    let mut below = BTreeSet::from(["model"]);
    for (name, allowed) in FLOORS {
        let above: Vec<_> = allowed.iter().filter(|import| !below.contains(**import)).collect();
        assert!(above.is_empty(), "{name} imports {above:?}, which stand above it");
        below.insert(name);
    }
}

#[test]
fn crates_belong_to_the_module_that_wraps_them() {
    let modules = production();
    for (word, owners) in OWNERS {
        let users: BTreeSet<_> = modules
            .iter()
            .filter(|(_, files)| files.iter().any(|(_, code)| code.contains(word)))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(!users.is_empty(), "nobody uses {word}");
        let strangers: Vec<_> = users.iter().filter(|user| !owners.contains(user)).collect();
        assert!(strangers.is_empty(), "{word}: {strangers:?}");
    }
}

#[test]
fn the_domain_is_pure() {
    let modules = production();
    let futures = modules[PURE].iter().filter(|(_, code)| code.contains("async ") || code.contains(".await"));
    let futures: Vec<_> = futures.map(|(file, _)| file.display().to_string()).collect();
    assert!(futures.is_empty(), "{futures:?}");
}
