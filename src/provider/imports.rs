//! What one run has imported, so that nothing gets two addresses without a word.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::service::ServiceArn;

/// Services that are remembered.
const IMPORT_LIMIT: usize = 10_000;

/// The services that were imported since the provider was configured.
#[derive(Debug, Default)]
pub(crate) struct Imports(Mutex<BTreeSet<ServiceArn>>);

impl Imports {
    /// Remembers an import. Says whether the service was imported before.
    pub(crate) fn note(&self, arn: &ServiceArn) -> bool {
        let mut imported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if imported.len() < IMPORT_LIMIT { !imported.insert(arn.clone()) } else { imported.contains(arn) }
    }
}
