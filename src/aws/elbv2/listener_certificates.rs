//! `AddListenerCertificates`, `RemoveListenerCertificates`, `DescribeListenerCertificates`.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types::Certificate;
use futures_util::future::join_all;

use super::{Elbv2, from_sdk};
use crate::aws::{AwsError, Clients};

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
        let certificates = self.find_listener_certificates(listener_arn).await?;
        let others = certificates.into_iter().filter(|it| it.is_default != Some(true));
        Ok(others.filter_map(|it| it.certificate_arn).collect())
    }

    /// The certificates of a listener, the default one too; none if it does not exist.
    pub async fn list_all_listener_certificates(&self, listener_arn: &str) -> Result<Vec<String>, AwsError> {
        let certificates = self.find_listener_certificates(listener_arn).await?;
        Ok(certificates.into_iter().filter_map(|it| it.certificate_arn).collect())
    }

    /// Read once for all who ask at the same time: the services of a load balancer have one listener.
    async fn find_listener_certificates(&self, listener_arn: &str) -> Result<Vec<Certificate>, AwsError> {
        Ok(self.listener_certificates.find(&listener_arn.to_owned()).await?.unwrap_or_default())
    }
}

/// The certificates of each listener, all at the same time.
pub(super) async fn list_certificates_of_each(
    clients: Clients,
    listener_arns: Vec<String>,
) -> Result<HashMap<String, Vec<Certificate>>, AwsError> {
    let of_each = listener_arns.into_iter().map(async |listener_arn| {
        let certificates = list_certificates(&clients, &listener_arn).await?;
        Ok((listener_arn, certificates))
    });
    join_all(of_each).await.into_iter().collect()
}

async fn list_certificates(clients: &Clients, listener_arn: &str) -> Result<Vec<Certificate>, AwsError> {
    let mut certificates = Vec::new();
    let mut marker = None;
    for _ in 0..PAGE_LIMIT {
        let request = clients.elbv2().describe_listener_certificates().listener_arn(listener_arn);
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
