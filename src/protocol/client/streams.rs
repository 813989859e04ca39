//! Calls that newer cores make: listing, actions, generated configurations.

use tonic::Status;

use super::calls::Client;
use super::wire::{capabilities, decode, diagnostics, encode};
use crate::framework::list_resource::Listed;
use crate::framework::server::{
    ActionRequest, ClientCapabilities, GenerateResourceConfigResponse, ListResourceRequest,
};
use crate::framework::{Diagnostics, Type, Value};
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::invoke_action::event;

/// What a listing answered.
#[derive(Debug)]
pub struct Listing {
    /// What was found, in the order of the answer.
    pub listed: Vec<Listed>,
    /// What the user is told besides.
    pub diagnostics: Diagnostics,
}

/// What an action answered.
#[derive(Debug)]
pub struct Invocation {
    /// Each line of progress.
    pub progress: Vec<String>,
    /// How it ended; `None`: the stream ended without saying.
    pub completed: Option<Diagnostics>,
}

impl Client {
    /// `GenerateResourceConfig`.
    pub async fn generate_resource_config(
        &self,
        type_name: &str,
        state: &Value,
    ) -> Result<GenerateResourceConfigResponse, Status> {
        let r#type = self.resource_type(type_name)?;
        let request = proto::generate_resource_config::Request {
            type_name: type_name.to_owned(),
            state: encode(state, r#type)?,
        };
        let response = self.provider().generate_resource_config(request).await?.into_inner();
        Ok(GenerateResourceConfigResponse {
            config: decode(response.config, r#type)?,
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    /// `ValidateListResourceConfig`.
    pub async fn validate_list_resource_config(
        &self,
        type_name: &str,
        config: &Value,
    ) -> Result<Diagnostics, Status> {
        let request = proto::validate_list_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(config, self.list_resource_type(type_name)?)?,
            include_resource_object: encode(&Value::Bool(false), &Type::Bool)?,
            limit: None,
        };
        let response = self.provider().validate_list_resource_config(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `ListResource`, read to its end.
    pub async fn list_resource(&self, request: ListResourceRequest) -> Result<Listing, Status> {
        let type_name = request.type_name.clone();
        let r#type = self.resource_type(&type_name)?;
        let request = proto::list_resource::Request {
            config: encode(&request.config, self.list_resource_type(&type_name)?)?,
            include_resource_object: request.includes_resource,
            limit: request.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or_default(),
            type_name: request.type_name,
        };
        let mut events = self.provider().list_resource(request).await?.into_inner();
        let mut listing = Listing { listed: Vec::new(), diagnostics: Diagnostics::none() };
        while let Some(event) = events.message().await? {
            match self.decode_identity(event.identity, &type_name)? {
                Some(identity) => listing.listed.push(Listed {
                    identity,
                    display_name: event.display_name,
                    resource: event.resource_object.map(|object| decode(Some(object), r#type)).transpose()?,
                    diagnostics: diagnostics(event.diagnostic),
                }),
                None => listing.diagnostics.extend(diagnostics(event.diagnostic)),
            }
        }
        Ok(listing)
    }

    /// `ValidateActionConfig`.
    pub async fn validate_action_config(
        &self,
        type_name: &str,
        config: &Value,
    ) -> Result<Diagnostics, Status> {
        let request = proto::validate_action_config::Request {
            type_name: type_name.to_owned(),
            config: encode(config, self.action_type(type_name)?)?,
        };
        let response = self.provider().validate_action_config(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `PlanAction`.
    pub async fn plan_action(&self, request: ActionRequest) -> Result<Diagnostics, Status> {
        let request = proto::plan_action::Request {
            config: encode(&request.config, self.action_type(&request.type_name)?)?,
            client_capabilities: capabilities(request.capabilities),
            action_type: request.type_name,
        };
        let response = self.provider().plan_action(request).await?.into_inner();
        Ok(diagnostics(response.diagnostics))
    }

    /// `InvokeAction`, read to its end.
    pub async fn invoke_action(&self, type_name: &str, config: &Value) -> Result<Invocation, Status> {
        let request = proto::invoke_action::Request {
            config: encode(config, self.action_type(type_name)?)?,
            client_capabilities: capabilities(ClientCapabilities::default()),
            action_type: type_name.to_owned(),
        };
        let mut events = self.provider().invoke_action(request).await?.into_inner();
        let mut invocation = Invocation { progress: Vec::new(), completed: None };
        while let Some(event) = events.message().await? {
            match event.r#type {
                Some(event::Type::Progress(progress)) => invocation.progress.push(progress.message),
                Some(event::Type::Completed(completed)) => {
                    invocation.completed = Some(diagnostics(completed.diagnostics));
                }
                None => return Err(Status::data_loss("an event of no kind")),
            }
        }
        Ok(invocation)
    }

    /// The type of a list resource's configuration.
    pub fn list_resource_type(&self, type_name: &str) -> Result<&Type, Status> {
        self.types.list_resources.get(type_name).ok_or_else(|| Status::not_found(type_name))
    }

    /// The type of an action's configuration.
    pub fn action_type(&self, type_name: &str) -> Result<&Type, Status> {
        self.types.actions.get(type_name).ok_or_else(|| Status::not_found(type_name))
    }
}
