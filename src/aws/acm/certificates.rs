//! `RequestCertificate`, `ImportCertificate`, `DescribeCertificate`, `ListCertificates`, `DeleteCertificate`.

use std::collections::BTreeMap;

use aws_sdk_acm::primitives::Blob;
use aws_sdk_acm::types;

use super::{Acm, NOT_FOUND, Placeholder, from_sdk, nothing_made, tags};
use crate::aws::AwsError;

/// Pages of certificates that are read at the most: 2500 certificates by default, 1000 to a page.
const PAGE_LIMIT: usize = 20;
const PAGE_SIZE: i32 = 1000;

/// What a certificate is requested with. It is validated by DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInput {
    /// The common name: at most 64 characters.
    pub domain_name: String,
    /// Further names.
    pub subject_alternative_names: Vec<String>,
    /// `\w{1,32}`: the same request with the same token within an hour answers with the same certificate.
    pub idempotency_token: String,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// A certificate as ACM describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// `arn:...:certificate/<id>`.
    pub arn: String,
    /// The common name.
    pub domain_name: String,
    /// All names, the common name among them.
    pub subject_alternative_names: Vec<String>,
    /// How far it is.
    pub status: CertificateStatus,
    /// Why it failed: `CAA_ERROR`, `DOMAIN_NOT_ALLOWED`, ...
    pub failure_reason: Option<String>,
    /// The record that proves each name, without repetition. ACM needs up to a minute to say which; the names of
    /// those that it has not said yet are in `names_without_record`.
    pub validation_records: Vec<ValidationRecord>,
    /// Names whose record ACM has not said yet.
    pub names_without_record: Vec<String>,
    /// ARNs of the load balancers that serve it, up to 20 minutes behind.
    pub in_use_by: Vec<String>,
    /// `RSA_2048`, `EC_prime256v1`, ...
    pub key_algorithm: String,
    /// Whether ACM itself issued it. ACM renews only those.
    pub is_issued_by_amazon: bool,
}

/// Status of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateStatus {
    /// The names are not proved yet.
    PendingValidation,
    /// A load balancer can serve it.
    Issued,
    /// It will not become usable: `FAILED`, `VALIDATION_TIMED_OUT`, `EXPIRED`, `REVOKED`, ...
    Unusable(String),
}

/// The CNAME record that proves a name. It is the same for every certificate of that name in the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValidationRecord {
    /// The name that it proves.
    pub domain_name: String,
    /// Name of the record.
    pub name: String,
    /// Value of the record.
    pub value: String,
}

/// A certificate in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSummary {
    /// `arn:...:certificate/<id>`.
    pub arn: String,
    /// The common name.
    pub domain_name: String,
    /// The first names, up to 100.
    pub subject_alternative_names: Vec<String>,
    /// How far it is.
    pub status: CertificateStatus,
}

impl Acm {
    /// Requests a certificate and answers its ARN.
    pub async fn request_certificate(&self, input: &CertificateInput) -> Result<String, AwsError> {
        let names = Some(input.subject_alternative_names.clone()).filter(|names| !names.is_empty());
        let request = self
            .clients
            .acm()
            .request_certificate()
            .domain_name(&input.domain_name)
            .set_subject_alternative_names(names)
            .validation_method(types::ValidationMethod::Dns)
            .idempotency_token(&input.idempotency_token)
            .set_tags(tags::to_input(&input.tags));
        let output = request.send().await.map_err(from_sdk("RequestCertificate"))?;
        output.certificate_arn.ok_or_else(|| nothing_made("RequestCertificate"))
    }

    /// Imports a placeholder and answers its ARN. Two calls make two certificates.
    pub async fn import_certificate(
        &self,
        placeholder: &Placeholder,
        tags: &BTreeMap<String, String>,
    ) -> Result<String, AwsError> {
        let request = self
            .clients
            .acm()
            .import_certificate()
            .certificate(Blob::new(placeholder.certificate_pem()))
            .private_key(Blob::new(placeholder.private_key_pem()))
            .set_tags(tags::to_input(tags));
        let output = request.send().await.map_err(from_sdk("ImportCertificate"))?;
        output.certificate_arn.ok_or_else(|| nothing_made("ImportCertificate"))
    }

    /// One certificate; `None`: it does not exist, or was requested some seconds ago.
    pub async fn find_certificate(&self, arn: &str) -> Result<Option<Certificate>, AwsError> {
        let request = self.clients.acm().describe_certificate().certificate_arn(arn);
        let result = request.send().await.map_err(from_sdk("DescribeCertificate"));
        let output = AwsError::optional(result, &[NOT_FOUND])?;
        Ok(output.and_then(|output| output.certificate).and_then(from_output))
    }

    /// Every certificate of the region that is issued or waits for its validation, whatever its key.
    pub async fn list_certificates(&self) -> Result<Vec<CertificateSummary>, AwsError> {
        let statuses = [types::CertificateStatus::Issued, types::CertificateStatus::PendingValidation];
        // Without this list ACM leaves out all keys but RSA up to 2048 bits.
        let key_types = types::KeyAlgorithm::values().iter().map(|name| types::KeyAlgorithm::from(*name));
        let filters = types::Filters::builder().set_key_types(Some(key_types.collect())).build();
        let mut certificates = Vec::new();
        let mut token = None;
        for _ in 0..PAGE_LIMIT {
            let request = self
                .clients
                .acm()
                .list_certificates()
                .set_certificate_statuses(Some(statuses.to_vec()))
                .includes(filters.clone())
                .max_items(PAGE_SIZE)
                .set_next_token(token);
            let output = request.send().await.map_err(from_sdk("ListCertificates"))?;
            certificates.extend(output.certificate_summary_list().iter().filter_map(summary_from_output));
            token = output.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(certificates)
    }

    /// Deletes a certificate. `ResourceInUseException`: a load balancer serves it, or did so until a while ago.
    pub async fn delete_certificate(&self, arn: &str) -> Result<(), AwsError> {
        let request = self.clients.acm().delete_certificate().certificate_arn(arn);
        let result = request.send().await.map_err(from_sdk("DeleteCertificate"));
        AwsError::optional(result, &[NOT_FOUND])?;
        Ok(())
    }
}

fn from_output(output: types::CertificateDetail) -> Option<Certificate> {
    let mut validation_records: Vec<ValidationRecord> = Vec::new();
    let mut names_without_record = Vec::new();
    let status = status_from_output(output.status.as_ref());
    for option in output.domain_validation_options.into_iter().flatten() {
        match option.resource_record {
            Some(record) => {
                // A name and its wildcard are proved by one record.
                if !validation_records.iter().any(|known| known.name == record.name) {
                    let (name, value) = (record.name, record.value);
                    validation_records.push(ValidationRecord {
                        domain_name: option.domain_name,
                        name,
                        value,
                    });
                }
            }
            None => names_without_record.push(option.domain_name),
        }
    }
    Some(Certificate {
        arn: output.certificate_arn?,
        domain_name: output.domain_name.unwrap_or_default(),
        subject_alternative_names: output.subject_alternative_names.unwrap_or_default(),
        status,
        failure_reason: output.failure_reason.map(|reason| reason.as_str().to_owned()),
        validation_records,
        names_without_record,
        in_use_by: output.in_use_by.unwrap_or_default(),
        key_algorithm: output.key_algorithm.map(|key| key.as_str().to_owned()).unwrap_or_default(),
        is_issued_by_amazon: output.r#type == Some(types::CertificateType::AmazonIssued),
    })
}

fn summary_from_output(output: &types::CertificateSummary) -> Option<CertificateSummary> {
    Some(CertificateSummary {
        arn: output.certificate_arn.clone()?,
        domain_name: output.domain_name.clone().unwrap_or_default(),
        subject_alternative_names: output.subject_alternative_name_summaries().to_vec(),
        status: status_from_output(output.status()),
    })
}

fn status_from_output(output: Option<&types::CertificateStatus>) -> CertificateStatus {
    match output {
        None | Some(types::CertificateStatus::PendingValidation) => CertificateStatus::PendingValidation,
        Some(types::CertificateStatus::Issued) => CertificateStatus::Issued,
        Some(other) => CertificateStatus::Unusable(other.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(name: &str, record: Option<&str>) -> types::DomainValidation {
        let record = record.map(|record| {
            let record = types::ResourceRecord::builder().name(record).value("v");
            record.r#type(types::RecordType::Cname).build().expect("complete")
        });
        types::DomainValidation::builder()
            .domain_name(name)
            .set_resource_record(record)
            .build()
            .expect("complete")
    }

    #[test]
    fn one_record_proves_a_name_and_its_wildcard_and_the_rest_is_named() {
        let detail = types::CertificateDetail::builder()
            .certificate_arn("arn")
            .domain_validation_options(option("a.example", Some("_1.a.example")))
            .domain_validation_options(option("*.a.example", Some("_1.a.example")))
            .domain_validation_options(option("b.example", None))
            .build();
        let certificate = from_output(detail).expect("a certificate");
        assert_eq!(certificate.validation_records.len(), 1);
        assert_eq!(certificate.names_without_record, ["b.example"]);
        assert_eq!(certificate.status, CertificateStatus::PendingValidation);
    }
}
