//! What core says through environment variables (protocol section 1.5).

use std::path::PathBuf;

/// go-plugin's guard against being started by hand.
pub const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
/// The value that Terraform and OpenTofu give to every provider.
pub const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The start parameters of one process, read once.
///
/// A default value is what a process without any of the variables sees.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Whether the cookie is there and right.
    pub is_started_by_core: bool,
    /// PEM certificate that the only allowed client presents; none: no TLS.
    pub client_certificate_pem: Option<String>,
    /// Protocol majors that core speaks, for example `5,6`.
    pub protocol_versions: Option<String>,
    /// Lowest TCP port to listen on.
    pub port_min: Option<u16>,
    /// Highest TCP port to listen on.
    pub port_max: Option<u16>,
    /// Directory for the socket instead of the temporary directory.
    pub unix_socket_dir: Option<PathBuf>,
    /// Group (name or number) that may also connect to the socket.
    pub unix_socket_group: Option<String>,
    /// Whether core asks if one connection carries several brokered ones.
    pub is_multiplexing_asked_for: bool,
}

impl Environment {
    /// Reads this process's environment.
    pub fn of_process() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `find_variable`. Empty ones count as absent, as go-plugin takes them.
    pub fn from_lookup(find_variable: impl Fn(&str) -> Option<String>) -> Self {
        let find = |name: &str| find_variable(name).filter(|value| !value.is_empty());
        let find_port = |name: &str| find(name).and_then(|value| value.parse().ok());
        Self {
            is_started_by_core: find(COOKIE_NAME).as_deref() == Some(COOKIE_VALUE),
            client_certificate_pem: find("PLUGIN_CLIENT_CERT"),
            protocol_versions: find("PLUGIN_PROTOCOL_VERSIONS"),
            port_min: find_port("PLUGIN_MIN_PORT"),
            port_max: find_port("PLUGIN_MAX_PORT"),
            unix_socket_dir: find("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            unix_socket_group: find("PLUGIN_UNIX_SOCKET_GROUP"),
            is_multiplexing_asked_for: find("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_cookie_is_no_cookie() {
        let environment = |cookie: &'static str| {
            Environment::from_lookup(move |name| (name == COOKIE_NAME).then(|| cookie.to_owned()))
        };
        assert!(environment(COOKIE_VALUE).is_started_by_core);
        assert!(!environment("d602").is_started_by_core);
        assert!(!environment("").is_started_by_core);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let environment = Environment::from_lookup(|_| Some(String::new()));
        assert_eq!(environment.client_certificate_pem, None);
        assert_eq!(environment.port_min, None);
        assert!(!environment.is_multiplexing_asked_for);
    }
}
