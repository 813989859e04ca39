//! Calls in the framework's types.

use std::sync::Arc;

use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

use crate::framework::function::FunctionError;
use crate::framework::server::{
    ApplyResourceChangeRequest, ApplyResourceChangeResponse, ClientCapabilities, ConfigureRequest,
    ImportResourceStateRequest, ImportResourceStateResponse, ImportedResource, MoveResourceStateRequest,
    MoveResourceStateResponse, PlanResourceChangeRequest, PlanResourceChangeResponse, ReadDataSourceRequest,
    ReadDataSourceResponse, ReadResourceRequest, ReadResourceResponse, UpgradeResourceIdentityRequest,
    UpgradeResourceIdentityResponse, UpgradeResourceStateRequest, UpgradeResourceStateResponse,
};
use crate::framework::{Diagnostics, Type, Value};
use crate::protocol::client::certificate::ClientCertificate;
use crate::protocol::client::connect::{ConnectError, HandshakeLine, connect};
use crate::protocol::client::types::Types;
use crate::protocol::client::wire::{capabilities, decode, diagnostics, encode, path, raw_state};
use crate::protocol::plugin::MESSAGE_BYTES_MAX;
use crate::protocol::proto::plugin::grpc_controller_client::GrpcControllerClient;
use crate::protocol::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use crate::protocol::proto::plugin::{Empty, StdioData};
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::provider_client::ProviderClient;

/// A connected client. It knows the provider's schema, so that it can encode and decode values.
///
/// Every call fails with a status only if the transport or the server does, or if a value does not have its
/// type; what a provider has to say is in the answers' diagnostics.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    pub(super) types: Arc<Types>,
}

impl Client {
    /// Connects where `handshake_line` points and asks for the schemas.
    pub async fn connect(
        handshake_line: &str,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Self, ConnectError> {
        let line = HandshakeLine::parse(handshake_line)?;
        let channel = connect(&line, certificate).await?;
        let mut provider = provider_client(&channel);
        let schemas = provider.get_provider_schema(proto::get_provider_schema::Request {}).await?;
        let identities =
            provider.get_resource_identity_schemas(proto::get_resource_identity_schemas::Request {}).await?;
        let types = Types::of(schemas.get_ref(), identities.get_ref())?;
        Ok(Self { channel, types: Arc::new(types) })
    }

    /// The generated client, for what the other methods do not say.
    pub fn provider(&self) -> ProviderClient<Channel> {
        provider_client(&self.channel)
    }

    /// The connection, for go-plugin's other services.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The type of a resource's values.
    pub fn resource_type(&self, type_name: &str) -> Result<&Type, Status> {
        self.types.resources.get(type_name).ok_or_else(|| Status::not_found(type_name))
    }

    /// Asks the process to leave.
    pub async fn shutdown(&self) -> Result<(), Status> {
        GrpcControllerClient::new(self.channel()).shutdown(Empty {}).await.map(|_| ())
    }

    /// Opens the stream that core opens at every start.
    pub async fn stream_stdio(&self) -> Result<Streaming<StdioData>, Status> {
        Ok(GrpcStdioClient::new(self.channel()).stream_stdio(Request::new(())).await?.into_inner())
    }

    /// `StopProvider`.
    pub async fn stop(&self) -> Result<String, Status> {
        Ok(self.provider().stop_provider(proto::stop_provider::Request {}).await?.into_inner().error)
    }

    /// `ValidateProviderConfig`.
    pub async fn validate_provider_config(&self, config: &Value) -> Result<Diagnostics, Status> {
        let config = encode(config, &self.types.provider)?;
        let request = proto::validate_provider_config::Request { config };
        let response = self.provider().validate_provider_config(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `ConfigureProvider`.
    pub async fn configure(&self, request: ConfigureRequest) -> Result<Diagnostics, Status> {
        let request = proto::configure_provider::Request {
            terraform_version: request.terraform_version,
            config: encode(&request.config, &self.types.provider)?,
            client_capabilities: capabilities(request.capabilities),
        };
        let response = self.provider().configure_provider(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `ValidateResourceConfig`.
    pub async fn validate_resource_config(
        &self,
        type_name: &str,
        config: &Value,
    ) -> Result<Diagnostics, Status> {
        let request = proto::validate_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(config, self.resource_type(type_name)?)?,
            client_capabilities: capabilities(ALL_CAPABILITIES),
        };
        let response = self.provider().validate_resource_config(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `ValidateDataResourceConfig`.
    pub async fn validate_data_source_config(
        &self,
        type_name: &str,
        config: &Value,
    ) -> Result<Diagnostics, Status> {
        let config = encode(config, self.data_source_type(type_name)?)?;
        let request =
            proto::validate_data_resource_config::Request { type_name: type_name.to_owned(), config };
        let response = self.provider().validate_data_resource_config(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `UpgradeResourceState`.
    pub async fn upgrade_resource_state(
        &self,
        request: UpgradeResourceStateRequest,
    ) -> Result<UpgradeResourceStateResponse, Status> {
        let r#type = self.resource_type(&request.type_name)?;
        let request = proto::upgrade_resource_state::Request {
            version: request.version,
            raw_state: Some(raw_state(request.raw_state)),
            type_name: request.type_name,
        };
        let response = self.provider().upgrade_resource_state(request).await?.into_inner();
        Ok(UpgradeResourceStateResponse {
            upgraded_state: decode(response.upgraded_state, r#type)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `UpgradeResourceIdentity`.
    pub async fn upgrade_resource_identity(
        &self,
        request: UpgradeResourceIdentityRequest,
    ) -> Result<UpgradeResourceIdentityResponse, Status> {
        let type_name = request.type_name.clone();
        let request = proto::upgrade_resource_identity::Request {
            version: request.version,
            raw_identity: Some(raw_state(request.raw_identity)),
            type_name: request.type_name,
        };
        let response = self.provider().upgrade_resource_identity(request).await?.into_inner();
        let identity = self.decode_identity(response.upgraded_identity, &type_name)?;
        Ok(UpgradeResourceIdentityResponse {
            upgraded_identity: identity.unwrap_or(Value::Null),
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `ReadResource`.
    pub async fn read_resource(&self, request: ReadResourceRequest) -> Result<ReadResourceResponse, Status> {
        let (type_name, r#type) = (request.type_name.clone(), self.resource_type(&request.type_name)?);
        let request = proto::read_resource::Request {
            current_state: encode(&request.current_state, r#type)?,
            private: request.private,
            client_capabilities: capabilities(request.capabilities),
            current_identity: self.encode_identity(request.current_identity.as_ref(), &type_name)?,
            type_name: request.type_name,
            provider_meta: None,
        };
        let response = self.provider().read_resource(request).await?.into_inner();
        Ok(ReadResourceResponse {
            new_state: decode(response.new_state, r#type)?,
            private: response.private,
            new_identity: self.decode_identity(response.new_identity, &type_name)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `PlanResourceChange`.
    pub async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
    ) -> Result<PlanResourceChangeResponse, Status> {
        let (type_name, r#type) = (request.type_name.clone(), self.resource_type(&request.type_name)?);
        let request = proto::plan_resource_change::Request {
            prior_state: encode(&request.prior_state, r#type)?,
            proposed_new_state: encode(&request.proposed_new_state, r#type)?,
            config: encode(&request.config, r#type)?,
            prior_private: request.prior_private,
            client_capabilities: capabilities(request.capabilities),
            prior_identity: self.encode_identity(request.prior_identity.as_ref(), &type_name)?,
            type_name: request.type_name,
            provider_meta: None,
            planned_private: Vec::new(),
        };
        let response = self.provider().plan_resource_change(request).await?.into_inner();
        Ok(PlanResourceChangeResponse {
            planned_state: decode(response.planned_state, r#type)?,
            requires_replace: response.requires_replace.into_iter().map(path).collect(),
            planned_private: response.planned_private,
            planned_identity: self.decode_identity(response.planned_identity, &type_name)?,
            diagnostics: diagnostics(response.diagnostics),
            subject: None,
        })
    }

    /// `ApplyResourceChange`.
    pub async fn apply_resource_change(
        &self,
        request: ApplyResourceChangeRequest,
    ) -> Result<ApplyResourceChangeResponse, Status> {
        let (type_name, r#type) = (request.type_name.clone(), self.resource_type(&request.type_name)?);
        let request = proto::apply_resource_change::Request {
            prior_state: encode(&request.prior_state, r#type)?,
            planned_state: encode(&request.planned_state, r#type)?,
            config: encode(&request.config, r#type)?,
            planned_private: request.planned_private,
            planned_identity: self.encode_identity(request.planned_identity.as_ref(), &type_name)?,
            type_name: request.type_name,
            provider_meta: None,
        };
        let response = self.provider().apply_resource_change(request).await?.into_inner();
        Ok(ApplyResourceChangeResponse {
            new_state: decode(response.new_state, r#type)?,
            private: response.private,
            new_identity: self.decode_identity(response.new_identity, &type_name)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `ImportResourceState`.
    pub async fn import_resource_state(
        &self,
        request: ImportResourceStateRequest,
    ) -> Result<ImportResourceStateResponse, Status> {
        let identity = self.encode_identity(request.identity.as_ref(), &request.type_name)?;
        let request = proto::import_resource_state::Request {
            type_name: request.type_name,
            id: request.id,
            client_capabilities: capabilities(request.capabilities),
            identity,
        };
        let response = self.provider().import_resource_state(request).await?.into_inner();
        let imported_resources = response.imported_resources.into_iter().map(|imported| {
            Ok(ImportedResource {
                state: decode(imported.state, self.resource_type(&imported.type_name)?)?,
                identity: self.decode_identity(imported.identity, &imported.type_name)?,
                private: imported.private,
                type_name: imported.type_name,
            })
        });
        Ok(ImportResourceStateResponse {
            imported_resources: imported_resources.collect::<Result<_, Status>>()?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `MoveResourceState`.
    pub async fn move_resource_state(
        &self,
        request: MoveResourceStateRequest,
    ) -> Result<MoveResourceStateResponse, Status> {
        let target = request.target_type_name.clone();
        let r#type = self.resource_type(&target)?;
        let request = proto::move_resource_state::Request {
            source_provider_address: request.source_provider_address,
            source_type_name: request.source_type_name,
            source_schema_version: request.source_schema_version,
            source_state: Some(raw_state(request.source_state)),
            target_type_name: request.target_type_name,
            source_private: request.source_private,
            source_identity: None,
            source_identity_schema_version: 0,
        };
        let response = self.provider().move_resource_state(request).await?.into_inner();
        Ok(MoveResourceStateResponse {
            target_state: decode(response.target_state, r#type)?,
            target_private: response.target_private,
            target_identity: self.decode_identity(response.target_identity, &target)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `ReadDataSource`.
    pub async fn read_data_source(
        &self,
        request: ReadDataSourceRequest,
    ) -> Result<ReadDataSourceResponse, Status> {
        let r#type = self.data_source_type(&request.type_name)?;
        let request = proto::read_data_source::Request {
            config: encode(&request.config, r#type)?,
            client_capabilities: capabilities(request.capabilities),
            type_name: request.type_name,
            provider_meta: None,
        };
        let response = self.provider().read_data_source(request).await?.into_inner();
        Ok(ReadDataSourceResponse {
            state: decode(response.state, r#type)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `CallFunction`.
    pub async fn call_function(
        &self,
        name: &str,
        arguments: &[Value],
    ) -> Result<Result<Value, FunctionError>, Status> {
        let (parameters, variadic, result) =
            self.types.functions.get(name).ok_or_else(|| Status::not_found(name))?;
        let arguments = arguments.iter().enumerate().map(|(position, argument)| {
            let r#type = parameters.get(position).or(variadic.as_ref());
            encode(argument, r#type.ok_or_else(|| Status::invalid_argument("too many arguments"))?)
        });
        let arguments: Vec<_> = arguments.collect::<Result<_, Status>>()?;
        let request = proto::call_function::Request {
            name: name.to_owned(),
            arguments: arguments.into_iter().flatten().collect(),
        };
        let response = self.provider().call_function(request).await?.into_inner();
        match response.error {
            None => Ok(Ok(decode(response.result, result)?)),
            Some(error) => Ok(Err(FunctionError {
                text: error.text,
                argument: error.function_argument.and_then(|argument| usize::try_from(argument).ok()),
            })),
        }
    }

    fn data_source_type(&self, type_name: &str) -> Result<&Type, Status> {
        self.types.data_sources.get(type_name).ok_or_else(|| Status::not_found(type_name))
    }

    fn encode_identity(
        &self,
        identity: Option<&Value>,
        type_name: &str,
    ) -> Result<Option<proto::ResourceIdentityData>, Status> {
        let (Some(identity), Some(r#type)) = (identity, self.types.identities.get(type_name)) else {
            return Ok(None);
        };
        Ok(Some(proto::ResourceIdentityData { identity_data: encode(identity, r#type)? }))
    }

    pub(super) fn decode_identity(
        &self,
        identity: Option<proto::ResourceIdentityData>,
        type_name: &str,
    ) -> Result<Option<Value>, Status> {
        let (Some(identity), Some(r#type)) = (identity, self.types.identities.get(type_name)) else {
            return Ok(None);
        };
        decode(identity.identity_data, r#type).map(Some)
    }
}

/// What a new core can take.
const ALL_CAPABILITIES: ClientCapabilities =
    ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

fn provider_client(channel: &Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel.clone())
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX)
}
