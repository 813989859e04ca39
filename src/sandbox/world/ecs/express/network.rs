//! Which network an Express service lives in: subnets, and public or private by their routes alone
//! (facts, Express section 4).

use std::collections::BTreeSet;

use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::ec2::Subnet;
use crate::sandbox::world::ecs::errors::invalid_parameter;

/// The network that a set of subnets makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceNetwork {
    pub(crate) vpc_id: String,
    pub(crate) subnets: Vec<String>,
    pub(crate) zones: BTreeSet<String>,
    pub(crate) is_public: bool,
}

/// Resolves the subnets given, or the default VPC's public default subnets.
///
/// # Errors
/// `InvalidParameterException` for subnets that do not exist, lie in one zone or several VPCs, or differ in
/// being public.
pub(crate) fn resolve(scope: &Scope<'_>, subnets: Option<&[String]>) -> Result<ServiceNetwork, ApiError> {
    let ids = match subnets {
        Some(subnets) if !subnets.is_empty() => subnets.to_vec(),
        _ => list_default_subnets(scope)?,
    };
    let ec2 = &scope.region.ec2;
    let mut found: Vec<&Subnet> = Vec::new();
    for id in &ids {
        let subnet = ec2.subnets.get(id).ok_or_else(|| {
            invalid_parameter(format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist (ErrorCode: \
                 InvalidSubnetID.NotFound)"
            ))
        })?;
        found.push(subnet);
    }
    let zones: BTreeSet<String> = found.iter().map(|subnet| subnet.availability_zone.clone()).collect();
    if zones.len() < 2 {
        let message = "At least two subnets in two different Availability Zones must be specified";
        return Err(invalid_parameter(message));
    }
    if zones.len() < found.len() {
        let message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
        return Err(invalid_parameter(message));
    }
    let vpc_id = found[0].vpc_id.clone();
    if found.iter().any(|subnet| subnet.vpc_id != vpc_id) {
        return Err(invalid_parameter("All subnets must belong to the same VPC."));
    }
    let public = ids.iter().filter(|id| ec2.is_public_subnet(id)).count();
    if public != 0 && public != ids.len() {
        return Err(invalid_parameter(
            "Found mixed subnet type: the subnets must be either all public or all private.",
        ));
    }
    Ok(ServiceNetwork { vpc_id, subnets: ids, zones, is_public: public != 0 })
}

fn list_default_subnets(scope: &Scope<'_>) -> Result<Vec<String>, ApiError> {
    let ec2 = &scope.region.ec2;
    let Some(vpc) = ec2.vpcs.values().find(|vpc| vpc.is_default) else {
        return Err(invalid_parameter("No default VPC found. Specify subnets in networkConfiguration."));
    };
    let mut subnets: Vec<&Subnet> = ec2
        .subnets
        .values()
        .filter(|subnet| subnet.vpc_id == vpc.id && subnet.default_for_az && ec2.is_public_subnet(&subnet.id))
        .collect();
    subnets.sort_by_key(|subnet| &subnet.availability_zone);
    Ok(subnets.into_iter().map(|subnet| subnet.id.clone()).collect())
}

/// Checks that the security groups exist in the VPC, five at most.
pub(crate) fn check_security_groups(
    scope: &Scope<'_>,
    groups: &[String],
    vpc_id: &str,
) -> Result<(), ApiError> {
    if groups.len() > 5 {
        return Err(invalid_parameter("securityGroups can have at most 5 items."));
    }
    for id in groups {
        let Some(group) = scope.region.ec2.security_groups.get(id) else {
            return Err(invalid_parameter(format!(
                "Error retrieving security group information for [{id}]: The security group '{id}' does not \
                 exist (ErrorCode: InvalidGroup.NotFound)"
            )));
        };
        if group.vpc_id != vpc_id {
            return Err(invalid_parameter(format!(
                "Security group {id} does not appear to belong to the same VPC as the input subnets."
            )));
        }
    }
    Ok(())
}
