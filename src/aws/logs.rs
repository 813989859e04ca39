//! Amazon CloudWatch Logs as this provider uses it: a log group for each service, and what its tasks wrote last.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};
use crate::service::TagChange;

const LOGS: JsonService = JsonService {
    name: "CloudWatch Logs",
    signing_name: "logs",
    host_prefix: "logs",
    endpoint_name: "logs",
    sdk_id: "cloudwatch logs",
    target_prefix: "Logs_20140328",
    version: "1.1",
};

/// Pages of log groups that a listing reads at the most, 50 to a page.
const PAGE_LIMIT: usize = 10;

/// The CloudWatch Logs API.
pub(crate) struct Logs {
    client: JsonClient,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogGroup {
    pub(crate) name: String,
    /// Without the `:*` that `DescribeLogGroups` appends.
    pub(crate) arn: String,
    /// `None`: lines are kept for ever.
    pub(crate) retention_in_days: Option<i32>,
    pub(crate) kms_key_id: Option<String>,
}

/// One line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogEvent {
    pub(crate) timestamp: SystemTime,
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeLogGroupsOutput {
    log_groups: Vec<LogGroupItem>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LogGroupItem {
    log_group_name: String,
    arn: String,
    retention_in_days: Option<i32>,
    kms_key_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GetLogEventsOutput {
    events: Vec<LogEventItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogEventItem {
    timestamp: u64,
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListTagsOutput {
    tags: BTreeMap<String, String>,
}

impl Logs {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: JsonClient::new(clients, LOGS) }
    }

    /// Makes a log group. One that exists is a success, whoever made it: read its tags to know.
    pub(crate) async fn create_log_group(
        &self,
        name: &str,
        kms_key_id: Option<&str>,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let mut input = json!({ "logGroupName": name });
        if let Some(key) = kms_key_id {
            input["kmsKeyId"] = json!(key);
        }
        if !tags.is_empty() {
            input["tags"] = json!(tags);
        }
        done_unless(self.client.call("CreateLogGroup", &input).await, "ResourceAlreadyExistsException")
    }

    /// A log group by its whole name; `None`: there is none.
    pub(crate) async fn find_log_group(&self, name: &str) -> Result<Option<LogGroup>, AwsError> {
        // Names sort by their characters, so the group with exactly this name comes first of those it begins.
        let input = json!({ "logGroupNamePrefix": name, "limit": 1 });
        let output: DescribeLogGroupsOutput = self.client.call("DescribeLogGroups", &input).await?;
        let found = output.log_groups.into_iter().find(|group| group.log_group_name == name);
        Ok(found.map(|group| LogGroup {
            arn: group.arn.strip_suffix(":*").unwrap_or(&group.arn).to_owned(),
            name: group.log_group_name,
            retention_in_days: group.retention_in_days,
            kms_key_id: group.kms_key_id,
        }))
    }

    /// Names of the log groups whose name begins so, up to some hundreds: more than that are not listed.
    pub(crate) async fn list_log_group_names(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGE_LIMIT {
            let mut input = json!({ "logGroupNamePrefix": prefix, "limit": 50 });
            if let Some(token) = token.take() {
                input["nextToken"] = json!(token);
            }
            let output: DescribeLogGroupsOutput = self.client.call("DescribeLogGroups", &input).await?;
            names.extend(output.log_groups.into_iter().map(|group| group.log_group_name));
            token = output.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(names)
    }

    /// Deletes a log group with all its lines; one that is gone is a success.
    pub(crate) async fn delete_log_group(&self, name: &str) -> Result<(), AwsError> {
        let input = json!({ "logGroupName": name });
        done_unless(self.client.call("DeleteLogGroup", &input).await, "ResourceNotFoundException")
    }

    /// Keeps lines for so many days.
    pub(crate) async fn put_retention_policy(&self, name: &str, days: i32) -> Result<(), AwsError> {
        let input = json!({ "logGroupName": name, "retentionInDays": days });
        self.client.call::<Value>("PutRetentionPolicy", &input).await.map(drop)
    }

    /// Keeps lines forever.
    pub(crate) async fn delete_retention_policy(&self, name: &str) -> Result<(), AwsError> {
        let input = json!({ "logGroupName": name });
        self.client.call::<Value>("DeleteRetentionPolicy", &input).await.map(drop)
    }

    /// The tags of a log group, by ARN without `:*`; `None`: there is no such group.
    pub(crate) async fn find_log_group_tags(
        &self,
        arn: &str,
    ) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        let input = json!({ "resourceArn": arn });
        match self.client.call::<ListTagsOutput>("ListTagsForResource", &input).await {
            Ok(output) => Ok(Some(output.tags)),
            Err(error) if error.has_code("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets and removes tags of a log group, by ARN without `:*`.
    pub(crate) async fn change_log_group_tags(&self, arn: &str, change: &TagChange) -> Result<(), AwsError> {
        if !change.set.is_empty() {
            let input = json!({ "resourceArn": arn, "tags": change.set });
            self.client.call::<Value>("TagResource", &input).await?;
        }
        if !change.remove.is_empty() {
            let input = json!({ "resourceArn": arn, "tagKeys": change.remove });
            self.client.call::<Value>("UntagResource", &input).await?;
        }
        Ok(())
    }

    /// The newest lines of a stream, oldest of them first; none if the stream or its group does not exist.
    pub(crate) async fn list_log_events(
        &self,
        group: &str,
        stream: &str,
        limit: usize,
    ) -> Result<Vec<LogEvent>, AwsError> {
        let input = json!({
            "logGroupName": group, "logStreamName": stream, "limit": limit, "startFromHead": false
        });
        match self.client.call::<GetLogEventsOutput>("GetLogEvents", &input).await {
            Ok(output) => Ok(output.events.into_iter().filter_map(event_from_item).collect()),
            Err(error) if error.has_code("ResourceNotFoundException") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn event_from_item(item: LogEventItem) -> Option<LogEvent> {
    let timestamp = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(item.timestamp))?;
    Some(LogEvent { timestamp, message: item.message })
}

fn done_unless(result: Result<Value, AwsError>, code: &str) -> Result<(), AwsError> {
    match result {
        Err(error) if !error.has_code(code) => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws, sandbox_clients};

    #[tokio::test]
    async fn a_log_group_is_made_once_kept_tagged_and_deleted() {
        let (_sandbox, clients) = sandbox_clients().await;
        let logs = Logs::new(clients);
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        assert_eq!(logs.find_log_group("/a").await, Ok(None));
        logs.create_log_group("/a", Some("key"), &tags).await.expect("made");
        logs.create_log_group("/a", None, &BTreeMap::new()).await.expect("a repetition is a success");
        logs.create_log_group("/a/b", None, &BTreeMap::new()).await.expect("made");
        logs.put_retention_policy("/a", 14).await.expect("put");
        let group = logs.find_log_group("/a").await.expect("answered").expect("there");
        assert_eq!((group.name.as_str(), group.retention_in_days), ("/a", Some(14)));
        logs.delete_retention_policy("/a").await.expect("deleted");
        let freed = logs.find_log_group("/a").await.expect("answered").expect("there");
        assert_eq!(freed.retention_in_days, None);
        assert_eq!(group.arn, "arn:aws:logs:eu-west-1:123456789012:log-group:/a");
        let change = TagChange {
            set: BTreeMap::from([("l".to_owned(), "w".to_owned())]),
            remove: vec!["k".to_owned()],
        };
        assert_eq!(logs.find_log_group_tags(&group.arn).await, Ok(Some(tags)));
        logs.change_log_group_tags(&group.arn, &change).await.expect("tagged");
        assert_eq!(logs.find_log_group_tags(&group.arn).await, Ok(Some(change.set)));
        logs.delete_log_group("/a").await.expect("deleted");
        logs.delete_log_group("/a").await.expect("a repetition is a success");
        assert_eq!(logs.find_log_group("/a").await, Ok(None));
        assert_eq!(logs.find_log_group_tags(&group.arn).await, Ok(None));
        assert_eq!(logs.list_log_events("/a", "s", 5).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn lines_are_read_with_their_time() {
        let aws = FakeAws::answering(|_| {
            let body = r#"{"events": [{"timestamp": 1500, "message": "boom"}]}"#;
            Answer::Http(200, body.to_owned())
        });
        let logs = Logs::new(aws.clients().await);
        let events = logs.list_log_events("/a", "ecs/Main/1", 5).await.expect("answered");
        let timestamp = SystemTime::UNIX_EPOCH + Duration::from_millis(1500);
        assert_eq!(events, [LogEvent { timestamp, message: "boom".to_owned() }]);
    }
}
