//! What differs between the desired and the observed service.

use std::collections::{BTreeMap, BTreeSet};

use super::configuration::{Configuration, PrimaryContainer, ScalingTarget};
use super::members::Members as _;

/// What an update sends: a member that is not there, or an auto scaling that says nothing, stays as it is.
///
/// ECS replaces the container and the list of security groups as a whole (facts, express section 1.3), so they are
/// complete whenever they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigurationChange {
    /// The members that are sent.
    pub members: Configuration,
}

impl ConfigurationChange {
    /// Whether the change needs new tasks. A change of auto scaling alone does not.
    pub fn needs_deployment(&self) -> bool {
        let without_scaling =
            Configuration { scaling_target: ScalingTarget::default(), ..self.members.clone() };
        without_scaling != Configuration::default()
    }
}

/// What must be sent so that `live` becomes `desired`; `None`: nothing.
pub fn configuration_change(desired: &Configuration, live: &Configuration) -> Option<ConfigurationChange> {
    let members = Configuration {
        primary_container: container_change(
            desired.primary_container.as_ref(),
            live.primary_container.as_ref(),
        ),
        security_groups: security_groups_change(desired, live),
        scaling_target: scaling_change(&desired.scaling_target, &live.scaling_target),
        ..desired.changed_from(live)
    };
    (members != Configuration::default()).then_some(ConfigurationChange { members })
}

/// The whole container if any member that the user set differs. Members that the user left out keep their live
/// value; lists and maps that the user emptied are sent empty, so that ECS cannot take them for "unchanged".
fn container_change(
    desired: Option<&PrimaryContainer>,
    live: Option<&PrimaryContainer>,
) -> Option<PrimaryContainer> {
    let desired = desired?;
    let Some(live) = live else { return Some(desired.clone()) };
    let merged = PrimaryContainer {
        container_port: desired.container_port.or(live.container_port),
        command: emptied(desired.command.as_ref(), live.command.as_ref()),
        environment: emptied(desired.environment.as_ref(), live.environment.as_ref()),
        secrets: emptied(desired.secrets.as_ref(), live.secrets.as_ref()),
        aws_logs_configuration: desired
            .aws_logs_configuration
            .clone()
            .or_else(|| live.aws_logs_configuration.clone()),
        stop_timeout_seconds: desired.stop_timeout_seconds.or(live.stop_timeout_seconds),
        init_process: desired.init_process.or(live.init_process),
        readonly_root_filesystem: desired.readonly_root_filesystem.or(live.readonly_root_filesystem),
        ..desired.clone()
    };
    (!is_same_container(&merged, live)).then_some(merged)
}

/// The desired collection, or an empty one where the user took away what is live.
fn emptied<T: Clone + Default>(desired: Option<&T>, live: Option<&T>) -> Option<T> {
    desired.cloned().or_else(|| live.map(|_| T::default()))
}

/// Equality in which an empty collection is the same as none: ECS does not tell them apart.
fn is_same_container(left: &PrimaryContainer, right: &PrimaryContainer) -> bool {
    let plain = |container: &PrimaryContainer| PrimaryContainer {
        command: container.command.clone().filter(|command| !command.is_empty()),
        environment: container.environment.clone().filter(|environment| !environment.is_empty()),
        secrets: container.secrets.clone().filter(|secrets| !secrets.is_empty()),
        ..container.clone()
    };
    plain(left) == plain(right)
}

/// The user's groups if they differ. While the live ones are not known, nothing is sent: a list without the group
/// that ECS made would cut the service off.
fn security_groups_change(desired: &Configuration, live: &Configuration) -> Option<BTreeSet<String>> {
    let (desired, live) = (desired.security_groups.as_ref()?, live.security_groups.as_ref()?);
    (desired != live).then(|| desired.clone())
}

/// ECS may replace the block as a whole, so with one change every member that is known goes along.
fn scaling_change(desired: &ScalingTarget, live: &ScalingTarget) -> ScalingTarget {
    let is_changed = desired.changed_from(live) != ScalingTarget::default();
    if is_changed { desired.or(live) } else { ScalingTarget::default() }
}

/// Tags to set and keys to remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChange {
    /// New and changed tags.
    pub set: BTreeMap<String, String>,
    /// Keys that go.
    pub remove: Vec<String>,
}

/// What must happen so that the tags that we manage become `desired`. Only keys in `managed` (what the state
/// knows) are ever removed, so that tags of AWS and of other tools stay.
pub fn tag_change(
    desired: &BTreeMap<String, String>,
    live: &BTreeMap<String, String>,
    managed: &BTreeMap<String, String>,
) -> Option<TagChange> {
    let set = desired
        .iter()
        .filter(|(key, value)| live.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect::<BTreeMap<_, _>>();
    let remove = managed
        .keys()
        .filter(|key| live.contains_key(*key) && !desired.contains_key(*key))
        .cloned()
        .collect::<Vec<_>>();
    let change = TagChange { set, remove };
    (change != TagChange::default()).then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ScalingMetric;

    fn live() -> Configuration {
        Configuration {
            cpu: Some("1024".to_owned()),
            primary_container: Some(PrimaryContainer {
                image: "api:1".to_owned(),
                container_port: Some(80),
                environment: Some(BTreeMap::from([("A".to_owned(), "1".to_owned())])),
                ..PrimaryContainer::default()
            }),
            scaling_target: ScalingTarget {
                min_task_count: Some(1),
                max_task_count: Some(20),
                auto_scaling_metric: Some(ScalingMetric::AverageCpu),
                auto_scaling_target_value: Some(60),
            },
            ..Configuration::default()
        }
    }

    #[test]
    fn what_the_user_leaves_out_is_never_a_change() {
        assert_eq!(configuration_change(&Configuration::default(), &live()), None);
        assert_eq!(configuration_change(&live(), &live()), None);
    }

    #[test]
    fn a_new_image_sends_the_whole_container() {
        let mut desired = live();
        desired.primary_container.as_mut().expect("set").image = "api:2".to_owned();
        let change = configuration_change(&desired, &live()).expect("a change");
        assert_eq!(change.members.primary_container, desired.primary_container);
        assert_eq!(change.members.cpu, None);
        assert!(change.needs_deployment());
    }

    #[test]
    fn an_environment_that_the_user_removed_is_sent_empty() {
        let mut desired = live();
        desired.primary_container.as_mut().expect("set").environment = None;
        let change = configuration_change(&desired, &live()).expect("a change");
        assert_eq!(change.members.primary_container.expect("container").environment, Some(BTreeMap::new()));
    }

    #[test]
    fn an_empty_environment_is_the_same_as_none() {
        let mut without = live();
        without.primary_container.as_mut().expect("set").environment = None;
        let mut empty = live();
        empty.primary_container.as_mut().expect("set").environment = Some(BTreeMap::new());
        assert_eq!(configuration_change(&empty, &without), None);
    }

    #[test]
    fn scaling_alone_needs_no_deployment_and_sends_the_whole_block() {
        let mut desired = Configuration::default();
        desired.scaling_target.max_task_count = Some(5);
        let change = configuration_change(&desired, &live()).expect("a change");
        assert!(!change.needs_deployment());
        let scaling = change.members.scaling_target;
        assert_eq!((scaling.min_task_count, scaling.max_task_count), (Some(1), Some(5)));
    }

    #[test]
    fn security_groups_that_the_user_does_not_mention_stay() {
        let mut live = live();
        live.security_groups = Some(BTreeSet::from(["sg-1".to_owned()]));
        assert_eq!(configuration_change(&Configuration::default(), &live), None);
        let none = Configuration { security_groups: Some(BTreeSet::new()), ..Configuration::default() };
        let change = configuration_change(&none, &live).expect("a change");
        assert_eq!(change.members.security_groups, Some(BTreeSet::new()));
    }

    #[test]
    fn security_groups_are_not_sent_while_the_live_ones_are_not_known() {
        let desired = Configuration { security_groups: Some(BTreeSet::from(["sg-1".to_owned()])), ..live() };
        assert_eq!(configuration_change(&desired, &live()), None);
    }

    #[test]
    fn only_tags_that_we_manage_are_removed() {
        let tags = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let change = tag_change(
            &tags(&[("a", "2")]),
            &tags(&[("a", "1"), ("b", "1"), ("foreign", "x")]),
            &tags(&[("a", "1"), ("b", "1")]),
        );
        assert_eq!(change, Some(TagChange { set: tags(&[("a", "2")]), remove: vec!["b".to_owned()] }));
        assert_eq!(tag_change(&tags(&[]), &tags(&[("foreign", "x")]), &tags(&[])), None);
    }
}
