//! AWS Secrets Manager: which secrets are there. None has a value.
//!
//! Any secret may be used in the sandbox without making it: one that nobody has touched is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::text;
use super::{Scope, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Secrets Manager of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecretsManagerState {
    /// Secrets that wait for their deletion, by the id that was given.
    being_deleted: BTreeMap<String, Timestamp>,
    /// Secrets that are gone.
    deleted: BTreeSet<String>,
}

/// Executes one Secrets Manager operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    let id = text(input, "SecretId").unwrap_or_default().to_owned();
    let now = scope.now;
    let state = &mut scope.region.secrets_manager;
    if state.deleted.contains(&id) {
        let message = "Secrets Manager can't find the specified secret.";
        return Err(ApiError::client("ResourceNotFoundException", message));
    }
    match request.operation.as_str() {
        "DescribeSecret" => {
            let deleted = state.being_deleted.get(&id).map(|time| time.epoch_seconds());
            Ok(json!({"ARN": id, "Name": id, "DeletedDate": deleted}))
        }
        "DeleteSecret" => {
            if input["ForceDeleteWithoutRecovery"].as_bool() == Some(true) {
                state.deleted.insert(id.clone());
            } else {
                state.being_deleted.insert(id.clone(), now);
            }
            Ok(json!({"ARN": id, "Name": id, "DeletionDate": now.epoch_seconds()}))
        }
        "RestoreSecret" => {
            state.being_deleted.remove(&id);
            Ok(json!({"ARN": id, "Name": id}))
        }
        _ => Err(unknown_operation(request)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    #[test]
    fn every_secret_is_there_until_it_is_deleted() {
        let mut secrets = Caller::of(Service::SecretsManager);
        let secret = json!({"SecretId": "db"});
        let is_deleted = |secrets: &mut Caller| {
            !secrets.call("DescribeSecret", json!({"SecretId": "db"})).unwrap()["DeletedDate"].is_null()
        };
        assert!(!is_deleted(&mut secrets));
        secrets.call("DeleteSecret", secret.clone()).unwrap();
        assert!(is_deleted(&mut secrets));
        secrets.call("RestoreSecret", secret.clone()).unwrap();
        assert!(!is_deleted(&mut secrets));
        let at_once = json!({"SecretId": "db", "ForceDeleteWithoutRecovery": true});
        secrets.call("DeleteSecret", at_once).unwrap();
        assert_eq!(secrets.refusal("DescribeSecret", secret), "ResourceNotFoundException");
    }
}
