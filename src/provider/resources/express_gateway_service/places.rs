//! Where the things that a service names must be: in its own region, account or partition.

use std::collections::BTreeMap;

use super::model::ServiceModel;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::foreign::{Home, check_home};
use crate::provider::handle::Configured;

/// Refuses ARNs of what cannot be used from here. Secrets and parameters may be shared between accounts and regions.
pub(super) fn check_places(configured: &Configured, planned: &ServiceModel) -> Vec<Diagnostic> {
    let named = [
        ("cluster", &planned.cluster, Home::Region),
        ("infrastructure_role_arn", &planned.infrastructure_role_arn, Home::Account),
        ("execution_role_arn", &planned.execution_role_arn, Home::Account),
        ("task_role_arn", &planned.task_role_arn, Home::Account),
        ("task_definition_arn", &planned.task_definition_arn, Home::Region),
        ("certificate_arn", &planned.certificate_arn, Home::Account),
        ("web_acl_arn", &planned.web_acl_arn, Home::Account),
    ];
    let arguments = named
        .into_iter()
        .filter_map(|(name, value, home)| Some((Path::attribute(name), value.cloned()?, home)));
    let secrets = secrets(planned).into_iter().map(|(path, value)| (path, value, Home::Partition));
    arguments
        .chain(secrets)
        .filter_map(|(path, value, home)| check_home(configured, &path, &value, home))
        .collect()
}

fn secrets(planned: &ServiceModel) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    if let Some(main) = planned.primary_container.known() {
        collect(&Path::attribute("primary_container").then("secrets"), &main.secrets, &mut found);
    }
    for (name, sidecar) in planned.sidecars.known().into_iter().flatten() {
        if let Some(sidecar) = sidecar.known() {
            collect(&Path::attribute("sidecars").key(name).then("secrets"), &sidecar.secrets, &mut found);
        }
    }
    found
}

fn collect(path: &Path, values: &Attr<BTreeMap<String, Attr<String>>>, found: &mut Vec<(Path, String)>) {
    let values = values.known().into_iter().flatten();
    found.extend(values.filter_map(|(key, value)| Some((path.key(key), value.cloned()?))));
}
