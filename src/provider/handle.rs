//! What resources know of the configured provider.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::aws::acm::Acm;
use crate::aws::cloudwatch::CloudWatch;
use crate::aws::credentials::Identified;
use crate::aws::ecs::Ecs;
use crate::aws::elbv2::Elbv2;
use crate::aws::logs::Logs;
use crate::aws::route53::Route53;
use crate::aws::wafv2::Wafv2;
use crate::aws::{AwsError, AwsErrorKind, Clients};
use crate::clock::SharedClock;
use crate::diagnosis::EvidenceReader;
use crate::engine::Engine;
use crate::engine::composed::{Apis, ComposedEngine, Place};
use crate::engine::managed::{ManagedEngine, Parts, Shelf};
use crate::framework::{Attr, Diagnostic, Path};
use crate::preflight::{Looks, PreflightMode};
use crate::provider::config::{IgnoreTags, ProviderSettings};
use crate::provider::hostnames::Hostnames;
use crate::provider::imports::Imports;
use crate::provider::maker::engine_of;
use crate::service::ServiceArn;

/// `engine`: AWS assembles the infrastructure (ECS Express Mode).
pub(crate) const MANAGED_ENGINE: &str = "managed";

/// `engine`: the provider assembles the infrastructure itself.
pub(crate) const COMPOSED_ENGINE: &str = "composed";

/// Engine of services that name none, when the provider block names none either.
const DEFAULT_ENGINE: &str = MANAGED_ENGINE;

/// The provider's configuration, shared by every resource. Cloning is cheap.
///
/// It can be replaced at any time: in reattach mode one process is configured many times. Who has taken a
/// [`Configured`] keeps it to the end of its operation.
#[derive(Debug, Clone, Default)]
pub struct ProviderHandle {
    state: Arc<RwLock<State>>,
}

#[derive(Debug, Default)]
struct State {
    settings: ProviderSettings,
    readiness: Readiness,
}

#[derive(Debug, Default)]
enum Readiness {
    #[default]
    NeverConfigured,
    /// Some arguments are known only after apply: those in the settings' list.
    Unknown,
    /// The configuration was refused; the user has been told why.
    Refused,
    /// AWS cannot be called. That is told to whoever needs it: functions do not.
    Postponed(Arc<Postponed>),
    Ready(Arc<Configured>),
}

/// Why AWS cannot be called.
#[derive(Debug)]
struct Postponed {
    why: Diagnostic,
    is_told: AtomicBool,
}

impl Postponed {
    /// The whole reason to the first who needs it, and a short one to everybody after.
    fn tell(&self) -> Diagnostic {
        if self.is_told.swap(true, Ordering::Relaxed) {
            let Diagnostic { summary, .. } = &self.why;
            return Diagnostic::error(
                "AWS cannot be called",
                format!("{summary}; the first error of this run about it says what to do."),
            );
        }
        self.why.clone()
    }
}

/// A provider that can call AWS: one set of clients, shared reads and engines for all its resources.
pub struct Configured {
    /// The region of every client.
    pub(crate) region: String,
    /// The account of the credentials, if AWS said so.
    pub(crate) account_id: Option<String>,
    pub(crate) acm: Arc<Acm>,
    pub(crate) clock: SharedClock,
    pub(crate) cloudwatch: CloudWatch,
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) elbv2: Arc<Elbv2>,
    pub(crate) logs: Arc<Logs>,
    /// Tells why something failed.
    pub(crate) evidence: EvidenceReader,
    pub(crate) hostnames: Hostnames,
    /// Core writes the configuration of an import itself, by copying what may be written of its state.
    pub(crate) copies_state: bool,
    /// Subnets of services that name none, once an import has asked.
    pub(crate) default_subnets: OnceLock<BTreeSet<String>>,
    /// Services that were imported in this run.
    pub(crate) imports: Imports,
    /// Look-ups for plans.
    pub(crate) looks: Looks,
    pub(crate) route53: Route53,
    /// Where the composed engine makes services: it tells their ARNs before they exist.
    pub(crate) place: Place,
    pub(crate) managed_engine: ManagedEngine,
    pub(crate) composed_engine: ComposedEngine,
    pub(crate) wafv2: Arc<Wafv2>,
}

impl Configured {
    /// A provider on these clients. `reads_log_lines`: whether failures are explained with what the container wrote.
    pub(crate) fn new(clients: &Clients, identified: Identified, reads_log_lines: bool) -> Self {
        let ecs = Arc::new(Ecs::new(clients.clone()));
        let elbv2 = Arc::new(Elbv2::new(clients.clone()));
        let apis = Apis::new(clients, Arc::clone(&ecs), Arc::clone(&elbv2));
        let autoscaling = Arc::clone(&apis.autoscaling);
        let parts = Parts {
            elbv2: Arc::clone(&elbv2),
            ec2: Arc::clone(&apis.ec2),
            acm: Arc::clone(&apis.acm),
            autoscaling: Arc::clone(&autoscaling),
            cloudwatch: Arc::clone(&apis.cloudwatch),
            logs: Arc::clone(&apis.logs),
            clock: clients.clock().clone(),
            shelf: Shelf::default(),
        };
        let place = Place {
            partition: clients.partition().to_owned(),
            region: clients.region().to_owned(),
            account_id: identified.map(|identity| identity.account_id),
        };
        let account_id = place.account_id.as_ref().ok().cloned();
        Self {
            region: clients.region().to_owned(),
            account_id: account_id.clone(),
            acm: Arc::clone(&apis.acm),
            wafv2: Arc::clone(&apis.wafv2),
            clock: clients.clock().clone(),
            logs: Arc::clone(&apis.logs),
            cloudwatch: CloudWatch::new(clients.clone()),
            evidence: EvidenceReader::new(clients, Arc::clone(&ecs), Arc::clone(&elbv2), reads_log_lines),
            hostnames: Hostnames::default(),
            copies_state: false,
            default_subnets: OnceLock::new(),
            imports: Imports::default(),
            looks: Looks::new(clients, account_id),
            route53: Route53::new(clients.clone()),
            managed_engine: ManagedEngine::new(
                Arc::clone(&ecs),
                Arc::clone(&elbv2),
                Arc::clone(&apis.ec2),
                autoscaling,
                parts,
            ),
            elbv2,
            composed_engine: ComposedEngine::new(apis, place.clone()),
            place,
            ecs,
        }
    }

    /// The engine of this name: `composed`, or else the managed one.
    pub(crate) fn engine(&self, name: &str) -> &dyn Engine {
        if name == COMPOSED_ENGINE { &self.composed_engine } else { &self.managed_engine }
    }

    /// The name of the engine that made a service, by what the service itself says.
    pub(crate) async fn find_engine_name(&self, arn: &ServiceArn) -> Result<&'static str, AwsError> {
        let record = match self.ecs.find_service(arn.cluster(), arn.name()).await {
            // The managed engine works without this look-up, the composed one does not.
            Err(error) if error.kind == AwsErrorKind::AccessDenied => return Ok(MANAGED_ENGINE),
            other => other?,
        };
        Ok(record.as_ref().and_then(engine_of).unwrap_or(MANAGED_ENGINE))
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Configured")
            .field("region", &self.region)
            .field("account_id", &self.account_id)
            .finish_non_exhaustive()
    }
}

impl ProviderHandle {
    /// The configured provider.
    ///
    /// # Errors
    /// The provider is not configured, or arguments that it needs are known only after apply; the diagnostic names them.
    pub fn configured(&self) -> Result<Arc<Configured>, Diagnostic> {
        self.read(|state| match &state.readiness {
            Readiness::Ready(configured) => Ok(Arc::clone(configured)),
            Readiness::Unknown => Err(not_known_yet(&state.settings.unknown)),
            Readiness::Postponed(postponed) => Err(postponed.tell()),
            Readiness::Refused => Err(Diagnostic::error(
                "The provider is not configured",
                "The provider block was refused; the error about it says why.",
            )),
            Readiness::NeverConfigured => Err(Diagnostic::error(
                "The provider is not configured",
                "Terraform has not configured the provider before using it. This is a defect of the provider or of \
                 Terraform, not of your configuration.",
            )),
        })
    }

    /// The configured provider, for what goes on without one: `Ok(None)` while arguments are known only after apply, and
    /// after somebody was told why AWS cannot be called.
    ///
    /// # Errors
    /// AWS cannot be called, and nobody was told yet.
    pub(crate) fn configured_if_known(&self) -> Result<Option<Arc<Configured>>, Diagnostic> {
        self.read(|state| match &state.readiness {
            Readiness::Ready(configured) => Ok(Some(Arc::clone(configured))),
            Readiness::Postponed(postponed) if !postponed.is_told.load(Ordering::Relaxed) => {
                Err(postponed.tell())
            }
            _ => Ok(None),
        })
    }

    /// Whether AWS cannot be called and somebody was told so, which makes the run fail.
    pub(crate) fn is_refusal_told(&self) -> bool {
        self.read(|state| match &state.readiness {
            Readiness::Postponed(postponed) => postponed.is_told.load(Ordering::Relaxed),
            _ => false,
        })
    }

    /// Engine of services that name none: `managed` or `composed`. Usable while other arguments are unknown.
    pub fn engine(&self) -> String {
        self.read(|state| state.settings.engine.clone().unwrap_or_else(|| DEFAULT_ENGINE.to_owned()))
    }

    /// Whether an apply ends as soon as it is certain that its deployment cannot succeed. Usable while other arguments
    /// are unknown.
    pub(crate) fn fails_early(&self) -> bool {
        self.read(|state| state.settings.fail_early.unwrap_or(true))
    }

    /// Whether plans look at what services depend on. Usable while other arguments are unknown.
    pub(crate) fn preflight(&self) -> PreflightMode {
        self.read(|state| state.settings.preflight)
    }

    /// Hosted zone of services that name no domain. Usable while other arguments are unknown.
    pub fn default_hosted_zone(&self) -> Attr<String> {
        self.read(|state| state.settings.default_hosted_zone.clone())
    }

    /// Tags for everything. Usable while other arguments are unknown.
    pub fn default_tags(&self) -> Attr<BTreeMap<String, String>> {
        self.read(|state| state.settings.default_tags.clone())
    }

    /// Tags that are left alone. Usable while other arguments are unknown.
    pub fn ignore_tags(&self) -> IgnoreTags {
        self.read(|state| state.settings.ignore_tags.clone())
    }

    /// Takes settings of which some are unknown.
    pub(crate) fn set_unknown(&self, settings: ProviderSettings) {
        self.replace(settings, Readiness::Unknown);
    }

    /// Takes settings that were refused.
    pub(crate) fn set_refused(&self, settings: ProviderSettings) {
        self.replace(settings, Readiness::Refused);
    }

    /// Takes settings with which AWS cannot be called.
    pub(crate) fn set_postponed(&self, settings: ProviderSettings, why: Diagnostic) {
        let postponed = Postponed { why, is_told: AtomicBool::new(false) };
        self.replace(settings, Readiness::Postponed(Arc::new(postponed)));
    }

    /// Takes settings that work.
    pub(crate) fn set_configured(&self, settings: ProviderSettings, configured: Configured) {
        self.replace(settings, Readiness::Ready(Arc::new(configured)));
    }

    fn replace(&self, settings: ProviderSettings, readiness: Readiness) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State { settings, readiness };
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn not_known_yet(unknown: &[Path]) -> Diagnostic {
    let names: Vec<String> = unknown.iter().map(|path| format!("`{path}`")).collect();
    let depend = if names.len() == 1 { "depends" } else { "depend" };
    let diagnostic = Diagnostic::error(
        "The provider block is not known yet",
        format!(
            "AWS has to be asked now, but in the provider block {} {depend} on values that are known only after apply.",
            names.join(", ")
        ),
    )
    .hint("apply what these values come from first, with `-target`, or write them as literals or variables");
    match unknown {
        [path] => diagnostic.at(path.clone()),
        _ => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_was_never_configured_says_so() {
        let refused = ProviderHandle::default().configured().expect_err("not configured");
        assert_eq!(refused.summary, "The provider is not configured");
    }

    #[test]
    fn unknown_arguments_are_named_and_plan_time_settings_still_work() {
        let handle = ProviderHandle::default();
        let tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        handle.clone().set_unknown(ProviderSettings {
            default_tags: Attr::Known(tags.clone()),
            engine: Some("composed".to_owned()),
            unknown: vec![Path::attribute("region"), Path::attribute("profile")],
            ..ProviderSettings::default()
        });
        let refused = handle.configured().expect_err("unknown");
        assert_eq!(refused.summary, "The provider block is not known yet");
        assert!(refused.detail.contains("`region`, `profile` depend on"), "{}", refused.detail);
        assert_eq!(handle.default_tags(), Attr::Known(tags));
        assert_eq!(handle.engine(), "composed");
        assert_eq!(handle.ignore_tags(), IgnoreTags::default());
    }
}
