//! What a runner of GitHub Actions does with steps: expressions, environment, outputs, composite actions.

use std::collections::BTreeMap;
use std::fs::{create_dir_all, read_to_string};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::yaml::parse;
use crate::support::Workspace;
use crate::support::process::kill_group;
use crate::support::workspace::Run;

/// Values of expressions, by their path: `inputs.speed`, `steps.image.outputs.digest`.
pub(super) type Context = BTreeMap<String, String>;

/// A machine on which one job runs.
pub(super) struct Runner<'a> {
    workspace: &'a mut Workspace,
    /// Where the repository is checked out, within the workspace.
    checkout: PathBuf,
    /// Where local actions are (`./…`), within the workspace.
    actions: BTreeMap<&'static str, PathBuf>,
    /// Variables that later steps have, too.
    environment: BTreeMap<String, String>,
    /// Process groups of steps: what they left in the background ends with the job.
    groups: Vec<u32>,
    step: usize,
}

/// How a job ended.
pub(super) struct Job {
    /// Outputs of steps, as expressions name them.
    pub(super) context: Context,
    /// What its steps wrote for people.
    pub(super) summary: String,
    /// The step that failed.
    pub(super) failure: Option<Run>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        workspace: &'a mut Workspace,
        checkout: &Path,
        actions: BTreeMap<&'static str, PathBuf>,
    ) -> Self {
        create_dir_all(workspace.path("runner")).expect("a folder");
        let folder = workspace.path("runner").display().to_string();
        let environment = [("RUNNER_TEMP", folder.as_str()), ("GITHUB_SHA", "0a1b2c3"), ("CI", "true")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { workspace, checkout: checkout.to_owned(), actions, environment, groups: Vec::new(), step: 0 }
    }

    /// Runs the steps of a job until one fails.
    pub(super) fn run_job(&mut self, job: &Value, mut context: Context) -> Job {
        let failure = self.run_steps(&job["steps"], &mut context);
        let summary = read_to_string(self.workspace.path("runner/summary")).unwrap_or_default();
        Job { context, summary, failure }
    }

    /// The same for a composite action; its outputs are `outputs.<name>`.
    pub(super) fn run_action(&mut self, action: &Value, with: &Value) -> Job {
        assert_eq!(action["runs"]["using"], "composite");
        let mut context = Context::new();
        for (name, input) in action["inputs"].as_object().into_iter().flatten() {
            let value = with.get(name).or_else(|| input.get("default"));
            let value = value.and_then(Value::as_str).unwrap_or_else(|| panic!("input {name} has no value"));
            context.insert(format!("inputs.{name}"), value.to_owned());
        }
        for name in with.as_object().into_iter().flat_map(|with| with.keys()) {
            assert!(action["inputs"].get(name).is_some(), "the action has no input {name}");
        }
        let failure = self.run_steps(&action["runs"]["steps"], &mut context);
        let outputs = action["outputs"].as_object().into_iter().flatten();
        let outputs = outputs.map(|(name, output)| {
            let value = output["value"].as_str().expect("a value");
            let value = if failure.is_none() { expand(value, &context) } else { String::new() };
            (format!("outputs.{name}"), value)
        });
        Job { context: outputs.collect(), summary: String::new(), failure }
    }

    fn run_steps(&mut self, steps: &Value, context: &mut Context) -> Option<Run> {
        for step in steps.as_array().expect("steps") {
            let failure = match step["uses"].as_str() {
                Some(action) => self.use_action(action, &step["with"], context),
                None => self.run_step(step, context),
            };
            if failure.is_some() {
                return failure;
            }
        }
        None
    }

    /// Actions of others do here what the steps after them rely on.
    fn use_action(&mut self, name: &str, with: &Value, context: &Context) -> Option<Run> {
        if let Some(place) = self.actions.get(name) {
            let file = self.workspace.path(place).join("action.yml");
            let action = parse(&read_to_string(file).expect("an action"));
            return self.run_action(&action, with).failure;
        }
        match name.split('@').next().unwrap_or_default() {
            "actions/checkout" | "hashicorp/setup-terraform" | "aws-actions/amazon-ecr-login" => {}
            "aws-actions/configure-aws-credentials" => {
                let region = expand(with["aws-region"].as_str().expect("a region"), context);
                self.environment.insert("AWS_REGION".to_owned(), region);
                for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
                    self.environment.insert(name.to_owned(), "of-the-role".to_owned());
                }
            }
            _ => panic!("no stand-in for {name}"),
        }
        None
    }

    fn run_step(&mut self, step: &Value, context: &mut Context) -> Option<Run> {
        self.step += 1;
        let script = expand(step["run"].as_str().expect("a script"), context);
        let file = format!("runner/step-{}.sh", self.step);
        self.workspace.write(&file, &script);
        let output = format!("runner/output-{}", self.step);
        self.workspace.write(&output, "");
        let mut variables = self.environment.clone();
        for (name, file) in [("GITHUB_OUTPUT", output.as_str()), ("GITHUB_STEP_SUMMARY", "runner/summary")] {
            variables.insert(name.to_owned(), self.workspace.path(file).display().to_string());
        }
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            variables.insert(name.clone(), expand(value.as_str().expect("text"), context));
        }
        let place = expand(step["working-directory"].as_str().unwrap_or("."), context);
        self.workspace.enter(&self.checkout.join(place));
        let mut words: Vec<String> = vec!["env".to_owned()];
        words.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
        // What GitHub starts: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
        let shell: &[&str] = match step["shell"].as_str() {
            Some("bash") => &["bash", "--noprofile", "--norc", "-eo", "pipefail"],
            None => &["bash", "-e"],
            Some(other) => panic!("{other} is no shell that this runner has"),
        };
        words.extend(shell.iter().map(|&word| word.to_owned()));
        words.push(self.workspace.path(&file).display().to_string());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let started = self.workspace.start_program(&words);
        let group = started.process.id();
        let run = started.finish();
        self.groups.push(group);
        if run.exit_code != 0 {
            return Some(run);
        }
        if let Some(id) = step["id"].as_str() {
            let written = read_to_string(self.workspace.path(&output)).expect("the outputs");
            for (name, value) in written.lines().filter_map(|line| line.split_once('=')) {
                context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        None
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        for group in &self.groups {
            kill_group(*group);
        }
    }
}

/// A text with its expressions replaced.
fn expand(text: &str, context: &Context) -> String {
    let mut parts = text.split("${{");
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").expect("an expression ends");
        let value = context.get(expression.trim());
        expanded.push_str(value.unwrap_or_else(|| panic!("{} has no value", expression.trim())));
        expanded.push_str(rest);
    }
    expanded
}
