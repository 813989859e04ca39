//! Proves credentials and region with one call, so that a wrong one is told once and not by every resource.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_config::imds::client::error::ImdsError;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

use crate::aws::assumed_role::RoleRefused;
use crate::aws::clients::Clients;
use crate::aws::error::{AwsError, AwsErrorKind, chain, chain_text};
use crate::aws::pauses::pause;
use crate::clock::SharedClock;
use crate::framework::{Diagnostic, Path};

/// How long credentials may take: a `credential_process` may ask a person to confirm.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);
/// How long STS may take to say who we are.
const IDENTITY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often STS is asked: a lost connection may be an accident, three are not.
const CONNECTION_ATTEMPTS: u32 = 3;
/// The same where the answers cannot be read and the endpoint is none of AWS's: an emulator may have no STS.
const UNREADABLE_ATTEMPTS: u32 = 6;

/// Who AWS says that we are (STS `GetCallerIdentity`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account_id: String,
    /// ARN of the user or the role session.
    pub arn: String,
}

/// Who the credentials belong to, or why nobody could say.
pub type Identified = Result<Identity, AwsError>;

/// Fetches the credentials and asks STS who they belong to.
///
/// `Ok(Err(_))`: nobody could say, but the credentials may be good: STS denied the question, or did not answer
/// while own endpoints are configured, which need not include one for STS.
///
/// # Errors
/// One diagnostic: there are no credentials, AWS does not accept them, a role cannot be assumed, or nothing
/// answers in this region.
pub async fn verify(clients: &Clients) -> Result<Identified, Diagnostic> {
    let config = clients.config();
    let credentials =
        within(clients.clock(), CREDENTIALS_TIMEOUT, config.credentials.provide_credentials()).await;
    match credentials {
        Some(Ok(_)) => {}
        Some(Err(error)) => return Err(credentials_diagnostic(&error)),
        None => return Err(credentials_too_late()),
    }
    let error = match ask_identity(clients).await {
        Ok(identity) => return Ok(Ok(identity)),
        Err(error) => error,
    };
    match error.kind {
        AwsErrorKind::Credentials => Err(refused_diagnostic(&error, clients.region())),
        AwsErrorKind::NothingListens => Err(error.to_diagnostic("Nothing listens at the endpoint of AWS")),
        AwsErrorKind::AccessDenied | AwsErrorKind::Throttled => Ok(unknown_identity(error)),
        _ if config.has_own_endpoints => Ok(unknown_identity(error)),
        AwsErrorKind::Unreachable | AwsErrorKind::Timeout => {
            Err(unreachable_diagnostic(&error, clients.region()))
        }
        _ => Err(error.to_diagnostic("AWS does not say who the credentials belong to")),
    }
}

/// STS's word, asked for again while what is wrong may pass by itself.
async fn ask_identity(clients: &Clients) -> Identified {
    let clock = clients.clock();
    let (mut failures, mut unconnected) = (0, 0);
    loop {
        let error = match ask_identity_once(clients).await {
            Ok(identity) => return Ok(identity),
            Err(error) => error,
        };
        failures += 1;
        unconnected += u32::from(error.kind == AwsErrorKind::Unreachable);
        if failures >= attempts_at(&error, clients) || unconnected >= CONNECTION_ATTEMPTS {
            return Err(error);
        }
        tracing::debug!(error = %error, failures, "STS is asked again");
        let is_throttled = error.kind == AwsErrorKind::Throttled;
        clock.sleep(pause(failures, is_throttled, clock.jitter())).await;
    }
}

async fn ask_identity_once(clients: &Clients) -> Identified {
    let once = aws_sdk_sts::Config::builder().retry_config(RetryConfig::disabled());
    let question = clients.sts().get_caller_identity().customize().config_override(once);
    match within(clients.clock(), IDENTITY_TIMEOUT, question.send()).await {
        Some(Ok(output)) => match (output.account, output.arn) {
            (Some(account_id), Some(arn)) => Ok(Identity { account_id, arn }),
            _ => Err(AwsError::of_kind(
                "STS",
                "GetCallerIdentity",
                AwsErrorKind::Unparsable,
                "the answer names no account",
            )),
        },
        Some(Err(error)) => Err(AwsError::from_sdk("STS", "GetCallerIdentity", error)),
        None => Err(identity_too_late()),
    }
}

/// How often STS is asked when it fails like this.
fn attempts_at(error: &AwsError, clients: &Clients) -> u32 {
    let most = clients.max_attempts();
    let has_own_endpoints = clients.config().has_own_endpoints;
    match error.kind {
        AwsErrorKind::Unparsable if has_own_endpoints => UNREADABLE_ATTEMPTS.min(most),
        AwsErrorKind::Unparsable | AwsErrorKind::Throttled | AwsErrorKind::Unreachable => most,
        AwsErrorKind::Service if error.is_server_fault() => most,
        _ => 1,
    }
}

fn unknown_identity(error: AwsError) -> Identified {
    tracing::info!(error = %error, "the account of the credentials is not known");
    Err(error)
}

/// `future`'s result, unless `limit` passes first.
async fn within<T>(clock: &SharedClock, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        result = future => Some(result),
        () = clock.sleep(limit) => None,
    }
}

/// What helps where the account of the credentials has to be known.
pub(crate) fn unknown_account_hint(error: &AwsError) -> &'static str {
    match error.kind {
        AwsErrorKind::AccessDenied => {
            "allow `sts:GetCallerIdentity`, or set `endpoints { sts = \"...\" }` to an STS that answers"
        }
        AwsErrorKind::Throttled => "apply again later: STS takes no more requests now",
        _ => "have STS answer (AWS_ENDPOINT_URL, `endpoints { sts = \"...\" }`, proxies), then apply again",
    }
}

fn identity_too_late() -> AwsError {
    AwsError {
        service: "STS",
        operation: "GetCallerIdentity",
        code: None,
        message: format!("no answer within {} seconds", IDENTITY_TIMEOUT.as_secs()),
        request_id: None,
        kind: AwsErrorKind::Timeout,
    }
}

fn credentials_too_late() -> Diagnostic {
    Diagnostic::error(
        "AWS credentials cannot be loaded",
        format!("Their source gave none within {} seconds.", CREDENTIALS_TIMEOUT.as_secs()),
    )
    .hint("run `aws sts get-caller-identity` with the same profile and environment to see what it waits for")
}

fn refused_diagnostic(error: &AwsError, region: &str) -> Diagnostic {
    let mut diagnostic = error.to_diagnostic("AWS does not accept the credentials");
    diagnostic.detail = format!("{}\nRegion: {region}.", diagnostic.detail);
    diagnostic
}

fn unreachable_diagnostic(error: &AwsError, region: &str) -> Diagnostic {
    error
        .to_diagnostic(format!("AWS cannot be reached in region `{region}`"))
        .hint(
            "check that the region is spelled correctly (provider block, AWS_REGION, AWS_DEFAULT_REGION, profile) and \
             exists",
        )
        .hint("in a network that reaches ECS but not STS, set `endpoints { ecs = \"...\" }`: STS may then be silent")
        .at(Path::attribute("region"))
}

/// A failure of the source of the credentials.
fn credentials_diagnostic(error: &CredentialsError) -> Diagnostic {
    if let Some(refused) = chain(error).find_map(|cause| cause.downcast_ref::<RoleRefused>()) {
        return role_diagnostic(refused);
    }
    let problem = chain_text(error);
    // The metadata service comes last, so its failure means that nothing else had any.
    let is_end_of_chain = chain(error).any(<dyn Error>::is::<ImdsError>);
    if is_end_of_chain || matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return Diagnostic::error(
            "No AWS credentials",
            format!(
                "Tried: the provider block, environment variables, the profile in use, web identity, container \
                 credentials and the instance metadata service.\nProblem: {problem}"
            ),
        )
        .hint("sign in (`aws sso login`, `aws configure`), set AWS_PROFILE, or name a `profile` in the provider block");
    }
    let diagnostic = Diagnostic::error(
        "AWS credentials cannot be loaded",
        format!("Tried: fetching credentials from their source.\nProblem: {problem}"),
    );
    if problem.to_lowercase().contains("sso") {
        return diagnostic
            .hint("sign in again with `aws sso login`, with the same profile, then apply again");
    }
    diagnostic.hint("run `aws sts get-caller-identity` with the same profile and environment to see more")
}

fn role_diagnostic(refused: &RoleRefused) -> Diagnostic {
    let RoleRefused { role_arn, block, source } = refused;
    let diagnostic = source.to_diagnostic(format!("Cannot assume role {role_arn}")).at(block.clone());
    if source.kind != AwsErrorKind::AccessDenied {
        return diagnostic;
    }
    diagnostic.hint(
        "the role's trust policy must name the identity that assumes it, and `external_id` must be the one that it \
         demands",
    )
}

#[cfg(test)]
mod tests;
