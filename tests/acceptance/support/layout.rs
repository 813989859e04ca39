//! How a filesystem mirror holds the provider. `examples/quickstart.rs` takes this file, too.

use std::io;
use std::path::Path;

/// Registries whose clients look for the provider: Terraform's and OpenTofu's.
pub(crate) const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// Where the provider is within a registry.
pub(crate) const ADDRESS: &str = "express-gateway/express";

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

/// Puts `binary` into `mirror` as this version of the provider, for both registries.
pub(crate) fn place_binary(binary: &Path, mirror: &Path) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("terraform-provider-express_v{version}{}", std::env::consts::EXE_SUFFIX);
    for registry in REGISTRIES {
        let folder = mirror.join(registry).join(ADDRESS).join(version).join(platform());
        std::fs::create_dir_all(&folder)?;
        let target = folder.join(&name);
        // A file of an earlier run may be in the way.
        let _ = std::fs::remove_file(&target);
        if std::fs::hard_link(binary, &target).is_err() {
            std::fs::copy(binary, &target)?;
        }
    }
    Ok(())
}
