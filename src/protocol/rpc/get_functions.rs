//! `GetFunctions`: OpenTofu asks this for functions that it did not find in the schema.

use std::sync::Arc;

use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::get_functions::{Request, Response};
use crate::protocol::to_proto;

pub(super) async fn answer(server: Arc<Server>, _: Request) -> Response {
    Response { functions: to_proto::functions(&server), ..Response::default() }
}
