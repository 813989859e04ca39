//! `MoveResourceState`: a `moved` block between two resource types, or of one type between two providers' addresses.

use super::guard::guarded_call;
use super::upgrade_resource_state::upgrade;
use super::{RawState, ResourceEntry, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{MoveSource, Private};
use crate::framework::{Diagnostic, Value};

/// A state of another type to take over.
#[derive(Debug, Clone)]
pub struct MoveResourceStateRequest {
    /// For example `registry.terraform.io/hashicorp/aws`.
    pub source_provider_address: String,
    /// For example `aws_ecs_express_gateway_service`.
    pub source_type_name: String,
    /// Version of the source's schema.
    pub source_schema_version: i64,
    /// The state.
    pub source_state: RawState,
    /// The source's opaque bytes.
    pub source_private: Private,
    /// Our Terraform type.
    pub target_type_name: String,
}

/// The state in our shape.
#[derive(Debug, Clone)]
pub struct MoveResourceStateResponse {
    /// Wholly known; null only beside an error.
    pub target_state: Value,
    /// Opaque bytes to keep.
    pub target_private: Private,
    /// The identity; `None`: the resource has none or it is not known.
    pub target_identity: Option<Value>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Takes over the state of another resource type.
    pub fn move_resource_state(&self, request: MoveResourceStateRequest) -> MoveResourceStateResponse {
        self.moved(request).unwrap_or_else(|diagnostics| MoveResourceStateResponse {
            target_state: Value::Null,
            target_private: Vec::new(),
            target_identity: None,
            diagnostics,
        })
    }

    fn moved(&self, request: MoveResourceStateRequest) -> Result<MoveResourceStateResponse, Diagnostics> {
        let target = request.target_type_name;
        let entry = self.resource(&target).ok_or_else(|| unknown_resource_type(&target))?;
        if request.source_type_name == target {
            return readdressed(
                entry,
                &request.source_state,
                request.source_schema_version,
                request.source_private,
            );
        }
        let (source, provider) = (request.source_type_name.clone(), request.source_provider_address.clone());
        let source_state = MoveSource {
            provider_address: request.source_provider_address,
            type_name: request.source_type_name,
            schema_version: request.source_schema_version,
            state: request.source_state.parse()?,
            private: request.source_private,
        };
        let moved = guarded_call(&target, "move", || entry.resource.move_from(source_state))?;
        let Some(mut outcome) = moved else {
            return Err(Diagnostic::error(
                format!("Cannot move {source} to {target}"),
                format!("{target} does not know how to take over the state of {source} of {provider}."),
            )
            .into());
        };
        let diagnostics = &mut outcome.diagnostics;
        if outcome.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(entry.defect("move", "It reported success, but returned no state."));
        }
        let state = outcome.state.and_then(|state| entry.checked("move", state, diagnostics));
        let target_state = state.map_or(Value::Null, Value::with_unknown_as_null);
        Ok(MoveResourceStateResponse {
            target_identity: entry.identity_of(&target_state, None),
            target_state,
            target_private: outcome.private,
            diagnostics: outcome.diagnostics,
        })
    }
}

/// The state of our own type, which another address of this provider wrote: another registry, a mirror, an earlier
/// namespace. It is brought to the current shape as any stored state, and its private bytes are our own.
fn readdressed(
    entry: &ResourceEntry,
    state: &RawState,
    version: i64,
    private: Private,
) -> Result<MoveResourceStateResponse, Diagnostics> {
    let target_state = upgrade(entry, version, state)?;
    Ok(MoveResourceStateResponse {
        target_identity: entry.identity_of(&target_state, None),
        target_state,
        target_private: private,
        diagnostics: Diagnostics::none(),
    })
}
