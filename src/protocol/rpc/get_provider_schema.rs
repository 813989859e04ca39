//! `GetProviderSchema`: what there is, with all shapes. Core keeps the answer for all its walks.

use std::sync::Arc;

use super::SERVER_CAPABILITIES;
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::ActionSchema;
use crate::protocol::proto::tfplugin6::get_provider_schema::{Request, Response};
use crate::protocol::to_proto;

pub(super) async fn answer(server: Arc<Server>, _: Request) -> Response {
    let resources = server.resources().iter();
    let data_sources = server.data_sources().iter();
    let list_resources = server.list_resources().iter();
    let actions = server.actions().iter();
    Response {
        provider: Some(to_proto::schema(server.provider_schema())),
        resource_schemas: resources
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.schema)))
            .collect(),
        data_source_schemas: data_sources
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.schema)))
            .collect(),
        functions: to_proto::functions(&server),
        list_resource_schemas: list_resources
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.schema)))
            .collect(),
        action_schemas: actions
            .map(|(name, entry)| {
                ((*name).to_owned(), ActionSchema { schema: Some(to_proto::schema(&entry.schema)) })
            })
            .collect(),
        server_capabilities: Some(SERVER_CAPABILITIES),
        ..Response::default()
    }
}
