//! Applies that are cut short: the table of `diagnosis::interruptions`, which errors and pages have too, with a real core and
//! real signals; and unnamed services that were left behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use terraform_provider_express::diagnosis::interruptions::{CUTS, Cut, Interruption, Left, Work, of};

use crate::support::aws::Aws;
use crate::support::configuration::{service, service_of_image};
use crate::support::process::{kill, wait_for};
use crate::support::workspace::{Run, Started};
use crate::support::{SandboxProcess, Workspace, any_cli, with_every_cli};

const CREATE: &str = "CreateExpressGatewayService";
const ADDRESS: &str = "express_gateway_service.app";

/// Simulated seconds per real second: a deployment outlasts every test, and a wait for what shows late is short.
const SPEED: &str = "3";
/// Simulated seconds that pass at a time where a test does not want to wait.
const STEP_SECONDS: u32 = 20;
/// After so many simulated seconds AWS lists the deployment that was begun: nobody plans faster than that by hand.
const SHOWS_SECONDS: u32 = 12;
/// Real time between two steps.
const STEP: Duration = Duration::from_millis(100);
/// The time that an apply is given which is to run out of it.
const HASTE: &str = "15s";
/// How often a destroy that runs out of time again and again is repeated.
const AGAIN: usize = 8;

/// One service of one engine, whose every apply is cut short in one way, and then done again as the table says.
struct Life {
    engine: &'static str,
    cut: Cut,
    sandbox: SandboxProcess,
    workspace: Workspace,
}

impl Life {
    fn new(engine: &'static str, cut: Cut) -> Self {
        let sandbox = SandboxProcess::start_with(&["--speed", SPEED]);
        let workspace = Workspace::new(any_cli(), &sandbox, "");
        Self { engine, cut, sandbox, workspace }
    }

    /// The call with which a work begins what it leaves when it is cut short.
    fn first_call(&self, work: Work) -> &'static str {
        match (work, self.engine) {
            (Work::Create | Work::Replacement, "managed") => CREATE,
            (Work::Create | Work::Replacement, _) => "CreateService",
            (Work::Update, "managed") => "UpdateExpressGatewayService",
            (Work::Update, _) => "UpdateService",
            (Work::Destroy, "managed") => "DeleteExpressGatewayService",
            (Work::Destroy, _) => "DeleteService",
        }
    }

    /// Writes the configuration of an image. `hasty`: the operations that have little time, where time is to run out.
    fn write(&self, image: u32, hasty: &[&str]) {
        let time = |operation: &str| {
            let is_hasty = self.cut == Cut::Timeout && hasty.contains(&operation);
            if is_hasty { HASTE } else { "10m" }
        };
        let arguments = format!(
            "service_name = \"api\"\nengine = {:?}\ntimeouts = {{ create = {:?}, update = {:?}, delete = {:?} }}",
            self.engine,
            time("create"),
            time("update"),
            time("delete")
        );
        self.workspace.rewrite(&service_of_image("app", &format!("app:{image}"), &arguments));
    }

    /// Lets time pass until there is something to see.
    fn pass_until(&self, what: &str, is_there: impl Fn() -> bool) {
        wait_for(what, || {
            if is_there() {
                return Some(());
            }
            self.sandbox.advance(STEP_SECONDS);
            pause();
            None
        });
    }

    /// Runs a command to its end. Time passes as soon as it is carried out: its plan is of what was cut short.
    fn run(&self, arguments: &[&str]) -> Run {
        let has_ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let guard = SetOnDrop(&has_ended);
            let started = self.workspace.start(arguments);
            scope.spawn(|| {
                while !has_ended.load(Ordering::Relaxed) {
                    if self.is_carried_out() {
                        self.sandbox.advance(STEP_SECONDS);
                    }
                    pause();
                }
            });
            let run = started.finish();
            drop(guard);
            run
        })
    }

    /// Whether the running command has made its plan and begun to work.
    fn is_carried_out(&self) -> bool {
        let output = std::fs::read_to_string(self.workspace.path("output.log")).unwrap_or_default();
        ["Creating...", "Modifying...", "Destroying..."].iter().any(|words| output.contains(words))
    }

    /// Runs a command that is cut short as soon as the work has begun what it leaves.
    fn cut_short(&self, work: Work, arguments: &[&str]) -> Run {
        self.sandbox.clear_calls();
        let started = self.workspace.start(arguments);
        let call = self.first_call(work);
        self.pass_until(call, || !self.sandbox.list_calls(call).is_empty());
        let provider = provider_of(&started);
        match self.cut {
            Cut::Interrupt => started.process.signal_group("INT"),
            Cut::TwoInterrupts => {
                started.process.signal_group("INT");
                pause();
                started.process.signal_group("INT");
            }
            Cut::Timeout => {}
            Cut::ProviderKilled => kill(provider),
            Cut::CoreKilled => kill(started.process.id()),
            Cut::BothKilled => started.process.signal_group("KILL"),
        }
        let run = started.finish();
        wait_for("the provider's end", || has_ended(provider).then_some(()));
        run
    }

    /// What the state has of the service.
    fn left(&self) -> Vec<Left> {
        let text = std::fs::read_to_string(self.workspace.path("terraform.tfstate")).unwrap_or_default();
        let state: Value = serde_json::from_str(&text).unwrap_or_default();
        match state["resources"][0]["instances"].as_array().map(Vec::as_slice) {
            Some([one]) if one["status"] == "tainted" => vec![Left::Tainted],
            Some([_]) => vec![Left::Service, Left::Before, Left::Rest],
            _ => vec![Left::Nothing],
        }
    }

    /// Holds what a command that was cut short left and said to its row; whether the state has the service.
    fn check(&self, row: &Interruption, run: Run) -> bool {
        let told = format!("{} {row:?}:\n{}", self.engine, run.output);
        assert_ne!(run.exit_code, 0, "{told}");
        let left = self.left();
        assert!(row.left.iter().any(|allowed| left.contains(allowed)), "left is {left:?}: {told}");
        let run = row.words.into_iter().chain(row.hint).fold(run, Run::says);
        if row.words.is_none() {
            let _ = run.does_not_say("Error:");
        }
        !left.contains(&Left::Nothing)
    }

    /// The next apply does what the row says: it makes nothing twice, and what it leaves serves.
    fn go_on(&self, row: &Interruption, is_in_state: bool) {
        if self.left() == [Left::Tainted] {
            self.workspace.run(&["untaint", ADDRESS]).succeeded();
        }
        let run = self.run(&["apply", "-auto-approve"]);
        assert_eq!(run.exit_code, 0, "{} {row:?}: {}", self.engine, run.output);
        let planned = if is_in_state { "will be updated in-place" } else { "will be created" };
        let run = run.says(planned).does_not_say("must be replaced").does_not_say("0 added, 0 changed");
        if is_in_state {
            let _ = run.says("has not ended");
        }
        let calls = self.sandbox.list_calls(self.first_call(row.work)).len();
        assert_eq!(calls, 1, "{} {row:?}: nothing is begun twice", self.engine);
        let state = self.workspace.show().remove(ADDRESS).expect("the service");
        assert_eq!(state["deployment"]["status"], "SUCCESSFUL", "{} {row:?}", self.engine);
        self.workspace.plan_is_empty();
    }

    fn is_cut_and_goes_on(&self, work: Work, arguments: &[&str], image: u32) {
        let row = of(work, self.cut);
        let run = self.cut_short(work, arguments);
        let is_in_state = self.check(&row, run);
        self.sandbox.advance(SHOWS_SECONDS);
        self.write(image, &[]);
        self.go_on(&row, is_in_state);
    }

    /// The whole life.
    fn play(&self) {
        self.write(1, &["create"]);
        self.is_cut_and_goes_on(Work::Create, &["apply", "-auto-approve"], 1);
        self.write(2, &["update"]);
        self.is_cut_and_goes_on(Work::Update, &["apply", "-auto-approve"], 2);
        self.write(2, &["create"]);
        let replace = format!("-replace={ADDRESS}");
        self.is_cut_and_goes_on(Work::Replacement, &["apply", "-auto-approve", &replace], 2);
        self.is_destroyed();
    }

    fn is_destroyed(&self) {
        self.write(2, &["delete"]);
        if self.cut == Cut::Timeout {
            self.run(&["apply", "-auto-approve"]).succeeded();
        }
        let row = of(Work::Destroy, self.cut);
        let run = self.cut_short(Work::Destroy, &["destroy", "-auto-approve"]);
        assert!(self.check(&row, run), "{} {row:?}: the state keeps what is not gone", self.engine);
        let mut run = self.run(&["destroy", "-auto-approve"]);
        // The state still has the little time: each destroy goes on where the one before it stopped.
        for _ in 0..AGAIN {
            if self.cut != Cut::Timeout || run.exit_code == 0 {
                break;
            }
            run = self.run(&["destroy", "-auto-approve"]);
        }
        assert_eq!(run.exit_code, 0, "{} {row:?}: {}", self.engine, run.output);
        assert_eq!(self.left(), [Left::Nothing], "{} {row:?}", self.engine);
        assert_eq!(Aws::at(&self.sandbox).list_service_arns("default"), Vec::<String>::new());
    }
}

/// Ends what waits for it also when a test fails.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "another process can only be waited for in real time")]
fn pause() {
    std::thread::sleep(STEP);
}

/// Every way to cut an apply short, side by side: each waits most of the time.
fn play_every_cut(engine: &'static str) {
    std::thread::scope(|scope| {
        for cut in CUTS {
            scope.spawn(move || Life::new(engine, cut).play());
        }
    });
}

#[test]
fn whatever_is_cut_short_of_the_managed_engine_goes_on_as_the_table_says() {
    play_every_cut("managed");
}

#[test]
fn whatever_is_cut_short_of_the_composed_engine_goes_on_as_the_table_says() {
    play_every_cut("composed");
}

/// Whether a process is over. One that nobody has waited for has no command line any more.
fn has_ended(process_id: u32) -> bool {
    std::fs::read(format!("/proc/{process_id}/cmdline")).map_or(true, |line| line.is_empty())
}

/// The provider that `started` has running. Terraform starts one for each phase; during apply it is the only one.
fn provider_of(started: &Started<'_>) -> u32 {
    wait_for("the provider", || started.process.list_children("terraform-provider-express").pop())
}

/// An apply whose provider is killed when the service exists, but before the answer arrives.
#[track_caller]
fn apply_killed_during_create(workspace: &Workspace, sandbox: &SandboxProcess) {
    sandbox.hold(CREATE);
    let started = workspace.start(&["apply", "-auto-approve"]);
    sandbox.wait_for_call(CREATE);
    kill(provider_of(&started));
    let run = started.finish();
    assert_eq!(run.exit_code, 1, "{}", run.output);
    sandbox.clear_faults();
    // Nobody could save the service.
    assert!(!workspace.run(&["state", "list"]).output.contains(ADDRESS));
}

/// The ARN in the command that imports what an apply left behind.
#[track_caller]
fn arn_to_import(run: &Run) -> String {
    let text = run.output.replace('│', " ");
    let words: Vec<_> = text.split_whitespace().collect();
    let command = words.windows(4).find(|four| four[..3] == ["terraform", "import", "<address>"]);
    command.expect("an import command")[3].to_owned()
}

#[test]
fn an_unnamed_service_whose_provider_was_killed_is_reported_and_can_be_imported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        apply_killed_during_create(&workspace, &sandbox);
        let run = workspace.run(&["apply", "-auto-approve"]).failed().says("left service");
        assert_eq!(sandbox.list_calls(CREATE).len(), 1, "never doubled silently");
        workspace.run(&["import", "express_gateway_service.app", &arn_to_import(&run)]).succeeded();
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1);
    });
}

#[test]
fn an_unnamed_service_whose_provider_was_killed_can_be_removed_as_reported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        apply_killed_during_create(&workspace, &sandbox);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        let arn = arn_to_import(&run);
        let _ = run.says(&format!("aws ecs delete-express-gateway-service --service-arn {arn}"));
        let aws = Aws::at(&sandbox);
        aws.delete_express_gateway_service(&arn);
        workspace.apply();
        workspace.plan_is_empty();
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        assert_eq!(aws.list_service_arns("default"), [state["service_arn"].as_str().unwrap()]);
        assert_ne!(state["service_arn"], arn.as_str());
    });
}
