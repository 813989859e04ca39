//! One configuration that users read, and running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::cli::Cli;
use crate::support::feature::Feature;
use crate::support::mirror::mirror;
use crate::support::workspace::VERSIONS;
use crate::support::{SandboxProcess, Workspace};

/// Where the documentation says that the sandbox is.
const DOCUMENTED_SANDBOX: &str = "http://127.0.0.1:4599";

/// The services that other examples are about.
const RESOURCE_EXAMPLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/resources/express_gateway_service/resource.tf"
));

/// Files of one folder, by name.
#[derive(Debug)]
pub(super) struct Configuration {
    /// Where users read it.
    pub(super) name: String,
    pub(super) files: BTreeMap<String, String>,
    /// Its folder within the repository, if its neighbours belong to it.
    place: Option<PathBuf>,
}

/// Whether this is a file for `terraform test`.
pub(super) fn is_test(text: &str) -> bool {
    Feature::list_needed(text).contains(&Feature::Test)
}

/// Whether this is a file for `terraform query`.
pub(super) fn is_query(text: &str) -> bool {
    Feature::list_needed(text).contains(&Feature::ListResource)
}

impl Configuration {
    pub(super) fn new(name: String) -> Self {
        Self { name, files: BTreeMap::new(), place: None }
    }

    pub(super) fn add(&mut self, name: &str, text: &str) {
        self.files.insert(name.to_owned(), text.to_owned());
    }

    pub(super) fn set_place(&mut self, place: &Path) {
        self.place = Some(place.to_owned());
    }

    fn has(&self, text: &str) -> bool {
        self.files.values().any(|file| file.contains(text))
    }

    /// Whether it needs a provider that the tests cannot install.
    pub(super) fn needs_hashicorp_aws(&self) -> bool {
        ["hashicorp/aws", "resource \"aws_", "data \"aws_"].iter().any(|text| self.has(text))
    }

    /// A module is called, not applied by itself: it has variables that must be given.
    fn is_module(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.starts_with("examples/modules"))
    }

    /// Runs it with `cli`, as far as both can.
    #[track_caller]
    pub(super) fn play(&self, cli: &'static Cli) {
        let text = self.files.values().cloned().collect::<String>();
        let sandbox = SandboxProcess::start();
        let mut workspace = Workspace::empty(cli, &sandbox);
        self.write(&mut workspace, &sandbox);
        if Feature::list_needed(&text).iter().any(|feature| !cli.has(*feature)) {
            return;
        }
        let formatted = workspace.run(&["fmt", "-check", "-diff"]);
        assert_eq!(formatted.exit_code, 0, "{} is not formatted:\n{}", self.name, formatted.output);
        if self.needs_hashicorp_aws() {
            self.validate_with_hashicorp_aws(cli, &workspace);
            return;
        }
        workspace.run(&["init"]).succeeded_in(&self.name);
        // A test and an apply validate, too.
        if is_test(&text) {
            workspace.run(&["test"]).succeeded_in(&self.name);
        } else if self.is_module() {
            workspace.run(&["validate"]).succeeded_in(&self.name);
        } else {
            self.apply(cli, &sandbox, &workspace);
        }
    }

    /// Validates it where `hashicorp/aws` can be had: in the mirror that `EXPRESS_PEER_MIRROR` names.
    #[track_caller]
    fn validate_with_hashicorp_aws(&self, cli: &'static Cli, workspace: &Workspace) {
        let Some(peers) = std::env::var_os("EXPRESS_PEER_MIRROR").map(PathBuf::from) else { return };
        let host = if cli.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" };
        if !peers.join(host).join("hashicorp/aws").is_dir() {
            return;
        }
        workspace.install_from(&[mirror(), &peers]);
        workspace.run(&["init"]).succeeded_in(&self.name);
        workspace.run(&["validate"]).succeeded_in(&self.name);
    }

    /// Whether it is about services that exist: those of the resource's example.
    fn needs_seed(&self) -> bool {
        ["data \"express_gateway_service", "import {", "list \""].iter().any(|text| self.has(text))
    }

    fn apply(&self, cli: &'static Cli, sandbox: &SandboxProcess, workspace: &Workspace) {
        if self.needs_seed() {
            seed(cli, sandbox);
        }
        if self.files.values().any(|file| is_query(file)) {
            workspace.run(&["query"]).succeeded_in(&self.name);
            return;
        }
        if self.has("import {") && !self.has("resource \"") {
            workspace.run(&["plan", "-generate-config-out=generated.tf"]).succeeded_in(&self.name);
        }
        workspace.run(&["apply", "-auto-approve"]).succeeded_in(&self.name);
        let plan = workspace.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.exit_code, 0, "{} is not quiet after its apply:\n{}", self.name, plan.output);
    }

    fn write(&self, workspace: &mut Workspace, sandbox: &SandboxProcess) {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        // With its neighbours, because modules are called by their place.
        let is_folder = self.place.is_some();
        let (from, to) =
            if is_folder { (examples, "examples") } else { (examples.join("modules"), "modules") };
        copy_folder(&from, Path::new(to), workspace);
        let folder = self.place.clone().unwrap_or_default();
        workspace.enter(&folder);
        // That of the workspace's own root would be a second one.
        workspace.write("versions.tf", "");
        if !self.has("required_providers") {
            workspace.write(folder.join("versions.tf"), VERSIONS.trim_start());
        }
        if self.has("action \"") && !self.has("resource \"") {
            workspace.write(folder.join("resource.tf"), RESOURCE_EXAMPLE);
        }
        for (name, text) in &self.files {
            workspace.write(folder.join(name), &text.replace(DOCUMENTED_SANDBOX, &sandbox.url));
        }
    }
}

/// Makes the services that the documentation looks up, imports and lists.
fn seed(cli: &'static Cli, sandbox: &SandboxProcess) {
    Workspace::new(cli, sandbox, RESOURCE_EXAMPLE).apply();
}

/// Copies a folder into the workspace, without what Terraform leaves in folders and without what stands for itself.
fn copy_folder(from: &Path, to: &Path, workspace: &Workspace) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        if [".terraform", "import-by-"].iter().any(|left_out| name.to_string_lossy().starts_with(left_out)) {
            continue;
        }
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to.join(name), workspace);
        } else {
            workspace.write(to.join(name), &std::fs::read_to_string(entry.path()).expect("a text"));
        }
    }
}
