//! `ValidateProviderConfig`.

use super::Server;
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

impl Server {
    /// Checks the provider block against its schema.
    pub fn validate_provider_config(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }
}
