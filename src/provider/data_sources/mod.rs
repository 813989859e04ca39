//! Data sources, one folder or file for each Terraform type.

mod express_gateway_service;
mod express_gateway_services;

use std::future::Future;
use std::sync::Arc;

use crate::framework::erased::{self, ErasedDataSource};
use crate::framework::{Context, Diagnostic, Diagnostics};
use crate::provider::handle::ProviderHandle;

/// Every data source of the provider.
pub(super) fn all(provider: &ProviderHandle) -> Vec<Arc<dyn ErasedDataSource>> {
    vec![
        erased::data_source(express_gateway_service::ExpressGatewayServiceLookup::new(provider.clone())),
        erased::data_source(express_gateway_services::ExpressGatewayServices::new(provider.clone())),
    ]
}

/// What `read` finds, or an error as soon as Terraform is stopped.
async fn unless_stopped<T>(
    cx: &Context,
    read: impl Future<Output = Result<T, Diagnostic>>,
) -> Result<T, Diagnostics> {
    tokio::select! {
        biased;
        () = cx.cancellation.cancelled() => {
            Err(Diagnostic::error("Cancelled", "Terraform was stopped while AWS was being read.").into())
        }
        found = read => found.map_err(Diagnostics::from),
    }
}
