//! Amazon CloudWatch alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{list, page, page_size, text, texts};
use super::{Scope, Tags, Timestamp, autoscaling, ecs, tag_list, timing, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// CloudWatch of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CloudWatchState {
    /// Keyed by alarm name.
    pub(crate) metric_alarms: BTreeMap<String, MetricAlarm>,
}

/// A metric alarm.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MetricAlarm {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// The `PutMetricAlarm` input as given: threshold, metrics, periods.
    pub(crate) definition: Value,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    pub(crate) state_reason: String,
    pub(crate) state_updated_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) tags: Tags,
}

/// Why a new alarm has its state.
const UNCHECKED: &str = "Unchecked: Initial alarm creation";
/// Why an alarm without data is well.
const NO_DATA: &str = "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated \
                       as [NonBreaching].";

/// Members of a definition that the describing operation leaves out.
const NOT_DESCRIBED: [&str; 1] = ["Tags"];

/// Executes one CloudWatch operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "DescribeAlarms" => describe_alarms(scope, input),
        "PutMetricAlarm" => put_metric_alarm(scope, input),
        "SetAlarmState" => set_alarm_state(scope, input),
        "DeleteAlarms" => delete_alarms(scope, input),
        "ListTagsForResource" => Ok(json!({"Tags": tag_list::to_list(&find_tagged(scope, input)?.tags)})),
        "TagResource" => {
            let tags = tag_list::from_list(list(input, "Tags"));
            find_tagged(scope, input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "UntagResource" => {
            let keys = texts(input, "TagKeys");
            find_tagged(scope, input)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(json!({}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn describe_alarms(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let names = texts(input, "AlarmNames");
    let prefix = text(input, "AlarmNamePrefix").unwrap_or_default();
    let state = text(input, "StateValue");
    let types = texts(input, "AlarmTypes");
    let is_type = types.is_empty() || types.contains(&"MetricAlarm");
    let alarms: Vec<&MetricAlarm> = scope
        .region
        .cloudwatch
        .metric_alarms
        .values()
        .filter(|alarm| names.is_empty() || names.contains(&alarm.name.as_str()))
        .filter(|alarm| alarm.name.starts_with(prefix) && state.is_none_or(|state| alarm.state == state))
        .filter(|_| is_type)
        .collect();
    let page = page(alarms, page_size(input, "MaxRecords", 100), text(input, "NextToken"));
    let page = page.ok_or_else(|| ApiError::client("InvalidNextToken", "The next token is invalid."))?;
    let alarms: Vec<Value> = page.items.into_iter().map(|alarm| output(alarm, scope.now)).collect();
    Ok(json!({"MetricAlarms": alarms, "CompositeAlarms": [], "NextToken": page.next_token}))
}

fn output(alarm: &MetricAlarm, now: Timestamp) -> Value {
    let (state, reason) = evaluate(alarm, now);
    let mut described = json!({
        "ActionsEnabled": true,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
    });
    for (member, value) in alarm.definition.as_object().into_iter().flatten() {
        if !NOT_DESCRIBED.contains(&member.as_str()) {
            described[member] = value.clone();
        }
    }
    described["AlarmName"] = alarm.name.as_str().into();
    described["AlarmArn"] = alarm.arn.as_str().into();
    described["AlarmConfigurationUpdatedTimestamp"] = alarm.updated_at.epoch_seconds();
    described["StateValue"] = state.into();
    described["StateReason"] = reason.into();
    described["StateUpdatedTimestamp"] = alarm.state_updated_at.epoch_seconds();
    described["StateTransitionedTimestamp"] = alarm.state_updated_at.epoch_seconds();
    described
}

/// State and reason of an alarm. A new one has too little data; since the sandbox measures nothing, it then stays so,
/// unless missing data count as good.
fn evaluate(alarm: &MetricAlarm, now: Timestamp) -> (&str, &str) {
    let is_fresh = alarm.state_reason == UNCHECKED && alarm.updated_at.after(timing::ALARM_EVALUATED) <= now;
    if is_fresh && alarm.definition["TreatMissingData"] == "notBreaching" {
        return ("OK", NO_DATA);
    }
    (&alarm.state, &alarm.state_reason)
}

/// Creates the alarm or replaces its definition as a whole; state and tags of a present alarm stay.
fn put_metric_alarm(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "AlarmName").filter(|name| (1..=255).contains(&name.len()));
    let name = name.ok_or_else(|| validation("AlarmName must be 1 to 255 characters long"))?;
    check(input)?;
    let fresh = MetricAlarm {
        arn: scope.region.arn("cloudwatch", &format!("alarm:{name}")),
        name: name.to_owned(),
        state: "INSUFFICIENT_DATA".to_owned(),
        state_reason: UNCHECKED.to_owned(),
        state_updated_at: scope.now,
        tags: tag_list::from_list(list(input, "Tags")),
        ..MetricAlarm::default()
    };
    let now = scope.now;
    let alarm = scope.region.cloudwatch.metric_alarms.entry(name.to_owned()).or_insert(fresh);
    alarm.definition = input.clone();
    alarm.updated_at = now;
    Ok(json!({}))
}

/// Refuses a definition that CloudWatch cannot evaluate.
fn check(input: &Value) -> Result<(), ApiError> {
    let metrics = list(input, "Metrics");
    if metrics.is_empty() == text(input, "MetricName").is_none() {
        return Err(validation("An alarm needs either MetricName or Metrics"));
    }
    for member in ["EvaluationPeriods", "ComparisonOperator"] {
        if input[member].is_null() {
            let message = format!("The parameter {member} is required.");
            return Err(ApiError::client("MissingRequiredParameterException", message));
        }
    }
    let periods = input["EvaluationPeriods"].as_i64().unwrap_or_default();
    if input["DatapointsToAlarm"].as_i64().is_some_and(|count| count < 1 || count > periods) {
        return Err(validation("DatapointsToAlarm must be between 1 and EvaluationPeriods"));
    }
    if metrics.is_empty() {
        return Ok(());
    }
    if ["Namespace", "Period", "Statistic", "Dimensions"].iter().any(|member| !input[*member].is_null()) {
        let message =
            "The parameters Namespace, Period, Statistic and Dimensions cannot be used with Metrics.";
        return Err(ApiError::client("InvalidParameterCombinationException", message));
    }
    if metrics.iter().any(|metric| metric["Expression"].is_string() == metric["MetricStat"].is_object()) {
        return Err(validation("Each metric needs either an Expression or a MetricStat"));
    }
    if metrics.iter().filter(|metric| metric["ReturnData"] != false).count() != 1 {
        return Err(validation("Exactly one element of the metrics list should return data."));
    }
    Ok(())
}

/// Sets an alarm off by hand: the way to rehearse a rollback, or a step of a scaling policy.
fn set_alarm_state(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "AlarmName").unwrap_or_default();
    let state =
        text(input, "StateValue").filter(|state| ["OK", "ALARM", "INSUFFICIENT_DATA"].contains(state));
    let state = state.ok_or_else(|| validation("StateValue must be OK, ALARM or INSUFFICIENT_DATA"))?;
    let now = scope.now;
    let alarm = scope.region.cloudwatch.metric_alarms.get_mut(name).ok_or_else(|| alarm_not_found(name))?;
    state.clone_into(&mut alarm.state);
    text(input, "StateReason").unwrap_or_default().clone_into(&mut alarm.state_reason);
    alarm.state_updated_at = now;
    if state == "ALARM" {
        ecs::rollback::on_alarm_changed(scope, name);
        autoscaling::on_alarm(scope, name);
    }
    Ok(json!({}))
}

/// Deletes all of the alarms, or none if one is missing.
fn delete_alarms(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let alarms = &mut scope.region.cloudwatch.metric_alarms;
    let names = texts(input, "AlarmNames");
    if let Some(missing) = names.iter().find(|name| !alarms.contains_key(**name)) {
        return Err(alarm_not_found(missing));
    }
    alarms.retain(|name, _| !names.contains(&name.as_str()));
    Ok(json!({}))
}

fn find_tagged<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut MetricAlarm, ApiError> {
    let arn = text(input, "ResourceARN").unwrap_or_default();
    let alarm = scope.region.cloudwatch.metric_alarms.values_mut().find(|alarm| alarm.arn == arn);
    let message = || format!("The resource {arn} does not exist");
    let missing = || ApiError { status: 404, ..ApiError::client("ResourceNotFoundException", message()) };
    alarm.ok_or_else(missing)
}

fn alarm_not_found(name: &str) -> ApiError {
    let message = format!("The alarm {name} does not exist");
    ApiError { status: 404, ..ApiError::client("ResourceNotFound", message) }
}

fn validation(message: &str) -> ApiError {
    ApiError::client("ValidationException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    fn with_alarm() -> Caller {
        let mut cloudwatch = Caller::of(Service::CloudWatch);
        let input = json!({"AlarmName": "a", "MetricName": "CPU", "Threshold": 1.0, "EvaluationPeriods": 3,
            "ComparisonOperator": "GreaterThanThreshold", "Tags": [{"Key": "k", "Value": "v"}]});
        cloudwatch.call("PutMetricAlarm", input).unwrap();
        cloudwatch
    }

    fn described(cloudwatch: &mut Caller) -> Value {
        let answer = cloudwatch.call("DescribeAlarms", json!({"AlarmNames": ["a"]})).unwrap();
        answer["MetricAlarms"][0].clone()
    }

    #[test]
    fn an_alarm_is_described_as_it_was_put() {
        let mut cloudwatch = with_alarm();
        let alarm = described(&mut cloudwatch);
        assert_eq!(alarm["EvaluationPeriods"], 3);
        assert_eq!((&alarm["StateValue"], &alarm["Tags"]), (&"INSUFFICIENT_DATA".into(), &Value::Null));
        let tags = cloudwatch.call("ListTagsForResource", json!({"ResourceARN": alarm["AlarmArn"]})).unwrap();
        assert_eq!(tags["Tags"][0]["Value"], "v");
    }

    #[test]
    fn a_state_set_by_hand_survives_a_new_definition() {
        let mut cloudwatch = with_alarm();
        let input = json!({"AlarmName": "a", "StateValue": "ALARM", "StateReason": "rehearsal"});
        cloudwatch.call("SetAlarmState", input).unwrap();
        let input = json!({"AlarmName": "a", "MetricName": "CPU", "Threshold": 2.0, "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold"});
        cloudwatch.call("PutMetricAlarm", input).unwrap();
        let alarm = described(&mut cloudwatch);
        assert_eq!((&alarm["StateValue"], &alarm["EvaluationPeriods"]), (&"ALARM".into(), &1.into()));
    }

    #[test]
    fn a_definition_that_cannot_be_evaluated_is_refused() {
        let mut cloudwatch = with_alarm();
        let metric = json!({"Metric": {"MetricName": "CPU"}, "Period": 60, "Stat": "Sum"});
        for (wrong, code) in [
            (json!({"MetricName": "CPU", "Metrics": [{"Id": "a"}]}), "ValidationException"),
            (json!({"MetricName": "CPU", "ComparisonOperator": null}), "MissingRequiredParameterException"),
            (json!({"MetricName": "CPU", "DatapointsToAlarm": 4}), "ValidationException"),
            (
                json!({"Metrics": [{"Id": "a", "MetricStat": metric}], "Period": 60}),
                "InvalidParameterCombinationException",
            ),
            (
                json!({"Metrics": [{"Id": "a", "MetricStat": metric, "ReturnData": false}]}),
                "ValidationException",
            ),
            (json!({"Metrics": [{"Id": "a"}]}), "ValidationException"),
        ] {
            let mut input = json!({"AlarmName": "b", "Threshold": 1.0, "EvaluationPeriods": 3,
                "ComparisonOperator": "GreaterThanThreshold"});
            input.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            assert_eq!(cloudwatch.refusal("PutMetricAlarm", input), code, "{wrong}");
        }
    }

    #[test]
    fn an_alarm_is_well_once_it_was_evaluated_without_data() {
        let mut alarm = MetricAlarm {
            state: "INSUFFICIENT_DATA".to_owned(),
            state_reason: UNCHECKED.to_owned(),
            definition: json!({"TreatMissingData": "notBreaching"}),
            ..MetricAlarm::default()
        };
        let later = alarm.updated_at.after(timing::ALARM_EVALUATED);
        assert_eq!(evaluate(&alarm, alarm.updated_at).0, "INSUFFICIENT_DATA");
        assert_eq!(evaluate(&alarm, later).0, "OK");
        alarm.definition = json!({});
        assert_eq!(evaluate(&alarm, later).0, "INSUFFICIENT_DATA");
    }

    #[test]
    fn alarms_are_deleted_all_or_none() {
        let mut cloudwatch = with_alarm();
        let both = json!({"AlarmNames": ["a", "missing"]});
        assert_eq!(cloudwatch.refusal("DeleteAlarms", both), "ResourceNotFound");
        assert_eq!(described(&mut cloudwatch)["AlarmName"], "a");
        cloudwatch.call("DeleteAlarms", json!({"AlarmNames": ["a"]})).unwrap();
        assert_eq!(described(&mut cloudwatch), Value::Null);
    }

    #[test]
    fn alarms_are_filtered_by_prefix_and_state() {
        let mut cloudwatch = with_alarm();
        for (filter, expected) in [
            (json!({"AlarmNamePrefix": "a"}), 1),
            (json!({"AlarmNamePrefix": "b"}), 0),
            (json!({"StateValue": "OK"}), 0),
            (json!({"AlarmTypes": ["CompositeAlarm"]}), 0),
        ] {
            let found = cloudwatch.call("DescribeAlarms", filter.clone()).unwrap();
            assert_eq!(found["MetricAlarms"].as_array().map(Vec::len), Some(expected), "{filter}");
        }
    }
}
