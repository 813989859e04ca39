//! `CreateListener`, `DescribeListeners`, `DeleteListener`.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::operation::describe_listeners::DescribeListenersOutput;
use aws_sdk_elasticloadbalancingv2::types;

use super::{Action, Elbv2, from_sdk, nothing_made, tags};
use crate::aws::AwsError;

/// What a listener is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerInput {
    /// Its load balancer.
    pub load_balancer_arn: String,
    /// Unique on the load balancer.
    pub port: u16,
    /// HTTP, or HTTPS with a certificate.
    pub protocol: ListenerProtocol,
    /// What happens to requests that no rule takes.
    pub default_action: Action,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// Protocol of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerProtocol {
    /// Plain HTTP.
    Http,
    /// HTTPS.
    Https {
        /// The certificate for clients whose host name no other certificate covers. Every HTTPS listener has one.
        default_certificate_arn: String,
        /// `None`: AWS's default policy.
        ssl_policy: Option<String>,
    },
}

/// A listener as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// `arn:...:listener/app/<load balancer>/<id>/<id>`.
    pub arn: String,
    /// Its load balancer.
    pub load_balancer_arn: String,
    /// Its port.
    pub port: u16,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// The default certificate; the others are in [`Elbv2::list_listener_certificates`].
    pub default_certificate_arn: Option<String>,
    /// Policy of an HTTPS listener.
    pub ssl_policy: Option<String>,
    /// What happens to requests that no rule takes.
    pub default_actions: Vec<Action>,
}

impl Elbv2 {
    /// Makes a listener. With the settings of one that has the port already, it is that one; with others the answer
    /// is `DuplicateListener`.
    pub async fn create_listener(&self, input: &ListenerInput) -> Result<Listener, AwsError> {
        let request = self
            .clients
            .elbv2()
            .create_listener()
            .load_balancer_arn(&input.load_balancer_arn)
            .port(i32::from(input.port))
            .default_actions(input.default_action.to_input())
            .set_tags(tags::to_input(&input.tags));
        let request = match &input.protocol {
            ListenerProtocol::Http => request.protocol(types::ProtocolEnum::Http),
            ListenerProtocol::Https { default_certificate_arn, ssl_policy } => {
                let certificate =
                    types::Certificate::builder().certificate_arn(default_certificate_arn).build();
                request
                    .protocol(types::ProtocolEnum::Https)
                    .certificates(certificate)
                    .set_ssl_policy(ssl_policy.clone())
            }
        };
        let output = request.send().await.map_err(from_sdk("CreateListener"))?;
        output.listeners().first().and_then(from_output).ok_or_else(|| nothing_made("CreateListener"))
    }

    /// The listeners of a load balancer; none if it does not exist.
    ///
    /// A load balancer has 50 listeners at the most, an answer 400.
    pub async fn list_listeners(&self, load_balancer_arn: &str) -> Result<Vec<Listener>, AwsError> {
        let request = self.clients.elbv2().describe_listeners().load_balancer_arn(load_balancer_arn);
        let result = request.send().await.map_err(from_sdk("DescribeListeners"));
        let output = AwsError::optional(result, &["LoadBalancerNotFound", "ListenerNotFound"])?;
        Ok(output.iter().flat_map(DescribeListenersOutput::listeners).filter_map(from_output).collect())
    }

    /// One listener; `None`: it does not exist.
    pub async fn find_listener(&self, arn: &str) -> Result<Option<Listener>, AwsError> {
        let request = self.clients.elbv2().describe_listeners().listener_arns(arn);
        let result = request.send().await.map_err(from_sdk("DescribeListeners"));
        let output = AwsError::optional(result, &["ListenerNotFound", "LoadBalancerNotFound"])?;
        Ok(output.and_then(|output| output.listeners().first().and_then(from_output)))
    }

    /// Deletes a listener with its rules.
    pub async fn delete_listener(&self, arn: &str) -> Result<(), AwsError> {
        let request = self.clients.elbv2().delete_listener().listener_arn(arn);
        let result = request.send().await.map_err(from_sdk("DeleteListener"));
        AwsError::optional(result, &["ListenerNotFound"])?;
        Ok(())
    }
}

fn from_output(output: &types::Listener) -> Option<Listener> {
    Some(Listener {
        arn: output.listener_arn.clone()?,
        load_balancer_arn: output.load_balancer_arn.clone().unwrap_or_default(),
        port: output.port.and_then(|port| u16::try_from(port).ok())?,
        protocol: output.protocol().map(|protocol| protocol.as_str().to_owned()).unwrap_or_default(),
        default_certificate_arn: output.certificates().iter().find_map(|it| it.certificate_arn.clone()),
        ssl_policy: output.ssl_policy.clone(),
        default_actions: output.default_actions().iter().map(Action::from_output).collect(),
    })
}
