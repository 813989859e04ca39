//! Configurations that Terraform writes for imported services (`-generate-config-out`, `terraform query`).
//!
//! Core before 1.14 copies every attribute that may be written from the state of the import. So that state leaves
//! out what the provider would refuse beside the rest; a later refresh fills it in. Newer cores ask for the
//! configuration, which is then free of what only repeats a default.

use super::model::ServiceModel;
use crate::framework::Attr;
use crate::provider::handle::MANAGED_ENGINE;

/// An imported state without attributes that exclude others which it has.
pub(super) fn without_rivals(state: ServiceModel) -> ServiceModel {
    if state.primary_container.is_null() {
        ServiceModel { cpu: Attr::Null, memory: Attr::Null, cpu_architecture: Attr::Null, ..state }
    } else {
        ServiceModel { task_definition_arn: Attr::Null, ..state }
    }
}

/// The configuration that a user would write for the state.
pub(super) fn generate_config(config: ServiceModel) -> ServiceModel {
    let config = without_rivals(config);
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
        let config = generate_config(state);
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
            generate_config(state),
            ServiceModel { cluster: known("default"), ..ServiceModel::empty() }
        );
        let other = ServiceModel { engine: known("composed"), ..ServiceModel::empty() };
        assert_eq!(generate_config(other).engine, known("composed"));
    }
}
