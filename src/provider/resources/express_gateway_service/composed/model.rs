//! One field for each attribute that only the composed engine has.

use std::collections::BTreeMap;

use crate::framework::model::SetOf;
use crate::framework::{Attr, Number};
use crate::model;

type Strings = BTreeMap<String, Attr<String>>;

model! {
    /// `domain`.
    pub(crate) struct DomainModel {
        pub(crate) hostname: Attr<String>,
        pub(crate) hosted_zone: Attr<String>,
        pub(crate) additional_hostnames: Attr<SetOf<Attr<String>>>,
    }
}

model! {
    /// `deployment_configuration`.
    pub(crate) struct DeploymentConfigurationModel {
        pub(crate) strategy: Attr<String>,
        pub(crate) bake_time_minutes: Attr<i64>,
        pub(crate) canary_percent: Attr<Number>,
        pub(crate) canary_bake_time_minutes: Attr<i64>,
        pub(crate) linear_step_percent: Attr<Number>,
        pub(crate) linear_step_bake_time_minutes: Attr<i64>,
        pub(crate) maximum_percent: Attr<i64>,
        pub(crate) minimum_healthy_percent: Attr<i64>,
        pub(crate) alarm: Attr<AlarmModel>,
        pub(crate) circuit_breaker: Attr<CircuitBreakerModel>,
    }
}

model! {
    /// `deployment_configuration.alarm`.
    pub(crate) struct AlarmModel {
        pub(crate) enable: Attr<bool>,
        pub(crate) threshold_percent: Attr<Number>,
        pub(crate) include_4xx: Attr<bool>,
    }
}

model! {
    /// `deployment_configuration.circuit_breaker`.
    pub(crate) struct CircuitBreakerModel {
        pub(crate) enable: Attr<bool>,
        pub(crate) rollback: Attr<bool>,
    }
}

model! {
    /// `health_check`.
    pub(crate) struct HealthCheckModel {
        pub(crate) interval_seconds: Attr<i64>,
        pub(crate) timeout_seconds: Attr<i64>,
        pub(crate) healthy_threshold: Attr<i64>,
        pub(crate) unhealthy_threshold: Attr<i64>,
        pub(crate) matcher: Attr<String>,
        pub(crate) grace_period_seconds: Attr<i64>,
    }
}

model! {
    /// `load_balancer`.
    pub(crate) struct LoadBalancerModel {
        pub(crate) scheme: Attr<String>,
        pub(crate) subnets: Attr<SetOf<Attr<String>>>,
        pub(crate) pool: Attr<String>,
        pub(crate) access_logs: Attr<AccessLogsModel>,
    }
}

model! {
    /// `load_balancer.access_logs`.
    pub(crate) struct AccessLogsModel {
        pub(crate) bucket: Attr<String>,
        pub(crate) prefix: Attr<String>,
    }
}

model! {
    /// An element of `sidecars`.
    pub(crate) struct SidecarModel {
        pub(crate) image: Attr<String>,
        pub(crate) essential: Attr<bool>,
        pub(crate) command: Attr<Vec<Attr<String>>>,
        pub(crate) entry_point: Attr<Vec<Attr<String>>>,
        pub(crate) environment: Attr<Strings>,
        pub(crate) secrets: Attr<Strings>,
        pub(crate) cpu: Attr<i64>,
        pub(crate) memory_mib: Attr<i64>,
        pub(crate) memory_reservation_mib: Attr<i64>,
        pub(crate) port_mappings: Attr<Vec<Attr<PortMappingModel>>>,
        pub(crate) user: Attr<String>,
        pub(crate) firelens_configuration: Attr<FirelensConfigurationModel>,
        pub(crate) log_configuration: Attr<LogConfigurationModel>,
        pub(crate) depends_on: Attr<Strings>,
        pub(crate) health_check: Attr<ContainerHealthCheckModel>,
        pub(crate) repository_credentials: Attr<SidecarCredentialsModel>,
        pub(crate) stop_timeout_seconds: Attr<i64>,
    }
}

model! {
    /// An element of `sidecars[*].port_mappings`.
    pub(crate) struct PortMappingModel {
        pub(crate) container_port: Attr<i64>,
        pub(crate) protocol: Attr<String>,
    }
}

model! {
    /// `sidecars[*].firelens_configuration`.
    pub(crate) struct FirelensConfigurationModel {
        pub(crate) r#type: Attr<String>,
        pub(crate) options: Attr<Strings>,
    }
}

model! {
    /// `log_configuration` of a container.
    pub(crate) struct LogConfigurationModel {
        pub(crate) log_driver: Attr<String>,
        pub(crate) options: Attr<Strings>,
        pub(crate) secret_options: Attr<Strings>,
    }
}

model! {
    /// `sidecars[*].health_check`.
    pub(crate) struct ContainerHealthCheckModel {
        pub(crate) command: Attr<Vec<Attr<String>>>,
        pub(crate) interval_seconds: Attr<i64>,
        pub(crate) timeout_seconds: Attr<i64>,
        pub(crate) retries: Attr<i64>,
        pub(crate) start_period_seconds: Attr<i64>,
    }
}

model! {
    /// `sidecars[*].repository_credentials`.
    pub(crate) struct SidecarCredentialsModel {
        pub(crate) credentials_parameter: Attr<String>,
    }
}
