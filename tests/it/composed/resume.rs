//! A provider that is killed in the middle is continued by the next apply, from any point.

use std::sync::Arc;

use serde_json::json;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::journal::Outcome;
use tokio::sync::Notify;

use super::reachable::aliases;
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::workspace::{Action, Workspace, with};

/// The changing calls of an operation: name, and how many of that name came before.
pub(super) fn changes(workspace: &Workspace) -> Vec<(String, u32)> {
    let reads = ["Describe", "List", "Get"];
    let calls = workspace.sandbox.calls();
    let mut counted = std::collections::BTreeMap::<String, u32>::new();
    let mut changes = Vec::new();
    for call in calls {
        if reads.iter().any(|verb| call.operation.starts_with(verb)) || call.outcome != Outcome::Success {
            continue;
        }
        let count = counted.entry(call.operation.clone()).or_default();
        changes.push((call.operation, *count));
        *count += 1;
    }
    changes
}

/// A notification that comes right after a call took effect, before its answer.
pub(super) fn kill_after(workspace: &Workspace, (operation, skip): &(String, u32)) -> Arc<Notify> {
    let killed = Arc::new(Notify::new());
    let notify = Arc::clone(&killed);
    workspace.sandbox.after_call(operation, *skip, move |_| notify.notify_one());
    killed
}

#[tokio::test]
async fn a_create_that_is_killed_after_any_call_is_continued_by_the_next_apply() {
    let mut undisturbed = workspace().await;
    undisturbed.sandbox.clear_calls();
    undisturbed.applied("app", &composed("api")).await;
    let changes = changes(&undisturbed);
    assert!(changes.len() >= 14, "{changes:?}");
    for change in changes {
        let mut workspace = workspace().await;
        let killed = kill_after(&workspace, &change);
        let config = composed("api");
        tokio::select! {
            biased;
            () = killed.notified() => {}
            applied = workspace.apply("app", &config) => panic!("{change:?}: {}", told(&applied.diagnostics)),
        }
        workspace.forget("app");
        workspace.restart_provider().await;
        if change.0 == "TagResource" {
            // The last call: the service is finished, and only the state does not know of it.
            let applied = workspace.apply("app", &composed("api")).await;
            assert!(told(&applied.diagnostics).contains("import it: terraform import"), "{applied:?}");
            let imported = workspace.import("app", "default/api").await;
            assert!(!imported.has_errors(), "{}", told(&imported));
        } else {
            assert_eq!(workspace.applied("app", &composed("api")).await, Action::Create, "{change:?}");
        }
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{change:?}: {}", told(&diagnostics));
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}");
    }
}

#[tokio::test]
async fn what_an_apply_that_was_cut_short_has_made_is_known_as_ours_as_soon_as_its_tags_show() {
    for (made, service) in [("CreateLogGroup", "logs"), ("PutMetricAlarm", "monitoring")] {
        let mut workspace = workspace().await;
        let killed = kill_after(&workspace, &(made.to_owned(), 0));
        let config = composed("api");
        tokio::select! {
            biased;
            () = killed.notified() => {}
            applied = workspace.apply("app", &config) => panic!("{made}: {}", told(&applied.diagnostics)),
        }
        workspace.forget("app");
        workspace.restart_provider().await;
        workspace.clock_advance(60).await;
        let effect = FaultEffect::Fail {
            code: "ResourceNotFoundException".to_owned(),
            message: "The resource does not exist.".to_owned(),
            status: 400,
        };
        let rule = FaultRule::on("ListTagsForResource", effect).service(service).times(2);
        workspace.sandbox.add_fault(rule).expect("a rule");
        assert_eq!(workspace.applied("app", &config).await, Action::Create, "{made}");
        let calls = workspace.sandbox.calls();
        let refused = calls
            .iter()
            .filter(|call| call.operation == "ListTagsForResource" && call.outcome != Outcome::Success);
        assert_eq!(refused.count(), 2, "{made}: the tags showed at the third look");
    }
}

#[tokio::test]
async fn a_deletion_that_is_killed_after_any_call_is_continued_by_the_next_destroy() {
    let mut undisturbed = workspace().await;
    undisturbed.applied("app", &composed("api")).await;
    let before = undisturbed.fork().await;
    undisturbed.sandbox.clear_calls();
    undisturbed.destroy("app").await;
    let changes = changes(&undisturbed);
    assert!(changes.len() >= 9, "{changes:?}");
    for change in changes {
        let mut workspace = before.fork().await;
        let killed = kill_after(&workspace, &change);
        tokio::select! {
            biased;
            () = killed.notified() => {}
            said = workspace.destroy("app") => panic!("{change:?}: {}", told(&said)),
        }
        workspace.restart_provider().await;
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{change:?}: {}", told(&diagnostics));
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}");
    }
}

/// Stopped right after a call, and destroyed before anything of it shows: nothing of ours may stay, least of all a record
/// that leads to a load balancer which is gone.
#[tokio::test]
async fn a_create_that_is_stopped_after_any_call_and_destroyed_at_once_leaves_nothing() {
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    let mut undisturbed = workspace().await;
    let zone_id = make_zone(&undisturbed, "example.com");
    undisturbed.sandbox.clear_calls();
    undisturbed.applied("app", &config).await;
    let changes = changes(&undisturbed);
    assert!(changes.iter().any(|(operation, _)| operation == "ChangeResourceRecordSets"), "{changes:?}");
    for change in changes {
        let mut workspace = workspace().await;
        let stopped = kill_after(&workspace, &change);
        let server = workspace.server();
        let stopping = tokio::spawn(async move {
            stopped.notified().await;
            server.stop();
        });
        workspace.apply("app", &config).await;
        stopping.await.expect("no panic");
        workspace.restart_provider().await;
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{change:?}: {}", told(&diagnostics));
        workspace.clock_advance(60).await;
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}");
        assert_eq!(aliases(&workspace.sandbox, &zone_id), Vec::new(), "{change:?}");
    }
}

#[tokio::test]
async fn an_update_that_is_killed_after_its_record_and_destroyed_at_once_leaves_no_record() {
    let of = |more: &[&str]| {
        let domain = json!({ "hosted_zone": "example.com", "additional_hostnames": more });
        with(&composed("api"), "domain", domain)
    };
    let mut before = workspace().await;
    let zone_id = make_zone(&before, "example.com");
    before.applied("app", &of(&[])).await;
    let mut undisturbed = before.fork().await;
    undisturbed.applied("app", &of(&["www.example.com"])).await;
    for change in changes(&undisturbed) {
        let mut workspace = before.fork().await;
        let killed = kill_after(&workspace, &change);
        let config = of(&["www.example.com"]);
        tokio::select! {
            biased;
            () = killed.notified() => {}
            applied = workspace.apply("app", &config) => panic!("{change:?}: {}", told(&applied.diagnostics)),
        }
        workspace.restart_provider().await;
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{change:?}: {}", told(&diagnostics));
        workspace.clock_advance(60).await;
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}");
        assert_eq!(aliases(&workspace.sandbox, &zone_id), Vec::new(), "{change:?}");
    }
}
