//! A resource with every kind of attribute, kept by a cloud that spells names in capitals and fills in whatever it may.

use std::sync::Arc;

use async_trait::async_trait;
use terraform_provider_express::framework::erased::{ErasedDataSource, ErasedResource};
use terraform_provider_express::framework::function::Function;
use terraform_provider_express::framework::provider::Provider;
use terraform_provider_express::framework::resource::{
    Change, Current, IdentitySchema, ImportTarget, MoveSource, Outcome, Plan,
};
use terraform_provider_express::framework::schema::{
    Attribute, Kind, Mode, Nesting, Replace, Schema, WhenUnset,
};
use terraform_provider_express::framework::{Context, Diagnostics, Type, Value};

pub(crate) struct ThingProvider;

#[async_trait]
impl Provider for ThingProvider {
    fn schema(&self) -> Schema {
        Schema::default()
    }

    fn resources(&self) -> Vec<Arc<dyn ErasedResource>> {
        vec![Arc::new(Thing)]
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

fn is_same_ignoring_case(left: &Value, right: &Value) -> bool {
    matches!((left, right), (Value::String(left), Value::String(right)) if left.eq_ignore_ascii_case(right))
}

fn nested() -> Vec<Attribute> {
    let default = Value::Number("0.1".parse().expect("a number"));
    vec![
        Attribute::required("x", Type::String).equal_if(is_same_ignoring_case),
        Attribute::optional_computed("y", Type::String).when_unset(WhenUnset::Keep),
        Attribute::optional_computed("z", Type::Number).when_unset(WhenUnset::Default(default)),
        Attribute::computed("w", Type::String),
        Attribute::optional("o", Type::Number),
    ]
}

fn attributes() -> Vec<Attribute> {
    let set_of_strings = || Type::Set(Box::new(Type::String));
    let map_of_strings = || Type::Map(Box::new(Type::String));
    let default = Value::Set(vec![Value::String("d".to_owned())]);
    vec![
        Attribute::required("name", Type::String).replace(Replace::Always).equal_if(is_same_ignoring_case),
        Attribute::optional_computed("size", Type::Number).when_unset(WhenUnset::Keep),
        Attribute::optional("tags", map_of_strings()),
        Attribute::optional("anything", Type::Dynamic),
        Attribute::optional("secret", Type::String).write_only(),
        Attribute::computed("rev", Type::String),
        Attribute::computed("follows", Type::String).when_unset(WhenUnset::UnknownIfChanged(&["size"])),
        Attribute::optional_computed("dflt", set_of_strings()).when_unset(WhenUnset::Default(default)),
        Attribute::optional("strings", set_of_strings()),
        Attribute::nested(
            "single",
            Mode::OptionalComputed,
            Nesting::Single,
            vec![
                Attribute::optional("a", Type::String),
                Attribute::optional_computed("b", Type::String).when_unset(WhenUnset::Keep),
                Attribute::computed("c", Type::String).when_unset(WhenUnset::Keep),
            ],
        ),
        Attribute::nested("opt", Mode::Optional, Nesting::Single, nested()),
        Attribute::nested("list", Mode::Optional, Nesting::List, nested()),
        Attribute::nested("map", Mode::Optional, Nesting::Map, nested()),
        Attribute::nested(
            "set",
            Mode::Optional,
            Nesting::Set,
            vec![Attribute::required("x", Type::String), Attribute::optional("o", Type::Number)],
        ),
        Attribute::nested("oclist", Mode::OptionalComputed, Nesting::List, nested())
            .when_unset(WhenUnset::Keep),
        Attribute::nested(
            "comp",
            Mode::Computed,
            Nesting::List,
            vec![Attribute::computed("x", Type::String), Attribute::computed("t", map_of_strings())],
        ),
        Attribute::nested(
            "compset",
            Mode::Computed,
            Nesting::Set,
            vec![Attribute::computed("x", Type::String)],
        )
        .when_unset(WhenUnset::Keep),
    ]
}

/// The state that the cloud makes of a plan.
fn made(attributes: &[Attribute], planned: &Value) -> Value {
    let Value::Object(members) = planned else { return planned.clone() };
    Value::object(
        attributes
            .iter()
            .map(|attribute| (attribute.name, made_attribute(attribute, &members[attribute.name]))),
    )
}

fn made_attribute(attribute: &Attribute, planned: &Value) -> Value {
    let nested = match &attribute.kind {
        Kind::Nested(_, nested) => nested.as_slice(),
        Kind::Value(_) if planned.is_unknown() => return generated(&attribute.r#type()),
        Kind::Value(_) => return planned.clone(),
    };
    match planned {
        Value::Unknown(_) => generated_nested(attribute, nested),
        Value::List(elements) => Value::List(elements.iter().map(|element| made(nested, element)).collect()),
        Value::Map(elements) => {
            Value::Map(elements.iter().map(|(key, element)| (key.clone(), made(nested, element))).collect())
        }
        other => made(nested, other),
    }
}

fn generated_nested(attribute: &Attribute, nested: &[Attribute]) -> Value {
    let object = Value::object(nested.iter().map(|member| {
        let value = if member.is_computed() { generated(&member.r#type()) } else { Value::Null };
        (member.name, value)
    }));
    match &attribute.kind {
        Kind::Nested(Nesting::List, _) => Value::List(vec![object]),
        Kind::Nested(Nesting::Set, _) => Value::Set(vec![object]),
        Kind::Nested(Nesting::Map, _) => Value::Map([("k".to_owned(), object)].into()),
        _ => object,
    }
}

fn generated(r#type: &Type) -> Value {
    match r#type {
        Type::Bool => Value::Bool(true),
        Type::Number => Value::Number("12345678901234567890.5".parse().expect("a number")),
        Type::List(element) => Value::List(vec![generated(element)]),
        Type::Set(element) => Value::Set(vec![generated(element)]),
        Type::Map(element) => Value::Map([("k".to_owned(), generated(element))].into()),
        _ => Value::String("generated".to_owned()),
    }
}

fn succeeded(state: Option<Value>) -> Outcome<Value> {
    Outcome { state, private: b"private".to_vec(), diagnostics: Diagnostics::none() }
}

struct Thing;

#[async_trait]
impl ErasedResource for Thing {
    fn type_name(&self) -> &'static str {
        "express_thing"
    }

    fn schema(&self) -> Schema {
        Schema { attributes: attributes(), ..Schema::default() }
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

    async fn plan(&self, _: &Context, _: &mut Plan<Value>) -> Diagnostics {
        Diagnostics::none()
    }

    async fn plan_destroy(&self, _: &Context, _: &Value) -> Diagnostics {
        Diagnostics::none()
    }

    async fn create(&self, _: &Context, change: Change<Value>) -> Outcome<Value> {
        succeeded(Some(made(&attributes(), &change.planned)))
    }

    async fn read(&self, _: &Context, current: Current<Value>) -> Outcome<Value> {
        let mut state = current.state;
        if let Value::Object(members) = &mut state
            && let Some(Value::String(name)) = members.get_mut("name")
        {
            name.make_ascii_uppercase();
        }
        succeeded(Some(state))
    }

    async fn update(&self, _: &Context, change: Change<Value>) -> Outcome<Value> {
        succeeded(Some(made(&attributes(), &change.planned)))
    }

    async fn delete(&self, _: &Context, _: Current<Value>) -> Outcome<Value> {
        succeeded(None)
    }

    async fn import(&self, _: &Context, _: ImportTarget) -> Outcome<Value> {
        succeeded(None)
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
