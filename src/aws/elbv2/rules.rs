//! `CreateRule`, `DescribeRules`, `ModifyRule`, `DeleteRule`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_elasticloadbalancingv2::types;

use super::describe_each::describe_each;
use super::{Action, Condition, Elbv2, TargetGroupWeight, from_sdk, nothing_made, tags};
use crate::aws::{AwsError, Clients};

/// Pages of rules that are read at the most: a listener has 100 rules by default, 400 to a page.
const PAGE_LIMIT: usize = 10;

/// How ELBv2 says that a rule does not exist.
const NOT_FOUND: &str = "RuleNotFound";

/// What a rule is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInput {
    /// Its listener.
    pub listener_arn: String,
    /// 1 to 50000, unique on the listener: the one compare-and-swap of ELBv2 (composition section 3.1).
    pub priority: u32,
    /// All of which a request has to meet.
    pub conditions: Vec<Condition>,
    /// What happens to those requests.
    pub action: Action,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// A listener rule as AWS describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// `arn:...:listener-rule/app/<load balancer>/<id>/<listener>/<id>`: a rule that is made anew has another one.
    pub arn: String,
    /// Whether it is the listener's default, which cannot be deleted.
    pub is_default: bool,
    /// Lower numbers come first; `None` for the default rule.
    pub priority: Option<u32>,
    /// All of which a request has to meet.
    pub conditions: Vec<Condition>,
    /// What happens to those requests.
    pub actions: Vec<Action>,
}

impl Rule {
    /// Where its forward actions send requests.
    pub fn target_groups(&self) -> impl Iterator<Item = &TargetGroupWeight> {
        self.actions.iter().flat_map(Action::target_groups)
    }

    /// The host names that it takes requests for.
    pub fn host_names(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().flat_map(Condition::host_names).map(String::as_str)
    }
}

impl Elbv2 {
    /// Makes a rule. `PriorityInUse`: another rule has the priority, which may be an earlier attempt of the same call.
    pub async fn create_rule(&self, input: &RuleInput) -> Result<Rule, AwsError> {
        let request = self
            .clients
            .elbv2()
            .create_rule()
            .listener_arn(&input.listener_arn)
            .priority(i32::try_from(input.priority).unwrap_or(i32::MAX))
            .set_conditions(Some(input.conditions.iter().map(Condition::to_input).collect()))
            .actions(input.action.to_input())
            .set_tags(tags::to_input(&input.tags));
        let output = request.send().await.map_err(from_sdk("CreateRule"))?;
        output.rules().first().and_then(from_output).ok_or_else(|| nothing_made("CreateRule"))
    }

    /// One rule, read together with those that others ask for; `None`: it does not exist.
    pub async fn find_rule(&self, rule_arn: &str) -> Result<Option<Rule>, AwsError> {
        self.rules.find(&rule_arn.to_owned()).await
    }

    /// All rules of a listener; none if it does not exist.
    pub async fn list_rules(&self, listener_arn: &str) -> Result<Vec<Rule>, AwsError> {
        let mut rules = Vec::new();
        let mut marker = None;
        for _ in 0..PAGE_LIMIT {
            let request = self.clients.elbv2().describe_rules().listener_arn(listener_arn).set_marker(marker);
            let result = request.send().await.map_err(from_sdk("DescribeRules"));
            let codes = ["ListenerNotFound", "LoadBalancerNotFound"];
            let Some(output) = AwsError::optional(result, &codes)? else { return Ok(Vec::new()) };
            rules.extend(output.rules().iter().filter_map(from_output));
            marker = output.next_marker;
            if marker.is_none() {
                break;
            }
        }
        Ok(rules)
    }

    /// Replaces a rule's conditions; its actions, and with them the weights that ECS sets, stay.
    pub async fn modify_rule_conditions(
        &self,
        rule_arn: &str,
        conditions: &[Condition],
    ) -> Result<(), AwsError> {
        let conditions = conditions.iter().map(Condition::to_input).collect();
        let request = self.clients.elbv2().modify_rule().rule_arn(rule_arn);
        let result = request.set_conditions(Some(conditions)).send().await;
        result.map(drop).map_err(from_sdk("ModifyRule"))
    }

    /// Replaces a rule's actions; its conditions stay.
    pub async fn modify_rule_action(&self, rule_arn: &str, action: &Action) -> Result<(), AwsError> {
        let request = self.clients.elbv2().modify_rule().rule_arn(rule_arn);
        let result = request.actions(action.to_input()).send().await;
        result.map(drop).map_err(from_sdk("ModifyRule"))
    }

    /// Deletes exactly this incarnation of a rule.
    pub async fn delete_rule(&self, rule_arn: &str) -> Result<(), AwsError> {
        let request = self.clients.elbv2().delete_rule().rule_arn(rule_arn);
        let result = request.send().await.map_err(from_sdk("DeleteRule"));
        AwsError::optional(result, &[NOT_FOUND])?;
        Ok(())
    }
}

pub(super) async fn describe_rules(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, Rule>, AwsError> {
    describe_each(arns, NOT_FOUND, async |arns| {
        let request = clients.elbv2().describe_rules().set_rule_arns(Some(arns));
        let output = request.send().await.map_err(from_sdk("DescribeRules"))?;
        let rules = output.rules().iter().filter_map(from_output);
        Ok(rules.map(|rule| (rule.arn.clone(), rule)).collect())
    })
    .await
}

fn from_output(output: &types::Rule) -> Option<Rule> {
    Some(Rule {
        arn: output.rule_arn.clone()?,
        is_default: output.is_default.unwrap_or(false),
        priority: output.priority().and_then(|priority| priority.parse().ok()),
        conditions: output.conditions().iter().map(Condition::from_output).collect(),
        actions: output.actions().iter().map(Action::from_output).collect(),
    })
}
