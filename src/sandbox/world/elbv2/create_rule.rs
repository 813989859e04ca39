//! `CreateRule` and `SetRulePriorities`: the priority is what a listener's rules compete for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Rule, actions, conditions, not_found, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, tag_list};

/// Rules of a load balancer beside the default ones (an ELB quota).
const MAX_RULES: usize = 100;
/// Highest priority.
const MAX_PRIORITY: u64 = 50_000;

/// `CreateRule`. Not idempotent: a rule of the same settings holds its priority like any other.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let listener_arn = text(input, "ListenerArn").unwrap_or_default();
    let elbv2 = &scope.region.elbv2;
    let listener = elbv2.listeners.get(listener_arn).ok_or_else(|| not_found("listener"))?;
    let priority = checked_priority(&input["Priority"])?;
    let conditions = conditions::checked(list(input, "Conditions"))?;
    let load_balancer_arn = &listener.load_balancer_arn;
    let actions = actions::checked(list(input, "Actions"), load_balancer_arn, elbv2)?;
    if elbv2.rules.values().any(|rule| rule.listener_arn == listener_arn && rule.priority == priority) {
        return Err(in_use(priority));
    }
    let is_on_balancer = |rule: &&Rule| {
        elbv2.listeners.get(&rule.listener_arn).is_some_and(|it| it.load_balancer_arn == *load_balancer_arn)
    };
    if elbv2.rules.values().filter(is_on_balancer).count() >= MAX_RULES {
        let message = "The maximum number of rules on this load balancer has been reached";
        return Err(ApiError::client("TooManyRules", message));
    }
    let id = scope.ids.hex(16);
    let rule = Rule {
        arn: format!("{}/{id}", listener_arn.replacen(":listener/", ":listener-rule/", 1)),
        listener_arn: listener_arn.to_owned(),
        priority,
        conditions,
        forward: actions.forward,
        stickiness_seconds: actions.stickiness_seconds,
        other_actions: actions.others,
        tags: tag_list::from_list(list(input, "Tags")),
    };
    let answer = json!({"Rules": [output::rule(&rule)]});
    scope.region.elbv2.rules.insert(rule.arn.clone(), rule);
    Ok(answer)
}

/// `SetRulePriorities`: of all of the rules, or of none.
pub(super) fn set_priorities(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let mut asked = BTreeMap::new();
    for pair in list(input, "RulePriorities") {
        let arn = text(pair, "RuleArn").unwrap_or_default();
        let rule = elbv2.rules.get(arn).ok_or_else(|| not_found("rule"))?;
        asked.insert(rule.arn.clone(), checked_priority(&pair["Priority"])?);
    }
    for (arn, priority) in &asked {
        let listener_arn = &elbv2.rules[arn].listener_arn;
        let is_taken = |other: &Rule| {
            let priority_then = asked.get(&other.arn).copied().unwrap_or(other.priority);
            other.arn != *arn && other.listener_arn == *listener_arn && priority_then == *priority
        };
        if elbv2.rules.values().any(is_taken) {
            return Err(in_use(*priority));
        }
    }
    let mut described = Vec::new();
    for (arn, priority) in asked {
        if let Some(rule) = elbv2.rules.get_mut(&arn) {
            rule.priority = priority;
            described.push(output::rule(rule));
        }
    }
    Ok(json!({"Rules": described}))
}

fn checked_priority(priority: &Value) -> Result<u32, ApiError> {
    let within = priority.as_u64().filter(|priority| (1..=MAX_PRIORITY).contains(priority));
    within.and_then(|priority| u32::try_from(priority).ok()).ok_or_else(|| {
        validation(format!("Priority '{priority}' is not valid: it must be between 1 and {MAX_PRIORITY}"))
    })
}

fn in_use(priority: u32) -> ApiError {
    ApiError::client("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}
