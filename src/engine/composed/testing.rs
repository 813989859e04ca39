//! Blueprints and services for tests.

use std::collections::BTreeMap;

use super::blueprint::{Blueprint, CurrentZones, Ingress, Network, Zone};
use crate::aws::ecs::plain_services::{CreateServiceInput, PlainService};
use crate::service::{Configuration, FIRST_GENERATION, ObjectNames, PrimaryContainer, ServiceStatus};

/// `prod/api` behind `api.example.com`.
pub(super) fn blueprint() -> Blueprint {
    let service = "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid");
    let container = PrimaryContainer {
        image: "api:1".to_owned(),
        container_port: Some(80),
        environment: Some(BTreeMap::from([("A".to_owned(), "1".to_owned())])),
        ..PrimaryContainer::default()
    };
    Blueprint {
        names: ObjectNames::new(service),
        generation: FIRST_GENERATION,
        infrastructure_role_arn: "arn:aws:iam::123456789012:role/infrastructure".to_owned(),
        configuration: Configuration {
            execution_role_arn: Some("arn:aws:iam::123456789012:role/execution".to_owned()),
            primary_container: Some(container),
            ..Configuration::default()
        }
        .with_composed_defaults(),
        container_port: 80,
        tags: BTreeMap::new(),
        network: Network {
            vpc_id: "vpc-1".to_owned(),
            task_subnet_ids: ["subnet-a", "subnet-b"].map(str::to_owned).to_vec(),
            load_balancer_subnet_ids: ["subnet-a", "subnet-b"].map(str::to_owned).to_vec(),
            is_internal: false,
            assigns_public_ip: true,
            task_zones: ["a", "b"].map(str::to_owned).into(),
            load_balancer_zones: ["a", "b"].map(str::to_owned).into(),
            current: CurrentZones::default(),
        },
        ingress: Ingress::Https {
            hosts: vec!["api.example.com".to_owned()],
            zone: Some(Zone { id: "Z1".to_owned(), name: "example.com".to_owned() }),
            given_certificate_arn: None,
        },
        makes_cluster: false,
        wait_for_steady_state: true,
    }
}

/// The same without a domain.
pub(super) fn http_blueprint() -> Blueprint {
    Blueprint { ingress: Ingress::Http, ..blueprint() }
}

/// The service that a create makes.
pub(super) fn live_service(input: &CreateServiceInput) -> PlainService {
    PlainService {
        arn: blueprint().service().clone(),
        status: ServiceStatus::Active,
        is_express: false,
        deployment_controller: Some("ECS".to_owned()),
        launch_type: input.launch_type.clone(),
        capacity_provider_strategy: input.capacity_provider_strategy.clone(),
        platform_version: input.platform_version.clone(),
        task_definition: input.task_definition.clone(),
        desired_count: input.desired_count,
        running_count: input.desired_count,
        pending_count: 0,
        deployment_configuration: input.deployment_configuration.clone(),
        network_configuration: Some(input.network_configuration.clone()),
        load_balancers: input.load_balancers.clone(),
        health_check_grace_period_seconds: input.health_check_grace_period_seconds,
        availability_zone_rebalancing: input.availability_zone_rebalancing.clone(),
        enable_execute_command: input.enable_execute_command,
        enable_ecs_managed_tags: input.enable_ecs_managed_tags,
        propagate_tags: input.propagate_tags.clone(),
        tags: input.tags.clone(),
        created_at: None,
        current_service_deployment: None,
        current_service_revisions: Vec::new(),
        events: Vec::new(),
    }
}
