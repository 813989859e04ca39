//! The operations behind each RPC, in the framework's own types: decode, call one of these, encode.
//!
//! One file for each operation, its request and its response beside it. A request's values have the type of
//! the [`ResourceEntry`], [`DataSourceEntry`] or provider they are for; a response's values have it too.

mod apply_resource_change;
mod call_function;
mod configure;
mod entries;
mod generate_resource_config;
mod guard;
mod identity;
mod import_resource_state;
mod invoke_action;
mod list_resource;
mod metadata;
mod move_resource_state;
mod plan_action;
mod plan_resource_change;
mod problems;
mod read_data_source;
mod read_resource;
mod replacement_mark;
mod returned;
mod stop;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_data_source_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::framework::diagnostics::Diagnostics;
use crate::framework::provider::Provider;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::{Context, Diagnostic, Type};
use stop::Stop;

pub use apply_resource_change::{ApplyResourceChangeRequest, ApplyResourceChangeResponse};
pub use configure::ConfigureRequest;
pub use entries::{ActionEntry, DataSourceEntry, FunctionEntry, ListResourceEntry, ResourceEntry};
pub use generate_resource_config::GenerateResourceConfigResponse;
pub use import_resource_state::{ImportResourceStateRequest, ImportResourceStateResponse, ImportedResource};
pub use list_resource::{ListResourceEvent, ListResourceRequest};
pub use metadata::Metadata;
pub use move_resource_state::{MoveResourceStateRequest, MoveResourceStateResponse};
pub use plan_action::ActionRequest;
pub use plan_resource_change::{PlanResourceChangeRequest, PlanResourceChangeResponse};
pub use read_data_source::{ReadDataSourceRequest, ReadDataSourceResponse};
pub use read_resource::{ReadResourceRequest, ReadResourceResponse};
pub use upgrade_resource_identity::{UpgradeResourceIdentityRequest, UpgradeResourceIdentityResponse};
pub use upgrade_resource_state::{RawState, UpgradeResourceStateRequest, UpgradeResourceStateResponse};

/// What core says that it can take; part of most requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// Core accepts a deferred answer.
    pub deferral_allowed: bool,
    /// Core sends and expects write-only attributes.
    pub write_only_attributes_allowed: bool,
}

/// A provider with its look-up tables. Schemas and types are computed once; every operation may run
/// concurrently with every other.
pub struct Server {
    provider: Arc<dyn Provider>,
    schema: Schema,
    r#type: Type,
    members: Vec<Attribute>,
    resources: BTreeMap<&'static str, ResourceEntry>,
    data_sources: BTreeMap<&'static str, DataSourceEntry>,
    functions: BTreeMap<&'static str, FunctionEntry>,
    list_resources: BTreeMap<&'static str, ListResourceEntry>,
    actions: BTreeMap<&'static str, ActionEntry>,
    /// What ends everything in flight; replaced by each stop.
    stop: Mutex<Stop>,
    /// Whether core has refreshed a resource in this process, which it does to plan and never to apply.
    has_refreshed: AtomicBool,
}

impl Server {
    /// Asks the provider for everything it offers.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        let schema = provider.schema();
        Self {
            r#type: schema.r#type(),
            members: schema.members(),
            schema,
            resources: provider.resources().into_iter().map(ResourceEntry::keyed).collect(),
            data_sources: provider.data_sources().into_iter().map(DataSourceEntry::keyed).collect(),
            functions: provider.functions().into_iter().map(FunctionEntry::keyed).collect(),
            list_resources: provider.list_resources().into_iter().map(ListResourceEntry::keyed).collect(),
            actions: provider.actions().into_iter().map(ActionEntry::keyed).collect(),
            provider,
            stop: Mutex::default(),
            has_refreshed: AtomicBool::new(false),
        }
    }

    /// The provider block.
    pub fn provider_schema(&self) -> &Schema {
        &self.schema
    }

    /// The type of the provider block's values.
    pub fn provider_type(&self) -> &Type {
        &self.r#type
    }

    /// The managed resource of this Terraform type.
    pub fn resource(&self, type_name: &str) -> Option<&ResourceEntry> {
        self.resources.get(type_name)
    }

    /// Every managed resource by Terraform type.
    pub fn resources(&self) -> &BTreeMap<&'static str, ResourceEntry> {
        &self.resources
    }

    /// The data source of this Terraform type.
    pub fn data_source(&self, type_name: &str) -> Option<&DataSourceEntry> {
        self.data_sources.get(type_name)
    }

    /// Every data source by Terraform type.
    pub fn data_sources(&self) -> &BTreeMap<&'static str, DataSourceEntry> {
        &self.data_sources
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&FunctionEntry> {
        self.functions.get(name)
    }

    /// Every function by name.
    pub fn functions(&self) -> &BTreeMap<&'static str, FunctionEntry> {
        &self.functions
    }

    /// What lists the managed resources of this Terraform type.
    pub fn list_resource_entry(&self, type_name: &str) -> Option<&ListResourceEntry> {
        self.list_resources.get(type_name)
    }

    /// Everything that lists, by Terraform type.
    pub fn list_resources(&self) -> &BTreeMap<&'static str, ListResourceEntry> {
        &self.list_resources
    }

    /// The action of this Terraform type.
    pub fn action(&self, type_name: &str) -> Option<&ActionEntry> {
        self.actions.get(type_name)
    }

    /// Every action by Terraform type.
    pub fn actions(&self) -> &BTreeMap<&'static str, ActionEntry> {
        &self.actions
    }

    /// Whether a plan is asked for in the middle of an apply, with values that only became known there. No request says so.
    /// Cores since Terraform 1.9 allow deferral then and not while they plan (facts, cores), except for those that try
    /// deferral out, which refresh in the same process. `false` with cores that do not say enough.
    fn is_applying(&self, capabilities: ClientCapabilities) -> bool {
        capabilities.deferral_allowed && !self.has_refreshed.load(Ordering::Relaxed)
    }

    fn context(&self, capabilities: ClientCapabilities) -> Context {
        let stop = self.stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Context {
            cancellation: stop.cancellation.child_token(),
            asked_to_stop: stop.asked_by_core.clone(),
            deferral_allowed: capabilities.deferral_allowed,
            write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
        }
    }
}

/// The answer to a resource type that the provider does not have.
pub fn unknown_resource_type(type_name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unknown resource type {type_name}"),
        "The provider has no managed resource of this type. This version may be older than the configuration \
         or the state.",
    )
    .into()
}

/// The answer to a data source type that the provider does not have.
pub fn unknown_data_source_type(type_name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unknown data source type {type_name}"),
        "The provider has no data source of this type. This version may be older than the configuration.",
    )
    .into()
}

/// The answer to a list resource type that the provider does not have.
pub fn unknown_list_resource_type(type_name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unknown list resource type {type_name}"),
        "The provider cannot list objects of this type. This version may be older than the configuration.",
    )
    .into()
}

/// The answer to an action type that the provider does not have.
pub fn unknown_action_type(type_name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unknown action type {type_name}"),
        "The provider has no action of this type. This version may be older than the configuration.",
    )
    .into()
}

#[cfg(test)]
mod tests;
