//! Import: by service ARN, by `<cluster>/<service name>`, or by identity.

use super::check_region;
use super::model::ServiceModel;
use crate::diagnosis::{self, Operation};
use crate::engine::Engine;
use crate::framework::resource::ImportTarget;
use crate::framework::{Attr, Diagnostic, Value};
use crate::provider::handle::ProviderHandle;
use crate::service::ServiceArn;

const FORMS: &str =
    "Import takes a service ARN (arn:aws:ecs:region:account:service/cluster/name) or `cluster/name`.";

/// The state that the read right afterwards starts from: the ARN and nothing else.
pub(super) async fn import(
    provider: &ProviderHandle,
    target: ImportTarget,
) -> Result<ServiceModel, Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id,
        ImportTarget::Identity(identity) => arn_of(&identity)?,
    };
    let configured = provider.configured()?;
    let arn = match id.parse::<ServiceArn>() {
        Ok(arn) => arn,
        Err(error) if id.starts_with("arn:") => {
            return Err(Diagnostic::error("Cannot import", format!("{error}.\n{FORMS}")));
        }
        Err(_) => {
            let (cluster, name) = split(&id)?;
            let found = configured.managed_engine.find(cluster, name).await;
            let found = found.map_err(|error| diagnosis::explain_refusal(Operation::Import, None, &error))?;
            found.ok_or_else(|| {
                missing(&format!("No service `{name}` lives in cluster `{cluster}`"), &configured.region)
            })?
        }
    };
    check_region(&configured, &arn)?;
    Ok(ServiceModel { service_arn: Attr::Known(arn.to_string()), ..ServiceModel::empty() })
}

/// Whether a state is what an import starts with: every other state has the infrastructure role.
pub(super) fn is_import(state: &ServiceModel) -> bool {
    state.infrastructure_role_arn.is_null()
}

fn arn_of(identity: &Value) -> Result<String, Diagnostic> {
    match identity {
        Value::Object(members) => match members.get("service_arn") {
            Some(Value::String(arn)) => Ok(arn.clone()),
            _ => Err(Diagnostic::error("Cannot import", "The identity has no `service_arn`.")),
        },
        _ => Err(Diagnostic::error("Cannot import", "The identity is not an object.")),
    }
}

fn split(id: &str) -> Result<(&str, &str), Diagnostic> {
    match id.split_once('/') {
        Some((cluster, name)) if !cluster.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok((cluster, name))
        }
        _ => Err(Diagnostic::error("Cannot import", format!("`{id}` names no service.\n{FORMS}"))),
    }
}

fn missing(what: &str, region: &str) -> Diagnostic {
    Diagnostic::error("Cannot import a service that does not exist", format!("{what} in {region}."))
        .hint("aws ecs list-services --cluster <cluster> --resource-management-type ECS")
}
