//! A service control policy that denies what is made without a certain tag (`aws:RequestTag` with `Null` in a `Deny`:
//! Organizations user guide, "Require a tag on specified created resources"). That it can be asked of every one of these
//! calls is in the Service Authorization Reference, `aws:RequestTag/${TagKey}`.

use crate::sandbox::api::{ApiError, Request, Service};

/// The tag that everything has to have.
const KEY: &str = "cost_center";

/// The calls that make something that can have tags from the beginning.
const CREATES: [(Service, &str); 16] = [
    (Service::Ecs, "CreateCluster"),
    (Service::Ecs, "CreateExpressGatewayService"),
    (Service::Ecs, "CreateService"),
    (Service::Ecs, "RegisterTaskDefinition"),
    (Service::Elbv2, "CreateListener"),
    (Service::Elbv2, "CreateLoadBalancer"),
    (Service::Elbv2, "CreateRule"),
    (Service::Elbv2, "CreateTargetGroup"),
    (Service::Ec2, "AuthorizeSecurityGroupEgress"),
    (Service::Ec2, "AuthorizeSecurityGroupIngress"),
    (Service::Ec2, "CreateSecurityGroup"),
    (Service::Acm, "ImportCertificate"),
    (Service::Acm, "RequestCertificate"),
    (Service::ApplicationAutoScaling, "RegisterScalableTarget"),
    (Service::CloudWatch, "PutMetricAlarm"),
    (Service::Logs, "CreateLogGroup"),
];

/// The denial of a call, in the words of the service that it is made to.
pub(super) fn find_denial(request: &Request) -> Option<ApiError> {
    let is_create = CREATES.contains(&(request.service, request.operation.as_str()));
    if !is_create || request.input.to_string().contains(KEY) {
        return None;
    }
    let (code, prefix) = match request.service {
        Service::Ec2 => ("UnauthorizedOperation", "ec2"),
        Service::Elbv2 => ("AccessDenied", "elasticloadbalancing"),
        Service::CloudWatch => ("AccessDenied", "cloudwatch"),
        Service::Acm => ("AccessDeniedException", "acm"),
        Service::ApplicationAutoScaling => ("AccessDeniedException", "application-autoscaling"),
        Service::Logs => ("AccessDeniedException", "logs"),
        _ => ("AccessDeniedException", "ecs"),
    };
    let message = format!(
        "User: arn:aws:iam::{}:user/ci is not authorized to perform: {prefix}:{} on resource: * with an explicit deny in \
         a service control policy",
        request.context.account_id, request.operation
    );
    Some(ApiError { status: 403, ..ApiError::client(code, message) })
}
