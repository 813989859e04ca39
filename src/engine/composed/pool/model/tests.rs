//! What was checked, and how far.

use stateright::{Checker, HasDiscoveries, Model};

use super::super::protocol::Limits;
use super::account::Misbehaviour;
use super::{Budget, NO_WRONG_DELETE, NOTHING_REMAINS, Pool, RULES_STAY};

const THREADS: usize = 2;

/// Without optimization the checker is ten times slower, so that a debug build checks less. The figures of the architecture
/// page are those of `cargo test --release`.
const IS_THOROUGH: bool = !cfg!(debug_assertions);

/// Nothing goes wrong.
const CALM: Budget = Budget { crashes: 0, losses: 0, late: 0, stale_reads: 0, ticks: 0 };

fn pool(services: u8, load_balancers: u8, slots: u8, budget: Budget) -> Pool {
    // More attempts than production's five, so that the checker meets no bound: each interference costs a round.
    let limits =
        Limits { slots, load_balancers, attempts: 9, pause_seconds: 0, round_seconds: 0, stale_seconds: 2 };
    let misbehaviour = Misbehaviour::None;
    Pool { services, slots_to_fill: slots, limits, budget, misbehaviour, trusts_refusals: false }
}

/// Says something that shows also when the test passes: the harness keeps back only what the print macros write.
fn tell(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").expect("stderr is open");
}

/// Checks every history, and says how many states there were.
fn prove(what: &str, pool: Pool, least_states: usize) {
    let checker = pool.checker().threads(THREADS).spawn_bfs().join();
    checker.assert_properties();
    tell(&format!("{what}: {} states, 0 violations", checker.unique_state_count()));
    assert!(
        checker.is_done() && checker.unique_state_count() >= least_states,
        "{}",
        checker.unique_state_count()
    );
}

/// Checks that the checker finds a history that breaks the property.
fn refute(property: &'static str, pool: Pool) {
    let when = HasDiscoveries::AllOf([property].into());
    let checker = pool.checker().threads(THREADS).finish_when(when).spawn_bfs().join();
    assert!(checker.discovery(property).is_some(), "no history breaks: {property}");
}

#[test]
fn three_services_share_a_load_balancer() {
    if IS_THOROUGH {
        prove("3 services, 1 x 2 slots", pool(3, 1, 2, CALM), 300_000);
    } else {
        prove("3 services, 1 x 1 slot", pool(3, 1, 1, CALM), 1_000);
    }
}

#[test]
fn killed_processes_are_continued_by_the_next() {
    let ticks = u8::from(IS_THOROUGH);
    let pool = pool(2, 1, 2, Budget { crashes: 1, ticks, ..CALM });
    prove("2 services, 1 x 2 slots, 1 kill", pool, if IS_THOROUGH { 190_000 } else { 15_000 });
}

#[test]
fn requests_of_killed_processes_may_arrive_late() {
    let slots = if IS_THOROUGH { 2 } else { 1 };
    let pool = pool(2, 1, slots, Budget { crashes: 1, late: 1, ..CALM });
    prove("2 services, 1 kill with a late request", pool, if IS_THOROUGH { 100_000 } else { 5_000 });
}

#[test]
fn answers_may_be_lost_and_reads_be_old() {
    let pool = pool(2, 1, 2, Budget { losses: 1, stale_reads: u8::from(IS_THOROUGH), ..CALM });
    prove("2 services, 1 x 2 slots, 1 lost answer", pool, if IS_THOROUGH { 45_000 } else { 8_000 });
    prove(
        "2 services, 1 x 2 slots, 1 old read",
        self::pool(2, 1, 2, Budget { stale_reads: 1, ..CALM }),
        4_000,
    );
}

#[test]
fn who_finds_no_slot_goes_to_the_next_load_balancer() {
    let crashes = u8::from(IS_THOROUGH);
    let pool = pool(2, 2, 1, Budget { crashes, ..CALM });
    prove("2 services, 2 x 1 slots", pool, if IS_THOROUGH { 35_000 } else { 1_500 });
}

#[test]
fn a_paused_process_cannot_strike_later() {
    let slots = if IS_THOROUGH { 2 } else { 1 };
    let pool = pool(2, 1, slots, Budget { ticks: 2, ..CALM });
    prove("2 services, time", pool, if IS_THOROUGH { 110_000 } else { 5_000 });
}

#[test]
fn tombstones_that_leave_a_slot_out_are_found_out() {
    refute(NO_WRONG_DELETE, Pool { slots_to_fill: 1, ..pool(2, 1, 2, CALM) });
}

#[test]
fn requests_that_never_expire_are_found_out() {
    let pool = pool(3, 1, 1, Budget { ticks: 3, ..CALM });
    refute(NO_WRONG_DELETE, Pool { misbehaviour: Misbehaviour::NoExpiryNoProtection, ..pool });
}

#[test]
fn priorities_that_are_no_lock_are_found_out() {
    refute(RULES_STAY, Pool { misbehaviour: Misbehaviour::PriorityIsNoLock, ..pool(2, 1, 1, CALM) });
}

/// The hole in the protocol as it was drawn up (facts, composition section 3.4): a process that gives a round up because
/// of a service does not notice that the service left during the round.
#[test]
fn a_refusal_that_is_not_tried_again_is_found_out() {
    refute(NOTHING_REMAINS, Pool { trusts_refusals: true, ..pool(2, 1, 2, CALM) });
}
