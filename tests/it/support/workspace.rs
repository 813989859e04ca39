//! A stand-in for Terraform core in this process: one workspace of `express_gateway_service` instances, against the
//! real provider and a sandbox, on a virtual clock.
//!
//! Every plan and apply is checked by core's own rules, as core would; and a result that differs from its plan, which
//! production settles and core never sees, is a failure here. Values of a configuration may be unknown until the apply
//! ([`known_at_apply`]): then everything is planned again with the values known, and the two plans are compared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;
use terraform_provider_express::aws::Environment;
use terraform_provider_express::clock::{Clock, SharedClock, VirtualClock};
use terraform_provider_express::framework::core_rules::{
    apply_violations, final_plan_violations, plan_violations, proposed_new,
};
use terraform_provider_express::framework::server::{
    ApplyResourceChangeRequest, ApplyResourceChangeResponse, ClientCapabilities, ConfigureRequest,
    ImportResourceStateRequest, MoveResourceStateRequest, PlanResourceChangeRequest,
    PlanResourceChangeResponse, RawState, ReadResourceRequest, Server, UpgradeResourceStateRequest,
};
use terraform_provider_express::framework::settle::settle;
use terraform_provider_express::framework::{Diagnostics, Path, Type, Value};
use terraform_provider_express::provider::ExpressProvider;
use terraform_provider_express::sandbox::Sandbox;

const TYPE_NAME: &str = "express_gateway_service";

/// 2026-11-01T00:00:00Z.
const START_SECONDS: u64 = 1_793_491_200;

/// What a plan would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Create,
    Update,
    Replace,
}

/// The outcome of an apply: what was done, and what the user was told.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) action: Action,
    pub(crate) diagnostics: Diagnostics,
}

#[derive(Debug, Clone)]
struct Instance {
    state: Value,
    private: Vec<u8>,
    is_tainted: bool,
}

/// A workspace with one provider process.
pub(crate) struct Workspace {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: VirtualClock,
    provider_config: Json,
    server: Arc<Server>,
    instances: BTreeMap<String, Instance>,
    /// Where results differed from their plans, for a test that goes on; `None`: it fails at once.
    pub(crate) broken: Option<Vec<String>>,
}

/// The three inputs, and nothing else.
pub(crate) fn three_inputs() -> Json {
    serde_json::json!({
        "primary_container": { "image": "public.ecr.aws/nginx/nginx:1.28" },
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "infrastructure_role_arn": "arn:aws:iam::123456789012:role/infrastructure",
    })
}

/// `config` with one more argument.
pub(crate) fn with(config: &Json, name: &str, value: impl Into<Json>) -> Json {
    let mut config = config.clone();
    config[name] = value.into();
    config
}

/// Name of the only member of a value that is known at the apply, not at the plan.
const KNOWN_AT_APPLY: &str = "<known at apply>";

/// A value that is unknown while it is planned, and this one when it is applied.
pub(crate) fn known_at_apply(value: impl Into<Json>) -> Json {
    serde_json::json!({ KNOWN_AT_APPLY: value.into() })
}

/// The configuration as it is at the apply.
fn resolved(config: &Json) -> Json {
    match config {
        Json::Object(members) => match members.get(KNOWN_AT_APPLY) {
            Some(value) => resolved(value),
            None => members.iter().map(|(name, value)| (name.clone(), resolved(value))).collect(),
        },
        Json::Array(elements) => elements.iter().map(resolved).collect(),
        other => other.clone(),
    }
}

impl Workspace {
    /// An empty workspace on an empty sandbox.
    pub(crate) async fn new() -> Self {
        Self::with_provider(serde_json::json!({})).await
    }

    /// An empty workspace with arguments in its provider block.
    pub(crate) async fn with_provider(provider_config: Json) -> Self {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS));
        let shared: SharedClock = Arc::new(clock.clone());
        let sandbox = Sandbox::new(Arc::clone(&shared));
        let server = start_provider(&sandbox, shared, &provider_config).await;
        Self { sandbox, clock, provider_config, server, instances: BTreeMap::new(), broken: None }
    }

    /// An empty workspace on an account that is there already.
    pub(crate) async fn on(sandbox: &Sandbox, clock: &VirtualClock) -> Self {
        let provider_config = serde_json::json!({});
        let server = start_provider(sandbox, Arc::new(clock.clone()), &provider_config).await;
        Self {
            sandbox: sandbox.clone(),
            clock: clock.clone(),
            provider_config,
            server,
            instances: BTreeMap::new(),
            broken: None,
        }
    }

    /// Ends the provider process and starts another one; the state stays.
    pub(crate) async fn restart_provider(&mut self) {
        let clock: SharedClock = Arc::new(self.clock.clone());
        self.server = start_provider(&self.sandbox, clock, &self.provider_config).await;
    }

    /// A second workspace on the same sandbox and clock, with nothing in its state.
    pub(crate) async fn neighbour(&self) -> Self {
        let clock: SharedClock = Arc::new(self.clock.clone());
        let server = start_provider(&self.sandbox, clock, &self.provider_config).await;
        Self {
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            provider_config: self.provider_config.clone(),
            server,
            instances: BTreeMap::new(),
            broken: None,
        }
    }

    /// A second workspace with the same provider process, for another instance of the same run.
    pub(crate) fn sibling(&self) -> Self {
        Self {
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            provider_config: self.provider_config.clone(),
            server: Arc::clone(&self.server),
            instances: self.instances.clone(),
            broken: None,
        }
    }

    /// A workspace of its own that stands where this one does: the same state, the same AWS, the same time, and a
    /// provider that has just started. What happens in one is not seen in the other.
    pub(crate) async fn fork(&self) -> Self {
        let clock = VirtualClock::starting_at(Clock::now(&self.clock));
        let shared: SharedClock = Arc::new(clock.clone());
        let sandbox = Sandbox::new(Arc::clone(&shared));
        let world = self.sandbox.with_world(|world| world.clone());
        sandbox.with_world(|copy| *copy = world);
        let server = start_provider(&sandbox, shared, &self.provider_config).await;
        sandbox.clear_calls();
        Self {
            sandbox,
            clock,
            provider_config: self.provider_config.clone(),
            server,
            instances: self.instances.clone(),
            broken: None,
        }
    }

    /// Starts another provider process that may refuse its configuration; says what the user is told.
    pub(crate) async fn configure(&mut self) -> Diagnostics {
        let clock: SharedClock = Arc::new(self.clock.clone());
        let (server, diagnostics) = configure_provider(&self.sandbox, clock, &self.provider_config).await;
        self.server = server;
        diagnostics
    }

    /// The provider, to stop it or to call it directly.
    pub(crate) fn server(&self) -> Arc<Server> {
        Arc::clone(&self.server)
    }

    /// Seconds since the workspace was made.
    pub(crate) fn elapsed_seconds(&self) -> u64 {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS);
        let now = Clock::now(&self.clock);
        now.duration_since(start).expect("time goes forward").as_secs()
    }

    /// The state of an instance.
    pub(crate) fn state(&self, name: &str) -> Option<&Value> {
        self.instances.get(name).map(|instance| &instance.state)
    }

    /// An attribute in the state of an instance, as JSON. Dots lead into objects.
    pub(crate) fn attribute(&self, name: &str, path: &str) -> Json {
        path.split('.').fold(self.stored(name), |value, step| match step.parse::<usize>() {
            Ok(index) => value[index].clone(),
            Err(_) => value[step].clone(),
        })
    }

    /// The state of an instance as a state file has it.
    pub(crate) fn stored(&self, name: &str) -> Json {
        let state = self.state(name).unwrap_or_else(|| panic!("no instance {name}"));
        let entry = self.server.resource(TYPE_NAME).expect("the resource exists");
        terraform_provider_express::framework::value::json::encode(state, &entry.r#type)
            .expect("the state is encodable")
    }

    /// Forgets an instance, as if its state had been lost.
    pub(crate) fn forget(&mut self, name: &str) {
        self.instances.remove(name);
    }

    /// Whether the state marks an instance as tainted.
    pub(crate) fn is_tainted(&self, name: &str) -> bool {
        self.instances.get(name).is_some_and(|instance| instance.is_tainted)
    }

    /// `-replace`: core plans the instance as it is, and then its create with the private bytes of that plan.
    pub(crate) fn ask_for_replacement(&mut self, name: &str) {
        self.instances.get_mut(name).expect("an instance").is_tainted = true;
    }

    /// `terraform untaint`.
    pub(crate) fn untaint(&mut self, name: &str) {
        self.instances.get_mut(name).expect("an instance").is_tainted = false;
    }

    /// Lets time pass between two commands.
    pub(crate) async fn clock_advance(&self, seconds: u64) {
        Clock::sleep(&self.clock, Duration::from_secs(seconds)).await;
    }

    /// `terraform validate`.
    pub(crate) fn validate(&self, config: &Json) -> Diagnostics {
        self.server.validate_resource_config(TYPE_NAME, &self.expand(config))
    }

    /// `terraform refresh` of one instance.
    pub(crate) async fn refresh(&mut self, name: &str) -> Diagnostics {
        let Some(instance) = self.instances.get(name).cloned() else { return Diagnostics::none() };
        let response = self
            .server
            .read_resource(ReadResourceRequest {
                type_name: TYPE_NAME.to_owned(),
                current_state: instance.state,
                private: instance.private,
                current_identity: None,
                capabilities: ClientCapabilities::default(),
            })
            .await;
        if response.new_state.is_null() {
            self.instances.remove(name);
        } else if !response.diagnostics.has_errors() {
            let is_tainted = instance.is_tainted;
            let refreshed = Instance { state: response.new_state, private: response.private, is_tainted };
            self.instances.insert(name.to_owned(), refreshed);
        }
        response.diagnostics
    }

    /// `terraform plan`: refreshes, then says what an apply would do.
    pub(crate) async fn plan(&mut self, name: &str, config: &Json) -> (Action, Diagnostics) {
        let mut diagnostics = self.refresh(name).await;
        if diagnostics.has_errors() {
            return (Action::Nothing, diagnostics);
        }
        let (action, _, said) = self.decide(name, config).await;
        diagnostics.extend(said);
        (action, diagnostics)
    }

    /// Plans a service that is not there yet, without a change of the workspace.
    pub(crate) async fn plan_create(self: Arc<Self>, name: String, config: Json) -> Action {
        self.decide(&name, &config).await.0
    }

    /// Applies a service that is not there yet, without a change of the workspace.
    pub(crate) async fn apply_anew(self: Arc<Self>, name: String, config: Json) -> Diagnostics {
        let (_, planned, mut said) = self.decide(&name, &config).await;
        if said.has_errors() {
            return said;
        }
        let request = ApplyResourceChangeRequest {
            type_name: TYPE_NAME.to_owned(),
            prior_state: Value::Null,
            planned_state: planned.planned_state,
            config: self.expand(&config),
            planned_private: planned.planned_private,
            planned_identity: None,
        };
        said.extend(self.server.apply_resource_change(request).await.diagnostics);
        said
    }

    /// What a refresh of an instance says, without a change of the workspace.
    pub(crate) async fn look_again(&self, name: &str) -> Diagnostics {
        let instance = self.instances.get(name).unwrap_or_else(|| panic!("no instance {name}")).clone();
        let request = ReadResourceRequest {
            type_name: TYPE_NAME.to_owned(),
            current_state: instance.state,
            private: instance.private,
            current_identity: None,
            capabilities: ClientCapabilities::default(),
        };
        self.server.read_resource(request).await.diagnostics
    }

    /// Paths that the plan of a configuration leaves open, in alphabetical order; without a refresh.
    pub(crate) async fn unknown_paths(&mut self, name: &str, config: &Json) -> Vec<String> {
        let (_, planned, diagnostics) = self.decide(name, config).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
        let mut paths = Vec::new();
        collect_unknown("", &planned.planned_state, &mut paths);
        paths
    }

    /// `terraform apply`: refreshes, plans and carries the plan out.
    pub(crate) async fn apply(&mut self, name: &str, config: &Json) -> Applied {
        let mut diagnostics = self.refresh(name).await;
        if diagnostics.has_errors() {
            return Applied { action: Action::Nothing, diagnostics };
        }
        let (action, planned, said) = self.decide(name, config).await;
        diagnostics.extend(said);
        if diagnostics.has_errors() || action == Action::Nothing {
            return Applied { action, diagnostics };
        }
        if action == Action::Replace {
            let deleted = self.destroy(name).await;
            let has_failed = deleted.has_errors();
            diagnostics.extend(deleted);
            if has_failed {
                return Applied { action, diagnostics };
            }
        }
        let planned = match self.plan_at_apply(name, config, action, planned).await {
            Ok(planned) => planned,
            Err(said) => {
                diagnostics.extend(said);
                return Applied { action, diagnostics };
            }
        };
        diagnostics.extend(self.carry_out(name, &resolved(config), planned).await);
        Applied { action, diagnostics }
    }

    /// What core does at the apply of a configuration with unknown values: plans again with everything known, and
    /// insists that the first plan told the truth.
    async fn plan_at_apply(
        &self,
        name: &str,
        config: &Json,
        action: Action,
        first: PlanResourceChangeResponse,
    ) -> Result<PlanResourceChangeResponse, Diagnostics> {
        let known = resolved(config);
        if known == *config {
            return Ok(first);
        }
        let (last_action, last, said) = self.decide(name, &known).await;
        if said.has_errors() {
            return Err(said);
        }
        let violations = final_violations(action, &first, last_action, &last);
        assert!(violations.is_empty(), "core would refuse the final plan of {config}: {violations:#?}");
        Ok(last)
    }

    /// Plans with unknown values and then with known ones, and says where the second plan breaks a promise of the first.
    /// Changes nothing.
    pub(crate) async fn broken_promises(&mut self, name: &str, config: &Json) -> Vec<String> {
        self.restart_provider().await;
        let (first_action, first, said) = self.decide(name, config).await;
        assert!(!said.has_errors(), "{config}: {said:#?}");
        let resolved = resolved(config);
        // As core does: one process for the plan, another one for the apply.
        self.restart_provider().await;
        let (last_action, last, said) = if first_action == Action::Replace {
            // The old object is gone by then.
            let (config, nothing) = (self.expand(&resolved), Value::Null);
            let proposed = self.propose(&nothing, &config);
            let last = self.plan_change(&nothing, &[], proposed, config).await;
            let said = last.diagnostics.clone();
            (Action::Create, last, said)
        } else {
            self.decide(name, &resolved).await
        };
        assert!(!said.has_errors(), "{config}: {said:#?}");
        final_violations(first_action, &first, last_action, &last)
    }

    /// Applies, and insists that it succeeds without an error and that the next plan is empty.
    #[track_caller]
    pub(crate) fn applied<'a>(
        &'a mut self,
        name: &'a str,
        config: &'a Json,
    ) -> impl Future<Output = Action> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let applied = self.apply(name, config).await;
            assert!(!applied.diagnostics.has_errors(), "{caller}: {:#?}", applied.diagnostics);
            let diagnostics = self.refresh(name).await;
            let (next, planned, said) = self.decide(name, &resolved(config)).await;
            assert!(!diagnostics.has_errors() && !said.has_errors(), "{caller}: {diagnostics:#?} {said:#?}");
            let differences = self.differences(name, &planned.planned_state);
            assert_eq!(
                (next, differences),
                (Action::Nothing, Vec::new()),
                "{caller}: the next plan is not empty"
            );
            applied.action
        }
    }

    /// Refreshes and plans, and says what the plan would change; errors, too.
    pub(crate) async fn changed_by_plan(&mut self, name: &str, config: &Json) -> Vec<String> {
        let mut said = self.refresh(name).await;
        let (action, planned, of_plan) = self.decide(name, config).await;
        said.extend(of_plan);
        if said.has_errors() {
            return vec![format!("{said:#?}")];
        }
        let mut changed = self.differences(name, &planned.planned_state);
        if action != Action::Nothing {
            changed.push(format!("{action:?}"));
        }
        changed
    }

    /// Attributes that a plan changes: name, state, plan.
    fn differences(&self, name: &str, planned: &Value) -> Vec<String> {
        let (Some(Value::Object(state)), Value::Object(planned)) = (self.state(name), planned) else {
            return Vec::new();
        };
        let changed = planned.iter().filter(|(attribute, value)| state.get(*attribute) != Some(value));
        changed
            .map(|(attribute, value)| format!("{attribute}: {:?} -> {value:?}", state.get(attribute)))
            .collect()
    }

    /// `terraform destroy` of one instance.
    pub(crate) async fn destroy(&mut self, name: &str) -> Diagnostics {
        let mut diagnostics = self.refresh(name).await;
        if diagnostics.has_errors() {
            return diagnostics;
        }
        let Some(instance) = self.instances.get(name).cloned() else { return diagnostics };
        let planned = self.plan_change(&instance.state, &instance.private, Value::Null, Value::Null).await;
        diagnostics.extend(planned.diagnostics);
        let response = self
            .server
            .apply_resource_change(ApplyResourceChangeRequest {
                type_name: TYPE_NAME.to_owned(),
                prior_state: instance.state,
                planned_state: Value::Null,
                config: Value::Null,
                planned_private: planned.planned_private,
                planned_identity: None,
            })
            .await;
        if response.new_state.is_null() {
            self.instances.remove(name);
        } else {
            let kept = Instance { state: response.new_state, private: response.private, ..instance };
            self.instances.insert(name.to_owned(), kept);
        }
        diagnostics.extend(response.diagnostics);
        diagnostics
    }

    /// `terraform import`.
    pub(crate) async fn import(&mut self, name: &str, id: &str) -> Diagnostics {
        let response = self
            .server
            .import_resource_state(ImportResourceStateRequest {
                type_name: TYPE_NAME.to_owned(),
                id: id.to_owned(),
                identity: None,
                capabilities: ClientCapabilities::default(),
            })
            .await;
        let mut diagnostics = response.diagnostics;
        for imported in response.imported_resources {
            let instance = Instance { state: imported.state, private: imported.private, is_tainted: false };
            self.instances.insert(name.to_owned(), instance);
            diagnostics.extend(self.refresh(name).await);
        }
        if diagnostics.has_errors() {
            self.forget(name);
        }
        diagnostics
    }

    /// A state that an earlier version of the provider wrote, as core hands it over before anything else.
    pub(crate) fn take_stored(&mut self, name: &str, version: i64, attributes: &Json) -> Diagnostics {
        let response = self.server.upgrade_resource_state(&UpgradeResourceStateRequest {
            type_name: TYPE_NAME.to_owned(),
            version,
            raw_state: RawState { json: attributes.to_string().into_bytes(), ..RawState::default() },
        });
        if !response.upgraded_state.is_null() {
            let instance =
                Instance { state: response.upgraded_state, private: Vec::new(), is_tainted: false };
            self.instances.insert(name.to_owned(), instance);
        }
        response.diagnostics
    }

    /// A `moved` block from another resource type: the state is taken over by a provider that is not configured, as
    /// core does it, before anything is refreshed.
    pub(crate) fn move_in(&mut self, name: &str, request: MoveResourceStateRequest) -> Diagnostics {
        let clock: SharedClock = Arc::new(self.clock.clone());
        let provider = ExpressProvider::new(clock, Some(self.sandbox.http_client()), Environment::default());
        let response = Server::new(Arc::new(provider)).move_resource_state(request);
        if !response.target_state.is_null() {
            let (state, private) = (response.target_state, response.target_private);
            self.instances.insert(name.to_owned(), Instance { state, private, is_tainted: false });
        }
        response.diagnostics
    }

    async fn decide(&self, name: &str, config: &Json) -> (Action, PlanResourceChangeResponse, Diagnostics) {
        let config = self.expand(config);
        let mut diagnostics = self.server.validate_resource_config(TYPE_NAME, &config);
        let instance = self.instances.get(name);
        let prior = instance.map_or(Value::Null, |instance| instance.state.clone());
        let private = instance.map(|instance| instance.private.clone()).unwrap_or_default();
        let proposed = self.propose(&prior, &config);
        let planned = self.plan_change(&prior, &private, proposed, config.clone()).await;
        diagnostics.extend(planned.diagnostics.clone());
        if diagnostics.has_errors() {
            return (Action::Nothing, planned, diagnostics);
        }
        self.check_plan(&config, &prior, &planned.planned_state);
        let is_replaced =
            !planned.requires_replace.is_empty() || instance.is_some_and(|found| found.is_tainted);
        if prior.is_null() {
            return (Action::Create, planned, diagnostics);
        }
        if !is_replaced {
            let action = if planned.planned_state == prior { Action::Nothing } else { Action::Update };
            return (action, planned, diagnostics);
        }
        let proposed = self.propose(&Value::Null, &config);
        let replanned =
            self.plan_change(&Value::Null, &planned.planned_private, proposed, config.clone()).await;
        // Core drops the warnings of the second plan.
        if replanned.diagnostics.has_errors() {
            diagnostics.extend(replanned.diagnostics.clone());
            return (Action::Nothing, replanned, diagnostics);
        }
        (Action::Replace, replanned, diagnostics)
    }

    async fn carry_out(
        &mut self,
        name: &str,
        config: &Json,
        planned: PlanResourceChangeResponse,
    ) -> Diagnostics {
        let prior = self.instances.get(name).map_or(Value::Null, |instance| instance.state.clone());
        let is_create = prior.is_null();
        let response = self
            .server
            .apply_resource_change(ApplyResourceChangeRequest {
                type_name: TYPE_NAME.to_owned(),
                prior_state: prior,
                planned_state: planned.planned_state.clone(),
                config: self.expand(config),
                planned_private: planned.planned_private,
                planned_identity: None,
            })
            .await;
        let has_failed = response.diagnostics.has_errors();
        if !has_failed {
            let violations = apply_violations(&planned.planned_state, &response.new_state);
            assert!(violations.is_empty(), "core would refuse the result: {violations:#?}");
            let diverged = self.lasting_divergences(&planned.planned_state, &response).await;
            match &mut self.broken {
                Some(broken) => broken.extend(diverged),
                None => assert!(
                    diverged.is_empty(),
                    "the result differs from the plan of {config}: {diverged:#?}"
                ),
            }
        }
        if !response.new_state.is_null() {
            let is_tainted = is_create && has_failed;
            let instance = Instance { state: response.new_state, private: response.private, is_tainted };
            self.instances.insert(name.to_owned(), instance);
        }
        response.diagnostics
    }

    /// Where a result differs from its plan for good: AWS may answer with what was before for a while.
    async fn lasting_divergences(
        &self,
        planned: &Value,
        response: &ApplyResourceChangeResponse,
    ) -> Vec<String> {
        if response.diverged.is_empty() {
            return Vec::new();
        }
        self.clock_advance(120).await;
        let later = self
            .server
            .read_resource(ReadResourceRequest {
                type_name: TYPE_NAME.to_owned(),
                current_state: response.new_state.clone(),
                private: response.private.clone(),
                current_identity: None,
                capabilities: ClientCapabilities::default(),
            })
            .await;
        let lasting = settle(planned, later.new_state).diverged;
        let is_first = |path: &Path| response.diverged.iter().any(|first| first.path == *path);
        let lasting = lasting.iter().filter(|it| is_first(&it.path));
        lasting
            .map(|it| format!("{}: planned {:?}, came out {:?}", it.path, it.planned, it.answered))
            .collect()
    }

    async fn plan_change(
        &self,
        prior_state: &Value,
        prior_private: &[u8],
        proposed_new_state: Value,
        config: Value,
    ) -> PlanResourceChangeResponse {
        self.server
            .plan_resource_change(PlanResourceChangeRequest {
                type_name: TYPE_NAME.to_owned(),
                prior_state: prior_state.clone(),
                proposed_new_state,
                config,
                prior_private: prior_private.to_vec(),
                prior_identity: None,
                capabilities: ClientCapabilities::default(),
            })
            .await
    }

    fn propose(&self, prior: &Value, config: &Value) -> Value {
        let entry = self.server.resource(TYPE_NAME).expect("the resource exists");
        proposed_new(&entry.schema.attributes, prior, config)
    }

    fn check_plan(&self, config: &Value, prior: &Value, planned: &Value) {
        let entry = self.server.resource(TYPE_NAME).expect("the resource exists");
        let violations = plan_violations(&entry.schema.attributes, prior, config, planned);
        assert!(violations.is_empty(), "core would refuse the plan: {violations:#?}");
    }

    fn expand(&self, config: &Json) -> Value {
        let entry = self.server.resource(TYPE_NAME).expect("the resource exists");
        expand(&entry.r#type, config)
    }
}

/// Where the plan at the apply breaks a promise of the first one.
fn final_violations(
    first_action: Action,
    first: &PlanResourceChangeResponse,
    last_action: Action,
    last: &PlanResourceChangeResponse,
) -> Vec<String> {
    let violations = final_plan_violations(&first.planned_state, &last.planned_state);
    let mut said: Vec<_> = violations.iter().map(|it| format!("{}: {}", it.path, it.problem)).collect();
    let is_same = match first_action {
        Action::Replace => matches!(last_action, Action::Replace | Action::Create),
        // An update may turn out to change nothing.
        Action::Update => matches!(last_action, Action::Update | Action::Nothing),
        other => other == last_action,
    };
    if !is_same {
        said.push(format!("planned {first_action:?}, and at the apply {last_action:?}"));
    }
    said
}

/// Unknown attributes and members of objects, by path.
fn collect_unknown(path: &str, value: &Value, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let separator = if path.is_empty() { "" } else { "." };
                collect_unknown(&format!("{path}{separator}{name}"), member, paths);
            }
        }
        value if value.is_wholly_known() => {}
        _ => paths.push(path.to_owned()),
    }
}

async fn start_provider(sandbox: &Sandbox, clock: SharedClock, config: &Json) -> Arc<Server> {
    let (server, diagnostics) = configure_provider(sandbox, clock, config).await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    server
}

async fn configure_provider(
    sandbox: &Sandbox,
    clock: SharedClock,
    config: &Json,
) -> (Arc<Server>, Diagnostics) {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let environment: Environment = variables.into_iter().collect();
    let provider = ExpressProvider::new(clock, Some(sandbox.http_client()), environment);
    let server = Arc::new(Server::new(Arc::new(provider)));
    let config = expand(server.provider_type(), config);
    let request = ConfigureRequest {
        terraform_version: "1.14.0".to_owned(),
        config,
        capabilities: ClientCapabilities::default(),
    };
    let diagnostics = server.configure(request).await;
    (server, diagnostics)
}

/// JSON as a value of a type: what is left out is null, except blocks and lists of blocks, which core sends empty.
pub(crate) fn expand(r#type: &Type, json: &Json) -> Value {
    match (r#type, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::Object(members)) if members.contains_key(KNOWN_AT_APPLY) => Value::unknown(),
        (Type::Object(members), Json::Object(given)) => {
            for name in given.keys() {
                assert!(members.contains_key(name), "no attribute {name}");
            }
            let member = |(name, r#type): (&String, &Type)| {
                (name.clone(), expand(r#type, given.get(name).unwrap_or(&Json::Null)))
            };
            Value::Object(members.iter().map(member).collect())
        }
        (Type::List(element), Json::Array(elements)) => {
            Value::List(elements.iter().map(|json| expand(element, json)).collect())
        }
        (Type::Set(element), Json::Array(elements)) => {
            Value::set(elements.iter().map(|json| expand(element, json)).collect())
        }
        (Type::Map(element), Json::Object(elements)) => {
            Value::Map(elements.iter().map(|(key, json)| (key.clone(), expand(element, json))).collect())
        }
        (Type::String, Json::String(text)) => Value::String(text.clone()),
        (Type::Bool, Json::Bool(flag)) => Value::Bool(*flag),
        (Type::Number, Json::Number(number)) => Value::Number(number.to_string().parse().expect("a number")),
        (r#type, json) => panic!("{json} is not a {type:?}"),
    }
}
