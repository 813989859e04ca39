//! The state of `express_gateway_service`: one field for each attribute.

use std::collections::BTreeMap;

use super::composed::{
    ContainerHealthCheckModel, DeploymentConfigurationModel, DomainModel, HealthCheckModel,
    LoadBalancerModel, LogConfigurationModel, SidecarModel,
};
use crate::framework::Attr;
use crate::framework::model::SetOf;
use crate::model;

model! {
    /// The resource.
    pub(crate) struct ServiceModel {
        pub(crate) engine: Attr<String>,
        pub(crate) service_name: Attr<String>,
        pub(crate) cluster: Attr<String>,
        pub(crate) infrastructure_role_arn: Attr<String>,
        pub(crate) execution_role_arn: Attr<String>,
        pub(crate) task_role_arn: Attr<String>,
        pub(crate) primary_container: Attr<PrimaryContainerModel>,
        pub(crate) image_source: Attr<String>,
        pub(crate) task_definition_arn: Attr<String>,
        pub(crate) cpu: Attr<String>,
        pub(crate) memory: Attr<String>,
        pub(crate) cpu_architecture: Attr<String>,
        pub(crate) health_check_path: Attr<String>,
        pub(crate) network_configuration: Attr<NetworkConfigurationModel>,
        pub(crate) scaling_target: Attr<ScalingTargetModel>,
        pub(crate) domain: Attr<DomainModel>,
        pub(crate) certificate_arn: Attr<String>,
        pub(crate) load_balancer: Attr<LoadBalancerModel>,
        pub(crate) web_acl_arn: Attr<String>,
        pub(crate) deployment_configuration: Attr<DeploymentConfigurationModel>,
        pub(crate) health_check: Attr<HealthCheckModel>,
        pub(crate) deregistration_delay_seconds: Attr<i64>,
        pub(crate) sidecars: Attr<BTreeMap<String, Attr<SidecarModel>>>,
        pub(crate) assign_public_ip: Attr<bool>,
        pub(crate) capacity_provider: Attr<String>,
        pub(crate) ephemeral_storage_gib: Attr<i64>,
        pub(crate) enable_execute_command: Attr<bool>,
        pub(crate) log_retention_days: Attr<i64>,
        pub(crate) tags: Attr<BTreeMap<String, Attr<String>>>,
        pub(crate) tags_all: Attr<BTreeMap<String, Attr<String>>>,
        pub(crate) wait_for_steady_state: Attr<bool>,
        pub(crate) delete_logs_on_destroy: Attr<bool>,
        pub(crate) timeouts: Attr<TimeoutsModel>,
        pub(crate) url: Attr<String>,
        pub(crate) hostname: Attr<String>,
        pub(crate) service_arn: Attr<String>,
        pub(crate) cluster_arn: Attr<String>,
        pub(crate) service_revision_arn: Attr<String>,
        pub(crate) status: Attr<String>,
        pub(crate) deployment: Attr<DeploymentModel>,
        pub(crate) infrastructure: Attr<InfrastructureModel>,
    }
}

model! {
    /// `primary_container`.
    pub(crate) struct PrimaryContainerModel {
        pub(crate) image: Attr<String>,
        pub(crate) container_port: Attr<i64>,
        pub(crate) command: Attr<Vec<Attr<String>>>,
        pub(crate) environment: Attr<BTreeMap<String, Attr<String>>>,
        pub(crate) secrets: Attr<BTreeMap<String, Attr<String>>>,
        pub(crate) aws_logs_configuration: Attr<LogsConfigurationModel>,
        pub(crate) repository_credentials: Attr<RepositoryCredentialsModel>,
        pub(crate) log_configuration: Attr<LogConfigurationModel>,
        pub(crate) depends_on: Attr<BTreeMap<String, Attr<String>>>,
        pub(crate) entry_point: Attr<Vec<Attr<String>>>,
        pub(crate) user: Attr<String>,
        pub(crate) health_check: Attr<ContainerHealthCheckModel>,
        pub(crate) stop_timeout_seconds: Attr<i64>,
        pub(crate) init_process: Attr<bool>,
        pub(crate) readonly_root_filesystem: Attr<bool>,
    }
}

model! {
    /// `primary_container.aws_logs_configuration`.
    pub(crate) struct LogsConfigurationModel {
        pub(crate) log_group: Attr<String>,
        pub(crate) log_stream_prefix: Attr<String>,
    }
}

model! {
    /// `primary_container.repository_credentials`.
    pub(crate) struct RepositoryCredentialsModel {
        pub(crate) credentials_parameter: Attr<String>,
    }
}

model! {
    /// `network_configuration`.
    pub(crate) struct NetworkConfigurationModel {
        pub(crate) subnets: Attr<SetOf<Attr<String>>>,
        pub(crate) security_groups: Attr<SetOf<Attr<String>>>,
    }
}

model! {
    /// `scaling_target`.
    pub(crate) struct ScalingTargetModel {
        pub(crate) min_task_count: Attr<i64>,
        pub(crate) max_task_count: Attr<i64>,
        pub(crate) auto_scaling_metric: Attr<String>,
        pub(crate) auto_scaling_target_value: Attr<i64>,
    }
}

model! {
    /// `timeouts`.
    pub(crate) struct TimeoutsModel {
        pub(crate) create: Attr<String>,
        pub(crate) update: Attr<String>,
        pub(crate) delete: Attr<String>,
    }
}

model! {
    /// `deployment`.
    pub(crate) struct DeploymentModel {
        pub(crate) arn: Attr<String>,
        pub(crate) status: Attr<String>,
    }
}

model! {
    /// `infrastructure`.
    pub(crate) struct InfrastructureModel {
        pub(crate) load_balancer_arn: Attr<String>,
        pub(crate) load_balancer_dns_name: Attr<String>,
        pub(crate) load_balancer_zone_id: Attr<String>,
        pub(crate) load_balancer_scheme: Attr<String>,
        pub(crate) load_balancer_security_group_ids: Attr<Vec<String>>,
        pub(crate) listener_arn: Attr<String>,
        pub(crate) listener_rule_arn: Attr<String>,
        pub(crate) target_group_arns: Attr<Vec<String>>,
        pub(crate) certificate_arn: Attr<String>,
        pub(crate) service_security_group_ids: Attr<Vec<String>>,
        pub(crate) log_group_name: Attr<String>,
        pub(crate) log_group_arn: Attr<String>,
        pub(crate) scalable_target_arn: Attr<String>,
        pub(crate) scaling_policy_arns: Attr<Vec<String>>,
        pub(crate) metric_alarm_arns: Attr<Vec<String>>,
        pub(crate) to_repair: Attr<Vec<String>>,
    }
}

impl PrimaryContainerModel {
    /// Of which nothing is said.
    pub(crate) fn empty() -> Self {
        Self {
            image: Attr::Null,
            container_port: Attr::Null,
            command: Attr::Null,
            environment: Attr::Null,
            secrets: Attr::Null,
            aws_logs_configuration: Attr::Null,
            repository_credentials: Attr::Null,
            log_configuration: Attr::Null,
            depends_on: Attr::Null,
            entry_point: Attr::Null,
            user: Attr::Null,
            health_check: Attr::Null,
            stop_timeout_seconds: Attr::Null,
            init_process: Attr::Null,
            readonly_root_filesystem: Attr::Null,
        }
    }
}

impl InfrastructureModel {
    /// Of which nothing is known yet.
    pub(crate) fn unknown() -> Self {
        Self {
            load_balancer_arn: Attr::Unknown,
            load_balancer_dns_name: Attr::Unknown,
            load_balancer_zone_id: Attr::Unknown,
            load_balancer_scheme: Attr::Unknown,
            load_balancer_security_group_ids: Attr::Unknown,
            listener_arn: Attr::Unknown,
            listener_rule_arn: Attr::Unknown,
            target_group_arns: Attr::Unknown,
            certificate_arn: Attr::Unknown,
            service_security_group_ids: Attr::Unknown,
            log_group_name: Attr::Unknown,
            log_group_arn: Attr::Unknown,
            scalable_target_arn: Attr::Unknown,
            scaling_policy_arns: Attr::Unknown,
            metric_alarm_arns: Attr::Unknown,
            to_repair: Attr::Unknown,
        }
    }
}

impl ServiceModel {
    /// A state of which only the ARN is known: what an import starts from, and what remains of a create whose
    /// service could not be read.
    pub(crate) fn empty() -> Self {
        Self {
            engine: Attr::Null,
            service_name: Attr::Null,
            cluster: Attr::Null,
            infrastructure_role_arn: Attr::Null,
            execution_role_arn: Attr::Null,
            task_role_arn: Attr::Null,
            primary_container: Attr::Null,
            image_source: Attr::Null,
            task_definition_arn: Attr::Null,
            cpu: Attr::Null,
            memory: Attr::Null,
            cpu_architecture: Attr::Null,
            health_check_path: Attr::Null,
            network_configuration: Attr::Null,
            scaling_target: Attr::Null,
            domain: Attr::Null,
            certificate_arn: Attr::Null,
            load_balancer: Attr::Null,
            web_acl_arn: Attr::Null,
            deployment_configuration: Attr::Null,
            health_check: Attr::Null,
            deregistration_delay_seconds: Attr::Null,
            sidecars: Attr::Null,
            assign_public_ip: Attr::Null,
            capacity_provider: Attr::Null,
            ephemeral_storage_gib: Attr::Null,
            enable_execute_command: Attr::Null,
            log_retention_days: Attr::Null,
            tags: Attr::Null,
            tags_all: Attr::Null,
            wait_for_steady_state: Attr::Null,
            delete_logs_on_destroy: Attr::Null,
            timeouts: Attr::Null,
            url: Attr::Null,
            hostname: Attr::Null,
            service_arn: Attr::Null,
            cluster_arn: Attr::Null,
            service_revision_arn: Attr::Null,
            status: Attr::Null,
            deployment: Attr::Null,
            infrastructure: Attr::Null,
        }
    }
}
