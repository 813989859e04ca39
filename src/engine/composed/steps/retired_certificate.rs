//! `retired_certificate`: a certificate that another one replaced leaves the listener, and ACM if it was ours.

use super::super::composition::list_own_certificates;
use super::super::ground::{Ground, found};
use crate::aws::acm::name_covers;
use crate::aws::elbv2::Rule;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// The old certificate is off the listener; without a domain there is none that serves. One that the user gave stays
/// there as long as it serves a host name of another service. Ours are deleted, all but the one that serves now.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let serving = ground.findings.certificate_arn.get().filter(|_| ground.blueprint.is_https());
    let joined = found(&ground.findings.joined)?;
    let mut retired: Vec<_> = ground.existing.certificate.iter().cloned().collect();
    let hosts = [ground.blueprint.hosts(), &ground.change.retired_hosts].concat();
    let find = || list_own_certificates(&ground.apis, &ground.blueprint.names, &hosts);
    let own = retrying(&ground.bounds, find).await?;
    retired.extend(
        own.into_iter().filter(|own| retired.iter().all(|known| known.arn != own.arn)).collect::<Vec<_>>(),
    );
    retired.retain(|certificate| Some(&certificate.arn) != serving);
    for certificate in &retired {
        if !certificate.is_ours {
            let elbv2 = &ground.apis.elbv2;
            let rules = retrying(&ground.bounds, || elbv2.list_rules(&joined.listener_arn)).await?;
            if is_needed_by_others(&certificate.names, &rules, &joined.rule_arn) {
                continue;
            }
        }
        ground.apis.pools.undo_certificate(joined, &certificate.arn).await?;
        if certificate.is_ours {
            retrying(&ground.bounds, || ground.apis.acm.delete_certificate(&certificate.arn)).await?;
        }
    }
    Ok(())
}

/// Whether a certificate of these names serves a host name of another service.
pub(super) fn is_needed_by_others(names: &[String], rules: &[Rule], own_rule_arn: &str) -> bool {
    let others = rules.iter().filter(|rule| rule.arn != own_rule_arn);
    others.flat_map(Rule::host_names).any(|host| names.iter().any(|name| name_covers(name, host)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::elbv2::Condition;

    #[test]
    fn a_certificate_that_serves_a_neighbour_is_needed() {
        let rule = |arn: &str, host: &str| Rule {
            arn: arn.to_owned(),
            conditions: vec![Condition::hosts([host])],
            ..Rule::default()
        };
        let rules = [rule("own", "api.example.com"), rule("other", "web.example.com")];
        assert!(is_needed_by_others(&["*.example.com".to_owned()], &rules, "own"));
        assert!(!is_needed_by_others(&["api.example.com".to_owned()], &rules, "own"));
    }
}
