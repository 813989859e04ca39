//! Conventions of the source that no lint knows.

use std::path::{Path, PathBuf};

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

#[test]
fn only_the_monitor_draws_on_a_terminal() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let monitor = source.join("monitor");
    let (inside, outside): (Vec<_>, Vec<_>) =
        list_sources(&source).into_iter().partition(|file| file.starts_with(&monitor));
    let draws = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).expect("a readable file");
        text.contains("ratatui::") || text.contains("crossterm::")
    };
    assert!(inside.iter().any(draws), "the test looks at the right files");
    let strangers: Vec<_> = outside.iter().filter(|file| draws(file)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}
