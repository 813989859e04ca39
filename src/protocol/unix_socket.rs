//! A Unix socket that is nobody else's from the first moment.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::protocol::environment::Environment;
use crate::protocol::socket_file::SocketFile;

/// Longest path that fits into `sockaddr_un` on Linux, without its terminating zero.
const PATH_BYTES_MAX: usize = 107;
/// Names to try before giving up on a directory.
const NAME_ATTEMPTS: u32 = 16;
/// Where to go when the temporary directory's path is too long for a socket.
const SHORT_DIR: &str = "/tmp";

/// Listens on a new socket `plugin…` in `PLUGIN_UNIX_SOCKET_DIR` or the temporary directory.
///
/// # Guarantees
/// Nobody but this user (and the group that core names) can connect at any time: the socket is bound in a
/// private directory, given its mode, and only then moved to its place.
pub(crate) fn bind(environment: &Environment) -> io::Result<(UnixListener, SocketFile)> {
    let dir = socket_dir(environment.unix_socket_dir.as_deref(), &std::env::temp_dir())?;
    let (private_dir, path) = private_dir_in(&dir)?;
    let bound = bind_in(&private_dir.0, &path, environment.unix_socket_group.as_deref());
    let listener = bound.map_err(|error| with_context(&error, &format!("socket {}", path.display())))?;
    Ok((listener, SocketFile::at(path)))
}

/// A directory of mode 0700, removed with its content when dropped.
struct PrivateDir(PathBuf);

impl Drop for PrivateDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn bind_in(private_dir: &Path, path: &Path, group: Option<&str>) -> io::Result<UnixListener> {
    let bound_at = private_dir.join("s");
    let listener = UnixListener::bind(&bound_at)?;
    let mode = match group {
        Some(group) => {
            std::os::unix::fs::chown(&bound_at, None, Some(find_group_id(group)?))?;
            0o660
        }
        None => 0o600,
    };
    fs::set_permissions(&bound_at, Permissions::from_mode(mode))?;
    fs::rename(&bound_at, path)?;
    Ok(listener)
}

/// Makes a private directory whose name, less its suffix, is the path for the socket.
fn private_dir_in(dir: &Path) -> io::Result<(PrivateDir, PathBuf)> {
    for _ in 0..NAME_ATTEMPTS {
        let path = dir.join(format!("plugin{}", fastrand::u32(..)));
        let private = path.with_extension("d");
        match DirBuilder::new().mode(0o700).create(&private) {
            Ok(()) if path.exists() => drop(PrivateDir(private)),
            Ok(()) => return Ok((PrivateDir(private), path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(with_context(&error, &format!("directory {}", dir.display()))),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("no free socket name in {}", dir.display())))
}

/// The directory to use: core's choice, or the temporary one, or `/tmp` if that one's path is too long.
fn socket_dir(asked_for: Option<&Path>, temporary: &Path) -> io::Result<PathBuf> {
    // `plugin`, ten digits and the suffix that only the private directory has.
    let fits = |dir: &Path| dir.as_os_str().len() + "/plugin4294967295.d/s".len() <= PATH_BYTES_MAX;
    match asked_for {
        Some(dir) if fits(dir) => Ok(dir.to_owned()),
        Some(dir) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("PLUGIN_UNIX_SOCKET_DIR is too long for a socket: {}", dir.display()),
        )),
        None if fits(temporary) => Ok(temporary.to_owned()),
        None => Ok(PathBuf::from(SHORT_DIR)),
    }
}

/// The number of a group that is given by number or by its name in `/etc/group`.
fn find_group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = fs::read_to_string("/etc/group")?;
    find_group_id_in(&groups, group).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("PLUGIN_UNIX_SOCKET_GROUP: no group {group:?} in /etc/group"),
        )
    })
}

fn find_group_id_in(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

fn with_context(error: &io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment_in(dir: &Path) -> Environment {
        Environment { unix_socket_dir: Some(dir.to_owned()), ..Environment::default() }
    }

    #[tokio::test]
    async fn only_the_user_can_open_the_socket_and_dropping_removes_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let (_listener, file) = bind(&environment_in(dir.path())).expect("binds");
        let mode = fs::metadata(file.path()).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 1, "the private directory is gone");
        tokio::net::UnixStream::connect(file.path()).await.expect("connects at the final path");
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }

    #[tokio::test]
    async fn a_group_that_core_names_may_open_it_too() {
        let dir = tempfile::tempdir().expect("a directory");
        let own_group = std::os::unix::fs::MetadataExt::gid(&fs::metadata(dir.path()).expect("exists"));
        let environment =
            Environment { unix_socket_group: Some(own_group.to_string()), ..environment_in(dir.path()) };
        let (_listener, file) = bind(&environment).expect("binds");
        let mode = fs::metadata(file.path()).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
    }

    #[tokio::test]
    async fn an_unknown_group_is_an_error_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().expect("a directory");
        let environment =
            Environment { unix_socket_group: Some("no such group".to_owned()), ..environment_in(dir.path()) };
        let error = bind(&environment).expect_err("no such group");
        assert!(error.to_string().contains("no such group"));
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\nterraformers:x:12:a\nterraform:x:1234:a,b\n";
        assert_eq!(find_group_id_in(groups, "terraform"), Some(1234));
        assert_eq!(find_group_id_in(groups, "terra"), None);
    }

    #[test]
    fn a_temporary_directory_that_is_too_long_for_a_socket_is_not_used() {
        let long = PathBuf::from(format!("/{}", "x".repeat(100)));
        assert_eq!(socket_dir(None, &long).expect("falls back"), Path::new("/tmp"));
        assert!(socket_dir(Some(&long), Path::new("/tmp")).is_err(), "core's own choice is not replaced");
    }
}
