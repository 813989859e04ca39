//! A provider whose resource answers what a test tells it to.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::framework::data_source::DataSource;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::erased::{self, ErasedDataSource, ErasedResource};
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::provider::Provider;
use crate::framework::resource::{
    Change, Current, IdentityAttribute, IdentitySchema, ImportTarget, MoveSource, Outcome, Plan, Resource,
};
use crate::framework::schema::{Attribute, Replace, Schema, WhenUnset};
use crate::framework::server::{
    ClientCapabilities, PlanResourceChangeRequest, PlanResourceChangeResponse, ReadResourceRequest, Server,
};
use crate::framework::{Attr, Context, Diagnostic, Model, Path, Type, Value};

crate::model! {
    /// A named thing with a size.
    pub(super) struct Thing {
        pub(super) name: Attr<String>,
        pub(super) size: Attr<i64>,
        pub(super) secret: Attr<String>,
        pub(super) arn: Attr<String>,
        pub(super) revision: Attr<String>,
    }
}

/// What the resource does instead of its work, if anything.
pub(super) type Script<T> = Mutex<Option<Box<dyn FnOnce(T) -> Outcome<Thing> + Send>>>;

/// How the resource adjusts its plan, if it does.
type PlanScript = Mutex<Option<fn(&mut Plan<Thing>)>>;

#[derive(Default)]
pub(super) struct Scripts {
    pub(super) apply: Script<Change<Thing>>,
    pub(super) current: Script<Current<Thing>>,
    pub(super) plan: PlanScript,
}

#[derive(Clone, Default)]
pub(super) struct ThingResource(pub(super) Arc<Scripts>);

pub(super) fn outcome(state: Option<Thing>, diagnostics: Diagnostics) -> Outcome<Thing> {
    Outcome { state, private: b"private".to_vec(), diagnostics }
}

pub(super) fn failure() -> Diagnostics {
    Diagnostic::error("It failed", "AWS said no.").into()
}

impl ThingResource {
    fn apply(&self, change: Change<Thing>) -> Outcome<Thing> {
        let script = self.0.apply.lock().expect("no panic").take();
        match script {
            Some(script) => script(change),
            None => outcome(Some(made(&change.planned)), Diagnostics::none()),
        }
    }

    fn current(&self, current: Current<Thing>) -> Option<Outcome<Thing>> {
        let script = self.0.current.lock().expect("no panic").take();
        script.map(|script| script(current))
    }
}

/// The thing as the cloud would make it.
pub(super) fn made(planned: &Thing) -> Thing {
    let name = planned.name.cloned().unwrap_or_default();
    Thing {
        name: Attr::Known(name.clone()),
        size: if planned.size.is_unknown() { Attr::Known(1) } else { planned.size.clone() },
        secret: Attr::Null,
        arn: Attr::Known(format!("arn:{name}")),
        revision: if planned.revision.is_unknown() {
            Attr::Known("r".to_owned())
        } else {
            planned.revision.clone()
        },
    }
}

impl Resource for ThingResource {
    type Model = Thing;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 2,
            attributes: vec![
                Attribute::required("name", Type::String)
                    .describe("Name.")
                    .replace(Replace::Always)
                    .equal_if(|left, right| matches!((left, right), (Value::String(left), Value::String(right)) if left.eq_ignore_ascii_case(right))),
                Attribute::optional_computed("size", Type::Number)
                    .describe("Size.")
                    .when_unset(WhenUnset::Keep),
                Attribute::optional("secret", Type::String).describe("Secret.").write_only(),
                Attribute::computed("arn", Type::String).describe("ARN.").when_unset(WhenUnset::Keep),
                Attribute::computed("revision", Type::String).describe("Revision."),
            ],
            ..Schema::default()
        }
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let attribute = IdentityAttribute {
            name: "arn",
            r#type: Type::String,
            required_for_import: true,
            description: "ARN.",
        };
        Some(IdentitySchema { version: 0, attributes: vec![attribute] })
    }

    fn identity(&self, state: &Thing) -> Option<Value> {
        state.arn.cloned().map(|arn| Value::object([("arn", Value::String(arn))]))
    }

    fn validate(&self, config: &Thing) -> Diagnostics {
        match config.name.known().map(String::as_str) {
            Some("panic") => panic!("the test asked for it"),
            Some("bad") => failure(),
            _ => Diagnostics::none(),
        }
    }

    async fn plan(&self, _: &Context, plan: &mut Plan<Thing>) -> Diagnostics {
        let script = self.0.plan.lock().expect("no panic").take();
        if let Some(script) = script {
            script(plan);
        }
        Diagnostics::none()
    }

    async fn create(&self, _: &Context, change: Change<Thing>) -> Outcome<Thing> {
        self.apply(change)
    }

    async fn read(&self, _: &Context, current: Current<Thing>) -> Outcome<Thing> {
        let state = current.state.clone();
        self.current(current).unwrap_or_else(|| outcome(Some(state), Diagnostics::none()))
    }

    async fn update(&self, _: &Context, change: Change<Thing>) -> Outcome<Thing> {
        self.apply(change)
    }

    async fn delete(&self, _: &Context, current: Current<Thing>) -> Outcome<Thing> {
        self.current(current).unwrap_or_else(|| outcome(None, Diagnostics::none()))
    }

    async fn import(&self, _: &Context, target: ImportTarget) -> Outcome<Thing> {
        let ImportTarget::Id(id) = target else { return outcome(None, failure()) };
        let state = Thing {
            name: Attr::Known(id),
            size: Attr::Unknown,
            secret: Attr::Null,
            arn: Attr::Null,
            revision: Attr::Null,
        };
        outcome(Some(state), Diagnostics::none())
    }

    fn upgrade(&self, version: i64, mut state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        assert_eq!(version, 1, "only version 1 is older");
        state["name"] = state["title"].clone();
        Ok(state)
    }

    fn move_from(&self, source: MoveSource) -> Option<Outcome<Thing>> {
        let name = source.state["name"].as_str().map(str::to_owned);
        let state = Thing {
            name: Attr::from(name),
            size: Attr::Unknown,
            secret: Attr::Null,
            arn: Attr::Null,
            revision: Attr::Null,
        };
        (source.type_name == "other_thing").then(|| outcome(Some(state), Diagnostics::none()))
    }
}

crate::model! {
    /// A thing to look up.
    pub(super) struct Lookup {
        pub(super) name: Attr<String>,
        pub(super) label: Attr<String>,
        pub(super) arn: Attr<String>,
    }
}

/// Finds things whose name says how.
struct ThingLookup;

impl DataSource for ThingLookup {
    type Model = Lookup;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema {
            attributes: vec![
                Attribute::required("name", Type::String).describe("Name."),
                Attribute::optional("label", Type::String).describe("Label."),
                Attribute::computed("arn", Type::String).describe("ARN."),
            ],
            ..Schema::default()
        }
    }

    async fn read(&self, _: &Context, config: Lookup) -> Result<Lookup, Diagnostics> {
        let name = config.name.cloned().unwrap_or_default();
        match name.as_str() {
            "gone" => Err(failure()),
            "panic" => panic!("the test asked for it"),
            "unknown" => Ok(Lookup { arn: Attr::Unknown, ..config }),
            _ => Ok(Lookup {
                name: Attr::Known(name.to_uppercase()),
                label: Attr::Known("label".to_owned()),
                arn: Attr::Known(format!("arn:{name}")),
            }),
        }
    }
}

struct Double;

impl Function for Double {
    fn name(&self) -> &'static str {
        "double"
    }

    fn signature(&self) -> Signature {
        let parameter =
            Parameter { name: "text", r#type: Type::String, description: "Text.", allow_null_value: false };
        Signature {
            summary: "Doubles.",
            description: "Doubles a text.",
            parameters: vec![parameter],
            variadic: None,
            result: Type::String,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        match &arguments[0] {
            Value::String(text) => Ok(Value::String(text.repeat(2))),
            _ => Ok(Value::Bool(false)),
        }
    }
}

struct ScriptedProvider(ThingResource);

#[async_trait]
impl Provider for ScriptedProvider {
    fn schema(&self) -> Schema {
        let attribute = Attribute::optional("region", Type::String).describe("Region.");
        Schema { attributes: vec![attribute], ..Schema::default() }
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        vec![erased::resource(self.0.clone())]
    }

    fn data_sources(&self) -> Vec<Arc<dyn ErasedDataSource>> {
        vec![erased::data_source(ThingLookup)]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(Double)]
    }

    async fn configure(&self, _: &Context, _: &str, _: Value) -> Diagnostics {
        Diagnostics::none()
    }
}

/// A server and the scripts of its resource.
pub(super) fn server() -> (Server, Arc<Scripts>) {
    let resource = ThingResource::default();
    let scripts = Arc::clone(&resource.0);
    (Server::new(Arc::new(ScriptedProvider(resource))), scripts)
}

/// A configuration of a name and a size.
pub(super) fn config(name: &str, size: Attr<i64>) -> Value {
    let name = Attr::Known(name.to_owned());
    Thing { name, size, secret: Attr::Known("s".to_owned()), arn: Attr::Null, revision: Attr::Null }
        .to_value()
}

/// A state of a name and a size.
pub(super) fn state(name: &str, size: i64) -> Value {
    let name = Attr::Known(name.to_owned());
    made(&Thing {
        name,
        size: Attr::Known(size),
        secret: Attr::Null,
        arn: Attr::Null,
        revision: Attr::Unknown,
    })
    .to_value()
}

pub(super) fn thing(value: &Value) -> Thing {
    Thing::from_value(value, &Path::default()).expect("a thing")
}

pub(super) fn plan_request(prior_state: Value, config: Value) -> PlanResourceChangeRequest {
    PlanResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state,
        proposed_new_state: config.clone(),
        config,
        prior_private: b"before".to_vec(),
        prior_identity: None,
        capabilities: ClientCapabilities::default(),
    }
}

pub(super) async fn plan(server: &Server, prior_state: Value, config: Value) -> PlanResourceChangeResponse {
    server.plan_resource_change(plan_request(prior_state, config)).await
}

pub(super) fn read_request(current_state: Value) -> ReadResourceRequest {
    ReadResourceRequest {
        type_name: "test_thing".to_owned(),
        current_state,
        private: b"before".to_vec(),
        current_identity: None,
        capabilities: ClientCapabilities::default(),
    }
}
