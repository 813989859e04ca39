//! Processes that tests start, and waiting for them.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Time between two looks.
const POLL: Duration = Duration::from_millis(20);

/// Longest time that anything may take, in seconds: generous, for a machine that is busy with other tests.
const PATIENCE_SECONDS: u64 = 120;

/// How many times as long a command may take that does the work of many.
const PATIENT_WAITS: u64 = 8;

/// A child that leads a process group of its own. Dropping it kills the whole group.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `command`.
    #[track_caller]
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        Self { child: child.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display())) }
    }

    /// The leader, for its pipes.
    pub(crate) fn child_mut(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Process id of the leader, which is the group's id too.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the leader's end.
    #[track_caller]
    pub(crate) fn wait(&mut self, what: &str) -> ExitStatus {
        wait_for(what, || self.child.try_wait().expect("a child can be waited for"))
    }

    /// The same for a command that does the work of many.
    #[track_caller]
    pub(crate) fn wait_patiently(&mut self, what: &str) -> ExitStatus {
        for _ in 0..PATIENT_WAITS {
            let ended =
                wait_at_most(PATIENCE_SECONDS, || self.child.try_wait().expect("a child can be waited for"));
            if let Some(status) = ended {
                return status;
            }
        }
        panic!("waited {} seconds in vain for {what}", PATIENT_WAITS * PATIENCE_SECONDS);
    }

    /// Sends a signal to the whole group, as a terminal does at Ctrl-C.
    pub(crate) fn signal_group(&self, name: &str) {
        signal(name, format!("-{}", self.id()));
    }

    /// Process ids of the leader's children whose command line contains `part`.
    pub(crate) fn list_children(&self, part: &str) -> Vec<u32> {
        let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,args="]).output().expect("ps runs");
        let own_id = self.id().to_string();
        let listing = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows = listing.lines().filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (id, parent) = (fields.next()?, fields.next()?);
            let is_child = parent == own_id && line.contains(part);
            is_child.then(|| id.parse().ok()).flatten()
        });
        rows.collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal_group("KILL");
            // The process is dead; there is nobody to tell that it cannot be reaped.
            let _ = self.child.wait();
        }
    }
}

/// Kills a process at once.
pub(crate) fn kill(process_id: u32) {
    signal("KILL", process_id.to_string());
}

/// Kills whatever is left of a process group.
pub(crate) fn kill_group(id: u32) {
    signal("KILL", format!("-{id}"));
}

/// Asks a process to end by a signal: `TERM`, `INT`.
pub(crate) fn kill_gently(name: &str, process_id: u32) {
    signal(name, process_id.to_string());
}

fn signal(name: &str, target: impl AsRef<OsStr>) {
    let status = Command::new("kill").args(["-s", name, "--"]).arg(target).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "kill runs");
}

/// Looks again and again until there is something to see; the test fails if it takes too long.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let found = wait_at_most(PATIENCE_SECONDS, look);
    found.unwrap_or_else(|| panic!("waited {PATIENCE_SECONDS} seconds in vain for {what}"))
}

#[expect(clippy::disallowed_methods, reason = "another process can only be waited for in real time")]
fn wait_at_most<T>(seconds: u64, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..seconds * 1000 / u64::try_from(POLL.as_millis()).expect("milliseconds") {
        if let Some(found) = look() {
            return Some(found);
        }
        std::thread::sleep(POLL);
    }
    None
}
