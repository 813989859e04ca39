//! What the provider says that it has.

use std::sync::Arc;

use terraform_provider_express::protocol::client::InProcess;
use terraform_provider_express::protocol::proto::tfplugin6 as proto;
use terraform_provider_express::protocol::proto::tfplugin6::schema::object::NestingMode;

use crate::support::provider::TestProvider;

async fn start() -> InProcess {
    InProcess::start(Arc::new(TestProvider::default())).await.expect("starts")
}

#[tokio::test]
async fn metadata_names_everything_and_the_capabilities() {
    let plugin = start().await;
    let request = proto::get_metadata::Request {};
    let metadata = plugin.client.provider().get_metadata(request).await.expect("answers").into_inner();
    assert_eq!(metadata.resources[0].type_name, "test_thing");
    assert_eq!(metadata.data_sources[0].type_name, "test_label");
    assert_eq!(metadata.functions[0].name, "join");
    let capabilities = metadata.server_capabilities.expect("capabilities");
    assert!(capabilities.plan_destroy);
    assert!(capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state);
    assert!(capabilities.generate_resource_config);
}

#[tokio::test]
async fn the_schema_has_types_and_nested_types() {
    let plugin = start().await;
    let request = proto::get_provider_schema::Request {};
    let schemas = plugin.client.provider().get_provider_schema(request).await.expect("answers").into_inner();
    let thing = &schemas.resource_schemas["test_thing"];
    assert_eq!(thing.version, 1);
    let attributes = &thing.block.as_ref().expect("a block").attributes;
    let labels = attributes.iter().find(|attribute| attribute.name == "labels").expect("labels");
    assert_eq!(labels.r#type, br#"["map","string"]"#);
    let parts = attributes.iter().find(|attribute| attribute.name == "parts").expect("parts");
    let object = parts.nested_type.as_ref().expect("a nested type");
    assert!(parts.r#type.is_empty(), "core refuses a schema with both");
    assert_eq!(object.nesting(), NestingMode::List);
    assert!(schemas.provider.is_some());
    assert!(schemas.provider_meta.is_none());
}

#[tokio::test]
async fn functions_are_told_by_both_rpcs() {
    let plugin = start().await;
    let mut client = plugin.client.provider();
    let schemas = client.get_provider_schema(proto::get_provider_schema::Request {}).await.expect("answers");
    let functions = client.get_functions(proto::get_functions::Request {}).await.expect("answers");
    let join = &functions.get_ref().functions["join"];
    assert_eq!(join.variadic_parameter.as_ref().expect("variadic").name, "texts");
    assert_eq!(schemas.get_ref().functions, functions.get_ref().functions);
}

#[tokio::test]
async fn identity_schemas_say_what_an_import_needs() {
    let plugin = start().await;
    let request = proto::get_resource_identity_schemas::Request {};
    let schemas = plugin.client.provider().get_resource_identity_schemas(request).await.expect("answers");
    let id = &schemas.get_ref().identity_schemas["test_thing"].identity_attributes[0];
    assert_eq!((id.name.as_str(), id.r#type.as_slice()), ("id", b"\"string\"".as_slice()));
    assert!(id.required_for_import && !id.optional_for_import);
}
