//! What a user asked the monitor for, as plain data.

use std::time::Duration;

/// How the monitor shows what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A live view that fills the terminal.
    Live,
    /// One line for each change.
    Text,
}

/// What a user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Service ARNs, `cluster/name` or names.
    pub services: Vec<String>,
    /// Every service of the cluster, or of all clusters.
    pub all: bool,
    /// Cluster of services that are given by name alone, and of `all`.
    pub cluster: Option<String>,
    /// Regions to look in; none: the configured one.
    pub regions: Vec<String>,
    /// Profiles to look with; none: the default credentials.
    pub profiles: Vec<String>,
    /// Endpoint of every AWS service.
    pub endpoint_url: Option<String>,
    /// How to show it.
    pub mode: Mode,
    /// Begin when the services exist.
    pub wait: bool,
    /// End when nothing is under way any more.
    pub exit_on_complete: bool,
    /// End after this time at the latest.
    pub timeout: Option<Duration>,
    /// Least time between two looks.
    pub interval: Duration,
}

impl Options {
    /// Time between two looks at the least: that of the AWS CLI's monitor.
    pub const INTERVAL: Duration = Duration::from_secs(5);
}

impl Default for Options {
    fn default() -> Self {
        Self {
            services: Vec::new(),
            all: false,
            cluster: None,
            regions: Vec::new(),
            profiles: Vec::new(),
            endpoint_url: None,
            mode: Mode::Text,
            wait: false,
            exit_on_complete: false,
            timeout: None,
            interval: Self::INTERVAL,
        }
    }
}
