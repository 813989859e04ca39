//! Terraform in a directory of its own.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::bring::bring_core;
use crate::cases::Case;

/// Declares the provider, and a value that is not known while `u` changes.
const HEAD: &str = r#"
terraform {
  required_providers {
    express = { source = "express-gateway/express" }
  }
}
variable "u" {}
resource "terraform_data" "t" { input = var.u }
locals { u = terraform_data.t.output }
"#;

/// The program that the tests drive.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("TERRAFORM_BINARY") {
        return Ok(PathBuf::from(named));
    }
    let works = |name: &&str| {
        let output = Command::new(name).arg("version").output();
        output.is_ok_and(|output| output.status.success())
    };
    match ["terraform", "tofu"].into_iter().find(works) {
        Some(name) => Ok(PathBuf::from(name)),
        None => bring_core(),
    }
}

/// One configuration and one state, for case after case.
pub(crate) struct Workspace {
    directory: TempDir,
    terraform: PathBuf,
}

impl Workspace {
    /// A directory with this binary as provider.
    pub(crate) fn new(terraform: PathBuf) -> Self {
        let directory = TempDir::new().expect("a directory");
        let provider = directory.path().join("provider");
        fs::create_dir(&provider).expect("a directory");
        let this = env::current_exe().expect("this binary");
        fs::copy(this, provider.join("terraform-provider-express")).expect("a copy of this binary");
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"express-gateway/express\" = {:?} }}\n  direct {{}}\n}}\n",
            provider.display().to_string()
        );
        fs::write(directory.path().join("terraformrc"), overrides).expect("a file");
        Self { directory, terraform }
    }

    /// Applies a case; then the same configuration must have nothing left to do.
    pub(crate) fn apply_and_plan_again(&self, case: &Case) -> Result<(), String> {
        self.write(case);
        self.run(case, &["apply", "-auto-approve"], 0)?;
        self.run(case, &["plan", "-detailed-exitcode"], 0).map(drop)
    }

    /// Applies a case that must be refused with `text`.
    pub(crate) fn apply_refused(&self, case: &Case, text: &str) -> Result<(), String> {
        self.write(case);
        let output = self.run(case, &["apply", "-auto-approve"], 1)?;
        if output.contains(text) { Ok(()) } else { Err(output) }
    }

    fn write(&self, case: &Case) {
        let body = if case.body.is_empty() {
            String::new()
        } else {
            format!("resource \"express_thing\" \"a\" {{\n{}\n}}\n", case.body)
        };
        fs::write(self.directory.path().join("main.tf"), format!("{HEAD}{body}")).expect("a file");
    }

    fn run(&self, case: &Case, arguments: &[&str], expected: i32) -> Result<String, String> {
        let output = Command::new(&self.terraform)
            .args(arguments)
            .args(["-no-color", "-input=false", &format!("-var=u={}", case.u)])
            .current_dir(self.directory.path())
            .env("TF_CLI_CONFIG_FILE", self.directory.path().join("terraformrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .map_err(|error| error.to_string())?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        if output.status.code() == Some(expected) { Ok(text) } else { Err(text) }
    }
}
