//! `GetResourceIdentitySchemas`: the attributes that identify instances (protocol 6.9).

use std::sync::Arc;

use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::get_resource_identity_schemas::{Request, Response};
use crate::protocol::to_proto;

pub(super) async fn answer(server: Arc<Server>, _: Request) -> Response {
    let identity_schemas = server.resources().iter().filter_map(|(name, entry)| {
        let schema = entry.identity_schema.as_ref()?;
        Some(((*name).to_owned(), to_proto::identity_schema(schema)))
    });
    Response { identity_schemas: identity_schemas.collect(), ..Response::default() }
}
