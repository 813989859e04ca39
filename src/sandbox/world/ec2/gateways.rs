//! Internet gateways.

use serde_json::{Value, json};

use super::describe::Described;
use super::{InternetGateway, done, in_use, not_found, tags, vpc_not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::text;

/// `CreateInternetGateway`.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Value {
    let gateway = InternetGateway {
        id: scope.ids.ec2_id("igw"),
        vpc_id: None,
        tags: tags::specified(input, "internet-gateway"),
    };
    let answer = json!({"InternetGateway": gateway.output(scope.region)});
    scope.region.ec2.internet_gateways.insert(gateway.id.clone(), gateway);
    answer
}

/// `AttachInternetGateway`: a VPC has one gateway at most, and a gateway one VPC.
pub(super) fn attach(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    let ec2 = &scope.region.ec2;
    if !ec2.vpcs.contains_key(vpc_id) {
        return Err(vpc_not_found(vpc_id));
    }
    let is_taken = ec2.internet_gateways.values().any(|other| other.vpc_id.as_deref() == Some(vpc_id));
    let gateway = find(scope, input)?;
    if is_taken || gateway.vpc_id.is_some() {
        let message = format!("resource {} is already attached to network {vpc_id}", gateway.id);
        return Err(ApiError::client("Resource.AlreadyAssociated", message));
    }
    gateway.vpc_id = Some(vpc_id.to_owned());
    Ok(done())
}

/// `DetachInternetGateway`: refused while the VPC has public addresses.
pub(super) fn detach(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    let mut interfaces = scope.region.ec2.network_interfaces.values();
    let has_public_addresses =
        interfaces.any(|interface| interface.vpc_id == vpc_id && interface.public_ip_address.is_some());
    let gateway = find(scope, input)?;
    if gateway.vpc_id.as_deref() != Some(vpc_id) {
        let message = format!("resource {} is not attached to network {vpc_id}", gateway.id);
        return Err(ApiError::client("Gateway.NotAttached", message));
    }
    if has_public_addresses {
        let message = format!("Network {vpc_id} has some mapped public address(es).");
        return Err(ApiError::client("DependencyViolation", message));
    }
    gateway.vpc_id = None;
    Ok(done())
}

/// `DeleteInternetGateway`: refused while attached.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let gateway = find(scope, input)?;
    let id = gateway.id.clone();
    if gateway.vpc_id.is_some() {
        return Err(in_use("internetGateway", &id));
    }
    scope.region.ec2.internet_gateways.remove(&id);
    Ok(done())
}

fn find<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut InternetGateway, ApiError> {
    let id = text(input, "InternetGatewayId").unwrap_or_default();
    let missing = || not_found("InvalidInternetGatewayID.NotFound", "internetGateway ID", id);
    scope.region.ec2.internet_gateways.get_mut(id).ok_or_else(missing)
}
