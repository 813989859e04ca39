//! Each call of a join and of a leave goes wrong once, in each way.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::{Account, leaving};
use crate::sandbox::faults::{FaultEffect, FaultRule};

/// One call: the one of this operation that follows `skip` others.
#[derive(Debug, Clone)]
struct Position {
    operation: String,
    skip: u32,
}

/// What goes wrong with it.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Killed,
    ReplyLost,
    RequestLost,
    Throttled,
    Refused,
}

const FAULTS: [Fault; 5] =
    [Fault::Killed, Fault::ReplyLost, Fault::RequestLost, Fault::Throttled, Fault::Refused];

/// The calls that were made so far.
fn positions(account: &Account) -> Vec<Position> {
    let mut positions: Vec<Position> = Vec::new();
    for call in account.sandbox.calls() {
        let before = positions.iter().filter(|position| position.operation == call.operation).count();
        let skip = u32::try_from(before).expect("few calls");
        positions.push(Position { operation: call.operation, skip });
    }
    // All but the first two and the last of an operation are like the second.
    let last = |operation: &str| positions.iter().rposition(|position| position.operation == operation);
    let is_telling = |(index, position): &(usize, &Position)| {
        position.skip < 2 || last(&position.operation) == Some(*index)
    };
    positions.iter().enumerate().filter(is_telling).map(|(_, position)| position.clone()).collect()
}

/// Sets the fault up; the answer is notified when the process is to be killed.
fn strike(account: &Account, position: &Position, fault: Fault) -> Arc<Notify> {
    let killed = Arc::new(Notify::new());
    let effect = match fault {
        Fault::Killed => {
            let kill = Arc::clone(&killed);
            account.sandbox.after_call(&position.operation, position.skip, move |_| kill.notify_one());
            FaultEffect::Hold { seconds: 60.0 }
        }
        Fault::ReplyLost => FaultEffect::LoseReply,
        Fault::RequestLost => FaultEffect::LoseRequest,
        Fault::Throttled => FaultEffect::Throttle,
        Fault::Refused => FaultEffect::Fail {
            code: "AccessDenied".to_owned(),
            message: "refused by script".to_owned(),
            status: 403,
        },
    };
    let rule = FaultRule::on(&position.operation, effect).skip(position.skip);
    account.sandbox.add_fault(rule).expect("a valid rule");
    killed
}

#[tokio::test]
async fn a_join_that_went_wrong_anywhere_is_finished_by_the_next() {
    let clean = Account::new();
    let process = clean.process().await;
    let request = process.request(&clean, "s").await.expect("target groups");
    clean.sandbox.clear_calls();
    process.pools.join(&process.bounds, &request).await.expect("a place");
    let positions = positions(&clean);
    assert!(positions.len() >= 10, "{positions:?}");

    for position in &positions {
        for fault in FAULTS {
            let account = Account::new();
            let process = account.process().await;
            let request = process.request(&account, "s").await.expect("target groups");
            account.sandbox.clear_calls();
            let killed = strike(&account, position, fault);
            tokio::select! {
                biased;
                () = killed.notified() => {}
                _ = process.pools.join(&process.bounds, &request) => {}
            }
            let process = account.process().await;
            let place = process.pools.join(&process.bounds, &request).await;
            let place = place.unwrap_or_else(|error| panic!("{fault:?} at {position:?}: {error}"));
            assert_eq!(place.number, 0, "{fault:?} at {position:?}");
            process.pools.leave(&process.bounds, &leaving(&request)).await.expect("an end");
            assert_eq!(account.remains(), Vec::<String>::new(), "{fault:?} at {position:?}");
        }
    }
}

#[tokio::test]
async fn a_leave_that_went_wrong_anywhere_is_finished_by_the_next() {
    let clean = Account::new();
    let process = clean.process().await;
    let request = process.request(&clean, "s").await.expect("target groups");
    process.pools.join(&process.bounds, &request).await.expect("a place");
    clean.sandbox.clear_calls();
    process.pools.leave(&process.bounds, &leaving(&request)).await.expect("an end");
    let positions = positions(&clean);
    assert!(positions.len() >= 18, "{positions:?}");

    for position in &positions {
        for fault in FAULTS {
            let account = Account::new();
            let process = account.process().await;
            let request = process.request(&account, "s").await.expect("target groups");
            process.pools.join(&process.bounds, &request).await.expect("a place");
            account.sandbox.clear_calls();
            let killed = strike(&account, position, fault);
            let request = leaving(&request);
            tokio::select! {
                biased;
                () = killed.notified() => {}
                _ = process.pools.leave(&process.bounds, &request) => {}
            }
            let process = account.process().await;
            let left = process.pools.leave(&process.bounds, &request).await;
            left.unwrap_or_else(|error| panic!("{fault:?} at {position:?}: {error}"));
            assert_eq!(account.remains(), Vec::<String>::new(), "{fault:?} at {position:?}");
        }
    }
}

#[tokio::test]
async fn what_a_killed_leaver_holds_is_free_again_half_an_hour_later() {
    let account = Account::new();
    let process = account.process().await;
    let leaver = process.request(&account, "leaver").await.expect("target groups");
    process.pools.join(&process.bounds, &leaver).await.expect("a place");
    account.sandbox.clear_calls();
    let killed = strike(&account, &Position { operation: "CreateRule".to_owned(), skip: 24 }, Fault::Killed);
    let leaver = leaving(&leaver);
    tokio::select! {
        biased;
        () = killed.notified() => {}
        _ = process.pools.leave(&process.bounds, &leaver) => {}
    }

    let number_of = async |name: &str| {
        let process = account.process().await;
        let request = process.request(&account, name).await.expect("target groups");
        process.pools.join(&process.bounds, &request).await.expect("a place").number
    };
    assert_eq!(number_of("early").await, 1);
    account.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(number_of("late").await, 0);
}
