//! Every configuration that users read is run: each block of HCL in the README, `docs/` and `examples/`, and each
//! folder of `examples/`. They are found, not listed, so that a new one cannot be forgotten.
//!
//! A configuration is initialized and applied in the sandbox, and must then plan nothing. Tests (`run` blocks) are
//! run. What needs `hashicorp/aws` is validated where that can be had, and parsed elsewhere: see [`PARSED_ONLY`].

mod blocks;
mod commands;
mod play;

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use crate::support::with_every_cli;
use blocks::list_blocks;
use play::Configuration;

/// Folders and pages with configurations that need `hashicorp/aws`, which the tests cannot install by themselves: their
/// syntax and format are checked, and with a mirror of it (`EXPRESS_PEER_MIRROR`) they are validated.
const PARSED_ONLY: [&str; 3] =
    ["docs/guides/own-domain.md", "examples/complete", "examples/modules/service/roles"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `folder` with one of the extensions, sorted.
fn list_files(folder: &Path, extensions: &[&str]) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for entry in read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(list_files(&path, extensions));
        } else if extensions.iter().any(|extension| path.extension() == Some(extension.as_ref())) {
            files.insert(path);
        }
    }
    files
}

fn list_pages() -> BTreeSet<PathBuf> {
    let folders = ["docs", "examples"].map(|folder| list_files(&repository().join(folder), &["md"]));
    folders.into_iter().flatten().chain([repository().join("README.md")]).collect()
}

/// The blocks of a page, and a test together with the configuration before it.
fn configurations_of(page: &Path) -> Vec<Configuration> {
    let name = page.strip_prefix(repository()).expect("within the repository").display();
    let mut configurations: Vec<Configuration> = Vec::new();
    let text = read_to_string(page).expect("a page");
    for block in list_blocks(&text).into_iter().filter(blocks::Block::is_hcl) {
        let mut configuration = Configuration::new(format!("{name}:{}", block.line));
        if play::is_test(&block.text) {
            let subject = configurations.last().expect("a test stands behind what it tests");
            configuration.files.clone_from(&subject.files);
            configuration.add("page.tftest.hcl", &block.text);
        } else if play::is_query(&block.text) {
            configuration.add("page.tfquery.hcl", &block.text);
        } else {
            configuration.add("main.tf", &block.text);
        }
        configurations.push(configuration);
    }
    configurations
}

/// The configuration of a folder of `examples/`, with its tests.
fn configuration_of(folder: &Path) -> Configuration {
    let name = folder.strip_prefix(repository()).expect("within the repository").display();
    let mut configuration = Configuration::new(name.to_string());
    for file in list_files(folder, &["tf", "hcl"]) {
        let is_own = file.parent() == Some(folder) || file.starts_with(folder.join("tests"));
        if is_own && !is_import(&file) {
            let name = file.strip_prefix(folder).expect("within the folder").display().to_string();
            configuration.add(&name, &read_to_string(&file).expect("a file"));
        }
    }
    configuration.set_place(folder.strip_prefix(repository()).expect("within the repository"));
    configuration
}

/// Whether a file shows an import, which stands for itself beside the resource's example.
fn is_import(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("import-by-"))
}

fn list_imports() -> Vec<Configuration> {
    let files =
        list_files(&repository().join("examples"), &["tf"]).into_iter().filter(|file| is_import(file));
    let configurations = files.map(|file| {
        let name = file.strip_prefix(repository()).expect("within the repository").display().to_string();
        let mut configuration = Configuration::new(name);
        configuration.add("main.tf", &read_to_string(&file).expect("a file"));
        configuration
    });
    configurations.collect()
}

fn list_folders() -> BTreeSet<PathBuf> {
    let files = list_files(&repository().join("examples"), &["tf", "hcl"]);
    let folders = files.into_iter().map(|file| file.parent().expect("a folder").to_owned());
    // Tests belong to the folder above.
    folders.filter(|folder| !folder.ends_with("tests")).collect()
}

#[track_caller]
fn play_all(configurations: &[Configuration]) {
    assert!(!configurations.is_empty(), "there is something to run");
    with_every_cli(|cli| {
        for configuration in configurations {
            configuration.play(cli);
        }
    });
}

fn play_pages(is_wanted: impl Fn(&str) -> bool) {
    let pages = list_pages().into_iter().filter(|page| {
        is_wanted(&page.strip_prefix(repository()).expect("within the repository").display().to_string())
    });
    play_all(&pages.flat_map(|page| configurations_of(&page)).collect::<Vec<_>>());
}

#[test]
fn every_block_of_the_guides_does_what_it_says() {
    play_pages(|page| page.starts_with("docs/guides/"));
}

#[test]
fn every_block_of_the_readmes_and_of_the_other_pages_does_what_it_says() {
    play_pages(|page| !page.starts_with("docs/guides/"));
}

#[test]
fn every_folder_of_the_examples_does_what_it_says() {
    play_all(&list_folders().iter().map(|folder| configuration_of(folder)).collect::<Vec<_>>());
}

#[test]
fn every_import_of_the_examples_does_what_it_says() {
    play_all(&list_imports());
}

#[test]
fn only_the_named_configurations_are_parsed_only() {
    let folders: Vec<_> = list_folders().iter().map(|folder| configuration_of(folder)).collect();
    let pages: Vec<_> = list_pages().iter().flat_map(|page| configurations_of(page)).collect();
    let parsed = folders.iter().chain(&pages).filter(|one| one.needs_hashicorp_aws());
    let sources: BTreeSet<_> = parsed.map(|one| one.name.split(':').next().unwrap_or_default()).collect();
    assert_eq!(sources, PARSED_ONLY.into());
}

#[test]
fn a_block_of_hcl_says_that_it_is_one() {
    for page in list_pages() {
        for block in list_blocks(&read_to_string(&page).expect("a page")) {
            let words = ["resource \"", "provider \"", "module \"", "data \"", "terraform {"];
            let is_hcl = words.iter().any(|word| block.text.lines().any(|line| line.starts_with(word)));
            assert!(
                !is_hcl || block.is_hcl(),
                "{}:{} is HCL: begin it with ```terraform",
                page.display(),
                block.line
            );
        }
    }
}
