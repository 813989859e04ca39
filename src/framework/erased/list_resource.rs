//! A list resource behind an object-safe face.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Erased, typed};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::list_resource::{Found, ListResource, Query};
use crate::framework::schema::Schema;
use crate::framework::{Context, Value};

/// A [`ListResource`] in untyped values. Every method answers as its typed namesake does.
#[async_trait]
pub trait ErasedListResource: Send + Sync + 'static {
    /// The Terraform type.
    fn type_name(&self) -> &'static str;
    /// The shape.
    fn schema(&self) -> Schema;
    /// Checks a configuration.
    fn validate(&self, config: &Value) -> Diagnostics;
    /// Lists.
    async fn list(&self, cx: &Context, query: Query<Value>, found: &Found) -> Diagnostics;
}

/// Erases a list resource.
pub fn list_resource(list_resource: impl ListResource) -> Arc<dyn ErasedListResource> {
    Arc::new(Erased(list_resource))
}

#[async_trait]
impl<L: ListResource> ErasedListResource for Erased<L> {
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

    async fn list(&self, cx: &Context, query: Query<Value>, found: &Found) -> Diagnostics {
        match typed(&query.config) {
            Ok(config) => {
                let query = Query { config, includes_resource: query.includes_resource };
                self.0.list(cx, query, found).await
            }
            Err(diagnostics) => diagnostics,
        }
    }
}
