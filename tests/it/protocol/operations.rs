//! Every operation's way over the wire and back.

use std::sync::Arc;

use terraform_provider_express::framework::server::{
    ApplyResourceChangeRequest, ClientCapabilities, ConfigureRequest, ImportResourceStateRequest,
    MoveResourceStateRequest, PlanResourceChangeRequest, RawState, ReadDataSourceRequest,
    ReadResourceRequest, UpgradeResourceIdentityRequest, UpgradeResourceStateRequest,
};
use terraform_provider_express::framework::{Diagnostics, Path, Type, Value};
use terraform_provider_express::protocol::client::{Client, InProcess};
use terraform_provider_express::protocol::proto::tfplugin6 as proto;

use crate::support::provider::TestProvider;
use crate::support::values::{object_of, summaries, text, with};

const CAPABILITIES: ClientCapabilities =
    ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

async fn start() -> InProcess {
    InProcess::start(Arc::new(TestProvider::default())).await.expect("starts")
}

fn thing<const N: usize>(client: &Client, members: [(&str, Value); N]) -> Value {
    object_of(client.resource_type("test_thing").expect("known"), members)
}

fn plan(prior: Value, proposed: Value) -> PlanResourceChangeRequest {
    PlanResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state: prior,
        config: if proposed.is_null() { Value::Null } else { with(&proposed, "id", Value::Null) },
        proposed_new_state: proposed,
        prior_private: b"kept".to_vec(),
        prior_identity: None,
        capabilities: CAPABILITIES,
    }
}

fn apply(prior: Value, planned: Value) -> ApplyResourceChangeRequest {
    ApplyResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state: prior,
        config: if planned.is_null() { Value::Null } else { with(&planned, "id", Value::Null) },
        planned_state: planned,
        planned_private: Vec::new(),
        planned_identity: None,
    }
}

#[tokio::test]
async fn a_thing_is_created_read_updated_and_deleted() {
    let plugin = start().await;
    let client = &plugin.client;
    let part = Value::object([("size", Value::Number(3_i64.into()))]);
    let planned =
        thing(client, [("name", text("a")), ("parts", Value::List(vec![part])), ("id", Value::unknown())]);

    let created = client.apply_resource_change(apply(Value::Null, planned.clone())).await.expect("answers");
    let state = with(&planned, "id", text("id-a"));
    assert_eq!(created.diagnostics, Diagnostics::none());
    assert_eq!(created.new_state, state);
    assert_eq!(created.private, b"kept");
    assert_eq!(created.new_identity, Some(Value::object([("id", text("id-a"))])));

    let read = ReadResourceRequest {
        type_name: "test_thing".to_owned(),
        current_state: state.clone(),
        private: created.private,
        current_identity: created.new_identity.clone(),
        capabilities: CAPABILITIES,
    };
    let read = client.read_resource(read).await.expect("answers");
    assert_eq!((&read.new_state, &read.new_identity), (&state, &created.new_identity));
    assert_eq!(read.private, b"kept");

    let changed = with(&state, "text", text("new"));
    let updated = client.apply_resource_change(apply(state, changed.clone())).await.expect("answers");
    assert_eq!(updated.new_state, changed);
    assert_eq!(summaries(&updated.diagnostics), ["Updated"]);
    assert!(!updated.diagnostics.has_errors());

    let deleted = client.apply_resource_change(apply(changed, Value::Null)).await.expect("answers");
    assert!(deleted.new_state.is_null());
}

#[tokio::test]
async fn an_object_that_is_gone_reads_as_null() {
    let plugin = start().await;
    let current_state = thing(&plugin.client, [("name", text("gone")), ("id", text("id-gone"))]);
    let request = ReadResourceRequest {
        type_name: "test_thing".to_owned(),
        current_state,
        private: Vec::new(),
        current_identity: None,
        capabilities: CAPABILITIES,
    };
    let read = plugin.client.read_resource(request).await.expect("answers");
    assert!(read.new_state.is_null());
    assert_eq!(read.diagnostics, Diagnostics::none());
}

#[tokio::test]
async fn plans_carry_unknown_values_and_private_bytes() {
    let plugin = start().await;
    let proposed = thing(&plugin.client, [("name", text("a")), ("text", Value::unknown())]);
    let planned = plugin.client.plan_resource_change(plan(Value::Null, proposed)).await.expect("answers");
    assert_eq!(planned.diagnostics, Diagnostics::none());
    assert!(planned.planned_state.member("text").expect("text").is_unknown());
    assert_eq!(planned.planned_state.member("name"), Some(&text("a")));
    assert_eq!(planned.planned_private, b"kept");
}

#[tokio::test]
async fn a_planned_destroy_is_null() {
    let plugin = start().await;
    let prior = thing(&plugin.client, [("name", text("a")), ("id", text("id-a"))]);
    let planned = plugin.client.plan_resource_change(plan(prior, Value::Null)).await.expect("answers");
    assert!(planned.planned_state.is_null());
    assert_eq!(planned.requires_replace, Vec::<Path>::new());
}

#[tokio::test]
async fn validation_finds_what_the_resource_says() {
    let plugin = start().await;
    let client = &plugin.client;
    let valid = thing(client, [("name", text("a"))]);
    let diagnostics = client.validate_resource_config("test_thing", &valid).await.expect("answers");
    assert_eq!(diagnostics, Diagnostics::none());
    let empty = with(&valid, "name", text(""));
    let diagnostics = client.validate_resource_config("test_thing", &empty).await.expect("answers");
    assert_eq!(summaries(&diagnostics), ["Empty name"]);
    let label = object_of(&label_type(), []);
    let diagnostics = client.validate_data_source_config("test_label", &label).await.expect("answers");
    assert_eq!(diagnostics, Diagnostics::none());
}

fn label_type() -> Type {
    Type::Object([("label".to_owned(), Type::String), ("echo".to_owned(), Type::String)].into())
}

#[tokio::test]
async fn the_last_configuration_counts() {
    let plugin = start().await;
    let client = &plugin.client;
    for label in ["first", "second"] {
        let config = Value::object([("label", text(label))]);
        let diagnostics = client.validate_provider_config(&config).await.expect("answers");
        assert_eq!(diagnostics, Diagnostics::none());
        let terraform_version = "1.16.0".to_owned();
        let request = ConfigureRequest { terraform_version, config, capabilities: CAPABILITIES };
        assert_eq!(client.configure(request).await.expect("answers"), Diagnostics::none());
        let request = ReadDataSourceRequest {
            type_name: "test_label".to_owned(),
            config: object_of(&label_type(), [("echo", text("x"))]),
            capabilities: CAPABILITIES,
        };
        let read = client.read_data_source(request).await.expect("answers");
        assert_eq!(read.state, Value::object([("label", text(label)), ("echo", text("x"))]));
    }
}

#[tokio::test]
async fn an_import_takes_an_id_or_an_identity() {
    let plugin = start().await;
    let request = |id: &str, identity| ImportResourceStateRequest {
        type_name: "test_thing".to_owned(),
        id: id.to_owned(),
        identity,
        capabilities: CAPABILITIES,
    };
    let identity = Value::object([("id", text("id-b"))]);
    for (request, id) in [(request("id-a", None), "id-a"), (request("", Some(identity)), "id-b")] {
        let answer = plugin.client.import_resource_state(request).await.expect("answers");
        let [imported] = answer.imported_resources.as_slice() else { panic!("one: {answer:?}") };
        assert_eq!(imported.type_name, "test_thing");
        assert_eq!(imported.state.member("id"), Some(&text(id)));
        assert_eq!(imported.identity, Some(Value::object([("id", text(id))])));
        assert_eq!(imported.private, b"kept");
    }
}

#[tokio::test]
async fn stored_states_and_identities_come_to_the_current_shape() {
    let plugin = start().await;
    let client = &plugin.client;
    let raw = |json: &str| RawState { json: json.into(), ..RawState::default() };
    let request = |version, json| UpgradeResourceStateRequest {
        type_name: "test_thing".to_owned(),
        version,
        raw_state: raw(json),
    };
    let expected = thing(client, [("name", text("a")), ("id", text("id-a"))]);
    let old =
        client.upgrade_resource_state(request(0, r#"{"title":"a","id":"id-a"}"#)).await.expect("answers");
    assert_eq!((old.upgraded_state, old.diagnostics), (expected.clone(), Diagnostics::none()));
    let same =
        client.upgrade_resource_state(request(1, r#"{"name":"a","id":"id-a"}"#)).await.expect("answers");
    assert_eq!((same.upgraded_state, same.diagnostics), (expected, Diagnostics::none()));

    let identity = UpgradeResourceIdentityRequest {
        type_name: "test_thing".to_owned(),
        version: 0,
        raw_identity: raw(r#"{"id":"id-a"}"#),
    };
    let identity = client.upgrade_resource_identity(identity).await.expect("answers");
    assert_eq!(identity.upgraded_identity, Value::object([("id", text("id-a"))]));
}

#[tokio::test]
async fn another_type_moves_over_if_it_is_known() {
    let plugin = start().await;
    let request = |source: &str| MoveResourceStateRequest {
        source_provider_address: "registry.terraform.io/example/other".to_owned(),
        source_type_name: source.to_owned(),
        source_schema_version: 0,
        source_state: RawState { json: br#"{"title":"a"}"#.to_vec(), ..RawState::default() },
        source_private: Vec::new(),
        target_type_name: "test_thing".to_owned(),
    };
    let moved = plugin.client.move_resource_state(request("other_thing")).await.expect("answers");
    assert_eq!(moved.target_state.member("id"), Some(&text("id-a")));
    assert_eq!(moved.target_identity, Some(Value::object([("id", text("id-a"))])));
    let refused = plugin.client.move_resource_state(request("unheard_of")).await.expect("answers");
    assert!(refused.diagnostics.has_errors());
}

#[tokio::test]
async fn functions_answer_or_point_at_an_argument() {
    let plugin = start().await;
    let call = async |arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(|argument| text(argument)).collect();
        plugin.client.call_function("join", &arguments).await.expect("answers")
    };
    assert_eq!(call(&["-", "a", "b"]).await, Ok(text("a-b")));
    assert_eq!(call(&["-"]).await.expect_err("nothing to join").argument, Some(0));
}

#[tokio::test]
async fn an_unknown_type_is_a_diagnostic_before_anything_is_decoded() {
    let plugin = start().await;
    let undecodable = Some(proto::DynamicValue { msgpack: vec![0xa1, b'x'], json: Vec::new() });
    let mut client = plugin.client.provider();
    let read = proto::read_resource::Request {
        type_name: "test_nothing".to_owned(),
        current_state: undecodable.clone(),
        ..proto::read_resource::Request::default()
    };
    let read = client.read_resource(read).await.expect("a diagnostic, not a status").into_inner();
    assert_eq!(read.diagnostics[0].summary, "Unknown resource type test_nothing");
    let data = proto::read_data_source::Request {
        type_name: "test_nothing".to_owned(),
        config: undecodable,
        ..proto::read_data_source::Request::default()
    };
    let data = client.read_data_source(data).await.expect("a diagnostic, not a status").into_inner();
    assert_eq!(data.diagnostics[0].summary, "Unknown data source type test_nothing");
    let call = proto::call_function::Request { name: "nothing".to_owned(), arguments: Vec::new() };
    let call = client.call_function(call).await.expect("an error, not a status").into_inner();
    assert!(call.error.expect("an error").text.contains("nothing"));
}

#[tokio::test]
async fn an_undecodable_value_is_a_diagnostic() {
    let plugin = start().await;
    let request = proto::validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: Some(proto::DynamicValue { msgpack: vec![0xa1, b'x'], json: Vec::new() }),
        client_capabilities: None,
    };
    let response = plugin.client.provider().validate_resource_config(request).await.expect("answers");
    assert_eq!(response.get_ref().diagnostics[0].summary, "Undecodable value from Terraform");
}

#[tokio::test]
async fn a_message_larger_than_grpcs_usual_limit_passes_both_ways() {
    let plugin = start().await;
    let long = "x".repeat(5 * 1024 * 1024);
    let planned =
        thing(&plugin.client, [("name", text("a")), ("text", text(&long)), ("id", Value::unknown())]);
    let created = plugin.client.apply_resource_change(apply(Value::Null, planned)).await.expect("passes");
    assert_eq!(created.new_state.member("text"), Some(&Value::String(long)));
}
