//! Import: by service ARN, by `<cluster>/<service name>`, by the name of a service of the default cluster, or by
//! identity.

use super::check_region;
use super::model::ServiceModel;
use crate::aws::AwsErrorKind;
use crate::diagnosis::{self, Operation};
use crate::framework::resource::ImportTarget;
use crate::framework::{Attr, Diagnostic, Value};
use crate::provider::handle::{COMPOSED_ENGINE, Configured, ProviderHandle};
use crate::provider::maker::living_engine;
use crate::service::{DEFAULT_CLUSTER_NAME, ServiceArn, ServiceStatus, cluster_name};

const FORMS: &str = "Import takes a service ARN (arn:aws:ecs:region:account:service/cluster/name), `cluster/name`, or \
the name alone of a service of the cluster `default`.";

/// The state that the read right afterwards starts from: the ARN and the engine, nothing else.
pub(super) async fn import(
    provider: &ProviderHandle,
    target: ImportTarget,
) -> Result<(ServiceModel, Option<Diagnostic>), Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id,
        ImportTarget::Identity(identity) => arn_of(&identity)?,
    };
    let configured = provider.configured()?;
    let (arn, engine) = match id.parse::<ServiceArn>() {
        Ok(arn) => {
            check_region(&configured, &arn)?;
            let engine = find_engine(&configured, &arn).await?;
            (arn, engine)
        }
        Err(error) if id.starts_with("arn:") => {
            return Err(Diagnostic::error("Cannot import", format!("{error}.\n{FORMS}")));
        }
        Err(_) => {
            let (cluster, name) = split(&id)?;
            let (arn, engine) = find_by_name(&configured, cluster, name).await?;
            (arn, Some(engine))
        }
    };
    let engine = engine.map(str::to_owned).into();
    let warning = configured.imports.note(&arn).then(|| imported_twice(&arn));
    let state = ServiceModel { service_arn: Attr::Known(arn.to_string()), engine, ..ServiceModel::empty() };
    Ok((state, warning))
}

/// Core takes one object under two addresses without a word.
fn imported_twice(arn: &ServiceArn) -> Diagnostic {
    Diagnostic::warning(
        format!("Service `{}` is imported twice in this run", arn.name()),
        format!(
            "Two addresses would manage {arn}: each undoes what the other one changes, and destroying one destroys the \
             service of both."
        ),
    )
    .hint("keep one of the `import` blocks, and refer to that resource wherever the service is needed")
}

/// The engine that made the service of an ARN; `None`: AWS does not let us see that, which only the composed engine
/// depends on.
async fn find_engine(configured: &Configured, arn: &ServiceArn) -> Result<Option<&'static str>, Diagnostic> {
    let record = match configured.ecs.find_service(arn.cluster(), arn.name()).await {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => return Ok(None),
        other => other,
    };
    let record = record.map_err(|error| diagnosis::explain_refusal(Operation::Import, Some(arn), &error))?;
    match living_engine(record.as_ref()).map_err(import_elsewhere)? {
        Some(engine) => Ok(Some(engine)),
        None if has_parts(configured, arn).await? => Ok(Some(COMPOSED_ENGINE)),
        None => Err(missing(arn.cluster(), arn.name(), &configured.region)),
    }
}

/// Whether a create of the composed engine was cut short before there was an ECS service: what it made can be imported,
/// and the next apply makes the rest.
async fn has_parts(configured: &Configured, arn: &ServiceArn) -> Result<bool, Diagnostic> {
    let observed = configured.engine(COMPOSED_ENGINE).observe(arn).await;
    match observed {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => Ok(false),
        Err(error) => Err(diagnosis::explain_refusal(Operation::Import, Some(arn), &error)),
        Ok(observed) => Ok(observed.is_some_and(|observed| observed.status != ServiceStatus::Inactive)),
    }
}

async fn find_by_name(
    configured: &Configured,
    cluster: &str,
    name: &str,
) -> Result<(ServiceArn, &'static str), Diagnostic> {
    let record = configured.ecs.find_service(cluster, name).await;
    let record = record.map_err(|error| diagnosis::explain_refusal(Operation::Import, None, &error))?;
    let engine = living_engine(record.as_ref()).map_err(import_elsewhere)?;
    match (record, engine) {
        (Some(record), Some(engine)) => Ok((record.arn, engine)),
        _ => Err(missing(cluster, name, &configured.region)),
    }
}

fn import_elsewhere(ordinary: Diagnostic) -> Diagnostic {
    ordinary
        .hint("import it as `aws_ecs_service` of hashicorp/aws")
        .hint("or make an `express_gateway_service` beside it with another `service_name`, and move the traffic over")
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
        None if !id.is_empty() => Ok((DEFAULT_CLUSTER_NAME, id)),
        _ => Err(Diagnostic::error("Cannot import", format!("`{id}` names no service.\n{FORMS}"))),
    }
}

fn missing(cluster: &str, name: &str, region: &str) -> Diagnostic {
    Diagnostic::error(
        "Cannot import a service that does not exist",
        format!("No service `{name}` lives in cluster `{}` in {region}.", cluster_name(cluster)),
    )
    .hint(format!("aws ecs list-services --cluster {}", cluster_name(cluster)))
    .hint("the data source `express_gateway_services` lists the services of both engines")
}
