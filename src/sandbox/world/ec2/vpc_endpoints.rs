//! Endpoints of VPCs: which services are reached without the internet. Nothing passes through them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::{Ec2State, tags, vpc_not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{text, texts};
use crate::sandbox::world::region::RegionState;
use crate::sandbox::world::{Scope, Tags, tag_list};

/// An endpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VpcEndpoint {
    id: String,
    vpc_id: String,
    service_name: String,
    kind: String,
    tags: Tags,
}

impl Described for VpcEndpoint {
    const LIST: &'static str = "VpcEndpoints";
    const IDS: &'static str = "VpcEndpointIds";
    const NOT_FOUND: (&'static str, &'static str) = ("InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, _region: &RegionState) -> Option<Vec<String>> {
        let value = match filter {
            "vpc-id" => &self.vpc_id,
            "service-name" => &self.service_name,
            "vpc-endpoint-id" => &self.id,
            "vpc-endpoint-type" => &self.kind,
            _ => return None,
        };
        Some(vec![value.clone()])
    }
    fn output(&self, region: &RegionState) -> Value {
        json!({
            "VpcEndpointId": self.id,
            "VpcEndpointType": self.kind,
            "VpcId": self.vpc_id,
            "ServiceName": self.service_name,
            "State": "available",
            "OwnerId": region.account_id,
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

/// `CreateVpcEndpoint`.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    if !scope.region.ec2.vpcs.contains_key(vpc_id) {
        return Err(vpc_not_found(vpc_id));
    }
    let endpoint = VpcEndpoint {
        id: scope.ids.ec2_id("vpce"),
        vpc_id: vpc_id.to_owned(),
        service_name: text(input, "ServiceName").unwrap_or_default().to_owned(),
        kind: text(input, "VpcEndpointType").unwrap_or("Gateway").to_owned(),
        tags: tags::specified(input, "vpc-endpoint"),
    };
    let answer = json!({"VpcEndpoint": endpoint.output(scope.region)});
    scope.region.ec2.vpc_endpoints.insert(endpoint.id.clone(), endpoint);
    Ok(answer)
}

/// `DeleteVpcEndpoints`: those that are not there are listed.
pub(super) fn delete(ec2: &mut Ec2State, input: &Value) -> Value {
    let mut unsuccessful = Vec::new();
    for id in texts(input, "VpcEndpointIds") {
        if ec2.vpc_endpoints.remove(id).is_none() {
            let error = json!({
                "Code": "InvalidVpcEndpoint.NotFound",
                "Message": format!("The Vpc Endpoint Id '{id}' does not exist"),
            });
            unsuccessful.push(json!({"ResourceId": id, "Error": error}));
        }
    }
    json!({"Unsuccessful": unsuccessful})
}
