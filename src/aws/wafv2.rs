//! AWS WAF v2 as this provider uses it: the web ACL of a load balancer.
//!
//! `WAFNonexistentItemException` (the web ACL or the load balancer does not exist, or is not known to WAF yet) and
//! `WAFUnavailableEntityException` reach the caller as errors; they pass by themselves within minutes of a creation.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};

const WAFV2: JsonService = JsonService {
    name: "WAF",
    signing_name: "wafv2",
    host_prefix: "wafv2",
    endpoint_name: "wafv2",
    sdk_id: "wafv2",
    target_prefix: "AWSWAF_20190729",
    version: "1.1",
};

/// The WAF v2 API of one region.
pub struct Wafv2 {
    client: JsonClient,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GetWebAclForResourceOutput {
    #[serde(rename = "WebACL")]
    web_acl: Option<WebAclItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WebAclItem {
    #[serde(rename = "ARN")]
    arn: String,
}

impl Wafv2 {
    /// The API through these clients' configuration.
    pub fn new(clients: Clients) -> Self {
        Self { client: JsonClient::new(clients, WAFV2) }
    }

    /// Whether a regional web ACL exists. One whose ARN cannot be read is taken for one that does.
    pub async fn is_web_acl_there(&self, web_acl_arn: &str) -> Result<bool, AwsError> {
        let named = web_acl_arn.split_once(":regional/webacl/").and_then(|(_, rest)| rest.split_once('/'));
        let Some((name, id)) = named else { return Ok(true) };
        let input = json!({"Name": name, "Id": id, "Scope": "REGIONAL"});
        let result = self.client.call::<Value>("GetWebACL", &input).await;
        Ok(AwsError::optional(result, &["WAFNonexistentItemException"])?.is_some())
    }

    /// Puts a load balancer behind a web ACL; another one that it had goes.
    pub async fn associate_web_acl(&self, web_acl_arn: &str, resource_arn: &str) -> Result<(), AwsError> {
        let input = json!({"WebACLArn": web_acl_arn, "ResourceArn": resource_arn});
        self.client.call::<Value>("AssociateWebACL", &input).await.map(drop)
    }

    /// Takes a load balancer from behind its web ACL. It may have none, or be gone.
    pub async fn disassociate_web_acl(&self, resource_arn: &str) -> Result<(), AwsError> {
        let input = json!({"ResourceArn": resource_arn});
        let result = self.client.call::<Value>("DisassociateWebACL", &input).await;
        AwsError::optional(result, &["WAFNonexistentItemException"])?;
        Ok(())
    }

    /// ARN of the web ACL that a load balancer is behind; `None`: it has none, or does not exist.
    pub async fn find_web_acl(&self, resource_arn: &str) -> Result<Option<String>, AwsError> {
        let input = json!({"ResourceArn": resource_arn});
        let result = self.client.call("GetWebACLForResource", &input).await;
        let output: Option<GetWebAclForResourceOutput> =
            AwsError::optional(result, &["WAFNonexistentItemException"])?;
        Ok(output.and_then(|output| output.web_acl).map(|acl| acl.arn))
    }
}

impl std::fmt::Debug for Wafv2 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wafv2")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::elbv2::{Elbv2, LoadBalancerInput, Scheme};
    use crate::aws::testing::{FakeAws, sandbox_clients};

    #[tokio::test]
    async fn a_load_balancer_gets_a_web_acl_and_loses_it() {
        let (_, clients) = sandbox_clients().await;
        let subnets = crate::aws::ec2::Ec2::new(clients.clone());
        let vpc = subnets.find_default_vpc().await.expect("answered").expect("a default VPC");
        let subnets = subnets.list_default_subnets(&vpc).await.expect("answered");
        let input = LoadBalancerInput {
            name: "lb".to_owned(),
            scheme: Scheme::Internal,
            subnet_ids: subnets.into_iter().map(|subnet| subnet.id).collect(),
            security_group_ids: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        };
        let balancer = Elbv2::new(clients.clone()).create_load_balancer(&input).await.expect("made");
        let waf = Wafv2::new(clients);
        assert_eq!(waf.find_web_acl(&balancer.arn).await, Ok(None));
        assert_eq!(waf.find_web_acl(&format!("{}0", balancer.arn)).await, Ok(None));
        let settings = json!({"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}},
            "VisibilityConfig": {"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m"}});
        let made: Value = waf.client.call("CreateWebACL", &settings).await.expect("made");
        let acl = made["Summary"]["ARN"].as_str().expect("an ARN");
        waf.associate_web_acl(acl, &balancer.arn).await.expect("associated");
        assert_eq!(waf.find_web_acl(&balancer.arn).await, Ok(Some(acl.to_owned())));
        let refused = waf.associate_web_acl(&format!("{acl}0"), &balancer.arn).await.expect_err("refused");
        assert!(refused.has_code("WAFNonexistentItemException"));
        assert_eq!(waf.is_web_acl_there(acl).await, Ok(true));
        assert_eq!(waf.is_web_acl_there(&format!("{acl}0")).await, Ok(false));
        for _ in 0..2 {
            waf.disassociate_web_acl(&balancer.arn).await.expect("taken away");
        }
        assert_eq!(waf.find_web_acl(&balancer.arn).await, Ok(None));
    }

    #[tokio::test]
    async fn a_call_is_signed_for_waf_in_its_region() {
        let aws = FakeAws::answering(|_| crate::aws::testing::Answer::Http(200, "{}".to_owned()));
        let waf = Wafv2::new(aws.clients().await);
        waf.associate_web_acl("acl", "lb").await.expect("answered");
        let seen = aws.seen();
        assert_eq!(seen[0].uri, "https://wafv2.eu-west-1.amazonaws.com/");
        assert!(seen[0].authorization.contains("/eu-west-1/wafv2/aws4_request"));
    }
}
