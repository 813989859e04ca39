//! `express_gateway_service`: one container image and two roles become a service with a URL.
//!
//! Lifecycle: create, update and delete expand the model to the domain, let an engine do the work within one
//! deadline, flatten what was found afterwards - also when the work failed, so that the state never loses a service -
//! and explain a failure. Read and import only observe. The API calls are the engine's (`engine::managed`).
//!
//! Left alone on purpose: everything underneath. It is reported in `infrastructure` and `resources`, and whatever
//! a user changes there is overwritten only where an update changes the same thing.

mod alarms;
mod composed;
mod conceal;
mod expand;
mod flatten;
mod generate;
mod image_reference;
mod import;
mod infrastructure;
mod known;
mod lost_parts;
mod memory;
mod model;
mod move_from;
mod places;
mod plan;
mod preflight;
mod removal;
mod replacement;
mod scaling;
mod schema;
mod scheme;
mod subnets;
mod tags;
mod timeouts;
mod unfinished;
mod validate;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::aws::AwsError;
use crate::diagnosis::{self, Operation, Watch};
use crate::engine::judge::Judge;
use crate::engine::log_deletion::delete_logs;
use crate::engine::retry::shown_within;
use crate::engine::{Bounds, CreateRequest, Engine, EngineError, Outcome as EngineOutcome, UpdateRequest};
use crate::framework::resource::{
    Change, Current, IdentityAttribute, IdentitySchema, ImportTarget, MoveSource, Outcome, Plan, Private,
    Resource,
};
use crate::framework::schema::Schema;
use crate::framework::{Attr, Context, Diagnostic, Diagnostics, Type, Value};
use crate::provider::handle::{Configured, ProviderHandle};
use crate::service::{ObservedService, ServiceArn, ServiceSpec};
use timeouts::Timeout;

pub(crate) use composed::with_hosted_zone;
pub(crate) use flatten::flatten;
use flatten::with_prior;
pub(crate) use model::ServiceModel;
pub(crate) use schema::schema;
pub(crate) use tags::TagPolicy;

/// The resource.
pub(crate) struct ExpressGatewayService {
    provider: ProviderHandle,
}

impl ExpressGatewayService {
    /// A resource of this provider.
    pub(crate) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }

    fn tag_policy(&self) -> TagPolicy {
        TagPolicy::new(self.provider.default_tags(), self.provider.ignore_tags())
    }

    /// Plans a change, or a create: all but the look ahead.
    async fn plan_change(
        &self,
        configured: Option<&Configured>,
        plan: &mut Plan<ServiceModel>,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::none();
        let defaults = plan::ProviderDefaults {
            engine: self.provider.engine(),
            hosted_zone: self.provider.default_hosted_zone(),
            tags: &self.tag_policy(),
        };
        let removed = plan::begin(plan, &defaults);
        if let Some(configured) = configured {
            known::plan_identity(plan, &configured.place);
            diagnostics.extend(places::check_places(configured, &plan.planned));
            diagnostics.extend(subnets::plan_subnets(configured, plan).await);
            diagnostics.extend(composed::plan_place(configured, plan, &defaults.hosted_zone).await);
        }
        diagnostics.extend(plan::plan(plan, &defaults));
        diagnostics.extend(composed::plan_repairs(configured, plan).await);
        diagnostics.extend(unfinished::plan_unfinished(plan));
        diagnostics.extend(lost_parts::plan_mending(plan));
        if let Some(prior) = plan.prior.clone() {
            plan::open_unfinished(&mut plan.planned, &prior);
        }
        let is_composed = known::is_composed(&plan.planned);
        if let Some(configured) = configured.filter(|_| is_composed) {
            diagnostics.extend(composed::look(configured, plan).await);
        }
        diagnostics.extend(known::warn_about_plain_http(plan));
        diagnostics.extend(removal::warn_about_kept(plan, &removed));
        if let Some(configured) = configured {
            known::plan_known(plan);
            diagnostics.extend(scheme::plan_scheme(configured, plan).await);
            if !is_composed {
                diagnostics.extend(alarms::warn_about_alarms(configured, plan).await);
            }
        }
        diagnostics
    }

    /// The state after an operation, and what the user is told.
    async fn conclude(
        &self,
        work: Work<'_>,
        outcome: EngineOutcome,
        fallback: Option<ServiceModel>,
        before: &Private,
    ) -> Outcome<ServiceModel> {
        let begins_deployment =
            work.operation != Operation::Delete && unfinished::is_deployment_open(work.known);
        let private = unfinished::note_applied(before, outcome.observed.as_ref(), begins_deployment);
        // After a failure, what was to go may still be there.
        let both =
            fallback.as_ref().filter(|_| outcome.result.is_err()).map(|prior| with_prior(work.known, prior));
        let known = both.as_ref().unwrap_or(work.known);
        let state = match (&outcome.observed, &outcome.arn) {
            (Some(observed), _) => Some(flatten(observed, known, &self.tag_policy())),
            (None, Some(arn)) => Some(fallback.unwrap_or_else(|| identified(known, arn))),
            (None, None) => fallback,
        };
        let has_applied = outcome.result.is_ok() && work.operation != Operation::Delete;
        let loss = match (&state, &outcome.observed) {
            (Some(state), Some(observed)) if has_applied => lost_parts::explain_loss(known, state, observed),
            _ => None,
        };
        let keeps_address = has_applied && loss.is_none();
        let state = state
            .map(|state| if keeps_address { unfinished::with_unread_address(known, state) } else { state });
        let mut diagnostics = Diagnostics::none();
        diagnostics.extend(loss);
        if let Err(error) = outcome.result {
            let arn = outcome.arn.as_ref();
            let stopped = arn.filter(|_| work.is_stopped_create(&error));
            if let Some(arn) = stopped {
                diagnostics.push(diagnosis::explain_stopped_create(arn, &error));
                let state = state.map(|state| unfinished::as_planned(known, state));
                let private = unfinished::note_stopped_create(&private);
                return Outcome { state, private, diagnostics };
            }
            let reader = &work.configured.evidence;
            let evidence = reader.collect(&work.bounds.clock, arn, &error, Some(work.began_at)).await;
            let explained = diagnosis::explain(work.operation, arn, &error, &evidence);
            let explained = if arn.is_some() { explained } else { diagnosis_of_unnamed(explained, known) };
            diagnostics.push(conceal::conceal(explained, known));
        } else if work.operation != Operation::Delete {
            let planned_minimum = unfinished::planned_minimum(known);
            diagnostics.extend(
                outcome.observed.as_ref().and_then(|it| diagnosis::explain_parked(it, planned_minimum)),
            );
        }
        Outcome { state, private, diagnostics }
    }
}

/// Which of the services of an apply a failure is about that came before there was an ARN.
fn diagnosis_of_unnamed(told: Diagnostic, known: &ServiceModel) -> Diagnostic {
    let image = known.primary_container.known().and_then(|container| container.image.known());
    diagnosis::name_service(told, known.service_name.known().map(String::as_str), image.map(String::as_str))
}

/// What an operation works with.
struct Work<'a> {
    operation: Operation,
    configured: Arc<Configured>,
    bounds: Bounds,
    began_at: SystemTime,
    /// Cancelled if core asked to stop.
    asked_to_stop: tokio_util::sync::CancellationToken,
    /// The plan or the state: it decides spellings.
    known: &'a ServiceModel,
}

impl<'a> Work<'a> {
    fn begin(
        provider: &ProviderHandle,
        cx: &Context,
        operation: Operation,
        timeout: Timeout,
        known: &'a ServiceModel,
    ) -> Result<Self, Diagnostic> {
        let configured = provider.configured()?;
        let clock = configured.clock.clone();
        let began_at = clock.now();
        let deadline = began_at + timeout.of(known);
        let judge = provider.fails_early().then(|| {
            let is_express = !known::is_composed(known);
            let watch = Watch::new(clock.clone(), configured.evidence.clone(), is_express);
            Arc::new(watch) as Arc<dyn Judge>
        });
        let bounds = Bounds { clock, cancellation: cx.cancellation.clone(), deadline, judge };
        let asked_to_stop = cx.asked_to_stop.clone();
        Ok(Self { operation, configured, bounds, began_at, asked_to_stop, known })
    }
}

impl Work<'_> {
    fn engine(&self) -> &dyn Engine {
        self.configured.engine(self.known.engine.known().map_or("", String::as_str))
    }

    /// Whether the user stopped a create. Core says so itself and fails; an error of ours would taint the service, and the
    /// next apply would replace instead of continue it.
    fn is_stopped_create(&self, error: &EngineError) -> bool {
        self.operation == Operation::Create
            && self.asked_to_stop.is_cancelled()
            && matches!(error.root(), EngineError::Interrupted { .. })
    }
}

/// What is known of a service that exists but could not be read: the plan's known values and its identity.
fn identified(known: &ServiceModel, arn: &ServiceArn) -> ServiceModel {
    ServiceModel {
        service_arn: Attr::Known(arn.to_string()),
        cluster_arn: Attr::Known(arn.cluster_arn()),
        service_name: Attr::Known(arn.name().to_owned()),
        ..known.clone()
    }
}

/// The state of a service that is being imported.
pub(crate) async fn imported(
    configured: &Configured,
    observed: &ObservedService,
    known: &ServiceModel,
    tags: &TagPolicy,
) -> ServiceModel {
    let state = flatten(observed, known, tags);
    let default_subnets = default_subnets(configured).await;
    let state = if configured.copies_state {
        generate::without_made_up(generate::without_rivals(state), default_subnets)
    } else {
        state
    };
    with_hosted_zone(configured, composed::without_defaults(state, &observed.arn)).await
}

/// Subnets of services that name none; `None`: AWS may not be asked.
async fn default_subnets(configured: &Configured) -> Option<&BTreeSet<String>> {
    if configured.default_subnets.get().is_none() {
        let network = configured.looks.find_default_network().await.found()?;
        let ids = network.subnets.into_iter().map(|subnet| subnet.id).collect();
        // Another import may have asked meanwhile, and was told the same.
        let _ = configured.default_subnets.set(ids);
    }
    configured.default_subnets.get()
}

/// The identity of the service with this ARN.
pub(crate) fn identity_of(service_arn: &str) -> Value {
    Value::object([("service_arn", Value::String(service_arn.to_owned()))])
}

/// The ARN in a state. A state without one cannot come from this provider.
///
/// A service of another region is refused: it would look as if it were gone, and a plan would make a second one.
fn service_arn(configured: &Configured, state: &ServiceModel) -> Result<ServiceArn, Diagnostic> {
    let arn = state.service_arn.known().map(String::as_str).unwrap_or_default();
    let arn: ServiceArn = arn.parse().map_err(|error| {
        Diagnostic::error("The state has no service ARN", format!("`service_arn` in the state: {error}."))
            .hint("import the service again: terraform import <address> <service ARN>")
    })?;
    check_region(configured, &arn)?;
    Ok(arn)
}

/// A provider works in one region of one account.
pub(crate) fn check_region(configured: &Configured, arn: &ServiceArn) -> Result<(), Diagnostic> {
    let (live, region) = (arn.arn().region(), &configured.region);
    if live == region {
        return check_account(configured, arn);
    }
    Err(Diagnostic::error(
        format!("Service `{}` is in another region", arn.name()),
        format!("`{arn}` is in {live}, but the provider works in {region}."),
    )
    .hint("use a provider block with that region: `provider = express.<alias>`"))
}

/// ECS finds a service by its cluster and name in the account of the credentials, whatever account the ARN is of.
fn check_account(configured: &Configured, arn: &ServiceArn) -> Result<(), Diagnostic> {
    let live = arn.arn().account_id();
    match &configured.account_id {
        Some(account_id) if account_id != live => Err(Diagnostic::error(
            format!("Service `{}` is in another account", arn.name()),
            format!("`{arn}` is in account {live}, but the credentials of the provider are of {account_id}."),
        )
        .hint("use a provider block with credentials of that account (`profile`, `assume_role`): `provider = express.<alias>`")),
        _ => Ok(()),
    }
}

/// Reads a service with the engine that made it. A state that was moved here, or imported without the right to
/// describe services, does not know that one yet.
async fn observe(
    configured: &Configured,
    arn: &ServiceArn,
    state: &ServiceModel,
) -> Result<(String, Option<ObservedService>), AwsError> {
    let engine = match state.engine.known() {
        Some(engine) => engine.clone(),
        None => configured.find_engine_name(arn).await?.to_owned(),
    };
    let observed = configured.engine(&engine).observe(arn).await?;
    Ok((engine, observed))
}

/// Time after which what a create made last shows, before its service counts as gone (facts, composition section 9).
const SHOWS_WITHIN: Duration = Duration::from_secs(15);

/// As [`observe`], of a service in a state. One whose create was cut short may not show yet.
async fn observe_patiently(
    configured: &Configured,
    cx: &Context,
    arn: &ServiceArn,
    current: &Current<ServiceModel>,
) -> Result<(String, Option<ObservedService>), EngineError> {
    let (engine, observed) = observe(configured, arn, &current.state).await?;
    if observed.is_some() || !unfinished::is_create_unfinished(&current.private) {
        return Ok((engine, observed));
    }
    let clock = configured.clock.clone();
    let limit = clock.here(SHOWS_WITHIN);
    let deadline = clock.now() + limit;
    let bounds = Bounds { clock, cancellation: cx.cancellation.clone(), deadline, judge: None };
    let look = || async { Ok(observe(configured, arn, &current.state).await?.1) };
    Ok((engine, shown_within(&bounds, limit, look).await?))
}

/// Keeps beside the state what the configuration set.
fn remembering(
    outcome: Outcome<ServiceModel>,
    config: &ServiceModel,
    planned: &ServiceModel,
) -> Outcome<ServiceModel> {
    let engine = planned.engine.known().map_or("", String::as_str);
    let private = removal::remember(&outcome.private, config, engine, outcome.diagnostics.has_errors());
    Outcome { private, ..outcome }
}

fn refused(state: Option<ServiceModel>, private: Private, diagnostic: Diagnostic) -> Outcome<ServiceModel> {
    Outcome { state, private, diagnostics: diagnostic.into() }
}

impl Resource for ExpressGatewayService {
    type Model = ServiceModel;

    fn type_name(&self) -> &'static str {
        "express_gateway_service"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema {
            version: 0,
            attributes: vec![IdentityAttribute {
                name: "service_arn",
                r#type: Type::String,
                required_for_import: true,
                description: "ARN of the ECS service.",
            }],
        })
    }

    fn identity(&self, state: &ServiceModel) -> Option<Value> {
        state.service_arn.known().map(|arn| identity_of(arn))
    }

    fn subject(&self, planned: &ServiceModel) -> Option<String> {
        planned.service_name.known().map(|name| format!("service `{name}`"))
    }

    fn validate(&self, config: &ServiceModel) -> Diagnostics {
        validate::validate(config)
    }

    async fn plan(&self, _cx: &Context, plan: &mut Plan<ServiceModel>) -> Diagnostics {
        // A provider that is not configured yet can still plan; only what AWS would have to say is left out.
        let configured = match self.provider.configured_if_known() {
            Ok(configured) => configured,
            Err(diagnostic) => return diagnostic.into(),
        };
        plan.replaces_live &= plan.prior.as_ref().is_none_or(replacement::is_live);
        let mut diagnostics = self.plan_change(configured.as_deref(), plan).await;
        let Some(configured) = configured.filter(|_| !diagnostics.has_errors()) else { return diagnostics };
        match replacement::plan_of_new_service(plan) {
            Some(mut new) => {
                let told = Box::pin(self.plan_change(Some(&configured), &mut new)).await;
                preflight::note_own_service(&configured, plan);
                // Its warnings are of what the change has told, or of what has not changed.
                diagnostics.extend(told.into_iter().filter(Diagnostic::is_error));
                diagnostics.extend(preflight::look_ahead(&configured, self.provider.preflight(), &new).await);
            }
            None => {
                diagnostics.extend(preflight::look_ahead(&configured, self.provider.preflight(), plan).await);
            }
        }
        diagnostics
    }

    async fn create(&self, cx: &Context, change: Change<ServiceModel>) -> Outcome<ServiceModel> {
        let planned = &change.planned;
        let work = match Work::begin(&self.provider, cx, Operation::Create, Timeout::Create, planned) {
            Ok(work) => work,
            Err(diagnostic) => return refused(None, change.private, diagnostic),
        };
        let request = CreateRequest {
            spec: ServiceSpec {
                tags: expand::expand_tags(&self.tag_policy().plan_create(&planned.tags)),
                ..expand::expand_spec(planned)
            },
            wait_for_steady_state: planned.wait_for_steady_state.cloned().unwrap_or(true),
        };
        let outcome = work.engine().create(&work.bounds, &request).await;
        let outcome = Box::pin(self.conclude(work, outcome, None, &change.private)).await;
        remembering(outcome, &change.config, planned)
    }

    async fn read(&self, cx: &Context, current: Current<ServiceModel>) -> Outcome<ServiceModel> {
        if self.provider.is_refusal_told() {
            // The run has failed; what cannot be read stays as it is known.
            let (state, private) = (Some(current.state), current.private);
            return Outcome { state, private, diagnostics: Diagnostics::none() };
        }
        let prepared = self.provider.configured().and_then(|configured| {
            let arn = service_arn(&configured, &current.state)?;
            Ok((configured, arn))
        });
        let (configured, arn) = match prepared {
            Ok(prepared) => prepared,
            Err(diagnostic) => return refused(Some(current.state), current.private, diagnostic),
        };
        configured.looks.note_own_service(&arn);
        match observe_patiently(&configured, cx, &arn, &current).await {
            Ok((engine, observed)) => {
                let known_state = ServiceModel { engine: Attr::Known(engine), ..current.state.clone() };
                let observed =
                    observed.filter(|observed| observed.status != crate::service::ServiceStatus::Inactive);
                let private = match &observed {
                    Some(observed) => unfinished::note_read(&current.private, observed),
                    None => current.private,
                };
                let told = observed.as_ref().and_then(|it| lost_parts::explain(it, &known_state, &private));
                let tags = self.tag_policy();
                let state = match observed {
                    Some(observed) if import::is_import(&current.state) => {
                        Some(imported(&configured, &observed, &known_state, &tags).await)
                    }
                    observed => observed.map(|observed| flatten(&observed, &known_state, &tags)),
                };
                let mut diagnostics = Diagnostics::none();
                diagnostics.extend(told);
                Outcome { state, private, diagnostics }
            }
            Err(EngineError::Aws(error)) => {
                let diagnostic = diagnosis::explain_refusal(Operation::Read, Some(&arn), &error);
                refused(Some(current.state), current.private, diagnostic)
            }
            // Stopped while it looked: what is known stays.
            Err(_) => {
                let (state, private) = (Some(current.state), current.private);
                Outcome { state, private, diagnostics: Diagnostics::none() }
            }
        }
    }

    async fn update(&self, cx: &Context, change: Change<ServiceModel>) -> Outcome<ServiceModel> {
        let planned = &change.planned;
        let prior = change.prior.clone().unwrap_or_else(ServiceModel::empty);
        let begun =
            Work::begin(&self.provider, cx, Operation::Update, Timeout::Update, planned).and_then(|work| {
                let arn = service_arn(&work.configured, &prior)?;
                Ok((work, arn))
            });
        let (work, arn) = match begun {
            Ok(begun) => begun,
            Err(diagnostic) => return refused(change.prior, change.private, diagnostic),
        };
        let request = UpdateRequest {
            arn,
            infrastructure_role_arn: planned.infrastructure_role_arn.cloned().unwrap_or_default(),
            configuration: expand::expand_configuration(planned),
            tags: expand::expand_tags(&planned.tags_all),
            known_tags: expand::expand_tags(&prior.tags_all),
            known_hostnames: expand::expand_hostnames(&prior),
            frees_log: !prior.log_retention_days.is_null() && planned.log_retention_days.is_null(),
            looks_underneath: lost_parts::looks_underneath(&prior, planned),
            wait_for_steady_state: planned.wait_for_steady_state.cloned().unwrap_or(true),
        };
        let outcome = work.engine().update(&work.bounds, &request).await;
        let is_done = outcome.result.is_ok();
        let mut outcome = Box::pin(self.conclude(work, outcome, Some(prior.clone()), &change.private)).await;
        if let Some(after) = outcome.state.as_ref().filter(|_| is_done) {
            outcome.private = lost_parts::remember_unmended(&outcome.private, &prior, after);
        }
        remembering(outcome, &change.config, planned)
    }

    async fn delete(&self, cx: &Context, current: Current<ServiceModel>) -> Outcome<ServiceModel> {
        let state = &current.state;
        let begun =
            Work::begin(&self.provider, cx, Operation::Delete, Timeout::Delete, state).and_then(|work| {
                let arn = service_arn(&work.configured, state)?;
                Ok((work, arn))
            });
        let (work, arn) = match begun {
            Ok(begun) => begun,
            Err(diagnostic) => return refused(Some(current.state), current.private, diagnostic),
        };
        let outcome = work.engine().delete(&work.bounds, &arn).await;
        if outcome.result.is_ok() {
            let mut diagnostics = Diagnostics::none();
            let remains = match outcome.remains {
                Some(remains) if state.delete_logs_on_destroy.known() == Some(&true) => {
                    let logs = &work.configured.logs;
                    Some(Box::pin(delete_logs(logs, &work.bounds, &arn, remains)).await)
                }
                remains => remains,
            };
            diagnostics.extend(remains.and_then(|remains| diagnosis::explain_remains(&arn, &remains)));
            return Outcome { state: None, private: current.private, diagnostics };
        }
        Box::pin(self.conclude(work, outcome, Some(state.clone()), &current.private)).await
    }

    async fn import(&self, _cx: &Context, target: ImportTarget) -> Outcome<ServiceModel> {
        match import::import(&self.provider, target).await {
            Ok((state, warning)) => {
                let mut diagnostics = Diagnostics::none();
                diagnostics.extend(warning);
                Outcome { state: Some(state), private: Private::new(), diagnostics }
            }
            Err(diagnostic) => refused(None, Private::new(), diagnostic),
        }
    }

    fn generate_config(&self, config: ServiceModel) -> ServiceModel {
        let configured = self.provider.configured_if_known().ok().flatten();
        let subnets = configured.as_ref().and_then(|configured| configured.default_subnets.get());
        generate::generate_config(config, subnets)
    }

    fn move_from(&self, source: MoveSource) -> Option<Outcome<ServiceModel>> {
        move_from::move_from(source)
    }
}
