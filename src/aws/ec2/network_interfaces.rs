//! `DescribeNetworkInterfaces`.

use serde::Deserialize;

use super::parameters::Parameters;
use super::{Ec2, Items};
use crate::aws::AwsError;

/// A network interface of a task or a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NetworkInterface {
    /// `eni-...`.
    #[serde(rename = "networkInterfaceId")]
    pub id: String,
    /// Where it is.
    pub subnet_id: String,
    /// What it is for: `ELB app/<name>/<id>` for a load balancer's.
    pub description: String,
    /// `in-use`, `available`, ...
    pub status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeNetworkInterfacesOutput {
    network_interface_set: Items<NetworkInterface>,
}

impl Ec2 {
    /// The network interfaces with exactly this description.
    pub async fn list_network_interfaces_described(
        &self,
        description: &str,
    ) -> Result<Vec<NetworkInterface>, AwsError> {
        self.list_network_interfaces("description", description).await
    }

    /// The network interfaces that a security group applies to.
    pub async fn list_network_interfaces_of_security_group(
        &self,
        group_id: &str,
    ) -> Result<Vec<NetworkInterface>, AwsError> {
        self.list_network_interfaces("group-id", group_id).await
    }

    async fn list_network_interfaces(
        &self,
        filter: &str,
        value: &str,
    ) -> Result<Vec<NetworkInterface>, AwsError> {
        let parameters = Parameters::default().with_filter(filter, value);
        let output: DescribeNetworkInterfacesOutput =
            self.client.call("DescribeNetworkInterfaces", &parameters.0).await?;
        Ok(output.network_interface_set.item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_read_with_its_description() {
        let text = "<x><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
            <subnetId>subnet-1</subnetId><description>ELB app/a/1</description><status>in-use</status></item>\
            </networkInterfaceSet></x>";
        let output: DescribeNetworkInterfacesOutput = quick_xml::de::from_str(text).expect("readable");
        let [interface] = &output.network_interface_set.item[..] else { panic!("one interface") };
        assert_eq!((interface.id.as_str(), interface.description.as_str()), ("eni-1", "ELB app/a/1"));
    }
}
