//! The clients of plain services against the sandbox: what is written is read back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::clusters::ClusterDeletion;
use super::plain_services::{CreateServiceInput, PlainService, UpdateServiceInput};
use super::service_configuration::{
    AwsvpcConfiguration, DeploymentConfiguration, DeploymentStrategy, NetworkConfiguration,
};
use super::task_definitions::canonical_task_definition;
use super::*;
use crate::aws::ec2::Ec2;
use crate::aws::testing::sandbox_clients;
use crate::sandbox::Sandbox;
use crate::service::{DeploymentStatus, ServiceStatus, TagChange, is_same_but_for_members};

async fn arranged() -> (Sandbox, Ecs) {
    let (sandbox, clients) = sandbox_clients().await;
    (sandbox, Ecs::new(clients))
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn definition(image: &str) -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "Main", "image": image, "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }]
        }]
    })
}

#[tokio::test]
async fn a_cluster_is_made_once_tagged_and_deleted_when_it_is_empty() {
    let (_, ecs) = arranged().await;
    assert_eq!(ecs.find_cluster("mine").await, Ok(None));
    let made = ecs.create_cluster("mine", &tags(&[("k", "v")])).await.expect("made");
    assert!(made.is_active());
    assert_eq!(ecs.create_cluster("mine", &tags(&[])).await.expect("there").arn, made.arn);
    assert_eq!(ecs.find_cluster("mine").await, Ok(Some(made.clone())));
    let change = TagChange { set: tags(&[("k", "w")]), remove: Vec::new() };
    ecs.change_resource_tags(&made.arn, &change).await.expect("tagged");
    let found = ecs.find_cluster(&made.arn).await.expect("answered").expect("there");
    assert_eq!(found.tags, tags(&[("k", "w")]));
    assert_eq!(ecs.delete_cluster("mine").await, Ok(ClusterDeletion::Deleted));
    assert_eq!(ecs.delete_cluster("mine").await, Ok(ClusterDeletion::Deleted));
}

#[tokio::test]
async fn a_task_definition_is_read_as_it_was_written() {
    let (_, ecs) = arranged().await;
    assert_eq!(ecs.find_task_definition("web").await, Ok(None));
    let written = ecs.register_task_definition(&definition("nginx:1"), &tags(&[("k", "v")])).await;
    let written = written.expect("registered");
    // ECS adds `versionConsistency`.
    assert!(is_same_but_for_members(&canonical_task_definition(&definition("nginx:1")), &written.document));
    let found = ecs.find_task_definition("web").await.expect("answered").expect("there");
    assert_eq!((&found.document, &found.tags), (&written.document, &tags(&[("k", "v")])));
    assert_eq!((found.revision, found.is_active, found.family.as_str()), (1, true, "web"));
    let second = ecs.register_task_definition(&found.document, &BTreeMap::new()).await.expect("registered");
    assert_eq!(ecs.list_task_definitions("web").await, Ok(vec![second.arn.clone(), found.arn.clone()]));
    assert!(!format!("{second:?}").contains("environment"));
    ecs.deregister_task_definition(&second.arn).await.expect("deregistered");
    ecs.deregister_task_definition(&second.arn).await.expect("a repetition is a success");
    assert_eq!(ecs.list_task_definitions("web").await, Ok(vec![found.arn]));
    let second = ecs.find_task_definition(&second.arn).await.expect("answered").expect("describable");
    assert!(!second.is_active);
}

async fn network(clients: &Clients) -> NetworkConfiguration {
    let ec2 = Ec2::new(clients.clone());
    let vpc_id = ec2.find_default_vpc().await.expect("answered").expect("a default VPC");
    let subnets = ec2.list_default_subnets(&vpc_id).await.expect("answered");
    NetworkConfiguration {
        awsvpc_configuration: AwsvpcConfiguration {
            subnets: subnets.into_iter().map(|subnet| subnet.id).collect(),
            security_groups: Vec::new(),
            assign_public_ip: Some("ENABLED".to_owned()),
            ..AwsvpcConfiguration::default()
        },
        ..NetworkConfiguration::default()
    }
}

/// A service without load balancer that runs one task.
pub(crate) async fn create_service(ecs: &Ecs, name: &str) -> (CreateServiceInput, PlainService) {
    let definition = ecs.register_task_definition(&definition("nginx:1"), &BTreeMap::new()).await;
    let input = CreateServiceInput {
        cluster: "default".to_owned(),
        service_name: name.to_owned(),
        task_definition: definition.expect("registered").arn,
        desired_count: 1,
        launch_type: Some("FARGATE".to_owned()),
        network_configuration: network(&ecs.clients).await,
        enable_ecs_managed_tags: true,
        propagate_tags: Some("SERVICE".to_owned()),
        tags: tags(&[("k", "v")]),
        client_token: "token".to_owned(),
        ..CreateServiceInput::default()
    };
    let created = ecs.create_service(&input).await.expect("created");
    (input, created)
}

#[tokio::test]
async fn plain_services_that_are_asked_for_together_are_read_with_one_call() {
    let (sandbox, ecs) = arranged().await;
    let (_, created) = create_service(&ecs, "web").await;
    sandbox.advance(Duration::from_secs(600));
    let calls_before = sandbox.calls().len();
    let (found, by_arn, missing, elsewhere) = tokio::join!(
        ecs.find_plain_service("default", "web"),
        ecs.find_plain_service("default", created.arn.as_str()),
        ecs.find_plain_service("default", "no"),
        ecs.find_plain_service("nowhere", "web"),
    );
    assert_eq!(
        found.as_ref().map(|found| found.as_ref().map(|service| &service.arn)),
        Ok(Some(&created.arn))
    );
    assert_eq!(by_arn, found);
    assert_eq!((missing, elsewhere), (Ok(None), Ok(None)));
    assert_eq!(sandbox.calls().len() - calls_before, 2, "one for each cluster");
}

#[tokio::test]
async fn a_service_lives_from_create_to_inactive() {
    let (sandbox, ecs) = arranged().await;
    assert_eq!(ecs.find_plain_service("default", "web").await, Ok(None));
    let (input, created) = create_service(&ecs, "web").await;
    let first = ecs.find_task_definition("web").await.expect("answered").expect("registered");
    let second = ecs.register_task_definition(&definition("nginx:2"), &BTreeMap::new()).await.expect("made");
    assert_eq!((created.status, created.task_definition.as_str()), (ServiceStatus::Active, &*first.arn));
    let again = ecs.create_service(&input).await.expect("the same token finds the same service");
    assert_eq!(again.arn, created.arn);
    sandbox.advance(Duration::from_secs(600));

    let update = UpdateServiceInput {
        cluster: "default".to_owned(),
        service: "web".to_owned(),
        task_definition: Some(second.arn.clone()),
        ..UpdateServiceInput::default()
    };
    ecs.update_service(&update).await.expect("updated");
    sandbox.advance(Duration::from_secs(20));
    let service = ecs.find_plain_service("default", "web").await.expect("answered").expect("there");
    let deployment = service.current_service_deployment.expect("one is under way");
    ecs.stop_deployment(&deployment).await.expect("stopped");
    ecs.stop_deployment(&deployment).await.expect("a repetition is a success");
    sandbox.advance(Duration::from_secs(600));
    let deployment = ecs.find_deployment(&deployment).await.expect("answered").expect("there");
    assert_eq!(deployment.deployment.status, DeploymentStatus::RollbackSuccessful);

    let service = ecs.find_plain_service("default", "web").await.expect("answered").expect("there");
    assert_eq!((service.task_definition.as_str(), service.running_count), (&*first.arn, 1));
    assert_eq!(service.current_service_revisions.len(), 1);
    assert_eq!((&service.tags, service.propagate_tags.as_deref()), (&input.tags, Some("SERVICE")));
    assert_eq!(service.deployment_configuration.strategy, Some(DeploymentStrategy::Rolling));
    assert!(service.events[0].message.contains("has reached a steady state"), "{:?}", service.events);
    assert!(service.enable_ecs_managed_tags && !service.is_express);

    assert_eq!(ecs.delete_cluster("default").await, Ok(ClusterDeletion::InUse));
    ecs.delete_service(&service.arn).await.expect("deleted");
    ecs.delete_service(&service.arn).await.expect("a repetition is a success");
    sandbox.advance(Duration::from_secs(600));
    let service = ecs.find_plain_service("default", "web").await.expect("answered").expect("a record");
    assert_eq!(service.status, ServiceStatus::Inactive);
}

#[tokio::test]
async fn only_changed_members_of_a_service_are_sent() {
    let (sandbox, ecs) = arranged().await;
    let update = UpdateServiceInput {
        cluster: "default".to_owned(),
        service: "web".to_owned(),
        deployment_configuration: Some(DeploymentConfiguration {
            strategy: Some(DeploymentStrategy::BlueGreen),
            bake_time_in_minutes: Some(0),
            ..DeploymentConfiguration::default()
        }),
        ..UpdateServiceInput::default()
    };
    let expected = json!({
        "cluster": "default", "service": "web",
        "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0 }
    });
    assert_eq!(serde_json::to_value(&update).expect("writable"), expected);
    let error = ecs.update_service(&update).await.expect_err("there is no such service");
    assert!(error.has_code("ServiceNotFoundException"), "{error}");
    assert_eq!(sandbox.calls().len(), 1);
}
