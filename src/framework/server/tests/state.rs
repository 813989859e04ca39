use super::scripted::{server, thing};
use crate::framework::server::{
    ClientCapabilities, ImportResourceStateRequest, MoveResourceStateRequest, MoveResourceStateResponse,
    RawState, UpgradeResourceStateRequest, UpgradeResourceStateResponse,
};
use crate::framework::{Attr, Value};

fn upgrade(version: i64, json: &str) -> UpgradeResourceStateResponse {
    let raw_state = RawState { json: json.as_bytes().to_vec(), ..RawState::default() };
    let type_name = "test_thing".to_owned();
    server().0.upgrade_resource_state(&UpgradeResourceStateRequest { type_name, version, raw_state })
}

#[test]
fn a_state_of_the_same_version_loses_what_is_gone_and_gains_nulls() {
    let response = upgrade(2, r#"{"name":"a","size":12,"gone":true}"#);
    assert!(response.diagnostics.is_empty());
    let state = thing(&response.upgraded_state);
    assert_eq!((state.name, state.size), (Attr::Known("a".to_owned()), Attr::Known(12)));
    assert!(state.arn.is_null());
}

#[test]
fn an_older_state_is_upgraded_by_the_resource() {
    let state = thing(&upgrade(1, r#"{"title":"a"}"#).upgraded_state);
    assert_eq!(state.name, Attr::Known("a".to_owned()));
}

#[test]
fn a_newer_or_damaged_state_is_an_error_that_says_so() {
    for (version, json, summary) in [
        (3, "{}", "State of a newer test_thing"),
        (2, "{", "Unreadable state"),
        (2, r#"{"size":"many"}"#, "Unreadable state of test_thing"),
    ] {
        let summaries: Vec<String> =
            upgrade(version, json).diagnostics.into_iter().map(|diagnostic| diagnostic.summary).collect();
        assert_eq!(summaries, [summary]);
    }
}

#[tokio::test]
async fn an_import_is_null_where_nothing_is_known() {
    let request = ImportResourceStateRequest {
        type_name: "test_thing".to_owned(),
        id: "a".to_owned(),
        identity: None,
        capabilities: ClientCapabilities::default(),
    };
    let response = server().0.import_resource_state(request).await;
    let [imported] = response.imported_resources.as_slice() else { panic!("one object") };
    assert_eq!(imported.state.member("name"), Some(&Value::String("a".to_owned())));
    assert_eq!(imported.state.member("size"), Some(&Value::Null));
    assert_eq!(imported.identity, None);
}

#[tokio::test]
async fn an_import_by_an_identity_that_fails_gives_no_object() {
    let request = ImportResourceStateRequest {
        type_name: "test_thing".to_owned(),
        id: String::new(),
        identity: Some(Value::object([("arn", Value::String("arn:a".to_owned()))])),
        capabilities: ClientCapabilities::default(),
    };
    let response = server().0.import_resource_state(request).await;
    assert!(response.diagnostics.has_errors());
    assert!(response.imported_resources.is_empty());
}

fn move_from(type_name: &str) -> MoveResourceStateResponse {
    server().0.move_resource_state(MoveResourceStateRequest {
        source_provider_address: "registry.terraform.io/hashicorp/aws".to_owned(),
        source_type_name: type_name.to_owned(),
        source_schema_version: 0,
        source_state: RawState { json: br#"{"name":"a"}"#.to_vec(), ..RawState::default() },
        source_private: Vec::new(),
        target_type_name: "test_thing".to_owned(),
    })
}

#[test]
fn a_state_moves_from_a_type_that_the_resource_knows() {
    let response = move_from("other_thing");
    assert_eq!(response.target_state.member("name"), Some(&Value::String("a".to_owned())));
    assert!(response.target_state.is_wholly_known());
    let refused = move_from("foreign_thing");
    assert!(refused.target_state.is_null());
    assert!(refused.diagnostics.has_errors());
}
