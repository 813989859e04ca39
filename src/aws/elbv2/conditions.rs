//! Which requests a rule takes. Read and written without loss, because conditions are replaced as a whole list and
//! those that others added are kept (facts, composition section 5).

use aws_sdk_elasticloadbalancingv2::types;

/// A condition of a rule. A request has to meet all conditions, and in each of them one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// The host name, with `*` and `?` as wildcards.
    HostHeader(Values),
    /// The path, with wildcards.
    PathPattern(Values),
    /// A header, with wildcards.
    HttpHeader {
        /// Name of the header.
        name: String,
        /// What it is compared with.
        values: Values,
    },
    /// The method.
    HttpRequestMethod(Vec<String>),
    /// Keys, where given, and values of the query.
    QueryString(Vec<(Option<String>, String)>),
    /// The client's address, as CIDR.
    SourceIp(Vec<String>),
    /// A kind that is not known here, by its field.
    Other(String),
}

/// Texts with wildcards, or regular expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values {
    /// Texts with wildcards.
    pub texts: Vec<String>,
    /// Regular expressions.
    pub expressions: Vec<String>,
}

impl Condition {
    /// Takes requests for any of these host names.
    pub fn hosts(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts = hosts.into_iter().map(Into::into).collect();
        Self::HostHeader(Values { texts, expressions: Vec::new() })
    }

    /// The host names of a host condition.
    pub fn host_names(&self) -> &[String] {
        match self {
            Self::HostHeader(values) => &values.texts,
            _ => &[],
        }
    }

    /// As the API takes it. A condition of another kind becomes one without values, which the API refuses.
    pub(super) fn to_input(&self) -> types::RuleCondition {
        let condition = types::RuleCondition::builder().field(self.field());
        match self {
            Self::HostHeader(values) => condition.host_header_config(
                types::HostHeaderConditionConfig::builder()
                    .set_values(values.texts())
                    .set_regex_values(values.expressions())
                    .build(),
            ),
            Self::PathPattern(values) => condition.path_pattern_config(
                types::PathPatternConditionConfig::builder()
                    .set_values(values.texts())
                    .set_regex_values(values.expressions())
                    .build(),
            ),
            Self::HttpHeader { name, values } => condition.http_header_config(
                types::HttpHeaderConditionConfig::builder()
                    .http_header_name(name)
                    .set_values(values.texts())
                    .set_regex_values(values.expressions())
                    .build(),
            ),
            Self::HttpRequestMethod(methods) => condition.http_request_method_config(
                types::HttpRequestMethodConditionConfig::builder().set_values(Some(methods.clone())).build(),
            ),
            Self::QueryString(pairs) => {
                let pair = |(key, value): &(Option<String>, String)| {
                    types::QueryStringKeyValuePair::builder().set_key(key.clone()).value(value).build()
                };
                let pairs = pairs.iter().map(pair).collect();
                condition.query_string_config(
                    types::QueryStringConditionConfig::builder().set_values(Some(pairs)).build(),
                )
            }
            Self::SourceIp(cidrs) => condition.source_ip_config(
                types::SourceIpConditionConfig::builder().set_values(Some(cidrs.clone())).build(),
            ),
            Self::Other(_) => condition,
        }
        .build()
    }

    /// As the API describes it.
    pub(super) fn from_output(output: &types::RuleCondition) -> Self {
        if let Some(config) = output.host_header_config() {
            return Self::HostHeader(Values::of(config.values(), config.regex_values()));
        }
        if let Some(config) = output.path_pattern_config() {
            return Self::PathPattern(Values::of(config.values(), config.regex_values()));
        }
        if let Some(config) = output.http_header_config() {
            let name = config.http_header_name.clone().unwrap_or_default();
            return Self::HttpHeader { name, values: Values::of(config.values(), config.regex_values()) };
        }
        if let Some(config) = output.http_request_method_config() {
            return Self::HttpRequestMethod(config.values().to_vec());
        }
        if let Some(config) = output.query_string_config() {
            let pair = |pair: &types::QueryStringKeyValuePair| {
                (pair.key.clone(), pair.value.clone().unwrap_or_default())
            };
            return Self::QueryString(config.values().iter().map(pair).collect());
        }
        if let Some(config) = output.source_ip_config() {
            return Self::SourceIp(config.values().to_vec());
        }
        match output.field() {
            Some("host-header") => Self::HostHeader(Values::of(output.values(), output.regex_values())),
            Some("path-pattern") => Self::PathPattern(Values::of(output.values(), output.regex_values())),
            field => Self::Other(field.unwrap_or_default().to_owned()),
        }
    }

    fn field(&self) -> &str {
        match self {
            Self::HostHeader(_) => "host-header",
            Self::PathPattern(_) => "path-pattern",
            Self::HttpHeader { .. } => "http-header",
            Self::HttpRequestMethod(_) => "http-request-method",
            Self::QueryString(_) => "query-string",
            Self::SourceIp(_) => "source-ip",
            Self::Other(field) => field,
        }
    }
}

impl Values {
    fn of(texts: &[String], expressions: &[String]) -> Self {
        Self { texts: texts.to_vec(), expressions: expressions.to_vec() }
    }

    /// Empty lists are left out: the API takes one of the two.
    fn texts(&self) -> Option<Vec<String>> {
        Some(self.texts.clone()).filter(|texts| !texts.is_empty())
    }

    fn expressions(&self) -> Option<Vec<String>> {
        Some(self.expressions.clone()).filter(|expressions| !expressions.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_back_as_it_was_written() {
        let values = Values { texts: vec!["a*".to_owned()], expressions: Vec::new() };
        let conditions = [
            Condition::hosts(["a.example", "b.example"]),
            Condition::HostHeader(Values { texts: Vec::new(), expressions: vec!["^a$".to_owned()] }),
            Condition::PathPattern(values.clone()),
            Condition::HttpHeader { name: "x-xp-test".to_owned(), values },
            Condition::HttpRequestMethod(vec!["GET".to_owned()]),
            Condition::QueryString(vec![(Some("k".to_owned()), "v".to_owned()), (None, "w".to_owned())]),
            Condition::SourceIp(vec!["10.0.0.0/8".to_owned()]),
            Condition::Other("new-kind".to_owned()),
        ];
        for condition in conditions {
            assert_eq!(Condition::from_output(&condition.to_input()), condition);
        }
    }
}
