//! What is read while an operation still waits: little, and often.

use std::time::Duration;

use super::EvidenceReader;
use super::reader::{is_recent, select_tasks};
use crate::aws::ecs::{Revision, ServiceEvent, StoppedTask};
use crate::clock::SharedClock;
use crate::engine::judge::Seen;
use crate::engine::role_age::{RoleAge, find_role_age};

/// Longest time for one glimpse.
const GLIMPSE_TIME: Duration = Duration::from_secs(20);

/// What AWS says in passing. What cannot be read is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::diagnosis) struct Glimpse {
    /// Service events since the deployment began, those that repeat themselves too.
    pub(in crate::diagnosis) events: Vec<ServiceEvent>,
    /// Tasks of the new revision that stopped since the deployment began.
    pub(in crate::diagnosis) stopped_tasks: Vec<StoppedTask>,
    /// Why the service is as it is.
    pub(in crate::diagnosis) service_reason: Option<String>,
    /// The role with which Express Mode builds what is underneath.
    pub(in crate::diagnosis) infrastructure_role_arn: Option<String>,
}

impl EvidenceReader {
    /// Reads in at most five calls.
    pub(in crate::diagnosis) async fn glimpse(&self, clock: &SharedClock, seen: &Seen<'_>) -> Glimpse {
        tokio::select! {
            biased;
            glimpse = self.read_glimpse(seen) => glimpse,
            () = clock.sleep(GLIMPSE_TIME) => Glimpse::default(),
        }
    }

    /// How old a role is.
    pub(in crate::diagnosis) async fn find_role_age(&self, clock: &SharedClock, role_arn: &str) -> RoleAge {
        find_role_age(&self.iam, clock, role_arn).await
    }

    async fn read_glimpse(&self, seen: &Seen<'_>) -> Glimpse {
        let (arn, deployment) = (seen.arn, seen.deployment.map(|detail| &detail.deployment));
        let created_at = deployment.and_then(|deployment| deployment.created_at);
        let since = created_at.filter(|_| !seen.is_resumed).unwrap_or(seen.began_at);
        let revision = async {
            let arn = deployment?.target_revision_arn.as_deref()?;
            self.ecs.find_revision(arn).await.ok().flatten()
        };
        let express = async {
            if !seen.is_express {
                return None;
            }
            self.ecs.find_express_gateway_service(arn).await.ok().flatten()
        };
        let (record, tasks, revision, express) = tokio::join!(
            self.ecs.find_service(arn.cluster(), arn.name()),
            self.ecs.list_stopped_tasks(arn),
            revision,
            express,
        );
        let mut events = record.ok().flatten().map(|record| record.events).unwrap_or_default();
        events.retain(|event| event.created_at.is_some() && is_recent(event.created_at, Some(since)));
        let revision = revision.unwrap_or_else(Revision::default);
        Glimpse {
            events,
            stopped_tasks: select_tasks(tasks.unwrap_or_default(), &revision, Some(since)),
            infrastructure_role_arn: express
                .as_ref()
                .and_then(|express| express.infrastructure_role_arn.clone()),
            service_reason: express.and_then(|express| express.status_reason),
        }
    }
}
