//! A provider that needs no cloud and does on demand what providers should not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use terraform_provider_express::framework::data_source::DataSource;
use terraform_provider_express::framework::erased::{self, ErasedDataSource, ErasedResource};
use terraform_provider_express::framework::function::{Function, FunctionError, Parameter, Signature};
use terraform_provider_express::framework::provider::Provider;
use terraform_provider_express::framework::resource::{
    Change, Current, IdentityAttribute, IdentitySchema, ImportTarget, MoveSource, Outcome, Resource,
};
use terraform_provider_express::framework::schema::{Attribute, Mode, Nesting, Replace, Schema, WhenUnset};
use terraform_provider_express::framework::{Attr, Context, Diagnostic, Diagnostics, Type, Value};
use tokio::sync::Notify;

/// The provider `test`.
#[derive(Debug, Default)]
pub(crate) struct TestProvider {
    label: Arc<Mutex<String>>,
    /// Told when a slow create has begun, and when it has ended.
    pub(crate) slow_create: Arc<SlowCreate>,
}

/// The course of a slow create.
#[derive(Debug, Default)]
pub(crate) struct SlowCreate {
    /// It has begun.
    pub(crate) began: Notify,
    /// It was cancelled.
    pub(crate) ended: Notify,
}

terraform_provider_express::model! {
    /// A `test_thing`. Its name decides how it behaves: `slow`, `panics`, or anything else.
    pub(crate) struct Thing {
        /// What it is called.
        pub name: Attr<String>,
        /// Some text.
        pub text: Attr<String>,
        /// Labels.
        pub labels: Attr<BTreeMap<String, String>>,
        /// Parts.
        pub parts: Attr<Vec<Part>>,
        /// Given by the provider.
        pub id: Attr<String>,
    }
}

terraform_provider_express::model! {
    /// A part of a thing.
    pub(crate) struct Part {
        /// How big.
        pub size: Attr<i64>,
    }
}

terraform_provider_express::model! {
    /// A `test_label`.
    pub(crate) struct Label {
        /// What the provider was configured with.
        pub label: Attr<String>,
        /// Repeated.
        pub echo: Attr<String>,
    }
}

#[async_trait]
impl Provider for TestProvider {
    fn schema(&self) -> Schema {
        Schema { attributes: vec![Attribute::optional("label", Type::String)], ..Schema::default() }
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        vec![erased::resource(ThingResource { slow_create: Arc::clone(&self.slow_create) })]
    }

    fn data_sources(&self) -> Vec<Arc<dyn ErasedDataSource>> {
        vec![erased::data_source(LabelSource { label: Arc::clone(&self.label) })]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(Join)]
    }

    async fn configure(&self, _: &Context, _: &str, config: Value) -> Diagnostics {
        let Some(Value::String(label)) = config.member("label") else { return Diagnostics::none() };
        label.clone_into(&mut self.label.lock().unwrap_or_else(PoisonError::into_inner));
        Diagnostics::none()
    }
}

struct ThingResource {
    slow_create: Arc<SlowCreate>,
}

fn outcome(state: Option<Thing>, diagnostics: Diagnostics) -> Outcome<Thing> {
    Outcome { state, private: b"kept".to_vec(), diagnostics }
}

impl Resource for ThingResource {
    type Model = Thing;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        let parts = vec![Attribute::required("size", Type::Number)];
        Schema {
            version: 1,
            description: "A thing.",
            attributes: vec![
                Attribute::required("name", Type::String).replace(Replace::Always),
                Attribute::optional("text", Type::String),
                Attribute::optional("labels", Type::Map(Box::new(Type::String))),
                Attribute::nested("parts", Mode::Optional, Nesting::List, parts),
                Attribute::computed("id", Type::String).when_unset(WhenUnset::Keep),
            ],
            blocks: Vec::new(),
        }
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let id = IdentityAttribute {
            name: "id",
            r#type: Type::String,
            required_for_import: true,
            description: "The id.",
        };
        Some(IdentitySchema { version: 0, attributes: vec![id] })
    }

    fn identity(&self, state: &Thing) -> Option<Value> {
        Some(Value::object([("id", Value::String(state.id.known()?.clone()))]))
    }

    fn validate(&self, config: &Thing) -> Diagnostics {
        match config.name.known().map(String::as_str) {
            Some("") => Diagnostic::error("Empty name", "A thing has a name.").into(),
            _ => Diagnostics::none(),
        }
    }

    async fn create(&self, cx: &Context, change: Change<Thing>) -> Outcome<Thing> {
        let name = change.planned.name.cloned().unwrap_or_default();
        let created = Thing { id: Attr::Known(format!("id-{name}")), ..change.planned };
        match name.as_str() {
            "panics" => panic!("the thing panics"),
            "slow" => {
                self.slow_create.began.notify_one();
                cx.cancellation.cancelled().await;
                self.slow_create.ended.notify_one();
                let error = Diagnostic::error("Create was cancelled", "The thing exists in part.");
                outcome(Some(created), error.into())
            }
            _ => outcome(Some(created), Diagnostics::none()),
        }
    }

    async fn read(&self, _: &Context, current: Current<Thing>) -> Outcome<Thing> {
        let gone = current.state.id.known().is_some_and(|id| id == "id-gone");
        let state = Some(current.state).filter(|_| !gone);
        Outcome { state, private: current.private, diagnostics: Diagnostics::none() }
    }

    async fn update(&self, _: &Context, change: Change<Thing>) -> Outcome<Thing> {
        outcome(Some(change.planned), Diagnostic::warning("Updated", "In place.").into())
    }

    async fn delete(&self, _: &Context, _: Current<Thing>) -> Outcome<Thing> {
        outcome(None, Diagnostics::none())
    }

    async fn import(&self, _: &Context, target: ImportTarget) -> Outcome<Thing> {
        let id = match target {
            ImportTarget::Id(id) => id,
            ImportTarget::Identity(identity) => match identity.member("id") {
                Some(Value::String(id)) => id.clone(),
                _ => return outcome(None, Diagnostic::error("No id", "The identity has none.").into()),
            },
        };
        let thing = Thing {
            name: Attr::Null,
            text: Attr::Null,
            labels: Attr::Null,
            parts: Attr::Null,
            id: Attr::Known(id),
        };
        outcome(Some(thing), Diagnostics::none())
    }

    fn upgrade(&self, version: i64, mut state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        assert_eq!(version, 0, "the only older version");
        state["name"] = state["title"].clone();
        Ok(state)
    }

    fn move_from(&self, source: MoveSource) -> Option<Outcome<Thing>> {
        if source.type_name != "other_thing" {
            return None;
        }
        let name = source.state["title"].as_str()?.to_owned();
        let thing = Thing {
            id: Attr::Known(format!("id-{name}")),
            name: Attr::Known(name),
            text: Attr::Null,
            labels: Attr::Null,
            parts: Attr::Null,
        };
        Some(outcome(Some(thing), Diagnostics::none()))
    }
}

struct LabelSource {
    label: Arc<Mutex<String>>,
}

impl DataSource for LabelSource {
    type Model = Label;

    fn type_name(&self) -> &'static str {
        "test_label"
    }

    fn schema(&self) -> Schema {
        let attributes =
            vec![Attribute::computed("label", Type::String), Attribute::optional("echo", Type::String)];
        Schema { attributes, ..Schema::default() }
    }

    async fn read(&self, _: &Context, config: Label) -> Result<Label, Diagnostics> {
        let label = self.label.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Label { label: Attr::Known(label), ..config })
    }
}

/// `join(separator, texts...)`.
struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> Signature {
        let parameter =
            |name| Parameter { name, r#type: Type::String, description: "", allow_null_value: false };
        Signature {
            summary: "Joins",
            description: "Joins texts.",
            parameters: vec![parameter("separator")],
            variadic: Some(parameter("texts")),
            result: Type::String,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let texts = arguments.iter().map(|argument| match argument {
            Value::String(text) if text == "panic" => panic!("the function panics"),
            Value::String(text) => text.as_str(),
            _ => "",
        });
        let texts: Vec<_> = texts.collect();
        match texts.as_slice() {
            [_] => Err(FunctionError { text: "There is nothing to join.".to_owned(), argument: Some(0) }),
            [separator, texts @ ..] => Ok(Value::String(texts.join(separator))),
            [] => Err(FunctionError { text: "There is no separator.".to_owned(), argument: None }),
        }
    }
}
