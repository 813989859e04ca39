//! Whether a deployment that is waited for can still succeed, by the causes that AWS's words show.
//!
//! A wrong alarm is worse than waiting. A cause counts only when its own numbers are reached
//! ([`Conclusive`](super::cause::Conclusive)): so many sightings, which span the time in which it may pass by itself. What
//! is said of tasks does not count while a task of the new revision runs, and what stands still counts only as long as
//! nothing underneath moves. A deployment that ECS itself has begun to roll back is left to end: the state is then final.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::cause::{Cause, Family, Rank};
use super::causes::find_cause;
use super::evidence::{EvidenceReader, Glimpse, of_task};
use super::symptom::{Place, Symptom};
use crate::clock::SharedClock;
use crate::engine::judge::{Judge, Seen, Verdict};
use crate::engine::role_age::{ROLE_IS_NEW, RoleAge};
use crate::service::{DeploymentStatus, ManagedResource};

/// Evidence costs calls: it is read when the last one is so old, which is every other poll of a long wait.
const GLIMPSE_AGE: Duration = Duration::from_secs(15);

/// Causes that Express Mode may heal by itself: it runs an image of another processor on that processor (facts, peers D3).
/// When it notices is unproven, so nothing is certain before the end of the deployment.
const HEALED_BY_EXPRESS: [&str; 1] = ["wrong-architecture"];

/// The watch over one operation.
pub(crate) struct Watch {
    clock: SharedClock,
    reader: EvidenceReader,
    is_express: bool,
    memory: Mutex<Memory>,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Memory {
    glimpse: Option<(SystemTime, Glimpse)>,
    /// Status of each resource, and whether it has an ARN.
    resources: Vec<(String, bool)>,
    sightings: BTreeMap<&'static str, Sightings>,
}

/// One cause's sightings by subject or time, each with its time.
#[derive(Debug, Default)]
struct Sightings {
    lasting: BTreeMap<String, SystemTime>,
    /// Of what stands still without a time of its own.
    standing: BTreeMap<String, SystemTime>,
}

impl Watch {
    /// A watch that has seen nothing yet. `is_express`: over a service of Express Mode.
    pub(crate) fn new(clock: SharedClock, reader: EvidenceReader, is_express: bool) -> Self {
        Self { clock, reader, is_express, memory: Mutex::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last evidence, or newer one.
    async fn glimpse(&self, now: SystemTime, seen: &Seen<'_>) -> (SystemTime, Glimpse) {
        let last = self.lock().glimpse.clone();
        let is_fresh =
            |(time, _): &(SystemTime, Glimpse)| now.duration_since(*time).unwrap_or_default() < GLIMPSE_AGE;
        if let Some(last) = last.filter(is_fresh) {
            return last;
        }
        let glimpse = (now, self.reader.glimpse(&self.clock, seen).await);
        self.lock().glimpse = Some(glimpse.clone());
        glimpse
    }
}

#[async_trait]
impl Judge for Watch {
    async fn judge(&self, seen: &Seen<'_>) -> Option<Verdict> {
        if seen.deployment.is_some_and(|detail| is_ending(&detail.deployment.status)) {
            return None;
        }
        let now = self.clock.now();
        let (read_at, glimpse) = self.glimpse(now, seen).await;
        let mut symptoms = list_symptoms(seen, &glimpse, read_at, now);
        if self.is_express {
            symptoms.retain(|symptom| !is_healed_by_express(symptom));
        }
        let has_running_task = seen.deployment.is_some_and(|detail| detail.running_task_count > 0);
        let verdict = self.lock().judge(seen.resources, has_running_task, symptoms)?;
        let role_arn = glimpse.infrastructure_role_arn.as_deref();
        if ROLE_CAUSES.contains(&verdict.cause) && self.may_role_be_new(seen, now, role_arn).await {
            return None;
        }
        Some(verdict)
    }
}

/// Causes that a role shows which has not reached every part of IAM.
const ROLE_CAUSES: [&str; 2] = ["infrastructure-role-denied", "infrastructure-role-missing"];

impl Watch {
    /// Whether the role was made so lately that a denial may pass. Where nobody may say, a first deployment counts as one
    /// with a new role.
    async fn may_role_be_new(&self, seen: &Seen<'_>, now: SystemTime, role_arn: Option<&str>) -> bool {
        let Some(role_arn) = role_arn else { return false };
        match self.reader.find_role_age(&self.clock, role_arn).await {
            RoleAge::Known(age) => age < ROLE_IS_NEW,
            RoleAge::Untold => {
                is_first(seen) && now.duration_since(seen.began_at).unwrap_or_default() < ROLE_IS_NEW
            }
            RoleAge::Gone => false,
        }
    }
}

/// Whether there is nothing that the deployment replaces.
fn is_first(seen: &Seen<'_>) -> bool {
    seen.deployment.is_none_or(|detail| detail.sources.is_empty())
}

fn is_healed_by_express(symptom: &Symptom) -> bool {
    find_cause(symptom).is_some_and(|cause| HEALED_BY_EXPRESS.contains(&cause.id))
}

fn is_ending(status: &DeploymentStatus) -> bool {
    !matches!(status, DeploymentStatus::Pending | DeploymentStatus::InProgress | DeploymentStatus::Other(_))
}

/// Everything that AWS says at present. What has no time of its own gets that of its reading.
fn list_symptoms(seen: &Seen<'_>, glimpse: &Glimpse, read_at: SystemTime, now: SystemTime) -> Vec<Symptom> {
    let mut symptoms: Vec<_> = glimpse.stopped_tasks.iter().flat_map(of_task).collect();
    let events =
        glimpse.events.iter().map(|event| Symptom::new(Place::Event, &event.message).at(event.created_at));
    symptoms.extend(events);
    // The reason of a service whose resources are all there is one of the past.
    let is_complete =
        !seen.resources.is_empty() && seen.resources.iter().all(|resource| resource.status != "PROVISIONING");
    let reason = glimpse.service_reason.iter().filter(|_| !is_complete);
    symptoms.extend(reason.map(|reason| Symptom::new(Place::Service, reason).at(Some(read_at))));
    symptoms.extend(seen.resources.iter().filter_map(|resource| of_resource(resource, now)));
    symptoms
}

fn of_resource(resource: &ManagedResource, now: SystemTime) -> Option<Symptom> {
    let is_missing = matches!(resource.status.as_str(), "PROVISIONING" | "FAILED");
    let reason = resource.status_reason.as_deref().filter(|_| is_missing)?;
    let kind = Some(resource.kind.as_str().to_owned());
    Some(Symptom::new(Place::Resource, reason).with_code(kind).at(Some(now)))
}

fn can_count(cause: &Cause) -> bool {
    cause.conclusive.is_some() && cause.rank != Rank::Outcome
}

/// Whether a task of the new revision that runs contradicts the cause.
fn is_about_tasks(cause: &Cause) -> bool {
    matches!(
        cause.family,
        Family::Image | Family::Start | Family::Application | Family::HealthCheck | Family::Capacity
    )
}

impl Memory {
    /// Takes what is seen now; the first cause that is certain.
    fn judge(
        &mut self,
        resources: &[ManagedResource],
        has_running_task: bool,
        symptoms: Vec<Symptom>,
    ) -> Option<Verdict> {
        self.note_movement(resources);
        let mut certain = None;
        let mut standing = Vec::new();
        for symptom in symptoms {
            let Some(cause) = find_cause(&symptom).filter(|cause| can_count(cause)) else { continue };
            if has_running_task && symptom.is_of_tasks() && is_about_tasks(cause) {
                continue;
            }
            let sightings = self.sightings.entry(cause.id).or_default();
            if sightings.note(&symptom) {
                standing.push(cause.id);
            }
            if certain.is_none() && sightings.are_conclusive(cause) {
                certain = Some(Verdict { cause: cause.id, evidence: symptom.text.to_string() });
            }
        }
        for (cause, sightings) in &mut self.sightings {
            if !standing.contains(cause) {
                sightings.standing.clear();
            }
        }
        certain
    }

    /// A reason may stay on something that goes on being made: then it begins anew.
    fn note_movement(&mut self, resources: &[ManagedResource]) {
        let resources: Vec<_> =
            resources.iter().map(|resource| (resource.status.clone(), resource.arn.is_some())).collect();
        if resources != self.resources {
            self.resources = resources;
            self.sightings.values_mut().for_each(|sightings| sightings.standing.clear());
        }
    }
}

impl Sightings {
    /// Counts a symptom; whether it is of what stands still.
    fn note(&mut self, symptom: &Symptom) -> bool {
        let Some(seen_at) = symptom.seen_at else { return false };
        let key = symptom.subject.clone().unwrap_or_else(|| format!("{seen_at:?}"));
        let is_standing = symptom.is_in(&[Place::Service, Place::Resource]);
        let sightings = if is_standing { &mut self.standing } else { &mut self.lasting };
        sightings.entry(key).or_insert(seen_at);
        is_standing
    }

    fn are_conclusive(&self, cause: &Cause) -> bool {
        let Some(needed) = cause.conclusive else { return false };
        let is_enough = |sightings: &BTreeMap<String, SystemTime>| {
            let (Some(first), Some(last)) = (sightings.values().min(), sightings.values().max()) else {
                return false;
            };
            let lasted = last.duration_since(*first).unwrap_or_default();
            sightings.len() >= needed.sightings as usize && lasted >= needed.lasts
        };
        is_enough(&self.lasting) || is_enough(&self.standing)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").field("memory", &self.memory).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ManagedKind;

    const DENIED: &str = "x is not authorized to perform: ec2:DescribeAccountAttributes";
    const MISSING_IMAGE: &str = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
         docker.io/library/web:2: docker.io/library/web:2: not found";
    const NOT_ASSUMABLE: &str = "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/execution' that was \
                                 provided for this task.";

    fn time(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn resource(status: &str, reason: Option<&str>) -> ManagedResource {
        ManagedResource {
            kind: ManagedKind::LoadBalancer,
            arn: None,
            status: status.to_owned(),
            status_reason: reason.map(str::to_owned),
            name: None,
        }
    }

    fn task(id: &str, text: &str, seconds: u64) -> Symptom {
        Symptom::new(Place::Task, text).about(id).at(Some(time(seconds)))
    }

    /// The cause that each look concludes.
    fn judged(looks: Vec<Vec<Symptom>>) -> Vec<Option<&'static str>> {
        let mut memory = Memory::default();
        let causes =
            looks.into_iter().map(|symptoms| memory.judge(&[], false, symptoms).map(|verdict| verdict.cause));
        causes.collect()
    }

    fn standing(looks: &[(u64, &str, Option<&str>)]) -> Vec<Option<&'static str>> {
        let mut memory = Memory::default();
        let judge = |(seconds, status, reason): &(u64, &str, Option<&str>)| {
            let resources = [resource(status, *reason)];
            let symptoms = of_resource(&resources[0], time(*seconds)).into_iter().collect();
            memory.judge(&resources, false, symptoms).map(|verdict| verdict.cause)
        };
        looks.iter().map(judge).collect()
    }

    #[test]
    fn a_missing_image_is_certain_at_the_second_task_and_not_by_one_task_seen_twice() {
        let (first, second) = (task("a", MISSING_IMAGE, 10), task("b", MISSING_IMAGE, 40));
        let looks = vec![vec![first.clone()], vec![first.clone()], vec![first, second]];
        assert_eq!(judged(looks), [None, None, Some("image-not-found")]);
    }

    #[test]
    fn a_task_that_runs_contradicts_what_others_met() {
        let mut memory = Memory::default();
        let symptoms = vec![task("a", MISSING_IMAGE, 10), task("b", MISSING_IMAGE, 40)];
        assert_eq!(memory.judge(&[], true, symptoms), None);
    }

    #[test]
    fn a_role_that_may_still_propagate_is_waited_for() {
        let at = |id: &str, seconds| task(id, NOT_ASSUMABLE, seconds);
        let young = vec![vec![at("a", 10), at("b", 60)], vec![at("a", 10), at("b", 60), at("c", 150)]];
        assert_eq!(judged(young), [None, None]);
        let old = vec![vec![at("a", 10), at("b", 60), at("c", 190)]];
        assert_eq!(judged(old), [Some("execution-role-missing")]);
        // It has passed: later tasks say nothing, however long the wait goes on.
        let passed = vec![vec![at("a", 10), at("b", 60)]; 50];
        assert!(judged(passed).iter().all(Option::is_none));
    }

    #[test]
    fn a_denial_counts_when_it_lasts_while_nothing_moves() {
        let denied = Some(DENIED);
        let still = [(0, "PROVISIONING", denied), (50, "PROVISIONING", denied), (90, "PROVISIONING", denied)];
        assert_eq!(standing(&still), [None, None, Some("infrastructure-role-denied")]);
        let moving = [(0, "PENDING", None), (50, "PROVISIONING", denied), (139, "PROVISIONING", denied)];
        assert_eq!(standing(&moving), [None, None, None]);
        let passing =
            [(0, "PROVISIONING", denied), (50, "PROVISIONING", None), (139, "PROVISIONING", denied)];
        assert_eq!(standing(&passing), [None, None, None]);
    }

    #[test]
    fn a_resource_that_failed_for_good_is_certain_at_once() {
        let reason = "TooManyLoadBalancers: The maximum number of load balancers has been reached";
        assert_eq!(standing(&[(0, "FAILED", Some(reason))]), [Some("load-balancer-quota")]);
    }

    #[test]
    fn a_denial_in_events_counts_when_it_is_repeated() {
        let event = |seconds| Symptom::new(Place::Event, DENIED).at(Some(time(seconds)));
        assert_eq!(judged(vec![vec![event(5), event(60)]]), [None]);
        assert_eq!(judged(vec![vec![event(5), event(100)]]), [Some("infrastructure-role-denied")]);
    }

    #[test]
    fn an_application_that_crashes_is_the_circuit_breakers_business() {
        let exit = |id: &str, seconds| Symptom {
            exit_code: Some(1),
            ..Symptom::new(Place::Exit, "")
                .about(id)
                .at(Some(time(seconds)))
                .with_code(Some("EssentialContainerExited".to_owned()))
        };
        assert_eq!(judged(vec![vec![exit("a", 1), exit("b", 100), exit("c", 500)]]), [None]);
    }
}
