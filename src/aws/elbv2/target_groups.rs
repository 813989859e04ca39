//! `CreateTargetGroup`, `DescribeTargetGroups`, `ModifyTargetGroup`, `ModifyTargetGroupAttributes`,
//! `DescribeTargetGroupAttributes`, `DeleteTargetGroup`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_elasticloadbalancingv2::types;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;

use super::describe_each::describe_each;
use super::{Elbv2, HealthCheck, from_sdk, nothing_made, tags};
use crate::aws::{AwsError, Clients};

/// How ELBv2 says that a target group does not exist.
const NOT_FOUND: &str = "TargetGroupNotFound";

/// What a target group of IP addresses is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroupInput {
    /// Unique in the account and region; at most 32 letters, digits and hyphens.
    pub name: String,
    /// Port of targets that name none.
    pub port: u16,
    /// `HTTP1`, `HTTP2` or `GRPC`.
    pub protocol_version: String,
    /// Where its targets are.
    pub vpc_id: String,
    /// How they are checked.
    pub health_check: HealthCheck,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// A target group as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// `arn:...:targetgroup/<name>/<id>`.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Port of targets that name none.
    pub port: u16,
    /// `HTTP`.
    pub protocol: String,
    /// `HTTP1`, `HTTP2` or `GRPC`.
    pub protocol_version: String,
    /// Where its targets are.
    pub vpc_id: String,
    /// `ip`.
    pub target_type: String,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// The load balancers that send requests to it: at most one.
    pub load_balancer_arns: Vec<String>,
}

impl Elbv2 {
    /// Makes a target group for HTTP to IP addresses. With the settings of one that has the name already, it is that
    /// one; with others the answer is `DuplicateTargetGroupName`.
    pub async fn create_target_group(&self, input: &TargetGroupInput) -> Result<TargetGroup, AwsError> {
        let check = &input.health_check;
        let request = self
            .clients
            .elbv2()
            .create_target_group()
            .name(&input.name)
            .protocol(types::ProtocolEnum::Http)
            .protocol_version(&input.protocol_version)
            .port(i32::from(input.port))
            .vpc_id(&input.vpc_id)
            .target_type(types::TargetTypeEnum::Ip)
            .ip_address_type(types::TargetGroupIpAddressTypeEnum::Ipv4)
            .health_check_enabled(true)
            .health_check_protocol(types::ProtocolEnum::Http)
            .health_check_port("traffic-port")
            .health_check_path(&check.path)
            .health_check_interval_seconds(check.interval_seconds)
            .health_check_timeout_seconds(check.timeout_seconds)
            .healthy_threshold_count(check.healthy_threshold_count)
            .unhealthy_threshold_count(check.unhealthy_threshold_count)
            .matcher(check.matcher.to_input())
            .set_tags(tags::to_input(&input.tags));
        let output = request.send().await.map_err(from_sdk("CreateTargetGroup"))?;
        output.target_groups().first().and_then(from_output).ok_or_else(|| nothing_made("CreateTargetGroup"))
    }

    /// One target group, read together with those that others ask for; `None`: it does not exist.
    pub async fn find_target_group(&self, arn: &str) -> Result<Option<TargetGroup>, AwsError> {
        self.target_groups.find(&arn.to_owned()).await
    }

    /// The target group of this name, read together with those that others ask for; `None`: there is none.
    pub async fn find_target_group_by_name(&self, name: &str) -> Result<Option<TargetGroup>, AwsError> {
        self.named_target_groups.find(&name.to_owned()).await
    }

    /// Whether a target group exists.
    pub async fn is_target_group_there(&self, arn: &str) -> Result<bool, AwsError> {
        Ok(self.find_target_group(arn).await?.is_some())
    }

    /// Replaces the health check, whose protocol and port stay.
    pub async fn modify_target_group(&self, arn: &str, check: &HealthCheck) -> Result<(), AwsError> {
        let request = self
            .clients
            .elbv2()
            .modify_target_group()
            .target_group_arn(arn)
            .health_check_path(&check.path)
            .health_check_interval_seconds(check.interval_seconds)
            .health_check_timeout_seconds(check.timeout_seconds)
            .healthy_threshold_count(check.healthy_threshold_count)
            .unhealthy_threshold_count(check.unhealthy_threshold_count)
            .matcher(check.matcher.to_input());
        request.send().await.map(drop).map_err(from_sdk("ModifyTargetGroup"))
    }

    /// All attributes of a target group by key; `None`: it does not exist.
    pub async fn find_target_group_attributes(
        &self,
        arn: &str,
    ) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        let request = self.clients.elbv2().describe_target_group_attributes().target_group_arn(arn);
        let result = request.send().await.map_err(from_sdk("DescribeTargetGroupAttributes"));
        let output = AwsError::optional(result, &[NOT_FOUND])?;
        let pair = |attribute: &TargetGroupAttribute| {
            Some((attribute.key.clone()?, attribute.value.clone().unwrap_or_default()))
        };
        Ok(output.map(|output| output.attributes().iter().filter_map(pair).collect()))
    }

    /// Sets these attributes and leaves the others.
    pub async fn modify_target_group_attributes(
        &self,
        arn: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let attributes = attributes
            .iter()
            .map(|(key, value)| TargetGroupAttribute::builder().key(key).value(value).build())
            .collect();
        let request = self.clients.elbv2().modify_target_group_attributes().target_group_arn(arn);
        let result = request.set_attributes(Some(attributes)).send().await;
        result.map(drop).map_err(from_sdk("ModifyTargetGroupAttributes"))
    }

    /// Deletes a target group. `ResourceInUse`: a rule or a listener names it, or did so until a moment ago.
    pub async fn delete_target_group(&self, arn: &str) -> Result<(), AwsError> {
        let request = self.clients.elbv2().delete_target_group().target_group_arn(arn);
        let result = request.send().await.map_err(from_sdk("DeleteTargetGroup"));
        AwsError::optional(result, &[NOT_FOUND])?;
        Ok(())
    }
}

pub(super) async fn describe_target_groups(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, TargetGroup>, AwsError> {
    describe_each(arns, NOT_FOUND, async |arns| {
        let request = clients.elbv2().describe_target_groups().set_target_group_arns(Some(arns));
        let output = request.send().await.map_err(from_sdk("DescribeTargetGroups"))?;
        let groups = output.target_groups().iter().filter_map(from_output);
        Ok(groups.map(|group| (group.arn.clone(), group)).collect())
    })
    .await
}

pub(super) async fn describe_named_target_groups(
    clients: Clients,
    names: Vec<String>,
) -> Result<HashMap<String, TargetGroup>, AwsError> {
    describe_each(names, NOT_FOUND, async |names| {
        let request = clients.elbv2().describe_target_groups().set_names(Some(names));
        let output = request.send().await.map_err(from_sdk("DescribeTargetGroups"))?;
        let groups = output.target_groups().iter().filter_map(from_output);
        Ok(groups.map(|group| (group.name.clone(), group)).collect())
    })
    .await
}

fn from_output(output: &types::TargetGroup) -> Option<TargetGroup> {
    Some(TargetGroup {
        arn: output.target_group_arn.clone()?,
        name: output.target_group_name.clone()?,
        port: output.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
        protocol: output.protocol().map(|protocol| protocol.as_str().to_owned()).unwrap_or_default(),
        protocol_version: output.protocol_version.clone().unwrap_or_default(),
        vpc_id: output.vpc_id.clone().unwrap_or_default(),
        target_type: output.target_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        health_check: HealthCheck::from_output(output),
        load_balancer_arns: output.load_balancer_arns().to_vec(),
    })
}
