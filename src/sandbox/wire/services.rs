//! What the protocols differ in, per service, as tables (source: botocore 1.44.5 service models).

use crate::sandbox::api::Service;

/// Names, versions and member types of one service.
///
/// Only members of the operations that the sandbox knows are listed. A member name has one type within a
/// service, with the exceptions that [`ServiceTable::is_integer`] names.
#[derive(Debug)]
pub(crate) struct ServiceTable {
    /// The service.
    pub(crate) service: Service,
    /// Names by which people and signatures call it; the first is the SigV4 signing name.
    pub(crate) names: &'static [&'static str],
    /// Prefix of `X-Amz-Target`, and the service name in an RPC v2 path.
    pub(crate) target_prefix: Option<&'static str>,
    /// `Version` parameter of the Query protocols.
    pub(crate) query_version: Option<&'static str>,
    /// XML namespace of answers.
    pub(crate) xml_namespace: &'static str,
    /// Error code and status with which the service refuses a caller that is too fast.
    pub(crate) throttling: (&'static str, u16),
    integers: &'static [&'static str],
    booleans: &'static [&'static str],
    doubles: &'static [&'static str],
    timestamps: &'static [&'static str],
}

impl ServiceTable {
    /// Whether the input member is an integer. `Port` is one everywhere but in a redirect.
    pub(crate) fn is_integer(&self, parent: &str, member: &str) -> bool {
        self.integers.contains(&member) && !(parent == "RedirectConfig" && member == "Port")
    }

    /// Whether the input member is a boolean.
    pub(crate) fn is_boolean(&self, member: &str) -> bool {
        self.booleans.contains(&member)
    }

    /// Whether the member is a double.
    pub(crate) fn is_double(&self, member: &str) -> bool {
        self.doubles.contains(&member)
    }

    /// Whether the member is a timestamp that the world gives as epoch seconds.
    pub(crate) fn is_timestamp(&self, member: &str) -> bool {
        self.timestamps.contains(&member)
    }
}

/// The service that goes by `name`: its signing name, or the name that SDKs and Terraform use.
pub(crate) fn find_service(name: &str) -> Option<&'static ServiceTable> {
    SERVICES.iter().find(|table| table.names.contains(&name))
}

/// The service whose `X-Amz-Target` or RPC v2 path begins with `prefix`.
pub(super) fn find_by_target(prefix: &str) -> Option<&'static ServiceTable> {
    SERVICES.iter().find(|table| table.target_prefix == Some(prefix))
}

/// The service that has this Query API version.
pub(super) fn find_by_version(version: &str) -> Option<&'static ServiceTable> {
    SERVICES.iter().find(|table| table.query_version == Some(version))
}

/// The table of a service.
pub(crate) fn table_of(service: Service) -> &'static ServiceTable {
    SERVICES
        .iter()
        .find(|table| table.service == service)
        .expect("every service has a table, as a test shows")
}

const JSON_ONLY: ServiceTable = ServiceTable {
    service: Service::Ecs,
    names: &["ecs"],
    target_prefix: Some("AmazonEC2ContainerServiceV20141113"),
    query_version: None,
    xml_namespace: "",
    throttling: ("ThrottlingException", 400),
    integers: &[],
    booleans: &[],
    doubles: &[],
    timestamps: &[],
};

static SERVICES: [ServiceTable; 14] = [
    JSON_ONLY,
    ServiceTable {
        service: Service::Acm,
        names: &["acm"],
        target_prefix: Some("CertificateManager"),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::ApplicationAutoScaling,
        names: &["application-autoscaling", "applicationautoscaling", "appautoscaling"],
        target_prefix: Some("AnyScaleFrontendService"),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::Ecr,
        names: &["ecr"],
        target_prefix: Some("AmazonEC2ContainerRegistry_V20150921"),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::SecretsManager,
        names: &["secretsmanager"],
        target_prefix: Some("secretsmanager"),
        ..JSON_ONLY
    },
    ServiceTable { service: Service::Ssm, names: &["ssm"], target_prefix: Some("AmazonSSM"), ..JSON_ONLY },
    ServiceTable {
        service: Service::Iam,
        names: &["iam"],
        target_prefix: None,
        query_version: Some("2010-05-08"),
        xml_namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        throttling: ("Throttling", 400),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::Logs,
        names: &["logs", "cloudwatchlogs"],
        target_prefix: Some("Logs_20140328"),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::Wafv2,
        names: &["wafv2"],
        target_prefix: Some("AWSWAF_20190729"),
        ..JSON_ONLY
    },
    ServiceTable {
        service: Service::Route53,
        names: &["route53"],
        target_prefix: None,
        query_version: None,
        xml_namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
        throttling: ("Throttling", 400),
        integers: &["TTL", "Weight", "HealthThreshold", "FailureThreshold", "RequestInterval", "Port"],
        booleans: &[
            "Disabled",
            "EnableSNI",
            "EvaluateTargetHealth",
            "Inverted",
            "MeasureLatency",
            "MultiValueAnswer",
            "PrivateZone",
        ],
        doubles: &[],
        timestamps: &[],
    },
    ServiceTable {
        service: Service::CloudWatch,
        names: &["monitoring", "cloudwatch"],
        target_prefix: Some("GraniteServiceVersion20100801"),
        query_version: Some("2010-08-01"),
        xml_namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
        throttling: ("Throttling", 400),
        integers: &["MaxRecords", "Period", "EvaluationPeriods", "DatapointsToAlarm"],
        booleans: &["ActionsEnabled", "ReturnData"],
        doubles: &["Threshold"],
        timestamps: &[
            "AlarmConfigurationUpdatedTimestamp",
            "StateUpdatedTimestamp",
            "StateTransitionedTimestamp",
            "Timestamp",
        ],
    },
    ServiceTable {
        service: Service::Elbv2,
        names: &["elasticloadbalancing", "elasticloadbalancingv2", "elbv2", "elb"],
        target_prefix: None,
        query_version: Some("2015-12-01"),
        xml_namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        throttling: ("Throttling", 400),
        integers: &[
            "PageSize",
            "Port",
            "Order",
            "Priority",
            "Weight",
            "DurationSeconds",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
        ],
        booleans: &["Enabled", "HealthCheckEnabled", "ResetTransforms", "IsDefault"],
        doubles: &[],
        timestamps: &[],
    },
    ServiceTable {
        service: Service::Sts,
        names: &["sts"],
        target_prefix: None,
        query_version: Some("2011-06-15"),
        xml_namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        throttling: ("Throttling", 400),
        integers: &["DurationSeconds"],
        booleans: &[],
        doubles: &[],
        timestamps: &[],
    },
    ServiceTable {
        service: Service::Ec2,
        names: &["ec2"],
        target_prefix: None,
        query_version: Some("2016-11-15"),
        xml_namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
        throttling: ("RequestLimitExceeded", 503),
        integers: &["MaxResults", "FromPort", "ToPort"],
        booleans: &["DryRun", "AllAvailabilityZones"],
        doubles: &[],
        timestamps: &[],
    },
];

/// EC2 input lists whose parameter differs from the member: (parameter, member).
pub(super) const EC2_INPUT_LISTS: [(&str, &str); 18] = [
    ("AttributeName", "AttributeNames"),
    ("Filter", "Filters"),
    ("GroupId", "GroupIds"),
    ("GroupName", "GroupNames"),
    ("Groups", "UserIdGroupPairs"),
    ("InternetGatewayId", "InternetGatewayIds"),
    ("NetworkInterfaceId", "NetworkInterfaceIds"),
    ("ResourceId", "Resources"),
    ("RouteTableId", "RouteTableIds"),
    ("SecurityGroupRuleId", "SecurityGroupRuleIds"),
    ("SubnetId", "SubnetIds"),
    ("Tag", "Tags"),
    ("TagSpecification", "TagSpecifications"),
    ("Value", "Values"),
    ("VpcEndpointId", "VpcEndpointIds"),
    ("VpcId", "VpcIds"),
    ("ZoneId", "ZoneIds"),
    ("ZoneName", "ZoneNames"),
];

/// EC2 output lists whose element is not the member in lower camel case: (member, element).
pub(super) const EC2_OUTPUT_LISTS: [(&str, &str); 22] = [
    ("AccountAttributes", "accountAttributeSet"),
    ("Associations", "associationSet"),
    ("Attachments", "attachmentSet"),
    ("AttributeValues", "attributeValueSet"),
    ("AvailabilityZones", "availabilityZoneInfo"),
    ("Groups", "groupSet"),
    ("InternetGateways", "internetGatewaySet"),
    ("Messages", "messageSet"),
    ("NetworkInterfaces", "networkInterfaceSet"),
    ("PrivateIpAddresses", "privateIpAddressesSet"),
    ("PropagatingVgws", "propagatingVgwSet"),
    ("RevokedSecurityGroupRules", "revokedSecurityGroupRuleSet"),
    ("RouteTables", "routeTableSet"),
    ("Routes", "routeSet"),
    ("SecurityGroupRules", "securityGroupRuleSet"),
    ("SecurityGroups", "securityGroupInfo"),
    ("Subnets", "subnetSet"),
    ("Tags", "tagSet"),
    ("UserIdGroupPairs", "groups"),
    ("Unsuccessful", "unsuccessful"),
    ("VpcEndpoints", "vpcEndpointSet"),
    ("Vpcs", "vpcSet"),
];

/// Lists of Route 53's XML: (list, element of it).
pub(super) const ROUTE53_LISTS: [(&str, &str); 14] = [
    ("AddTags", "Tag"),
    ("Changes", "Change"),
    ("ChildHealthChecks", "ChildHealthCheck"),
    ("HealthChecks", "HealthCheck"),
    ("HostedZones", "HostedZone"),
    ("NameServers", "NameServer"),
    ("Regions", "Region"),
    ("RemoveTagKeys", "Key"),
    ("ResourceRecordSets", "ResourceRecordSet"),
    ("ResourceRecords", "ResourceRecord"),
    ("ResourceTagSets", "ResourceTagSet"),
    ("Tags", "Tag"),
    ("VPCs", "VPC"),
    ("ResourceIds", "ResourceId"),
];

/// Error codes that CloudWatch's Query protocol spells unlike its error shapes: (shape, Query code).
pub(super) const CLOUDWATCH_QUERY_CODES: [(&str, &str); 4] = [
    ("InvalidParameterValueException", "InvalidParameterValue"),
    ("InvalidParameterCombinationException", "InvalidParameterCombination"),
    ("MissingRequiredParameterException", "MissingParameter"),
    ("ValidationException", "ValidationError"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found_by_its_name_target_and_version() {
        for table in &SERVICES {
            assert_eq!(table_of(table.service).names, table.names);
            for name in table.names {
                assert_eq!(find_service(name).expect("named").service, table.service);
            }
            if let Some(prefix) = table.target_prefix {
                assert_eq!(find_by_target(prefix).expect("has a target").service, table.service);
            }
            if let Some(version) = table.query_version {
                assert_eq!(find_by_version(version).expect("has a version").service, table.service);
            }
        }
    }

    #[test]
    fn the_port_of_a_redirect_is_text() {
        let elbv2 = table_of(Service::Elbv2);
        assert!(elbv2.is_integer("Targets", "Port"));
        assert!(!elbv2.is_integer("RedirectConfig", "Port"));
    }
}
