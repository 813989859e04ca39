//! One file for each RPC: decode, delegate to [`crate::framework::server`], encode.
//!
//! RPCs that are not here answer UNIMPLEMENTED by the generated trait's defaults; core calls them only when
//! the schema advertises their feature (protocol section 1.4). Everything else that goes wrong is a diagnostic
//! in an answer: core shows a gRPC status as an opaque failure of the plugin.

mod answer;
mod apply_resource_change;
mod call_function;
mod configure_provider;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod import_resource_state;
mod invoke_action;
mod list_resource;
mod move_resource_state;
mod plan_action;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod stop_provider;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_data_resource_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;
use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use self::answer::{Answer, Event};
use crate::framework::Diagnostic;
use crate::framework::server::Server;
use crate::protocol::lifecycle::Lifecycle;
use crate::protocol::proto::tfplugin6::provider_server::Provider;
use crate::protocol::proto::tfplugin6::{self as proto, ServerCapabilities};

/// The provider as a gRPC service.
pub(crate) struct ProviderService {
    server: Arc<Server>,
    lifecycle: Lifecycle,
}

impl ProviderService {
    /// Serves `server`'s operations.
    pub(crate) fn new(server: Arc<Server>, lifecycle: Lifecycle) -> Self {
        Self { server, lifecycle }
    }

    /// Runs one RPC.
    ///
    /// It runs in a task of its own: a panic ends nothing but this RPC, and an apply whose client has gone
    /// reaches its own end instead of being dropped between two calls to AWS.
    async fn run<Q, A, F>(
        &self,
        request: Request<Q>,
        rpc: impl FnOnce(Arc<Server>, Q) -> F,
    ) -> Result<Response<A>, Status>
    where
        A: Answer,
        F: Future<Output = A> + Send + 'static,
    {
        let in_flight = self.lifecycle.begin_operation();
        let operation = rpc(Arc::clone(&self.server), request.into_inner());
        let task = tokio::spawn(async move {
            let _in_flight = in_flight;
            operation.await
        });
        let answer = task.await.unwrap_or_else(|_| A::failed(panic_diagnostic().into()));
        Ok(Response::new(answer))
    }

    /// Runs one RPC that answers with a stream, in a task of its own as [`Self::run`] does. The RPC waits while the
    /// client is slower.
    fn stream<Q, E, F>(
        &self,
        request: Request<Q>,
        rpc: impl FnOnce(Arc<Server>, Q, Events<E>) -> F,
    ) -> Response<BoxStream<E>>
    where
        E: Event,
        F: Future<Output = ()> + Send + 'static,
    {
        let in_flight = self.lifecycle.begin_operation();
        let (events, receiver) = mpsc::channel(EVENTS_BUFFERED);
        let operation = rpc(Arc::clone(&self.server), request.into_inner(), events.clone());
        tokio::spawn(async move {
            let _in_flight = in_flight;
            if tokio::spawn(operation).await.is_err() {
                // The client may have gone as well.
                let _ = events.send(Ok(E::failed(panic_diagnostic().into()))).await;
            }
        });
        Response::new(Box::pin(ReceiverStream::new(receiver)))
    }
}

/// Where an RPC sends the events of its answer.
type Events<E> = mpsc::Sender<Result<E, Status>>;

/// Events that wait for a slower client.
const EVENTS_BUFFERED: usize = 16;

/// The words for a panic. Its own message goes to stderr through the panic hook only: it may hold values.
fn panic_diagnostic() -> Diagnostic {
    Diagnostic::error(
        "The provider failed in an unexpected way",
        "The provider panicked. This is a defect of the provider, not of your configuration.",
    )
    .hint("run again with TF_LOG=debug and report the output that follows \"panic:\"")
}

/// What this server can do beyond the base protocol.
const SERVER_CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

/// Implements the generated trait: each method runs the `answer` function of its file. Those after `stream` answer with
/// a stream of events.
macro_rules! serve_rpcs {
    ($($rpc:ident),* $(,)?; stream $($streaming:ident),* $(,)?) => {
        #[tonic::async_trait]
        impl Provider for ProviderService {
            $(async fn $rpc(
                &self,
                request: Request<proto::$rpc::Request>,
            ) -> Result<Response<proto::$rpc::Response>, Status> {
                self.run(request, $rpc::answer).await
            })*

            $(async fn $streaming(
                &self,
                request: Request<proto::$streaming::Request>,
            ) -> Result<Response<BoxStream<proto::$streaming::Event>>, Status> {
                Ok(self.stream(request, $streaming::answer))
            })*
        }
    };
}

serve_rpcs! {
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    configure_provider,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    generate_resource_config,
    read_data_source,
    call_function,
    validate_list_resource_config,
    validate_action_config,
    plan_action,
    stop_provider;
    stream
    list_resource,
    invoke_action,
}
