//! `UpgradeResourceState`: called on every refresh and plan, at the same version too.

use std::collections::BTreeMap;

use super::guard::guarded_call;
use super::{ResourceEntry, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::value::json;
use crate::framework::{Diagnostic, Value};

/// A state as it is stored.
#[derive(Debug, Clone, Default)]
pub struct RawState {
    /// JSON of the schema version that wrote it.
    pub json: Vec<u8>,
    /// What Terraform before 0.12 stored instead.
    pub flatmap: BTreeMap<String, String>,
}

/// A stored state to bring to the current shape.
#[derive(Debug, Clone)]
pub struct UpgradeResourceStateRequest {
    /// The Terraform type.
    pub type_name: String,
    /// Schema version that wrote the state.
    pub version: i64,
    /// The state.
    pub raw_state: RawState,
}

/// The state in the current shape.
#[derive(Debug, Clone)]
pub struct UpgradeResourceStateResponse {
    /// Wholly known; null only beside an error.
    pub upgraded_state: Value,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Brings a stored state to the current shape: the resource upgrades older versions, then attributes that
    /// no longer exist are dropped and new ones are null.
    pub fn upgrade_resource_state(
        &self,
        request: &UpgradeResourceStateRequest,
    ) -> UpgradeResourceStateResponse {
        let upgraded = match self.resource(&request.type_name) {
            Some(entry) => upgrade(entry, request.version, &request.raw_state),
            None => Err(unknown_resource_type(&request.type_name)),
        };
        match upgraded {
            Ok(upgraded_state) => {
                UpgradeResourceStateResponse { upgraded_state, diagnostics: Diagnostics::none() }
            }
            Err(diagnostics) => UpgradeResourceStateResponse { upgraded_state: Value::Null, diagnostics },
        }
    }
}

/// A state of this type, as this or an earlier version of the provider stored it.
pub(super) fn upgrade(
    entry: &ResourceEntry,
    version: i64,
    raw_state: &RawState,
) -> Result<Value, Diagnostics> {
    let type_name = entry.resource.type_name();
    let state = raw_state.parse()?;
    let current = entry.schema.version;
    if version > current {
        return Err(Diagnostic::error(
            format!("State of a newer {type_name}"),
            format!(
                "The state was written with schema version {version}; this version of the provider knows up to {current}."
            ),
        )
        .hint("use the provider version that wrote the state, or a newer one")
        .into());
    }
    let state = if version < current {
        guarded_call(type_name, "upgrade", || entry.resource.upgrade(version, state))??
    } else {
        state
    };
    json::adapt(&state, &entry.r#type).map_err(|error| {
        Diagnostic::error(
            format!("Unreadable state of {type_name}"),
            format!("The stored state does not fit schema version {current}: {error}."),
        )
        .into()
    })
}

impl RawState {
    /// The state as JSON.
    pub(super) fn parse(&self) -> Result<serde_json::Value, Diagnostics> {
        if self.json.is_empty() && !self.flatmap.is_empty() {
            return Err(Diagnostic::error(
                "State of a Terraform before 0.12",
                "The stored state has the old flat format, which no version of this provider has written.",
            )
            .into());
        }
        json::parse(&self.json).map_err(|error| {
            Diagnostic::error("Unreadable state", format!("The stored state is damaged: {error}.")).into()
        })
    }
}
