//! AWS WAF v2: web ACLs, and which of them protects a load balancer. No request is ever judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{list, text};
use super::{Scope, Tags, tag_list, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// WAF of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Wafv2State {
    /// Keyed by ARN.
    pub(crate) web_acls: BTreeMap<String, WebAcl>,
    /// ARN of a resource to the ARN of its web ACL.
    associations: BTreeMap<String, String>,
}

/// A web ACL of scope `REGIONAL`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WebAcl {
    arn: String,
    id: String,
    name: String,
    description: Option<String>,
    /// Settings in API form (`DefaultAction`, `Rules`, `VisibilityConfig`).
    settings: Value,
    tags: Tags,
}

impl Wafv2State {
    /// A resource that is gone has no web ACL.
    pub(crate) fn disassociate(&mut self, resource_arn: &str) {
        self.associations.remove(resource_arn);
    }
}

/// Executes one WAF operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "CreateWebACL" => create(scope, input),
        "GetWebACL" => get(scope, input),
        "ListWebACLs" => {
            let acls: Vec<Value> = scope.region.wafv2.web_acls.values().map(summary).collect();
            Ok(json!({"WebACLs": acls}))
        }
        "DeleteWebACL" => delete(scope, input),
        "AssociateWebACL" => associate(scope, input),
        "DisassociateWebACL" => {
            let resource = checked_resource(scope, input)?;
            scope.region.wafv2.associations.remove(&resource);
            Ok(json!({}))
        }
        "GetWebACLForResource" => {
            let resource = checked_resource(scope, input)?;
            let waf = &scope.region.wafv2;
            let acl = waf.associations.get(&resource).and_then(|arn| waf.web_acls.get(arn));
            Ok(json!({"WebACL": acl.map(detail)}))
        }
        "ListResourcesForWebACL" => {
            let waf = &scope.region.wafv2;
            let arn = text(input, "WebACLArn").unwrap_or_default();
            waf.web_acls.get(arn).ok_or_else(nonexistent)?;
            let resources = waf.associations.iter().filter(|(_, acl)| *acl == arn);
            Ok(json!({"ResourceArns": resources.map(|(resource, _)| resource).collect::<Vec<_>>()}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "Name").unwrap_or_default();
    if text(input, "Scope") != Some("REGIONAL") {
        return Err(invalid("The sandbox knows web ACLs of the scope REGIONAL only."));
    }
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_named) {
        return Err(invalid(
            "Error reason: The parameter contains formatting that is not valid., field: NAME",
        ));
    }
    if !input["DefaultAction"].is_object() || !input["VisibilityConfig"].is_object() {
        return Err(invalid(
            "Error reason: You have used none or multiple values for a field that requires exactly one value., field: DEFAULT_ACTION",
        ));
    }
    if scope.region.wafv2.web_acls.values().any(|acl| acl.name == name) {
        let message = "AWS WAF couldn't perform the operation because some resource in your request is a \
                       duplicate of an existing one.";
        return Err(ApiError::client("WAFDuplicateItemException", message));
    }
    let id = scope.ids.uuid();
    let settings = ["DefaultAction", "Rules", "VisibilityConfig"].into_iter();
    let settings = settings.map(|member| (member.to_owned(), input[member].clone())).collect();
    let acl = WebAcl {
        arn: scope.region.arn("wafv2", &format!("regional/webacl/{name}/{id}")),
        id,
        name: name.to_owned(),
        description: text(input, "Description").map(str::to_owned),
        settings,
        tags: tag_list::from_list(list(input, "Tags")),
    };
    let answer = json!({"Summary": summary(&acl)});
    scope.region.wafv2.web_acls.insert(acl.arn.clone(), acl);
    Ok(answer)
}

fn get(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let waf = &scope.region.wafv2;
    let is_it = |acl: &&WebAcl| {
        text(input, "ARN").is_none_or(|arn| arn == acl.arn)
            && text(input, "Id").is_none_or(|id| id == acl.id)
            && text(input, "Name").is_none_or(|name| name == acl.name)
    };
    let acl = waf.web_acls.values().find(is_it).ok_or_else(nonexistent)?;
    Ok(json!({"WebACL": detail(acl), "LockToken": lock_token(acl)}))
}

/// Refused while a resource has the web ACL.
fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let waf = &mut scope.region.wafv2;
    let id = text(input, "Id").unwrap_or_default();
    let acl = waf.web_acls.values().find(|acl| acl.id == id).ok_or_else(nonexistent)?;
    if text(input, "LockToken") != Some(lock_token(acl).as_str()) {
        let message = "AWS WAF couldn't save your changes because someone changed the resource after you started \
                       to edit it. Reapply your changes.";
        return Err(ApiError::client("WAFOptimisticLockException", message));
    }
    let arn = acl.arn.clone();
    if waf.associations.values().any(|associated| *associated == arn) {
        let message = "AWS WAF couldn't perform the operation because your resource is being used by another \
                       resource or it's associated with another resource.";
        return Err(ApiError::client("WAFAssociatedItemException", message));
    }
    waf.web_acls.remove(&arn);
    Ok(json!({}))
}

/// A resource has one web ACL: another one replaces it.
fn associate(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource = checked_resource(scope, input)?;
    let arn = text(input, "WebACLArn").unwrap_or_default().to_owned();
    if !scope.region.wafv2.web_acls.contains_key(&arn) {
        return Err(nonexistent());
    }
    scope.region.wafv2.associations.insert(resource, arn);
    Ok(json!({}))
}

/// The load balancer that the input names.
fn checked_resource(scope: &Scope<'_>, input: &Value) -> Result<String, ApiError> {
    let arn = text(input, "ResourceArn").unwrap_or_default();
    if !arn.contains(":loadbalancer/app/") {
        return Err(invalid("Error reason: The ARN isn't valid., field: RESOURCE_ARN"));
    }
    let balancer = scope.region.elbv2.load_balancers.get(arn);
    balancer.map(|balancer| balancer.arn.clone()).ok_or_else(nonexistent)
}

fn detail(acl: &WebAcl) -> Value {
    json!({
        "Name": acl.name,
        "Id": acl.id,
        "ARN": acl.arn,
        "Description": acl.description,
        "DefaultAction": acl.settings["DefaultAction"],
        "Rules": list(&acl.settings, "Rules"),
        "VisibilityConfig": acl.settings["VisibilityConfig"],
        "Capacity": 0,
        "ManagedByFirewallManager": false,
    })
}

fn summary(acl: &WebAcl) -> Value {
    json!({
        "Name": acl.name,
        "Id": acl.id,
        "Description": acl.description,
        "LockToken": lock_token(acl),
        "ARN": acl.arn,
    })
}

/// Web ACLs of the sandbox never change, so that each keeps its first token.
fn lock_token(acl: &WebAcl) -> String {
    acl.id.clone()
}

fn nonexistent() -> ApiError {
    let message = "AWS WAF couldn't perform the operation because your resource doesn't exist. If you've just \
                   created a resource that you're using in this operation, you might just need to wait a few \
                   minutes. It can take from a few seconds to a number of minutes for changes to propagate.";
    ApiError::client("WAFNonexistentItemException", message)
}

fn invalid(message: &str) -> ApiError {
    ApiError::client("WAFInvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::elbv2::LoadBalancer;
    use crate::sandbox::world::testing::Caller;

    const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/lb/1";

    fn with_acl() -> (Caller, String, Value) {
        let mut waf = Caller::of(Service::Wafv2);
        waf.arrange(|scope| {
            let balancer = LoadBalancer { arn: BALANCER.into(), ..LoadBalancer::default() };
            scope.region.elbv2.load_balancers.insert(BALANCER.into(), balancer);
        });
        let input = json!({"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}},
            "VisibilityConfig": {"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m"}});
        let made = waf.call("CreateWebACL", input.clone()).unwrap();
        assert_eq!(waf.refusal("CreateWebACL", input), "WAFDuplicateItemException");
        (waf, made["Summary"]["ARN"].as_str().unwrap().to_owned(), made["Summary"].clone())
    }

    #[test]
    fn a_load_balancer_gets_and_gives_up_its_web_acl() {
        let (mut waf, acl, summary) = with_acl();
        let resource = json!({"ResourceArn": BALANCER});
        assert_eq!(waf.call("GetWebACLForResource", resource.clone()).unwrap()["WebACL"], Value::Null);
        waf.call("AssociateWebACL", json!({"ResourceArn": BALANCER, "WebACLArn": acl})).unwrap();
        assert_eq!(waf.call("GetWebACLForResource", resource.clone()).unwrap()["WebACL"]["ARN"], json!(acl));
        let delete = json!({"Id": summary["Id"], "Name": "acl", "Scope": "REGIONAL", "LockToken": summary["LockToken"]});
        assert_eq!(waf.refusal("DeleteWebACL", delete.clone()), "WAFAssociatedItemException");
        waf.call("DisassociateWebACL", resource).unwrap();
        waf.call("DeleteWebACL", delete.clone()).unwrap();
        assert_eq!(waf.refusal("DeleteWebACL", delete), "WAFNonexistentItemException");
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        let (mut waf, acl, _) = with_acl();
        let missing_acl = json!({"ResourceArn": BALANCER, "WebACLArn": format!("{acl}0")});
        assert_eq!(waf.refusal("AssociateWebACL", missing_acl), "WAFNonexistentItemException");
        let missing_balancer = json!({"ResourceArn": format!("{BALANCER}0"), "WebACLArn": acl});
        assert_eq!(waf.refusal("AssociateWebACL", missing_balancer), "WAFNonexistentItemException");
        let other_kind = json!({"ResourceArn": "arn:aws:s3:::b", "WebACLArn": acl});
        assert_eq!(waf.refusal("AssociateWebACL", other_kind), "WAFInvalidParameterException");
    }
}
