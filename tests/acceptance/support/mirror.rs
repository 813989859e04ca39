//! The provider as users install it: a filesystem mirror in the registry's layout.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Registries whose clients look for the provider: Terraform's and OpenTofu's.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

static MIRROR: LazyLock<PathBuf> = LazyLock::new(|| {
    let mirror = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mirror");
    for host in HOSTS {
        place_binary(&mirror.join(host));
    }
    mirror
});

/// The mirror with the binary under test, made once for all tests.
pub(crate) fn mirror() -> &'static Path {
    &MIRROR
}

/// Terraform's name for the platform of this build.
pub(crate) fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        architecture => architecture,
    };
    format!("{os}_{architecture}")
}

fn place_binary(host: &Path) {
    let version = env!("CARGO_PKG_VERSION");
    let folder = host.join("express-gateway/express").join(version).join(platform());
    std::fs::create_dir_all(&folder).expect("a folder of the mirror");
    let target = folder.join(format!("terraform-provider-express_v{version}"));
    // A file of an earlier run may be in the way.
    let _ = std::fs::remove_file(&target);
    let binary = env!("CARGO_BIN_EXE_terraform-provider-express");
    if std::fs::hard_link(binary, &target).is_err() {
        std::fs::copy(binary, &target).expect("the binary in the mirror");
    }
}
