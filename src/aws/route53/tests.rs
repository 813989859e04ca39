//! The clients of Route 53 and ACM against the sandbox: a name of one's own from the zone to the certificate.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::aws::acm::{Acm, CertificateInput, CertificateStatus, Placeholder};
use crate::aws::testing::{Answer, FakeAws, sandbox_clients};
use crate::service::TagChange;

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn request(token: &str) -> CertificateInput {
    CertificateInput {
        domain_name: "api.example.com".to_owned(),
        subject_alternative_names: vec!["*.api.example.com".to_owned()],
        idempotency_token: token.to_owned(),
        tags: tags(&[("k", "v")]),
    }
}

/// The zone that an account of the sandbox begins with.
async fn first_zone(route53: &Route53) -> HostedZone {
    let zones = route53.list_hosted_zones_named("Example.com").await.expect("answered");
    let [zone] = &zones[..] else { panic!("one zone: {zones:?}") };
    zone.clone()
}

#[tokio::test]
async fn a_zone_is_found_by_its_name_and_by_its_id() {
    let (_, clients) = sandbox_clients().await;
    let route53 = Route53::new(clients);
    let zone = first_zone(&route53).await;
    assert_eq!((zone.name.as_str(), zone.visibility), ("example.com", ZoneVisibility::Public));
    assert_eq!(route53.find_hosted_zone(&zone.id).await, Ok(Some(zone.clone())));
    assert_eq!(route53.find_hosted_zone(&format!("/hostedzone/{}", zone.id)).await, Ok(Some(zone)));
    assert_eq!(route53.list_hosted_zones_named("example.org").await, Ok(Vec::new()));
    assert_eq!(route53.find_hosted_zone("Z0").await, Ok(None));
}

#[tokio::test]
async fn zones_of_one_name_are_listed_once_for_all_who_ask() {
    let (sandbox, clients) = sandbox_clients().await;
    let route53 = Route53::new(clients);
    let (one, same, other) = tokio::join!(
        route53.list_hosted_zones_named("example.com"),
        route53.list_hosted_zones_named("EXAMPLE.com."),
        route53.list_hosted_zones_named("example.org"),
    );
    assert_eq!((one.as_ref().map(Vec::len), other), (Ok(1), Ok(Vec::new())));
    assert_eq!(one, same);
    assert_eq!(sandbox.calls().len(), 2, "one for each name");
}

#[tokio::test]
async fn an_alias_is_created_once_and_deleted_by_its_copy() {
    let (sandbox, clients) = sandbox_clients().await;
    let route53 = Route53::new(clients);
    let zone = first_zone(&route53).await.id;
    let target = |name: &str| AliasTarget {
        zone_id: "Z32O12XQLNTSW2".to_owned(),
        dns_name: name.to_owned(),
        evaluate_target_health: false,
    };
    let alias = RecordSet::alias("api.example.com", "A", target("LB-1.eu-west-1.elb.amazonaws.com"));
    let id =
        route53.change_record_sets(&zone, &[RecordSetChange::Create(alias.clone())]).await.expect("made");
    assert_eq!(route53.is_change_in_sync(&id).await, Ok(false));
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(route53.is_change_in_sync(&id).await, Ok(true));
    assert_eq!(route53.is_change_in_sync("C0").await, Ok(true));
    let refused = route53.change_record_sets(&zone, &[RecordSetChange::Create(alias)]).await;
    let refused = refused.expect_err("refused");
    assert!(refused.has_code("InvalidChangeBatch") && refused.says("but it already exists"), "{refused}");

    let live = route53.list_record_sets(&zone, "API.example.com.").await.expect("answered");
    let [live] = &live[..] else { panic!("one record set: {live:?}") };
    let live_target = live.alias_target().expect("an alias");
    assert!(live_target.is_same_target("Z32O12XQLNTSW2", "lb-1.eu-west-1.elb.amazonaws.com"));
    route53.change_record_sets(&zone, &[RecordSetChange::Delete(live.clone())]).await.expect("deleted");
    assert_eq!(route53.list_record_sets(&zone, "api.example.com").await, Ok(Vec::new()));
    let gone = route53.change_record_sets(&zone, &[RecordSetChange::Delete(live.clone())]).await;
    assert!(gone.expect_err("refused").says("but it was not found"));
    assert_eq!(route53.list_record_sets("Z0", "api.example.com").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_certificate_is_issued_when_its_records_are_written() {
    let (sandbox, clients) = sandbox_clients().await;
    let (acm, route53) = (Acm::new(clients.clone()), Route53::new(clients));
    let arn = acm.request_certificate(&request("t")).await.expect("requested");
    assert_eq!(acm.request_certificate(&request("t")).await.as_deref(), Ok(arn.as_str()));
    let early = acm.find_certificate(&arn).await.expect("answered").expect("there");
    assert_eq!((early.validation_records.len(), early.names_without_record.len()), (0, 2));
    sandbox.advance(Duration::from_secs(30));
    let said = acm.find_certificate(&arn).await.expect("answered").expect("there");
    let [record] = &said.validation_records[..] else { panic!("one record: {said:?}") };
    let zone = first_zone(&route53).await.id;
    let cname = RecordSetChange::Upsert(RecordSet::cname(&record.name, &record.value, 300));
    for _ in 0..2 {
        route53.change_record_sets(&zone, std::slice::from_ref(&cname)).await.expect("written");
    }
    sandbox.advance(Duration::from_secs(120));
    let issued = acm.find_certificate(&arn).await.expect("answered").expect("there");
    assert_eq!((issued.status, issued.is_issued_by_amazon), (CertificateStatus::Issued, true));
    assert_eq!(acm.find_tags(&arn).await, Ok(Some(tags(&[("k", "v")]))));
    let change = TagChange { set: tags(&[("l", "w")]), remove: vec!["k".to_owned()] };
    acm.change_tags(&arn, &change).await.expect("changed");
    assert_eq!(acm.find_tags(&arn).await, Ok(Some(tags(&[("l", "w")]))));

    let placeholder = Placeholder::generate("pool.invalid", sandbox.now()).expect("a valid name");
    let imported = acm.import_certificate(&placeholder, &BTreeMap::new()).await.expect("imported");
    let listed = acm.list_certificates().await.expect("answered");
    assert_eq!(listed.len(), 2, "whatever their keys");
    for arn in [&arn, &imported, &imported] {
        acm.delete_certificate(arn).await.expect("deleted");
    }
    assert_eq!(acm.find_certificate(&arn).await, Ok(None));
    assert_eq!(acm.find_tags(&arn).await, Ok(None));
}

#[tokio::test]
async fn health_checks_are_made_once_and_deleted() {
    let (_, clients) = sandbox_clients().await;
    let route53 = Route53::new(clients);
    let alarm = HealthCheckConfig::Alarm { region: "eu-west-1".to_owned(), name: "a".to_owned() };
    let input = HealthCheckInput { caller_reference: "xp-a".to_owned(), config: alarm };
    let child = route53.create_health_check(&input).await.expect("made");
    assert_eq!(route53.create_health_check(&input).await.as_deref(), Ok(child.as_str()));
    let config = HealthCheckConfig::AnyOf(vec![child.clone()]);
    let parent = HealthCheckInput { caller_reference: "xp-p".to_owned(), config };
    let parent = route53.create_health_check(&parent).await.expect("made");
    for id in [&parent, &child, &child] {
        route53.delete_health_check(id).await.expect("deleted");
    }
}

#[tokio::test]
async fn a_call_goes_to_the_global_endpoint() {
    let aws = FakeAws::answering(|_| Answer::Lost("dns error"));
    let route53 = Route53::new(aws.clients().await);
    assert!(route53.find_hosted_zone("Z1").await.is_err());
    let seen = aws.seen();
    assert_eq!(seen[0].uri, "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1");
    assert!(seen[0].authorization.contains("/us-east-1/route53/aws4_request"), "{}", seen[0].authorization);
}

#[test]
fn names_are_compared_in_route_53s_spelling() {
    assert_eq!(normalized_name("API.Example.com"), "api.example.com.");
    assert_eq!(normalized_name("\\052.example.com."), normalized_name("*.example.com"));
}
