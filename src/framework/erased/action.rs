//! An action behind an object-safe face.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Erased, typed};
use crate::framework::action::{Action, Progress};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Value};

/// An [`Action`] in untyped values. Every method answers as its typed namesake does.
#[async_trait]
pub trait ErasedAction: Send + Sync + 'static {
    /// The Terraform type.
    fn type_name(&self) -> &'static str;
    /// The shape.
    fn schema(&self) -> Schema;
    /// Checks a configuration.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Comments on a planned action.
    async fn plan(&self, cx: &Context, config: &Value) -> Diagnostics;
    /// Does it.
    async fn invoke(&self, cx: &Context, config: Value, progress: &Progress) -> Diagnostics;
}

/// Erases an action.
pub fn action(action: impl Action) -> Arc<dyn ErasedAction> {
    Arc::new(Erased(action))
}

#[async_trait]
impl<A: Action> ErasedAction for Erased<A> {
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

    async fn plan(&self, cx: &Context, config: &Value) -> Diagnostics {
        match typed(config) {
            Ok(config) => self.0.plan(cx, &config).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn invoke(&self, cx: &Context, config: Value, progress: &Progress) -> Diagnostics {
        match typed(&config) {
            Ok(config) => self.0.invoke(cx, config, progress).await,
            Err(diagnostics) => diagnostics,
        }
    }
}
