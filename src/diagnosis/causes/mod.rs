//! Known causes of failures. One cause, one file: how it is recognised, in which words it is told, and what helps.

mod alarm;
mod caa_forbids_certificate;
mod capacity_provider_missing;
mod certificate_not_validated;
mod certificate_quota;
mod circuit_breaker;
mod cluster_not_found;
mod command_not_executable;
mod command_not_found;
mod container_cannot_start;
mod container_ended;
mod container_health_check_failed;
mod container_killed;
mod crash;
mod deployment_percentages;
mod deployment_stopped;
mod deployment_superseded;
mod domain_not_allowed;
mod ecr_pull_denied;
mod ecs_quota;
mod execution_role_missing;
mod failing_health_check;
mod fargate_capacity;
mod fargate_quota;
mod fargate_size_invalid;
mod health_check_redirected;
mod health_check_refused;
mod health_check_server_error;
mod health_check_timeout;
mod health_check_unauthorized;
mod health_checks_failed;
mod image_layers_unreachable;
mod image_name_invalid;
mod image_not_found;
mod image_too_large;
mod infrastructure_role_denied;
mod infrastructure_role_missing;
mod init_process_not_first;
mod lifecycle_hook_failed;
mod listener_rule_changed;
mod listener_rule_quota;
mod listener_rule_split;
mod load_balancer_quota;
mod load_balancer_subnet_full;
mod log_driver_invalid;
mod log_group_missing;
mod logs_denied;
mod logs_unreachable;
mod mixed_subnets;
mod name_draining;
mod network_interface_timeout;
mod network_not_found;
mod new_account_limit;
mod no_rollback_candidate;
mod out_of_memory;
mod pass_role_denied;
mod record_guardrail;
mod registry_credentials_missing;
mod registry_rate_limit;
mod registry_unreachable;
mod role_not_assumable;
mod secret_key_missing;
mod secret_not_found;
mod secrets_denied;
mod secrets_unreachable;
mod security_group_quota;
mod security_group_rule_quota;
mod segmentation_fault;
mod service_linked_role_denied;
mod service_linked_role_missing;
mod service_quota;
mod spot_interruption;
mod subnet_full;
mod subnets_in_one_zone;
mod subnets_share_zone;
mod target_group_gone;
mod target_group_quota;
mod target_group_unused;
mod target_zone_not_enabled;
mod task_retired;
mod task_role_required;
mod unable_to_start_tasks;
mod wrong_architecture;
mod zone_without_fargate;

use std::cmp::Reverse;

use super::cause::{Cause, Finding, Rank};
use super::symptom::Symptom;

/// Every cause. A symptom belongs to the first that it shows: the more specific stands before the more general.
pub(crate) static CAUSES: [&Cause; 84] = [
    &wrong_architecture::CAUSE,
    &registry_rate_limit::CAUSE,
    &image_too_large::CAUSE,
    &image_layers_unreachable::CAUSE,
    &ecr_pull_denied::CAUSE,
    &registry_credentials_missing::CAUSE,
    &image_name_invalid::CAUSE,
    &registry_unreachable::CAUSE,
    &image_not_found::CAUSE,
    &secret_key_missing::CAUSE,
    &secrets_denied::CAUSE,
    &log_group_missing::CAUSE,
    &logs_denied::CAUSE,
    &logs_unreachable::CAUSE,
    &log_driver_invalid::CAUSE,
    &secret_not_found::CAUSE,
    &secrets_unreachable::CAUSE,
    &container_cannot_start::CAUSE,
    &out_of_memory::CAUSE,
    &container_killed::CAUSE,
    &init_process_not_first::CAUSE,
    &command_not_found::CAUSE,
    &command_not_executable::CAUSE,
    &segmentation_fault::CAUSE,
    &container_ended::CAUSE,
    &crash::CAUSE,
    &health_check_redirected::CAUSE,
    &health_check_unauthorized::CAUSE,
    &health_check_server_error::CAUSE,
    &failing_health_check::CAUSE,
    &health_check_timeout::CAUSE,
    &health_check_refused::CAUSE,
    &target_zone_not_enabled::CAUSE,
    &target_group_unused::CAUSE,
    &target_group_gone::CAUSE,
    &container_health_check_failed::CAUSE,
    &health_checks_failed::CAUSE,
    &fargate_capacity::CAUSE,
    &fargate_quota::CAUSE,
    &new_account_limit::CAUSE,
    &zone_without_fargate::CAUSE,
    &subnet_full::CAUSE,
    &load_balancer_subnet_full::CAUSE,
    &deployment_percentages::CAUSE,
    &network_interface_timeout::CAUSE,
    &spot_interruption::CAUSE,
    &task_retired::CAUSE,
    &pass_role_denied::CAUSE,
    &service_linked_role_denied::CAUSE,
    &service_linked_role_missing::CAUSE,
    &execution_role_missing::CAUSE,
    &infrastructure_role_denied::CAUSE,
    &infrastructure_role_missing::CAUSE,
    &role_not_assumable::CAUSE,
    &listener_rule_split::CAUSE,
    &listener_rule_changed::CAUSE,
    &lifecycle_hook_failed::CAUSE,
    &deployment_stopped::CAUSE,
    &deployment_superseded::CAUSE,
    &alarm::CAUSE,
    &unable_to_start_tasks::CAUSE,
    &circuit_breaker::CAUSE,
    &no_rollback_candidate::CAUSE,
    &caa_forbids_certificate::CAUSE,
    &domain_not_allowed::CAUSE,
    &certificate_not_validated::CAUSE,
    &load_balancer_quota::CAUSE,
    &target_group_quota::CAUSE,
    &security_group_rule_quota::CAUSE,
    &listener_rule_quota::CAUSE,
    &certificate_quota::CAUSE,
    &security_group_quota::CAUSE,
    &ecs_quota::CAUSE,
    &service_quota::CAUSE,
    &fargate_size_invalid::CAUSE,
    &subnets_in_one_zone::CAUSE,
    &subnets_share_zone::CAUSE,
    &mixed_subnets::CAUSE,
    &network_not_found::CAUSE,
    &cluster_not_found::CAUSE,
    &capacity_provider_missing::CAUSE,
    &task_role_required::CAUSE,
    &record_guardrail::CAUSE,
    &name_draining::CAUSE,
];

/// The cause that a symptom shows, if any.
pub(crate) fn find_cause(symptom: &Symptom) -> Option<&'static Cause> {
    CAUSES.into_iter().find(|cause| (cause.is_shown_by)(symptom))
}

/// The causes that symptoms show, the likeliest first: of those that explain most, the one that most symptoms show.
///
/// Causes that explain less are left out, and of several ways to say how a deployment ended only one is told.
pub(crate) fn find_causes(symptoms: &[Symptom]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for symptom in symptoms {
        let Some(cause) = find_cause(symptom) else { continue };
        match findings.iter_mut().find(|finding| finding.cause == cause) {
            Some(finding) => finding.symptoms.push(symptom.clone()),
            None => findings.push(Finding { cause, symptoms: vec![symptom.clone()] }),
        }
    }
    let Some(best) = findings.iter().map(|finding| finding.cause.rank).min() else { return Vec::new() };
    findings.retain(|finding| finding.cause.rank == best);
    let place = |cause: &Cause| CAUSES.iter().position(|known| *known == cause);
    if best == Rank::Outcome {
        findings.sort_by_key(|finding| place(finding.cause));
        findings.truncate(1);
    } else {
        findings.sort_by_key(|finding| (Reverse(finding.symptoms.len()), place(finding.cause)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnosis::cause::Family;
    use crate::diagnosis::symptom::Place;

    #[test]
    fn every_cause_has_a_name_of_its_own_in_kebab_case_a_sentence_and_a_fix() {
        let names: BTreeSet<_> = CAUSES.iter().map(|cause| cause.id).collect();
        assert_eq!(names.len(), CAUSES.len());
        for cause in CAUSES {
            assert!(cause.id.chars().all(|it| it.is_ascii_lowercase() || it == '-'), "{cause:?}");
            assert!(cause.sentence.ends_with('.') && !cause.sentence.contains(". "), "{cause:?}");
            let fix = (cause.fix)(&cause.example.to_symptom());
            assert!((1..=2).contains(&fix.len()), "{cause:?}: {fix:?}");
        }
    }

    #[test]
    fn what_explains_more_hides_what_explains_less() {
        let symptoms = [
            Symptom::new(Place::Deployment, "rolled back because the circuit breaker threshold was exceeded"),
            Symptom::new(Place::Event, "(service api) is unable to consistently start tasks successfully."),
            Symptom::new(Place::Task, "CannotPullContainerError: api:9: not found"),
        ];
        let found = |symptoms: &[Symptom]| -> Vec<&str> {
            find_causes(symptoms).iter().map(|finding| finding.cause.id).collect()
        };
        assert_eq!(found(&symptoms), ["image-not-found"]);
        assert_eq!(found(&symptoms[..2]), ["unable-to-start-tasks"], "one of the two is enough");
        assert_eq!(found(&[Symptom::new(Place::Event, "has reached a steady state.")]), Vec::<&str>::new());
    }

    #[test]
    fn what_the_container_wrote_can_say_more_than_its_exit_code() {
        let exit = Symptom { exit_code: Some(1), ..Symptom::new(Place::Exit, "") };
        let line = Symptom::new(Place::Log, "exec /server: exec format error");
        let found = |symptoms: &[Symptom]| find_causes(symptoms)[0].cause.id;
        assert_eq!(found(std::slice::from_ref(&exit)), "crash");
        assert_eq!(found(&[exit, line]), "wrong-architecture");
    }

    #[test]
    fn only_what_explains_a_failure_is_ever_certain_before_its_end() {
        for cause in CAUSES {
            let Some(conclusive) = cause.conclusive else { continue };
            assert_eq!(cause.rank, Rank::Root, "{cause:?}");
            assert!(conclusive.sightings > 0, "{cause:?}");
            let may_propagate = cause.family == Family::Role && cause.example.place != Place::Refusal;
            assert!(!may_propagate || conclusive.lasts.as_secs() >= 90, "{cause:?}: IAM takes its time");
        }
    }

    #[test]
    fn of_two_root_causes_the_one_that_is_seen_more_often_comes_first() {
        let missing = Symptom::new(Place::Task, "CannotPullContainerError: api:9: not found");
        let full = Symptom::new(Place::Event, "InsufficientFreeAddressesInSubnet");
        let found = find_causes(&[missing, full.clone(), full]);
        let ids: Vec<_> = found.iter().map(|finding| (finding.cause.id, finding.symptoms.len())).collect();
        assert_eq!(ids, [("subnet-full", 2), ("image-not-found", 1)]);
    }
}
