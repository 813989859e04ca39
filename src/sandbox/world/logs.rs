//! Amazon CloudWatch Logs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{page, page_size, text, texts};
use super::{Scope, Tags, Timestamp, tag_list, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// CloudWatch Logs of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogsState {
    /// Keyed by log group name.
    pub(crate) log_groups: BTreeMap<String, LogGroup>,
}

/// A log group with its streams.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogGroup {
    pub(crate) name: String,
    /// Without the trailing `:*`.
    pub(crate) arn: String,
    pub(crate) created_at: Timestamp,
    pub(crate) retention_in_days: Option<i64>,
    pub(crate) kms_key_id: Option<String>,
    /// Stream name to its events, oldest first.
    pub(crate) streams: BTreeMap<String, Vec<LogEvent>>,
    pub(crate) tags: Tags,
}

/// One line of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogEvent {
    pub(crate) timestamp: Timestamp,
    pub(crate) message: String,
}

/// Retention periods that the service accepts, in days.
const RETENTION_DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Executes one CloudWatch Logs operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "CreateLogGroup" => create_log_group(scope, input),
        "DescribeLogGroups" => describe_log_groups(scope, input),
        "DeleteLogGroup" => delete_log_group(scope, input),
        "PutRetentionPolicy" => put_retention_policy(scope, input),
        "DeleteRetentionPolicy" => {
            find_group(scope, input)?.retention_in_days = None;
            Ok(json!({}))
        }
        "CreateLogStream" => create_log_stream(scope, input),
        "DeleteLogStream" => delete_log_stream(scope, input),
        "DescribeLogStreams" => describe_log_streams(scope, input),
        "GetLogEvents" => get_log_events(scope, input),
        "FilterLogEvents" => filter_log_events(scope, input),
        "ListTagsForResource" => Ok(json!({"tags": &find_tagged(scope, input)?.tags})),
        "TagResource" => {
            let tags = tag_list::from_map(&input["tags"]);
            find_tagged(scope, input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "UntagResource" => {
            let keys = texts(input, "tagKeys");
            find_tagged(scope, input)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(json!({}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn create_log_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "logGroupName").filter(|name| !name.is_empty() && name.len() <= 512);
    let name = name.ok_or_else(|| invalid("logGroupName must be 1 to 512 characters long"))?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/#-".contains(&byte)) {
        return Err(invalid(
            "logGroupName must satisfy the regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
        ));
    }
    if scope.region.logs.log_groups.contains_key(name) {
        let message = "The specified log group already exists";
        return Err(ApiError::client("ResourceAlreadyExistsException", message));
    }
    let group = LogGroup {
        name: name.to_owned(),
        arn: scope.region.arn("logs", &format!("log-group:{name}")),
        created_at: scope.now,
        kms_key_id: text(input, "kmsKeyId").map(str::to_owned),
        tags: tag_list::from_map(&input["tags"]),
        ..LogGroup::default()
    };
    scope.region.logs.log_groups.insert(name.to_owned(), group);
    Ok(json!({}))
}

fn describe_log_groups(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let prefix = text(input, "logGroupNamePrefix").unwrap_or_default();
    let pattern = text(input, "logGroupNamePattern").unwrap_or_default();
    let groups = scope.region.logs.log_groups.values();
    let groups = groups.filter(|group| group.name.starts_with(prefix) && group.name.contains(pattern));
    let page = page(groups.collect(), page_size(input, "limit", 50), text(input, "nextToken"));
    let page = page.ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let groups: Vec<Value> = page.items.into_iter().map(group_output).collect();
    Ok(json!({"logGroups": groups, "nextToken": page.next_token}))
}

fn group_output(group: &LogGroup) -> Value {
    json!({
        "logGroupName": group.name,
        "creationTime": group.created_at.epoch_millis(),
        "retentionInDays": group.retention_in_days,
        "kmsKeyId": group.kms_key_id,
        "metricFilterCount": 0,
        "arn": format!("{}:*", group.arn),
        "logGroupArn": group.arn,
        "logGroupClass": "STANDARD",
        "storedBytes": group.streams.values().map(|events| stored_bytes(events)).sum::<usize>(),
    })
}

fn stored_bytes(events: &[LogEvent]) -> usize {
    // CloudWatch Logs adds 26 bytes to every event.
    events.iter().map(|event| event.message.len() + 26).sum()
}

fn delete_log_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = find_group(scope, input)?.name.clone();
    scope.region.logs.log_groups.remove(&name);
    Ok(json!({}))
}

fn put_retention_policy(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let days = input["retentionInDays"].as_i64().filter(|days| RETENTION_DAYS.contains(days));
    let days = days.ok_or_else(|| invalid("retentionInDays is not one of the accepted values"))?;
    find_group(scope, input)?.retention_in_days = Some(days);
    Ok(json!({}))
}

fn create_log_stream(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "logStreamName").filter(|name| !name.is_empty() && !name.contains([':', '*']));
    let name = name.ok_or_else(|| invalid("logStreamName must not be empty and must not contain : or *"))?;
    let group = find_group(scope, input)?;
    if group.streams.contains_key(name) {
        let message = "The specified log stream already exists";
        return Err(ApiError::client("ResourceAlreadyExistsException", message));
    }
    group.streams.insert(name.to_owned(), Vec::new());
    Ok(json!({}))
}

fn delete_log_stream(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "logStreamName").unwrap_or_default();
    let removed = find_group(scope, input)?.streams.remove(name);
    removed.map(|_| json!({})).ok_or_else(|| not_found("The specified log stream does not exist."))
}

fn describe_log_streams(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let group = find_group(scope, input)?;
    let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
    let mut streams: Vec<(&String, &Vec<LogEvent>)> =
        group.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
    if text(input, "orderBy") == Some("LastEventTime") {
        streams.sort_by_key(|(_, events)| events.last().map(|event| event.timestamp));
    }
    if input["descending"].as_bool() == Some(true) {
        streams.reverse();
    }
    let page = page(streams, page_size(input, "limit", 50), text(input, "nextToken"));
    let page = page.ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let stream_output = |(name, events): (&String, &Vec<LogEvent>)| {
        let first = events.first().map_or(group.created_at, |event| event.timestamp).epoch_millis();
        let last = events.last().map(|event| event.timestamp.epoch_millis());
        json!({
            "logStreamName": name,
            "arn": format!("{}:log-stream:{name}", group.arn),
            "creationTime": first,
            "firstEventTimestamp": last.map(|_| first),
            "lastEventTimestamp": last,
            "lastIngestionTime": last,
            "storedBytes": 0,
        })
    };
    let streams: Vec<Value> = page.items.into_iter().map(stream_output).collect();
    Ok(json!({"logStreams": streams, "nextToken": page.next_token}))
}

/// Pages run both ways: a token names the event before which, or at which, the next page begins.
fn get_log_events(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let group = find_group(scope, input)?;
    let stream = text(input, "logStreamName").and_then(|name| group.streams.get(name));
    let missing = || not_found("The specified log stream does not exist.");
    let events: Vec<&LogEvent> =
        stream.ok_or_else(missing)?.iter().filter(|event| is_within(event, input)).collect();
    let size = page_size(input, "limit", 10_000);
    let start = match text(input, "nextToken") {
        None if input["startFromHead"].as_bool() == Some(true) => 0,
        None => events.len().saturating_sub(size),
        Some(token) => {
            let position = |prefix| token.strip_prefix(prefix).and_then(|at| at.parse::<usize>().ok());
            let backward = || position("b/").map(|end| end.saturating_sub(size));
            let start = position("f/").or_else(backward);
            start.ok_or_else(|| invalid("The specified nextToken is invalid."))?.min(events.len())
        }
    };
    let end = start.saturating_add(size).min(events.len());
    let page: Vec<Value> = events[start..end].iter().map(|event| event_output(event)).collect();
    Ok(json!({
        "events": page,
        "nextForwardToken": format!("f/{end}"),
        "nextBackwardToken": format!("b/{start}"),
    }))
}

fn filter_log_events(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let group = find_group(scope, input)?;
    let names = texts(input, "logStreamNames");
    let prefix = text(input, "logStreamNamePrefix").unwrap_or_default();
    let pattern = text(input, "filterPattern").unwrap_or_default().trim_matches('"');
    let mut found: Vec<(&String, &LogEvent)> = group
        .streams
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()))
        .filter(|(name, _)| name.starts_with(prefix))
        .flat_map(|(name, events)| events.iter().map(move |event| (name, event)))
        .filter(|(_, event)| is_within(event, input) && event.message.contains(pattern))
        .collect();
    found.sort_by_key(|(_, event)| event.timestamp);
    let page = page(found, page_size(input, "limit", 10_000), text(input, "nextToken"));
    let page = page.ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let events = page.items.into_iter().enumerate().map(|(index, (name, event))| {
        let mut output = event_output(event);
        output["logStreamName"] = name.as_str().into();
        output["eventId"] = format!("{}{index:06}", event.timestamp.epoch_millis()).into();
        output
    });
    Ok(json!({"events": events.collect::<Vec<Value>>(), "nextToken": page.next_token}))
}

fn is_within(event: &LogEvent, input: &Value) -> bool {
    let time = event.timestamp.epoch_millis();
    let is_after_start = input["startTime"].as_u64().is_none_or(|start| time >= start);
    is_after_start && input["endTime"].as_u64().is_none_or(|end| time < end)
}

fn event_output(event: &LogEvent) -> Value {
    let time = event.timestamp.epoch_millis();
    json!({"timestamp": time, "message": event.message, "ingestionTime": time})
}

/// The group that the input names by name, or by ARN or name in `logGroupIdentifier`.
fn find_group<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut LogGroup, ApiError> {
    let identifier = text(input, "logGroupName").or_else(|| text(input, "logGroupIdentifier"));
    let identifier = identifier.unwrap_or_default();
    let mut groups = scope.region.logs.log_groups.values_mut();
    let group = groups.find(|group| group.name == identifier || group.arn == identifier);
    group.ok_or_else(|| not_found("The specified log group does not exist."))
}

/// The group of `resourceArn`, with or without the trailing `:*`.
fn find_tagged<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut LogGroup, ApiError> {
    let arn = text(input, "resourceArn").unwrap_or_default();
    let arn = arn.strip_suffix(":*").unwrap_or(arn);
    let group = scope.region.logs.log_groups.values_mut().find(|group| group.arn == arn);
    group.ok_or_else(|| not_found("The specified log group does not exist."))
}

fn not_found(message: &str) -> ApiError {
    ApiError::client("ResourceNotFoundException", message)
}

fn invalid(message: &str) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::input::list;
    use crate::sandbox::world::testing::Caller;

    fn with_group() -> Caller {
        let mut logs = Caller::of(Service::Logs);
        logs.call("CreateLogGroup", json!({"logGroupName": "/a", "tags": {"k": "v"}})).unwrap();
        logs
    }

    fn with_events(count: u64) -> Caller {
        let mut logs = with_group();
        logs.arrange(|scope| {
            let event = |index: u64| LogEvent {
                timestamp: scope.now.after(std::time::Duration::from_secs(index)),
                message: format!("line {index}"),
            };
            let events = (0..count).map(event).collect();
            let group = scope.region.logs.log_groups.get_mut("/a").unwrap();
            group.streams.insert("ecs/Main/1".to_owned(), events);
        });
        logs
    }

    fn messages(answer: &Value) -> Vec<&str> {
        list(answer, "events").iter().filter_map(|event| event["message"].as_str()).collect()
    }

    #[test]
    fn a_group_is_created_once_described_tagged_and_deleted() {
        let mut logs = with_group();
        let again = logs.refusal("CreateLogGroup", json!({"logGroupName": "/a"}));
        assert_eq!(again, "ResourceAlreadyExistsException");
        logs.call("PutRetentionPolicy", json!({"logGroupName": "/a", "retentionInDays": 14})).unwrap();
        let described = logs.call("DescribeLogGroups", json!({"logGroupNamePrefix": "/"})).unwrap();
        assert_eq!(described["logGroups"][0]["retentionInDays"], 14);
        let arn = described["logGroups"][0]["arn"].clone();
        assert_eq!(arn, "arn:aws:logs:eu-west-1:111122223333:log-group:/a:*");
        let tags = logs.call("ListTagsForResource", json!({"resourceArn": arn})).unwrap();
        assert_eq!(tags, json!({"tags": {"k": "v"}}));
        logs.call("DeleteLogGroup", json!({"logGroupName": "/a"})).unwrap();
        assert_eq!(
            logs.refusal("DeleteLogGroup", json!({"logGroupName": "/a"})),
            "ResourceNotFoundException"
        );
    }

    #[test]
    fn a_retention_that_the_service_does_not_offer_is_refused() {
        let input = json!({"logGroupName": "/a", "retentionInDays": 8});
        assert_eq!(with_group().refusal("PutRetentionPolicy", input), "InvalidParameterException");
    }

    #[test]
    fn events_are_read_from_the_end_unless_asked_from_the_head() {
        let mut logs = with_events(5);
        let mut input = json!({"logGroupName": "/a", "logStreamName": "ecs/Main/1", "limit": 2});
        let newest = logs.call("GetLogEvents", input.clone()).unwrap();
        assert_eq!(messages(&newest), ["line 3", "line 4"]);
        input["nextToken"] = newest["nextBackwardToken"].clone();
        assert_eq!(messages(&logs.call("GetLogEvents", input.clone()).unwrap()), ["line 1", "line 2"]);
        input["nextToken"] = newest["nextForwardToken"].clone();
        let end = logs.call("GetLogEvents", input.clone()).unwrap();
        assert!(messages(&end).is_empty());
        assert_eq!(end["nextForwardToken"], newest["nextForwardToken"], "the end repeats its token");
        let head =
            json!({"logGroupName": "/a", "logStreamName": "ecs/Main/1", "limit": 1, "startFromHead": true});
        assert_eq!(messages(&logs.call("GetLogEvents", head).unwrap()), ["line 0"]);
    }

    #[test]
    fn a_stream_is_created_once_and_deleted() {
        let mut logs = with_group();
        let input = json!({"logGroupName": "/a", "logStreamName": "s"});
        logs.call("CreateLogStream", input.clone()).unwrap();
        assert_eq!(logs.refusal("CreateLogStream", input.clone()), "ResourceAlreadyExistsException");
        assert!(messages(&logs.call("GetLogEvents", input.clone()).unwrap()).is_empty());
        logs.call("DeleteLogStream", input.clone()).unwrap();
        assert_eq!(logs.refusal("DeleteLogStream", input), "ResourceNotFoundException");
        assert_eq!(
            logs.refusal("CreateLogGroup", json!({"logGroupName": "a b"})),
            "InvalidParameterException"
        );
    }

    #[test]
    fn events_are_filtered_by_text_and_time() {
        let mut logs = with_events(12);
        let input = json!({"logGroupName": "/a", "filterPattern": "line 1"});
        assert_eq!(messages(&logs.call("FilterLogEvents", input).unwrap()), ["line 1", "line 10", "line 11"]);
        let input = json!({"logGroupName": "/a", "startTime": 1_767_225_610_000_u64});
        assert_eq!(messages(&logs.call("FilterLogEvents", input).unwrap()), ["line 10", "line 11"]);
    }

    #[test]
    fn streams_are_listed_newest_first_if_asked() {
        let mut logs = with_events(1);
        logs.arrange(|scope| {
            let group = scope.region.logs.log_groups.get_mut("/a").unwrap();
            let event = LogEvent { timestamp: Timestamp::default(), message: String::new() };
            group.streams.insert("zzz".to_owned(), vec![event]);
        });
        let input = json!({"logGroupName": "/a", "orderBy": "LastEventTime", "descending": true});
        let answer = logs.call("DescribeLogStreams", input).unwrap();
        assert_eq!(answer["logStreams"][0]["logStreamName"], "ecs/Main/1");
    }
}
