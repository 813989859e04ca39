//! Links into the AWS console.

use std::fmt::Write as _;

use super::arn::Arn;
use super::observed::ManagedKind;

/// The console page of a resource; `None` where there is no stable link.
///
/// The paths are those of the console in 2026; AWS does not promise them.
pub fn console_url(kind: ManagedKind, arn: &str) -> Option<String> {
    let arn: Arn = arn.parse().ok()?;
    let region = arn.region();
    let host = console_host(arn.partition(), region)?;
    let page = match kind {
        ManagedKind::Cluster => format!("ecs/v2/clusters/{}/services?region={region}", arn.resource_id()),
        ManagedKind::Service => {
            let (cluster, name) = arn.resource().strip_prefix("service/")?.split_once('/')?;
            format!("ecs/v2/clusters/{cluster}/services/{name}/health?region={region}")
        }
        ManagedKind::TaskDefinition => {
            let (family, revision) = arn.resource().strip_prefix("task-definition/")?.split_once(':')?;
            format!("ecs/v2/task-definitions/{family}/{revision}/containers?region={region}")
        }
        ManagedKind::LoadBalancer => {
            format!("ec2/home?region={region}#LoadBalancer:loadBalancerArn={}", arn.as_str())
        }
        ManagedKind::Listener => {
            format!("ec2/home?region={region}#ELBListenerV2:listenerArn={}", arn.as_str())
        }
        ManagedKind::ListenerRule => {
            format!("ec2/home?region={region}#ListenerRuleDetails:ruleArn={}", arn.as_str())
        }
        ManagedKind::TargetGroup => {
            format!("ec2/home?region={region}#TargetGroup:targetGroupArn={}", arn.as_str())
        }
        ManagedKind::LoadBalancerSecurityGroup | ManagedKind::ServiceSecurityGroup => {
            format!("ec2/home?region={region}#SecurityGroup:groupId={}", arn.resource_id())
        }
        ManagedKind::Certificate => format!("acm/home?region={region}#/certificates/{}", arn.resource_id()),
        ManagedKind::MetricAlarm => {
            let name = arn.resource().strip_prefix("alarm:")?;
            format!("cloudwatch/home?region={region}#alarmsV2:alarm/{}", encode(name))
        }
        ManagedKind::LogGroup => {
            let name = arn.resource().strip_prefix("log-group:")?.trim_end_matches(":*");
            // The console escapes twice, with `$` in place of `%`.
            let escaped = encode(&encode(name)).replace('%', "$");
            format!("cloudwatch/home?region={region}#logsV2:log-groups/log-group/{escaped}")
        }
        ManagedKind::ScalableTarget
        | ManagedKind::ScalingPolicy
        | ManagedKind::ListenerCertificate
        | ManagedKind::ValidationRecord
        | ManagedKind::AliasRecord
        | ManagedKind::WebAcl
        | ManagedKind::IngressPermission => return None,
    };
    Some(format!("https://{host}/{page}"))
}

/// Beginnings of ARNs by service and resource, and what such a resource is.
const KINDS: [(&str, &str, ManagedKind); 11] = [
    ("ecs", "cluster/", ManagedKind::Cluster),
    ("ecs", "service/", ManagedKind::Service),
    ("ecs", "task-definition/", ManagedKind::TaskDefinition),
    ("elasticloadbalancing", "loadbalancer/", ManagedKind::LoadBalancer),
    ("elasticloadbalancing", "listener/", ManagedKind::Listener),
    ("elasticloadbalancing", "listener-rule/", ManagedKind::ListenerRule),
    ("elasticloadbalancing", "targetgroup/", ManagedKind::TargetGroup),
    ("ec2", "security-group/", ManagedKind::ServiceSecurityGroup),
    ("acm", "certificate/", ManagedKind::Certificate),
    ("cloudwatch", "alarm:", ManagedKind::MetricAlarm),
    ("logs", "log-group:", ManagedKind::LogGroup),
];

/// What kind of resource an ARN names, as far as its console page goes; `None`: none that has a page here.
pub fn kind_of_arn(arn: &Arn) -> Option<ManagedKind> {
    let is_named = |(service, beginning, _): &&(&str, &str, ManagedKind)| {
        arn.service() == *service && arn.resource().starts_with(beginning)
    };
    KINDS.iter().find(is_named).map(|(_, _, kind)| *kind)
}

fn console_host(partition: &str, region: &str) -> Option<String> {
    let domain = match partition {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    Some(format!("{region}.{domain}"))
}

/// Percent-encodes everything but unreserved characters.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_links_to_its_health_page() {
        let url = console_url(ManagedKind::Service, "arn:aws:ecs:eu-west-1:123456789012:service/prod/api");
        assert_eq!(
            url.as_deref(),
            Some(
                "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/api/health?region=eu-west-1"
            )
        );
    }

    #[test]
    fn a_log_group_is_escaped_as_the_console_wants_it() {
        let url = console_url(ManagedKind::LogGroup, "arn:aws:logs:eu-west-1:1:log-group:/aws/ecs/api:*");
        let expected = "#logsV2:log-groups/log-group/$252Faws$252Fecs$252Fapi";
        assert!(url.as_deref().is_some_and(|url| url.ends_with(expected)), "{url:?}");
    }

    #[test]
    fn there_is_no_link_where_the_console_has_no_page_or_the_partition_is_unknown() {
        assert_eq!(
            console_url(ManagedKind::ScalingPolicy, "arn:aws:autoscaling:eu-west-1:1:scalingPolicy:x"),
            None
        );
        assert_eq!(console_url(ManagedKind::Service, "arn:aws-x:ecs:r:1:service/a/b"), None);
    }

    #[test]
    fn every_kind_that_an_arn_names_has_a_page() {
        for (service, beginning, kind) in KINDS {
            let arn: Arn = format!("arn:aws:{service}:eu-west-1:1:{beginning}a/b:1").parse().expect("valid");
            assert_eq!(kind_of_arn(&arn), Some(kind));
            assert!(console_url(kind, arn.as_str()).is_some(), "{arn}");
        }
        let queue: Arn = "arn:aws:sqs:eu-west-1:1:queue".parse().expect("valid");
        assert_eq!(kind_of_arn(&queue), None);
    }
}
