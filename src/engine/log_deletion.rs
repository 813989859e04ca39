//! The log groups of a service that is gone, where its configuration says that they go with it.

use crate::aws::logs::Logs;
use crate::engine::retry::retrying;
use crate::engine::{Bounds, Remains};
use crate::service::{ObjectNames, ServiceArn};

/// Deletes the log groups that were made for the service, and leaves those that its user named. The service is gone by
/// then, so what AWS refuses is said with what remains, and fails nothing.
pub(crate) async fn delete_logs(
    logs: &Logs,
    bounds: &Bounds,
    arn: &ServiceArn,
    mut remains: Remains,
) -> Remains {
    for group_arn in std::mem::take(&mut remains.log_group_arns) {
        let name = group_arn.rsplit(":log-group:").next().unwrap_or_default().trim_end_matches(":*");
        if !is_made_for(arn, name) {
            remains.log_group_arns.push(group_arn);
            continue;
        }
        match retrying(bounds, || logs.delete_log_group(name)).await {
            Ok(()) => tracing::info!(log_group = name, "log group deleted"),
            Err(error) => remains.others.push(format!(
                "log group {name}: `delete_logs_on_destroy` is set, but it could not be deleted: {error}: aws logs \
                 delete-log-group --log-group-name {name}"
            )),
        }
    }
    remains
}

/// Whether an engine made a log group for the service: the composed one under the service's name, Express Mode with four
/// hexadecimal digits behind it (facts, express section 2.1).
fn is_made_for(arn: &ServiceArn, name: &str) -> bool {
    let made_by_express = name
        .strip_prefix(&format!("/aws/ecs/{}/{}-", arn.cluster(), arn.name()))
        .is_some_and(|rest| rest.len() == 4 && rest.chars().all(|digit| digit.is_ascii_hexdigit()));
    made_by_express || name == ObjectNames::new(arn.clone()).log_group()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_for_the_service_goes_with_it() {
        let arn: ServiceArn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid");
        assert!(is_made_for(&arn, "/aws/ecs/prod/api-1a2b"));
        assert!(is_made_for(&arn, &ObjectNames::new(arn.clone()).log_group()));
        for others in
            ["/aws/ecs/prod/api-gateway", "/aws/ecs/prod/api-1a2b3", "/ecs/mine", "/aws/ecs/other/api-1a2b"]
        {
            assert!(!is_made_for(&arn, others), "{others}");
        }
    }
}
