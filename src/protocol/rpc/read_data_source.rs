//! `ReadDataSource`.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ReadDataSourceRequest, Server};
use crate::protocol::proto::tfplugin6::read_data_source::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_data_source(server, &request.type_name)?;
    let request = ReadDataSourceRequest {
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        type_name: request.type_name,
    };
    let response = server.read_data_source(request).await;
    let mut diagnostics = response.diagnostics;
    Ok(Response {
        state: to_proto::value(&response.state, &entry.r#type, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
        deferred: None,
    })
}
