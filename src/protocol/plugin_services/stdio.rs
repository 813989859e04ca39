//! The stream for copies of stdout and stderr, open and silent.

use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::protocol::lifecycle::Lifecycle;
use crate::protocol::proto::plugin::StdioData;
use crate::protocol::proto::plugin::grpc_stdio_server::GrpcStdio;

/// Keeps the stream open until the process leaves. It also keeps core's connection from being idle.
///
/// Nothing is sent: the log goes to the real stderr, which core reads.
#[derive(Debug)]
pub(crate) struct Stdio {
    pub(crate) lifecycle: Lifecycle,
}

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let departure = self.lifecycle.departure().clone();
        tokio::spawn(async move {
            tokio::select! {
                () = departure.cancelled() => {}
                () = sender.closed() => {}
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}
