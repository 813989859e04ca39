//! `DescribeExpressGatewayService`, and the answers of the writing operations (facts, Express section 6.1).
//!
//! The cluster comes back as a name from writing operations and as an ARN from reading: users report both
//! spellings, and a client has to take them as equal. The endpoint is a bare host name.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::{resource_not_found, service_not_found};
use crate::sandbox::world::ecs::input::{flatten_tags, parse};
use crate::sandbox::world::ecs::revision::ServiceRevision;
use crate::sandbox::world::ecs::service::{Service, ServiceStatus};
use crate::sandbox::world::scenario::Scenario;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    #[serde(default)]
    service_arn: String,
    #[serde(default)]
    include: Vec<String>,
}

/// `DescribeExpressGatewayService`: tags only when asked for.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    let known = scope.region.ecs.services.get(&input.service_arn);
    if known.is_none_or(|service| service.express.is_none()) {
        return Err(resource_not_found());
    }
    let with_tags = input.include.iter().any(|include| include == "TAGS");
    answer(scope, &input.service_arn, with_tags, true)
}

/// The service with all its active configurations.
pub(crate) fn answer(
    scope: &Scope<'_>,
    service_arn: &str,
    with_tags: bool,
    cluster_as_arn: bool,
) -> Result<Value, ApiError> {
    let service = scope.region.ecs.services.get(service_arn).ok_or_else(service_not_found)?;
    let mut answer = describe_common(service);
    if cluster_as_arn {
        answer["cluster"] = json!(scope.region.arn("ecs", &format!("cluster/{}", service.cluster)));
    }
    if let Some(express) = &service.express {
        answer["infrastructureRoleArn"] = json!(express.infrastructure_role_arn);
    }
    let configurations: Vec<Value> = service
        .revision_arns()
        // One entry for each revision, the superseded ones too (facts, express in the wild W10).
        .chain(&service.superseded_revisions)
        .filter(|_| service.status != ServiceStatus::Inactive)
        .filter_map(|arn| scope.region.ecs.revisions.get(arn))
        .map(|revision| describe_configuration(scope, service, revision))
        .collect();
    answer["activeConfigurations"] = json!(configurations);
    if let Some(deployment) = &service.current_deployment {
        answer["currentDeployment"] = json!(deployment);
    }
    if with_tags {
        let tags = scope.region.ecs.tags.get(service_arn).cloned().unwrap_or_default();
        answer["tags"] = flatten_tags(&tags);
    }
    Ok(json!({"service": answer}))
}

/// The service with the configuration that it is going to: the answer of an update.
pub(crate) fn answer_target(scope: &Scope<'_>, service_arn: &str) -> Result<Value, ApiError> {
    let service = scope.region.ecs.services.get(service_arn).ok_or_else(service_not_found)?;
    let mut answer = describe_common(service);
    let target = service.revision_arns().next().and_then(|arn| scope.region.ecs.revisions.get(arn));
    if let Some(target) = target {
        answer["targetConfiguration"] = describe_configuration(scope, service, target);
    }
    Ok(json!({"service": answer}))
}

fn describe_common(service: &Service) -> Value {
    let mut status = json!({"statusCode": service.status});
    if let Some(reason) = &service.status_reason {
        status["statusReason"] = json!(reason);
    }
    json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "cluster": service.cluster,
        "status": status,
        "createdAt": service.created_at.epoch_seconds(),
        "updatedAt": service.updated_at.epoch_seconds(),
    })
}

fn describe_configuration(scope: &Scope<'_>, service: &Service, revision: &ServiceRevision) -> Value {
    let mut answer = revision.express.as_ref().map_or(json!({}), |configuration| json!(configuration));
    answer["serviceRevisionArn"] = json!(revision.arn);
    answer["createdAt"] = revision.created_at.epoch_seconds();
    if let Some(express) = service.express.as_ref().filter(|_| is_endpoint_shown(scope, service)) {
        answer["ingressPaths"] = json!([{"accessType": express.access_type, "endpoint": express.endpoint}]);
    }
    answer
}

/// `ACTIVE` may come before the endpoint does (facts, express in the wild W5): scenario `late-endpoint`.
fn is_endpoint_shown(scope: &Scope<'_>, service: &Service) -> bool {
    let ecs = &scope.region.ecs;
    let revision = service.revision_arns().next().and_then(|arn| ecs.revisions.get(arn));
    let image = revision.map(|revision| ecs.main_image(revision)).unwrap_or_default();
    let late = scope.scenarios.list(&service.name, image).find_map(|scenario| match scenario {
        Scenario::LateEndpoint { seconds } => Some(Duration::from_secs(seconds)),
        _ => None,
    });
    late.is_none_or(|late| service.created_at.after(late) <= scope.now)
}
