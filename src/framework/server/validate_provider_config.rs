//! `ValidateProviderConfig`.

use super::Server;
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::validation::validate_config;

impl Server {
    /// Checks the provider block against its schema, then as the provider itself does.
    pub fn validate_provider_config(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate_config(&self.members, config);
        diagnostics.extend(self.provider.validate(config));
        diagnostics
    }
}
