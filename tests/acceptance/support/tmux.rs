//! A real terminal, driven by tmux: keys in, the screen out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::process::wait_for;

/// Columns and lines of the terminal.
const SIZE: [&str; 2] = ["110", "34"];

/// A terminal with a shell in it. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Tmux {
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Tmux {
    /// A terminal with a shell; `None`: this machine has no tmux, and the test says so.
    #[track_caller]
    #[expect(clippy::print_stderr, reason = "what was not tested must be seen")]
    pub(crate) fn start() -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!(
                "SKIPPED: tmux is not installed, so nothing was tested in a terminal (apt-get install tmux)"
            );
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let tmux = Self { socket: folder.path().join("socket"), _folder: folder };
        let [columns, lines] = SIZE;
        let shell = "env -i PATH=\"$PATH\" TERM=xterm-256color LC_ALL=C.UTF-8 PS1='ready> ' sh";
        let arguments = ["-u", "-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", lines, shell];
        tmux.run(&arguments);
        tmux.wait_for_text("ready>");
        Some(tmux)
    }

    /// Types text, as it is.
    pub(crate) fn type_text(&self, text: &str) {
        self.run(&["send-keys", "-l", text]);
    }

    /// Types a command, and Enter.
    pub(crate) fn enter(&self, command: &str) {
        self.type_text(command);
        self.press("Enter");
    }

    /// Presses a key by tmux's name for it: `Tab`, `C-c`.
    pub(crate) fn press(&self, key: &str) {
        self.run(&["send-keys", key]);
    }

    /// What the terminal shows.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.run(&["capture-pane", "-p"]).stdout).into_owned()
    }

    /// Waits until the terminal shows `text`, and gives the whole screen.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, text: &str) -> String {
        wait_for(&format!("{text:?} on the screen"), || {
            Some(self.screen()).filter(|screen| screen.contains(text))
        })
    }

    /// Process id of the program that the shell runs.
    #[track_caller]
    pub(crate) fn foreground_process(&self) -> u32 {
        let shell = self.run(&["display-message", "-p", "#{pane_pid}"]);
        let shell = String::from_utf8_lossy(&shell.stdout).trim().to_owned();
        wait_for("the program in the terminal", || {
            let children =
                Command::new("ps").args(["-o", "pid=", "--ppid", &shell]).output().expect("ps runs");
            String::from_utf8_lossy(&children.stdout).split_whitespace().next()?.parse().ok()
        })
    }

    /// Whether the terminal is as a shell needs it: lines, echo, signals; and whether the shell is back.
    #[track_caller]
    pub(crate) fn assert_given_back(&self) {
        self.enter("stty -a; echo settings-$((20+22))");
        let screen = self.wait_for_text("settings-42");
        for setting in ["icanon", "echo", "isig"] {
            let is_on = screen.split_whitespace().any(|word| word == setting);
            assert!(is_on, "{setting} is off:\n{screen}");
        }
        let is_alternate = self.run(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
        assert_eq!(
            String::from_utf8_lossy(&is_alternate.stdout).trim(),
            "0 1",
            "main screen, visible cursor"
        );
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Output {
        let output = tmux(&self.socket).args(arguments).output().expect("tmux runs");
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // A server that is gone already needs no word.
        let _ = tmux(&self.socket).arg("kill-server").output();
    }
}

fn tmux(socket: &Path) -> Command {
    let mut command = Command::new("tmux");
    command.arg("-S").arg(socket).env_remove("TMUX");
    command
}
