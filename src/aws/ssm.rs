//! Parameter Store of AWS Systems Manager as this provider uses it: whether parameters are there.
//!
//! `DescribeParameters` tells it without their values, which `GetParameters` would bring along.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};

const SSM: JsonService = JsonService {
    name: "Parameter Store",
    signing_name: "ssm",
    host_prefix: "ssm",
    endpoint_name: "ssm",
    sdk_id: "ssm",
    target_prefix: "AmazonSSM",
    version: "1.1",
};

/// Pages that are read at the most. A page may be shorter than what was asked for, even empty.
const PAGE_LIMIT: usize = 20;

/// The Parameter Store API of one region.
pub(crate) struct Ssm {
    client: JsonClient,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeParametersOutput {
    parameters: Vec<ParameterItem>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ParameterItem {
    name: String,
}

impl Ssm {
    /// Parameters that one call describes at the most.
    pub(crate) const PARAMETERS_PER_CALL: usize = 50;

    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: JsonClient::new(clients, SSM) }
    }

    /// Those of the names that parameters have.
    pub(crate) async fn list_parameters(&self, names: &[String]) -> Result<BTreeSet<String>, AwsError> {
        let filter = json!({"Key": "Name", "Option": "Equals", "Values": names});
        let mut input = json!({"ParameterFilters": [filter], "MaxResults": Self::PARAMETERS_PER_CALL});
        let mut found = BTreeSet::new();
        for _ in 0..PAGE_LIMIT {
            let output: DescribeParametersOutput = self.client.call("DescribeParameters", &input).await?;
            found.extend(output.parameters.into_iter().map(|parameter| parameter.name));
            match output.next_token {
                Some(token) => input["NextToken"] = json!(token),
                None => break,
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws};

    #[tokio::test]
    async fn short_pages_are_read_to_the_end() {
        let aws = FakeAws::answering(|seen| {
            let is_second = seen.body.contains("NextToken");
            let page =
                if is_second { r#"{"Parameters": [{"Name": "/a"}]}"# } else { r#"{"NextToken": "t"}"# };
            Answer::Http(200, page.to_owned())
        });
        let found = Ssm::new(aws.clients().await).list_parameters(&["/a".to_owned(), "/b".to_owned()]).await;
        assert_eq!(found, Ok(["/a".to_owned()].into()));
        assert_eq!(aws.seen().len(), 2);
    }
}
