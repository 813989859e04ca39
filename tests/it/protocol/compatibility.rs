//! Older and newer cores: the messages as they send them, with what they leave out and what they add.

use std::sync::Arc;

use terraform_provider_express::framework::value::msgpack;
use terraform_provider_express::framework::{Type, Value};
use terraform_provider_express::protocol::client::{Client, InProcess};
use terraform_provider_express::protocol::proto::tfplugin6 as proto;
use terraform_provider_express::protocol::proto::tfplugin6::schema::{Attribute, Block};
use terraform_provider_express::provider::ExpressProvider;
use tonic::codegen::http::uri::PathAndQuery;
use tonic_prost::ProstCodec;

use crate::support::provider::TestProvider;
use crate::support::values::{object_of, text};

async fn start() -> InProcess {
    InProcess::start(Arc::new(TestProvider::default())).await.expect("starts")
}

fn thing_type(client: &Client) -> Type {
    client.resource_type("test_thing").expect("known").clone()
}

fn encode(value: &Value, r#type: &Type) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(value, r#type).expect("a value"), json: Vec::new() }
}

/// A create with one value that is not known yet, and with none of the fields that came after protocol 6.0.
fn plan_of_an_old_core(r#type: &Type) -> proto::plan_resource_change::Request {
    let config = object_of(r#type, [("name", text("a")), ("text", Value::unknown())]);
    proto::plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        prior_state: Some(encode(&Value::Null, r#type)),
        proposed_new_state: Some(encode(&config, r#type)),
        config: Some(encode(&config, r#type)),
        ..proto::plan_resource_change::Request::default()
    }
}

fn planned(response: &proto::plan_resource_change::Response, r#type: &Type) -> Value {
    assert_eq!(response.diagnostics, []);
    assert_eq!(response.deferred, None, "a core that does not allow a deferral gets none");
    let state = response.planned_state.as_ref().expect("a planned state");
    msgpack::decode(&state.msgpack, r#type).expect("a value")
}

#[tokio::test]
async fn a_plan_of_a_core_without_capabilities_and_identity_is_answered() {
    let plugin = start().await;
    let r#type = thing_type(&plugin.client);
    let request = plan_of_an_old_core(&r#type);
    let response =
        plugin.client.provider().plan_resource_change(request).await.expect("answers").into_inner();
    let state = planned(&response, &r#type);
    assert!(state.member("text").expect("text").is_unknown() && state.member("id").expect("id").is_unknown());
    assert_eq!(state.member("name"), Some(&text("a")));
}

/// Since 1.6 core says more of an unknown value: here, that it is not null.
fn refine(value: &mut proto::DynamicValue) {
    const UNKNOWN: [u8; 3] = [0xd4, 0, 0];
    const UNKNOWN_BUT_NOT_NULL: [u8; 6] = [0xc7, 3, 12, 0x81, 1, 0xc2];
    let at = value.msgpack.windows(3).position(|bytes| bytes == UNKNOWN).expect("an unknown value");
    value.msgpack.splice(at..at + 3, UNKNOWN_BUT_NOT_NULL);
}

#[tokio::test]
async fn unknown_values_are_taken_with_and_without_refinements() {
    let plugin = start().await;
    let r#type = thing_type(&plugin.client);
    let plain = plan_of_an_old_core(&r#type);
    let mut refined = plain.clone();
    refined.config.iter_mut().chain(&mut refined.proposed_new_state).for_each(refine);
    for request in [plain, refined] {
        let response = plugin.client.provider().plan_resource_change(request).await.expect("answers");
        let state = planned(response.get_ref(), &r#type);
        assert!(state.member("text").expect("text").is_unknown());
    }
}

/// `ValidateResourceConfig.Request` of a core that is newer than the protocol we know.
#[derive(Clone, PartialEq, prost::Message)]
struct NewerRequest {
    #[prost(string, tag = "1")]
    type_name: String,
    #[prost(message, optional, tag = "2")]
    config: Option<proto::DynamicValue>,
    #[prost(message, optional, tag = "3")]
    client_capabilities: Option<NewerCapabilities>,
    #[prost(string, tag = "77")]
    wish: String,
}

/// `ClientCapabilities` with one that does not exist yet.
#[derive(Clone, PartialEq, prost::Message)]
struct NewerCapabilities {
    #[prost(bool, tag = "2")]
    write_only_attributes_allowed: bool,
    #[prost(bool, tag = "77")]
    miracles_allowed: bool,
}

#[tokio::test]
async fn fields_of_a_newer_core_are_passed_over() {
    let plugin = start().await;
    let r#type = thing_type(&plugin.client);
    let config = object_of(&r#type, [("name", text(""))]);
    let request = NewerRequest {
        type_name: "test_thing".to_owned(),
        config: Some(encode(&config, &r#type)),
        client_capabilities: Some(NewerCapabilities {
            write_only_attributes_allowed: true,
            miracles_allowed: true,
        }),
        wish: "something new".to_owned(),
    };
    let mut client = tonic::client::Grpc::new(plugin.client.channel());
    client.ready().await.expect("a connection");
    let path = PathAndQuery::from_static("/tfplugin6.Provider/ValidateResourceConfig");
    let codec = ProstCodec::<NewerRequest, proto::validate_resource_config::Response>::default();
    let response = client.unary(tonic::Request::new(request), path, codec).await.expect("answers");
    let summaries: Vec<_> = response.get_ref().diagnostics.iter().map(|one| one.summary.as_str()).collect();
    assert_eq!(summaries, ["Empty name"], "what is known of the request counts");
}

/// Attributes of a block, with those of nested objects and blocks.
fn list_attributes(block: &Block) -> Vec<&Attribute> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Attribute> = block.attributes.iter().collect();
    while let Some(attribute) = waiting.pop() {
        waiting.extend(attribute.nested_type.iter().flat_map(|object| &object.attributes));
        found.push(attribute);
    }
    let blocks = block.block_types.iter().filter_map(|nested| nested.block.as_ref());
    found.extend(blocks.flat_map(list_attributes));
    found
}

#[tokio::test]
async fn the_schemas_ask_nothing_of_core_that_terraform_1_5_lacks() {
    let plugin = InProcess::start(Arc::new(ExpressProvider::of_process())).await.expect("starts");
    let request = proto::get_provider_schema::Request {};
    let schemas = plugin.client.provider().get_provider_schema(request).await.expect("answers").into_inner();
    let all = schemas.resource_schemas.values().chain(schemas.data_source_schemas.values());
    for schema in all.chain(&schemas.provider) {
        for attribute in list_attributes(schema.block.as_ref().expect("a block")) {
            assert!(!attribute.write_only, "{}: write-only attributes came with 1.11", attribute.name);
        }
    }
    assert!(schemas.ephemeral_resource_schemas.is_empty(), "a configuration without them loses nothing");
    assert!(schemas.state_store_schemas.is_empty());
    let capabilities = schemas.server_capabilities.expect("capabilities");
    assert!(capabilities.plan_destroy && capabilities.move_resource_state);
    assert!(
        capabilities.get_provider_schema_optional,
        "1.6 and newer ask for the schemas once, older ones in every process"
    );
}
