//! The map of pains and scenarios to tests in `tests/README.md` is complete, and names only tests that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rows of the pain table that concern a resource.
const PAINS: std::ops::RangeInclusive<u32> = 1..=37;

/// The peer's acceptance scenarios, and what is missing there.
const SCENARIOS: [&str; 43] = [
    "basic",
    "disappears",
    "tags",
    "update",
    "waitForSteadyState",
    "networkConfiguration",
    "checkIdempotency",
    "environmentVariableOrdering",
    "recreateAfterDeleting",
    "clusterForceNew",
    "scalingTargetDefaults",
    "taskDefinitionArn",
    "List_excludeExpressServices",
    "named cluster by name",
    "named cluster by ARN",
    "explicit default cluster or none",
    "import in a named cluster",
    "create that waits",
    "update that waits",
    "failing image: bad tag",
    "failing image: arm64",
    "failing image: health check 500",
    "rollback by alarm",
    "one argument at a time",
    "removal of each optional argument",
    "tags alone start no deployment",
    "scaling alone",
    "secrets",
    "repository credentials",
    "private subnets",
    "security groups: none, one, two",
    "killed during create, then destroyed",
    "re-created under a fixed name",
    "deleted while DRAINING",
    "deleted twice",
    "VPC destroyed in the same run",
    "role destroyed first",
    "two services on one load balancer, one deleted",
    "26 services",
    "roles made in the same apply",
    "two updates at once, throttling",
    "URL and every ARN as the API tells them",
    "import, empty plan, destroy",
];

/// Key and last cell of each row of a table.
pub(crate) fn rows_of(section: &str) -> BTreeMap<String, String> {
    let readme = fs::read_to_string(root().join("tests/README.md")).expect("readable");
    let (_, rest) = readme.split_once(section).unwrap_or_else(|| panic!("no {section}"));
    let text = rest.split("\n## ").next().unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut found = BTreeMap::new();
    for row in rows {
        let (Some((key, _)), Some((_, tests))) = (row.split_once(" | "), row.rsplit_once(" | ")) else {
            continue;
        };
        // The tables of a section have a head each.
        let is_head = key.starts_with("---") || !key.starts_with(|first: char| first.is_ascii_uppercase());
        let before = found.insert(key.to_owned(), tests.to_owned());
        assert!(before.is_none() || is_head, "{section} has {key} twice");
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where a test may be by its path: `acceptance::failures::x`, `it::pains::tagging::x`, `src::engine::wait::tests::x`.
fn find_files(modules: &[&str]) -> Vec<PathBuf> {
    let Some((first, rest)) = modules.split_first() else { return Vec::new() };
    let root = root().join(if *first == "src" { "src".to_owned() } else { format!("tests/{first}") });
    let whole: PathBuf = root.join(rest.iter().collect::<PathBuf>());
    let without_tests: PathBuf = rest.iter().filter(|module| **module != "tests").collect();
    let candidates = [whole, root.join(without_tests)]
        .into_iter()
        .flat_map(|path| [path.with_extension("rs"), path.join("mod.rs"), path.join("tests.rs")]);
    candidates.filter(|candidate| candidate.is_file()).collect()
}

pub(crate) fn check_tests(key: &str, cell: &str) {
    let names: Vec<_> = cell.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
    if cell.starts_with("later:") {
        return;
    }
    assert!(!names.is_empty(), "{key} names no test: {cell}");
    for name in names {
        let mut modules: Vec<_> = name.split("::").collect();
        let function = modules.pop().expect("a name");
        let has = |file: &PathBuf| {
            fs::read_to_string(file).expect("readable").contains(&format!("fn {function}()"))
        };
        let files = find_files(&modules);
        assert!(files.iter().any(has), "{key}: no test {name} in {files:?}");
    }
}

#[test]
fn every_pain_has_a_test_that_exists_or_says_what_it_waits_for() {
    let rows = rows_of("## Pains");
    for number in PAINS {
        let cell = rows.get(&number.to_string()).unwrap_or_else(|| panic!("pain {number} is missing"));
        check_tests(&number.to_string(), cell);
    }
}

#[test]
fn every_scenario_has_a_test_that_exists() {
    let rows = rows_of("## Scenarios");
    for name in SCENARIOS {
        let cell = rows.get(name).unwrap_or_else(|| panic!("scenario {name} is missing"));
        check_tests(name, cell);
    }
    let known: BTreeSet<_> = SCENARIOS.into_iter().chain(["scenario", "---"]).collect();
    let unknown: Vec<_> = rows.keys().filter(|key| !known.contains(key.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
