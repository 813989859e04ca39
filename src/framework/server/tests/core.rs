//! Whatever a resource answers, core never rejects an answer of the server that claims success, and never loses
//! an object because of one that does not.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use proptest::prelude::*;

use super::scripted::failure;
use crate::framework::arbitrary::Choices;
use crate::framework::core_rules::{apply_violations, plan_violations, proposed_new};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::erased::{ErasedDataSource, ErasedResource};
use crate::framework::function::Function;
use crate::framework::provider::Provider;
use crate::framework::resource::{Change, Current, IdentitySchema, ImportTarget, MoveSource, Outcome, Plan};
use crate::framework::schema::{Attribute, Schema, without_write_only};
use crate::framework::server::{
    ApplyResourceChangeRequest, ClientCapabilities, PlanResourceChangeRequest, ReadResourceRequest, Server,
};
use crate::framework::{Context, Type, Value};

/// A resource that answers anything at all.
struct Whimsical {
    members: Vec<Attribute>,
    choices: Mutex<Choices>,
}

impl Whimsical {
    fn r#type(&self) -> Type {
        Schema { attributes: self.members.clone(), ..Schema::default() }.r#type()
    }

    /// Mostly what a good resource would answer, sometimes any value of the type, a wrong one, nothing or a panic.
    fn answer(&self, good: Option<&Value>) -> Outcome<Value> {
        let mut choices = self.choices.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let r#type = self.r#type();
        let state = match choices.below(8) {
            0 => None,
            1 => Some(choices.value(&r#type, 4)),
            2 => Some(Value::object([("foreign", Value::Bool(true))])),
            3 => panic!("the test asked for it"),
            _ => good.map(|good| choices.completed(&self.members, good)),
        };
        let diagnostics = if choices.below(4) == 3 { failure() } else { Diagnostics::none() };
        Outcome { state, private: Vec::new(), diagnostics }
    }
}

#[async_trait]
impl ErasedResource for Whimsical {
    fn type_name(&self) -> &'static str {
        "test_whim"
    }

    fn schema(&self) -> Schema {
        Schema { attributes: self.members.clone(), ..Schema::default() }
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        None
    }

    fn identity(&self, _: &Value) -> Option<Value> {
        None
    }

    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::none()
    }

    async fn plan(&self, _: &Context, plan: &mut Plan<Value>) -> Diagnostics {
        let mut choices = self.choices.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if choices.below(3) == 2 {
            let member = &self.members[choices.below(self.members.len())];
            let value = choices.value(&member.r#type(), 3);
            let Value::Object(members) = &mut plan.planned else { return Diagnostics::none() };
            members.insert(member.name.to_owned(), value);
        }
        Diagnostics::none()
    }

    async fn plan_destroy(&self, _: &Context, _: &Value) -> Diagnostics {
        Diagnostics::none()
    }

    async fn create(&self, _: &Context, change: Change<Value>) -> Outcome<Value> {
        self.answer(Some(&change.planned))
    }

    async fn read(&self, _: &Context, current: Current<Value>) -> Outcome<Value> {
        self.answer(Some(&current.state))
    }

    async fn update(&self, _: &Context, change: Change<Value>) -> Outcome<Value> {
        self.answer(Some(&change.planned))
    }

    async fn delete(&self, _: &Context, _: Current<Value>) -> Outcome<Value> {
        self.answer(None)
    }

    async fn import(&self, _: &Context, _: ImportTarget) -> Outcome<Value> {
        self.answer(None)
    }

    fn upgrade(&self, _: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        Ok(state)
    }

    fn move_from(&self, _: MoveSource) -> Option<Outcome<Value>> {
        None
    }

    fn generate_config(&self, config: Value) -> Result<Value, Diagnostics> {
        Ok(config)
    }
}

struct WhimsicalProvider(Arc<Whimsical>);

#[async_trait]
impl Provider for WhimsicalProvider {
    fn schema(&self) -> Schema {
        Schema::default()
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        vec![Arc::<Whimsical>::clone(&self.0)]
    }

    fn data_sources(&self) -> Vec<Arc<dyn ErasedDataSource>> {
        Vec::new()
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }

    async fn configure(&self, _: &Context, _: &str, _: Value) -> Diagnostics {
        Diagnostics::none()
    }
}

/// Core: asks in its order and rejects what it does not accept.
struct Core {
    server: Server,
    members: Vec<Attribute>,
    r#type: Type,
}

impl Core {
    fn check_state(&self, state: &Value) {
        assert_eq!(self.r#type.check(state), Ok(()));
        assert!(state.is_wholly_known());
        assert_eq!(&without_write_only(&self.members, state.clone()), state);
    }

    async fn plan(&self, prior: &Value, config: &Value) -> Option<Value> {
        let request = PlanResourceChangeRequest {
            type_name: "test_whim".to_owned(),
            prior_state: prior.clone(),
            proposed_new_state: proposed_new(&self.members, prior, config),
            config: config.clone(),
            prior_private: Vec::new(),
            prior_identity: None,
            capabilities: ClientCapabilities::default(),
        };
        let response = self.server.plan_resource_change(request).await;
        if response.diagnostics.has_errors() {
            return None;
        }
        assert_eq!(self.r#type.check(&response.planned_state), Ok(()));
        assert_eq!(plan_violations(&self.members, prior, config, &response.planned_state), []);
        Some(response.planned_state)
    }

    async fn apply(&self, prior: &Value, planned: Value, config: &Value) -> Value {
        let request = ApplyResourceChangeRequest {
            type_name: "test_whim".to_owned(),
            prior_state: prior.clone(),
            planned_state: planned.clone(),
            config: config.clone(),
            planned_private: Vec::new(),
            planned_identity: None,
        };
        let response = self.server.apply_resource_change(request).await;
        self.check_state(&response.new_state);
        let failed = response.diagnostics.has_errors();
        assert!(failed || response.new_state.is_null() == planned.is_null());
        assert!(!failed || prior.is_null() || !response.new_state.is_null(), "a failure loses no object");
        if !failed && !planned.is_null() {
            assert_eq!(apply_violations(&planned, &response.new_state), []);
        }
        response.new_state
    }

    async fn read(&self, state: &Value) {
        let request = ReadResourceRequest {
            type_name: "test_whim".to_owned(),
            current_state: state.clone(),
            private: Vec::new(),
            current_identity: None,
            capabilities: ClientCapabilities::default(),
        };
        let response = self.server.read_resource(request).await;
        self.check_state(&response.new_state);
        assert!(!(response.diagnostics.has_errors() && response.new_state.is_null()));
    }

    async fn run(&self, configs: &[Value]) {
        let mut state = Value::Null;
        for config in configs {
            if let Some(planned) = self.plan(&state, config).await {
                state = self.apply(&state, planned, config).await;
            }
            if !state.is_null() {
                self.read(&state).await;
            }
        }
        if !state.is_null() {
            self.apply(&state, Value::Null, &Value::Null).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn core_accepts_every_success_and_loses_nothing_by_a_failure(
        bytes in Choices::bytes(),
        whims in Choices::bytes(),
    ) {
        let mut choices = Choices::from(bytes);
        let members = choices.members(2);
        let configs: Vec<Value> = (0..3).map(|_| choices.config(&members, 0)).collect();
        let whimsical = Whimsical { members: members.clone(), choices: Mutex::new(Choices::from(whims)) };
        let r#type = whimsical.r#type();
        let server = Server::new(Arc::new(WhimsicalProvider(Arc::new(whimsical))));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(Core { server, members, r#type }.run(&configs));
    }
}
