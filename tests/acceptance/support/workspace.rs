//! A folder with a configuration, and the command line that works in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, Permissions, read_to_string, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use serde_json::Value;
use tempfile::TempDir;

use super::cli::Cli;
use super::mirror::mirror;
use super::process::Process;
use super::sandbox::SandboxProcess;

/// Where the provider comes from, for every configuration.
pub(crate) const VERSIONS: &str = r#"
terraform {
  required_providers {
    express = { source = "express-gateway/express" }
  }
}
"#;

/// Region of every configuration that does not say otherwise.
pub(crate) const REGION: &str = "us-east-1";

/// A working folder of one test, with nothing of the person's own settings. Gone when dropped.
#[derive(Debug)]
pub(crate) struct Workspace {
    folder: TempDir,
    /// Where commands run, within the folder.
    place: PathBuf,
    cli: &'static Cli,
    environment: BTreeMap<&'static str, OsString>,
}

/// What a command of the command line did.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; -1 if a signal ended it.
    pub(crate) exit_code: i32,
    /// Standard output and standard error.
    pub(crate) output: String,
}

impl Workspace {
    /// A folder that holds `configuration` and has been initialized, so that its commands reach `sandbox`.
    #[track_caller]
    pub(crate) fn new(cli: &'static Cli, sandbox: &SandboxProcess, configuration: &str) -> Self {
        let workspace = Self::empty(cli, sandbox);
        workspace.rewrite(configuration);
        workspace.run(&["init"]).succeeded();
        workspace
    }

    /// A folder that only says where the provider comes from; not initialized.
    pub(crate) fn empty(cli: &'static Cli, sandbox: &SandboxProcess) -> Self {
        let folder = tempfile::Builder::new().prefix("express-").tempdir().expect("a temporary folder");
        let mut workspace = Self { folder, place: PathBuf::new(), cli, environment: BTreeMap::new() };
        workspace.install_from(&[mirror()]);
        workspace.write("versions.tf", VERSIONS);
        let root = workspace.path("");
        workspace.set("TF_CLI_CONFIG_FILE", root.join("cli.tfrc"));
        workspace.set("HOME", root.join("home"));
        workspace.set("TMPDIR", std::env::temp_dir());
        workspace.set("PATH", std::env::var_os("PATH").unwrap_or_default());
        workspace.set("TF_IN_AUTOMATION", "1");
        workspace.set("TF_INPUT", "0");
        workspace.set("CHECKPOINT_DISABLE", "1");
        workspace.set("AWS_ENDPOINT_URL", &sandbox.url);
        workspace.set("AWS_ACCESS_KEY_ID", "test");
        workspace.set("AWS_SECRET_ACCESS_KEY", "test");
        workspace.set("AWS_REGION", REGION);
        workspace.set("AWS_EC2_METADATA_DISABLED", "true");
        workspace
    }

    /// Says which mirrors providers are installed from.
    pub(crate) fn install_from(&self, mirrors: &[&Path]) {
        let block = |path: &&Path| {
            format!("  filesystem_mirror {{\n    path = {:?}\n  }}\n", path.display().to_string())
        };
        let blocks = mirrors.iter().map(block).collect::<String>();
        self.write("cli.tfrc", &format!("provider_installation {{\n{blocks}}}\n"));
    }

    /// Sets a variable of the commands' environment, which holds nothing else.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.environment.insert(name, value.into());
    }

    /// Removes a variable again.
    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Puts a program where the commands find it first.
    pub(crate) fn install_program(&mut self, name: &str, text: &str) {
        let path = Path::new("bin").join(name);
        self.write(&path, text);
        set_permissions(self.path(&path), Permissions::from_mode(0o755)).expect("a program");
        let mut search = self.path("bin").into_os_string();
        search.push(":");
        search.push(std::env::var_os("PATH").unwrap_or_default());
        self.set("PATH", search);
    }

    /// Lets commands run in a folder within the folder.
    pub(crate) fn enter(&mut self, place: &Path) {
        place.clone_into(&mut self.place);
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, name: impl AsRef<Path>, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    /// Replaces the configuration.
    pub(crate) fn rewrite(&self, configuration: &str) {
        self.write("main.tf", configuration);
    }

    /// Runs a command to its end, without colours.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let started = self.start(arguments);
        started.finish()
    }

    /// Starts a command.
    #[track_caller]
    pub(crate) fn start(&self, arguments: &[&str]) -> Started<'_> {
        let mut command = Command::new(&self.cli.path);
        command.current_dir(self.path(&self.place)).env_clear().envs(&self.environment);
        let (subcommand, rest) = arguments.split_first().expect("a subcommand");
        command.arg(subcommand);
        // `state` and `providers` take the flag after their own subcommand, if at all.
        if !matches!(*subcommand, "state" | "providers" | "version") {
            command.arg("-no-color");
        }
        command.args(rest);
        self.start_command(command, arguments.join(" "))
    }

    /// Starts another program, in the same folder and environment.
    #[track_caller]
    pub(crate) fn start_program(&self, words: &[&str]) -> Started<'_> {
        let (program, rest) = words.split_first().expect("a program");
        let mut command = Command::new(program);
        command.current_dir(self.path(&self.place)).env_clear().envs(&self.environment).args(rest);
        self.start_command(command, words.join(" "))
    }

    #[track_caller]
    fn start_command(&self, mut command: Command, words: String) -> Started<'_> {
        let log = self.path("output.log");
        let file = File::create(&log).expect("a file for the output");
        command.stdout(file.try_clone().expect("a second handle")).stderr(file);
        Started { process: Process::spawn(&mut command), command: words, log, workspace: self }
    }

    /// `apply`, which must succeed.
    #[track_caller]
    pub(crate) fn apply(&self) -> Run {
        self.run(&["apply", "-auto-approve"]).succeeded()
    }

    /// `destroy`, which must succeed.
    #[track_caller]
    pub(crate) fn destroy(&self) -> Run {
        self.run(&["destroy", "-auto-approve"]).succeeded()
    }

    /// Asserts that a plan finds nothing to do.
    #[track_caller]
    pub(crate) fn plan_is_empty(&self) {
        let plan = self.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.exit_code, 0, "the plan is not empty:\n{}", plan.output);
    }

    /// A plan that finds something to do.
    #[track_caller]
    pub(crate) fn plan_has_changes(&self) -> Run {
        let plan = self.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.exit_code, 2, "the plan is to have changes:\n{}", plan.excerpt());
        plan
    }

    /// Addresses in the state.
    #[track_caller]
    pub(crate) fn list_state(&self) -> Vec<String> {
        self.run(&["state", "list"]).succeeded().output.lines().map(str::to_owned).collect()
    }

    /// `show -json`: values of the root module's resources by address.
    #[track_caller]
    pub(crate) fn show(&self) -> BTreeMap<String, Value> {
        let shown = self.run(&["show", "-json"]).succeeded().output;
        let state: Value = serde_json::from_str(&shown).expect("JSON");
        let mut resources = BTreeMap::new();
        collect_resources(&state["values"]["root_module"], &mut resources);
        resources
    }

    /// `output -json`: values by name.
    #[track_caller]
    pub(crate) fn outputs(&self) -> Value {
        let output = self.run(&["output", "-json"]).succeeded().output;
        let outputs: BTreeMap<String, Value> = serde_json::from_str(&output).expect("JSON");
        outputs.into_iter().map(|(name, output)| (name, output["value"].clone())).collect()
    }
}

fn collect_resources(module: &Value, resources: &mut BTreeMap<String, Value>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        let address = resource["address"].as_str().expect("an address").to_owned();
        resources.insert(address, resource["values"].clone());
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        collect_resources(child, resources);
    }
}

/// A command under way.
#[derive(Debug)]
pub(crate) struct Started<'a> {
    /// The command line, leader of its process group.
    pub(crate) process: Process,
    command: String,
    log: PathBuf,
    workspace: &'a Workspace,
}

impl Started<'_> {
    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Run {
        let status = self.process.wait(&format!("the end of `{}`", self.command));
        self.read(status)
    }

    /// The same for a command that does the work of many.
    #[track_caller]
    pub(crate) fn finish_patiently(mut self) -> Run {
        let status = self.process.wait_patiently(&format!("the end of `{}`", self.command));
        self.read(status)
    }

    fn read(self, status: ExitStatus) -> Run {
        let output = read_to_string(&self.log).expect("the output is text");
        let folder = self.workspace.path("").display().to_string();
        let output = output.replace(folder.trim_end_matches('/'), "<workspace>");
        // What differs between the two programs and between operating systems.
        let output = output
            .replace("registry.opentofu.org", "registry.terraform.io")
            .replace("(os error 61)", "(os error 111)");
        Run { exit_code: status.code().unwrap_or(-1), output }
    }
}

impl Run {
    /// Itself, if it succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.exit_code, 0, "{}", self.excerpt());
        self
    }

    /// The same, and a failure says in what.
    #[track_caller]
    pub(crate) fn succeeded_in(self, what: &str) {
        assert_eq!(self.exit_code, 0, "{what}: {}", self.excerpt());
    }

    /// Itself, if it failed and so said.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.exit_code, 1, "this was to fail:\n{}", self.output);
        self
    }

    /// Asserts that the output contains `text`, wherever its lines break.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let flat = flatten(&self.output);
        assert!(flat.contains(&flatten(text)), "{text:?} is not in:\n{}", self.excerpt());
        self
    }

    /// Asserts that the output does not contain `text`.
    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Self {
        let flat = flatten(&self.output);
        assert!(!flat.contains(&flatten(text)), "{text:?} is in:\n{}", self.output);
        self
    }

    /// What matters of the output: the diagnostics, or everything if there is none.
    fn excerpt(&self) -> String {
        let diagnostics = self.diagnostics();
        if diagnostics.is_empty() { self.output.clone() } else { diagnostics.join("\n") }
    }

    /// The errors and warnings, each from its `Error:` or `Warning:` on, without the drawing around them and without the
    /// lines of the configuration: which line they quote depends on the core.
    pub(crate) fn diagnostics(&self) -> Vec<String> {
        let mut diagnostics: Vec<String> = Vec::new();
        let mut is_inside = false;
        for line in self.output.lines() {
            let text = line.trim_start_matches(['│', '╷', '╵']).trim_start();
            if text.starts_with("Error:") || text.starts_with("Warning:") {
                diagnostics.push(String::new());
                is_inside = true;
            }
            if let Some(last) = diagnostics.last_mut().filter(|_| is_inside) {
                last.push_str(line.trim_end());
                last.push('\n');
            }
        }
        diagnostics.iter().map(|text| format!("{}\n", without_source(text).trim_end())).collect()
    }
}

/// A diagnostic without the line that core quotes and its number: `  on main.tf line 3, in ...:`, `   3: cpu = "300"`.
fn without_source(diagnostic: &str) -> String {
    let mut text = String::new();
    let mut is_quoted = false;
    for line in diagnostic.lines() {
        let number = line.trim_start().trim_start_matches(|one: char| one.is_ascii_digit());
        if is_quoted && line.starts_with(' ') && number.starts_with(": ") {
            continue;
        }
        let place = line.split_once(" line ").filter(|(place, _)| place.trim_start().starts_with("on "));
        is_quoted = place.is_some();
        match place {
            Some((place, rest)) => {
                text.push_str(place);
                text.push_str(rest.trim_start_matches(|one: char| one.is_ascii_digit()));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[test]
fn a_diagnostic_does_not_depend_on_what_the_core_quotes() {
    let quoted = |number: u32, line: &str| {
        format!(
            "Error: No\n\n  on main.tf line {number}, in resource \"x\" \"y\":\n  {number}: {line}\n\nIt is 31.\n"
        )
    };
    let expected = "Error: No\n\n  on main.tf, in resource \"x\" \"y\":\n\nIt is 31.\n";
    assert_eq!(without_source(&quoted(3, "resource \"x\" \"y\" {")), expected);
    assert_eq!(without_source(&quoted(14, "  cpu = 31")), expected);
}

/// One line of single spaces: the command lines wrap text to the width that they suppose.
fn flatten(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
