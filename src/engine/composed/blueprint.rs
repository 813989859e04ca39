//! Everything that is decided before anything is made: the desired composition of one service, with every default
//! filled in and every name fixed. Pure data; steps read it and choose nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::{
    CapacityProvider, ComposedSettings, Configuration, DEFAULT_STREAM_PREFIX, ObjectNames, PrimaryContainer,
    ServiceArn,
};

/// The desired composition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blueprint {
    pub(crate) names: ObjectNames,
    /// Generation of load balancer and target groups.
    pub(crate) generation: u32,
    pub(crate) infrastructure_role_arn: String,
    /// With every default filled in.
    pub(crate) configuration: Configuration,
    pub(crate) container_port: u16,
    /// The user's tags, provider defaults included.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) network: Network,
    pub(crate) ingress: Ingress,
    /// Whether the engine makes the cluster if there is none: only `default` (facts, express section 1.1).
    pub(crate) makes_cluster: bool,
    pub(crate) wait_for_steady_state: bool,
}

/// Where tasks and load balancer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) vpc_id: String,
    pub(crate) task_subnet_ids: Vec<String>,
    /// One for each zone, at least two.
    pub(crate) load_balancer_subnet_ids: Vec<String>,
    pub(crate) is_internal: bool,
    pub(crate) assigns_public_ip: bool,
    pub(crate) task_zones: BTreeSet<String>,
    pub(crate) load_balancer_zones: BTreeSet<String>,
    /// Where an existing service is now.
    pub(crate) current: CurrentZones,
}

/// Availability zones of an existing service's subnets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CurrentZones {
    pub(crate) of_tasks: BTreeSet<String>,
    pub(crate) of_load_balancer: BTreeSet<String>,
}

/// How requests come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ingress {
    /// Plain HTTP on a load balancer of the service's own, under AWS's name for it.
    Http,
    /// HTTPS on a shared load balancer.
    Https {
        /// Host names, the service's own first.
        hosts: Vec<String>,
        /// Zone of the records; `None`: the user keeps the records elsewhere.
        zone: Option<Zone>,
        /// The user's own certificate; `None`: the engine requests one.
        given_certificate_arn: Option<String>,
    },
}

/// A Route 53 hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Blueprint {
    pub(crate) fn service(&self) -> &ServiceArn {
        self.names.service()
    }

    pub(crate) fn settings(&self) -> &ComposedSettings {
        &self.configuration.composed
    }

    /// Tags of a part: whose it is, and the user's.
    pub(crate) fn tags_of(&self, part: &str) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.extend(self.names.owner().tags(part, self.generation));
        tags
    }

    pub(crate) fn container(&self) -> Option<&PrimaryContainer> {
        self.configuration.primary_container.as_ref()
    }

    /// Log group and stream prefix of the container.
    pub(crate) fn logs(&self) -> (String, String) {
        let given = self.container().and_then(|container| container.aws_logs_configuration.as_ref());
        match given {
            Some(logs) => (logs.log_group.clone(), logs.log_stream_prefix.clone()),
            None => (self.names.log_group(), DEFAULT_STREAM_PREFIX.to_owned()),
        }
    }

    /// Whether the engine makes the log group: not one that the user named, nor one of a task definition of the
    /// user's own.
    pub(crate) fn makes_log_group(&self) -> bool {
        self.container().is_some() && self.logs().0 == self.names.log_group()
    }

    /// Whether deployments move traffic between the two target groups.
    pub(crate) fn shifts_traffic(&self) -> bool {
        let strategy = self.settings().deployment_configuration.strategy;
        strategy.is_none_or(crate::service::DeploymentStrategy::shifts_traffic)
    }

    pub(crate) fn has_alarm(&self) -> bool {
        self.settings().deployment_configuration.alarm.enable.unwrap_or(true)
    }

    pub(crate) fn uses_spot(&self) -> bool {
        self.settings().capacity_provider == Some(CapacityProvider::FargateSpot)
    }

    /// Host names; none with plain HTTP.
    pub(crate) fn hosts(&self) -> &[String] {
        match &self.ingress {
            Ingress::Http => &[],
            Ingress::Https { hosts, .. } => hosts,
        }
    }

    /// The zone that the engine keeps records in.
    pub(crate) fn zone(&self) -> Option<&Zone> {
        match &self.ingress {
            Ingress::Https { zone, .. } => zone.as_ref(),
            Ingress::Http => None,
        }
    }

    /// Whether the engine requests the certificate.
    pub(crate) fn makes_certificate(&self) -> bool {
        matches!(&self.ingress, Ingress::Https { given_certificate_arn: None, .. })
    }

    pub(crate) fn is_https(&self) -> bool {
        matches!(self.ingress, Ingress::Https { .. })
    }
}
