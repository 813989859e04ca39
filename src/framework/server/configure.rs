//! `ConfigureProvider`.

use super::guard::guarded;
use super::{ClientCapabilities, Server};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

/// The provider block to work with from now on.
#[derive(Debug, Clone)]
pub struct ConfigureRequest {
    /// Version of the CLI.
    pub terraform_version: String,
    /// The provider block; it may hold unknown values.
    pub config: Value,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

impl Server {
    /// Gives the provider its configuration; a later call replaces it.
    pub async fn configure(&self, request: ConfigureRequest) -> Diagnostics {
        let cx = self.context(request.capabilities);
        let configured = self.provider.configure(&cx, &request.terraform_version, request.config);
        guarded("the provider", "configuration", configured).await.unwrap_or_else(Diagnostics::from)
    }
}
