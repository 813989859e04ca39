//! A secret or parameter that a container reads is there. Its value is not looked at.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::SecretUse;
use crate::service::SecretReference;

/// Looks at a secret or a parameter of this region.
pub(super) async fn check(looks: &Looks, secret: &SecretUse) -> Option<Finding> {
    let (SecretReference::Secret { region, .. } | SecretReference::Parameter { region, .. }) =
        &secret.reference;
    if region.as_ref().is_some_and(|region| *region != looks.region) {
        return None;
    }
    match &secret.reference {
        SecretReference::Secret { id, .. } => match looks.find_secret(id).await {
            Looked::Found(record) if record.is_being_deleted => Some(being_deleted(secret)),
            Looked::Missing => Some(missing(looks, secret, "Secrets Manager", "secret")),
            Looked::Found(_) | Looked::Hidden => None,
        },
        SecretReference::Parameter { names, .. } => match looks.find_parameter(names).await {
            Looked::Missing => Some(missing(looks, secret, "Parameter Store", "parameter")),
            Looked::Found(()) | Looked::Hidden => None,
        },
    }
}

fn missing(looks: &Looks, secret: &SecretUse, service: &str, noun: &str) -> Finding {
    let detail = format!("{service} has no {noun} `{}` in {}.", secret.written, looks.region);
    Finding::certain(&secret.path, format!("A {noun} does not exist"), detail)
        .hint(format!("tasks do not start without it: create the {noun}, or correct the reference"))
}

fn being_deleted(secret: &SecretUse) -> Finding {
    let detail =
        format!("`{}` has been scheduled for deletion, and cannot be read any more.", secret.written);
    Finding::certain(&secret.path, "A secret is being deleted", detail)
        .hint("aws secretsmanager restore-secret brings it back")
}
