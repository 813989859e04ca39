//! The service's certificate on the listener of its load balancer.

use std::time::Duration;

use super::{Joined, PoolError, Pools};
use crate::aws::AwsError;
use crate::engine::Bounds;
use crate::engine::wait::{Condition, WaitError, wait_until};

/// A certificate that was just issued is known to the load balancer two minutes later at the most (facts, composition
/// section 9).
const LIMIT: Duration = Duration::from_secs(150);
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
        let added: Result<(), WaitError<AwsError>> = wait_until(&bounds, || async {
            let result = self.elbv2.add_listener_certificate(listener_arn, certificate_arn).await;
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
            WaitError::TimedOut { pending } => PoolError::TimedOut { pending },
            WaitError::Interrupted { pending } => PoolError::Interrupted { pending },
        })
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
