//! `GetMetadata`: the names of everything.

use super::Server;

/// The names of everything that a provider offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Managed resources.
    pub resources: Vec<&'static str>,
    /// Data sources.
    pub data_sources: Vec<&'static str>,
    /// Functions.
    pub functions: Vec<&'static str>,
    /// List resources.
    pub list_resources: Vec<&'static str>,
    /// Actions.
    pub actions: Vec<&'static str>,
}

impl Server {
    /// The names of everything, in alphabetical order.
    pub fn metadata(&self) -> Metadata {
        Metadata {
            resources: self.resources.keys().copied().collect(),
            data_sources: self.data_sources.keys().copied().collect(),
            functions: self.functions.keys().copied().collect(),
            list_resources: self.list_resources.keys().copied().collect(),
            actions: self.actions.keys().copied().collect(),
        }
    }
}
