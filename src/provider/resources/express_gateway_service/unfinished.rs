//! What the last apply left unfinished, so that the next plan shows it and the next apply goes on with it.
//!
//! A refresh finds it by the marks on the service (`service::deployment_marker`, the creation mark), an apply that was
//! interrupted knows it by itself. It is kept in the opaque bytes beside the state, and a plan turns it into one member
//! that becomes known: `deployment`. Deployments of others are in the state, and never planned.
//!
//! What happens when is one table: `diagnosis::interruptions`.

use serde::{Deserialize, Serialize};

use super::memory;
use super::model::{DeploymentModel, InfrastructureModel, ServiceModel};
use crate::diagnosis;
use crate::framework::resource::{Plan, Private};
use crate::framework::{Attr, Diagnostics, Model as _, Path, Value};
use crate::service::{
    CREATION_MARKER_TAG_KEY, Deployment, ObservedService, PHASE_READY, PHASE_TAG_KEY, ServiceStatus,
};

/// Status of a service of the composed engine whose create was cut short before there was an ECS service.
const INCOMPLETE: &str = "INCOMPLETE";

/// Member of the bytes beside a state.
const UNFINISHED: &str = "unfinished";

/// What is not done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Unfinished {
    /// ARN of the deployment that the last apply began, while it runs.
    deployment: Option<String>,
    /// The last apply began a deployment that does not show yet, or was cut short right before it began one.
    awaited: bool,
    /// The deployment that the last apply began, if it failed while nobody looked.
    failed: Option<Failed>,
    /// The create was cut short.
    create: bool,
    /// ECS is to run no task although the live bounds ask for some.
    lacks_tasks: bool,
    /// No deployment ever brought what runs.
    has_failed_first: bool,
}

/// A deployment that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Failed {
    arn: String,
    status: String,
    reason: Option<String>,
}

impl Failed {
    fn of(deployment: &Deployment) -> Self {
        Self {
            arn: deployment.arn.clone(),
            status: deployment.status.to_string(),
            reason: deployment.status_reason.clone(),
        }
    }
}

impl Unfinished {
    /// What the bytes beside a state say. Those of another provider's resource say nothing.
    fn from_private(private: &Private) -> Self {
        let member = memory::member(private, UNFINISHED);
        member.and_then(|member| serde_json::from_value(member).ok()).unwrap_or_default()
    }

    /// `before` with this in place of what it says of the unfinished.
    fn to_private(&self, before: &Private) -> Private {
        let is_told = *self != Self::default();
        memory::with_member(before, UNFINISHED, is_told.then(|| serde_json::json!(self)))
    }

    /// What a service shows by itself. `known`: the deployment that an apply remembers as its own.
    fn of(observed: &ObservedService, known: Option<&str>) -> Self {
        let is_cut_short = is_create_cut_short(observed);
        let shown = [&observed.marked_deployment, &observed.newest_deployment, &observed.deployment];
        let remembered = shown.into_iter().flatten().find(|shown| Some(shown.arn.as_str()) == known);
        let own = remembered
            .or(observed.marked_deployment.as_ref())
            .or(observed.deployment.as_ref().filter(|_| is_cut_short));
        let has_failed = |own: &&Deployment| own.status.is_abandoned() && own.status.is_final();
        Self {
            deployment: own.filter(|own| !own.status.is_final()).map(|own| own.arn.clone()),
            awaited: observed.awaits_deployment,
            failed: own.filter(has_failed).map(Failed::of),
            create: is_cut_short,
            lacks_tasks: observed.lacks_tasks(),
            has_failed_first: observed.has_failed_first_deployment(),
        }
    }
}

/// Whether the service still carries the mark of its create.
fn is_create_cut_short(observed: &ObservedService) -> bool {
    observed.tags.contains_key(CREATION_MARKER_TAG_KEY)
        || observed.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase != PHASE_READY)
        || observed.status == ServiceStatus::Other(INCOMPLETE.to_owned())
}

/// What a refresh finds. What an earlier one found of a deployment that failed stays true while no newer one is there.
pub(super) fn note_read(before: &Private, observed: &ObservedService) -> Private {
    let then = Unfinished::from_private(before);
    let mut now = Unfinished::of(observed, then.deployment.as_deref());
    let newest = observed.newest_deployment.as_ref().map(|newest| newest.arn.as_str());
    let is_newest = |failed: &Failed| Some(failed.arn.as_str()) == newest;
    now.failed = now.failed.or(then.failed.filter(is_newest));
    now.to_private(before)
}

/// What a create or update leaves. `begins_deployment`: whether it was to begin one, or to follow one of ours.
pub(super) fn note_applied(
    before: &Private,
    observed: Option<&ObservedService>,
    begins_deployment: bool,
) -> Private {
    let Some(observed) = observed else { return before.clone() };
    let own = observed.deployment.as_ref().filter(|_| begins_deployment).map(|own| own.arn.clone());
    let known = own.or(Unfinished::from_private(before).deployment);
    // What failed in this apply, it has said itself.
    Unfinished { failed: None, ..Unfinished::of(observed, known.as_deref()) }.to_private(before)
}

/// What a create that was stopped leaves: of what it made last nothing may show yet.
pub(super) fn note_stopped_create(before: &Private) -> Private {
    Unfinished { create: true, ..Unfinished::from_private(before) }.to_private(before)
}

/// Whether the last apply was cut short in the create.
pub(super) fn is_create_unfinished(private: &Private) -> bool {
    Unfinished::from_private(private).create
}

/// The state of a create that was stopped: what it has not made yet is as planned, for core takes no other answer without
/// an error. The next refresh reads what is really there.
pub(super) fn as_planned(planned: &ServiceModel, state: ServiceModel) -> ServiceModel {
    let filled = fill(&planned.to_value(), state.to_value()).with_unknown_as_null();
    ServiceModel::from_value(&filled, &Path::default()).unwrap_or(state)
}

/// The state of an apply that succeeded while somebody took away, or hid, what shows the address: it stays as planned, for
/// core takes no other answer without an error of its own. The next refresh reads what is really there.
pub(super) fn with_unread_address(planned: &ServiceModel, mut state: ServiceModel) -> ServiceModel {
    let keep = |planned: &Attr<String>, state: &mut Attr<String>| {
        if state.is_null() && planned.known().is_some() {
            *state = planned.clone();
        }
    };
    keep(&planned.url, &mut state.url);
    keep(&planned.hostname, &mut state.hostname);
    let filled =
        fill(&planned.infrastructure.to_value(), state.infrastructure.to_value()).with_unknown_as_null();
    if let Ok(infrastructure) = Attr::from_value(&filled, &Path::default()) {
        state.infrastructure = infrastructure;
    }
    state
}

fn fill(planned: &Value, actual: Value) -> Value {
    match (planned, actual) {
        (Value::Unknown(_), actual) => actual,
        (Value::Object(plans), Value::Object(mut actuals)) => {
            let members = plans.iter().map(|(name, planned)| {
                (name.clone(), fill(planned, actuals.remove(name).unwrap_or(Value::Null)))
            });
            Value::Object(members.collect())
        }
        (planned, Value::Null) => planned.clone().with_unknown_as_null(),
        (_, actual) => actual,
    }
}

/// The fewest tasks that a plan asks for.
pub(super) fn planned_minimum(planned: &ServiceModel) -> Option<i64> {
    planned.scaling_target.known().and_then(|scaling| scaling.min_task_count.cloned())
}

/// Plans an update where the last apply is not done, and says so.
pub(super) fn plan_unfinished(plan: &mut Plan<ServiceModel>) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    let Some(prior) = plan.prior.clone().filter(|_| plan.requires_replace.is_empty()) else {
        return diagnostics;
    };
    let unfinished = Unfinished::from_private(&plan.private);
    let name = prior.service_name.cloned().unwrap_or_default();
    let waits = plan.planned.wait_for_steady_state.known() != Some(&false);
    let follows = waits && (unfinished.deployment.is_some() || unfinished.awaited);
    let is_incomplete = prior.status.known().is_some_and(|status| status == INCOMPLETE);
    let completes = unfinished.create && (waits || is_incomplete || unfinished.deployment.is_none());
    let lacks_tasks = unfinished.lacks_tasks && planned_minimum(&plan.planned) != Some(0);
    let retries = waits && unfinished.has_failed_first && unfinished.deployment.is_none();
    let has_other_changes = plan.planned != prior;
    if completes || lacks_tasks || retries || (follows && unfinished.awaited) {
        plan.planned.deployment = Attr::Unknown;
    } else if follows {
        open_status(&mut plan.planned.deployment);
    }
    if completes {
        open_incomplete(&mut plan.planned);
    }
    if lacks_tasks || retries || (follows && unfinished.awaited) {
        open_revision(plan);
    }
    if completes {
        diagnostics.push(diagnosis::explain_unended_create(&name));
    } else if follows {
        diagnostics.push(diagnosis::explain_unended_deployment(&name, has_other_changes));
    }
    if lacks_tasks {
        diagnostics.push(diagnosis::explain_missing_tasks(&name));
    }
    if let Some(failed) = unfinished.failed.filter(|_| plan.planned != prior) {
        let reason = failed.reason.as_deref();
        diagnostics.push(diagnosis::explain_failed_deployment(&name, &failed.status, reason));
    }
    diagnostics
}

/// How the deployment ends is what becomes known.
fn open_status(deployment: &mut Attr<DeploymentModel>) {
    match deployment {
        Attr::Known(deployment) => deployment.status = Attr::Unknown,
        other => *other = Attr::Unknown,
    }
}

/// Whether a plan begins a deployment, or follows one.
pub(super) fn is_deployment_open(planned: &ServiceModel) -> bool {
    !planned.deployment.to_value().is_wholly_known()
}

/// A revision that runs what the present one does.
fn open_revision(plan: &mut Plan<ServiceModel>) {
    plan.planned.service_revision_arn = Attr::Unknown;
    if plan.config.task_definition_arn.is_null() {
        plan.planned.task_definition_arn = Attr::Unknown;
    }
}

/// What the rest of a create makes is not known before.
fn open_incomplete(planned: &mut ServiceModel) {
    let texts = [
        &mut planned.url,
        &mut planned.hostname,
        &mut planned.service_revision_arn,
        &mut planned.task_definition_arn,
        &mut planned.cpu,
        &mut planned.memory,
        &mut planned.cpu_architecture,
        &mut planned.health_check_path,
    ];
    for text in texts {
        open_text(text);
    }
    if planned.network_configuration.is_null() {
        planned.network_configuration = Attr::Unknown;
    }
    if planned.scaling_target.is_null() {
        planned.scaling_target = Attr::Unknown;
    }
    if planned.status.known().is_some_and(|status| status == INCOMPLETE) {
        planned.status = Attr::Unknown;
    }
    open_infrastructure(&mut planned.infrastructure);
}

fn open_text(text: &mut Attr<String>) {
    if text.is_null() {
        *text = Attr::Unknown;
    }
}

fn open_infrastructure(infrastructure: &mut Attr<InfrastructureModel>) {
    let Attr::Known(infrastructure) = infrastructure else { return };
    let InfrastructureModel {
        load_balancer_arn,
        load_balancer_dns_name,
        load_balancer_zone_id,
        load_balancer_scheme,
        load_balancer_security_group_ids,
        listener_arn,
        listener_rule_arn,
        target_group_arns,
        certificate_arn,
        service_security_group_ids,
        log_group_name,
        log_group_arn,
        scalable_target_arn,
        scaling_policy_arns,
        metric_alarm_arns,
        to_repair: _,
    } = infrastructure;
    let texts = [
        load_balancer_arn,
        load_balancer_dns_name,
        load_balancer_zone_id,
        load_balancer_scheme,
        listener_arn,
        listener_rule_arn,
        certificate_arn,
        log_group_name,
        log_group_arn,
        scalable_target_arn,
    ];
    for text in texts {
        open_text(text);
    }
    let lists = [
        load_balancer_security_group_ids,
        target_group_arns,
        service_security_group_ids,
        scaling_policy_arns,
        metric_alarm_arns,
    ];
    for list in lists {
        if list.known().is_none_or(Vec::is_empty) {
            *list = Attr::Unknown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{DEPLOYMENT_MARKER_TAG_KEY, DeploymentStatus, TaskCounts};

    fn deployment(arn: &str, status: DeploymentStatus) -> Deployment {
        Deployment {
            arn: arn.to_owned(),
            status,
            status_reason: Some("because".to_owned()),
            target_revision_arn: None,
            created_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    fn observed() -> ObservedService {
        ObservedService::gone(
            "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
            ServiceStatus::Active,
        )
    }

    fn planned(private: Private, waits: bool) -> (bool, usize) {
        let model = ServiceModel {
            wait_for_steady_state: Attr::Known(waits),
            service_name: Attr::Known("api".to_owned()),
            ..ServiceModel::empty()
        };
        let mut plan = Plan {
            config: model.clone(),
            prior: Some(model.clone()),
            planned: model,
            requires_replace: Vec::new(),
            replaces_live: true,
            private,
        };
        let said = plan_unfinished(&mut plan);
        (is_deployment_open(&plan.planned), said.iter().count())
    }

    #[test]
    fn a_deployment_of_others_is_never_planned() {
        let deploying = ObservedService {
            deployment: Some(deployment("d2", DeploymentStatus::InProgress)),
            newest_deployment: Some(deployment("d2", DeploymentStatus::InProgress)),
            ..observed()
        };
        assert_eq!(note_read(&Private::new(), &deploying), Private::new());
        assert_eq!(planned(note_read(&Private::new(), &deploying), true), (false, 0));
    }

    #[test]
    fn a_marked_deployment_is_planned_while_it_runs_and_only_by_who_waits() {
        let marked = |status| ObservedService {
            marked_deployment: Some(deployment("d2", status)),
            tags: [(DEPLOYMENT_MARKER_TAG_KEY.to_owned(), "d1".to_owned())].into(),
            ..observed()
        };
        let running = note_read(&Private::new(), &marked(DeploymentStatus::InProgress));
        assert_eq!(planned(running.clone(), true), (true, 1));
        assert_eq!(planned(running.clone(), false), (false, 0));
        let done = note_read(&running, &marked(DeploymentStatus::Successful));
        assert_eq!(planned(done, true), (false, 0));
    }

    #[test]
    fn a_marked_deployment_that_does_not_show_yet_is_planned() {
        let awaiting = ObservedService {
            deployment: Some(deployment("d1", DeploymentStatus::Successful)),
            awaits_deployment: true,
            ..observed()
        };
        let read = note_read(&Private::new(), &awaiting);
        assert_eq!(planned(read.clone(), true), (true, 1));
        assert_eq!(planned(read.clone(), false), (false, 0));
        assert_eq!(note_read(&read, &observed()), Private::new());
    }

    #[test]
    fn what_an_interrupted_apply_remembers_is_found_without_a_mark() {
        let deploying = |status: DeploymentStatus| ObservedService {
            deployment: Some(deployment("d2", status.clone())),
            newest_deployment: Some(deployment("d2", status)),
            ..observed()
        };
        let left = note_applied(&Private::new(), Some(&deploying(DeploymentStatus::InProgress)), true);
        let read = note_read(&left, &deploying(DeploymentStatus::InProgress));
        assert_eq!(planned(read.clone(), true), (true, 1));
        let rolled_back = note_read(&read, &deploying(DeploymentStatus::RollbackSuccessful));
        assert!(Unfinished::from_private(&rolled_back).failed.is_some());
        let again = note_read(&rolled_back, &deploying(DeploymentStatus::RollbackSuccessful));
        assert_eq!(again, rolled_back, "a second refresh finds the same");
    }

    #[test]
    fn a_create_that_was_cut_short_and_a_service_without_tasks_are_planned() {
        let marked = ObservedService {
            tags: [(CREATION_MARKER_TAG_KEY.to_owned(), "a.b".to_owned())].into(),
            ..observed()
        };
        assert_eq!(planned(note_read(&Private::new(), &marked), true), (true, 1));
        let broken = ObservedService {
            task_counts: Some(TaskCounts { desired: 0, running: 0, minimum: 1 }),
            ..observed()
        };
        assert_eq!(planned(note_read(&Private::new(), &broken), false), (true, 1));
        let parked = ObservedService {
            task_counts: Some(TaskCounts { desired: 0, running: 0, minimum: 0 }),
            ..observed()
        };
        assert_eq!(planned(note_read(&Private::new(), &parked), true), (false, 0));
    }
}
