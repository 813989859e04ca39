//! What several tests need.

pub(crate) mod child;
pub(crate) mod cloud;
pub(crate) mod fingerprint;
pub(crate) mod hand;
pub(crate) mod provider;
pub(crate) mod values;
pub(crate) mod workspace;
