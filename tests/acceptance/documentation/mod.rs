//! The registry's pages: made from the schemas, the examples and the causes of failures, and kept in `docs/`.
//!
//! A page that is out of date fails the test; `UPDATE_DOCS=1 cargo test --test acceptance documentation` writes
//! the pages anew.

mod catalogue;
mod function;
mod links;
mod render;

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};

use terraform_provider_express::diagnosis::interruptions;
use terraform_provider_express::framework::provider::Provider as _;
use terraform_provider_express::framework::schema::Schema;
use terraform_provider_express::provider::ExpressProvider;

use catalogue::render_catalogue;
use function::render_function;
use render::{Page, render};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An example of the repository, if there is one at this path.
fn find_example(path: &str) -> Option<String> {
    read_to_string(repository().join("examples").join(path)).ok()
}

/// Every generated page: where it belongs and what it says.
fn list_pages() -> Vec<(PathBuf, String)> {
    let provider = ExpressProvider::of_process();
    let index = Page {
        title: "express Provider".to_owned(),
        heading: "express Provider".to_owned(),
        schema: provider.schema(),
        example: find_example("provider/provider.tf"),
        imports: Vec::new(),
    };
    let mut pages = vec![
        (PathBuf::from("docs/index.md"), render(&index)),
        (PathBuf::from("docs/guides/error-catalogue.md"), render_catalogue()),
    ];
    for resource in provider.resources() {
        let name = resource.type_name();
        let page = type_page(name, "Resource", resource.schema(), "resources", "resource.tf");
        pages.push((page_path("resources", name), render(&page)));
    }
    for data_source in provider.data_sources() {
        let name = data_source.type_name();
        let page = type_page(name, "Data Source", data_source.schema(), "data-sources", "data-source.tf");
        pages.push((page_path("data-sources", name), render(&page)));
    }
    for list_resource in provider.list_resources() {
        let name = list_resource.type_name();
        let (folder, example) = ("list-resources", "list-resource.tfquery.hcl");
        let page = type_page(name, "List Resource", list_resource.schema(), folder, example);
        pages.push((page_path(folder, name), render(&page)));
    }
    for action in provider.actions() {
        let name = action.type_name();
        let page = type_page(name, "Action", action.schema(), "actions", "action.tf");
        pages.push((page_path("actions", name), render(&page)));
    }
    for function in provider.functions() {
        let name = function.name();
        let example = find_example(&format!("functions/{name}/function.tf")).unwrap_or_default();
        let path = PathBuf::from(format!("docs/functions/{name}.md"));
        pages.push((path, render_function(function.as_ref(), &example)));
    }
    pages
}

/// The registry finds the page of `express_x` in `x.md` or `express_x.md`; all names here begin with `express_`, so
/// the whole name is used.
fn page_path(folder: &str, type_name: &str) -> PathBuf {
    Path::new("docs").join(folder).join(format!("{type_name}.md"))
}

/// The ways to import, if there are any: introduction, language, example.
fn list_imports(folder: &str) -> Vec<(&'static str, &'static str, String)> {
    let ways = [
        ("With an `import` block (Terraform 1.5, OpenTofu 1.6):", "terraform", "import-by-string-id.tf"),
        ("By identity (Terraform 1.12, OpenTofu 1.12):", "terraform", "import-by-identity.tf"),
        ("With the command:", "shell", "import.sh"),
    ];
    let found = ways.into_iter().map(|(introduction, language, file)| {
        Some((introduction, language, find_example(&format!("{folder}/{file}"))?))
    });
    found.flatten().collect()
}

fn type_page(name: &str, kind: &str, schema: Schema, folder: &str, example: &str) -> Page {
    Page {
        title: format!("{name} {kind} - express"),
        heading: format!("{name} ({kind})"),
        schema,
        example: find_example(&format!("{folder}/{name}/{example}")),
        imports: list_imports(&format!("{folder}/{name}")),
    }
}

/// A page with the table of interruptions in place of the one that it has.
fn with_interruptions(page: &str) -> String {
    let table = interruptions::page();
    let head = table.lines().next().expect("a head");
    let before: Vec<_> = page.lines().take_while(|line| *line != head).collect();
    let after = page.lines().skip(before.len()).skip_while(|line| line.starts_with('|'));
    before.into_iter().chain(table.lines()).chain(after).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn the_table_of_interruptions_is_the_one_of_the_code() {
    let file = repository().join("docs/guides/breaking-glass.md");
    let kept = read_to_string(&file).expect("the guide");
    let page = with_interruptions(&kept);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        write(&file, &page).unwrap();
    } else {
        assert!(kept == page, "run UPDATE_DOCS=1 cargo test --test acceptance documentation");
    }
}

#[test]
fn the_registrys_pages_are_those_of_the_schemas() {
    for (path, page) in list_pages() {
        let file = repository().join(&path);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            write(&file, &page).unwrap();
        }
        let kept = read_to_string(&file).unwrap_or_default();
        assert!(
            kept == page,
            "{} is out of date: run UPDATE_DOCS=1 cargo test --test acceptance documentation",
            path.display()
        );
    }
}

#[test]
fn every_type_and_function_has_an_example_and_every_resource_an_import() {
    let provider = ExpressProvider::of_process();
    for resource in provider.resources() {
        let name = resource.type_name();
        for example in ["resource.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"] {
            assert!(find_example(&format!("resources/{name}/{example}")).is_some(), "{name} {example}");
        }
    }
    for data_source in provider.data_sources() {
        let name = data_source.type_name();
        assert!(find_example(&format!("data-sources/{name}/data-source.tf")).is_some(), "{name}");
    }
    for list_resource in provider.list_resources() {
        let name = list_resource.type_name();
        let example = format!("list-resources/{name}/list-resource.tfquery.hcl");
        assert!(find_example(&example).is_some(), "{name}");
    }
    for action in provider.actions() {
        let name = action.type_name();
        assert!(find_example(&format!("actions/{name}/action.tf")).is_some(), "{name}");
    }
    for function in provider.functions() {
        let name = function.name();
        assert!(find_example(&format!("functions/{name}/function.tf")).is_some(), "{name}");
    }
}
