//! Resources and data sources behind one object-safe face, in untyped values.
//!
//! The protocol layer and the operations of the framework hold these; [`resource`] and [`data_source`] make
//! them from the typed traits.

mod action;
mod list_resource;

use std::sync::Arc;

use async_trait::async_trait;

use crate::framework::data_source::DataSource;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::model::ShapeError;
use crate::framework::resource::{
    Change, Current, IdentitySchema, ImportTarget, MoveSource, Outcome, Plan, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::{Context, Diagnostic, Model, Path, Value};

pub use action::{ErasedAction, action};
pub use list_resource::{ErasedListResource, list_resource};

/// A [`Resource`] in untyped values. Every method answers as its typed namesake does.
#[async_trait]
pub trait ErasedResource: Send + Sync + 'static {
    /// The Terraform type.
    fn type_name(&self) -> &'static str;
    /// The shape.
    fn schema(&self) -> Schema;
    /// The identity's shape.
    fn identity_schema(&self) -> Option<IdentitySchema>;
    /// The identity that belongs to a state.
    fn identity(&self, state: &Value) -> Option<Value>;
    /// What an instance is called.
    fn subject(&self, planned: &Value) -> Option<String> {
        let _ = planned;
        None
    }
    /// Checks a configuration.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Adjusts a plan.
    async fn plan(&self, cx: &Context, plan: &mut Plan<Value>) -> Diagnostics;
    /// Comments on a planned destroy.
    async fn plan_destroy(&self, cx: &Context, prior: &Value) -> Diagnostics;
    /// Creates.
    async fn create(&self, cx: &Context, change: Change<Value>) -> Outcome<Value>;
    /// Reads.
    async fn read(&self, cx: &Context, current: Current<Value>) -> Outcome<Value>;
    /// Updates.
    async fn update(&self, cx: &Context, change: Change<Value>) -> Outcome<Value>;
    /// Deletes.
    async fn delete(&self, cx: &Context, current: Current<Value>) -> Outcome<Value>;
    /// Imports.
    async fn import(&self, cx: &Context, target: ImportTarget) -> Outcome<Value>;
    /// Upgrades a state's JSON.
    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics>;
    /// Takes over another type's state.
    fn move_from(&self, source: MoveSource) -> Option<Outcome<Value>>;
    /// Adjusts a generated configuration.
    fn generate_config(&self, config: Value) -> Result<Value, Diagnostics>;
}

/// A [`DataSource`] in untyped values.
#[async_trait]
pub trait ErasedDataSource: Send + Sync + 'static {
    /// The Terraform type.
    fn type_name(&self) -> &'static str;
    /// The shape.
    fn schema(&self) -> Schema;
    /// Checks a configuration.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Looks up: what was found, and warnings beside it.
    async fn read(&self, cx: &Context, config: Value) -> Result<(Value, Diagnostics), Diagnostics>;
}

/// Erases a resource.
pub fn resource(resource: impl Resource) -> Arc<dyn ErasedResource> {
    Arc::new(Erased(resource))
}

/// Erases a data source.
pub fn data_source(data_source: impl DataSource) -> Arc<dyn ErasedDataSource> {
    Arc::new(Erased(data_source))
}

struct Erased<T>(T);

fn typed<M: Model>(value: &Value) -> Result<M, Diagnostics> {
    M::from_value(value, &Path::default()).map_err(|error| shape_diagnostic(&error))
}

fn shape_diagnostic(error: &ShapeError) -> Diagnostics {
    Diagnostic::error(
        "Value of an unexpected shape",
        format!("A value does not match the schema: {error}. This is a defect of the provider or of Terraform, not of your configuration."),
    )
    .into()
}

/// The outcome when nothing was done: what was there before is still there.
fn unchanged(state: Option<Value>, private: Vec<u8>, diagnostics: Diagnostics) -> Outcome<Value> {
    Outcome { state, private, diagnostics }
}

fn typed_change<M: Model>(change: &Change<Value>) -> Result<Change<M>, Diagnostics> {
    Ok(Change {
        config: typed(&change.config)?,
        prior: change.prior.as_ref().map(typed).transpose()?,
        planned: typed(&change.planned)?,
        private: change.private.clone(),
    })
}

fn untyped<M: Model>(outcome: Outcome<M>) -> Outcome<Value> {
    Outcome {
        state: outcome.state.map(|state| state.to_value()),
        private: outcome.private,
        diagnostics: outcome.diagnostics,
    }
}

#[async_trait]
impl<R: Resource> ErasedResource for Erased<R> {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        self.0.identity_schema()
    }

    fn identity(&self, state: &Value) -> Option<Value> {
        self.0.identity(&typed(state).ok()?)
    }

    fn subject(&self, planned: &Value) -> Option<String> {
        self.0.subject(&typed(planned).ok()?)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        match typed(config) {
            Ok(config) => self.0.validate(&config),
            Err(diagnostics) => diagnostics,
        }
    }

    async fn plan(&self, cx: &Context, plan: &mut Plan<Value>) -> Diagnostics {
        let mut typed_plan = match typed_plan::<R::Model>(plan) {
            Ok(typed_plan) => typed_plan,
            Err(diagnostics) => return diagnostics,
        };
        let shown = typed_plan.planned.to_value();
        let diagnostics = self.0.plan(cx, &mut typed_plan).await;
        plan.planned = carry_over(&plan.planned, &shown, typed_plan.planned.to_value());
        plan.requires_replace = typed_plan.requires_replace;
        plan.replaces_live = typed_plan.replaces_live;
        plan.private = typed_plan.private;
        diagnostics
    }

    async fn plan_destroy(&self, cx: &Context, prior: &Value) -> Diagnostics {
        match typed(prior) {
            Ok(prior) => self.0.plan_destroy(cx, &prior).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn create(&self, cx: &Context, change: Change<Value>) -> Outcome<Value> {
        match typed_change(&change) {
            Ok(typed) => untyped(self.0.create(cx, typed).await),
            Err(diagnostics) => unchanged(None, change.private, diagnostics),
        }
    }

    async fn read(&self, cx: &Context, current: Current<Value>) -> Outcome<Value> {
        match typed(&current.state) {
            Ok(state) => untyped(self.0.read(cx, Current { state, private: current.private }).await),
            Err(diagnostics) => unchanged(Some(current.state), current.private, diagnostics),
        }
    }

    async fn update(&self, cx: &Context, change: Change<Value>) -> Outcome<Value> {
        match typed_change(&change) {
            Ok(typed) => untyped(self.0.update(cx, typed).await),
            Err(diagnostics) => unchanged(change.prior, change.private, diagnostics),
        }
    }

    async fn delete(&self, cx: &Context, current: Current<Value>) -> Outcome<Value> {
        match typed(&current.state) {
            Ok(state) => untyped(self.0.delete(cx, Current { state, private: current.private }).await),
            Err(diagnostics) => unchanged(Some(current.state), current.private, diagnostics),
        }
    }

    async fn import(&self, cx: &Context, target: ImportTarget) -> Outcome<Value> {
        untyped(self.0.import(cx, target).await)
    }

    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        self.0.upgrade(version, state)
    }

    fn move_from(&self, source: MoveSource) -> Option<Outcome<Value>> {
        self.0.move_from(source).map(untyped)
    }

    fn generate_config(&self, config: Value) -> Result<Value, Diagnostics> {
        Ok(self.0.generate_config(typed(&config)?).to_value())
    }
}

/// A model does not hold everything: what is known about an unknown value, or the known elements of a list with an
/// unknown one. Where the resource left what it was `shown` as it was, the `original` stays in full.
fn carry_over(original: &Value, shown: &Value, answered: Value) -> Value {
    if *shown == answered {
        return original.clone();
    }
    match (original, shown, answered) {
        (Value::Object(originals), Value::Object(shown), Value::Object(answered))
        | (Value::Map(originals), Value::Map(shown), Value::Map(answered)) => {
            let is_object = matches!(original, Value::Object(_));
            let carried = answered
                .into_iter()
                .map(|(key, answer)| match (originals.get(&key), shown.get(&key)) {
                    (Some(original), Some(shown)) => (key, carry_over(original, shown, answer)),
                    _ => (key, answer),
                })
                .collect();
            if is_object { Value::Object(carried) } else { Value::Map(carried) }
        }
        (Value::List(originals), Value::List(shown), Value::List(answered))
            if originals.len() == answered.len() && shown.len() == answered.len() =>
        {
            let elements = originals.iter().zip(shown).zip(answered);
            Value::List(
                elements.map(|((original, shown), answer)| carry_over(original, shown, answer)).collect(),
            )
        }
        (_, _, answered) => answered,
    }
}

fn typed_plan<M: Model>(plan: &Plan<Value>) -> Result<Plan<M>, Diagnostics> {
    Ok(Plan {
        config: typed(&plan.config)?,
        prior: plan.prior.as_ref().map(typed).transpose()?,
        planned: typed(&plan.planned)?,
        requires_replace: plan.requires_replace.clone(),
        replaces_live: plan.replaces_live,
        private: plan.private.clone(),
    })
}

#[async_trait]
impl<D: DataSource> ErasedDataSource for Erased<D> {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        match typed(config) {
            Ok(config) => self.0.validate(&config),
            Err(diagnostics) => diagnostics,
        }
    }

    async fn read(&self, cx: &Context, config: Value) -> Result<(Value, Diagnostics), Diagnostics> {
        let (found, warnings) = self.0.read_with_warnings(cx, typed(&config)?).await?;
        Ok((found.to_value(), warnings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Refinement;

    #[test]
    fn what_a_model_cannot_hold_survives_the_resources_plan() {
        let refined = Value::Unknown(Refinement { is_null: Some(false), ..Refinement::default() });
        let partly = Value::List(vec![Value::Bool(true), Value::unknown()]);
        let object = |a: &Value, b: &Value, c: &Value| {
            Value::object([("a", a.clone()), ("b", b.clone()), ("c", c.clone())])
        };
        let unknown = Value::unknown();
        let original = object(&refined, &partly, &Value::Null);
        let shown = object(&unknown, &unknown, &Value::Null);
        let answered = object(&unknown, &unknown, &Value::Bool(true));
        assert_eq!(carry_over(&original, &shown, answered), object(&refined, &partly, &Value::Bool(true)));
    }
}
