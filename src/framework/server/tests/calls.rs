use super::scripted::{config, server};
use crate::framework::function::FunctionError;
use crate::framework::server::ClientCapabilities;
use crate::framework::{Attr, Value};

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn refused(arguments: &[Value]) -> Option<usize> {
    let FunctionError { argument, .. } = server().0.call_function("double", arguments).expect_err("refused");
    argument
}

#[test]
fn a_function_gets_arguments_that_fit_its_signature() {
    let (server, _) = server();
    assert_eq!(server.call_function("double", &[text("ab")]), Ok(text("abab")));
    assert!(server.call_function("triple", &[]).is_err());
    assert_eq!(refused(&[]), None);
    assert_eq!(refused(&[Value::Null]), Some(0));
    assert_eq!(refused(&[Value::unknown()]), Some(0));
    assert_eq!(refused(&[Value::Bool(true)]), Some(0));
    assert_eq!(refused(&[text("a"), text("b")]), Some(1));
}

#[test]
fn a_stop_cancels_what_runs_and_nothing_that_comes_later() {
    let (server, _) = server();
    let running = server.context(ClientCapabilities::default());
    server.stop();
    assert!(running.cancellation.is_cancelled());
    assert!(!server.context(ClientCapabilities::default()).cancellation.is_cancelled());
}

#[test]
fn a_configuration_is_checked_by_schema_and_resource() {
    let (server, _) = server();
    let check = |config: &Value| {
        let diagnostics = server.validate_resource_config("test_thing", config);
        diagnostics.into_iter().map(|diagnostic| diagnostic.summary).collect::<Vec<_>>()
    };
    assert_eq!(check(&config("a", Attr::Null)), Vec::<String>::new());
    assert_eq!(check(&config("bad", Attr::Null)), ["It failed"]);
    assert_eq!(check(&config("panic", Attr::Null)), ["Internal error in the validation of test_thing"]);
}

#[test]
fn the_provider_as_a_whole_has_no_problems() {
    let (server, _) = server();
    assert_eq!(server.problems("test"), Vec::<String>::new());
    assert_eq!(server.problems("other"), ["test_thing: does not start with \"other_\"."; 2]);
    let metadata = server.metadata();
    assert_eq!((metadata.resources, metadata.functions), (vec!["test_thing"], vec!["double"]));
}
