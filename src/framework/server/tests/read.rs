use super::scripted::{Lookup, Scripts, Thing, failure, outcome, read_request, server, state};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Current, Outcome};
use crate::framework::server::{
    ClientCapabilities, ReadDataSourceRequest, ReadDataSourceResponse, ReadResourceResponse, Server,
};
use crate::framework::{Attr, Model, Path, Value};

fn script(scripts: &Scripts, script: impl FnOnce(Current<Thing>) -> Outcome<Thing> + Send + 'static) {
    *scripts.current.lock().expect("no panic") = Some(Box::new(script));
}

async fn read(server: &Server) -> ReadResourceResponse {
    server.read_resource(read_request(state("a", 1))).await
}

#[tokio::test]
async fn the_spelling_of_the_state_stays() {
    let (server, scripts) = server();
    script(&scripts, |current| {
        let state = Thing { name: Attr::Known("A".to_owned()), size: Attr::Known(7), ..current.state };
        outcome(Some(state), Diagnostics::none())
    });
    assert_eq!(read(&server).await.new_state, state("a", 7));
}

#[tokio::test]
async fn an_object_that_is_gone_has_no_state_but_a_failed_read_keeps_it() {
    let (server, scripts) = server();
    script(&scripts, |_| outcome(None, Diagnostics::none()));
    assert!(read(&server).await.new_state.is_null());
    script(&scripts, |_| outcome(None, failure()));
    assert_eq!(read(&server).await.new_state, state("a", 1));
    script(&scripts, |_| panic!("the test asked for it"));
    let response = read(&server).await;
    assert_eq!(response.new_state, state("a", 1));
    assert_eq!(response.private, b"before");
}

#[tokio::test]
async fn a_secret_or_an_unknown_value_is_in_no_state() {
    let (server, scripts) = server();
    script(&scripts, |current| {
        let secret = Attr::Known("s".to_owned());
        outcome(Some(Thing { secret, size: Attr::Unknown, ..current.state }), Diagnostics::none())
    });
    let response = read(&server).await;
    assert!(response.diagnostics.has_errors());
    assert_eq!(response.new_state.member("secret"), Some(&Value::Null));
    assert_eq!(response.new_state.member("size"), Some(&Value::Null));
}

async fn look_up(name: &str) -> ReadDataSourceResponse {
    let config = Lookup { name: Attr::Known(name.to_owned()), label: Attr::Null, arn: Attr::Null };
    let request = ReadDataSourceRequest {
        type_name: "test_thing".to_owned(),
        config: config.to_value(),
        capabilities: ClientCapabilities::default(),
    };
    server().0.read_data_source(request).await
}

#[tokio::test]
async fn a_data_source_answers_what_it_determines_and_nothing_else() {
    let response = look_up("a").await;
    assert_eq!(response.diagnostics, Diagnostics::none());
    let found = Lookup::from_value(&response.state, &Path::default()).expect("a lookup");
    assert_eq!((found.name, found.arn), (Attr::Known("a".to_owned()), Attr::Known("arn:a".to_owned())));
    assert!(found.label.is_null(), "what is only the user's stays as configured");
}

#[tokio::test]
async fn a_data_source_that_fails_has_no_state() {
    for (name, summary) in [
        ("gone", "It failed"),
        ("panic", "Internal error in the read of test_thing"),
        ("unknown", "Internal error in the read of test_thing"),
    ] {
        let response = look_up(name).await;
        assert!(response.state.is_null());
        let summaries: Vec<&str> = response.diagnostics.iter().map(|it| it.summary.as_str()).collect();
        assert_eq!(summaries, [summary]);
    }
}
