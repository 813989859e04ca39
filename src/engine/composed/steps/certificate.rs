//! `certificate`: the certificate of the service's host names, requested or given.

use super::super::blueprint::Ingress;
use super::super::composition::find_own_certificate;
use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use crate::aws::acm::{CertificateInput, CertificateStatus};
use crate::engine::EngineError;
use crate::engine::retry::retrying;

const PART: &str = "certificate";

/// There is a certificate; whether it is issued is for `certificate_validation`.
///
/// ACM's token finds an earlier request for an hour only, so one that is ours is looked for first.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let Ingress::Https { hosts, given_certificate_arn, .. } = &ground.blueprint.ingress else {
        return Ok(());
    };
    let arn = match given_certificate_arn {
        Some(arn) => arn.clone(),
        None => ensure_own(ground, hosts).await?,
    };
    let _ = ground.findings.certificate_arn.set(arn);
    Ok(())
}

async fn ensure_own(ground: &Ground, hosts: &[String]) -> Result<String, EngineError> {
    let blueprint = &ground.blueprint;
    let Some((first, others)) = hosts.split_first() else {
        return Err(EngineError::Missing { what: "a host name for the certificate".to_owned() });
    };
    let find = || find_own_certificate(&ground.apis, &blueprint.names, first);
    let existing = retrying(&ground.bounds, find).await?;
    let is_usable = |status: &CertificateStatus| !matches!(status, CertificateStatus::Unusable(_));
    if let Some(certificate) = existing.filter(|certificate| is_usable(&certificate.status)) {
        return Ok(certificate.arn);
    }
    let input = CertificateInput {
        domain_name: first.clone(),
        subject_alternative_names: others.to_vec(),
        idempotency_token: blueprint.names.certificate_token(hosts, blueprint.generation),
        tags: blueprint.tags_of(PART),
    };
    let arn = retrying(&ground.bounds, || ground.apis.acm.request_certificate(&input)).await?;
    ground.findings.note_made(Part::Certificate);
    Ok(arn)
}

/// Deletes the certificate that this engine requested, as soon as no load balancer serves it any more. Its validation
/// record stays: it is the same for every certificate of that name in the account.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(certificate) = site.composition.certificate.as_ref().filter(|it| it.is_ours) else {
        return Ok(());
    };
    retrying(&site.bounds, || site.apis.acm.delete_certificate(&certificate.arn)).await
}
