//! The provider block as plain data.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::settings::ClientSettings;
use crate::framework::{Attr, Path};
use crate::preflight::PreflightMode;

/// What the user configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderSettings {
    /// How AWS is reached.
    pub client: ClientSettings,
    /// Engine of services that name none: `managed` or `composed`.
    pub engine: Option<String>,
    /// Whether an apply ends as soon as it is certain that its deployment cannot succeed; by default it does.
    pub fail_early: Option<bool>,
    /// Whether plans look at what services depend on.
    pub(crate) preflight: PreflightMode,
    /// Whether failures are explained with the last lines of the failing container; by default they are.
    pub diagnosis_log_lines: Option<bool>,
    /// Hosted zone of services that name no domain. An unknown one does not stop anything either.
    pub default_hosted_zone: Attr<String>,
    /// Tags for everything. Unknown ones do not stop anything: plans show them as known after apply.
    pub default_tags: Attr<BTreeMap<String, String>>,
    /// Tags that are left alone.
    pub ignore_tags: IgnoreTags,
    /// The only accounts to work in; empty: any.
    pub allowed_account_ids: BTreeSet<String>,
    /// Accounts never to work in.
    pub forbidden_account_ids: BTreeSet<String>,
    /// Arguments other than the default tags and the default domain that are known only after apply.
    pub unknown: Vec<Path>,
}

/// Tags that this provider neither shows nor changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoreTags {
    /// Whole keys.
    pub keys: Vec<String>,
    /// Beginnings of keys.
    pub key_prefixes: Vec<String>,
}
