//! The name of a new service is free.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::ServiceUse;
use crate::aws::ecs::ServiceRecord;
use crate::service::{CREATION_MARKER_TAG_KEY, PHASE_READY, PHASE_TAG_KEY, ServiceStatus};

/// Looks for a live service of the name that is neither of this run's states nor left behind by an apply that was cut
/// short, which the next one continues.
pub(super) async fn check(looks: &Looks, service: &ServiceUse) -> Option<Finding> {
    let Looked::Found(record) = looks.find_service(&service.cluster, &service.name).await else {
        return None;
    };
    if record.status != ServiceStatus::Active || is_unfinished(&record) || looks.is_own_service(&record.arn) {
        return None;
    }
    let detail = format!("`{}` is live, and this configuration does not manage it yet.", record.arn);
    Some(
        Finding::certain(&service.path, format!("Service `{}` exists already", service.name), detail)
            .hint(format!("manage it: terraform import <address> {}", record.arn))
            .hint("or choose another `service_name`"),
    )
}

fn is_unfinished(record: &ServiceRecord) -> bool {
    record.tags.contains_key(CREATION_MARKER_TAG_KEY)
        || record.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase != PHASE_READY)
}
