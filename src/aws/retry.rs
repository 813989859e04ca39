//! Refusals that pass by themselves: which message, how long, why.
//!
//! Throttling, timeouts and server errors are the SDK's to retry. This table is for AWS's eventual consistency,
//! and never holds a real denial.

use std::time::Duration;

use crate::aws::AwsError;

/// One refusal that passes by itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RetryRule {
    /// What it is called in logs.
    pub(crate) name: &'static str,
    /// Operations that it is a refusal of; empty: any.
    operations: &'static [&'static str],
    /// Error codes, any of which it has.
    codes: &'static [&'static str],
    /// Parts of the message, any of which it has (compared without case).
    fragments: &'static [&'static str],
    /// What it says besides.
    also: &'static str,
    /// How long it may last.
    pub(crate) window: Duration,
    /// Why it passes, with the source.
    pub(crate) reason: &'static str,
    /// Whether it passes within seconds as a rule: what was just made shows.
    pub(crate) is_brief: bool,
}

const MINUTE_SECONDS: u64 = 60;

/// The rule of roles that AWS cannot assume yet.
pub(crate) const ROLE_PROPAGATION: &str = "role_propagation";

/// Facts, express section 1.4 and pain A1-24 to A1-27; composition sections 2.2 and 9.
pub(crate) static RETRY_RULES: [RetryRule; 19] = [
    RetryRule {
        name: ROLE_PROPAGATION,
        operations: &[],
        codes: &["AccessDeniedException", "InvalidParameterException", "ClientException"],
        fragments: &[
            "cannot assume role",
            "is not authorized to perform: sts:assumerole",
            "was not able to validate the provided access credentials",
            "unable to assume role",
            "role is not valid",
            "verify that the ecs service role being passed has the proper permissions",
        ],
        also: "",
        window: Duration::from_secs(3 * MINUTE_SECONDS),
        reason: "IAM takes up to two minutes to make a new role or policy known everywhere",
        is_brief: false,
    },
    RetryRule {
        name: "service_linked_role",
        operations: &[],
        codes: &[
            "InvalidParameterException",
            "ClientException",
            "ServerException",
            "FailedResourceAccessException",
        ],
        fragments: &["unable to assume the service linked role", "unable to assume iam role"],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "the first use of ECS in an account makes its service-linked role, which takes a moment",
        is_brief: false,
    },
    RetryRule {
        name: "route_propagation",
        operations: &[],
        codes: &["InvalidParameterException", "ClientException"],
        fragments: &["mixed subnet type", "mixed subnet types"],
        also: "",
        window: Duration::from_secs(3 * MINUTE_SECONDS),
        reason: "subnets that were just made look private until their route table is associated",
        is_brief: false,
    },
    RetryRule {
        name: "name_draining",
        operations: &[],
        codes: &["InvalidParameterException"],
        fragments: &["unable to start a service that is still draining"],
        also: "",
        window: Duration::from_secs(20 * MINUTE_SECONDS),
        reason: "the name is free again when the service that had it is INACTIVE",
        is_brief: false,
    },
    RetryRule {
        name: "throttling",
        operations: &[],
        codes: &[
            "ThrottlingException",
            "Throttling",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "PriorRequestNotComplete",
        ],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "too many calls at once; the SDK's own retries, where it makes any, were not enough",
        is_brief: false,
    },
    RetryRule {
        name: "load_balancer_association",
        operations: &["CreateService"],
        codes: &["InvalidParameterException"],
        fragments: &["does not have an associated load balancer"],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "ECS learns of a new listener rule some seconds after Elastic Load Balancing",
        is_brief: true,
    },
    RetryRule {
        name: "cluster_appears",
        operations: &["CreateService"],
        codes: &["ClusterNotFoundException"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "a cluster that was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "load_balancing_appears",
        operations: &[
            "CreateRule",
            "CreateListener",
            "ModifyTargetGroup",
            "ModifyTargetGroupAttributes",
            "ModifyRule",
            "AddListenerCertificates",
            "AddTags",
            "RemoveTags",
        ],
        codes: &["TargetGroupNotFound", "ListenerNotFound", "RuleNotFound"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "what was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "load_balancer_appears",
        operations: &["CreateListener", "ModifyLoadBalancerAttributes", "AddTags", "AssociateWebACL"],
        codes: &["LoadBalancerNotFound"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(MINUTE_SECONDS),
        reason: "a load balancer that was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "load_balancing_reaches_ecs",
        operations: &["CreateService", "UpdateService"],
        codes: &["TargetGroupNotFoundException", "InvalidParameterException", "ClientException"],
        fragments: &["target group", "rules not found", "security group"],
        also: "not",
        window: Duration::from_secs(MINUTE_SECONDS),
        reason: "ECS learns of target groups, rules and security groups some seconds after they are made",
        is_brief: true,
    },
    RetryRule {
        name: "security_group_appears",
        operations: &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "CreateTags",
            "DeleteTags",
            "CreateLoadBalancer",
            "CreateService",
            "UpdateService",
        ],
        codes: &["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound", "InvalidSecurityGroup"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "a security group that was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "certificate_appears",
        operations: &["AddListenerCertificates", "CreateListener", "AddTagsToCertificate"],
        codes: &["CertificateNotFound", "UnsupportedCertificate", "ResourceNotFoundException"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "a certificate that was just made or issued reaches Elastic Load Balancing after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "log_group_appears",
        operations: &["PutRetentionPolicy"],
        codes: &["ResourceNotFoundException"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(MINUTE_SECONDS),
        reason: "a log group that was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "service_appears",
        operations: &["RegisterScalableTarget", "PutScalingPolicy", "TagResource", "UntagResource"],
        codes: &["ValidationException", "ObjectNotFoundException", "ResourceNotFoundException"],
        fragments: &["service doesn't exist", "no scalable target", "resource doesn't exist"],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "a service that was just made shows after some seconds",
        is_brief: true,
    },
    RetryRule {
        name: "concurrent_change",
        operations: &[],
        codes: &[
            "ConcurrentUpdateException",
            "OperationAbortedException",
            "ConflictException",
            "UpdateInProgressException",
        ],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(2 * MINUTE_SECONDS),
        reason: "another change of the same thing is under way",
        is_brief: false,
    },
    RetryRule {
        name: "target_group_in_use",
        operations: &["DeleteTargetGroup"],
        codes: &["ResourceInUse"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(5 * MINUTE_SECONDS),
        reason: "a target group is free some seconds after the rule that named it is gone",
        is_brief: false,
    },
    RetryRule {
        name: "certificate_in_use",
        operations: &["DeleteCertificate"],
        codes: &["ResourceInUseException"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(20 * MINUTE_SECONDS),
        reason: "ACM notices up to 20 minutes later that no load balancer serves a certificate any more",
        is_brief: false,
    },
    RetryRule {
        name: "security_group_in_use",
        operations: &["DeleteSecurityGroup"],
        codes: &["DependencyViolation"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(15 * MINUTE_SECONDS),
        reason: "the network interfaces of tasks and load balancers go minutes after these",
        is_brief: false,
    },
    RetryRule {
        name: "web_acl_propagation",
        operations: &["AssociateWebACL"],
        codes: &["WAFUnavailableEntityException", "WAFNonexistentItemException"],
        fragments: &[""],
        also: "",
        window: Duration::from_secs(5 * MINUTE_SECONDS),
        reason: "WAF knows a new web ACL or load balancer only after some minutes",
        is_brief: false,
    },
];

/// The rule under which a refusal passes by itself.
pub(crate) fn find_retry_rule(error: &AwsError) -> Option<&'static RetryRule> {
    RETRY_RULES.iter().find(|rule| {
        (rule.operations.is_empty() || rule.operations.contains(&error.operation))
            && rule.codes.iter().any(|code| error.has_code(code))
            && rule.fragments.iter().any(|fragment| error.says(fragment))
            && error.says(rule.also)
    })
}

const FIRST_DELAY: Duration = Duration::from_secs(2);
const FIRST_BRIEF_DELAY: Duration = Duration::from_millis(250);
const LAST_DELAY: Duration = Duration::from_secs(15);

/// Time before the next attempt after `attempts` refusals: 2, 4, 8, 15, 15, ... seconds, and a quarter of a second, a
/// half, 1, 2, ... where it is brief as a rule.
pub(crate) fn retry_delay(attempts: u32, is_brief: bool) -> Duration {
    let first = if is_brief { FIRST_BRIEF_DELAY } else { FIRST_DELAY };
    first.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(LAST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule_name(code: &str, message: &str) -> Option<&'static str> {
        find_retry_rule(&AwsError::refused("ECS", "CreateExpressGatewayService", code, message))
            .map(|rule| rule.name)
    }

    #[test]
    fn messages_of_eventual_consistency_are_recognised() {
        let cases = [
            ("AccessDeniedException", "Cannot assume role arn:aws:iam::1:role/x", "role_propagation"),
            (
                "ClientException",
                "AWS was not able to validate the provided access credentials",
                "role_propagation",
            ),
            (
                "InvalidParameterException",
                "Unable to assume the service linked role. Try again.",
                "service_linked_role",
            ),
            ("InvalidParameterException", "Subnets have mixed subnet type", "route_propagation"),
            (
                "InvalidParameterException",
                "Unable to Start a service that is still Draining.",
                "name_draining",
            ),
        ];
        for (code, message, expected) in cases {
            assert_eq!(rule_name(code, message), Some(expected), "{message}");
        }
    }

    #[test]
    fn a_real_denial_is_never_retried_and_throttling_is() {
        let denial = "User: arn:aws:iam::1:user/ci is not authorized to perform: iam:PassRole on resource: x";
        assert_eq!(rule_name("AccessDeniedException", denial), None);
        assert_eq!(rule_name("InvalidParameterException", "cpu is invalid"), None);
        assert_eq!(rule_name("ThrottlingException", "Rate exceeded"), Some("throttling"));
    }

    #[test]
    fn a_rule_of_an_operation_counts_for_that_one_only() {
        let name = |operation| {
            let error = AwsError::refused("ELBv2", operation, "ResourceInUse", "in use by a rule");
            find_retry_rule(&error).map(|rule| rule.name)
        };
        assert_eq!(name("DeleteTargetGroup"), Some("target_group_in_use"));
        assert_eq!(name("DeleteLoadBalancer"), None);
    }

    #[test]
    fn delays_grow_to_fifteen_seconds() {
        let delays: Vec<_> = (1..=6).map(|attempts| retry_delay(attempts, false).as_secs()).collect();
        assert_eq!(delays, [2, 4, 8, 15, 15, 15]);
        let delays: Vec<_> = (1..=8).map(|attempts| retry_delay(attempts, true).as_millis()).collect();
        assert_eq!(delays, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
        let least = Duration::from_secs(60);
        assert!(RETRY_RULES.iter().all(|rule| !rule.reason.is_empty() && rule.window >= least));
    }
}
