//! `AddListenerCertificates`, `RemoveListenerCertificates`, `DescribeListenerCertificates`.

use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{Elbv2, from_sdk};
use crate::aws::AwsError;

/// Pages of certificates that are read at the most: a listener has 25 by default, 400 to a page.
const PAGE_LIMIT: usize = 10;

impl Elbv2 {
    /// Adds one certificate that is chosen by host name. It may be there already. `TooManyCertificates`: no more fit.
    pub async fn add_listener_certificate(
        &self,
        listener_arn: &str,
        certificate_arn: &str,
    ) -> Result<(), AwsError> {
        let certificate = Certificate::builder().certificate_arn(certificate_arn).build();
        let request = self.clients.elbv2().add_listener_certificates().listener_arn(listener_arn);
        let result = request.certificates(certificate).send().await;
        result.map(drop).map_err(from_sdk("AddListenerCertificates"))
    }

    /// Removes one certificate that is not the default one. It, or its listener, may be gone already.
    pub async fn remove_listener_certificate(
        &self,
        listener_arn: &str,
        certificate_arn: &str,
    ) -> Result<(), AwsError> {
        let certificate = Certificate::builder().certificate_arn(certificate_arn).build();
        let request = self.clients.elbv2().remove_listener_certificates().listener_arn(listener_arn);
        let result = request.certificates(certificate).send().await;
        let result = result.map_err(from_sdk("RemoveListenerCertificates"));
        AwsError::optional(result, &["ListenerNotFound", "CertificateNotFound"])?;
        Ok(())
    }

    /// The certificates of a listener but for the default one; none if it does not exist.
    pub async fn list_listener_certificates(&self, listener_arn: &str) -> Result<Vec<String>, AwsError> {
        let certificates = self.describe_listener_certificates(listener_arn).await?;
        let others = certificates.into_iter().filter(|it| it.is_default != Some(true));
        Ok(others.filter_map(|it| it.certificate_arn).collect())
    }

    /// The certificates of a listener, the default one too; none if it does not exist.
    pub async fn list_all_listener_certificates(&self, listener_arn: &str) -> Result<Vec<String>, AwsError> {
        let certificates = self.describe_listener_certificates(listener_arn).await?;
        Ok(certificates.into_iter().filter_map(|it| it.certificate_arn).collect())
    }

    async fn describe_listener_certificates(&self, listener_arn: &str) -> Result<Vec<Certificate>, AwsError> {
        let mut certificates = Vec::new();
        let mut marker = None;
        for _ in 0..PAGE_LIMIT {
            let request = self.clients.elbv2().describe_listener_certificates().listener_arn(listener_arn);
            let result = request.set_marker(marker).send().await;
            let result = result.map_err(from_sdk("DescribeListenerCertificates"));
            let Some(output) = AwsError::optional(result, &["ListenerNotFound"])? else { break };
            certificates.extend(output.certificates.unwrap_or_default());
            marker = output.next_marker;
            if marker.is_none() {
                break;
            }
        }
        Ok(certificates)
    }
}
