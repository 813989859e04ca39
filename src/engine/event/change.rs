//! What differs between two looks at a service.

use std::fmt;
use std::time::SystemTime;

use super::{Observation, describe_pause};
use crate::aws::ecs::{DeploymentDetail, ServiceEvent};
use crate::service::{DeploymentStatus, ManagedKind, ManagedResource, ServiceStatus};

/// One thing that changed. Its `Display` is one line in AWS's words and spelling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The service's status.
    Service { status: ServiceStatus, reason: Option<String> },
    /// A deployment showed, or its status or reason changed.
    Deployment { arn: String, status: DeploymentStatus, reason: Option<String> },
    /// The deployment reached a lifecycle stage.
    Stage { stage: String },
    /// Percent of production traffic on the new revision and on the one before.
    Traffic { new: f64, old: Option<f64> },
    /// Tasks of the new revision and of the one before.
    Tasks { new: TaskCounts, old: Option<TaskCounts> },
    /// A hook holds the deployment; the text says which, until when, and how to go on.
    Pause { text: String },
    /// An alarm went off.
    Alarm { name: String },
    /// A resource underneath showed, or its status or reason changed.
    Resource {
        kind: ManagedKind,
        arn: Option<String>,
        status: String,
        before: Option<String>,
        reason: Option<String>,
    },
    /// A resource underneath is no longer the service's.
    ResourceLeft { kind: ManagedKind, arn: Option<String> },
    /// AWS told something.
    Event { created_at: Option<SystemTime>, message: String },
}

/// Tasks of one revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskCounts {
    pub(crate) running: i32,
    pub(crate) pending: i32,
    pub(crate) requested: i32,
}

impl TaskCounts {
    /// The tasks of a deployment's new revision, and of those that it replaces.
    pub(crate) fn of_deployment(detail: &DeploymentDetail) -> (Self, Option<Self>) {
        let new = Self {
            running: detail.running_task_count,
            pending: detail.pending_task_count,
            requested: detail.requested_task_count,
        };
        let old = detail.sources.iter().map(|source| Self {
            running: source.running_task_count,
            pending: source.pending_task_count,
            requested: source.requested_task_count,
        });
        let old = old.reduce(|left, right| Self {
            running: left.running + right.running,
            pending: left.pending + right.pending,
            requested: left.requested + right.requested,
        });
        (new, old)
    }
}

impl fmt::Display for TaskCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} running", self.running, self.requested)?;
        if self.pending > 0 {
            write!(formatter, ", {} pending", self.pending)?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { status, reason } => {
                write!(formatter, "service {}", status.as_str())?;
                write_reason(formatter, reason.as_deref())
            }
            Self::Deployment { arn, status, reason } => {
                write!(formatter, "deployment {} {status}", last_part(arn))?;
                write_reason(formatter, reason.as_deref())
            }
            Self::Stage { stage } => write!(formatter, "stage {stage}"),
            Self::Traffic { new, old } => {
                write!(formatter, "traffic: new revision {new} %")?;
                old.map_or(Ok(()), |old| write!(formatter, ", old revision {old} %"))
            }
            Self::Tasks { new, old } => {
                write!(formatter, "tasks: new revision {new}")?;
                old.map_or(Ok(()), |old| write!(formatter, "; old revision {old}"))
            }
            Self::Pause { text } => formatter.write_str(text),
            Self::Alarm { name } => write!(formatter, "alarm {name} went off"),
            Self::Resource { kind, arn, status, before, reason } => {
                write!(formatter, "{} ", kind.as_str())?;
                if let Some(arn) = arn {
                    write!(formatter, "{arn} ")?;
                }
                match before.as_ref().filter(|before| *before != status) {
                    Some(before) => write!(formatter, "{before} -> {status}")?,
                    None => formatter.write_str(status)?,
                }
                write_reason(formatter, reason.as_deref())
            }
            Self::ResourceLeft { kind, arn } => {
                write!(formatter, "{} ", kind.as_str())?;
                if let Some(arn) = arn {
                    write!(formatter, "{arn} ")?;
                }
                formatter.write_str("is no longer part of the service")
            }
            Self::Event { message, .. } => write!(formatter, "event: {message}"),
        }
    }
}

fn write_reason(formatter: &mut fmt::Formatter<'_>, reason: Option<&str>) -> fmt::Result {
    reason.map_or(Ok(()), |reason| write!(formatter, ": {reason}"))
}

fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// What changed from one look to the next, in the order service, deployment, resources, events (oldest first).
///
/// What a look left out has not changed: a missing service or deployment and an empty list of resources are no news.
pub(crate) fn list_changes(before: &Observation, now: &Observation) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some((status, reason)) = &now.service
        && before.service != now.service
    {
        changes.push(Change::Service { status: status.clone(), reason: reason.clone() });
    }
    if let Some(detail) = &now.deployment {
        let known = before.deployment.as_ref().filter(|known| known.deployment.arn == detail.deployment.arn);
        push_deployment(&mut changes, known, detail);
    }
    if !now.resources.is_empty() {
        push_resources(&mut changes, &before.resources, &now.resources);
    }
    push_events(&mut changes, &before.events, &now.events);
    changes
}

fn push_deployment(changes: &mut Vec<Change>, before: Option<&DeploymentDetail>, now: &DeploymentDetail) {
    let told = |detail: &DeploymentDetail| {
        let reason = detail.rollback_reason.clone().or_else(|| detail.deployment.status_reason.clone());
        (detail.deployment.status.clone(), reason)
    };
    if before.map(told) != Some(told(now)) {
        let (status, reason) = told(now);
        changes.push(Change::Deployment { arn: now.deployment.arn.clone(), status, reason });
    }
    let stage = now.lifecycle_stage.as_ref();
    if let Some(stage) = stage.filter(|_| before.and_then(|known| known.lifecycle_stage.as_ref()) != stage) {
        changes.push(Change::Stage { stage: stage.clone() });
    }
    if let Some(new) = now.production_traffic_weight {
        let weights = |detail: &DeploymentDetail| (detail.production_traffic_weight, old_weight(detail));
        if before.map(weights) != Some(weights(now)) {
            changes.push(Change::Traffic { new, old: old_weight(now) });
        }
    }
    let (new, old) = TaskCounts::of_deployment(now);
    if before.map(TaskCounts::of_deployment) != Some((new, old)) {
        changes.push(Change::Tasks { new, old });
    }
    if before.and_then(|known| known.paused_by.as_ref()) != now.paused_by.as_ref()
        && let Some(text) = describe_pause(now)
    {
        changes.push(Change::Pause { text });
    }
    let known = before.map(|known| known.triggered_alarm_names.as_slice()).unwrap_or_default();
    let alarms = now.triggered_alarm_names.iter().filter(|name| !known.contains(name));
    changes.extend(alarms.map(|name| Change::Alarm { name: name.clone() }));
}

/// Percent of production traffic on the revisions that a deployment replaces.
fn old_weight(detail: &DeploymentDetail) -> Option<f64> {
    detail
        .sources
        .iter()
        .filter_map(|source| source.production_traffic_weight)
        .reduce(|left, right| left + right)
}

/// A resource has no ARN while it is being provisioned, so the first one with an ARN continues one without.
fn push_resources(changes: &mut Vec<Change>, before: &[ManagedResource], now: &[ManagedResource]) {
    let mut left: Vec<&ManagedResource> = before.iter().collect();
    let mut take = |wanted: &ManagedResource| {
        let exact = |known: &&ManagedResource| known.kind == wanted.kind && known.arn == wanted.arn;
        let nameless = |known: &&ManagedResource| known.kind == wanted.kind && known.arn.is_none();
        let position = left.iter().position(exact).or_else(|| left.iter().position(nameless))?;
        Some(left.remove(position))
    };
    for resource in now {
        let known = take(resource);
        let told = |one: &ManagedResource| (one.status.clone(), one.status_reason.clone());
        if known.map(told) != Some(told(resource)) {
            changes.push(Change::Resource {
                kind: resource.kind,
                arn: resource.arn.clone(),
                status: resource.status.clone(),
                before: known.map(|known| known.status.clone()),
                reason: resource.status_reason.clone(),
            });
        }
    }
    let gone = left.iter().map(|one| Change::ResourceLeft { kind: one.kind, arn: one.arn.clone() });
    changes.extend(gone);
}

fn push_events(changes: &mut Vec<Change>, before: &[ServiceEvent], now: &[ServiceEvent]) {
    let news = now.iter().rev().filter(|event| !before.contains(event));
    changes.extend(
        news.map(|event| Change::Event { created_at: event.created_at, message: event.message.clone() }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::{DeploymentSchedule, SourceRevision};
    use crate::service::Deployment;

    fn detail(status: DeploymentStatus, stage: &str, weight: f64) -> DeploymentDetail {
        DeploymentDetail {
            deployment: Deployment {
                arn: "arn:aws:ecs:r:1:service-deployment/default/api/abc".to_owned(),
                status,
                status_reason: None,
                target_revision_arn: None,
                created_at: None,
                started_at: None,
                finished_at: None,
            },
            lifecycle_stage: Some(stage.to_owned()),
            running_task_count: 1,
            pending_task_count: 1,
            requested_task_count: 2,
            production_traffic_weight: Some(weight),
            sources: vec![SourceRevision {
                arn: None,
                running_task_count: 2,
                pending_task_count: 0,
                requested_task_count: 2,
                production_traffic_weight: Some(100.0 - weight),
            }],
            schedule: DeploymentSchedule::default(),
            paused_by: None,
            rollback_reason: None,
            triggered_alarm_names: Vec::new(),
        }
    }

    fn resource(arn: Option<&str>, status: &str) -> ManagedResource {
        ManagedResource {
            kind: ManagedKind::Certificate,
            arn: arn.map(str::to_owned),
            status: status.to_owned(),
            status_reason: None,
            name: None,
        }
    }

    fn of_deployment(detail: DeploymentDetail) -> Observation {
        Observation { deployment: Some(detail), ..Observation::default() }
    }

    fn of_resources(resources: &[ManagedResource]) -> Observation {
        Observation { resources: resources.to_vec(), ..Observation::default() }
    }

    #[track_caller]
    fn check(before: &Observation, now: &Observation, expected: &[&str]) {
        let lines: Vec<String> = list_changes(before, now).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_deployment_that_shows_is_told_whole_and_then_only_what_changes() {
        let first = of_deployment(detail(DeploymentStatus::InProgress, "PRODUCTION_TRAFFIC_SHIFT", 5.0));
        check(
            &Observation::default(),
            &first,
            &[
                "deployment abc IN_PROGRESS",
                "stage PRODUCTION_TRAFFIC_SHIFT",
                "traffic: new revision 5 %, old revision 95 %",
                "tasks: new revision 1 of 2 running, 1 pending; old revision 2 of 2 running",
            ],
        );
        check(&first, &first, &[]);
        let next = of_deployment(detail(DeploymentStatus::InProgress, "BAKE_TIME", 100.0));
        check(&first, &next, &["stage BAKE_TIME", "traffic: new revision 100 %, old revision 0 %"]);
    }

    #[test]
    fn a_rollback_is_told_with_its_reason_and_the_alarm() {
        let before = detail(DeploymentStatus::InProgress, "BAKE_TIME", 100.0);
        let now = DeploymentDetail {
            rollback_reason: Some("alarm detected".to_owned()),
            triggered_alarm_names: vec!["default/api/RollbackAlarm".to_owned()],
            deployment: Deployment {
                status: DeploymentStatus::RollbackInProgress,
                ..before.deployment.clone()
            },
            ..before.clone()
        };
        check(
            &of_deployment(before),
            &of_deployment(now),
            &[
                "deployment abc ROLLBACK_IN_PROGRESS: alarm detected",
                "alarm default/api/RollbackAlarm went off",
            ],
        );
    }

    #[test]
    fn a_resource_that_gets_its_arn_is_the_one_that_had_none() {
        let before = of_resources(&[resource(None, "PROVISIONING"), resource(Some("arn:b"), "ACTIVE")]);
        let now = of_resources(&[resource(Some("arn:a"), "ACTIVE"), resource(Some("arn:b"), "ACTIVE")]);
        check(&before, &now, &["certificate arn:a PROVISIONING -> ACTIVE"]);
        check(
            &now,
            &of_resources(&[resource(Some("arn:b"), "ACTIVE")]),
            &["certificate arn:a is no longer part of the service"],
        );
    }

    #[test]
    fn what_a_look_left_out_is_no_news() {
        let before = Observation {
            service: Some((ServiceStatus::Active, None)),
            resources: vec![resource(Some("arn:a"), "ACTIVE")],
            ..of_deployment(detail(DeploymentStatus::InProgress, "BAKE_TIME", 5.0))
        };
        check(&before, &Observation::default(), &[]);
    }

    #[test]
    fn events_are_told_once_the_oldest_first() {
        let event = |message: &str| ServiceEvent { created_at: None, message: message.to_owned() };
        let before = Observation { events: vec![event("one")], ..Observation::default() };
        let now = Observation {
            events: vec![event("three"), event("two"), event("one")],
            ..Observation::default()
        };
        check(&before, &now, &["event: two", "event: three"]);
    }
}
