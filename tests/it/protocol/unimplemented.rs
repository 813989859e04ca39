//! Features that are not offered answer UNIMPLEMENTED; core then never calls them.

use std::sync::Arc;

use terraform_provider_express::protocol::client::InProcess;
use terraform_provider_express::protocol::proto::plugin::ConnInfo;
use terraform_provider_express::protocol::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use terraform_provider_express::protocol::proto::tfplugin6 as proto;
use tonic::Code;

use crate::support::provider::TestProvider;

/// Calls each RPC with an empty request and gives the status codes.
macro_rules! codes_of {
    ($client:expr, $($rpc:ident($request:ty)),* $(,)?) => {
        [$((stringify!($rpc), $client.$rpc(<$request>::default()).await.err().map(|status| status.code()))),*]
    };
}

#[tokio::test]
async fn what_is_not_offered_is_unimplemented() {
    let plugin = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let mut client = plugin.client.provider();
    let codes = codes_of!(
        client,
        validate_ephemeral_resource_config(proto::validate_ephemeral_resource_config::Request),
        open_ephemeral_resource(proto::open_ephemeral_resource::Request),
        renew_ephemeral_resource(proto::renew_ephemeral_resource::Request),
        close_ephemeral_resource(proto::close_ephemeral_resource::Request),
        validate_state_store_config(proto::validate_state_store::Request),
        configure_state_store(proto::configure_state_store::Request),
        read_state_bytes(proto::read_state_bytes::Request),
        lock_state(proto::lock_state::Request),
        unlock_state(proto::unlock_state::Request),
        get_states(proto::get_states::Request),
        delete_state(proto::delete_state::Request),
    );
    for (rpc, code) in codes {
        assert_eq!(code, Some(Code::Unimplemented), "{rpc}");
    }
}

#[tokio::test]
async fn the_broker_that_core_opens_is_unimplemented() {
    let plugin = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let mut broker = GrpcBrokerClient::new(plugin.client.channel());
    let request = tonic::codegen::tokio_stream::iter([ConnInfo::default()]);
    let status = broker.start_stream(request).await.expect_err("nothing to broker");
    assert_eq!(status.code(), Code::Unimplemented);
}
