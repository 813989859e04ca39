//! `PlanResourceChange`.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{PlanResourceChangeRequest, Server};
use crate::protocol::proto::tfplugin6::plan_resource_change::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let request = PlanResourceChangeRequest {
        prior_state: from_proto::value(request.prior_state, &entry.r#type, "prior state")?,
        proposed_new_state: from_proto::value(request.proposed_new_state, &entry.r#type, "proposed state")?,
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        prior_private: request.prior_private,
        prior_identity: from_proto::identity(request.prior_identity, entry)?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        type_name: request.type_name,
    };
    let response = server.plan_resource_change(request).await;
    let mut diagnostics = match &response.subject {
        Some(subject) => response.diagnostics.naming(subject),
        None => response.diagnostics,
    };
    Ok(Response {
        planned_state: to_proto::value(&response.planned_state, &entry.r#type, &mut diagnostics),
        requires_replace: response.requires_replace.iter().map(to_proto::path).collect(),
        planned_private: response.planned_private,
        planned_identity: to_proto::identity(response.planned_identity.as_ref(), entry, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
        legacy_type_system: false,
        deferred: None,
    })
}
