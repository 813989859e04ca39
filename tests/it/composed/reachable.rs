//! Whether a user would be answered: DNS record, load balancer, rule, target group, healthy target.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::{call, try_call};

/// The zone's records of a type, name and alias target.
pub(super) fn aliases(sandbox: &Sandbox, zone_id: &str) -> Vec<(String, String)> {
    let input = json!({ "HostedZoneId": zone_id });
    let answer = call(sandbox, Service::Route53, "ListResourceRecordSets", input);
    let sets = answer["ResourceRecordSets"].as_array().cloned().unwrap_or_default();
    let text = |value: &Json| value.as_str().unwrap_or_default().trim_end_matches('.').to_lowercase();
    sets.iter()
        .filter(|set| set["Type"] == "A")
        .map(|set| (text(&set["Name"]), text(&set["AliasTarget"]["DNSName"])))
        .collect()
}

/// Why nobody answers under a host name; `None` if somebody does.
pub(super) fn find_outage(sandbox: &Sandbox, zone_id: &str, host: &str) -> Option<String> {
    let Some((_, target)) = aliases(sandbox, zone_id).into_iter().find(|(name, _)| name == host) else {
        return Some(format!("{host} has no record"));
    };
    let elbv2 = |operation: &str, input: Json| call(sandbox, Service::Elbv2, operation, input);
    let balancers = elbv2("DescribeLoadBalancers", json!({}));
    let balancer = balancers["LoadBalancers"].as_array().into_iter().flatten().find(|balancer| {
        balancer["DNSName"].as_str().is_some_and(|name| target.ends_with(&name.to_lowercase()))
    });
    let Some(balancer) = balancer else {
        return Some(format!("{host} leads to {target}, which is not there"));
    };
    if balancer["State"]["Code"] != "active" {
        return Some(format!("the load balancer is {}", balancer["State"]["Code"]));
    }
    let listeners = elbv2("DescribeListeners", json!({ "LoadBalancerArn": balancer["LoadBalancerArn"] }));
    let secure = listeners["Listeners"].as_array()?.iter().find(|listener| listener["Port"] == 443)?.clone();
    let rules = elbv2("DescribeRules", json!({ "ListenerArn": secure["ListenerArn"] }));
    let has_host = |rule: &&Json| {
        let conditions = rule["Conditions"].as_array().into_iter().flatten();
        conditions
            .filter_map(|condition| condition["HostHeaderConfig"]["Values"].as_array())
            .flatten()
            .any(|value| value == host)
    };
    let Some(rule) = rules["Rules"].as_array()?.iter().find(has_host) else {
        return Some(format!("no rule of {target} takes {host}"));
    };
    let groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"].as_array()?;
    let mut serving = groups.iter().filter(|group| group["Weight"].as_i64().unwrap_or_default() > 0);
    let is_healthy = |group: &Json| {
        let input = json!({ "TargetGroupArn": group["TargetGroupArn"] });
        let Ok(health) = try_call(sandbox, Service::Elbv2, "DescribeTargetHealth", input) else {
            return false;
        };
        let targets = health["TargetHealthDescriptions"].as_array().cloned().unwrap_or_default();
        targets.iter().any(|target| target["TargetHealth"]["State"] == "healthy")
    };
    let dead = serving.find(|group| !is_healthy(group))?;
    Some(format!("{} serves {host} and has no healthy target", dead["TargetGroupArn"]))
}
