//! `certificate`: the certificate of the service's host names, requested or given.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use super::super::blueprint::Ingress;
use super::super::composition::list_own_certificates;
use super::super::given_certificate::find_flaw;
use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use crate::aws::AwsErrorKind;
use crate::aws::acm::{CertificateInput, CertificateStatus};
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, WaitError, wait_until};

const PART: &str = "certificate";
/// A certificate that was just requested shows after some seconds.
const GIVEN_APPEARS: Duration = Duration::from_secs(2 * 60);
/// ACM issues a certificate some minutes after its record is there, which the same apply may make.
const GIVEN_IS_ISSUED: Duration = Duration::from_secs(10 * 60);

/// There is a certificate. Whether one of ours is issued is for `certificate_validation`; one that the user gave is issued
/// here, before there is a service that would wait for it.
///
/// A token joins the repetitions of a request for an hour only, so one that is ours is looked for first.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let Ingress::Https { hosts, given_certificate_arn, .. } = &ground.blueprint.ingress else {
        return Ok(());
    };
    let arn = match given_certificate_arn {
        Some(arn) => {
            check_given(ground, arn, hosts).await?;
            arn.clone()
        }
        None => ensure_own(ground, hosts).await?,
    };
    let _ = ground.findings.certificate_arn.set(arn);
    Ok(())
}

/// The user's certificate is issued and for these host names. Whoever may not read it finds out at the listener.
async fn check_given(ground: &Ground, arn: &str, hosts: &[String]) -> Result<(), EngineError> {
    let acm = &ground.apis.acm;
    let last = Mutex::new(None);
    for limit in [GIVEN_APPEARS, GIVEN_IS_ISSUED] {
        let looked = wait_until(&ground.bounds.at_most(limit), || async {
            let found = match retrying(&ground.bounds, || acm.find_certificate(arn)).await {
                Err(EngineError::Aws(error)) if error.kind == AwsErrorKind::AccessDenied => {
                    return Ok(Condition::Ready(true));
                }
                other => other?,
            };
            let Some(flaw) = find_flaw(arn, found.as_ref(), hosts) else { return Ok(Condition::Ready(true)) };
            if !flaw.may_pass() {
                return Err(flaw.into());
            }
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(flaw);
            Ok::<_, EngineError>(match found {
                Some(_) if limit == GIVEN_APPEARS => Condition::Ready(false),
                Some(_) => Condition::Pending(format!("waiting for certificate {arn} to be issued")),
                None => Condition::Pending(format!("waiting for certificate {arn} to show")),
            })
        })
        .await;
        let flaw = || last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match looked {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(WaitError::TimedOut { pending }) => {
                return Err(flaw().map_or(EngineError::TimedOut { pending }, EngineError::from));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn ensure_own(ground: &Ground, hosts: &[String]) -> Result<String, EngineError> {
    let blueprint = &ground.blueprint;
    let Some((first, others)) = hosts.split_first() else {
        return Err(EngineError::Missing { what: "a host name for the certificate".to_owned() });
    };
    let find = || list_own_certificates(&ground.apis, &blueprint.names, hosts);
    let existing = retrying(&ground.bounds, find).await?;
    let is_usable = |status: &CertificateStatus| !matches!(status, CertificateStatus::Unusable(_));
    let fitting = existing.into_iter().find(|it| is_usable(&it.status) && it.is_exactly_for(hosts));
    if let Some(certificate) = fitting {
        return Ok(certificate.arn);
    }
    let operation = operation(ground);
    let input = CertificateInput {
        domain_name: first.clone(),
        subject_alternative_names: others.to_vec(),
        idempotency_token: blueprint.names.certificate_token(hosts, &operation),
        tags: blueprint.tags_of(PART),
    };
    let arn = retrying(&ground.bounds, || ground.apis.acm.request_certificate(&input)).await?;
    ground.findings.note_made(Part::Certificate);
    Ok(arn)
}

/// What a request repeats. Of a service that is not made yet it is the same after a kill, when the certificate of the
/// first request need not show yet: that of the service's own security group, which lives as long as the service. Later
/// it is this operation alone, since host names may come back whose certificate was deleted within the hour.
fn operation(ground: &Ground) -> String {
    let anchor = ground.findings.service_security_group_id.get();
    match anchor.filter(|_| ground.existing.live_service().is_none()) {
        Some(anchor) => anchor.clone(),
        None => ground.bounds.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string(),
    }
}

/// Deletes the certificates that this engine requested, as soon as no load balancer serves them any more: one, or two in
/// the middle of a change of host names. Their validation records stay: they are the same for every certificate of
/// those names in the account.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let hosts = site.composition.hosts();
    if hosts.is_empty() {
        return Ok(());
    }
    let mut arns: BTreeSet<String> =
        site.composition.certificate.iter().filter(|it| it.is_ours).map(|it| it.arn.clone()).collect();
    let own = retrying(&site.bounds, || list_own_certificates(&site.apis, &site.names, &hosts)).await?;
    arns.extend(own.into_iter().map(|certificate| certificate.arn));
    for arn in &arns {
        retrying(&site.bounds, || site.apis.acm.delete_certificate(arn)).await?;
    }
    Ok(())
}
