//! `UpgradeResourceIdentity`.

use super::{RawState, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::value::json;
use crate::framework::{Diagnostic, Value};

/// A stored identity to bring to the current shape.
#[derive(Debug, Clone)]
pub struct UpgradeResourceIdentityRequest {
    /// The Terraform type.
    pub type_name: String,
    /// Identity schema version that wrote it.
    pub version: i64,
    /// The identity.
    pub raw_identity: RawState,
}

/// The identity in the current shape.
#[derive(Debug, Clone)]
pub struct UpgradeResourceIdentityResponse {
    /// Null only beside an error.
    pub upgraded_identity: Value,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Brings a stored identity to the current shape: attributes that no longer exist are dropped.
    pub fn upgrade_resource_identity(
        &self,
        request: &UpgradeResourceIdentityRequest,
    ) -> UpgradeResourceIdentityResponse {
        match self.upgraded_identity(request) {
            Ok(upgraded_identity) => {
                UpgradeResourceIdentityResponse { upgraded_identity, diagnostics: Diagnostics::none() }
            }
            Err(diagnostics) => {
                UpgradeResourceIdentityResponse { upgraded_identity: Value::Null, diagnostics }
            }
        }
    }

    fn upgraded_identity(&self, request: &UpgradeResourceIdentityRequest) -> Result<Value, Diagnostics> {
        let type_name = &request.type_name;
        let entry = self.resource(type_name).ok_or_else(|| unknown_resource_type(type_name))?;
        let r#type = entry.identity_type.as_ref().ok_or_else(|| {
            Diagnostic::error(
                format!("{type_name} has no identity"),
                "This resource type has none to upgrade.",
            )
        })?;
        let identity = request.raw_identity.parse()?;
        json::adapt(&identity, r#type).map_err(|error| {
            Diagnostic::error(
                format!("Unreadable identity of {type_name}"),
                format!("The stored identity does not fit its schema: {error}."),
            )
            .into()
        })
    }
}
