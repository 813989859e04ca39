//! Credentials of an assumed role: one link of the chain that a user writes.
//!
//! The SDK's own providers leave out the source identity, transitive tags, inline tokens and, for web identity,
//! the duration; so the two STS operations are called here.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::types::{AssumedRoleUser, PolicyDescriptorType, Tag};

use crate::aws::environment::Environment;
use crate::aws::error::AwsError;
use crate::aws::settings::{AssumeRole, WebIdentity, WebIdentityToken};
use crate::framework::Path;

/// Session name when the user sets none.
const DEFAULT_SESSION_NAME: &str = "terraform-provider-express";

/// STS does not give the credentials of a role.
#[derive(Debug, thiserror::Error)]
#[error("cannot assume role {role_arn}")]
pub(crate) struct RoleRefused {
    /// The role.
    pub(crate) role_arn: String,
    /// The block that names it.
    pub(crate) block: Path,
    /// STS's answer.
    pub(crate) source: AwsError,
}

/// Gives the credentials of a role, anew at every call (STS `AssumeRole`).
pub(crate) struct AssumedRole {
    /// Client with the credentials of the link before.
    pub(crate) sts: aws_sdk_sts::Client,
    /// What the user wrote.
    pub(crate) role: AssumeRole,
    /// Where.
    pub(crate) block: Path,
}

/// Gives the credentials of a role for a token, anew at every call (STS `AssumeRoleWithWebIdentity`).
pub(crate) struct WebIdentityRole {
    /// Client without credentials.
    pub(crate) sts: aws_sdk_sts::Client,
    /// What the user wrote.
    pub(crate) identity: WebIdentity,
    /// Where `~` is.
    pub(crate) environment: Environment,
}

impl AssumedRole {
    async fn assume(&self) -> provider::Result {
        let AssumeRole { role_arn, session_name, external_id, duration, policy, .. } = &self.role;
        let output = self
            .sts
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(session_name.as_deref().unwrap_or(DEFAULT_SESSION_NAME))
            .set_external_id(external_id.clone())
            .set_duration_seconds(duration.map(duration_seconds))
            .set_policy(policy.clone())
            .set_policy_arns(to_policies(&self.role.policy_arns))
            .set_source_identity(self.role.source_identity.clone())
            .set_tags(to_tags(&self.role)?)
            .set_transitive_tag_keys(to_list(&self.role.transitive_tag_keys))
            .send()
            .await
            .map_err(|error| {
                let source = AwsError::from_sdk("STS", "AssumeRole", error);
                refused(role_arn, &self.block, source)
            })?;
        from_output(output.credentials, output.assumed_role_user.as_ref())
    }
}

impl WebIdentityRole {
    async fn assume(&self) -> provider::Result {
        let WebIdentity { role_arn, session_name, duration, policy, policy_arns, .. } = &self.identity;
        let output = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name.as_deref().unwrap_or(DEFAULT_SESSION_NAME))
            .web_identity_token(self.token().await?)
            .set_duration_seconds(duration.map(duration_seconds))
            .set_policy(policy.clone())
            .set_policy_arns(to_policies(policy_arns))
            .send()
            .await
            .map_err(|error| {
                let source = AwsError::from_sdk("STS", "AssumeRoleWithWebIdentity", error);
                refused(role_arn, &Path::attribute("assume_role_with_web_identity"), source)
            })?;
        from_output(output.credentials, output.assumed_role_user.as_ref())
    }

    async fn token(&self) -> Result<String, CredentialsError> {
        match &self.identity.token {
            WebIdentityToken::Inline(token) => Ok(token.expose().to_owned()),
            WebIdentityToken::File(path) => {
                let text = tokio::fs::read_to_string(self.environment.expand_home(path)).await;
                let text = text.map_err(|error| {
                    let problem = format!("the web identity token file `{path}` cannot be read: {error}");
                    CredentialsError::invalid_configuration(problem)
                })?;
                Ok(text.trim().to_owned())
            }
        }
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl ProvideCredentials for WebIdentityRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AssumedRole({})", self.role.role_arn)
    }
}

impl fmt::Debug for WebIdentityRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WebIdentityRole({})", self.identity.role_arn)
    }
}

fn refused(role_arn: &str, block: &Path, source: AwsError) -> CredentialsError {
    CredentialsError::provider_error(RoleRefused {
        role_arn: role_arn.to_owned(),
        block: block.clone(),
        source,
    })
}

/// Durations are checked to lie between 15 minutes and 12 hours.
fn duration_seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

fn to_list<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<Vec<String>> {
    let texts: Vec<String> = texts.into_iter().cloned().collect();
    (!texts.is_empty()).then_some(texts)
}

fn to_policies<'a>(arns: impl IntoIterator<Item = &'a String>) -> Option<Vec<PolicyDescriptorType>> {
    let arns = to_list(arns)?;
    Some(arns.into_iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect())
}

fn to_tags(role: &AssumeRole) -> Result<Option<Vec<Tag>>, CredentialsError> {
    let tags = role.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags: Vec<Tag> = tags.collect::<Result<_, _>>().map_err(CredentialsError::invalid_configuration)?;
    Ok((!tags.is_empty()).then_some(tags))
}

fn from_output(
    credentials: Option<aws_sdk_sts::types::Credentials>,
    user: Option<&AssumedRoleUser>,
) -> provider::Result {
    let credentials =
        credentials.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    let expiry = SystemTime::try_from(credentials.expiration).map_err(CredentialsError::unhandled)?;
    let mut builder = Credentials::builder()
        .access_key_id(credentials.access_key_id)
        .secret_access_key(credentials.secret_access_key)
        .session_token(credentials.session_token)
        .expiry(expiry)
        .provider_name("AssumedRole");
    builder.set_account_id(user.and_then(|user| user.arn.split(':').nth(4)).map(Into::into));
    Ok(builder.build())
}
