//! AWS STS: who the caller is, and temporary credentials for roles of any account.

use std::time::Duration;

use serde_json::{Value, json};

use super::input::text;
use super::{Scope, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Executes one STS operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    match request.operation.as_str() {
        "GetCallerIdentity" => Ok(caller_identity(scope)),
        "AssumeRole" => assume_role(scope, &request.input),
        "AssumeRoleWithWebIdentity" => assume_role_with_web_identity(scope, &request.input),
        _ => Err(unknown_operation(request)),
    }
}

fn caller_identity(scope: &Scope<'_>) -> Value {
    let (partition, account) = (scope.region.partition(), &scope.region.account_id);
    json!({
        "Account": account,
        "Arn": format!("arn:{partition}:iam::{account}:user/sandbox"),
        "UserId": "AIDASANDBOXSANDBOX000",
    })
}

fn assume_role(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let role = Role::parse(text(input, "RoleArn").unwrap_or_default())?;
    let session_name = text(input, "RoleSessionName").ok_or_else(|| missing("roleSessionName"))?;
    let seconds = duration_seconds(input)?;
    let (partition, role_id) = (scope.region.partition(), scope.ids.hex(17).to_uppercase());
    let arn = format!("arn:{partition}:sts::{}:assumed-role/{}/{session_name}", role.account_id, role.name);
    // The account follows the prefix, so that the wire layer recognises whose credentials these are.
    let access_key_id = format!("ASIA{}{}", role.account_id, scope.ids.hex(4).to_uppercase());
    Ok(json!({
        "AssumedRoleUser": {"AssumedRoleId": format!("AROA{role_id}:{session_name}"), "Arn": arn},
        "Credentials": {
            "AccessKeyId": access_key_id,
            "SecretAccessKey": scope.ids.hex(40),
            "SessionToken": scope.ids.hex(64),
            "Expiration": scope.now.after(Duration::from_secs(seconds)).iso8601(),
        },
    }))
}

fn assume_role_with_web_identity(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    text(input, "WebIdentityToken").ok_or_else(|| missing("webIdentityToken"))?;
    let mut answer = assume_role(scope, input)?;
    answer["SubjectFromWebIdentityToken"] = "sandbox".into();
    answer["Provider"] = "sandbox".into();
    Ok(answer)
}

/// The parts of a role ARN that an assumed role is named after.
struct Role<'a> {
    account_id: &'a str,
    name: &'a str,
}

impl<'a> Role<'a> {
    fn parse(arn: &'a str) -> Result<Self, ApiError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let is_account = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        match parts.as_slice() {
            ["arn", _, "iam", "", account_id, resource]
                if is_account(account_id) && resource.starts_with("role/") =>
            {
                Ok(Self { account_id, name: resource.rsplit('/').next().unwrap_or_default() })
            }
            _ => Err(validation(format!("{arn} is invalid"))),
        }
    }
}

fn duration_seconds(input: &Value) -> Result<u64, ApiError> {
    match input.get("DurationSeconds").and_then(Value::as_u64) {
        None => Ok(3600),
        Some(seconds @ 900..=43_200) => Ok(seconds),
        Some(seconds) => Err(validation(format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: \
             Member must be between 900 and 43200"
        ))),
    }
}

fn missing(member: &str) -> ApiError {
    validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
         Member must not be null"
    ))
}

fn validation(message: String) -> ApiError {
    ApiError::client("ValidationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    fn answer(operation: &str, input: Value) -> Result<Value, ApiError> {
        Caller::of(Service::Sts).call(operation, input)
    }

    #[test]
    fn the_caller_is_a_user_of_the_account() {
        let identity = answer("GetCallerIdentity", json!({})).unwrap();
        assert_eq!(identity["Arn"], "arn:aws:iam::111122223333:user/sandbox");
    }

    #[test]
    fn temporary_credentials_name_the_account_of_the_role_and_expire() {
        let input = json!({"RoleArn": "arn:aws:iam::444455556666:role/path/ci", "RoleSessionName": "s"});
        let assumed = answer("AssumeRole", input).unwrap();
        assert!(assumed["Credentials"]["AccessKeyId"].as_str().unwrap().starts_with("ASIA444455556666"));
        assert_eq!(assumed["Credentials"]["Expiration"], "2026-01-01T01:00:00Z");
        assert_eq!(assumed["AssumedRoleUser"]["Arn"], "arn:aws:sts::444455556666:assumed-role/ci/s");
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for arn in ["", "role/ci", "arn:aws:iam::1:role/ci", "arn:aws:iam::444455556666:user/ci"] {
            let error = answer("AssumeRole", json!({"RoleArn": arn, "RoleSessionName": "s"})).unwrap_err();
            assert_eq!(error.code, "ValidationError", "{arn}");
        }
    }

    #[test]
    fn a_web_identity_needs_a_token() {
        let input = json!({"RoleArn": "arn:aws:iam::444455556666:role/ci", "RoleSessionName": "s"});
        assert!(answer("AssumeRoleWithWebIdentity", input).is_err());
    }
}
