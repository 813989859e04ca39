//! `certificate_validation`: the DNS records that prove the host names, and the wait until ACM has seen them.

use std::time::Duration;

use super::super::ground::{Ground, found};
use crate::aws::acm::{Certificate, CertificateStatus};
use crate::aws::route53::{RecordSet, RecordSetChange};
use crate::engine::EngineError;
use crate::engine::retry::{retrying, until_shown};
use crate::engine::wait::{Condition, wait_until};

const TTL_SECONDS: i64 = 300;

/// ACM issues a certificate within minutes after its record is there, as a rule. Only a wait that is longer says that ACM
/// does not see the record.
const ISSUED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How a wait that is longer is told.
const LACKS_PROOF: &str = "it has not found the record that proves the name";

/// The certificate is issued.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let arn = found(&ground.findings.certificate_arn)?;
    let certificate =
        wait_until(&ground.bounds, || async { has_records(ground.apis.acm.find_certificate(arn).await?) })
            .await?;
    let change = &ground.change;
    let lacks_proof = !ground.existing.missing_proofs.is_empty() || !change.retired_zones.is_empty();
    let has_records = !certificate.validation_records.is_empty();
    if certificate.status == CertificateStatus::PendingValidation || lacks_proof && has_records {
        put_records(ground, &certificate).await?;
    }
    let began_at = ground.bounds.clock.now();
    wait_until(&ground.bounds, || async {
        let waited = ground.bounds.clock.now().duration_since(began_at).unwrap_or_default();
        is_issued(ground.apis.acm.find_certificate(arn).await?.as_ref(), waited)
    })
    .await?;
    Ok(())
}

/// Each record replaces whatever is there: it is the same for every certificate of that name in the account.
async fn put_records(ground: &Ground, certificate: &Certificate) -> Result<(), EngineError> {
    let Some(zone) = ground.blueprint.zone() else { return Ok(()) };
    let changes: Vec<_> = certificate
        .validation_records
        .iter()
        .map(|record| RecordSetChange::Upsert(RecordSet::cname(&record.name, &record.value, TTL_SECONDS)))
        .collect();
    let route53 = &ground.apis.route53;
    retrying(&ground.bounds, || route53.change_record_sets(&zone.id, &changes)).await?;
    if certificate.status == CertificateStatus::PendingValidation {
        return Ok(());
    }
    // A refresh that does not see them would have them made again.
    for record in &certificate.validation_records {
        let find = || async {
            let sets = route53.list_record_sets(&zone.id, &record.name).await?;
            Ok(sets.into_iter().next())
        };
        until_shown(&ground.bounds, "the record that proves the certificate", find).await?;
    }
    Ok(())
}

/// ACM has said which records prove the names: up to a minute after the request.
fn has_records(certificate: Option<Certificate>) -> Result<Condition<Certificate>, EngineError> {
    match certificate {
        Some(certificate) if certificate.status == CertificateStatus::Issued => {
            Ok(Condition::Ready(certificate))
        }
        Some(certificate) => {
            check_usable(&certificate)?;
            let is_complete =
                certificate.names_without_record.is_empty() && !certificate.validation_records.is_empty();
            Ok(if is_complete {
                Condition::Ready(certificate)
            } else {
                Condition::Pending("waiting for ACM to say which record proves the host name".to_owned())
            })
        }
        None => Ok(Condition::Pending("waiting for the certificate to show".to_owned())),
    }
}

fn is_issued(certificate: Option<&Certificate>, waited: Duration) -> Result<Condition<()>, EngineError> {
    let Some(certificate) = certificate else {
        return Ok(Condition::Pending("waiting for the certificate to show".to_owned()));
    };
    check_usable(certificate)?;
    Ok(if certificate.status == CertificateStatus::Issued {
        Condition::Ready(())
    } else {
        let host = &certificate.domain_name;
        Condition::Pending(if waited < ISSUED_WITHIN {
            format!("waiting for ACM to issue the certificate for {host}")
        } else {
            let minutes = waited.as_secs() / 60;
            format!(
                "waiting for ACM to issue the certificate for {host}: for {minutes} minutes {LACKS_PROOF}"
            )
        })
    })
}

/// A certificate that failed stays failed.
fn check_usable(certificate: &Certificate) -> Result<(), EngineError> {
    match &certificate.status {
        CertificateStatus::Unusable(status) => Err(EngineError::ResourceFailed {
            kind: "certificate",
            arn: Some(certificate.arn.clone()),
            reason: Some(match &certificate.failure_reason {
                Some(reason) => format!("{status}: {reason}"),
                None => status.clone(),
            }),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::acm::ValidationRecord;

    fn certificate(status: CertificateStatus, has_record: bool) -> Certificate {
        let record = ValidationRecord {
            domain_name: "api.example.com".to_owned(),
            name: "_x.api.example.com.".to_owned(),
            value: "_y.acm-validations.aws.".to_owned(),
        };
        Certificate {
            arn: "arn".to_owned(),
            domain_name: "api.example.com".to_owned(),
            subject_alternative_names: Vec::new(),
            status,
            failure_reason: Some("CAA_ERROR".to_owned()),
            validation_records: Vec::from_iter(has_record.then_some(record)),
            names_without_record: if has_record { Vec::new() } else { vec!["api.example.com".to_owned()] },
            in_use_by: Vec::new(),
            key_algorithm: "RSA_2048".to_owned(),
            is_issued_by_amazon: true,
        }
    }

    #[test]
    fn records_are_waited_for_and_an_issued_certificate_needs_none() {
        let pending = certificate(CertificateStatus::PendingValidation, false);
        assert!(matches!(has_records(Some(pending)), Ok(Condition::Pending(_))));
        assert!(matches!(has_records(None), Ok(Condition::Pending(_))));
        for certificate in [
            certificate(CertificateStatus::PendingValidation, true),
            certificate(CertificateStatus::Issued, false),
        ] {
            assert!(matches!(has_records(Some(certificate)), Ok(Condition::Ready(_))));
        }
    }

    #[test]
    fn only_a_long_wait_says_that_acm_does_not_find_the_record() {
        let pending = certificate(CertificateStatus::PendingValidation, true);
        let told = |waited| match is_issued(Some(&pending), waited) {
            Ok(Condition::Pending(told)) => told,
            other => panic!("{other:?}"),
        };
        assert!(!told(Duration::from_secs(60)).contains(LACKS_PROOF));
        assert!(told(Duration::from_secs(1200)).contains(LACKS_PROOF));
    }

    #[test]
    fn a_failed_certificate_ends_the_wait_with_acms_reason() {
        let failed = certificate(CertificateStatus::Unusable("FAILED".to_owned()), true);
        let error = is_issued(Some(&failed), Duration::ZERO).expect_err("a failure");
        assert!(
            matches!(&error, EngineError::ResourceFailed { reason: Some(reason), .. } if reason == "FAILED: CAA_ERROR")
        );
        assert!(has_records(Some(failed)).is_err());
        assert!(matches!(is_issued(None, Duration::ZERO), Ok(Condition::Pending(_))));
        assert_eq!(
            is_issued(Some(&certificate(CertificateStatus::Issued, true)), Duration::ZERO),
            Ok(Condition::Ready(()))
        );
    }
}
