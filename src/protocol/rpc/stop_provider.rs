//! `StopProvider`: work in flight ends early, with what exists so far. The server goes on serving.

use std::sync::Arc;

use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::stop_provider::{Request, Response};

pub(super) async fn answer(server: Arc<Server>, _: Request) -> Response {
    tracing::info!("operations in flight are being stopped");
    server.stop();
    Response::default()
}
