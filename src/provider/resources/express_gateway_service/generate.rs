//! Configurations that Terraform writes for imported services (`-generate-config-out`, `terraform query`).
//!
//! Core before 1.14 copies every attribute that may be written from the state of the import. So that state leaves
//! out what the provider would refuse beside the rest, and what AWS made up; a later refresh fills it in. Newer cores
//! ask for the configuration, which is then free of what only repeats a default, and import the whole state.

use std::collections::BTreeSet;

use super::model::{PrimaryContainerModel, ServiceModel};
use super::subnets::known_subnets;
use crate::framework::Attr;
use crate::provider::handle::MANAGED_ENGINE;
use crate::service::cluster_name;

/// An imported state without attributes that exclude others which it has.
pub(super) fn without_rivals(state: ServiceModel) -> ServiceModel {
    if state.primary_container.is_null() {
        ServiceModel { cpu: Attr::Null, memory: Attr::Null, cpu_architecture: Attr::Null, ..state }
    } else {
        ServiceModel { task_definition_arn: Attr::Null, ..state }
    }
}

/// Without what AWS chose because nobody said anything: the log group whose name it made up, and the default VPC's
/// default subnets. Written down, both would be pinned.
pub(super) fn without_made_up(
    config: ServiceModel,
    default_subnets: Option<&BTreeSet<String>>,
) -> ServiceModel {
    let has_default_subnets = default_subnets.is_some() && known_subnets(&config).as_ref() == default_subnets;
    let names_groups = config.network_configuration.known().is_some_and(|it| !it.security_groups.is_null());
    let network_configuration = match config.network_configuration {
        Attr::Known(_) if has_default_subnets && !names_groups => Attr::Null,
        other => other,
    };
    let cluster = config.cluster.known().map(|cluster| cluster_name(cluster).to_owned()).unwrap_or_default();
    let name = config.service_name.known().cloned().unwrap_or_default();
    let primary_container = match config.primary_container {
        Attr::Known(container) if has_made_up_log_group(&container, &cluster, &name) => {
            Attr::Known(PrimaryContainerModel { aws_logs_configuration: Attr::Null, ..container })
        }
        other => other,
    };
    ServiceModel { primary_container, network_configuration, ..config }
}

/// `/aws/ecs/<cluster>/<service>-<4 hexadecimal digits>` (facts, express section 2.1).
fn has_made_up_log_group(container: &PrimaryContainerModel, cluster: &str, name: &str) -> bool {
    let logs = container.aws_logs_configuration.known();
    let group = logs.and_then(|logs| logs.log_group.known()).map_or("", String::as_str);
    group
        .strip_prefix(&format!("/aws/ecs/{cluster}/{name}-"))
        .is_some_and(|rest| rest.len() == 4 && rest.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// The configuration that a user would write for the state.
pub(super) fn generate_config(
    config: ServiceModel,
    default_subnets: Option<&BTreeSet<String>>,
) -> ServiceModel {
    let config = without_made_up(without_rivals(config), default_subnets);
    ServiceModel {
        engine: unless(config.engine, |engine| engine == MANAGED_ENGINE),
        image_source: unless(config.image_source, |source| source == "config"),
        wait_for_steady_state: unless(config.wait_for_steady_state, |waits| *waits),
        tags: unless(config.tags, std::collections::BTreeMap::is_empty),
        ..config
    }
}

/// The value, unless it is what an absent one means.
fn unless<T>(value: Attr<T>, is_default: impl Fn(&T) -> bool) -> Attr<T> {
    match value {
        Attr::Known(value) if !is_default(&value) => Attr::Known(value),
        _ => Attr::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    #[test]
    fn a_service_of_its_own_task_definition_names_no_size() {
        let state = ServiceModel {
            task_definition_arn: known("arn"),
            cpu: known("256"),
            memory: known("512"),
            cpu_architecture: known("ARM64"),
            ..ServiceModel::empty()
        };
        let config = generate_config(state, None);
        assert_eq!(config, ServiceModel { task_definition_arn: known("arn"), ..ServiceModel::empty() });
    }

    #[test]
    fn defaults_are_not_written_and_everything_else_is() {
        let state = ServiceModel {
            engine: known("managed"),
            image_source: known("config"),
            wait_for_steady_state: Attr::Known(true),
            cluster: known("default"),
            ..ServiceModel::empty()
        };
        assert_eq!(
            generate_config(state, None),
            ServiceModel { cluster: known("default"), ..ServiceModel::empty() }
        );
        let other = ServiceModel { engine: known("composed"), ..ServiceModel::empty() };
        assert_eq!(generate_config(other, None).engine, known("composed"));
    }
}
