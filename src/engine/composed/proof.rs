//! The records that prove a certificate of ours: without them ACM cannot renew it, months later.
//!
//! Route 53 takes five requests a second of a whole account, so a zone is read at once for all services in it. What is not
//! in that reading is asked for by its name before it counts as missing.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::composition::Composition;
use crate::aws::acm::{CertificateStatus, ValidationRecord};
use crate::aws::route53::{Route53, normalized_name};
use crate::clock::SharedClock;

/// How long a reading of a zone holds.
const KEPT: Duration = Duration::from_secs(60);
/// Pages of a zone that are read at the most, 300 records to a page. Nothing is said about larger zones.
const PAGE_LIMIT: usize = 10;

/// Readings of zones, shared by all services of a process.
pub(crate) struct Proofs {
    clock: SharedClock,
    readings: Mutex<HashMap<String, Reading>>,
}

/// Names of the CNAME records of a zone, and since when they are known; `None`: the zone is too large, or may not be read.
type Reading = (SystemTime, Option<Arc<BTreeSet<String>>>);

impl Proofs {
    /// No reading yet.
    pub(crate) fn new(clock: SharedClock) -> Self {
        Self { clock, readings: Mutex::default() }
    }

    /// Names of the records that a service's own certificate needs and its zone lacks. What may not be read is not missing.
    pub(super) async fn list_missing(&self, route53: &Route53, service: &Composition) -> Vec<String> {
        let issued =
            service.certificate.as_ref().filter(|it| it.is_ours && it.status == CertificateStatus::Issued);
        let zones: Vec<_> = service.recorded_zones().unwrap_or_default().into_iter().collect();
        let (Some(certificate), [zone_id]) = (issued, &zones[..]) else { return Vec::new() };
        let mut missing = Vec::new();
        for record in &certificate.proofs {
            if self.is_missing(route53, zone_id, record).await {
                missing.push(record.name.trim_end_matches('.').to_owned());
            }
        }
        missing
    }

    async fn is_missing(&self, route53: &Route53, zone_id: &str, record: &ValidationRecord) -> bool {
        let Some(names) = self.read(route53, zone_id).await else { return false };
        if names.contains(&normalized_name(&record.name)) {
            return false;
        }
        // It may have been made since the zone was read.
        match route53.list_record_sets(zone_id, &record.name).await {
            Ok(sets) => sets.is_empty(),
            Err(error) => {
                tracing::info!(error = %error, "the record that proves a certificate cannot be looked for");
                false
            }
        }
    }

    async fn read(&self, route53: &Route53, zone_id: &str) -> Option<Arc<BTreeSet<String>>> {
        let mut readings = self.readings.lock().await;
        let now = self.clock.now();
        if let Some((since, names)) = readings.get(zone_id)
            && now.duration_since(*since).unwrap_or_default() < KEPT
        {
            return names.clone();
        }
        let names = match route53.list_cname_names(zone_id, PAGE_LIMIT).await {
            Ok(names) => names.map(Arc::new),
            Err(error) => {
                tracing::info!(error = %error, "the hosted zone cannot be read, going on without it");
                None
            }
        };
        readings.retain(|_, (since, _)| now.duration_since(*since).unwrap_or_default() < KEPT);
        readings.insert(zone_id.to_owned(), (now, names.clone()));
        names
    }
}
