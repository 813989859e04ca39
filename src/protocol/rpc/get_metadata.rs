//! `GetMetadata`: what there is, without the shapes.

use std::sync::Arc;

use super::SERVER_CAPABILITIES;
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::get_metadata::{
    ActionMetadata, DataSourceMetadata, FunctionMetadata, ListResourceMetadata, Request, ResourceMetadata,
    Response,
};

pub(super) async fn answer(server: Arc<Server>, _: Request) -> Response {
    let metadata = server.metadata();
    let resources = metadata.resources.iter().map(|name| ResourceMetadata { type_name: (*name).to_owned() });
    let data_sources =
        metadata.data_sources.iter().map(|name| DataSourceMetadata { type_name: (*name).to_owned() });
    let functions = metadata.functions.iter().map(|name| FunctionMetadata { name: (*name).to_owned() });
    let list_resources =
        metadata.list_resources.iter().map(|name| ListResourceMetadata { type_name: (*name).to_owned() });
    let actions = metadata.actions.iter().map(|name| ActionMetadata { type_name: (*name).to_owned() });
    Response {
        server_capabilities: Some(SERVER_CAPABILITIES),
        resources: resources.collect(),
        data_sources: data_sources.collect(),
        functions: functions.collect(),
        list_resources: list_resources.collect(),
        actions: actions.collect(),
        ..Response::default()
    }
}
