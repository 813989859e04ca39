//! A certificate that the user brings: what keeps a load balancer from serving the service's host names with it, for plans
//! and for applies.

use crate::aws::acm::{Certificate, CertificateStatus};
use crate::engine::EngineError;

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CertificateFlaw {
    /// ACM does not have it, or does not show it yet.
    Missing { arn: String },
    /// ACM has not issued it yet.
    NotIssued { arn: String },
    /// It will not become usable.
    Unusable { arn: String, status: String },
    /// It is not for this host name.
    OtherNames { arn: String, names: Vec<String>, host: String },
}

/// What is wrong with a certificate for these host names, if anything is.
pub(crate) fn find_flaw(
    arn: &str,
    certificate: Option<&Certificate>,
    hosts: &[String],
) -> Option<CertificateFlaw> {
    let arn = arn.to_owned();
    let Some(certificate) = certificate else { return Some(CertificateFlaw::Missing { arn }) };
    if let CertificateStatus::Unusable(status) = &certificate.status {
        let reason = certificate.failure_reason.as_ref().map(|reason| format!(" ({reason})"));
        let status = format!("{status}{}", reason.unwrap_or_default());
        return Some(CertificateFlaw::Unusable { arn, status });
    }
    if let Some(host) = hosts.iter().find(|host| !certificate.covers(host)) {
        let names = certificate.names().map(str::to_owned).collect();
        return Some(CertificateFlaw::OtherNames { arn, names, host: host.clone() });
    }
    (certificate.status != CertificateStatus::Issued).then_some(CertificateFlaw::NotIssued { arn })
}

impl CertificateFlaw {
    /// Whether it may pass while an apply waits.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::NotIssued { .. })
    }

    /// One line for the head of a diagnostic.
    pub(crate) fn summary(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "The certificate does not exist",
            Self::NotIssued { .. } => "The certificate is not issued yet",
            Self::Unusable { .. } => "The certificate cannot be used",
            Self::OtherNames { .. } => "The certificate is for other host names",
        }
    }

    /// What was found.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Missing { arn } => format!("ACM has no certificate `{arn}`."),
            Self::NotIssued { arn } => format!(
                "Certificate `{arn}` is not issued yet: its names are not proved. A load balancer takes issued \
                 certificates only."
            ),
            Self::Unusable { arn, status } => {
                format!("Certificate `{arn}` is {status}, and no load balancer takes it any more.")
            }
            Self::OtherNames { arn, names, host } => format!(
                "Certificate `{arn}` is for {}, and not for `{host}`: every client would refuse the connection. A \
                 wildcard stands for one label.",
                names.join(", ")
            ),
        }
    }

    /// What to do.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Missing { arn } => {
                format!("look for it: aws acm describe-certificate --certificate-arn {arn}")
            }
            Self::NotIssued { .. } => {
                "refer to `aws_acm_certificate_validation.<name>.certificate_arn`, which waits until the certificate is \
                 issued, in place of `aws_acm_certificate.<name>.arn`"
                    .to_owned()
            }
            Self::Unusable { .. } => {
                "name another certificate, or remove `certificate_arn`: the engine then requests one".to_owned()
            }
            Self::OtherNames { host, .. } => format!(
                "name a certificate for `{host}`, or remove `certificate_arn`: the engine then requests one"
            ),
        }
    }
}

impl From<CertificateFlaw> for EngineError {
    fn from(flaw: CertificateFlaw) -> Self {
        Self::Unfit { reason: flaw.detail(), hint: flaw.hint() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(status: CertificateStatus) -> Certificate {
        Certificate {
            arn: "arn".to_owned(),
            domain_name: "*.example.com".to_owned(),
            subject_alternative_names: vec!["*.example.com".to_owned()],
            status,
            failure_reason: None,
            validation_records: Vec::new(),
            names_without_record: Vec::new(),
            in_use_by: Vec::new(),
            key_algorithm: "RSA_2048".to_owned(),
            is_issued_by_amazon: true,
        }
    }

    fn flaw(status: CertificateStatus, host: &str) -> Option<CertificateFlaw> {
        find_flaw("arn", Some(&certificate(status)), &[host.to_owned()])
    }

    #[test]
    fn an_issued_certificate_of_the_names_has_no_flaw() {
        assert_eq!(flaw(CertificateStatus::Issued, "api.example.com"), None);
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        let pending = flaw(CertificateStatus::PendingValidation, "api.example.com").expect("a flaw");
        assert!(pending.may_pass() && pending.hint().contains("aws_acm_certificate_validation"));
        assert!(find_flaw("arn", None, &[]).is_some_and(|flaw| flaw.may_pass()));
        let expired =
            flaw(CertificateStatus::Unusable("EXPIRED".to_owned()), "api.example.com").expect("a flaw");
        assert!(!expired.may_pass() && expired.detail().contains("EXPIRED"));
        for status in [CertificateStatus::Issued, CertificateStatus::PendingValidation] {
            let other = flaw(status, "a.b.example.com").expect("a wildcard stands for one label");
            assert!(!other.may_pass() && other.detail().contains("not for `a.b.example.com`"));
        }
    }
}
