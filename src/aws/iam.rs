//! AWS Identity and Access Management as this provider uses it: whether a role is there, and whom it trusts.

use std::time::SystemTime;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws::query::{QueryClient, QueryService};
use crate::aws::signed_call::GlobalEndpoint;
use crate::aws::{AwsError, Clients};

const IAM: QueryService = QueryService {
    name: "IAM",
    signing_name: "iam",
    endpoint_name: "iam",
    version: "2010-05-08",
    global: &[
        GlobalEndpoint {
            partition: "aws",
            host: "iam.amazonaws.com",
            fips_host: "iam-fips.amazonaws.com",
            region: "us-east-1",
        },
        GlobalEndpoint {
            partition: "aws-cn",
            host: "iam.cn-north-1.amazonaws.com.cn",
            fips_host: "iam.cn-north-1.amazonaws.com.cn",
            region: "cn-north-1",
        },
        GlobalEndpoint {
            partition: "aws-us-gov",
            host: "iam.us-gov.amazonaws.com",
            fips_host: "iam.us-gov.amazonaws.com",
            region: "us-gov-west-1",
        },
    ],
};

/// The IAM API, which is the same in every region of a partition.
pub(crate) struct Iam {
    client: QueryClient,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// Its ARN, with its path.
    pub(crate) arn: String,
    /// Its trust policy, a JSON document.
    pub(crate) trust_policy: String,
    /// When it was made.
    pub(crate) created_at: Option<SystemTime>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetRoleOutput {
    get_role_result: GetRoleResult,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetRoleResult {
    role: RoleItem,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleItem {
    #[serde(default)]
    arn: String,
    #[serde(default)]
    assume_role_policy_document: String,
    #[serde(default)]
    create_date: Option<String>,
}

impl Iam {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: QueryClient::new(clients, IAM) }
    }

    /// A role of the account by its name, without path; `None`: there is none.
    pub(crate) async fn find_role(&self, name: &str) -> Result<Option<Role>, AwsError> {
        let parameters = [("RoleName".to_owned(), name.to_owned())];
        let result = self.client.call::<GetRoleOutput>("GetRole", &parameters).await;
        let output = AwsError::optional(result, &["NoSuchEntity"])?;
        Ok(output.map(|output| {
            let role = output.get_role_result.role;
            let created_at = role.create_date.and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok());
            Role {
                arn: role.arn,
                trust_policy: decoded(&role.assume_role_policy_document),
                created_at: created_at.map(SystemTime::from),
            }
        }))
    }
}

/// IAM answers policy documents percent-encoded.
fn decoded(document: &str) -> String {
    if document.trim_start().starts_with('{') {
        return document.to_owned();
    }
    form_urlencoded::parse(document.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws, sandbox_clients};

    #[tokio::test]
    async fn a_role_is_found_with_its_trust_policy() {
        let (_, clients) = sandbox_clients().await;
        let role = Iam::new(clients).find_role("execution").await.expect("answered").expect("there");
        let policy: serde_json::Value = serde_json::from_str(&role.trust_policy).expect("JSON");
        assert_eq!(policy["Statement"][0]["Action"], "sts:AssumeRole");
    }

    #[tokio::test]
    async fn a_role_that_is_not_there_is_none() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error>\
                    </ErrorResponse>";
        let aws = FakeAws::answering(move |_| Answer::Http(404, body.to_owned()));
        assert_eq!(Iam::new(aws.clients().await).find_role("gone").await, Ok(None));
    }

    #[tokio::test]
    async fn a_call_goes_to_the_one_endpoint_of_the_partition() {
        let aws = FakeAws::answering(|_| Answer::Http(200, "<x/>".to_owned()));
        Iam::new(aws.clients().await).find_role("r").await.expect_err("not readable");
        let seen = aws.seen();
        assert_eq!(seen[0].uri, "https://iam.amazonaws.com/");
        assert!(seen[0].authorization.contains("/us-east-1/iam/aws4_request"), "{}", seen[0].authorization);
    }
}
