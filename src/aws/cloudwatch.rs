//! Amazon CloudWatch as this provider uses it: metric alarms and their tags.

pub(crate) mod alarm;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

pub(crate) use alarm::Alarm;
use alarm::{Members, MetricAlarmInput};

use crate::aws::batch::Batch;
use crate::aws::query::{QueryClient, QueryService};
use crate::aws::{AwsError, Clients};
use crate::service::TagChange;

const CLOUDWATCH: QueryService = QueryService {
    name: "CloudWatch",
    signing_name: "monitoring",
    endpoint_name: "cloudwatch",
    version: "2010-08-01",
    global: &[],
};

/// Pages of alarms that a listing reads at the most, 100 to a page.
const PAGE_LIMIT: usize = 10;

/// `DescribeAlarms` takes at most this many names.
const ALARMS_PER_CALL: usize = 100;

/// The CloudWatch API. Its reads of single alarms are shared between concurrent callers.
pub(crate) struct CloudWatch {
    client: QueryClient,
    alarms: Batch<String, Alarm>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeAlarmsOutput {
    describe_alarms_result: DescribeAlarmsResult,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeAlarmsResult {
    metric_alarms: Members<Alarm>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListTagsOutput {
    list_tags_for_resource_result: ListTagsResult,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListTagsResult {
    tags: Members<TagItem>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagItem {
    key: String,
    value: String,
}

/// An answer of which nothing is used.
#[derive(Debug, Deserialize)]
struct Done {}

impl CloudWatch {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        let for_batch = clients.clone();
        let alarms = Batch::new(ALARMS_PER_CALL, move |names| {
            let client = QueryClient::new(for_batch.clone(), CLOUDWATCH);
            async move {
                let alarms = list_alarms(&client, &names).await?;
                Ok::<HashMap<_, _>, _>(
                    alarms.into_iter().map(|alarm| (alarm.alarm_name.clone(), alarm)).collect(),
                )
            }
        });
        Self { client: QueryClient::new(clients, CLOUDWATCH), alarms }
    }

    /// One metric alarm, read together with those that others ask for; `None`: there is none of this name.
    pub(crate) async fn find_alarm(&self, name: &str) -> Result<Option<Alarm>, AwsError> {
        self.alarms.find(&name.to_owned()).await
    }

    /// The metric alarms of these names that exist; up to 100 names.
    pub(crate) async fn list_alarms(&self, names: &[String]) -> Result<Vec<Alarm>, AwsError> {
        list_alarms(&self.client, names).await
    }

    /// Names of the metric alarms whose name begins so, up to a thousand of them.
    pub(crate) async fn list_alarm_names(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let mut token = None;
        for _ in 0..PAGE_LIMIT {
            let mut parameters = vec![
                ("AlarmNamePrefix".to_owned(), prefix.to_owned()),
                ("AlarmTypes.member.1".to_owned(), "MetricAlarm".to_owned()),
                ("MaxRecords".to_owned(), "100".to_owned()),
            ];
            parameters.extend(token.take().map(|token| ("NextToken".to_owned(), token)));
            let output: DescribeAlarmsOutput = self.client.call("DescribeAlarms", &parameters).await?;
            let result = output.describe_alarms_result;
            names.extend(result.metric_alarms.member.into_iter().map(|alarm| alarm.alarm_name));
            token = result.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        Ok(names)
    }

    /// Makes the alarm, or replaces its definition as a whole. State and tags of an alarm that exists stay.
    pub(crate) async fn put_metric_alarm(&self, input: &MetricAlarmInput) -> Result<(), AwsError> {
        self.client.call::<Done>("PutMetricAlarm", &input.to_parameters()).await.map(drop)
    }

    /// Deletes one alarm; one that is gone is a success.
    pub(crate) async fn delete_alarm(&self, name: &str) -> Result<(), AwsError> {
        let parameters = [("AlarmNames.member.1".to_owned(), name.to_owned())];
        match self.client.call::<Done>("DeleteAlarms", &parameters).await {
            Err(error) if !is_not_found(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// The tags of an alarm; `None`: there is no such alarm.
    pub(crate) async fn find_alarm_tags(
        &self,
        alarm_arn: &str,
    ) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        let parameters = [("ResourceARN".to_owned(), alarm_arn.to_owned())];
        match self.client.call::<ListTagsOutput>("ListTagsForResource", &parameters).await {
            Ok(output) => {
                let tags = output.list_tags_for_resource_result.tags.member;
                Ok(Some(tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
            }
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets and removes tags of an alarm.
    pub(crate) async fn change_alarm_tags(
        &self,
        alarm_arn: &str,
        change: &TagChange,
    ) -> Result<(), AwsError> {
        let resource = ("ResourceARN".to_owned(), alarm_arn.to_owned());
        if !change.set.is_empty() {
            let mut parameters = vec![resource.clone()];
            parameters.extend(alarm::tag_parameters(&change.set));
            self.client.call::<Done>("TagResource", &parameters).await?;
        }
        if !change.remove.is_empty() {
            let keys = change.remove.iter().enumerate();
            let mut parameters = vec![resource];
            parameters
                .extend(keys.map(|(index, key)| (format!("TagKeys.member.{}", index + 1), key.clone())));
            self.client.call::<Done>("UntagResource", &parameters).await?;
        }
        Ok(())
    }
}

async fn list_alarms(client: &QueryClient, names: &[String]) -> Result<Vec<Alarm>, AwsError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let name = |(index, name): (usize, &String)| (format!("AlarmNames.member.{}", index + 1), name.clone());
    let mut parameters: Vec<_> = names.iter().enumerate().map(name).collect();
    // So that all of them fit one answer, whatever AWS gives without it.
    parameters.push(("MaxRecords".to_owned(), "100".to_owned()));
    let output: DescribeAlarmsOutput = client.call("DescribeAlarms", &parameters).await?;
    Ok(output.describe_alarms_result.metric_alarms.member)
}

/// The Query protocol's spelling, and that of the error shapes.
fn is_not_found(error: &AwsError) -> bool {
    ["ResourceNotFound", "ResourceNotFoundException"].iter().any(|code| error.has_code(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws, query_error, sandbox_clients};

    #[test]
    fn an_alarm_is_read_with_its_state_and_definition() {
        let text = "<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms><member><AlarmName>a</AlarmName>\
            <Threshold>1.0</Threshold><ComparisonOperator>GreaterThanThreshold</ComparisonOperator>\
            <EvaluationPeriods>3</EvaluationPeriods><DatapointsToAlarm>2</DatapointsToAlarm>\
            <StateValue>ALARM</StateValue><StateReason>why</StateReason>\
            <AlarmActions><member>arn:aws:sns:eu-west-1:1:page</member></AlarmActions><Metrics><member><Id>r</Id>\
            <MetricStat><Metric><Namespace>AWS/ApplicationELB</Namespace><MetricName>RequestCount</MetricName>\
            <Dimensions><member><Name>TargetGroup</Name><Value>targetgroup/a/1</Value></member></Dimensions></Metric>\
            <Period>60</Period><Stat>Sum</Stat></MetricStat><ReturnData>false</ReturnData></member></Metrics>\
            </member></MetricAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>";
        let output: DescribeAlarmsOutput = quick_xml::de::from_str(text).expect("readable");
        let [alarm] = &output.describe_alarms_result.metric_alarms.member[..] else { panic!("one alarm") };
        assert_eq!((alarm.threshold, alarm.evaluation_periods), (Some(1.0), Some(3)));
        assert_eq!((alarm.state_value.as_str(), alarm.state_reason.as_str()), ("ALARM", "why"));
        assert_eq!(alarm.alarm_actions.member, ["arn:aws:sns:eu-west-1:1:page"]);
        let stat = alarm.metrics.member[0].metric_stat.as_ref().expect("a metric");
        assert_eq!((stat.period, stat.metric.dimensions.member[0].value.as_str()), (60, "targetgroup/a/1"));
    }

    #[tokio::test]
    async fn an_alarm_that_is_gone_is_deleted() {
        let aws = FakeAws::answering(|_| query_error("ResourceNotFound", "no"));
        assert_eq!(CloudWatch::new(aws.clients().await).delete_alarm("a").await, Ok(()));
        let aws = FakeAws::answering(|_| query_error("AccessDenied", "no"));
        assert!(CloudWatch::new(aws.clients().await).delete_alarm("a").await.is_err());
    }

    #[tokio::test]
    async fn an_alarm_is_put_tagged_and_deleted() {
        let (_sandbox, clients) = sandbox_clients().await;
        let cloudwatch = CloudWatch::new(clients);
        let ratio = alarm::MetricDataQuery {
            id: "ratio".to_owned(),
            expression: Some("100*e/r".to_owned()),
            return_data: Some(true),
            ..alarm::MetricDataQuery::default()
        };
        let input = MetricAlarmInput {
            name: "a".to_owned(),
            metrics: vec![ratio.clone()],
            threshold: 1.0,
            comparison_operator: "GreaterThanThreshold",
            evaluation_periods: 3,
            datapoints_to_alarm: 2,
            treat_missing_data: "notBreaching",
            tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            ..MetricAlarmInput::default()
        };
        cloudwatch.put_metric_alarm(&input).await.expect("put");
        let alarms = cloudwatch.list_alarms(&["a".to_owned()]).await.expect("answered");
        assert_eq!((&alarms[0].metrics.member, alarms[0].threshold), (&vec![ratio], Some(1.0)));
        assert_eq!(alarms[0].state_value, "INSUFFICIENT_DATA");
        let arn = &alarms[0].alarm_arn;
        let change = TagChange {
            set: BTreeMap::from([("l".to_owned(), "w".to_owned())]),
            remove: vec!["k".to_owned()],
        };
        cloudwatch.change_alarm_tags(arn, &change).await.expect("tagged");
        assert_eq!(cloudwatch.find_alarm_tags(arn).await, Ok(Some(change.set)));
        cloudwatch.delete_alarm("a").await.expect("deleted");
        cloudwatch.delete_alarm("a").await.expect("a repetition is a success");
        assert_eq!(cloudwatch.find_alarm_tags(arn).await, Ok(None));
    }

    #[tokio::test]
    async fn alarms_that_are_asked_for_together_are_read_with_one_call() {
        let (sandbox, clients) = sandbox_clients().await;
        let cloudwatch = CloudWatch::new(clients);
        let input = |name: &str| MetricAlarmInput {
            name: name.to_owned(),
            threshold: 1.0,
            comparison_operator: "GreaterThanThreshold",
            evaluation_periods: 3,
            datapoints_to_alarm: 2,
            treat_missing_data: "notBreaching",
            metrics: vec![alarm::MetricDataQuery {
                id: "ratio".to_owned(),
                expression: Some("100*e/r".to_owned()),
                return_data: Some(true),
                ..alarm::MetricDataQuery::default()
            }],
            ..MetricAlarmInput::default()
        };
        for name in ["a", "b"] {
            cloudwatch.put_metric_alarm(&input(name)).await.expect("put");
        }
        let (a, b, c) =
            tokio::join!(cloudwatch.find_alarm("a"), cloudwatch.find_alarm("b"), cloudwatch.find_alarm("c"));
        let name = |found: Result<Option<Alarm>, AwsError>| found.expect("answered").map(|it| it.alarm_name);
        assert_eq!([a, b, c].map(name), [Some("a".to_owned()), Some("b".to_owned()), None]);
        let reads = sandbox.calls().into_iter().filter(|call| call.operation == "DescribeAlarms").count();
        assert_eq!(reads, 1);
    }

    #[tokio::test]
    async fn no_names_are_no_alarms_and_no_call() {
        let aws = FakeAws::answering(|_| Answer::Lost("not expected"));
        assert_eq!(CloudWatch::new(aws.clients().await).list_alarms(&[]).await, Ok(Vec::new()));
    }
}
