//! Many services at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{Account, Process, alone, leaving};
use crate::aws::acm::Placeholder;
use crate::engine::composed::pool::{JoinRequest, Joined, PoolError};
use crate::sandbox::faults::{FaultEffect, FaultRule};

/// Lets services join at once, spread over processes.
async fn join_all(account: &Account, processes: &[Arc<Process>], count: usize) -> Vec<(JoinRequest, Joined)> {
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let (account, process) = (account.clone(), Arc::clone(&processes[index % processes.len()]));
        tasks.spawn(async move {
            let request = process.request(&account, &format!("s{index}")).await.expect("target groups");
            let joined = process.pools.join(&process.bounds, &request).await.expect("a place");
            (request, joined)
        });
    }
    tasks.join_all().await
}

async fn processes(account: &Account, count: usize) -> Vec<Arc<Process>> {
    let mut processes = Vec::new();
    for _ in 0..count {
        processes.push(Arc::new(account.process().await));
    }
    processes
}

#[tokio::test]
async fn sixty_services_of_eight_processes_fill_three_load_balancers_and_leave_nothing() {
    let account = Account::new();
    let processes = processes(&account, 8).await;
    let services = join_all(&account, &processes, 60).await;

    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for (_, joined) in &services {
        *counts.entry(joined.number).or_default() += 1;
        assert!(places.insert((joined.number, joined.priority)), "{joined:?} has a slot of another");
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [25, 25, 10]);

    let mut tasks = JoinSet::new();
    for (index, (request, _)) in services.into_iter().enumerate() {
        let process = Arc::clone(&processes[index % processes.len()]);
        tasks.spawn(async move {
            process.pools.leave(&process.bounds, &leaving(&request)).await.expect("an end")
        });
    }
    let left = tasks.join_all().await;
    let deleted: BTreeSet<_> = left.iter().flat_map(|left| &left.deleted_load_balancer_arns).collect();
    assert_eq!(account.remains(), Vec::<String>::new());
    assert_eq!(deleted.len(), 3);
}

#[tokio::test]
async fn joiners_and_leavers_at_once_leave_every_joined_service_its_place() {
    let account = Account::new();
    let processes = processes(&account, 4).await;
    let first = join_all(&account, &processes, 6).await;
    let mut tasks = JoinSet::new();
    for (index, (request, _)) in first.into_iter().enumerate() {
        let process = Arc::clone(&processes[index % processes.len()]);
        tasks.spawn(async move {
            process.pools.leave(&process.bounds, &leaving(&request)).await.expect("an end");
            None
        });
    }
    for index in 0..6 {
        let (account, process) = (account.clone(), Arc::clone(&processes[index % processes.len()]));
        tasks.spawn(async move {
            let request = process.request(&account, &format!("late{index}")).await.expect("target groups");
            let joined = process.pools.join(&process.bounds, &request).await.expect("a place");
            Some((request, joined))
        });
    }
    let joined: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    for (_, place) in &joined {
        let rule = processes[0].elbv2.find_rule(&place.rule_arn).await.expect("an answer");
        assert!(rule.is_some(), "{place:?} has lost its rule");
    }
    for (request, _) in &joined {
        processes[0].pools.leave(&processes[0].bounds, &leaving(request)).await.expect("an end");
    }
    assert_eq!(account.remains(), Vec::<String>::new());
}

#[tokio::test]
async fn a_certificate_is_added_once_and_taken_off_again() {
    let account = Account::new();
    let process = account.process().await;
    let request = process.request(&account, "s").await.expect("target groups");
    let place = process.pools.join(&process.bounds, &request).await.expect("a place");
    let certificate = Placeholder::generate("s.example.com", account.sandbox.now()).expect("a valid name");
    let imported = process.pools.acm.import_certificate(&certificate, &BTreeMap::new()).await;
    let arn = imported.expect("a certificate");
    for _ in 0..2 {
        process.pools.ensure_certificate(&process.bounds, &place, &arn).await.expect("room for one");
    }
    let listed = process.elbv2.list_listener_certificates(&place.listener_arn).await;
    assert_eq!(listed, Ok(vec![arn.clone()]));
    process.pools.undo_certificate(&place, &arn).await.expect("an answer");
    let listed = process.elbv2.list_listener_certificates(&place.listener_arn).await;
    assert_eq!(listed, Ok(Vec::new()));
}

#[tokio::test]
async fn a_host_name_is_given_once() {
    let account = Account::new();
    let process = account.process().await;
    let first = process.request(&account, "first").await.expect("target groups");
    let second = process.request(&account, "second").await.expect("target groups");
    let second = JoinRequest { hosts: first.hosts.clone(), ..second };
    let place = process.pools.join(&process.bounds, &first).await.expect("a place");
    let refused = process.pools.join(&process.bounds, &second).await;
    assert_eq!(refused, Err(PoolError::HostTaken { rule_arn: place.rule_arn }));
}

#[tokio::test]
async fn a_service_without_a_host_has_a_load_balancer_of_its_own() {
    let account = Account::new();
    let process = account.process().await;
    let mut requests = Vec::new();
    for name in ["one", "two"] {
        let request = alone(process.request(&account, name).await.expect("target groups"));
        let place = process.pools.join(&process.bounds, &request).await.expect("a place");
        let listeners = process.elbv2.list_listeners(&place.load_balancer_arn).await.expect("listeners");
        assert_eq!(listeners.iter().map(|listener| listener.port).collect::<Vec<_>>(), [80]);
        requests.push((request, place.load_balancer_arn));
    }
    assert_ne!(requests[0].1, requests[1].1);
    for (request, _) in &requests {
        process.pools.leave(&process.bounds, &leaving(request)).await.expect("an end");
    }
    assert_eq!(account.remains(), Vec::<String>::new());
}

/// Services of one process that is killed whenever `kill` says so, and started again, until `act` is done for all.
async fn survive<T, F>(
    account: Account,
    kill: Arc<Notify>,
    names: Vec<String>,
    act: fn(Arc<Process>, JoinRequest) -> F,
) -> (Vec<T>, u32)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut kills = 0;
    loop {
        let process = Arc::new(account.process().await);
        let mut tasks = JoinSet::new();
        for name in names.clone() {
            let (account, process) = (account.clone(), Arc::clone(&process));
            tasks.spawn(async move {
                let request = process.request(&account, &name).await.expect("target groups");
                act(process, request).await
            });
        }
        tokio::select! {
            biased;
            () = kill.notified() => kills += 1,
            done = tasks.join_all() => return (done, kills),
        }
    }
}

/// Runs eight processes of `size` services each, with kills after random calls of an operation.
async fn run_eight<T, F>(
    account: &Account,
    size: usize,
    operation: &str,
    act: fn(Arc<Process>, JoinRequest) -> F,
) -> (Vec<T>, u32)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut random = fastrand::Rng::with_seed(8);
    let mut tasks = JoinSet::new();
    for index in 0..8 {
        let kill = Arc::new(Notify::new());
        for _ in 0..2 {
            let kill = Arc::clone(&kill);
            let skip = random.u32(0..u32::try_from(8 * size).expect("few services"));
            account.sandbox.after_call(operation, skip, move |_| kill.notify_one());
        }
        let names = (0..size).map(|service| format!("p{index}-s{service}")).collect();
        tasks.spawn(survive(account.clone(), kill, names, act));
    }
    let runs = tasks.join_all().await;
    let kills = runs.iter().map(|(_, kills)| kills).sum();
    (runs.into_iter().flat_map(|(done, _)| done).collect(), kills)
}

/// Calls take a twentieth of a second, so that those of different services and processes overlap.
fn slow_down(account: &Account) {
    let effect = FaultEffect::Delay { seconds: 0.05, real: false };
    let rule = FaultRule::on("CreateRule", effect.clone()).times(u32::MAX);
    account.sandbox.add_fault(rule).expect("a rule");
    let rule = FaultRule::on("DescribeRules", effect).times(u32::MAX);
    account.sandbox.add_fault(rule).expect("a rule");
}

#[tokio::test]
async fn eight_processes_that_are_killed_at_random_fill_their_load_balancers_and_leave_nothing() {
    // 200 services on 8 load balancers; a debug build takes a quarter of it.
    let size = if cfg!(debug_assertions) { 25 / 4 } else { 25 };
    let account = Account::new();
    slow_down(&account);
    let (places, kills) = run_eight(&account, size, "CreateRule", |process, request| async move {
        process.pools.join(&process.bounds, &request).await.expect("a place")
    })
    .await;
    let balancers: BTreeSet<_> = places.iter().map(|place| &place.load_balancer_arn).collect();
    let slots: BTreeSet<_> = places.iter().map(|place| (place.number, place.priority)).collect();
    assert_eq!((balancers.len(), slots.len()), ((8 * size).div_ceil(25), 8 * size));

    let (left, more_kills) = run_eight(&account, size, "DeleteRule", |process, request| async move {
        process.pools.leave(&process.bounds, &leaving(&request)).await.expect("an end")
    })
    .await;
    assert_eq!((left.len(), account.remains()), (8 * size, Vec::new()));
    assert!(kills > 0 && more_kills > 0, "{kills} kills, then {more_kills}");
    let count = places.len();
    println!(
        "{count} services, 8 processes, {kills} + {more_kills} kills: {} load balancers",
        balancers.len()
    );
}
