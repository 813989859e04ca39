//! `rule_hosts`: new host names on the service's rule, beside those that it has.

use super::super::ground::{Ground, found};
use super::super::handover::{Tried, once_free};
use super::super::pool::PoolError;
use super::pool::find_rival;
use crate::aws::elbv2::{Condition, Rule};
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// The rule takes requests for every wanted host name, and still for the old ones. Its actions, and with them the weights
/// that ECS sets, are not touched.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let rule = find_live_rule(ground).await?;
    let hosts = ground.blueprint.hosts();
    let missing = hosts.iter().filter(|host| !has_host(&rule, host)).cloned().collect::<Vec<_>>();
    if missing.is_empty() {
        return Ok(());
    }
    wait_until_free(ground, &missing).await?;
    // Meanwhile others may have changed the rule.
    let rule = find_live_rule(ground).await?;
    let missing = missing.into_iter().filter(|host| !has_host(&rule, host)).collect::<Vec<_>>();
    let all = rule.host_names().map(str::to_owned).chain(missing).collect();
    put_hosts(ground, &rule, all).await
}

/// No other service of the pool has one of these host names. Two rules with one name would both seem to work, and one of
/// them would get the traffic.
async fn wait_until_free(ground: &Ground, hosts: &[String]) -> Result<(), EngineError> {
    once_free(ground, || async {
        Ok(match find_rival(ground, hosts.to_vec()).await? {
            Some(rule_arn) => Tried::Taken(PoolError::HostTaken { rule_arn }.into()),
            None => Tried::Done(()),
        })
    })
    .await
}

/// The service's rule as it is now: conditions are replaced as a whole, so a stale copy would lose what others added.
pub(super) async fn find_live_rule(ground: &Ground) -> Result<Rule, EngineError> {
    let arn = &found(&ground.findings.joined)?.rule_arn;
    let rule = retrying(&ground.bounds, || ground.apis.elbv2.find_rule(arn)).await?;
    rule.ok_or_else(|| EngineError::Missing { what: format!("listener rule `{arn}`") })
}

fn has_host(rule: &Rule, host: &str) -> bool {
    rule.host_names().any(|name| name.eq_ignore_ascii_case(host))
}

/// Replaces the host names; other conditions stay.
pub(super) async fn put_hosts(ground: &Ground, rule: &Rule, hosts: Vec<String>) -> Result<(), EngineError> {
    let conditions = with_hosts(rule.conditions.clone(), hosts);
    let elbv2 = &ground.apis.elbv2;
    retrying(&ground.bounds, || elbv2.modify_rule_conditions(&rule.arn, &conditions)).await
}

fn with_hosts(mut conditions: Vec<Condition>, hosts: Vec<String>) -> Vec<Condition> {
    let place = conditions.iter().position(|condition| matches!(condition, Condition::HostHeader(_)));
    match place.map(|index| &mut conditions[index]) {
        Some(Condition::HostHeader(values)) => values.texts = hosts,
        _ => conditions.push(Condition::hosts(hosts)),
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_change_and_other_conditions_stay() {
        let source = Condition::SourceIp(vec!["10.0.0.0/8".to_owned()]);
        let conditions = vec![source.clone(), Condition::hosts(["old.example.com"])];
        let changed = with_hosts(conditions, vec!["new.example.com".to_owned()]);
        assert_eq!(changed, [source, Condition::hosts(["new.example.com"])]);
    }
}
