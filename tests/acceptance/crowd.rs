//! Eight Terraform states and processes at once share load balancers, while their providers are killed at random.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use crate::support::aws::Aws;
use crate::support::configuration::{EXECUTION_ROLE_ARN, IMAGE, INFRASTRUCTURE_ROLE_ARN};
use crate::support::process::kill;
use crate::support::{SandboxProcess, Workspace, any_cli};

const STATES: usize = 8;
/// As many as share a load balancer, so that all states together fill as many as there are states.
const SERVICES: usize = 25;
/// Kills of each state's provider, while it applies and again while it destroys.
const KILLS: usize = 2;
/// Commands until everything is as it should be: those that were killed, and what continues them.
const COMMANDS: usize = KILLS + 6;

fn configuration(state: usize) -> String {
    format!(
        "provider \"express\" {{\n  engine         = \"composed\"\n  default_domain {{\n    hosted_zone = \"example.com\"\n  }}\n\
         }}\n\
         resource \"express_gateway_service\" \"app\" {{\n  count                   = {SERVICES}\n  \
         service_name            = \"p{state}-s${{count.index}}\"\n  \
         primary_container       = {{ image = {IMAGE:?} }}\n  \
         execution_role_arn      = {EXECUTION_ROLE_ARN:?}\n  \
         infrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}\n}}\n"
    )
}

/// Repeats a command whose provider is killed after some seconds until it succeeds. Says how often it struck.
fn persist(workspace: &Workspace, command: &str, random: &mut fastrand::Rng) -> usize {
    let mut kills = 0;
    for attempt in 0..COMMANDS {
        let started = workspace.start(&[command, "-auto-approve", "-parallelism=25"]);
        if attempt < KILLS {
            pause(Duration::from_millis(random.u64(2000..9000)));
            if let Some(provider) = started.process.list_children("terraform-provider-express").pop() {
                kill(provider);
                kills += 1;
            }
        }
        let run = started.finish_patiently();
        if run.exit_code == 0 {
            return kills;
        }
        import(workspace, &run.output);
    }
    panic!("{command} does not come to an end: {}", workspace.run(&[command, "-auto-approve"]).output);
}

#[expect(clippy::disallowed_methods, reason = "other processes are at work in real time")]
fn pause(duration: Duration) {
    thread::sleep(duration);
}

/// Does what the hints about finished services say that Terraform could not save any more. The plan and the apply each tell of
/// the same one.
fn import(workspace: &Workspace, output: &str) {
    let text = output.replace('│', " ");
    let words: Vec<_> = text.split_whitespace().collect();
    let commands = words.windows(4).filter(|four| four[..3] == ["terraform", "import", "<address>"]);
    let arns: BTreeSet<_> = commands.map(|four| four[3]).collect();
    for arn in arns {
        let (_, index) = arn.rsplit_once("-s").expect("the name of a service");
        let address = format!("express_gateway_service.app[{index}]");
        workspace.run(&["import", &address, arn]).succeeded();
    }
}

/// Runs a command in all states at once.
fn in_all(workspaces: &[Workspace], command: &str, seed: u64) -> usize {
    thread::scope(|scope| {
        let threads: Vec<_> = workspaces
            .iter()
            .zip(seed..)
            .map(|(workspace, seed)| {
                scope.spawn(move || persist(workspace, command, &mut fastrand::Rng::with_seed(seed)))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a state that comes to its end")).sum()
    })
}

#[test]
fn two_hundred_services_of_eight_states_fill_eight_load_balancers_and_leave_nothing() {
    let cli = any_cli();
    let sandbox = SandboxProcess::start();
    let aws = Aws::at(&sandbox);
    let workspaces: Vec<_> =
        (0..STATES).map(|state| Workspace::new(cli, &sandbox, &configuration(state))).collect();
    let kills = in_all(&workspaces, "apply", 1);
    assert_eq!(aws.list_service_arns("default").len(), STATES * SERVICES);
    let balancers = aws.list_load_balancer_names();
    // A provider that was killed leaves services half made, which keep their places until they are continued: others that come
    // meanwhile may need one load balancer more.
    assert!((STATES..=STATES + 1).contains(&balancers.len()), "{balancers:?}");
    workspaces[0].plan_is_empty();
    let more_kills = in_all(&workspaces, "destroy", 100);
    assert_eq!(aws.list_load_balancer_names(), Vec::<String>::new());
    assert_eq!(aws.list_service_arns("default"), Vec::<String>::new());
    assert_eq!(aws.list_target_group_names(), Vec::<String>::new());
    assert!(kills > 0 && more_kills > 0, "{kills} kills, then {more_kills}");
    tell(&format!(
        "{} services of {STATES} states, {kills} + {more_kills} killed providers: {} load balancers, then nothing left",
        STATES * SERVICES,
        balancers.len()
    ));
}

/// Says something that shows also when the test passes: the harness keeps back only what the print macros write.
fn tell(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").expect("stderr is open");
}
