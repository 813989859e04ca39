//! AWS Secrets Manager as this provider uses it: whether a secret is there. Values are never read.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};

const SECRETS_MANAGER: JsonService = JsonService {
    name: "Secrets Manager",
    signing_name: "secretsmanager",
    host_prefix: "secretsmanager",
    endpoint_name: "secretsmanager",
    sdk_id: "secrets manager",
    target_prefix: "secretsmanager",
    version: "1.1",
};

/// The Secrets Manager API of one region.
pub(crate) struct SecretsManager {
    client: JsonClient,
}

/// A secret, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretRecord {
    /// Somebody has deleted it; until the recovery window ends it can be brought back, but not read.
    pub(crate) is_being_deleted: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescribeSecretOutput {
    deleted_date: Option<Value>,
}

impl SecretsManager {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: JsonClient::new(clients, SECRETS_MANAGER) }
    }

    /// A secret by ARN or name; `None`: there is none.
    pub(crate) async fn find_secret(&self, id: &str) -> Result<Option<SecretRecord>, AwsError> {
        let result =
            self.client.call::<DescribeSecretOutput>("DescribeSecret", &json!({ "SecretId": id })).await;
        let output = AwsError::optional(result, &["ResourceNotFoundException"])?;
        Ok(output.map(|output| SecretRecord { is_being_deleted: output.deleted_date.is_some() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws};

    async fn find(status: u16, body: &'static str) -> Result<Option<SecretRecord>, AwsError> {
        let aws = FakeAws::answering(move |_| Answer::Http(status, body.to_owned()));
        SecretsManager::new(aws.clients().await).find_secret("db").await
    }

    #[tokio::test]
    async fn a_secret_is_there_or_being_deleted_or_not_there() {
        let record = |is_being_deleted| Ok(Some(SecretRecord { is_being_deleted }));
        assert_eq!(find(200, r#"{"Name": "db"}"#).await, record(false));
        assert_eq!(find(200, r#"{"Name": "db", "DeletedDate": 1793491200.0}"#).await, record(true));
        assert_eq!(find(400, r#"{"__type": "ResourceNotFoundException"}"#).await, Ok(None));
    }
}
