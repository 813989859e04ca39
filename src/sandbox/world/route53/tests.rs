//! Route 53 as its callers see it.

use serde_json::{Value, json};

use crate::sandbox::api::{ApiError, Service};
use crate::sandbox::world::testing::Caller;
use crate::sandbox::world::timing;

const ZONE: &str = "Z0EXAMPLE111122223333";

fn route53() -> Caller {
    Caller::of(Service::Route53)
}

fn txt(name: &str, value: &str) -> Value {
    json!({"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": value}]})
}

fn alias(name: &str, target: &str) -> Value {
    let target = json!({"HostedZoneId": "Z32O12XQLNTSW2", "DNSName": target, "EvaluateTargetHealth": false});
    json!({"Name": name, "Type": "A", "AliasTarget": target})
}

fn change(route53: &mut Caller, changes: &[(&str, Value)]) -> Result<Value, ApiError> {
    let changes: Vec<Value> =
        changes.iter().map(|(action, set)| json!({"Action": action, "ResourceRecordSet": set})).collect();
    let input = json!({"HostedZoneId": ZONE, "ChangeBatch": {"Changes": changes}});
    route53.call("ChangeResourceRecordSets", input)
}

fn names(route53: &mut Caller, input: Value) -> Vec<String> {
    let listed = route53.call("ListResourceRecordSets", input).unwrap();
    let sets = listed["ResourceRecordSets"].as_array().unwrap();
    sets.iter()
        .map(|set| format!("{} {}", set["Name"].as_str().unwrap(), set["Type"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_account_begins_with_a_public_zone_of_two_records() {
    let mut route53 = route53();
    let zones = route53.call("ListHostedZonesByName", json!({"DNSName": "example.com"})).unwrap();
    let zone = &zones["HostedZones"][0];
    assert_eq!((&zone["Name"], &zone["Id"]), (&json!("example.com."), &json!(format!("/hostedzone/{ZONE}"))));
    assert_eq!(zone["Config"]["PrivateZone"], json!(false));
    assert_eq!(names(&mut route53, json!({"HostedZoneId": ZONE})), ["example.com. NS", "example.com. SOA"]);
    route53.call("DeleteHostedZone", json!({"Id": ZONE})).unwrap();
    assert_eq!(route53.refusal("GetHostedZone", json!({"Id": ZONE})), "NoSuchHostedZone");
}

#[test]
fn records_are_listed_by_their_labels_from_the_right() {
    let mut route53 = route53();
    let made = ["b.example.com", "a.b.example.com", "a.example.com", "a-b.example.com", "*.example.com"];
    let changes: Vec<_> = made.iter().map(|name| ("CREATE", txt(name, "\"v\""))).collect();
    change(&mut route53, &changes).unwrap();
    let from = json!({"HostedZoneId": ZONE, "StartRecordName": "a.example.com", "StartRecordType": "TXT"});
    let listed = names(&mut route53, from);
    assert_eq!(
        listed,
        ["a.example.com. TXT", "a-b.example.com. TXT", "b.example.com. TXT", "a.b.example.com. TXT"]
    );
    let wildcard = json!({"HostedZoneId": ZONE, "StartRecordName": "\\052.example.com", "MaxItems": "1"});
    let page = route53.call("ListResourceRecordSets", wildcard).unwrap();
    assert_eq!(page["ResourceRecordSets"][0]["Name"], json!("\\052.example.com."));
    assert_eq!((&page["IsTruncated"], &page["NextRecordName"]), (&json!(true), &json!("a.example.com.")));
}

#[test]
fn a_batch_takes_effect_as_a_whole_or_not_at_all() {
    let mut route53 = route53();
    change(&mut route53, &[("CREATE", txt("a.example.com", "\"1\""))]).unwrap();
    let refused = change(
        &mut route53,
        &[
            ("CREATE", txt("new.example.com", "\"1\"")),
            ("CREATE", txt("a.example.com", "\"2\"")),
            ("DELETE", txt("missing.example.com", "\"1\"")),
            ("DELETE", txt("a.example.com", "\"2\"")),
        ],
    )
    .unwrap_err();
    assert_eq!(refused.code, "InvalidChangeBatch");
    assert_eq!(
        refused.message,
        "[Tried to create resource record set [name='a.example.com.', type='TXT'] but it already exists, \
         Tried to delete resource record set [name='missing.example.com.', type='TXT'] but it was not found, \
         Tried to delete resource record set [name='a.example.com.', type='TXT'] but the values provided do not \
         match the current values]"
    );
    assert_eq!(
        names(&mut route53, json!({"HostedZoneId": ZONE})).len(),
        3,
        "the new record is not there either"
    );
    let swap = [("DELETE", txt("A.example.com.", "\"1\"")), ("CREATE", txt("a.example.com", "\"2\""))];
    change(&mut route53, &swap).unwrap();
}

#[test]
fn records_that_cannot_stand_together_are_refused() {
    let mut route53 = route53();
    change(&mut route53, &[("CREATE", alias("a.example.com", "LB-1.eu-west-1.elb.amazonaws.com"))]).unwrap();
    let cname =
        |name: &str| json!({"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x."}]});
    let mut latency = alias("a.example.com", "lb-2.eu-west-1.elb.amazonaws.com");
    latency["SetIdentifier"] = json!("eu-west-1");
    latency["Region"] = json!("eu-west-1");
    let cases = [
        (cname("a.example.com"), "conflicts with other records"),
        (cname("example.com"), "is not permitted at apex"),
        (latency, "cannot be created as other RRSets exist with the same name and type"),
        (txt("a.example.org", "\"v\""), "is not permitted in zone example.com."),
        (alias("b.example.com", "elsewhere.test"), "does not lie within the target zone"),
    ];
    for (set, words) in cases {
        let error = change(&mut route53, &[("CREATE", set)]).unwrap_err();
        assert!(error.message.contains(words), "{}", error.message);
    }
    let listed = json!({"HostedZoneId": ZONE, "StartRecordName": "a.example.com"});
    let listed = route53.call("ListResourceRecordSets", listed).unwrap();
    let target = &listed["ResourceRecordSets"][0]["AliasTarget"];
    assert_eq!(target["DNSName"], json!("lb-1.eu-west-1.elb.amazonaws.com."));
}

#[test]
fn a_change_is_pending_and_then_in_sync() {
    let mut route53 = route53();
    let made = change(&mut route53, &[("UPSERT", txt("a.example.com", "\"1\""))]).unwrap();
    let id = made["ChangeInfo"]["Id"].clone();
    assert_eq!(made["ChangeInfo"]["Status"], "PENDING");
    route53.pass(timing::CHANGE_IN_SYNC);
    assert_eq!(route53.call("GetChange", json!({"Id": id})).unwrap()["ChangeInfo"]["Status"], "INSYNC");
    assert_eq!(route53.refusal("GetChange", json!({"Id": "C0"})), "NoSuchChange");
}

#[test]
fn a_zone_with_records_of_its_own_stays() {
    let mut route53 = route53();
    let input = json!({"Name": "team.example.org", "CallerReference": "r", "VPC": {"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}});
    let made = route53.call("CreateHostedZone", input.clone()).unwrap();
    assert_eq!(made["HostedZone"]["Config"]["PrivateZone"], json!(true));
    assert_eq!(route53.refusal("CreateHostedZone", input), "HostedZoneAlreadyExists");
    change(&mut route53, &[("CREATE", txt("a.example.com", "\"1\""))]).unwrap();
    assert_eq!(route53.refusal("DeleteHostedZone", json!({"Id": ZONE})), "HostedZoneNotEmpty");
    let by_name =
        route53.call("ListHostedZonesByName", json!({"DNSName": "example.org", "MaxItems": "1"})).unwrap();
    assert_eq!(by_name["HostedZones"][0]["Name"], json!("team.example.org."));
}

#[test]
fn health_checks_are_made_once_for_a_reference_and_held_by_those_that_count_them() {
    let mut route53 = route53();
    let alarm = json!({"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": "eu-west-1", "Name": "a"}});
    let create =
        |reference: &str, config: &Value| json!({"CallerReference": reference, "HealthCheckConfig": config});
    let child = route53.call("CreateHealthCheck", create("r", &alarm)).unwrap()["HealthCheck"]["Id"].clone();
    assert_eq!(route53.call("CreateHealthCheck", create("r", &alarm)).unwrap()["HealthCheck"]["Id"], child);
    let sum = json!({"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [child]});
    assert_eq!(route53.refusal("CreateHealthCheck", create("r", &sum)), "HealthCheckAlreadyExists");
    let parent = route53.call("CreateHealthCheck", create("s", &sum)).unwrap()["HealthCheck"]["Id"].clone();
    assert_eq!(route53.refusal("DeleteHealthCheck", json!({"HealthCheckId": child})), "HealthCheckInUse");
    for id in [parent, child.clone()] {
        route53.call("DeleteHealthCheck", json!({"HealthCheckId": id})).unwrap();
    }
    assert_eq!(route53.refusal("DeleteHealthCheck", json!({"HealthCheckId": child})), "NoSuchHealthCheck");
}

#[test]
fn an_alias_of_a_load_balancer_needs_the_zone_of_its_region() {
    let mut route53 = route53();
    let there = alias("a.example.com", "xp-1-0-7.eu-west-1.elb.amazonaws.com");
    let elsewhere = alias("b.example.com", "xp-1-0-7.eu-south-2.elb.amazonaws.com");
    change(&mut route53, &[("CREATE", there)]).unwrap();
    let refused = change(&mut route53, &[("CREATE", elsewhere)]).expect_err("another region's zone");
    assert_eq!(refused.code, "InvalidChangeBatch");
    assert!(refused.message.contains("does not lie within the target zone"), "{}", refused.message);
}
