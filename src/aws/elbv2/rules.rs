//! `DescribeRules`, `DescribeTargetGroups`.

use aws_sdk_elasticloadbalancingv2::types;

use super::{Elbv2, SERVICE};
use crate::aws::AwsError;

/// Pages of rules that are read at the most: a listener has 100 rules by default, 400 to a page.
const PAGE_LIMIT: usize = 10;

/// A listener rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) is_default: bool,
    /// Where a forward action sends requests.
    pub(crate) target_groups: Vec<TargetGroupWeight>,
}

/// A target group's share of a rule's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetGroupWeight {
    pub(crate) target_group_arn: String,
    pub(crate) weight: i32,
}

impl Elbv2 {
    /// One rule; `None`: it does not exist.
    pub(crate) async fn find_rule(&self, rule_arn: &str) -> Result<Option<Rule>, AwsError> {
        let result = self.clients.elbv2().describe_rules().rule_arns(rule_arn).send().await;
        match result.map_err(|error| AwsError::from_sdk(SERVICE, "DescribeRules", error)) {
            Ok(output) => Ok(output.rules().iter().find_map(from_output)),
            Err(error) if error.has_code("RuleNotFound") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All rules of a listener; none if it does not exist.
    pub(crate) async fn list_rules(&self, listener_arn: &str) -> Result<Vec<Rule>, AwsError> {
        let mut rules = Vec::new();
        let mut marker = None;
        for _ in 0..PAGE_LIMIT {
            let request = self.clients.elbv2().describe_rules().listener_arn(listener_arn).set_marker(marker);
            let result = request.send().await;
            let output = match result.map_err(|error| AwsError::from_sdk(SERVICE, "DescribeRules", error)) {
                Ok(output) => output,
                Err(error)
                    if error.has_code("ListenerNotFound") || error.has_code("LoadBalancerNotFound") =>
                {
                    return Ok(rules);
                }
                Err(error) => return Err(error),
            };
            rules.extend(output.rules().iter().filter_map(from_output));
            marker = output.next_marker;
            if marker.is_none() {
                break;
            }
        }
        Ok(rules)
    }

    /// Whether a target group exists.
    pub(crate) async fn is_target_group_there(&self, target_group_arn: &str) -> Result<bool, AwsError> {
        let request = self.clients.elbv2().describe_target_groups().target_group_arns(target_group_arn);
        let result = request.send().await;
        match result.map_err(|error| AwsError::from_sdk(SERVICE, "DescribeTargetGroups", error)) {
            Ok(output) => Ok(!output.target_groups().is_empty()),
            Err(error) if error.has_code("TargetGroupNotFound") => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn from_output(output: &types::Rule) -> Option<Rule> {
    let forwards = output.actions().iter().filter_map(|action| action.forward_config.as_ref());
    let target_groups = forwards
        .flat_map(types::ForwardActionConfig::target_groups)
        .filter_map(|group| {
            Some(TargetGroupWeight {
                target_group_arn: group.target_group_arn.clone()?,
                weight: group.weight.unwrap_or_default(),
            })
        })
        .collect();
    Some(Rule {
        arn: output.rule_arn.clone()?,
        is_default: output.is_default.unwrap_or(false),
        target_groups,
    })
}
