//! Shutdown at core's request.

use tonic::{Request, Response, Status};

use crate::protocol::lifecycle::Lifecycle;
use crate::protocol::proto::plugin::Empty;
use crate::protocol::proto::plugin::grpc_controller_server::GrpcController;

/// Answers `Shutdown` and lets the process leave, which core gives two seconds.
#[derive(Debug)]
pub(crate) struct Controller {
    pub(crate) lifecycle: Lifecycle,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        // The transport ends gracefully, so this very answer still goes out.
        self.lifecycle.depart();
        Ok(Response::new(Empty {}))
    }
}
