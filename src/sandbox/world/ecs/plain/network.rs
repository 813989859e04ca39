//! `networkConfiguration` of a plain service.

use serde_json::Value;

use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::invalid_parameter;
use crate::sandbox::world::ecs::revision::TaskNetwork;

const MOST_SUBNETS: usize = 16;
const MOST_SECURITY_GROUPS: usize = 5;

/// The tasks' network. Without security groups it has the VPC's default one.
///
/// # Errors
/// `InvalidParameterException` for what is missing, too much, unknown, or of several VPCs.
pub(crate) fn read(scope: &Scope<'_>, configuration: Option<&Value>) -> Result<TaskNetwork, ApiError> {
    let vpc = configuration.map(|configuration| &configuration["awsvpcConfiguration"]);
    let Some(vpc) = vpc.filter(|vpc| vpc.is_object()) else {
        return Err(invalid_parameter(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ));
    };
    let list = |member: &str| -> Vec<String> {
        vpc[member].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (subnets, mut security_groups) = (list("subnets"), list("securityGroups"));
    let vpc_id = check_subnets(scope, &subnets)?;
    check_security_groups(scope, &security_groups, &vpc_id)?;
    if security_groups.is_empty() {
        let groups = scope.region.ec2.security_groups.values();
        let default = groups.filter(|group| group.vpc_id == vpc_id && group.name == "default");
        security_groups.extend(default.map(|group| group.id.clone()));
    }
    let assign_public_ip = vpc["assignPublicIp"].as_str().unwrap_or("DISABLED");
    if !["ENABLED", "DISABLED"].contains(&assign_public_ip) {
        return Err(invalid_parameter("assignPublicIp must be one of ENABLED, DISABLED."));
    }
    Ok(TaskNetwork { subnets, security_groups, assign_public_ip: assign_public_ip == "ENABLED" })
}

/// The VPC of the subnets.
fn check_subnets(scope: &Scope<'_>, subnets: &[String]) -> Result<String, ApiError> {
    if subnets.is_empty() {
        return Err(invalid_parameter("subnets can not be empty."));
    }
    if subnets.len() > MOST_SUBNETS {
        return Err(invalid_parameter(format!("subnets can have at most {MOST_SUBNETS} items.")));
    }
    let mut vpc_id: Option<&str> = None;
    for id in subnets {
        let Some(subnet) = scope.region.ec2.subnets.get(id) else {
            return Err(invalid_parameter(format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist (ErrorCode: \
                 InvalidSubnetID.NotFound)"
            )));
        };
        if vpc_id.is_some_and(|known| known != subnet.vpc_id) {
            return Err(invalid_parameter("subnets must all be in the same VPC."));
        }
        vpc_id = Some(&subnet.vpc_id);
    }
    Ok(vpc_id.unwrap_or_default().to_owned())
}

fn check_security_groups(scope: &Scope<'_>, groups: &[String], vpc_id: &str) -> Result<(), ApiError> {
    if groups.len() > MOST_SECURITY_GROUPS {
        return Err(invalid_parameter(format!(
            "securityGroups can have at most {MOST_SECURITY_GROUPS} items."
        )));
    }
    for id in groups {
        let Some(group) = scope.region.ec2.security_groups.get(id) else {
            return Err(invalid_parameter(format!(
                "Error retrieving security group information for [{id}]: The security group '{id}' does not exist \
                 (ErrorCode: InvalidGroup.NotFound)"
            )));
        };
        if group.vpc_id != vpc_id {
            return Err(invalid_parameter(format!(
                "Security Group {id} and the subnets do not belong to the same VPC."
            )));
        }
    }
    Ok(())
}
