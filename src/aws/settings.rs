//! What a user configured about access to AWS, as plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// A text that is never shown: its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who needs it. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("** redacted **")
    }
}

/// Everything that decides how AWS is reached. What is absent comes from the environment, the profile or AWS's
/// defaults, in the order in which the SDKs ask them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// For example `eu-central-1`.
    pub region: Option<String>,
    /// Keys that the user wrote; they win over everything else.
    pub static_credentials: Option<StaticCredentials>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Instead of `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// Instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// Roles that are assumed one after the other.
    pub assume_role: Vec<AssumeRole>,
    /// A role that is assumed with a token, before [`Self::assume_role`].
    pub web_identity: Option<WebIdentity>,
    /// Own endpoints.
    pub endpoints: Endpoints,
    /// Repetitions after the first attempt.
    pub max_retries: Option<u32>,
    /// How repetitions are paced.
    pub retry_mode: Option<RetryMode>,
    /// Use FIPS endpoints.
    pub use_fips_endpoint: Option<bool>,
    /// Use endpoints that answer over IPv6, too.
    pub use_dualstack_endpoint: Option<bool>,
    /// Proxies and trust.
    pub http: HttpSettings,
}

/// Keys that the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    /// Access key id.
    pub access_key: Secret,
    /// Secret access key.
    pub secret_key: Secret,
    /// Session token of temporary credentials.
    pub token: Option<Secret>,
}

/// One role of the chain (STS `AssumeRole`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session, as `CloudTrail` shows it.
    pub session_name: Option<String>,
    /// External id that the role's owner demands.
    pub external_id: Option<String>,
    /// How long a session lasts.
    pub duration: Option<Duration>,
    /// Session policy as JSON.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: BTreeSet<String>,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// Session tags that are passed on to the next role.
    pub transitive_tag_keys: BTreeSet<String>,
}

/// A role that is assumed with a token (STS `AssumeRoleWithWebIdentity`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session, as `CloudTrail` shows it.
    pub session_name: Option<String>,
    /// Where the token comes from.
    pub token: WebIdentityToken,
    /// How long a session lasts.
    pub duration: Option<Duration>,
    /// Session policy as JSON.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: BTreeSet<String>,
}

/// Where a web identity token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebIdentityToken {
    /// The token itself.
    Inline(Secret),
    /// A file that holds it; read anew for every session.
    File(String),
}

/// How repetitions are paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// Exponential backoff.
    Standard,
    /// The same, and requests are slowed down while AWS throttles.
    Adaptive,
}

/// Proxies and trust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// Proxy for `http://` endpoints; may hold a password. An empty text means none.
    pub http_proxy: Option<Secret>,
    /// Proxy for `https://` endpoints; may hold a password. An empty text means none.
    pub https_proxy: Option<Secret>,
    /// Hosts that are reached without a proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// File with the certificates to trust instead of the system's.
    pub custom_ca_bundle: Option<String>,
    /// Accept every certificate.
    pub insecure: bool,
}

/// Own endpoints by service name, a member of [`Endpoints::SERVICES`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints(pub BTreeMap<&'static str, String>);

impl Endpoints {
    /// The services that this provider calls, each with its documentation.
    pub const SERVICES: [(&'static str, &'static str); 14] = [
        ("acm", "URL of AWS Certificate Manager."),
        ("applicationautoscaling", "URL of Application Auto Scaling."),
        ("cloudwatch", "URL of Amazon CloudWatch."),
        ("ec2", "URL of Amazon EC2."),
        ("ecr", "URL of Amazon ECR."),
        ("ecs", "URL of Amazon ECS."),
        ("elbv2", "URL of Elastic Load Balancing v2."),
        ("iam", "URL of AWS Identity and Access Management."),
        ("logs", "URL of Amazon CloudWatch Logs."),
        ("route53", "URL of Amazon Route 53."),
        ("secretsmanager", "URL of AWS Secrets Manager."),
        ("ssm", "URL of AWS Systems Manager (Parameter Store)."),
        ("sts", "URL of AWS Security Token Service."),
        ("wafv2", "URL of AWS WAF v2."),
    ];

    /// The endpoint that the user set for `service`.
    pub fn get(&self, service: &str) -> Option<&str> {
        self.0.get(service).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let settings = ClientSettings {
            static_credentials: Some(StaticCredentials {
                access_key: Secret::new("AKIAHIDDEN"),
                secret_key: Secret::new("hidden-key"),
                token: Some(Secret::new("hidden-token")),
            }),
            http: HttpSettings {
                https_proxy: Some(Secret::new("http://me:hidden@proxy:3128")),
                ..HttpSettings::default()
            },
            ..ClientSettings::default()
        };
        assert!(!format!("{settings:?}").to_lowercase().contains("hidden"));
    }
}
