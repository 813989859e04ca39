//! A socket's file, which must not outlive the process.

use std::fs;
use std::path::{Path, PathBuf};

/// The file of a bound socket. Dropping this removes it.
///
/// The future that ends the process owns it, not a task: tasks may still be undropped when a process exits.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
}

impl SocketFile {
    /// Takes responsibility for the file at `path`.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Already gone is as good as removed; at exit there is nobody left to tell about anything else.
        let _ = fs::remove_file(&self.path);
    }
}
