//! Every command that users read is run: each block of `shell` and `python` in the README and `docs/`, and each CLI
//! configuration (`tfrc`).
//!
//! A block runs in a folder of its own with the configuration that stands before it on the page, where there are
//! services to speak of (see [`Account`]). What needs the AWS CLI runs where `EXPRESS_AWS_CLI` names a folder with `aws`
//! and a `python` that has boto3 (`.ci/run` makes one); elsewhere its syntax is checked.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use super::blocks::{Block, list_blocks};
use super::{Configuration, list_pages, play, repository};
use crate::support::aws::Aws;
use crate::support::cli::Cli;
use crate::support::configuration::IMAGE;
use crate::support::feature::Feature;
use crate::support::mirror::mirror;
use crate::support::workspace::{Run, VERSIONS};
use crate::support::{SandboxProcess, Workspace, any_cli, with_every_cli};

/// Blocks that other tests run: what they begin with, and where.
const RUN_ELSEWHERE: [(&str, &str); 5] = [
    ("cargo run --example quickstart", ".ci/run"),
    ("cargo test", ".ci/run"),
    ("ls ~/cores", "scripts/cores --all runs with EXPRESS_CORES"),
    ("scripts/package", "tests/acceptance/packaging.rs"),
    ("# By service ARN", "tests/acceptance/examples.rs"),
];

/// Region of the pages.
const REGION: &str = "eu-central-1";

/// The services that the pages speak of, and the values of the variables that they name.
struct Account {
    sandbox: SandboxProcess,
    variables: Vec<(&'static str, String)>,
}

impl Account {
    /// An account with nothing in it, for what makes services itself.
    fn empty() -> Self {
        Self { sandbox: SandboxProcess::start(), variables: Vec::new() }
    }

    /// An account in which a deployment of `default/app` is under way. Time stands almost still, so that it stays so.
    fn new(speed: &str) -> Self {
        let sandbox = SandboxProcess::start_with(&["--speed", speed]);
        for region in ["eu-west-1", "us-east-1"] {
            Aws::at_region(&sandbox, region).create_express_gateway_service("api", IMAGE);
        }
        let aws = Aws::at_region(&sandbox, REGION);
        let arns = ["app", "api", "rehearsal"].map(|name| aws.create_express_gateway_service(name, IMAGE));
        aws.create_cluster("prod");
        for name in ["api", "web", "jobs"] {
            aws.create_express_gateway_service_in("prod", name, IMAGE);
        }
        for _ in 0..20 {
            sandbox.advance(120);
        }
        let service = aws.describe_express_gateway_service(&arns[0]);
        let revision_arn =
            service.active_configurations()[0].service_revision_arn().expect("a revision").to_owned();
        let revision = aws.describe_service_revision(&revision_arn);
        let ingress = &revision.ecs_managed_resources().expect("resources").ingress_paths()[0];
        let arn = |arn: Option<&str>| arn.expect("an ARN").to_owned();
        let variables = vec![
            ("SERVICE_ARN", arns[0].clone()),
            ("LISTENER_ARN", arn(ingress.listener().and_then(|one| one.arn()))),
            ("LISTENER_RULE_ARN", arn(ingress.rule().and_then(|one| one.arn()))),
            ("CERTIFICATE_ARN", arn(ingress.certificate().and_then(|one| one.arn()))),
            ("HOSTNAME_OF_THE_SERVICE", ingress.endpoint().trim_start_matches("https://").to_owned()),
        ];
        aws.update_express_gateway_service(&arns[0], "public.ecr.aws/nginx/nginx:1.29");
        sandbox.advance(60);
        Self { sandbox, variables }
    }
}

/// The folder with `aws` and `python`, where it can be had.
fn find_aws_cli() -> Option<PathBuf> {
    std::env::var_os("EXPRESS_AWS_CLI").map(PathBuf::from)
}

/// One command of a page.
struct Command {
    /// Page and line.
    name: String,
    block: Block,
    /// What stands before it on the page.
    configuration: Option<Configuration>,
}

/// The commands of a page, each with the configuration before it.
fn commands_of(page: &Path) -> Vec<Command> {
    let page_name = page.strip_prefix(repository()).expect("within the repository").display();
    let mut commands = Vec::new();
    let mut last: Option<Configuration> = None;
    for block in list_blocks(&read_to_string(page).expect("a page")) {
        let name = format!("{page_name}:{}", block.line);
        if block.is_hcl() {
            let mut configuration = Configuration::new(name);
            if play::is_test(&block.text) {
                configuration.files = last.take().expect("a test stands behind what it tests").files;
                configuration.add("page.tftest.hcl", &block.text);
            } else if play::is_query(&block.text) {
                configuration.add("page.tfquery.hcl", &block.text);
            } else {
                configuration.add("main.tf", &block.text);
            }
            last = Some(configuration);
        } else if ["shell", "python", "tfrc"].contains(&block.language.as_str()) {
            let configuration = last.as_ref().map(|last| {
                let mut copy = Configuration::new(last.name.clone());
                copy.files.clone_from(&last.files);
                copy
            });
            commands.push(Command { name, block, configuration });
        }
    }
    commands
}

fn list_commands() -> Vec<Command> {
    let commands = list_pages().into_iter().flat_map(|page| commands_of(&page));
    let is_elsewhere = |text: &str| RUN_ELSEWHERE.iter().any(|(begin, _)| text.starts_with(begin));
    commands.filter(|command| !is_elsewhere(&command.block.text)).collect()
}

impl Command {
    fn needs_aws_cli(&self) -> bool {
        self.block.language == "python" || self.block.text.contains("aws ")
    }

    /// Whether it makes services instead of finding them.
    fn makes_services(&self) -> bool {
        let has = |word: &str| self.block.text.contains(word);
        (has("terraform apply") || has("terraform test")) && !has("-generate-config-out")
    }

    fn features(&self) -> Vec<Feature> {
        let has = |word: &str| self.block.text.contains(word);
        let mut features = Vec::new();
        if has("-generate-config-out") {
            features.push(Feature::GeneratedConfiguration);
        }
        if has("terraform query") {
            features.push(Feature::ListResource);
        }
        if has("terraform test") {
            features.push(Feature::Test);
        }
        features
    }

    /// Whether it does not depend on which core runs it.
    fn is_of_any_core(&self) -> bool {
        self.block.language != "tfrc" && !self.block.text.contains("terraform ")
    }

    #[track_caller]
    fn run(&self, cli: &'static Cli, account: &Account) {
        if self.features().iter().any(|feature| !cli.has(*feature)) {
            return;
        }
        let workspace = self.workspace(cli, account);
        if self.block.language == "tfrc" {
            self.install(&workspace);
            return;
        }
        let text = self.block.text.replace("http://127.0.0.1:4599", &account.sandbox.url);
        // The documented port may be taken by somebody who reads the page.
        let text = text.replace(" sandbox > sandbox.log", " sandbox --port 0 > sandbox.log");
        if self.needs_aws_cli() && find_aws_cli().is_none() {
            if self.block.language == "shell" {
                workspace.run_script("bash", &["-n"], &text).succeeded_in(&self.name);
            }
            return;
        }
        if !text.contains("terraform init") && text.contains("terraform ") {
            workspace.run(&["init"]).succeeded_in(&self.name);
        }
        let run = match self.block.language.as_str() {
            "python" => {
                let python = find_aws_cli().expect("checked").join("python");
                workspace.run_script(&python.display().to_string(), &[], &text)
            }
            _ => workspace.run_script("bash", &["-eu", "-o", "pipefail"], &text),
        };
        run.succeeded_in(&self.name);
    }

    fn workspace(&self, cli: &'static Cli, account: &Account) -> Workspace {
        let mut workspace = Workspace::empty(cli, &account.sandbox);
        let files = self.configuration.iter().flat_map(|one| &one.files);
        let mut has_versions = false;
        for (name, text) in files {
            has_versions |= text.contains("required_providers");
            workspace.write(name, &text.replace("http://127.0.0.1:4599", &account.sandbox.url));
        }
        workspace.write("versions.tf", if has_versions { "" } else { VERSIONS });
        for (name, value) in &account.variables {
            workspace.set(name, value);
        }
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            workspace.set(name, REGION);
        }
        workspace.set("AWS_ACCESS_KEY_ID", "123456789012");
        workspace.set("TF_CLI_ARGS_apply", "-auto-approve");
        workspace.set("NO_PROXY", "127.0.0.1");
        workspace.set("AWS_PAGER", "");
        let profile = |name: &str| {
            format!(
                "[profile {name}]\nregion = {REGION}\naws_access_key_id = 123456789012\naws_secret_access_key = x\n"
            )
        };
        workspace.write("home/.aws/config", &["staging", "production"].map(profile).concat());
        write_programs(&mut workspace, cli);
        workspace
    }

    /// A CLI configuration leads to the provider.
    #[track_caller]
    fn install(&self, workspace: &Workspace) {
        let debug = Path::new(env!("CARGO_BIN_EXE_terraform-provider-express")).parent().expect("a folder");
        let text = self
            .block
            .text
            .replace("/opt/mirror", &mirror().display().to_string())
            .replace("/home/me/terraform-provider-express/target/debug", &debug.display().to_string());
        workspace.write("cli.tfrc", &text);
        if !text.contains("dev_overrides") {
            workspace.run(&["init"]).succeeded_in(&self.name);
        }
        workspace.run(&["validate"]).succeeded_in(&self.name);
    }
}

/// The programs that the pages call, by the names that the pages give them. What would run until Ctrl-C is ended as
/// soon as it shows that it works.
fn write_programs(workspace: &mut Workspace, cli: &'static Cli) {
    let binary = env!("CARGO_BIN_EXE_terraform-provider-express");
    let provider = format!(
        "#!/bin/bash\ncase \"$1\" in\n  sandbox) shown=http; set -- \"$@\" --port 0 ;;\n  monitor) shown=watching ;;\nesac\n\
         {binary} \"$@\" > shown.log 2>&1 &\n\
         for _ in $(seq 600); do\n  grep -q \"$shown\" shown.log && break\n  kill -0 $! 2>/dev/null || break\n  sleep 0.1\ndone\n\
         kill -INT $! 2>/dev/null\nwait $!\nstatus=$?\ncat shown.log\nexit $status\n"
    );
    let mut programs = vec![
        ("terraform", format!("#!/bin/sh\nexec {} \"$@\"\n", cli.path.display())),
        ("terraform-provider-express", provider),
        ("curl", "#!/bin/sh\nPATH=${PATH#*:} exec curl --fail-with-body --silent \"$@\"\n".to_owned()),
    ];
    if let Some(folder) = find_aws_cli() {
        programs.push(("aws", format!("#!/bin/sh\nexec {}/aws \"$@\"\n", folder.display())));
    }
    for (name, text) in programs {
        workspace.install_program(name, &text);
    }
}

impl Workspace {
    /// Runs a script to its end.
    #[track_caller]
    fn run_script(&self, program: &str, arguments: &[&str], script: &str) -> Run {
        self.write("script", script);
        let mut words = vec![program];
        words.extend(arguments);
        words.push("script");
        self.start_program(&words).finish()
    }
}

#[test]
fn every_command_of_the_pages_works() {
    let commands = list_commands();
    assert!(commands.iter().any(Command::needs_aws_cli), "the pages have commands of the AWS CLI");
    let run = |cli: &'static Cli, is_wanted: &dyn Fn(&Command) -> bool| {
        for command in commands.iter().filter(|command| is_wanted(command)) {
            // A deployment is under way where somebody is to stop it; elsewhere time flies.
            let speed = if command.name.contains("breaking-glass") { "1" } else { "900" };
            let account = if command.makes_services() { Account::empty() } else { Account::new(speed) };
            command.run(cli, &account);
        }
    };
    run(any_cli(), &Command::is_of_any_core);
    with_every_cli(|cli| run(cli, &|command| !command.is_of_any_core()));
}
