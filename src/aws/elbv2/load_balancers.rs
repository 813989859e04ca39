//! `CreateLoadBalancer`, `DescribeLoadBalancers`, `DeleteLoadBalancer`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_elasticloadbalancingv2::types;

use super::describe_each::describe_each;
use super::{Elbv2, from_sdk, nothing_made, tags};
use crate::aws::{AwsError, Clients};
use crate::service::LoadBalancerAddress;

/// Pages of load balancers that are read at the most: a region has 50 by default, 400 to a page.
const PAGE_LIMIT: usize = 10;

/// How ELBv2 says that a load balancer does not exist.
const NOT_FOUND: &str = "LoadBalancerNotFound";

/// Whether a load balancer has public addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// `internet-facing`.
    InternetFacing,
    /// `internal`.
    Internal,
}

/// What a load balancer is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancerInput {
    /// Unique in the account and region; at most 32 letters, digits and hyphens.
    pub name: String,
    /// Public or internal.
    pub scheme: Scheme,
    /// At least two, each in a zone of its own.
    pub subnet_ids: Vec<String>,
    /// Security groups of the subnets' VPC.
    pub security_group_ids: Vec<String>,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// A load balancer as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// `arn:...:loadbalancer/app/<name>/<id>`.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Host name that AWS gave it.
    pub dns_name: String,
    /// Hosted zone of that name, for alias records.
    pub zone_id: String,
    /// Public or internal.
    pub scheme: Scheme,
    /// `ipv4`, `dualstack`, ...
    pub ip_address_type: String,
    /// Where it is.
    pub vpc_id: String,
    /// One for each zone.
    pub subnet_ids: Vec<String>,
    /// Its security groups.
    pub security_group_ids: Vec<String>,
    /// How far it is.
    pub state: LoadBalancerState,
    /// Why it is in that state, where AWS says so.
    pub state_reason: Option<String>,
}

/// State of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadBalancerState {
    /// `provisioning`: not reachable yet, two to three minutes after its creation; also any state that is unknown here.
    Provisioning,
    /// `active`.
    Active,
    /// `active_impaired`: it routes, with fewer resources than it needs.
    ActiveImpaired,
    /// `failed`: it could not be set up.
    Failed,
}

impl Elbv2 {
    /// Makes an application load balancer. With the settings of one that has the name already, it is that one.
    pub async fn create_load_balancer(&self, input: &LoadBalancerInput) -> Result<LoadBalancer, AwsError> {
        let request = self
            .clients
            .elbv2()
            .create_load_balancer()
            .name(&input.name)
            .r#type(types::LoadBalancerTypeEnum::Application)
            .ip_address_type(types::IpAddressType::Ipv4)
            .scheme(input.scheme.to_input())
            .set_subnets(Some(input.subnet_ids.clone()))
            .set_security_groups(Some(input.security_group_ids.clone()))
            .set_tags(tags::to_input(&input.tags));
        let output = request.send().await.map_err(from_sdk("CreateLoadBalancer"))?;
        let made = output.load_balancers().first().and_then(from_output);
        made.ok_or_else(|| nothing_made("CreateLoadBalancer"))
    }

    /// One load balancer, read together with those that others ask for; `None`: it does not exist.
    pub async fn find_load_balancer(&self, arn: &str) -> Result<Option<LoadBalancer>, AwsError> {
        self.load_balancers.find(&arn.to_owned()).await
    }

    /// Where a load balancer is; `None`: it does not exist, or has no address yet.
    pub async fn find_load_balancer_address(
        &self,
        arn: &str,
    ) -> Result<Option<LoadBalancerAddress>, AwsError> {
        let found = self.find_load_balancer(arn).await?;
        let found = found.filter(|balancer| !balancer.dns_name.is_empty() && !balancer.zone_id.is_empty());
        Ok(found
            .map(|balancer| LoadBalancerAddress { dns_name: balancer.dns_name, zone_id: balancer.zone_id }))
    }

    /// The load balancer of this name; `None`: there is none.
    pub async fn find_load_balancer_by_name(&self, name: &str) -> Result<Option<LoadBalancer>, AwsError> {
        let request = self.clients.elbv2().describe_load_balancers().names(name);
        let result = request.send().await.map_err(from_sdk("DescribeLoadBalancers"));
        let output = AwsError::optional(result, &["LoadBalancerNotFound"])?;
        Ok(output.and_then(|output| output.load_balancers().first().and_then(from_output)))
    }

    /// Every application load balancer of the region.
    pub async fn list_load_balancers(&self) -> Result<Vec<LoadBalancer>, AwsError> {
        let mut load_balancers = Vec::new();
        let mut marker = None;
        for _ in 0..PAGE_LIMIT {
            let request = self.clients.elbv2().describe_load_balancers().set_marker(marker);
            let output = request.send().await.map_err(from_sdk("DescribeLoadBalancers"))?;
            load_balancers.extend(output.load_balancers().iter().filter_map(from_output));
            marker = output.next_marker;
            if marker.is_none() {
                break;
            }
        }
        Ok(load_balancers)
    }

    /// Deletes a load balancer with its listeners and rules. `OperationNotPermitted`: it is protected.
    pub async fn delete_load_balancer(&self, arn: &str) -> Result<(), AwsError> {
        let request = self.clients.elbv2().delete_load_balancer().load_balancer_arn(arn);
        let result = request.send().await.map_err(from_sdk("DeleteLoadBalancer"));
        AwsError::optional(result, &["LoadBalancerNotFound"])?;
        Ok(())
    }
}

impl Scheme {
    fn to_input(self) -> types::LoadBalancerSchemeEnum {
        match self {
            Self::InternetFacing => types::LoadBalancerSchemeEnum::InternetFacing,
            Self::Internal => types::LoadBalancerSchemeEnum::Internal,
        }
    }
}

pub(super) async fn describe_load_balancers(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, LoadBalancer>, AwsError> {
    describe_each(arns, NOT_FOUND, async |arns| {
        let request = clients.elbv2().describe_load_balancers().set_load_balancer_arns(Some(arns));
        let output = request.send().await.map_err(from_sdk("DescribeLoadBalancers"))?;
        let balancers = output.load_balancers().iter().filter_map(from_output);
        Ok(balancers.map(|balancer| (balancer.arn.clone(), balancer)).collect())
    })
    .await
}

fn from_output(output: &types::LoadBalancer) -> Option<LoadBalancer> {
    let scheme = match &output.scheme {
        Some(types::LoadBalancerSchemeEnum::Internal) => Scheme::Internal,
        _ => Scheme::InternetFacing,
    };
    let state = output.state();
    Some(LoadBalancer {
        arn: output.load_balancer_arn.clone()?,
        name: output.load_balancer_name.clone()?,
        dns_name: output.dns_name.clone().unwrap_or_default(),
        zone_id: output.canonical_hosted_zone_id.clone().unwrap_or_default(),
        scheme,
        ip_address_type: output.ip_address_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        vpc_id: output.vpc_id.clone().unwrap_or_default(),
        subnet_ids: output.availability_zones().iter().filter_map(|zone| zone.subnet_id.clone()).collect(),
        security_group_ids: output.security_groups().to_vec(),
        state: state.and_then(types::LoadBalancerState::code).map_or(
            LoadBalancerState::Provisioning,
            |code| match code {
                types::LoadBalancerStateEnum::Active => LoadBalancerState::Active,
                types::LoadBalancerStateEnum::ActiveImpaired => LoadBalancerState::ActiveImpaired,
                types::LoadBalancerStateEnum::Failed => LoadBalancerState::Failed,
                _ => LoadBalancerState::Provisioning,
            },
        ),
        state_reason: state.and_then(|state| state.reason.clone()),
    })
}
