//! The provider as a whole.

use std::sync::Arc;

use async_trait::async_trait;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Value};

/// What a provider offers: its configuration, resources, data sources and functions.
///
/// In reattach mode one process is configured many times, so `configure` must replace what it did before.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The provider block.
    fn schema(&self) -> Schema;
    /// Managed resources, erased with [`crate::framework::erased::resource`].
    fn resources(&self) -> Vec<Arc<dyn crate::framework::erased::ErasedResource>>;
    /// Data sources, erased with [`crate::framework::erased::data_source`].
    fn data_sources(&self) -> Vec<Arc<dyn crate::framework::erased::ErasedDataSource>>;
    /// Functions.
    fn functions(&self) -> Vec<Arc<dyn crate::framework::function::Function>>;
    /// Checks across arguments of the provider block that its schema cannot express. Must say nothing about
    /// unknown values.
    fn validate(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }
    /// Takes the provider block. Unknown values must not fail here, only when something needs them.
    async fn configure(&self, cx: &Context, terraform_version: &str, config: Value) -> Diagnostics;
}
