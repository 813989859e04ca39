//! Managed resources, one folder or file for each Terraform type.

pub(crate) mod express_gateway_service;
