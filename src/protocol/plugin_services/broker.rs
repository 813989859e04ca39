//! The broker that core opens and never uses.

use crate::protocol::proto::plugin::grpc_broker_server::GrpcBroker;

/// Answers UNIMPLEMENTED, which core ignores: providers never use brokered connections.
#[derive(Debug)]
pub(crate) struct Broker;

impl GrpcBroker for Broker {}
