//! A secret or parameter that a container reads is there. Its value is not looked at.
//!
//! What stands in the place of a reference may be the secret itself, so only ARNs are repeated.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::SecretUse;
use crate::service::{Arn, SecretReference};

const REFERENCE: &str = "write a reference there, never the value itself: the ARN of a Secrets Manager secret, or the \
ARN or the name of an SSM parameter";

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
    let arn = written_arn(secret);
    let detail = match &arn {
        Some(arn) => format!("{service} has no {noun} `{arn}` in {}.", looks.region),
        None => format!(
            "What `{}` is set to names no {noun} of {service} in {}. It is not repeated here, as it may be a secret.",
            secret.path, looks.region
        ),
    };
    let finding = Finding::certain(&secret.path, format!("A {noun} does not exist"), detail)
        .hint(format!("tasks do not start without it: create the {noun}, or correct the reference"));
    let finding = if arn.is_none() { finding.hint(REFERENCE) } else { finding };
    finding.or_made_here()
}

fn being_deleted(secret: &SecretUse) -> Finding {
    let what = match written_arn(secret) {
        Some(arn) => format!("`{arn}`"),
        None => format!("The secret that `{}` names", secret.path),
    };
    let detail = format!("{what} has been scheduled for deletion, and cannot be read any more.");
    Finding::certain(&secret.path, "A secret is being deleted", detail)
        .hint("aws secretsmanager restore-secret brings it back")
}

/// The reference as it is written, if it is an ARN.
fn written_arn(secret: &SecretUse) -> Option<Arn> {
    secret.written.parse().ok()
}
