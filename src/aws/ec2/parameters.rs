//! The parameters of EC2's Query protocol.

use std::collections::BTreeMap;

/// Parameters in the order in which they were added.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Parameters(pub(super) Vec<(String, String)>);

impl Parameters {
    /// One parameter.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// `<name>.1`, `<name>.2`, ...
    pub(super) fn with_list<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a String>) -> Self {
        for (index, value) in values.into_iter().enumerate() {
            self.0.push((format!("{name}.{}", index + 1), value.clone()));
        }
        self
    }

    /// `Filter.<n>` with one value, numbered by the call.
    pub(super) fn with_filter(self, name: &str, value: &str) -> Self {
        self.with_filter_of_any(name, &[value])
    }

    /// `Filter.<n>` that any of the values passes.
    pub(super) fn with_filter_of_any(mut self, name: &str, values: &[&str]) -> Self {
        let count = self.0.iter().filter(|(name, _)| name.starts_with("Filter.") && name.ends_with(".Name"));
        let number = count.count() + 1;
        self.0.push((format!("Filter.{number}.Name"), name.to_owned()));
        for (index, value) in values.iter().enumerate() {
            self.0.push((format!("Filter.{number}.Value.{}", index + 1), (*value).to_owned()));
        }
        self
    }

    /// Tags for what the call makes; the API takes no empty specification.
    pub(super) fn with_tag_specification(
        mut self,
        resource_type: &str,
        tags: &BTreeMap<String, String>,
    ) -> Self {
        if tags.is_empty() {
            return self;
        }
        self.0.push(("TagSpecification.1.ResourceType".to_owned(), resource_type.to_owned()));
        self.with_tags("TagSpecification.1.Tag", tags)
    }

    /// `<prefix>.<n>.Key` and `<prefix>.<n>.Value`.
    pub(super) fn with_tags(mut self, prefix: &str, tags: &BTreeMap<String, String>) -> Self {
        for (index, (key, value)) in tags.iter().enumerate() {
            self.0.push((format!("{prefix}.{}.Key", index + 1), key.clone()));
            self.0.push((format!("{prefix}.{}.Value", index + 1), value.clone()));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_lists_and_tags_are_numbered_from_one() {
        let tags = [("k".to_owned(), "v".to_owned())].into();
        let parameters = Parameters::default()
            .with_filter("vpc-id", "vpc-1")
            .with_filter_of_any("group-name", &["g", "h"])
            .with_list("SubnetId", &["a".to_owned(), "b".to_owned()])
            .with_tag_specification("security-group", &tags)
            .with_tag_specification("security-group-rule", &BTreeMap::new());
        let text: Vec<String> = parameters.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "Filter.1.Name=vpc-id",
                "Filter.1.Value.1=vpc-1",
                "Filter.2.Name=group-name",
                "Filter.2.Value.1=g",
                "Filter.2.Value.2=h",
                "SubnetId.1=a",
                "SubnetId.2=b",
                "TagSpecification.1.ResourceType=security-group",
                "TagSpecification.1.Tag.1.Key=k",
                "TagSpecification.1.Tag.1.Value=v",
            ]
        );
    }
}
