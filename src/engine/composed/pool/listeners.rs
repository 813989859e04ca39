//! The listeners of a load balancer: HTTPS with the slots and a redirect from HTTP, or HTTP with the slots.

use super::protocol::Answer;
use super::{Member, PoolError};
use crate::aws::acm::Placeholder;
use crate::aws::elbv2::{Action, Listener, ListenerInput, ListenerProtocol};
use crate::aws::{AwsError, AwsErrorKind};

/// Codes that say that the load balancer is gone: it did not show for as long as one takes that was just made.
const GONE: [&str; 2] = ["LoadBalancerNotFound", "ListenerNotFound"];
/// How Elastic Load Balancing says that it does not know a certificate, or not yet.
const CERTIFICATE_UNKNOWN: [&str; 2] = ["CertificateNotFound", "UnsupportedCertificate"];

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
            if let Made::Gone = gone_or(made)? {
                return Ok(Answer::Gone);
            }
        }
        if !is_there(self.port()) {
            let made = if self.is_shared() {
                self.create_https_listener(number, load_balancer_arn).await?
            } else {
                let not_found = fixed_404("No service is here.");
                gone_or(self.create_listener(load_balancer_arn, 80, ListenerProtocol::Http, not_found).await)?
            };
            match made {
                Made::Gone => return Ok(Answer::Gone),
                Made::Listener(listener) => self.pools.learn_listener(load_balancer_arn, &listener.arn),
                Made::Duplicate => {
                    if self.find_shown_listener(load_balancer_arn).await?.is_none() {
                        return Ok(Answer::Gone);
                    }
                }
            }
        }
        Ok(Answer::Done)
    }

    /// A listener with a placeholder certificate, which Elastic Load Balancing may learn of late: the same one is tried
    /// again. Whoever loses a race uses the winner's and deletes its own.
    async fn create_https_listener(&self, number: u8, load_balancer_arn: &str) -> Result<Made, PoolError> {
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
        let uses = |listener: &Listener| listener.default_certificate_arn.as_ref() == Some(&certificate_arn);
        if let Ok(Some(listener)) = &made
            && uses(listener)
        {
            return gone_or(made);
        }
        let is_deleted_by_others = match &made {
            Err(PoolError::Aws(error)) if CERTIFICATE_UNKNOWN.iter().any(|code| error.has_code(code)) => {
                self.pools.acm.find_certificate(&certificate_arn).await?.is_none()
            }
            _ => false,
        };
        let listeners = self.pools.elbv2.list_listeners(load_balancer_arn).await?;
        if !listeners.iter().any(uses) {
            // Left over if this fails: it goes with the load balancer.
            let deleted = self.pools.acm.delete_certificate(&certificate_arn).await;
            tracing::debug!(?deleted, "a placeholder certificate is not needed");
        }
        if is_deleted_by_others { Ok(Made::Gone) } else { gone_or(made) }
    }

    /// `None`: there is another listener at the port.
    async fn create_listener(
        &self,
        load_balancer_arn: &str,
        port: u16,
        protocol: ListenerProtocol,
        default_action: Action,
    ) -> Result<Option<Listener>, PoolError> {
        let input = ListenerInput {
            load_balancer_arn: load_balancer_arn.to_owned(),
            port,
            protocol,
            default_action,
            tags: self.shared_tags("listener"),
        };
        let create = || async {
            AwsError::optional(self.pools.elbv2.create_listener(&input).await, &["DuplicateListener"])
        };
        self.patiently(create).await
    }
}

/// What became of a listener's create.
enum Made {
    Listener(Listener),
    /// Another process made one that differs, and it may not show yet.
    Duplicate,
    /// The load balancer is gone.
    Gone,
}

fn gone_or(made: Result<Option<Listener>, PoolError>) -> Result<Made, PoolError> {
    match made {
        Ok(Some(listener)) => Ok(Made::Listener(listener)),
        Ok(None) => Ok(Made::Duplicate),
        Err(PoolError::Aws(error)) if GONE.iter().any(|code| error.has_code(code)) => Ok(Made::Gone),
        Err(error) => Err(error),
    }
}

fn fixed_404(message: &str) -> Action {
    Action::FixedResponse { status_code: 404, message: message.to_owned() }
}
