//! The page of versions says what the provider offers, and since when the command lines know it.

use std::sync::Arc;

use terraform_provider_express::protocol::client::InProcess;
use terraform_provider_express::protocol::proto::tfplugin6::get_provider_schema::{Request, Response};
use terraform_provider_express::provider::ExpressProvider;
use tokio::runtime::Builder;

use crate::support::cli::parse_version;
use crate::support::feature::Feature;
use crate::support::with_every_cli;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/compatibility.md"));

/// The cells of the row that begins with `title`.
fn find_row(title: &str) -> Option<Vec<&'static str>> {
    let rows = PAGE.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    rows.into_iter().find(|cells| cells[0] == title && cells.len() > 2)
}

fn ask_schemas() -> Response {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let plugin = InProcess::start(Arc::new(ExpressProvider::of_process())).await.expect("starts");
        let answer = plugin.client.provider().get_provider_schema(Request {}).await;
        answer.expect("answers").into_inner()
    })
}

fn is_offered(feature: Feature, schemas: &Response) -> bool {
    match feature {
        Feature::Function => !schemas.functions.is_empty(),
        Feature::Move => schemas.server_capabilities.is_some_and(|one| one.move_resource_state),
        Feature::ListResource => !schemas.list_resource_schemas.is_empty(),
        Feature::Action => !schemas.action_schemas.is_empty(),
        Feature::ImportBlock
        | Feature::GeneratedConfiguration
        | Feature::Test
        | Feature::MockProvider
        | Feature::TellsApplyFromPlan
        | Feature::Identity => true,
    }
}

#[test]
fn the_page_of_versions_names_what_is_offered_and_since_when_it_is_known() {
    let schemas = ask_schemas();
    for feature in Feature::ALL {
        let row = find_row(feature.title());
        assert_eq!(
            row.is_some(),
            is_offered(feature, &schemas),
            "{} has a row if it is offered",
            feature.title()
        );
        for (cell, name) in row.iter().flat_map(|cells| [(cells[1], "terraform"), (cells[2], "tofu")]) {
            assert_eq!(parse_version(cell), feature.since(name), "{} in {name}", feature.title());
        }
    }
}

#[test]
fn every_command_line_here_is_one_that_the_page_names() {
    let [_, terraform, tofu] = find_row("resources, data sources, `terraform import`").expect("the row")[..]
    else {
        panic!("three cells");
    };
    with_every_cli(|cli| {
        let oldest = parse_version(if cli.name == "tofu" { tofu } else { terraform }).expect("a version");
        assert!(cli.version >= oldest, "{} is older than what the page promises", cli.path.display());
    });
}
