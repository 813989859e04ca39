//! Known causes of failed deployments: what the evidence says, and what to do about it. One cause, one file.

mod image_missing;
mod platform_mismatch;
mod registry_unreachable;

use super::Evidence;

/// A cause: the hint for a text of AWS that shows it.
type Cause = fn(&str) -> Option<String>;

/// From the most to the least specific; one hint of each at most.
const CAUSES: [Cause; 3] =
    [platform_mismatch::find_hint, image_missing::find_hint, registry_unreachable::find_hint];

/// Hints for the causes that stopped tasks and service events show.
pub(super) fn list_hints(evidence: &Evidence) -> Vec<String> {
    let texts: Vec<&str> = list_texts(evidence).collect();
    CAUSES.iter().filter_map(|cause| texts.iter().find_map(|text| cause(text))).collect()
}

fn list_texts(evidence: &Evidence) -> impl Iterator<Item = &str> {
    let of_tasks = evidence.stopped_tasks.iter().flat_map(|task| {
        let of_containers = task.containers.iter().filter_map(|container| container.reason.as_deref());
        task.stopped_reason.as_deref().into_iter().chain(of_containers)
    });
    of_tasks.chain(evidence.events.iter().map(|event| event.message.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::ServiceEvent;

    #[test]
    fn each_cause_is_told_once_and_a_failure_without_a_known_cause_has_no_hint() {
        let event = |message: &str| ServiceEvent { created_at: None, message: message.to_owned() };
        let mismatch = "CannotPullContainerError: image Manifest does not contain descriptor matching platform \
                        'linux/amd64'";
        let evidence = Evidence { events: vec![event(mismatch), event(mismatch)], stopped_tasks: Vec::new() };
        assert_eq!(list_hints(&evidence).len(), 1);
        let other =
            Evidence { events: vec![event("has reached a steady state.")], stopped_tasks: Vec::new() };
        assert_eq!(list_hints(&other), Vec::<String>::new());
    }
}
