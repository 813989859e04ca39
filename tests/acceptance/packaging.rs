//! `scripts/package`: what it writes, and that both command lines install it.

use std::collections::BTreeSet;
use std::fs::{read, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::configuration::service;
use crate::support::https::HttpsServer;
use crate::support::layout::platform;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-express");
const NAME: &str = concat!("terraform-provider-express_", env!("CARGO_PKG_VERSION"));

/// Runs the command with a clock that stands still, and answers what it said.
#[track_caller]
fn package(arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/package");
    let mut command = Command::new("python3");
    command.arg(script).arg("--offline").args(arguments).env("SOURCE_DATE_EPOCH", "1763900000");
    let output = command.output().expect("the acceptance tests need `python3` on PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The binary under test, packaged once for all tests: artefacts in `dist`, the mirror in `mirror`.
static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    // What an earlier run left would be sealed, too.
    let _ = std::fs::remove_dir_all(&folder);
    let [dist, mirror] = ["dist", "mirror"].map(|name| folder.join(name).display().to_string());
    package(&["--binary", BINARY, "--out", &dist, "--mirror", &mirror]);
    folder
});

fn artefact(suffix: &str) -> PathBuf {
    PACKAGE.join("dist").join(format!("{NAME}{suffix}"))
}

fn list_names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
}

#[test]
fn the_artefacts_are_those_that_a_registry_expects_and_their_checksums_are_right() {
    let archive = format!("_{}.zip", platform());
    let expected = [archive.as_str(), "_manifest.json", ".cdx.json", "_SHA256SUMS"];
    let expected: BTreeSet<_> = expected.iter().map(|suffix| format!("{NAME}{suffix}")).collect();
    assert_eq!(list_names(&PACKAGE.join("dist")), expected);
    let sums = read_to_string(artefact("_SHA256SUMS")).unwrap();
    let named: BTreeSet<_> = sums.lines().map(|line| line.split_once("  ").unwrap().1.to_owned()).collect();
    assert_eq!(named.len(), 3, "everything but the checksums themselves:\n{sums}");
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").expect("two columns");
        let content = read(PACKAGE.join("dist").join(name)).expect("a file of that name");
        let digest: Vec<_> = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest.concat(), sum, "{name}");
    }
}

#[test]
fn the_manifest_is_the_repositorys() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("terraform-registry-manifest.json");
    assert_eq!(read(artefact("_manifest.json")).unwrap(), read(kept).unwrap());
}

#[test]
fn the_bill_of_materials_names_what_is_built_in_and_nothing_that_only_tests_need() {
    let bill: Value = serde_json::from_slice(&read(artefact(".cdx.json")).unwrap()).expect("JSON");
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bill["metadata"]["timestamp"], "2025-11-23T12:13:20Z");
    let components = bill["components"].as_array().expect("components");
    let has = |name: &str| components.iter().any(|component| component["name"] == name);
    assert!(has("aws-sdk-ecs") && has("rustls"), "what is built in is named");
    assert!(!has("insta") && !has("proptest"), "what only tests need is not");
    for component in components {
        assert!(component["hashes"][0]["content"].is_string(), "{component} has a checksum");
        assert!(component["licenses"][0]["expression"].is_string(), "{component} has a licence");
    }
}

#[test]
fn packaging_the_same_twice_gives_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let build = |name: &str| {
        let out = folder.path().join(name);
        // A file of its own, so that its time differs; a small one, because only the archive is in question.
        let binary = folder.path().join(format!("{name}-binary"));
        std::fs::write(&binary, "the same content").unwrap();
        package(&["--binary", binary.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        out
    };
    let (first, second) = (build("first"), build("second"));
    let names = list_names(&first);
    assert_eq!(names, list_names(&second));
    for name in names {
        assert!(read(first.join(&name)).unwrap() == read(second.join(&name)).unwrap(), "{name} differs");
    }
}

#[test]
fn archives_of_several_platforms_are_sealed_together() {
    let folder = TempDir::new().unwrap();
    let (out, binary) = (folder.path().join("dist"), folder.path().join("binary"));
    std::fs::write(&binary, "content").unwrap();
    let (out, binary) = (out.to_str().unwrap(), binary.to_str().unwrap());
    let targets = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc"];
    for target in targets {
        package(&["--binary", binary, "--target", target, "--out", out]);
    }
    let said = package(&["--seal-only", "--out", out]);
    let sums = read_to_string(Path::new(out).join(format!("{NAME}_SHA256SUMS"))).unwrap();
    for platform in ["darwin_arm64", "windows_amd64"] {
        assert!(sums.contains(&format!("{NAME}_{platform}.zip\n")), "{platform} is in:\n{sums}");
        assert!(said.contains(platform), "{platform} is said");
    }
}

/// GPG in a folder of its own, with one key. Its agent goes with it.
struct Gpg {
    home: TempDir,
}

impl Gpg {
    const KEY: &str = "test@example.com";

    /// `None`: it is not installed.
    fn start() -> Option<Self> {
        Command::new("gpg").arg("--version").output().ok()?;
        let gpg = Self { home: TempDir::new().expect("a folder") };
        gpg.run(&["--passphrase", "", "--quick-generate-key", Self::KEY, "ed25519", "sign", "never"]);
        Some(gpg)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) {
        let output = Command::new("gpg")
            .args(["--batch", "--pinentry-mode", "loopback"])
            .args(arguments)
            .env("GNUPGHOME", self.home.path())
            .output()
            .expect("gpg starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        let _ = command.args(["--kill", "gpg-agent"]).env("GNUPGHOME", self.home.path()).status();
    }
}

#[test]
fn the_checksums_are_signed_with_the_key_that_is_asked_for() {
    let Some(gpg) = Gpg::start() else {
        println!("gpg is not installed");
        return;
    };
    let folder = TempDir::new().unwrap();
    let (out, binary) = (folder.path().join("dist"), folder.path().join("binary"));
    std::fs::write(&binary, "content").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/package");
    let mut command = Command::new("python3");
    command
        .arg(script)
        .args(["--offline", "--key", Gpg::KEY, "--binary"])
        .arg(&binary)
        .arg("--out")
        .arg(&out);
    let output = command.env("GNUPGHOME", gpg.home.path()).output().expect("python3 starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [signature, sums] =
        ["_SHA256SUMS.sig", "_SHA256SUMS"].map(|suffix| out.join(format!("{NAME}{suffix}")));
    gpg.run(&["--verify", signature.to_str().unwrap(), sums.to_str().unwrap()]);
}

/// Packages this commit twice, with a binary instead of two builds, and answers whether both are equal.
fn reproduce(binary: &str) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/reproduce");
    let output = Command::new(script).args(["--offline", "--binary", binary]).output().expect("bash starts");
    let said = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned());
    (output.status.success(), said.concat())
}

#[test]
fn two_builds_are_compared_byte_by_byte() {
    let (are_equal, said) =
        reproduce(&Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE").display().to_string());
    assert!(are_equal && said.contains("are identical"), "{said}");
    // A file that is another one whenever it is read.
    if cfg!(target_os = "linux") {
        let (are_equal, said) = reproduce("/proc/uptime");
        assert!(!are_equal && said.contains(".zip differ"), "{said}");
    }
}

/// A working folder whose provider comes from `installation`, in which it is installed and plans a service.
fn install_and_plan(installation: &str, variables: &[(&'static str, &Path)]) {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = Workspace::empty(cli, &sandbox);
        workspace.write("cli.tfrc", &format!("provider_installation {{\n{installation}\n}}\n"));
        for (name, value) in variables {
            workspace.set(name, *value);
        }
        workspace.rewrite(&service("app", ""));
        let version = env!("CARGO_PKG_VERSION");
        workspace
            .run(&["init"])
            .succeeded()
            .says(&format!("Installed express-gateway/express v{version}"))
            .says("has created a lock file");
        workspace.run(&["validate"]).succeeded();
        workspace.plan_has_changes().says("1 to add");
    });
}

#[test]
fn the_archive_is_installed_from_a_filesystem_mirror() {
    let mirror = PACKAGE.join("mirror").display().to_string();
    install_and_plan(&format!("filesystem_mirror {{\n    path = {mirror:?}\n  }}"), &[]);
}

// Elsewhere Go asks the system whom to trust, and no variable adds an authority.
#[cfg(target_os = "linux")]
#[test]
fn the_archive_is_installed_from_a_network_mirror() {
    let server = HttpsServer::start(&PACKAGE.join("mirror"));
    let folder = TempDir::new().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, &server.authority).unwrap();
    let installation = format!("network_mirror {{\n    url = {:?}\n  }}", server.url());
    install_and_plan(&installation, &[("SSL_CERT_FILE", &authority)]);
}
