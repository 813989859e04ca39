//! From what the user configured to the SDK's configuration.
//!
//! Precedence, as in the other AWS SDKs: the provider block, then the environment, then the profile, then what AWS
//! itself offers (container and instance metadata). Keys in the block win over a profile in the block, and that over
//! the default chain.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;

use crate::aws::assumed_role::{AssumedRole, WebIdentityRole};
use crate::aws::clients::own_retry_partition;
use crate::aws::clock_adapter::SdkClock;
use crate::aws::environment::Environment;
use crate::aws::http::{self, OwnEndpoints};
use crate::aws::kept_credentials::KeptCredentials;
use crate::aws::pace::Pace;
use crate::aws::pauses::{LONGEST_PAUSE, Pauses};
use crate::aws::profile::{Profiles, unknown_profile};
use crate::aws::region::is_region_shaped;
use crate::aws::settings::{ClientSettings, Endpoints, RetryMode};
use crate::clock::SharedClock;
use crate::framework::{Diagnostic, Path};

/// Summary of the diagnostic that nothing names a region.
pub(crate) const NO_REGION: &str = "No AWS region";

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one attempt may take, with the fetching of credentials.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an operation may take with [`DEFAULT_ATTEMPTS`]; more of them get their pauses on top.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(300);
/// Attempts when nothing is configured: throttling passes in seconds, and an apply that fails on it costs minutes.
const DEFAULT_ATTEMPTS: u32 = 10;
/// How long the SDK waits for credentials, which a person may have to confirm.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);

/// What loading takes from outside, so that tests need neither network, time nor process environment.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Time and sleep of everything that follows.
    pub clock: SharedClock,
    /// Environment variables.
    pub environment: Environment,
    /// Answers every request instead of the network, if set.
    pub http_client: Option<SharedHttpClient>,
}

/// A loaded configuration, not yet proven by a call.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    pub(crate) sdk: SdkConfig,
    pub(crate) region: String,
    pub(crate) credentials: SharedCredentialsProvider,
    pub(crate) endpoints: Endpoints,
    /// Some endpoint is not AWS's own, so that an STS that does not answer proves nothing.
    pub(crate) has_own_endpoints: bool,
    pub(crate) clock: SharedClock,
}

/// Loads the configuration. Reads files and, for a region that nothing names, asks the instance metadata service
/// (about a second where there is none); fetches no credentials.
///
/// # Errors
/// One diagnostic, at the argument that it is about: unreadable files, an unknown profile, no region or none that
/// looks like one, a bad CA bundle or proxy.
pub async fn load(settings: &ClientSettings, surroundings: &Surroundings) -> Result<AwsConfig, Diagnostic> {
    let environment = &surroundings.environment;
    let profiles = Profiles::load(settings, environment).await?;
    let pace = Pace::default();
    let http_client = match &surroundings.http_client {
        Some(http_client) => http_client.clone(),
        None => pace.learn_from(http::http_client(&settings.http, environment, profiles.get("ca_bundle"))?),
    };
    let has_own_endpoints = has_own_endpoints(settings, environment, &profiles);
    let http_client = http::checked(http_client, own_endpoints(settings, environment, &profiles));
    let sdk = loader(settings, surroundings, &profiles)?.http_client(http_client).load().await;
    let region = checked_region(&sdk, has_own_endpoints)?;
    let credentials = credentials(settings, surroundings, &sdk);
    let sdk = sdk.into_builder().credentials_provider(credentials.clone()).build();
    Ok(AwsConfig {
        sdk,
        region,
        credentials,
        endpoints: settings.endpoints.clone(),
        has_own_endpoints,
        clock: pace.of(surroundings.clock.clone()),
    })
}

fn has_own_endpoints(settings: &ClientSettings, environment: &Environment, profiles: &Profiles) -> bool {
    let is_ignored = environment
        .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .or_else(|| profiles.get("ignore_configured_endpoint_urls"))
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let is_configured = environment.has_prefix("AWS_ENDPOINT_URL") || profiles.get("endpoint_url").is_some();
    !settings.endpoints.0.is_empty() || (is_configured && !is_ignored)
}

/// Where each endpoint that is not AWS's own comes from, in the words of a message.
fn own_endpoints(settings: &ClientSettings, environment: &Environment, profiles: &Profiles) -> OwnEndpoints {
    let written = settings.endpoints.0.iter();
    let written =
        written.map(|(service, url)| (url.clone(), format!("`endpoints.{service}` of the provider block")));
    let variables = environment.with_prefix("AWS_ENDPOINT_URL").into_iter();
    let variables = variables.map(|(name, url)| (url.to_owned(), name.to_owned()));
    let profile = profiles.get("endpoint_url");
    let profile = profile.map(|url| (url.to_owned(), "the profile's `endpoint_url`".to_owned()));
    OwnEndpoints(written.chain(variables).chain(profile).collect())
}

fn loader(
    settings: &ClientSettings,
    surroundings: &Surroundings,
    profiles: &Profiles,
) -> Result<ConfigLoader, Diagnostic> {
    let environment = &surroundings.environment;
    let clock = SdkClock(surroundings.clock.clone());
    let retries = retry_config(settings, environment, profiles)?;
    let more_attempts = retries.max_attempts().saturating_sub(DEFAULT_ATTEMPTS);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT.saturating_add(LONGEST_PAUSE.saturating_mul(more_attempts)));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .env(chain_environment(settings, environment, profiles)?.to_sdk())
        .profile_files(profiles.files())
        .app_name(AppName::new("terraform-provider-express").expect("only characters that are allowed"))
        .retry_config(retries)
        .timeout_config(timeouts.build())
        .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build())
        .time_source(clock.clone())
        .sleep_impl(clock);
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(use_fips) = settings.use_fips_endpoint {
        loader = loader.use_fips(use_fips);
    }
    if let Some(use_dualstack) = settings.use_dualstack_endpoint {
        loader = loader.use_dual_stack(use_dualstack);
    }
    if let Some(keys) = &settings.static_credentials {
        let token = keys.token.as_ref().map(|token| token.expose().to_owned());
        let (access_key, secret_key) = (keys.access_key.expose(), keys.secret_key.expose());
        loader = loader.credentials_provider(Credentials::new(
            access_key,
            secret_key,
            token,
            None,
            "provider block",
        ));
    }
    Ok(loader)
}

/// Variables that hold credentials or say where they are, with the `credential_source` that refers to them.
const CREDENTIAL_VARIABLES: [(&str, &[&str]); 3] = [
    ("Environment", &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]),
    ("EcsContainer", &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]),
    ("", &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"]),
];

/// The environment as the SDK's default chain shall see it.
///
/// The chain asks the environment before the profile and goes on to the metadata services after it. A profile that
/// stands in the provider block, however, is the user's word: nothing else may answer in its place.
fn chain_environment(
    settings: &ClientSettings,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Environment, Diagnostic> {
    let mut environment = environment.clone();
    if let Some(endpoint) = settings.endpoints.get("sts") {
        environment = environment.with("AWS_ENDPOINT_URL_STS", endpoint);
    }
    if settings.static_credentials.is_some() || settings.web_identity.is_some() {
        return Ok(environment);
    }
    let has_keys = environment.get("AWS_ACCESS_KEY_ID").is_some();
    let Some(profile) = &settings.profile else {
        if environment.get("AWS_PROFILE").is_some() && !has_keys && !profiles.is_selected_known() {
            return Err(unknown_profile(profiles.selected(), "AWS_PROFILE"));
        }
        return Ok(environment);
    };
    let source = profiles.credential_source();
    if source == Some("Environment") {
        return Err(Diagnostic::error(
            format!("AWS profile `{profile}` takes its credentials from the environment"),
            "A profile with `credential_source = Environment` is not supported in the provider block.",
        )
        .at(Path::attribute("profile"))
        .hint("leave `profile` out and name the profile's role in an `assume_role` block"));
    }
    for (credential_source, variables) in CREDENTIAL_VARIABLES {
        if source != Some(credential_source) {
            environment = environment.without(variables);
        }
    }
    if source != Some("Ec2InstanceMetadata") {
        environment = environment.with("AWS_EC2_METADATA_DISABLED", "true");
    }
    Ok(environment)
}

/// The SDK's own lookup panics on values that it does not understand, so it is done here.
fn retry_config(
    settings: &ClientSettings,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<RetryConfig, Diagnostic> {
    let attempts = match settings.max_retries {
        Some(retries) => retries.saturating_add(1),
        None => match environment.get("AWS_MAX_ATTEMPTS").or_else(|| profiles.get("max_attempts")) {
            Some(text) => text.trim().parse().ok().filter(|attempts| *attempts > 0).ok_or_else(|| {
                not_understood("AWS_MAX_ATTEMPTS", "max_attempts", "a whole number of at least 1")
            })?,
            None => DEFAULT_ATTEMPTS,
        },
    };
    let mode = match settings.retry_mode {
        Some(mode) => mode,
        None => match environment.get("AWS_RETRY_MODE").or_else(|| profiles.get("retry_mode")) {
            None | Some("standard" | "legacy") => RetryMode::Standard,
            Some("adaptive") => RetryMode::Adaptive,
            Some(_) => {
                return Err(not_understood("AWS_RETRY_MODE", "retry_mode", "`standard` or `adaptive`"));
            }
        },
    };
    let config = match mode {
        RetryMode::Standard => RetryConfig::standard(),
        RetryMode::Adaptive => RetryConfig::adaptive(),
    };
    Ok(config.with_max_attempts(attempts))
}

fn not_understood(variable: &str, key: &str, allowed: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{variable} is not understood"),
        format!(
            "The environment variable {variable}, or `{key}` of the AWS profile in use, must be {allowed}."
        ),
    )
}

fn checked_region(sdk: &SdkConfig, has_own_endpoints: bool) -> Result<String, Diagnostic> {
    let Some(region) = sdk.region() else {
        return Err(Diagnostic::error(
            NO_REGION,
            "Neither the provider block, AWS_REGION, AWS_DEFAULT_REGION, the profile in use nor an instance metadata \
             service names a region.",
        )
        .at(Path::attribute("region"))
        .hint("set `region` in the provider block, or AWS_REGION"));
    };
    let region = region.as_ref();
    if is_region_shaped(region) || has_own_endpoints {
        return Ok(region.to_owned());
    }
    Err(Diagnostic::error(
        format!("`{region}` is not an AWS region"),
        "A region looks like `eu-central-1`. It is taken from the provider block, AWS_REGION, AWS_DEFAULT_REGION or \
         the profile in use.",
    )
    .at(Path::attribute("region"))
    .hint("list the regions with `aws account list-regions`"))
}

/// The chain: keys, profile or default chain; then a web identity instead of those; then every assumed role.
fn credentials(
    settings: &ClientSettings,
    surroundings: &Surroundings,
    sdk: &SdkConfig,
) -> SharedCredentialsProvider {
    let clock = &surroundings.clock;
    let sts = |credentials: Option<SharedCredentialsProvider>| {
        let mut builder = aws_sdk_sts::config::Builder::from(sdk).identity_cache(IdentityCache::no_cache());
        builder.set_credentials_provider(credentials);
        builder.set_retry_partition(Some(own_retry_partition()));
        builder.push_retry_classifier(SharedRetryClassifier::new(Pauses(clock.clone())));
        if let Some(endpoint) = settings.endpoints.get("sts") {
            builder.set_endpoint_url(Some(endpoint.to_owned()));
        }
        aws_sdk_sts::Client::from_conf(builder.build())
    };
    let base = sdk.credentials_provider().expect("the loader always sets a credentials provider");
    let mut credentials = match &settings.web_identity {
        None => KeptCredentials::of(base, clock.clone()),
        Some(identity) => {
            let role = WebIdentityRole {
                sts: sts(None),
                identity: identity.clone(),
                environment: surroundings.environment.clone(),
            };
            KeptCredentials::of(role, clock.clone())
        }
    };
    for (index, role) in settings.assume_role.iter().enumerate() {
        let block = Path::attribute("assume_role").index(index);
        let role = AssumedRole { sts: sts(Some(credentials)), role: role.clone(), block };
        credentials = KeptCredentials::of(role, clock.clone());
    }
    credentials
}

#[cfg(test)]
mod tests;
