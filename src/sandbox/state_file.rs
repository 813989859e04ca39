//! The world on disk, so that a sandbox can be stopped and started again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::sandbox::Sandbox;
use super::world::World;

/// Version of the file's format; a file of another version is refused rather than guessed at.
const VERSION: u32 = 1;

/// Shortest time between two saves.
const SAVE_INTERVAL: Duration = Duration::from_millis(500);

/// Why a state file could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateFileError {
    /// The file could not be read.
    #[error("reading the sandbox state {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("writing the sandbox state {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no sandbox state.
    #[error("the sandbox state {path} is not readable as such")]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The file was written by another version of the sandbox.
    #[error("the sandbox state {path} has format version {version}; this sandbox reads version {VERSION}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

#[derive(Serialize)]
struct Saved<'a> {
    version: u32,
    time: f64,
    world: &'a World,
}

#[derive(Deserialize)]
struct Loaded {
    version: u32,
    time: f64,
    world: World,
}

/// Replaces the sandbox's world by the one in `path`; an absent file leaves it as it is.
///
/// # Errors
/// [`StateFileError`], and the world is unchanged.
pub(crate) fn load(sandbox: &Sandbox, path: &Path) -> Result<(), StateFileError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(StateFileError::Read { path: path.to_owned(), source }),
    };
    let content = |source| StateFileError::Content { path: path.to_owned(), source };
    let Loaded { version, time, world } = serde_json::from_slice(&text).map_err(content)?;
    if version != VERSION {
        return Err(StateFileError::Version { path: path.to_owned(), version });
    }
    let saved_at = Duration::try_from_secs_f64(time).unwrap_or_default();
    sandbox.restore(world, SystemTime::UNIX_EPOCH + saved_at);
    Ok(())
}

/// Writes the sandbox's world to `path`: completely or not at all, readable by the owner only, since task
/// definitions can hold what belongs to nobody else.
///
/// # Errors
/// [`StateFileError`], and the file is as it was.
pub(crate) fn save(sandbox: &Sandbox, path: &Path) -> Result<(), StateFileError> {
    let time = sandbox.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let text = sandbox
        .visit(|world| serde_json::to_vec_pretty(&Saved { version: VERSION, time, world }))
        .map_err(|source| StateFileError::Content { path: path.to_owned(), source })?;
    write_atomically(path, &text).map_err(|source| StateFileError::Write { path: path.to_owned(), source })
}

/// Saves after changes, at most every half second of real time, until dropped.
pub(crate) async fn keep_saved(sandbox: Sandbox, path: PathBuf) -> StateFileError {
    let real_clock = Arc::clone(sandbox.real_clock());
    let mut saved_revision = sandbox.revision();
    loop {
        real_clock.sleep(SAVE_INTERVAL).await;
        let revision = sandbox.revision();
        if revision == saved_revision {
            continue;
        }
        if let Err(error) = save(&sandbox, &path) {
            return error;
        }
        saved_revision = revision;
    }
}

fn write_atomically(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let mut file = create_private(&temporary)?;
    io::Write::write_all(&mut file, text)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;

    fn sandbox_at(seconds: u64) -> Sandbox {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        Sandbox::new(Arc::new(VirtualClock::starting_at(start)))
    }

    #[test]
    fn a_saved_world_is_loaded_and_its_time_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.json");
        let sandbox = sandbox_at(1000);
        sandbox.advance(Duration::from_secs(500));
        save(&sandbox, &path).unwrap();
        let later = sandbox_at(1200);
        load(&later, &path).unwrap();
        assert_eq!(later.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1500));
        let file_names: Vec<_> = std::fs::read_dir(directory.path()).unwrap().flatten().collect();
        assert_eq!(file_names.len(), 1, "no temporary file is left");
    }

    #[test]
    fn an_absent_file_is_an_empty_world() {
        let directory = tempfile::tempdir().unwrap();
        assert!(load(&sandbox_at(0), &directory.path().join("none.json")).is_ok());
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.json");
        std::fs::write(&path, "{}").unwrap();
        let error = load(&sandbox_at(0), &path).unwrap_err();
        assert!(matches!(error, StateFileError::Content { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_change_is_saved_within_the_interval() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.json");
        let sandbox = sandbox_at(0);
        let saver = tokio::spawn(keep_saved(sandbox.clone(), path.clone()));
        tokio::task::yield_now().await;
        sandbox.with_world(|_| ());
        sandbox.real_clock().sleep(SAVE_INTERVAL * 3).await;
        assert!(path.exists());
        saver.abort();
    }
}
