//! The service's certificate on the listener of its load balancer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Joined, PoolError, Pools};
use crate::aws::AwsError;
use crate::engine::Bounds;
use crate::engine::wait::{Condition, WaitError, wait_until};

/// A certificate that was just issued is known to the load balancer two minutes later at the most (facts, composition
/// section 9).
const LIMIT: Duration = Duration::from_secs(150);
/// Certificates of a load balancer beside its default one (an adjustable quota of Elastic Load Balancing).
const CERTIFICATES_OF_LISTENER: usize = 25;
const NOT_YET: [&str; 2] = ["CertificateNotFound", "UnsupportedCertificate"];

impl Pools {
    /// Adds the certificate, which must be issued, to the listener. It may be there already.
    ///
    /// # Errors
    /// [`PoolError::NoRoomForCertificate`]: leave this load balancer and join another.
    pub(crate) async fn ensure_certificate(
        &self,
        bounds: &Bounds,
        joined: &Joined,
        certificate_arn: &str,
    ) -> Result<(), PoolError> {
        let bounds = bounds.at_most(LIMIT);
        let listener_arn = &joined.listener_arn;
        let refusal = Mutex::new(None);
        let added: Result<(), WaitError<AwsError>> = wait_until(&bounds, || async {
            let result = self.elbv2.add_listener_certificate(listener_arn, certificate_arn).await;
            if let Err(error) = &result {
                *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            }
            Ok(match AwsError::optional(result, &NOT_YET)? {
                Some(()) => Condition::Ready(()),
                None => {
                    Condition::Pending("waiting for the load balancer to know the certificate".to_owned())
                }
            })
        })
        .await;
        added.map_err(|error| match error {
            WaitError::Failed(error) if error.has_code("TooManyCertificates") => {
                PoolError::NoRoomForCertificate { listener_arn: listener_arn.clone() }
            }
            WaitError::Failed(error) => error.into(),
            WaitError::TimedOut { pending } => {
                let refusal = refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
                refusal.map_or(PoolError::TimedOut { pending }, |refusal| PoolError::CertificateRefused {
                    certificate_arn: certificate_arn.to_owned(),
                    refusal: refusal.to_string(),
                })
            }
            WaitError::Interrupted { pending } => PoolError::Interrupted { pending },
        })
    }

    /// Whether the listener takes another certificate, or has one of these already.
    pub(crate) async fn has_room_for_certificate(
        &self,
        joined: &Joined,
        certificate_arns: &[&str],
    ) -> Result<bool, PoolError> {
        let present = self.elbv2.list_listener_certificates(&joined.listener_arn).await?;
        let is_there = present.iter().any(|arn| certificate_arns.contains(&arn.as_str()));
        Ok(is_there || present.len() < CERTIFICATES_OF_LISTENER)
    }

    /// Gives a place up that was just taken: nothing uses it yet.
    pub(crate) async fn give_back(&self, joined: &Joined) -> Result<(), PoolError> {
        Ok(self.elbv2.delete_rule(&joined.rule_arn).await?)
    }

    /// Takes the certificate off the listener again; it, or the listener, may be gone.
    pub(crate) async fn undo_certificate(
        &self,
        joined: &Joined,
        certificate_arn: &str,
    ) -> Result<(), PoolError> {
        Ok(self.elbv2.remove_listener_certificate(&joined.listener_arn, certificate_arn).await?)
    }
}
