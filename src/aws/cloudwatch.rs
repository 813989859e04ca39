//! Amazon CloudWatch as this provider uses it: how an alarm is set (`DescribeAlarms`).

use serde::Deserialize;

use crate::aws::query::{QueryClient, QueryService};
use crate::aws::{AwsError, Clients};

const CLOUDWATCH: QueryService = QueryService {
    name: "CloudWatch",
    signing_name: "monitoring",
    endpoint_name: "cloudwatch",
    version: "2010-08-01",
};

/// The CloudWatch API.
pub(crate) struct CloudWatch {
    client: QueryClient,
}

/// When an alarm goes off.
#[expect(clippy::struct_field_names, reason = "the names are CloudWatch's")]
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Alarm {
    pub(crate) alarm_name: String,
    pub(crate) threshold: Option<f64>,
    pub(crate) comparison_operator: Option<String>,
    pub(crate) evaluation_periods: Option<u32>,
    pub(crate) datapoints_to_alarm: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeAlarmsOutput {
    describe_alarms_result: DescribeAlarmsResult,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeAlarmsResult {
    metric_alarms: Members,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Members {
    member: Vec<Alarm>,
}

impl CloudWatch {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: QueryClient::new(clients, CLOUDWATCH) }
    }

    /// The metric alarms of these names that exist.
    pub(crate) async fn list_alarms(&self, names: &[String]) -> Result<Vec<Alarm>, AwsError> {
        let name =
            |(index, name): (usize, &String)| (format!("AlarmNames.member.{}", index + 1), name.clone());
        let parameters: Vec<_> = names.iter().enumerate().map(name).collect();
        let output: DescribeAlarmsOutput = self.client.call("DescribeAlarms", &parameters).await?;
        Ok(output.describe_alarms_result.metric_alarms.member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_read_with_its_threshold() {
        let text = "<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms><member><AlarmName>a</AlarmName>\
            <Threshold>1.0</Threshold><ComparisonOperator>GreaterThanThreshold</ComparisonOperator>\
            <EvaluationPeriods>3</EvaluationPeriods><DatapointsToAlarm>2</DatapointsToAlarm></member></MetricAlarms>\
            </DescribeAlarmsResult></DescribeAlarmsResponse>";
        let output: DescribeAlarmsOutput = quick_xml::de::from_str(text).expect("readable");
        let [alarm] = &output.describe_alarms_result.metric_alarms.member[..] else { panic!("one alarm") };
        assert_eq!((alarm.threshold, alarm.evaluation_periods), (Some(1.0), Some(3)));
    }
}
