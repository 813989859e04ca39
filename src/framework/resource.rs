//! Managed resources: the typed trait that a resource implements.

use std::future::Future;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Model, Path, Value};

/// Opaque bytes that core keeps beside a resource's state.
pub type Private = Vec<u8>;

/// A managed resource of one Terraform type.
///
/// The framework decodes, applies the schema's plan behaviour and checks core's rules around these methods;
/// a method sees typed models only. Models handed in have the schema's shape.
///
/// # Guarantees that an implementation must give
/// - [`Outcome::state`] is set as soon as anything exists, whatever fails later.
/// - Planning is deterministic: no clock, no randomness.
/// - Every method returns soon after `cx.cancellation` is cancelled, with what exists and an error.
pub trait Resource: Send + Sync + 'static {
    /// One field for each attribute of the schema.
    type Model: Model + Clone + Send + Sync + 'static;

    /// The Terraform type, for example `express_gateway_service`.
    fn type_name(&self) -> &'static str;

    /// Attributes, validators, plan behaviour and documentation.
    fn schema(&self) -> Schema;

    /// The identity of an instance (protocol 6.9), if it has one.
    fn identity_schema(&self) -> Option<IdentitySchema> {
        None
    }

    /// The identity that belongs to a state; `None` while it is not known.
    fn identity(&self, state: &Self::Model) -> Option<Value> {
        let _ = state;
        None
    }

    /// What an instance is called, for warnings: core folds those of one summary into the first, whose place is the only
    /// one that it shows. `None` while it is not known.
    fn subject(&self, planned: &Self::Model) -> Option<String> {
        let _ = planned;
        None
    }

    /// Checks that a schema's validators cannot express. Must say nothing about unknown values.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Adjusts the plan that the schema's behaviour produced. Not called for a destroy.
    fn plan(&self, cx: &Context, plan: &mut Plan<Self::Model>) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, plan);
        async { Diagnostics::none() }
    }

    /// What a user is told when a destroy is planned.
    fn plan_destroy(&self, cx: &Context, prior: &Self::Model) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, prior);
        async { Diagnostics::none() }
    }

    /// Creates the object.
    fn create(
        &self,
        cx: &Context,
        change: Change<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Reads the object; no state means that it is gone.
    fn read(
        &self,
        cx: &Context,
        current: Current<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Changes the object in place.
    fn update(
        &self,
        cx: &Context,
        change: Change<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Removes the object; no state means that it is gone.
    fn delete(
        &self,
        cx: &Context,
        current: Current<Self::Model>,
    ) -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Finds the object that a user names. Core reads it right afterwards.
    fn import(&self, cx: &Context, target: ImportTarget)
    -> impl Future<Output = Outcome<Self::Model>> + Send;

    /// Brings a state of an older schema version to the current shape, as JSON of the current schema.
    /// The framework then drops attributes that no longer exist and adds new ones as null.
    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let _ = version;
        Ok(state)
    }

    /// Takes over the state of another resource type; `None`: that type is not one we know.
    fn move_from(&self, source: MoveSource) -> Option<Outcome<Self::Model>> {
        let _ = source;
        None
    }

    /// Adjusts the configuration that is generated for an imported object: `config` is its state without what only
    /// the provider knows. What is left must plan no change.
    fn generate_config(&self, config: Self::Model) -> Self::Model {
        config
    }
}

/// The plan under construction.
#[derive(Debug, Clone)]
pub struct Plan<M> {
    /// What the user wrote.
    pub config: M,
    /// The state before; `None` for a create.
    pub prior: Option<M>,
    /// The state after, as the schema's behaviour planned it.
    pub planned: M,
    /// Attributes whose change forces a replacement. Paths whose value does not change are dropped.
    pub requires_replace: Vec<Path>,
    /// Whether something live is destroyed if this plan replaces. True whenever an object exists, unless the resource
    /// says that it serves nobody; in the create half of a replacement, what the first half said; false in a create.
    pub replaces_live: bool,
    /// Opaque bytes from the state; what is left here reaches apply.
    pub private: Private,
}

/// A create or an update to carry out.
#[derive(Debug, Clone)]
pub struct Change<M> {
    /// What the user wrote; write-only values are only here.
    pub config: M,
    /// The state before; `None` for a create.
    pub prior: Option<M>,
    /// The state that was promised; unknown values are for the resource to fill in.
    pub planned: M,
    /// Opaque bytes from the plan.
    pub private: Private,
}

/// The state of an existing object.
#[derive(Debug, Clone)]
pub struct Current<M> {
    /// What the state says.
    pub state: M,
    /// Opaque bytes from the state.
    pub private: Private,
}

/// What exists after an operation, whether it succeeded or not.
#[derive(Debug, Clone)]
pub struct Outcome<M> {
    /// What exists now; `None`: nothing.
    pub state: Option<M>,
    /// Opaque bytes to keep beside the state.
    pub private: Private,
    /// What the user is told; an error makes a create tainted and an update failed.
    pub diagnostics: Diagnostics,
}

/// What a user names when importing.
#[derive(Debug, Clone)]
pub enum ImportTarget {
    /// `terraform import ADDRESS ID` or `import { id = ... }`.
    Id(String),
    /// `import { identity = {...} }`: an object of the identity schema.
    Identity(Value),
}

/// A state of another type that a `moved` block hands over.
#[derive(Debug, Clone)]
pub struct MoveSource {
    /// For example `registry.terraform.io/hashicorp/aws`.
    pub provider_address: String,
    /// For example `aws_ecs_express_gateway_service`.
    pub type_name: String,
    /// Version of the source's schema.
    pub schema_version: i64,
    /// The state as JSON of the source's schema.
    pub state: serde_json::Value,
    /// The source's opaque bytes.
    pub private: Private,
}

/// The attributes that identify an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySchema {
    /// Version of this identity schema.
    pub version: i64,
    /// Attributes in order.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityAttribute {
    /// Name.
    pub name: &'static str,
    /// Type: a primitive or a list of primitives.
    pub r#type: crate::framework::Type,
    /// Must be written in an import block; otherwise it may be.
    pub required_for_import: bool,
    /// What it is.
    pub description: &'static str,
}
