//! The provider as users install it: a filesystem mirror in the registry's layout.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::layout::place_binary;

static MIRROR: LazyLock<PathBuf> = LazyLock::new(|| {
    let mirror = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mirror");
    let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-express"));
    place_binary(binary, &mirror).expect("the binary in the mirror");
    mirror
});

/// The mirror with the binary under test, made once for all tests.
pub(crate) fn mirror() -> &'static Path {
    &MIRROR
}
