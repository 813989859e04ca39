use super::*;
use crate::engine::composed::testing::blueprint;

fn subnet(id: &str, zone: &str, kind: SubnetKind) -> Subnet {
    Subnet {
        id: id.to_owned(),
        vpc_id: "vpc-1".to_owned(),
        availability_zone: zone.to_owned(),
        available_address_count: 100,
        has_way_out: true,
        leads_to_endpoint: false,
        kind,
    }
}

fn subnets(vpc_id: &str, kind: SubnetKind, zones: &[&str]) -> Vec<Subnet> {
    let of_zone = |zone: &&str| Subnet {
        vpc_id: vpc_id.to_owned(),
        ..subnet(&format!("subnet-{vpc_id}-{kind:?}-{zone}"), zone, kind)
    };
    zones.iter().map(of_zone).collect()
}

fn public(zones: &[&str]) -> Vec<Subnet> {
    subnets("vpc-1", SubnetKind::Public, zones)
}

fn wanted(of_tasks: Vec<Subnet>, of_load_balancer: Vec<Subnet>) -> Subnets {
    Subnets { of_tasks, of_load_balancer, ..Subnets::default() }
}

fn network_of(subnets: &Subnets) -> Network {
    network(&ComposedSettings::default(), subnets).expect("a network")
}

/// The load balancer's pool, as a service of this network has it.
fn pool(network: &Network) -> String {
    pool_key(&blueprint().names, &ComposedSettings::default(), network, true).id().to_string()
}

/// What becomes of a service whose subnets and load balancer change as `after` says.
fn fate_of(before: &Subnets, after: Subnets) -> (Network, Fate) {
    let there = network_of(before);
    let current_of_load_balancer = before.balancer().to_vec();
    let after = Subnets { current_of_tasks: before.of_tasks.clone(), current_of_load_balancer, ..after };
    let network = network_of(&after);
    let is_same_pool = pool(&network) == pool(&there);
    let fate = fate(&network, is_same_pool);
    (network, fate)
}

#[test]
fn a_load_balancer_has_one_subnet_of_each_zone() {
    let all = vec![
        subnet("subnet-c", "a", SubnetKind::Public),
        subnet("subnet-a", "a", SubnetKind::Public),
        subnet("subnet-b", "b", SubnetKind::Public),
    ];
    let found = network_of(&wanted(all, Vec::new()));
    assert_eq!(found.load_balancer_subnet_ids, ["subnet-a", "subnet-b"]);
    assert_eq!(found.task_subnet_ids, ["subnet-a", "subnet-b", "subnet-c"]);
    assert!(!found.is_internal && found.assigns_public_ip);
}

#[test]
fn one_zone_is_refused_with_what_to_do() {
    let refused = network(&ComposedSettings::default(), &wanted(public(&["a"]), Vec::new()));
    assert!(
        matches!(refused, Err(EngineError::Unfit { hint, .. }) if hint.contains("another availability zone"))
    );
}

#[test]
fn a_load_balancer_stays_while_it_is_in_every_zone_of_the_tasks_and_of_their_kind() {
    let balancer = public(&["a", "b"]);
    assert!(stays_fit(&balancer, &[subnet("subnet-x", "b", SubnetKind::Public)]));
    assert!(!stays_fit(&balancer, &public(&["c"])));
    assert!(!stays_fit(&balancer, &subnets("vpc-1", SubnetKind::Private, &["a"])));
    assert!(!stays_fit(&balancer, &subnets("vpc-2", SubnetKind::Public, &["a"])));
    assert!(!stays_fit(&[], &balancer));
}

#[test]
fn a_public_load_balancer_may_stand_before_private_tasks() {
    let private = subnets("vpc-1", SubnetKind::Private, &["a", "b"]);
    let found = network_of(&wanted(private, public(&["a", "b"])));
    assert!(!found.is_internal && !found.assigns_public_ip);
}

#[test]
fn tasks_that_leave_a_zone_keep_a_load_balancer_whose_subnets_are_the_users() {
    let own = public(&["a", "b", "c"]);
    let before = wanted(public(&["a", "b", "c"]), own.clone());
    assert_eq!(fate_of(&before, wanted(public(&["a", "b"]), own.clone())).1, Fate::Stays);
    // What the user wrote down is what was there.
    let unsaid = wanted(public(&["a", "b", "c"]), Vec::new());
    assert_eq!(fate_of(&unsaid, wanted(public(&["a", "b"]), own)).1, Fate::Stays);
}

#[test]
fn another_zone_or_another_kind_needs_another_load_balancer() {
    let before = wanted(public(&["a", "b"]), Vec::new());
    assert_eq!(fate_of(&before, wanted(public(&["a", "b", "c"]), Vec::new())).1, Fate::Moves);
    let private = wanted(subnets("vpc-1", SubnetKind::Private, &["a", "b"]), Vec::new());
    assert_eq!(fate_of(&before, private).1, Fate::Moves);
}

#[test]
fn without_a_zone_in_common_or_in_another_vpc_the_service_cannot_move() {
    let before = wanted(public(&["a", "b"]), Vec::new());
    let barred = |after| fate_of(&before, after).1;
    assert_eq!(barred(wanted(public(&["b", "c"]), Vec::new())), Fate::Barred(Barrier::NoCommonZones));
    let elsewhere = subnets("vpc-2", SubnetKind::Public, &["a", "b"]);
    assert_eq!(barred(wanted(elsewhere, Vec::new())), Fate::Barred(Barrier::OtherVpc));
}

/// Every way from one network of three zones to another, with both kinds of subnets, two VPCs, and load balancers with
/// subnets of their own or none.
#[test]
fn every_change_of_subnets_stays_moves_with_an_answer_at_every_moment_or_is_barred() {
    let zone_sets: [&[&str]; 4] = [&["a", "b"], &["a", "c"], &["b", "c"], &["a", "b", "c"]];
    let kinds = [SubnetKind::Public, SubnetKind::Private];
    let places =
        |vpc_id| kinds.iter().flat_map(move |kind| zone_sets.map(|zones| subnets(vpc_id, *kind, zones)));
    let mut all = Vec::new();
    for vpc_id in ["vpc-1", "vpc-2"] {
        for tasks in places(vpc_id) {
            all.push(wanted(tasks.clone(), Vec::new()));
            all.extend(places(vpc_id).map(|own| wanted(tasks.clone(), own)));
        }
    }
    let mut counts = BTreeMap::<String, usize>::new();
    for before in &all {
        for after in &all {
            let (network, fate) = fate_of(before, after.clone());
            *counts.entry(format!("{fate:?}")).or_default() += 1;
            let same_ids = network.load_balancer_subnet_ids == network_of(before).load_balancer_subnet_ids;
            match fate {
                Fate::Stays => assert!(same_ids, "{before:?} -> {after:?}"),
                Fate::Moves => {
                    let (old, new) = (&network.current, &network);
                    let is_reached = match do_tasks_go_first(&network) {
                        Some(true) => new.task_zones.is_subset(&old.load_balancer_zones),
                        Some(false) => old.task_zones.is_subset(&new.load_balancer_zones),
                        None => false,
                    };
                    assert!(is_reached, "{before:?} -> {after:?}");
                }
                Fate::Barred(Barrier::OtherVpc) => {
                    assert_ne!(before.of_tasks[0].vpc_id, after.of_tasks[0].vpc_id);
                }
                Fate::Barred(Barrier::NoCommonZones) => assert_eq!(do_tasks_go_first(&network), None),
            }
        }
    }
    assert_eq!(counts.len(), 4, "every fate is met: {counts:?}");
}
