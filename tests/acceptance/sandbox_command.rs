//! The sandbox's and the monitor's command lines: what they refuse, and in which words.

use std::process::Command;

use crate::support::sandbox::SandboxProcess;

/// Exit status and everything that is said.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-express"))
        .args(arguments)
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .env("HOME", "/nowhere")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("the program runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_state_in_a_folder_that_is_not_there_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing/world.json");
    let (status, said) = run(&["sandbox", "--port", "0", "--state", &path.display().to_string()]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("writing the sandbox state") && said.contains("missing/world.json"), "{said}");
    assert!(!said.contains("http://"), "nothing was started: {said}");
}

#[test]
fn a_state_is_there_from_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.json");
    let _sandbox = SandboxProcess::start_with(&["--state", &path.display().to_string()]);
    assert!(path.is_file(), "the first save shows that the place can be written");
}

#[test]
fn what_is_misspelled_gets_its_nearest_neighbour() {
    for (arguments, meant) in [
        (&["monitor", "api", "--exit-on-complet"][..], "--exit-on-complete"),
        (&["monitor", "api", "--wiat"], "--wait"),
        (&["monitor", "api", "--regoin=eu-west-1"], "--region"),
        (&["sandbox", "--sped", "3"], "--speed"),
        (&["sandbox", "--scenario", "image-not-fuond"], "image-not-found"),
        (&["sandbox", "--scenario", "Crash:137@service=web"], "crash"),
        (&["sandbx"], "sandbox"),
    ] {
        let (status, said) = run(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(meant), "{arguments:?} is to name {meant}: {said}");
    }
}

#[test]
fn a_monitor_without_a_region_names_the_flag() {
    let (status, said) = run(&["monitor", "api"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("--region") && !said.contains("provider block, or"), "{said}");
}
