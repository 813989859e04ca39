//! What users write against: the provider block and, one file each, its resources, data sources and functions.

use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::aws::config::{NO_REGION, Surroundings};
use crate::aws::credentials::{Identified, unknown_account_hint, verify};
use crate::aws::{Clients, Environment};
use crate::clock::{SharedClock, SystemClock};
use crate::framework::erased::{self, ErasedAction, ErasedDataSource, ErasedListResource, ErasedResource};
use crate::framework::function::Function;
use crate::framework::provider::Provider;
use crate::framework::schema::Schema;
use crate::framework::{Context, Diagnostic, Diagnostics, Path, Value};
use crate::provider::config::ProviderSettings;
use crate::provider::handle::{Configured, ProviderHandle};
use crate::provider::resources::express_gateway_service::ExpressGatewayService;

mod actions;
pub mod config;
mod data_sources;
mod foreign;
mod functions;
pub mod handle;
mod hostnames;
mod imports;
mod list_resources;
mod listing;
mod maker;
mod resources;
mod tag_keys;

/// The provider `express`.
#[derive(Debug)]
pub struct ExpressProvider {
    surroundings: Surroundings,
    handle: ProviderHandle,
}

impl ExpressProvider {
    /// A provider that waits on `clock`, reads variables from `environment` and, if `http_client` is set, sends
    /// every request to it instead of the network.
    pub fn new(clock: SharedClock, http_client: Option<SharedHttpClient>, environment: Environment) -> Self {
        let surroundings = Surroundings { clock, environment, http_client };
        Self { surroundings, handle: ProviderHandle::default() }
    }

    /// The provider of this process: its clock, its environment and the network.
    pub fn of_process() -> Self {
        Self::new(Arc::new(SystemClock), None, Environment::of_process())
    }

    /// Loads the configuration and proves it with one call.
    async fn connect(
        &self,
        cx: &Context,
        core: &str,
        settings: &ProviderSettings,
    ) -> Result<Configured, Refusal> {
        let connect = async {
            let config = crate::aws::config::load(&settings.client, &self.surroundings).await;
            let config = config.map_err(Refusal::of_configuration)?;
            let clients = Clients::new(config);
            let identified = verify(&clients).await.map_err(Refusal::Postponed)?;
            check_account(settings, &identified).map_err(Refusal::AtOnce)?;
            let reads_log_lines = settings.diagnosis_log_lines.unwrap_or(true);
            let configured = Configured::new(&clients, identified, reads_log_lines);
            Ok(Configured { copies_state: !generates_by_provider(core), ..configured })
        };
        tokio::select! {
            biased;
            () = cx.cancellation.cancelled() => Err(Refusal::AtOnce(Diagnostic::error(
                "Cancelled",
                "The provider was stopped while it was being configured.",
            ))),
            configured = connect => configured,
        }
    }
}

/// Why the provider cannot call AWS.
enum Refusal {
    /// What the provider block says is wrong.
    AtOnce(Diagnostic),
    /// There is no way to AWS from here and now. A configuration that only calls functions needs none, so it is told
    /// to the first who does.
    Postponed(Diagnostic),
}

impl Refusal {
    fn of_configuration(diagnostic: Diagnostic) -> Self {
        if diagnostic.summary == NO_REGION { Self::Postponed(diagnostic) } else { Self::AtOnce(diagnostic) }
    }
}

#[async_trait]
impl Provider for ExpressProvider {
    fn schema(&self) -> Schema {
        config::schema()
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        vec![erased::resource(ExpressGatewayService::new(self.handle.clone()))]
    }

    fn data_sources(&self) -> Vec<Arc<dyn ErasedDataSource>> {
        data_sources::all(&self.handle)
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        functions::all()
    }

    fn list_resources(&self) -> Vec<Arc<dyn ErasedListResource>> {
        list_resources::all(&self.handle)
    }

    fn actions(&self) -> Vec<Arc<dyn ErasedAction>> {
        actions::all(&self.handle)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        config::check(config)
    }

    async fn configure(&self, cx: &Context, terraform_version: &str, config: Value) -> Diagnostics {
        let settings = config::expand(&config);
        let mut diagnostics = self.validate(&config);
        if settings.client.http.insecure {
            diagnostics.push(insecure_warning());
        }
        if diagnostics.has_errors() {
            self.handle.set_refused(settings);
            return diagnostics;
        }
        if !settings.unknown.is_empty() {
            tracing::debug!(unknown = settings.unknown.len(), "the provider block is not wholly known yet");
            self.handle.set_unknown(settings);
            return diagnostics;
        }
        match self.connect(cx, terraform_version, &settings).await {
            Ok(configured) => {
                tracing::info!(region = configured.region, terraform_version, "configured");
                self.handle.set_configured(settings, configured);
            }
            Err(Refusal::AtOnce(diagnostic)) => {
                diagnostics.push(diagnostic);
                self.handle.set_refused(settings);
            }
            Err(Refusal::Postponed(diagnostic)) => {
                tracing::info!(
                    why = diagnostic.summary,
                    "AWS cannot be called, which is told where it is needed"
                );
                self.handle.set_postponed(settings, of_the_block(diagnostic));
            }
        }
        diagnostics
    }
}

/// Whether a core of this version asks the provider for the configuration of an import: Terraform does from 1.14 on,
/// OpenTofu up to 1.12 does not.
fn generates_by_provider(core: &str) -> bool {
    let mut parts = core.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) >= (1, 14)
}

/// A diagnostic about an argument of the provider block, for the errors of resources, which have no such argument.
fn of_the_block(mut diagnostic: Diagnostic) -> Diagnostic {
    if let Some(path) = diagnostic.path.take() {
        diagnostic.detail = format!("{}\nArgument of the provider block: `{path}`.", diagnostic.detail);
    }
    diagnostic
}

fn insecure_warning() -> Diagnostic {
    Diagnostic::warning(
        "TLS certificates are not verified",
        "`insecure` is set: whoever is between this machine and AWS can read and change everything, the credentials \
         of further services included.",
    )
    .at(Path::attribute("insecure"))
    .hint("name the CA of your network's proxy in `custom_ca_bundle` instead")
}

fn check_account(settings: &ProviderSettings, identified: &Identified) -> Result<(), Diagnostic> {
    let (allowed, forbidden) = (&settings.allowed_account_ids, &settings.forbidden_account_ids);
    if allowed.is_empty() && forbidden.is_empty() {
        return Ok(());
    }
    let argument = if allowed.is_empty() { "forbidden_account_ids" } else { "allowed_account_ids" };
    let (account_id, arn) = match identified {
        Ok(identity) => (&identity.account_id, &identity.arn),
        Err(error) => {
            return Err(Diagnostic::error(
                "The AWS account of the credentials is not known",
                format!(
                    "STS does not say which account the credentials belong to, so `{argument}` cannot be kept: {error}."
                ),
            )
            .at(Path::attribute(argument))
            .hint(unknown_account_hint(error)));
        }
    };
    let is_refused = forbidden.contains(account_id) || (!allowed.is_empty() && !allowed.contains(account_id));
    if !is_refused {
        return Ok(());
    }
    Err(Diagnostic::error(
        format!("AWS account {account_id} is not allowed"),
        format!("The credentials belong to {arn}, in an account that `{argument}` excludes."),
    )
    .at(Path::attribute(argument))
    .hint("use credentials of another account, or change the provider block"))
}

#[cfg(test)]
mod tests;
