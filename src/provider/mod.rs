//! What users write against: the provider block and, one file each, its resources, data sources and functions.

use std::sync::Arc;

use async_trait::async_trait;

use crate::framework::erased::{ErasedDataSource, ErasedResource};
use crate::framework::function::Function;
use crate::framework::provider::Provider;
use crate::framework::schema::Schema;
use crate::framework::{Context, Diagnostics, Value};

/// The provider `express`.
#[derive(Debug, Default)]
pub struct Express;

#[async_trait]
impl Provider for Express {
    fn schema(&self) -> Schema {
        Schema::default()
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        Vec::new()
    }

    fn data_sources(&self) -> Vec<Arc<dyn ErasedDataSource>> {
        Vec::new()
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }

    async fn configure(&self, _: &Context, _: &str, _: Value) -> Diagnostics {
        Diagnostics::none()
    }
}
