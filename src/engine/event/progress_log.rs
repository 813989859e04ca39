//! The log of a wait: one structured INFO line for each change.

use std::sync::{Mutex, PoisonError};

use super::{Change, Observation, list_changes};
use crate::aws::ecs::DeploymentDetail;
use crate::service::{ManagedResource, ServiceArn};

/// Remembers what was told of a service, so that only changes are.
///
/// # Guarantees
/// Reads nothing and never fails. Lines hold what AWS says of statuses, counts and weights; no configuration.
#[derive(Debug)]
pub(crate) struct ProgressLog {
    service_arn: String,
    told: Mutex<Observation>,
}

impl ProgressLog {
    /// A log that has told nothing yet.
    pub(crate) fn new(service_arn: &ServiceArn) -> Self {
        Self { service_arn: service_arn.to_string(), told: Mutex::default() }
    }

    /// The deployment as it is seen now.
    pub(crate) fn note_deployment(&self, detail: Option<&DeploymentDetail>) {
        let Some(detail) = detail else { return };
        self.note(Observation { deployment: Some(detail.clone()), ..Observation::default() });
    }

    /// The resources underneath as they are seen now.
    pub(crate) fn note_resources(&self, resources: &[ManagedResource]) {
        self.note(Observation { resources: resources.to_vec(), ..Observation::default() });
    }

    /// What is seen now; members that were not looked at are empty.
    pub(crate) fn note(&self, seen: Observation) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for change in list_changes(&told, &seen) {
            self.log(&change);
        }
        told.service = seen.service.or_else(|| told.service.take());
        told.deployment = seen.deployment.or_else(|| told.deployment.take());
        if !seen.resources.is_empty() {
            told.resources = seen.resources;
        }
        if !seen.events.is_empty() {
            told.events = seen.events;
        }
    }

    fn log(&self, change: &Change) {
        let service_arn = self.service_arn.as_str();
        match change {
            Change::Service { status, .. } => {
                tracing::info!(service_arn, status = status.as_str(), "{change}");
            }
            Change::Deployment { arn, status, .. } => {
                tracing::info!(service_arn, deployment_arn = arn, status = status.as_str(), "{change}");
            }
            Change::Stage { stage } => tracing::info!(service_arn, stage, "{change}"),
            Change::Traffic { new, old } => {
                tracing::info!(service_arn, new_percent = *new, old_percent = *old, "{change}");
            }
            Change::Tasks { new, old } => {
                let (running, pending, requested) = (new.running, new.pending, new.requested);
                let old_running = old.map(|old| old.running);
                tracing::info!(service_arn, running, pending, requested, old_running, "{change}");
            }
            Change::Pause { text } => tracing::warn!(service_arn, "{text}"),
            Change::Alarm { name } => tracing::info!(service_arn, alarm_name = name, "{change}"),
            Change::Resource { kind, arn, status, .. } => {
                let kind = kind.as_str();
                tracing::info!(service_arn, resource_type = kind, resource_arn = arn, status, "{change}");
            }
            Change::ResourceLeft { kind, arn } => {
                tracing::info!(service_arn, resource_type = kind.as_str(), resource_arn = arn, "{change}");
            }
            Change::Event { .. } => tracing::info!(service_arn, "{change}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Write as _};
    use std::sync::Arc;

    use tracing::field::{Field, Visit};
    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

    use super::*;
    use crate::service::ManagedKind;

    /// Keeps each event as `LEVEL name=value ...`.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            write!(self.0, " {}={value:?}", field.name()).expect("a text takes everything");
        }
    }

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            assert_eq!(*event.metadata().level(), Level::INFO);
            let mut line = Line("INFO".to_owned());
            event.record(&mut line);
            self.0.lock().expect("not poisoned").push(line.0);
        }
    }

    fn resource(status: &str) -> ManagedResource {
        ManagedResource {
            kind: ManagedKind::Certificate,
            arn: None,
            status: status.to_owned(),
            status_reason: None,
            name: None,
        }
    }

    #[test]
    fn a_resource_is_logged_when_its_state_changes_and_only_then() {
        let kept = Kept::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept.clone()), || {
            let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/api".parse().expect("valid");
            let progress = ProgressLog::new(&arn);
            progress.note_resources(&[resource("PROVISIONING")]);
            progress.note_resources(&[resource("PROVISIONING")]);
            progress.note_resources(&[]);
            progress.note_resources(&[resource("ACTIVE")]);
        });
        let lines = kept.0.lock().expect("not poisoned").clone();
        let arn = "service_arn=\"arn:aws:ecs:eu-west-1:123456789012:service/default/api\"";
        let expected = |text: &str, status: &str| {
            format!("INFO message={text} {arn} resource_type=\"certificate\" status=\"{status}\"")
        };
        assert_eq!(
            lines,
            [
                expected("certificate PROVISIONING", "PROVISIONING"),
                expected("certificate PROVISIONING -> ACTIVE", "ACTIVE"),
            ]
        );
    }
}
