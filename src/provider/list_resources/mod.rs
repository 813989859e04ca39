//! List resources (`terraform query`), one file for each Terraform type.

mod express_gateway_service;

use std::sync::Arc;

use crate::framework::erased::{self, ErasedListResource};
use crate::provider::handle::ProviderHandle;

/// Every list resource of the provider.
pub(super) fn all(provider: &ProviderHandle) -> Vec<Arc<dyn ErasedListResource>> {
    vec![erased::list_resource(express_gateway_service::ExpressGatewayServiceList::new(provider.clone()))]
}
