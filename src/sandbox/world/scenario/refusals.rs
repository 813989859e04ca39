//! Calls that AWS refuses, and what ECS makes for an Express service in vain (facts, composition section 10 and 2.2;
//! Express section 1.4). How Express Mode words a quota is unproven: it is taken to pass the other service's words on.

use super::script::{Effect, Refusal, Script};
use crate::sandbox::api::Service;
use crate::sandbox::world::ecs::managed_resource::ManagedResourceKind as Kind;

const fn refuse(
    service: Service,
    operation: &'static str,
    code: &'static str,
    message: &'static str,
) -> Effect {
    Effect::Refusal(Refusal { service, operation, code, message })
}

/// The create of an Express service is refused.
const fn express(code: &'static str, message: &'static str) -> Effect {
    refuse(Service::Ecs, "CreateExpressGatewayService", code, message)
}

/// The same refusal for a call of ECS by either way.
const fn ecs(
    name: &'static str,
    help: &'static str,
    operation: &'static str,
    code: &'static str,
    message: &'static str,
) -> Script {
    let plain = refuse(Service::Ecs, operation, code, message);
    Script { name, help, express: express(code, message), plain }
}

/// A call that Express Mode makes by itself, and others make.
const fn underneath(
    name: &'static str,
    help: &'static str,
    (kind, reason): (Kind, &'static str),
    plain: Effect,
) -> Script {
    Script { name, help, express: Effect::Resource { kind, reason }, plain }
}

const INVALID: &str = "InvalidParameterException";
const DENIED: &str = "AccessDeniedException";

/// The table.
pub(super) static REFUSALS: [Script; 23] = [
    ecs(
        "pass-role-denied",
        "whoever applies may not pass a role",
        "RegisterTaskDefinition",
        DENIED,
        "User: arn:aws:iam::{account}:user/ci is not authorized to perform: iam:PassRole on resource: \
         arn:aws:iam::{account}:role/execution because no identity-based policy allows the iam:PassRole action",
    ),
    ecs(
        "service-linked-role-denied",
        "whoever applies may not make a service-linked role",
        "CreateService",
        DENIED,
        "User: arn:aws:iam::{account}:user/ci is not authorized to perform: iam:CreateServiceLinkedRole on resource: \
         arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    ),
    ecs(
        "service-linked-role-missing",
        "the service-linked role of ECS is missing",
        "CreateService",
        INVALID,
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
    Script {
        name: "role-not-assumable",
        help: "a role can never be assumed",
        express: express(
            DENIED,
            "Cannot assume role. ECS is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::{account}:role/infrastructure",
        ),
        plain: refuse(Service::Ecs, "RegisterTaskDefinition", "ClientException", "Role is not valid"),
    },
    underneath(
        "load-balancer-subnet-full",
        "a subnet is too full for a load balancer",
        (
            Kind::LoadBalancer,
            "InvalidSubnet: Not enough IP space available in the subnet. ELB requires at least 8 free IP addresses in each subnet.",
        ),
        refuse(
            Service::Elbv2,
            "CreateLoadBalancer",
            "InvalidSubnet",
            "Not enough IP space available in the subnet. ELB requires at least 8 free IP addresses in each subnet.",
        ),
    ),
    underneath(
        "load-balancer-quota",
        "the quota of load balancers is used up",
        (Kind::LoadBalancer, "TooManyLoadBalancers: The maximum number of load balancers has been reached"),
        refuse(
            Service::Elbv2,
            "CreateLoadBalancer",
            "TooManyLoadBalancers",
            "The maximum number of load balancers has been reached",
        ),
    ),
    underneath(
        "target-group-quota",
        "the quota of target groups is used up",
        (Kind::TargetGroup, "TooManyTargetGroups: The maximum number of target groups has been reached"),
        refuse(
            Service::Elbv2,
            "CreateTargetGroup",
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached",
        ),
    ),
    underneath(
        "listener-rule-quota",
        "the quota of listener rules is used up",
        (Kind::Rule, "TooManyRules: The maximum number of rules has been reached"),
        // A composed service goes to the next load balancer.
        Effect::None,
    ),
    underneath(
        "certificate-quota",
        "the quota of certificates is used up",
        (
            Kind::Certificate,
            "LimitExceededException: you have reached your limit of 2500 certificates in your account.",
        ),
        refuse(
            Service::Acm,
            "RequestCertificate",
            "LimitExceededException",
            "Error: you have reached your limit of 2500 certificates in your account.",
        ),
    ),
    underneath(
        "security-group-quota",
        "the quota of security groups is used up",
        (
            Kind::LoadBalancerSecurityGroup,
            "SecurityGroupLimitExceeded: The maximum number of security groups for the VPC has been reached.",
        ),
        refuse(
            Service::Ec2,
            "CreateSecurityGroup",
            "SecurityGroupLimitExceeded",
            "The maximum number of security groups for the VPC has been reached.",
        ),
    ),
    underneath(
        "security-group-rule-quota",
        "a security group has as many rules as it may",
        (
            Kind::LoadBalancerSecurityGroup,
            "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.",
        ),
        refuse(
            Service::Ec2,
            "AuthorizeSecurityGroupIngress",
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ),
    ),
    ecs(
        "ecs-quota",
        "a quota of ECS is used up",
        "CreateService",
        "LimitExceededException",
        "The maximum number of services per cluster has been reached.",
    ),
    Script {
        name: "service-quota",
        help: "a quota of CloudWatch Logs is used up",
        express: Effect::None,
        plain: refuse(Service::Logs, "CreateLogGroup", "LimitExceededException", "Resource limit exceeded."),
    },
    ecs(
        "fargate-size-invalid",
        "Fargate does not have such tasks",
        "RegisterTaskDefinition",
        "ClientException",
        "No Fargate configuration exists for given values: 256 CPU, 8192 memory. See the Amazon ECS documentation for \
         the valid values.",
    ),
    Script {
        name: "subnets-in-one-zone",
        help: "the load balancer's subnets are in one zone",
        express: express(
            INVALID,
            "At least two subnets in two different Availability Zones must be specified",
        ),
        plain: refuse(
            Service::Elbv2,
            "CreateLoadBalancer",
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        ),
    },
    Script {
        name: "subnets-share-zone",
        help: "two of the load balancer's subnets are in one zone",
        express: express(
            INVALID,
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ),
        plain: refuse(
            Service::Elbv2,
            "CreateLoadBalancer",
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ),
    },
    Script {
        name: "mixed-subnets",
        help: "some subnets are public and some are private",
        express: express(
            INVALID,
            "The subnets have mixed subnet types. All must be either public or private.",
        ),
        plain: Effect::None,
    },
    ecs(
        "network-not-found",
        "a subnet does not exist",
        "CreateService",
        INVALID,
        "The subnet ID 'subnet-0a1b2c3d' does not exist",
    ),
    ecs(
        "cluster-not-found",
        "the cluster does not exist",
        "CreateService",
        "ClusterNotFoundException",
        "Cluster not found.",
    ),
    Script {
        name: "capacity-provider-missing",
        help: "the cluster has no such capacity provider",
        express: Effect::None,
        plain: refuse(
            Service::Ecs,
            "CreateService",
            INVALID,
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with \
             the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try \
             again.",
        ),
    },
    Script {
        name: "task-role-required",
        help: "ECS Exec is on and the tasks have no role",
        express: Effect::None,
        plain: refuse(
            Service::Ecs,
            "CreateService",
            INVALID,
            "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role \
             in your task definition and try again.",
        ),
    },
    Script {
        name: "record-guardrail",
        help: "a guardrail of the hosted zone keeps records from being deleted",
        express: Effect::None,
        plain: Effect::RecordGuardrail,
    },
    ecs(
        "name-draining",
        "a service of the name is being deleted, for ever",
        "CreateService",
        INVALID,
        "Unable to Start a service that is still Draining.",
    ),
];
