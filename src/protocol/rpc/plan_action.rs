//! `PlanAction`: nothing is changed.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ActionRequest, Server};
use crate::protocol::proto::tfplugin6::plan_action::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_action(server, &request.action_type)?;
    let request = ActionRequest {
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        type_name: request.action_type,
    };
    let diagnostics = server.plan_action(request).await;
    Ok(Response { diagnostics: to_proto::diagnostics(&diagnostics), deferred: None })
}
