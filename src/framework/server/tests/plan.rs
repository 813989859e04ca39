use super::scripted::{config, plan, plan_request, read_request, server, state, thing};
use crate::framework::server::{ClientCapabilities, PlanResourceChangeRequest};
use crate::framework::{Attr, Path, Value};

#[tokio::test]
async fn a_create_leaves_to_the_provider_what_it_determines() {
    let (server, _) = server();
    let response = plan(&server, Value::Null, config("a", Attr::Null)).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    let planned = thing(&response.planned_state);
    assert_eq!(planned.name, Attr::Known("a".to_owned()));
    assert!(planned.size.is_unknown() && planned.arn.is_unknown() && planned.revision.is_unknown());
    assert!(planned.secret.is_null(), "a write-only value is in no plan");
    assert_eq!(response.planned_private, b"before");
}

#[tokio::test]
async fn an_update_that_changes_nothing_plans_the_state() {
    let (server, _) = server();
    let response = plan(&server, state("a", 3), config("A", Attr::Null)).await;
    assert_eq!(response.planned_state, state("a", 3));
    assert_eq!(response.requires_replace, []);
}

#[tokio::test]
async fn a_change_that_replaces_names_its_attribute() {
    let (server, _) = server();
    let response = plan(&server, state("a", 3), config("b", Attr::Known(3))).await;
    assert_eq!(response.requires_replace, [Path::attribute("name")]);
    assert!(thing(&response.planned_state).revision.is_unknown());
}

#[tokio::test]
async fn the_resource_may_plan_what_it_determines() {
    let (server, scripts) = server();
    *scripts.plan.lock().expect("no panic") = Some(|plan| {
        plan.planned.size = Attr::Known(9);
        plan.requires_replace = vec![Path::attribute("size"), Path::attribute("arn")];
    });
    let response = plan(&server, state("a", 3), config("a", Attr::Null)).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    assert_eq!(response.planned_state, state("a", 9));
    assert_eq!(response.requires_replace, [Path::attribute("size")], "only what changes replaces");
}

#[tokio::test]
async fn a_plan_that_core_would_reject_is_an_error_of_ours_without_values() {
    let (server, scripts) = server();
    *scripts.plan.lock().expect("no panic") =
        Some(|plan| plan.planned.name = Attr::Known("other".to_owned()));
    let response = plan(&server, Value::Null, config("mine", Attr::Null)).await;
    let diagnostic = response.diagnostics.iter().next().expect("an error");
    assert_eq!(diagnostic.summary, "Internal error in the plan of test_thing");
    assert_eq!(
        diagnostic.detail,
        "The plan breaks Terraform's rules at name: configured is a string, the state holds null, planned is a \
         string. This is a defect of the provider, not of your configuration."
    );
    assert_eq!(diagnostic.path, Some(Path::attribute("name")));
}

#[tokio::test]
async fn a_panic_in_the_resource_is_an_error() {
    let (server, scripts) = server();
    *scripts.plan.lock().expect("no panic") = Some(|_| panic!("the test asked for it"));
    let response = plan(&server, Value::Null, config("a", Attr::Null)).await;
    assert!(response.diagnostics.has_errors());
}

#[tokio::test]
async fn a_destroy_plans_nothing() {
    let (server, _) = server();
    let mut request = plan_request(state("a", 1), Value::Null);
    request.proposed_new_state = Value::Null;
    let response = server.plan_resource_change(request).await;
    assert!(response.planned_state.is_null());
    assert!(response.diagnostics.is_empty());
}

#[tokio::test]
async fn a_type_that_is_not_there_is_an_error() {
    let (server, _) = server();
    let mut request = plan_request(Value::Null, config("a", Attr::Null));
    request.type_name = "test_other".to_owned();
    let response = server.plan_resource_change(request).await;
    let summaries: Vec<String> = response.diagnostics.into_iter().map(|it| it.summary).collect();
    assert_eq!(summaries, ["Unknown resource type test_other"]);
}

#[tokio::test]
async fn the_create_half_of_a_replacement_is_told_from_a_plain_create() {
    let (server, scripts) = server();
    let note = || {
        *scripts.plan.lock().expect("no panic") =
            Some(|plan| plan.planned.size = Attr::Known(if plan.replaces_live { 1 } else { 2 }));
    };
    note();
    let first = plan(&server, state("a", 3), config("b", Attr::Null)).await;
    assert_eq!(thing(&first.planned_state).size, Attr::Known(1));
    note();
    let mut request = plan_request(Value::Null, config("b", Attr::Null));
    request.prior_private = first.planned_private;
    let second = server.plan_resource_change(request).await;
    assert_eq!(thing(&second.planned_state).size, Attr::Known(1));
    assert_eq!(second.planned_private, b"before", "the mark is off");
    note();
    let create = plan(&server, Value::Null, config("b", Attr::Null)).await;
    assert_eq!(thing(&create.planned_state).size, Attr::Known(2));
}

#[tokio::test]
async fn a_replacement_that_shows_only_while_it_is_applied_is_told_in_our_words() {
    let applying = ClientCapabilities { deferral_allowed: true, ..ClientCapabilities::default() };
    let request = || PlanResourceChangeRequest {
        capabilities: applying,
        ..plan_request(state("a", 3), config("b", Attr::Known(3)))
    };
    let (server, _) = server();
    let response = server.plan_resource_change(request()).await;
    let said = response.diagnostics.iter().next().expect("an error");
    assert_eq!(said.summary, "The change needs a replacement that was not planned");
    assert!(said.detail.starts_with("`name` became known only during this apply"), "{}", said.detail);
    assert_eq!(said.path, Some(Path::attribute("name")));

    let create = PlanResourceChangeRequest {
        capabilities: applying,
        ..plan_request(Value::Null, config("b", Attr::Null))
    };
    assert!(server.plan_resource_change(create).await.diagnostics.is_empty(), "nothing is replaced");
    // A core that tries deferral out allows it while it plans, and has refreshed before.
    server.read_resource(read_request(state("a", 3))).await;
    let response = server.plan_resource_change(request()).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    assert_eq!(response.requires_replace, [Path::attribute("name")]);
}
