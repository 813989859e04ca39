//! The simulated account as an SDK sees it, apart from the provider.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, EcsExpressGatewayService, ExpressCpuArchitecture,
    ExpressGatewayContainer, ExpressGatewayRepositoryCredentials, ExpressGatewayScalingTarget, KeyValuePair,
    NetworkMode, PortMapping, Secret, ServiceRevision, Tag, TaskDefinitionStatus,
};
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;
use tokio::runtime::{Builder, Runtime};

use super::process::wait_for;
use super::sandbox::SandboxProcess;
use super::workspace::REGION;

/// Clients of one sandbox.
pub(crate) struct Aws {
    runtime: Runtime,
    ecs: aws_sdk_ecs::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
}

impl Aws {
    /// Clients of `sandbox`.
    pub(crate) fn at(sandbox: &SandboxProcess) -> Self {
        Self::at_region(sandbox, REGION)
    }

    /// Clients of a region of `sandbox`.
    pub(crate) fn at_region(sandbox: &SandboxProcess, region: &'static str) -> Self {
        let credentials = Credentials::new("test", "test", None, None, "acceptance");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(&sandbox.url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        Self {
            runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
            ecs: aws_sdk_ecs::Client::new(&config),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(&config),
        }
    }

    /// An Express service.
    #[track_caller]
    pub(crate) fn describe_express_gateway_service(&self, arn: &str) -> EcsExpressGatewayService {
        let call = self.ecs.describe_express_gateway_service().service_arn(arn).send();
        self.runtime.block_on(call).expect("a service").service.expect("a service")
    }

    /// Starts to create an Express service, and answers its ARN.
    #[track_caller]
    pub(crate) fn create_express_gateway_service(&self, name: &str, image: &str) -> String {
        self.create_express_gateway_service_in("default", name, image)
    }

    /// The same in a cluster.
    #[track_caller]
    pub(crate) fn create_express_gateway_service_in(&self, cluster: &str, name: &str, image: &str) -> String {
        let container = ExpressGatewayContainer::builder().image(image).build().expect("a container");
        let call = self
            .ecs
            .create_express_gateway_service()
            .cluster(cluster)
            .service_name(name)
            .execution_role_arn(super::configuration::EXECUTION_ROLE_ARN)
            .infrastructure_role_arn(super::configuration::INFRASTRUCTURE_ROLE_ARN)
            .primary_container(container)
            .send();
        let answer = self.runtime.block_on(call).expect("a service");
        answer.service.and_then(|service| service.service_arn).expect("an ARN")
    }

    /// Starts to change the image of an Express service.
    #[track_caller]
    pub(crate) fn update_express_gateway_service(&self, arn: &str, image: &str) {
        let container = ExpressGatewayContainer::builder().image(image).build().expect("a container");
        let call =
            self.ecs.update_express_gateway_service().service_arn(arn).primary_container(container).send();
        self.runtime.block_on(call).expect("an update");
    }

    /// Deletes an Express service, and waits until it is gone.
    #[track_caller]
    pub(crate) fn delete_express_gateway_service(&self, arn: &str) {
        let call = self.ecs.delete_express_gateway_service().service_arn(arn).send();
        self.runtime.block_on(call).expect("a deletion");
        wait_for("the end of the service", || self.list_service_arns("default").is_empty().then_some(()));
    }

    /// A service revision.
    #[track_caller]
    pub(crate) fn describe_service_revision(&self, arn: &str) -> ServiceRevision {
        let call = self.ecs.describe_service_revisions().service_revision_arns(arn).send();
        let mut revisions =
            self.runtime.block_on(call).expect("revisions").service_revisions.unwrap_or_default();
        revisions.pop().expect("a revision")
    }

    /// A load balancer.
    #[track_caller]
    pub(crate) fn describe_load_balancer(&self, arn: &str) -> LoadBalancer {
        let call = self.elbv2.describe_load_balancers().load_balancer_arns(arn).send();
        let mut balancers =
            self.runtime.block_on(call).expect("load balancers").load_balancers.unwrap_or_default();
        balancers.pop().expect("a load balancer")
    }

    /// Names of all load balancers.
    #[track_caller]
    pub(crate) fn list_load_balancer_names(&self) -> Vec<String> {
        let answer = self.runtime.block_on(self.elbv2.describe_load_balancers().send());
        let balancers = answer.expect("load balancers").load_balancers.unwrap_or_default();
        balancers.into_iter().filter_map(|balancer| balancer.load_balancer_name).collect()
    }

    /// Names of all target groups.
    #[track_caller]
    pub(crate) fn list_target_group_names(&self) -> Vec<String> {
        let answer = self.runtime.block_on(self.elbv2.describe_target_groups().send());
        let groups = answer.expect("target groups").target_groups.unwrap_or_default();
        groups.into_iter().filter_map(|group| group.target_group_name).collect()
    }

    /// Waits until the account has no load balancer: ECS removes an unused one some time after its last service.
    #[track_caller]
    pub(crate) fn wait_until_no_load_balancer(&self) {
        wait_for("the removal of the load balancer", || {
            let answer =
                self.runtime.block_on(self.elbv2.describe_load_balancers().send()).expect("load balancers");
            answer.load_balancers().is_empty().then_some(())
        });
    }

    /// Services of a cluster that are not gone.
    #[track_caller]
    pub(crate) fn list_service_arns(&self, cluster: &str) -> Vec<String> {
        let pages = self.ecs.list_services().cluster(cluster).into_paginator().items();
        let arns: Result<Vec<_>, _> = self.runtime.block_on(pages.send().collect());
        arns.expect("services")
    }

    /// Whether a task definition can be run.
    pub(crate) fn is_active_task_definition(&self, arn: &str) -> bool {
        let call = self.ecs.describe_task_definition().task_definition(arn).send();
        let answer = self.runtime.block_on(call).expect("a task definition");
        answer.task_definition().and_then(|one| one.status()) == Some(&TaskDefinitionStatus::Active)
    }

    /// Registers a task definition that an Express service can run, and answers its ARN.
    #[track_caller]
    pub(crate) fn register_task_definition(&self, family: &str, image: &str) -> String {
        let port = PortMapping::builder().container_port(80).name("http").build();
        let container = ContainerDefinition::builder().name("Main").image(image).port_mappings(port).build();
        let call = self
            .ecs
            .register_task_definition()
            .family(family)
            .network_mode(NetworkMode::Awsvpc)
            .requires_compatibilities(Compatibility::Fargate)
            .cpu("1024")
            .memory("2048")
            .execution_role_arn(super::configuration::EXECUTION_ROLE_ARN)
            .container_definitions(container)
            .send();
        let answer = self.runtime.block_on(call).expect("a task definition");
        answer.task_definition.and_then(|one| one.task_definition_arn).expect("an ARN")
    }

    /// Services as the console, the CLI, `CloudFormation` and the GitHub action make them, with settings that are odd but
    /// legal. Answers their ARNs.
    #[track_caller]
    pub(crate) fn create_services_of_every_kind(&self) -> Vec<String> {
        let definition = self.register_task_definition("by-hand", "nginx");
        let execution = super::configuration::EXECUTION_ROLE_ARN;
        let basic = || {
            self.ecs
                .create_express_gateway_service()
                .infrastructure_role_arn(super::configuration::INFRASTRUCTURE_ROLE_ARN)
        };
        let container = |image: &str| ExpressGatewayContainer::builder().image(image);
        let variable = |name: &str, value: &str| KeyValuePair::builder().name(name).value(value).build();
        let full = container(
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )
        .container_port(8080)
        .set_command(Some(vec!["sh".into(), "-c".into(), "exec \"$0\" ${ARGS} %{ if }".into()]))
        .environment(variable("B", "${not} a \"reference\"\nline"))
        .environment(variable("A", ""))
        .build()
        .expect("a container");
        let secret = Secret::builder().name("S").value_from("arn:aws:ssm:us-east-1:123456789012:parameter/s");
        let credentials = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pull-abcdef";
        let credentials = ExpressGatewayRepositoryCredentials::builder().credentials_parameter(credentials);
        let of_company = container("registry.example.com/app:1")
            .secrets(secret.build().expect("a secret"))
            .repository_credentials(credentials.build())
            .build()
            .expect("a container");
        self.create_cluster("inside");
        let plain = container("public.ecr.aws/nginx/nginx:1.28").build().expect("a container");
        let scaling = ExpressGatewayScalingTarget::builder().min_task_count(0).max_task_count(2).build();
        let requests = [
            basic().execution_role_arn(execution).primary_container(plain.clone()),
            basic().service_name("named").execution_role_arn(execution).primary_container(plain.clone()),
            basic()
                .service_name("zero")
                .execution_role_arn(execution)
                .primary_container(plain)
                .scaling_target(scaling),
            basic().service_name("by-hand").task_definition_arn(definition),
            basic()
                .service_name("of-company")
                .cluster("inside")
                .execution_role_arn(execution)
                .task_role_arn("arn:aws:iam::123456789012:role/task")
                .primary_container(of_company)
                .cpu_architecture(ExpressCpuArchitecture::Arm64),
            basic()
                .service_name("full")
                .execution_role_arn(execution)
                .primary_container(full)
                .cpu("512")
                .memory("1024")
                .health_check_path("/health?deep=1")
                .tags(Tag::builder().key("team").value("web").build()),
        ];
        let created = requests.map(|request| {
            let answer = self.runtime.block_on(request.send()).expect("a service");
            answer.service.and_then(|service| service.service_arn).expect("an ARN")
        });
        created.to_vec()
    }

    /// Makes a cluster.
    #[track_caller]
    pub(crate) fn create_cluster(&self, name: &str) {
        let call = self.ecs.create_cluster().cluster_name(name).send();
        self.runtime.block_on(call).expect("a cluster");
    }

    /// Adds tags by hand.
    #[track_caller]
    pub(crate) fn tag(&self, arn: &str, tags: &[(&str, &str)]) {
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build());
        let call = self.ecs.tag_resource().resource_arn(arn).set_tags(Some(tags.collect())).send();
        self.runtime.block_on(call).expect("tags");
    }

    /// Tags of a service.
    #[track_caller]
    pub(crate) fn list_tags(&self, arn: &str) -> BTreeMap<String, String> {
        let call = self.ecs.list_tags_for_resource().resource_arn(arn).send();
        let tags = self.runtime.block_on(call).expect("tags").tags.unwrap_or_default();
        tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value?))).collect()
    }
}
