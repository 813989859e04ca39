//! From errors and evidence to symptoms.

use super::Evidence;
use crate::aws::AwsError;
use crate::aws::ecs::{StoppedContainer, StoppedTask};
use crate::aws::elbv2::TargetHealth;
use crate::diagnosis::symptom::{Place, Symptom};
use crate::engine::EngineError;

/// Everything that an error and the evidence say, for the causes to judge. Pure.
pub(crate) fn list_symptoms(error: &EngineError, evidence: &Evidence) -> Vec<Symptom> {
    let mut symptoms = of_error(error.root());
    symptoms.extend(evidence.stopped_tasks.iter().flat_map(of_task));
    let events = evidence.events.iter();
    symptoms.extend(events.map(|event| Symptom::new(Place::Event, &event.message).at(event.created_at)));
    let targets = evidence.targets.iter().filter(|target| !is_on_its_way(error, evidence, target));
    symptoms.extend(targets.map(|target| {
        Symptom::new(Place::Target, target.description.as_deref().unwrap_or_default())
            .with_code(target.reason.clone())
            .about(&target.target_id)
    }));
    symptoms.extend(evidence.resources.iter().filter_map(|resource| {
        let reason = resource.status_reason.as_deref()?;
        Some(Symptom::new(Place::Resource, reason).with_code(Some(resource.kind.as_str().to_owned())))
    }));
    symptoms.extend(evidence.certificate.iter().map(|status| Symptom::new(Place::Resource, status)));
    let lines = evidence.log.iter().flat_map(|log| &log.lines);
    symptoms.extend(lines.map(|line| Symptom::new(Place::Log, line)));
    symptoms
}

/// Whether a target is as it has to be where time ran out while ECS was still making what leads to it: no sign of anything.
fn is_on_its_way(error: &EngineError, evidence: &Evidence, target: &TargetHealth) -> bool {
    let is_cut_short = matches!(error.root(), EngineError::TimedOut { .. });
    is_cut_short && target.state == "unused" && !evidence.resources.is_empty()
}

/// What a refusal says, and which service refused.
pub(crate) fn of_refusal(error: &AwsError) -> Symptom {
    Symptom::new(Place::Refusal, &error.message).with_code(error.code.clone()).about(error.service)
}

/// What an error says by itself.
fn of_error(error: &EngineError) -> Vec<Symptom> {
    match error {
        EngineError::Aws(error) => vec![of_refusal(error)],
        EngineError::DeploymentFailed(failure) => {
            let reasons = [&failure.rollback_reason, &failure.status_reason].into_iter().flatten();
            let alarms = failure.triggered_alarm_names.iter();
            reasons
                .map(|reason| Symptom::new(Place::Deployment, reason).at(failure.created_at))
                .chain(alarms.map(|name| Symptom::new(Place::Alarm, name)))
                .collect()
        }
        EngineError::ResourceFailed { kind, reason: Some(reason), .. } => {
            vec![Symptom::new(Place::Resource, reason).with_code(Some((*kind).to_owned()))]
        }
        EngineError::InfrastructureRoleGone { evidence, .. } => vec![Symptom::new(Place::Service, evidence)],
        EngineError::TimedOut { pending } => vec![Symptom::new(Place::Wait, pending)],
        _ => Vec::new(),
    }
}

/// Why a task stopped, and how its containers ended.
pub(crate) fn of_task(task: &StoppedTask) -> Vec<Symptom> {
    let say = |place: Place, text: &str| {
        let symptom = Symptom::new(place, text).with_code(task.stop_code.clone()).at(task.stopped_at);
        symptom.about(&task.arn)
    };
    let mut symptoms: Vec<_> = task.stopped_reason.iter().map(|reason| say(Place::Task, reason)).collect();
    symptoms.extend(list_telling_exits(task).into_iter().map(|container| Symptom {
        exit_code: container.exit_code,
        ..say(Place::Exit, container.reason.as_deref().unwrap_or_default())
    }));
    symptoms
}

/// The containers whose end says why the task ended. When an essential container ends, ECS stops the others, and they
/// end by SIGTERM (143, or 0 if they handle it) or at last by SIGKILL (137).
fn list_telling_exits(task: &StoppedTask) -> Vec<&StoppedContainer> {
    let weight = |container: &StoppedContainer| match (container.exit_code, &container.reason) {
        (_, Some(_)) => 3,
        (Some(0 | 143) | None, None) => 0,
        (Some(137), None) => 1,
        (Some(_), None) => 2,
    };
    let most = task.containers.iter().map(weight).max();
    task.containers.iter().filter(|container| Some(weight(container)) == most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::error::Aftermath;
    use crate::service::{ManagedKind, ManagedResource};

    #[test]
    fn the_refusal_of_a_step_is_a_symptom() {
        let refused = AwsError::refused("ELBv2", "CreateLoadBalancer", "TooManyLoadBalancers", "no more");
        let error = EngineError::step("load balancer".to_owned(), refused.into(), Aftermath::default());
        let symptoms = list_symptoms(&error, &Evidence::default());
        let expected = Symptom::new(Place::Refusal, "no more").about("ELBv2");
        assert_eq!(symptoms, [expected.with_code(Some("TooManyLoadBalancers".to_owned()))]);
    }

    #[test]
    fn a_target_that_nothing_leads_to_yet_is_no_sign_while_that_is_being_made() {
        let target = TargetHealth {
            target_id: "10.0.0.7".to_owned(),
            port: 80,
            state: "unused".to_owned(),
            reason: Some("Target.NotInUse".to_owned()),
            description: None,
        };
        let rule = ManagedResource {
            kind: ManagedKind::ListenerRule,
            arn: None,
            status: "PROVISIONING".to_owned(),
            status_reason: None,
            name: None,
        };
        let error = EngineError::TimedOut { pending: "the deployment runs".to_owned() };
        let early = Evidence { targets: vec![target.clone()], resources: vec![rule], ..Evidence::default() };
        let is_of_target = |symptom: &Symptom| symptom.place == Place::Target;
        assert!(!list_symptoms(&error, &early).iter().any(is_of_target));
        let late = Evidence { targets: vec![target], ..Evidence::default() };
        assert!(list_symptoms(&error, &late).iter().any(is_of_target));
    }

    #[test]
    fn containers_that_ecs_stopped_with_the_failing_one_say_nothing() {
        let container = |exit_code: i32, reason: Option<&str>| StoppedContainer {
            name: "x".to_owned(),
            exit_code: Some(exit_code),
            reason: reason.map(str::to_owned),
        };
        let telling = |containers: Vec<StoppedContainer>| -> Vec<i32> {
            let task = StoppedTask { containers, ..StoppedTask::default() };
            list_telling_exits(&task).into_iter().filter_map(|container| container.exit_code).collect()
        };
        assert_eq!(telling(vec![container(143, None), container(1, None), container(137, None)]), [1]);
        assert_eq!(telling(vec![container(0, None), container(137, None)]), [137]);
        assert_eq!(telling(vec![container(137, Some("OutOfMemoryError")), container(1, None)]), [137]);
        assert_eq!(telling(vec![container(0, None)]), [0]);
    }

    #[test]
    fn a_task_says_why_it_stopped_and_how_its_containers_ended() {
        let task = StoppedTask {
            arn: "arn:task".to_owned(),
            stop_code: Some("EssentialContainerExited".to_owned()),
            stopped_reason: Some("Essential container in task exited".to_owned()),
            containers: vec![StoppedContainer { name: "Main".to_owned(), exit_code: Some(1), reason: None }],
            ..StoppedTask::default()
        };
        let symptoms = of_task(&task);
        let seen: Vec<_> = symptoms.iter().map(|one| (one.place, one.exit_code)).collect();
        assert_eq!(seen, [(Place::Task, None), (Place::Exit, Some(1))]);
        assert!(symptoms.iter().all(|one| one.subject.as_deref() == Some("arn:task")));
    }
}
