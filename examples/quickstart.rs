//! The whole life of a service in about a minute, without an AWS account.
//!
//! `cargo run --example quickstart` builds the provider, starts the sandbox (a local stand-in for AWS), and lets
//! Terraform or OpenTofu apply, change and destroy `examples/quickstart/main.tf` there. It needs Rust, and Python where
//! neither of the two programs is on PATH: `scripts/cores` then brings Terraform. It leaves nothing behind but `target/`.
//! It ends with an exit code other than 0 if any step does not do what it says.
//!
//! `cargo run --example quickstart -- --scenario image-not-found` lets something go wrong in the sandbox and shows
//! how the provider explains it. With `--engine composed` the provider assembles the service itself.
#![expect(clippy::print_stdout, reason = "what happens is this program's answer")]

use std::error::Error;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use serde_json::Value;

#[path = "../tests/acceptance/support/bring.rs"]
mod bring;
#[path = "../tests/acceptance/support/layout.rs"]
mod layout;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CONFIGURATION: &str = include_str!("quickstart/main.tf");
const FIRST_IMAGE: &str = "public.ecr.aws/nginx/nginx:1.28";
const NEXT_IMAGE: &str = "public.ecr.aws/nginx/nginx:1.29";
const USAGE: &str =
    "usage: cargo run --example quickstart [-- [--engine managed|composed] [--scenario NAME]]";

/// What the command line asks for.
#[derive(Default)]
struct Options {
    scenario: Option<String>,
    engine: Option<String>,
}

fn main() -> ExitCode {
    let outcome = options(std::env::args().skip(1)).and_then(|options| run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nThe quickstart stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next();
        match (name.as_str(), value) {
            ("--scenario", Some(scenario)) => options.scenario = Some(scenario),
            ("--engine", Some(engine)) => options.engine = Some(engine),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    let scenario = options.scenario.as_deref();
    let cli = find_cli()?;
    say("Building the provider", "a debug build; the first one takes some minutes");
    let binary = build_provider()?;

    say("Starting the sandbox", "a local stand-in for AWS: no account, no cost, minutes pass in moments");
    let sandbox = Sandbox::start(&binary, scenario)?;
    println!("  It listens on {}", sandbox.url);

    // Beside the binary: even a Ctrl-C leaves nothing outside the build folder.
    let builds = binary.parent().ok_or("the provider has no folder")?;
    let folder = tempfile::Builder::new().prefix("quickstart-").tempdir_in(builds)?;
    let mut terraform = Terraform::install(&cli, folder.path(), &binary, &sandbox)?;
    if let Some(engine) = &options.engine {
        terraform.variables.push(("TF_VAR_engine", engine.into()));
    }
    say("Preparing the configuration", "examples/quickstart/main.tf");
    terraform.run_quietly(&["init"])?;
    match scenario {
        None => succeed(&terraform),
        Some(scenario) => fail_as(&terraform, scenario),
    }
}

/// Create, look, plan again, change, destroy.
fn succeed(terraform: &Terraform<'_>) -> Result<()> {
    say("Creating the service", &format!("one image, {FIRST_IMAGE}, and two roles"));
    terraform.run(&["apply", "-auto-approve"])?;
    let service = terraform.show_service()?;
    let url = service["url"].as_str().ok_or("the state has no URL")?;
    println!("\n  The service answers at {url}\n\n  What AWS runs for it:\n");
    print_resources(&terraform.show("data.express_gateway_service.hello")?["resources"])?;

    say("Planning again", "nothing was changed, so there must be nothing to do");
    expect_empty_plan(terraform)?;

    say("Updating the image", &format!("to {NEXT_IMAGE}; the URL stays"));
    let next_image = format!("image={NEXT_IMAGE}");
    terraform.run(&["apply", "-auto-approve", "-var", &next_image])?;
    if terraform.show_service()?["url"] != url {
        return Err("the URL changed with the image".into());
    }

    say("Destroying everything", "");
    terraform.run(&["destroy", "-auto-approve", "-var", &next_image])?;
    println!(
        "\nDone: a service was created, found unchanged, updated in place and destroyed.\n\
         To do the same in your AWS account, see README.md."
    );
    Ok(())
}

/// Applies where something goes wrong: the create or the update must fail, and say why.
fn fail_as(terraform: &Terraform<'_>, scenario: &str) -> Result<()> {
    say("Creating the service", &format!("with the scenario {scenario:?} in the sandbox"));
    let mut exit_code = terraform.execute(&["apply", "-auto-approve"])?;
    if exit_code == 0 {
        say("Updating the image", "the create was spared; some misfortunes only befall updates");
        exit_code = terraform.execute(&["apply", "-auto-approve", "-var", &format!("image={NEXT_IMAGE}")])?;
    }
    if exit_code == 0 {
        return Err(format!("create and update both succeeded in spite of the scenario {scenario:?}").into());
    }
    println!(
        "\nDone: the apply failed, as the scenario {scenario:?} wants it. Above is the provider's explanation."
    );
    Ok(())
}

fn expect_empty_plan(terraform: &Terraform<'_>) -> Result<()> {
    match terraform.execute(&["plan", "-detailed-exitcode"])? {
        0 => Ok(()),
        2 => Err("the plan is not empty".into()),
        code => Err(format!("`plan` ended with exit code {code}").into()),
    }
}

fn say(step: &str, detail: &str) {
    let separator = if detail.is_empty() { "" } else { ": " };
    println!("\n==> {step}{separator}{detail}");
}

/// The rows of `resources`, aligned.
fn print_resources(rows: &Value) -> Result<()> {
    let rows = rows.as_array().filter(|rows| !rows.is_empty()).ok_or("the state names no resources")?;
    let column = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    let width = rows.iter().map(|row| column(row, "type").len()).max().unwrap_or_default();
    for row in rows {
        println!("  {:width$}  {:8}  {}", column(row, "type"), column(row, "status"), column(row, "arn"));
    }
    Ok(())
}

/// `terraform`, or else `tofu`, on PATH, or else one that is brought.
fn find_cli() -> Result<PathBuf> {
    let works =
        |name: &&str| Command::new(name).arg("version").output().is_ok_and(|output| output.status.success());
    match ["terraform", "tofu"].into_iter().find(works) {
        Some(name) => Ok(name.into()),
        None => Ok(bring::bring_core()?),
    }
}

/// Builds the binary in the profile and folder of this program, and answers where it is.
fn build_provider() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // With this example, because that makes cargo take the features of dependencies that the tests were built with:
    // nothing is compiled a second time.
    command.args(["build", "--quiet", "--bin", "terraform-provider-express", "--example", "quickstart"]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    // This program is <target>/<profile>/examples/quickstart.
    let own_path = std::env::current_exe()?;
    let folder = own_path.ancestors().nth(2).ok_or("cannot tell the build folder")?;
    if folder.ends_with("release") {
        command.arg("--release");
    }
    if !command.status()?.success() {
        return Err("the provider could not be built".into());
    }
    Ok(folder.join(format!("terraform-provider-express{}", std::env::consts::EXE_SUFFIX)))
}

/// The sandbox, a child process that ends with this value.
struct Sandbox {
    process: Child,
    url: String,
}

impl Sandbox {
    fn start(binary: &Path, scenario: Option<&str>) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped());
        if let Some(scenario) = scenario {
            command.args(["--scenario", scenario]);
        }
        let mut process = command.spawn()?;
        let stdout = process.stdout.take();
        let mut sandbox = Self { process, url: String::new() };
        // Its one line on standard output is its endpoint.
        BufReader::new(stdout.ok_or("no pipe to the sandbox")?).read_line(&mut sandbox.url)?;
        sandbox.url.truncate(sandbox.url.trim_end().len());
        if sandbox.url.is_empty() { Err("the sandbox did not start".into()) } else { Ok(sandbox) }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command line in a folder of its own, with nothing of the person's own settings or credentials.
struct Terraform<'a> {
    cli: &'a Path,
    folder: &'a Path,
    variables: Vec<(&'static str, OsString)>,
}

impl<'a> Terraform<'a> {
    /// Writes the configuration, and the provider as a mirror of the registry would hold it.
    fn install(cli: &'a Path, folder: &'a Path, binary: &Path, sandbox: &Sandbox) -> Result<Self> {
        let mirror = folder.join("mirror");
        layout::place_binary(binary, &mirror)?;
        std::fs::write(folder.join("main.tf"), CONFIGURATION)?;
        let settings = folder.join("cli.tfrc");
        let installation = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
            mirror.to_string_lossy()
        );
        std::fs::write(&settings, installation)?;
        let variables = vec![
            ("TF_CLI_CONFIG_FILE", settings.into_os_string()),
            ("TF_IN_AUTOMATION", "1".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("AWS_ENDPOINT_URL", sandbox.url.clone().into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", "sandbox".into()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox".into()),
            // The sandbox is on this machine, whatever proxy leads out of it.
            ("NO_PROXY", "127.0.0.1".into()),
            ("no_proxy", "127.0.0.1".into()),
        ];
        Ok(Self { cli, folder, variables })
    }

    /// What the program is called on the screen.
    fn name(&self) -> &str {
        let name = self.cli.file_name().and_then(|name| name.to_str()).unwrap_or("terraform");
        name.split('_').next().unwrap_or(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.cli);
        let (subcommand, rest) = arguments.split_first().expect("a subcommand");
        command.arg(subcommand);
        if !std::io::stdout().is_terminal() {
            command.arg("-no-color");
        }
        command.args(rest).current_dir(self.folder).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("AWS_") || name_text.starts_with("TF_") {
                command.env_remove(name);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command in sight and answers its exit code.
    fn execute(&self, arguments: &[&str]) -> Result<i32> {
        println!("  $ {} {}\n", self.name(), arguments.join(" "));
        let status = self.command(arguments).status()?;
        status.code().ok_or_else(|| format!("`{} {}` was killed", self.name(), arguments[0]).into())
    }

    /// The same; it must succeed.
    fn run(&self, arguments: &[&str]) -> Result<()> {
        match self.execute(arguments)? {
            0 => Ok(()),
            code => Err(format!("`{} {}` ended with exit code {code}", self.name(), arguments[0]).into()),
        }
    }

    /// The same, in sight only if it fails.
    fn run_quietly(&self, arguments: &[&str]) -> Result<()> {
        println!("  $ {} {}", self.name(), arguments.join(" "));
        let output = self.command(arguments).output()?;
        if output.status.success() {
            return Ok(());
        }
        println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Err(format!("`{} {}` failed", self.name(), arguments[0]).into())
    }

    /// The attributes of the service in the state.
    fn show_service(&self) -> Result<Value> {
        self.show("express_gateway_service.hello")
    }

    /// The attributes of one object in the state.
    fn show(&self, address: &str) -> Result<Value> {
        let output = self.command(&["show", "-json"]).output()?;
        let mut state: Value = serde_json::from_slice(&output.stdout)?;
        let objects = state.pointer_mut("/values/root_module/resources").and_then(Value::as_array_mut);
        let object = objects.into_iter().flatten().find(|object| object["address"] == address);
        object
            .map(|object| object["values"].take())
            .ok_or_else(|| format!("the state holds no {address}").into())
    }
}
