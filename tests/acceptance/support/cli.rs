//! The command line interfaces of Terraform and OpenTofu that this machine has.
//!
//! Those on `PATH`, and every program named `terraform...` or `tofu...` in the folder that the variable `EXPRESS_CORES`
//! names: `terraform_1.5.7`, `tofu-1.10`. `EXPRESS_CORE` names one program, which is then the only one. Where there is
//! none, `scripts/cores` brings one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::bring::bring_core;
use super::feature::Feature;

/// One version of one of the two programs.
#[derive(Debug)]
pub(crate) struct Cli {
    /// `terraform` or `tofu`.
    pub(crate) name: &'static str,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Major and minor version.
    pub(crate) version: (u32, u32),
}

impl Cli {
    /// Whether it has a feature.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        feature.since(self.name).is_some_and(|since| self.version >= since)
    }
}

static INSTALLED: LazyLock<Vec<Cli>> = LazyLock::new(|| {
    if let Some(only) = std::env::var_os("EXPRESS_CORE").map(PathBuf::from) {
        return vec![describe(only)];
    }
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&search_path).collect();
    let mut installed = Vec::new();
    for name in ["terraform", "tofu"] {
        let on_path = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
        let files: BTreeSet<PathBuf> = on_path.into_iter().chain(list_cores(name)).collect();
        installed.extend(files.into_iter().map(describe));
    }
    if installed.is_empty() {
        let brought = bring_core().unwrap_or_else(|error| panic!("{error}"));
        installed.push(describe(brought));
    }
    installed
});

/// A program, by its name and what it says of itself.
fn describe(path: PathBuf) -> Cli {
    let is_tofu = path.file_name().is_some_and(|file| file.to_string_lossy().starts_with("tofu"));
    Cli { name: if is_tofu { "tofu" } else { "terraform" }, version: ask_version(&path), path }
}

fn list_cores(name: &str) -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("EXPRESS_CORES") else { return Vec::new() };
    let entries = std::fs::read_dir(&folder).expect("EXPRESS_CORES names a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let is_core = |file: &PathBuf| {
        file.is_file() && file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
    };
    files.filter(is_core).collect()
}

fn ask_version(path: &Path) -> (u32, u32) {
    let output = Command::new(path)
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        // Where the file that it names is not there, OpenTofu says so before the JSON.
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let said: Value = serde_json::from_slice(&output.stdout).expect("`version -json` says JSON");
    let version = said["terraform_version"].as_str().expect("a version");
    parse_version(version).unwrap_or_else(|| panic!("{}: {version:?} is no version", path.display()))
}

/// Major and minor of `1.11.4` or `1.16.0-rc2`.
pub(crate) fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Plays a scenario with each program that is installed.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a failure is shown with the program that it happened with")]
pub(crate) fn with_every_cli(scenario: impl Fn(&'static Cli)) {
    for cli in INSTALLED.iter() {
        println!("with {} {}.{}", cli.name, cli.version.0, cli.version.1);
        scenario(cli);
    }
}

/// The same with those that have `feature`: the others are too old for what the scenario is about.
#[track_caller]
pub(crate) fn with_every_cli_that_has(feature: Feature, scenario: impl Fn(&'static Cli)) {
    with_every_cli(|cli| {
        if cli.has(feature) {
            scenario(cli);
        }
    });
}

/// One command line, for what is about the provider and takes long.
#[track_caller]
pub(crate) fn any_cli() -> &'static Cli {
    INSTALLED.first().expect("one was brought if there was none")
}

#[test]
fn a_version_is_read_to_its_minor() {
    assert_eq!(parse_version("1.11.4"), Some((1, 11)));
    assert_eq!(parse_version("1.16.0-rc2"), Some((1, 16)));
    assert_eq!(parse_version("new"), None);
}
