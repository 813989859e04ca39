//! The listeners of a load balancer: HTTPS with the slots and a redirect from HTTP, or HTTP with the slots.

use super::protocol::Answer;
use super::{Member, PoolError};
use crate::aws::acm::Placeholder;
use crate::aws::elbv2::{Action, Listener, ListenerInput, ListenerProtocol};
use crate::aws::{AwsError, AwsErrorKind};

/// Codes that say that the load balancer, or the certificate just imported, is gone: both mean another process's
/// deletion, and that a join begins again.
const GONE: [&str; 4] =
    ["LoadBalancerNotFound", "CertificateNotFound", "UnsupportedCertificate", "ListenerNotFound"];

impl Member<'_> {
    /// Makes the listeners or finds them. Two processes that do so at once end with the same listeners.
    pub(super) async fn ensure_listeners(
        &self,
        number: u8,
        load_balancer_arn: &str,
    ) -> Result<Answer<String>, PoolError> {
        let found = self.pools.elbv2.list_listeners(load_balancer_arn).await?;
        let is_there = |port: u16| found.iter().any(|listener| listener.port == port);
        // First, because whoever finds the listener with the slots looks for no other.
        if self.is_shared() && !is_there(80) {
            let redirect = Action::RedirectToHttps { port: 443 };
            let made = self.create_listener(load_balancer_arn, 80, ListenerProtocol::Http, redirect).await;
            if let Some(answer) = gone_or(made)? {
                return Ok(answer);
            }
        }
        if !is_there(self.port()) {
            let made = if self.is_shared() {
                self.create_https_listener(number, load_balancer_arn).await
            } else {
                let not_found = fixed_404("No service is here.");
                self.create_listener(load_balancer_arn, 80, ListenerProtocol::Http, not_found).await
            };
            if let Some(answer) = gone_or(made)? {
                return Ok(answer);
            }
        }
        Ok(Answer::Done)
    }

    /// A listener with a placeholder certificate. Whoever loses a race uses the winner's and deletes its own.
    async fn create_https_listener(&self, number: u8, load_balancer_arn: &str) -> Result<(), AwsError> {
        let host = self.pool_id.placeholder_host(number);
        let placeholder = Placeholder::generate(&host, self.bounds.clock.now())
            .map_err(|error| AwsError::of_kind("ACM", "ImportCertificate", AwsErrorKind::NotSent, error))?;
        let tags = self.shared_tags("placeholder_certificate");
        let certificate_arn = self.pools.acm.import_certificate(&placeholder, &tags).await?;
        let protocol = ListenerProtocol::Https {
            default_certificate_arn: certificate_arn.clone(),
            ssl_policy: self.ssl_policy.clone(),
        };
        let not_found = fixed_404("No service has this host name.");
        let made = self.create_listener(load_balancer_arn, 443, protocol, not_found).await;
        let listeners = self.pools.elbv2.list_listeners(load_balancer_arn).await?;
        let uses =
            |listener: &Listener| listener.default_certificate_arn.as_deref() == Some(&certificate_arn);
        if made.is_err() || !listeners.iter().any(uses) {
            // Left over if this fails: it goes with the load balancer.
            let deleted = self.pools.acm.delete_certificate(&certificate_arn).await;
            tracing::debug!(?deleted, "a placeholder certificate is not needed");
        }
        made
    }

    async fn create_listener(
        &self,
        load_balancer_arn: &str,
        port: u16,
        protocol: ListenerProtocol,
        default_action: Action,
    ) -> Result<(), AwsError> {
        let input = ListenerInput {
            load_balancer_arn: load_balancer_arn.to_owned(),
            port,
            protocol,
            default_action,
            tags: self.shared_tags("listener"),
        };
        AwsError::optional(self.pools.elbv2.create_listener(&input).await, &["DuplicateListener"])?;
        Ok(())
    }
}

fn gone_or(made: Result<(), AwsError>) -> Result<Option<Answer<String>>, AwsError> {
    match made {
        Ok(()) => Ok(None),
        Err(error) if GONE.iter().any(|code| error.has_code(code)) => Ok(Some(Answer::Gone)),
        Err(error) => Err(error),
    }
}

fn fixed_404(message: &str) -> Action {
    Action::FixedResponse { status_code: 404, message: message.to_owned() }
}
