use super::scripted::{Scripts, Thing, config, failure, made, outcome, plan, server, state, thing};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Change, Current, Outcome};
use crate::framework::server::{ApplyResourceChangeRequest, ApplyResourceChangeResponse, Server};
use crate::framework::{Attr, Value};

fn request(prior: Value, planned: Value, config: Value) -> ApplyResourceChangeRequest {
    ApplyResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state: prior,
        planned_state: planned,
        config,
        planned_private: b"planned".to_vec(),
        planned_identity: None,
    }
}

async fn create(server: &Server) -> ApplyResourceChangeResponse {
    let config = config("a", Attr::Null);
    let planned = plan(server, Value::Null, config.clone()).await.planned_state;
    server.apply_resource_change(request(Value::Null, planned, config)).await
}

fn script(scripts: &Scripts, script: impl FnOnce(Change<Thing>) -> Outcome<Thing> + Send + 'static) {
    *scripts.apply.lock().expect("no panic") = Some(Box::new(script));
}

fn script_current(scripts: &Scripts, script: impl FnOnce(Current<Thing>) -> Outcome<Thing> + Send + 'static) {
    *scripts.current.lock().expect("no panic") = Some(Box::new(script));
}

fn summaries(response: &ApplyResourceChangeResponse) -> Vec<&str> {
    response.diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
}

#[tokio::test]
async fn a_create_returns_what_was_made_its_identity_and_its_private_bytes() {
    let (server, scripts) = server();
    script(&scripts, |change| {
        assert_eq!(change.config.secret, Attr::Known("s".to_owned()), "write-only values reach the resource");
        outcome(Some(made(&change.planned)), Diagnostics::none())
    });
    let response = create(&server).await;
    assert_eq!(summaries(&response), Vec::<&str>::new());
    assert_eq!(response.new_state, state("a", 1));
    assert_eq!(response.private, b"private");
    let identity = Value::object([("arn", Value::String("arn:a".to_owned()))]);
    assert_eq!(response.new_identity, Some(identity));
}

#[tokio::test]
async fn a_create_that_fails_half_way_keeps_what_exists() {
    let (server, scripts) = server();
    script(&scripts, |change| {
        let state = Thing { arn: Attr::Known("arn:a".to_owned()), ..change.planned };
        outcome(Some(state), failure())
    });
    let response = create(&server).await;
    assert_eq!(summaries(&response), ["It failed"]);
    let partial = thing(&response.new_state);
    assert_eq!(partial.arn, Attr::Known("arn:a".to_owned()));
    assert!(partial.revision.is_null(), "what is not known is null");
}

#[tokio::test]
async fn a_create_that_made_nothing_records_nothing() {
    let (server, scripts) = server();
    script(&scripts, |_| outcome(None, failure()));
    let response = create(&server).await;
    assert!(response.new_state.is_null());
    assert_eq!(response.new_identity, None);
}

#[tokio::test]
async fn success_without_a_state_is_a_defect() {
    let (server, scripts) = server();
    script(&scripts, |_| outcome(None, Diagnostics::none()));
    assert_eq!(summaries(&create(&server).await), ["Internal error in the create of test_thing"]);
}

#[tokio::test]
async fn a_planned_value_is_recorded_whatever_the_cloud_answers() {
    let (server, scripts) = server();
    script(&scripts, |change| {
        let state = Thing { name: Attr::Known("normalised".to_owned()), ..made(&change.planned) };
        outcome(Some(state), Diagnostics::none())
    });
    let response = create(&server).await;
    assert_eq!(summaries(&response), Vec::<&str>::new());
    assert_eq!(thing(&response.new_state).name, Attr::Known("a".to_owned()));
    let diverged: Vec<_> = response.diverged.iter().map(|it| it.path.to_string()).collect();
    assert_eq!(diverged, ["name"], "whoever calls it in process sees it");
}

#[tokio::test]
async fn a_value_left_unknown_is_an_error_but_not_a_lost_object() {
    let (server, scripts) = server();
    script(&scripts, |change| {
        outcome(Some(Thing { arn: Attr::Unknown, ..made(&change.planned) }), Diagnostics::none())
    });
    let response = create(&server).await;
    let diagnostic = response.diagnostics.iter().next().expect("an error");
    assert!(diagnostic.detail.contains("had to determine: arn."), "{}", diagnostic.detail);
    assert_eq!(thing(&response.new_state).name, Attr::Known("a".to_owned()));
}

#[tokio::test]
async fn an_update_that_panics_keeps_the_state() {
    let (server, scripts) = server();
    script(&scripts, |_| panic!("the test asked for it"));
    let (prior, config) = (state("a", 1), config("a", Attr::Known(2)));
    let planned = plan(&server, prior.clone(), config.clone()).await.planned_state;
    let response = server.apply_resource_change(request(prior.clone(), planned, config)).await;
    assert_eq!(summaries(&response), ["Internal error in the update of test_thing"]);
    assert_eq!(response.new_state, prior);
    assert_eq!(response.private, b"planned");
}

#[tokio::test]
async fn an_identity_stays_what_it_was() {
    let (server, _) = server();
    let (prior, config) = (state("a", 1), config("a", Attr::Known(2)));
    let planned = plan(&server, prior.clone(), config.clone()).await.planned_state;
    let before = Value::object([("arn", Value::String("arn:before".to_owned()))]);
    let mut request = request(prior, planned, config);
    request.planned_identity = Some(before.clone());
    assert_eq!(server.apply_resource_change(request).await.new_identity, Some(before));
}

#[tokio::test]
async fn a_delete_leaves_nothing_unless_it_fails() {
    let (server, scripts) = server();
    let delete = || request(state("a", 1), Value::Null, Value::Null);
    assert!(server.apply_resource_change(delete()).await.new_state.is_null());

    script_current(&scripts, |_| outcome(None, failure()));
    assert_eq!(server.apply_resource_change(delete()).await.new_state, state("a", 1));

    script_current(&scripts, |current| outcome(Some(current.state), Diagnostics::none()));
    let response = server.apply_resource_change(delete()).await;
    assert_eq!(summaries(&response), ["Internal error in the delete of test_thing"]);
}
