//! A person with the AWS CLI: clients of the sandbox that have nothing to do with the provider.

use aws_sdk_ecs::config::{BehaviorVersion, Credentials, Region};
use terraform_provider_express::sandbox::Sandbox;

/// An ECS client of the sandbox.
pub(crate) fn ecs(sandbox: &Sandbox) -> aws_sdk_ecs::Client {
    let config = aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test"))
        .http_client(sandbox.http_client())
        .build();
    aws_sdk_ecs::Client::from_conf(config)
}

/// An ELBv2 client of the sandbox.
pub(crate) fn elbv2(sandbox: &Sandbox) -> aws_sdk_elasticloadbalancingv2::Client {
    use aws_sdk_elasticloadbalancingv2::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_elasticloadbalancingv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test"))
        .http_client(sandbox.http_client())
        .build();
    aws_sdk_elasticloadbalancingv2::Client::from_conf(config)
}
