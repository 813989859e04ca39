//! The provider as a whole.

use std::sync::Arc;

use async_trait::async_trait;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Value};

/// What a provider offers: its configuration, resources, data sources, functions, list resources and actions.
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
    /// List resources, erased with [`crate::framework::erased::list_resource`]; each of the type of a managed one.
    fn list_resources(&self) -> Vec<Arc<dyn crate::framework::erased::ErasedListResource>> {
        Vec::new()
    }
    /// Actions, erased with [`crate::framework::erased::action`].
    fn actions(&self) -> Vec<Arc<dyn crate::framework::erased::ErasedAction>> {
        Vec::new()
    }
    /// Checks across arguments of the provider block that its schema cannot express. Must say nothing about
    /// unknown values.
    fn validate(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }
    /// Takes the provider block. Unknown values must not fail here, only when something needs them.
    async fn configure(&self, cx: &Context, terraform_version: &str, config: Value) -> Diagnostics;
}
