//! A metric alarm as it is put and as it is described.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A list in the Query protocol.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Members<T> {
    pub(crate) member: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { member: Vec::new() }
    }
}

/// An alarm: when it goes off, and whether it has.
#[expect(clippy::struct_field_names, reason = "the names are CloudWatch's")]
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Alarm {
    pub(crate) alarm_name: String,
    pub(crate) alarm_arn: String,
    pub(crate) alarm_description: Option<String>,
    pub(crate) threshold: Option<f64>,
    pub(crate) comparison_operator: Option<String>,
    pub(crate) evaluation_periods: Option<u32>,
    pub(crate) datapoints_to_alarm: Option<u32>,
    pub(crate) treat_missing_data: Option<String>,
    /// Of an alarm on metric math.
    pub(crate) metrics: Members<MetricDataQuery>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state_value: String,
    pub(crate) state_reason: String,
    /// `None` means true.
    pub(crate) actions_enabled: Option<bool>,
    pub(crate) alarm_actions: Members<String>,
    #[serde(rename = "OKActions")]
    pub(crate) ok_actions: Members<String>,
    pub(crate) insufficient_data_actions: Members<String>,
}

/// The definition of an alarm on metric math, all of it: a put replaces what is not named.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MetricAlarmInput {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Exactly one of them returns data.
    pub(crate) metrics: Vec<MetricDataQuery>,
    pub(crate) threshold: f64,
    /// For example `GreaterThanThreshold`.
    pub(crate) comparison_operator: &'static str,
    pub(crate) evaluation_periods: u32,
    pub(crate) datapoints_to_alarm: u32,
    /// For example `notBreaching`.
    pub(crate) treat_missing_data: &'static str,
    /// `None` means true.
    pub(crate) actions_enabled: Option<bool>,
    pub(crate) alarm_actions: Vec<String>,
    pub(crate) ok_actions: Vec<String>,
    pub(crate) insufficient_data_actions: Vec<String>,
    /// Set when the alarm is made; later puts leave the tags alone.
    pub(crate) tags: BTreeMap<String, String>,
}

/// One line of metric math: a metric or an expression.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct MetricDataQuery {
    pub(crate) id: String,
    pub(crate) label: Option<String>,
    pub(crate) expression: Option<String>,
    pub(crate) metric_stat: Option<MetricStat>,
    /// `None` in an answer means true.
    pub(crate) return_data: Option<bool>,
}

/// A metric and how its values are put together.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct MetricStat {
    pub(crate) metric: Metric,
    /// Seconds.
    pub(crate) period: u32,
    /// For example `Sum`.
    pub(crate) stat: String,
}

/// A metric of something.
#[expect(clippy::struct_field_names, reason = "the names are CloudWatch's")]
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) metric_name: String,
    pub(crate) dimensions: Members<Dimension>,
}

/// What a metric is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl MetricAlarmInput {
    pub(super) fn to_parameters(&self) -> Vec<(String, String)> {
        let mut parameters: Vec<(String, String)> = [
            ("AlarmName", self.name.clone()),
            ("Threshold", self.threshold.to_string()),
            ("ComparisonOperator", self.comparison_operator.to_owned()),
            ("EvaluationPeriods", self.evaluation_periods.to_string()),
            ("DatapointsToAlarm", self.datapoints_to_alarm.to_string()),
            ("TreatMissingData", self.treat_missing_data.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        parameters.extend(
            self.actions_enabled.map(|is_enabled| ("ActionsEnabled".to_owned(), is_enabled.to_string())),
        );
        parameters.extend(self.description.iter().map(|text| ("AlarmDescription".to_owned(), text.clone())));
        for (list, actions) in [
            ("AlarmActions", &self.alarm_actions),
            ("OKActions", &self.ok_actions),
            ("InsufficientDataActions", &self.insufficient_data_actions),
        ] {
            let actions = actions.iter().enumerate();
            parameters.extend(
                actions.map(|(index, action)| (format!("{list}.member.{}", index + 1), action.clone())),
            );
        }
        for (index, query) in self.metrics.iter().enumerate() {
            query.push_parameters(&format!("Metrics.member.{}", index + 1), &mut parameters);
        }
        parameters.extend(tag_parameters(&self.tags));
        parameters
    }
}

impl MetricDataQuery {
    fn push_parameters(&self, prefix: &str, parameters: &mut Vec<(String, String)>) {
        let mut push = |name: &str, value: String| parameters.push((format!("{prefix}.{name}"), value));
        push("Id", self.id.clone());
        push("ReturnData", self.return_data.unwrap_or(true).to_string());
        if let Some(label) = &self.label {
            push("Label", label.clone());
        }
        if let Some(expression) = &self.expression {
            push("Expression", expression.clone());
        }
        let Some(stat) = &self.metric_stat else { return };
        push("MetricStat.Period", stat.period.to_string());
        push("MetricStat.Stat", stat.stat.clone());
        push("MetricStat.Metric.Namespace", stat.metric.namespace.clone());
        push("MetricStat.Metric.MetricName", stat.metric.metric_name.clone());
        for (index, dimension) in stat.metric.dimensions.member.iter().enumerate() {
            let member = format!("MetricStat.Metric.Dimensions.member.{}", index + 1);
            push(&format!("{member}.Name"), dimension.name.clone());
            push(&format!("{member}.Value"), dimension.value.clone());
        }
    }
}

pub(super) fn tag_parameters(
    tags: &BTreeMap<String, String>,
) -> impl Iterator<Item = (String, String)> + use<'_> {
    tags.iter().enumerate().flat_map(|(index, (key, value))| {
        let member = format!("Tags.member.{}", index + 1);
        [(format!("{member}.Key"), key.clone()), (format!("{member}.Value"), value.clone())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_put_with_all_of_its_definition() {
        let query = MetricDataQuery {
            id: "r".to_owned(),
            metric_stat: Some(MetricStat {
                metric: Metric {
                    namespace: "AWS/ApplicationELB".to_owned(),
                    metric_name: "RequestCount".to_owned(),
                    dimensions: Members {
                        member: vec![Dimension { name: "TargetGroup".to_owned(), value: "tg".to_owned() }],
                    },
                },
                period: 60,
                stat: "Sum".to_owned(),
            }),
            return_data: Some(false),
            ..MetricDataQuery::default()
        };
        let input = MetricAlarmInput {
            name: "a".to_owned(),
            metrics: vec![query],
            threshold: 1.0,
            actions_enabled: Some(false),
            alarm_actions: vec!["act".to_owned()],
            tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            ..MetricAlarmInput::default()
        };
        let parameters: BTreeMap<_, _> = input.to_parameters().into_iter().collect();
        for (name, value) in [
            ("Threshold", "1"),
            ("ActionsEnabled", "false"),
            ("AlarmActions.member.1", "act"),
            ("Metrics.member.1.ReturnData", "false"),
            ("Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Value", "tg"),
            ("Tags.member.1.Key", "k"),
        ] {
            assert_eq!(parameters.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(!parameters.contains_key("AlarmDescription"));
    }
}
