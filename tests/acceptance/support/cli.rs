//! The command line interfaces of Terraform and OpenTofu that this machine has.

use std::path::PathBuf;
use std::sync::LazyLock;

/// One of the two programs.
#[derive(Debug)]
pub(crate) struct Cli {
    /// `terraform` or `tofu`.
    pub(crate) name: &'static str,
    /// Where it is.
    pub(crate) path: PathBuf,
}

static INSTALLED: LazyLock<Vec<Cli>> = LazyLock::new(|| {
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name| {
        std::env::split_paths(&search_path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    ["terraform", "tofu"].into_iter().filter_map(|name| Some(Cli { name, path: find(name)? })).collect()
});

/// Plays a scenario with each program that is installed.
///
/// # Panics
/// If there is neither: without one of them nothing is proved.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a failure is shown with the program that it happened with")]
pub(crate) fn with_every_cli(scenario: impl Fn(&'static Cli)) {
    assert!(
        !INSTALLED.is_empty(),
        "the acceptance tests need `terraform` or `tofu` on PATH and found neither; \
         install one from https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install"
    );
    for cli in INSTALLED.iter() {
        println!("with {}", cli.name);
        scenario(cli);
    }
}
