//! Who asks, from the SigV4 `Authorization` header.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Account of callers whose access key names none.
pub(crate) const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// Region of unsigned requests.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// The SigV4 credential scope of a request, as far as the sandbox needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CredentialScope {
    /// Account that the access key stands for.
    pub(super) account_id: String,
    /// Region that the request was signed for.
    pub(super) region: String,
    /// SigV4 name of the service; absent on unsigned requests.
    pub(super) service: Option<String>,
}

/// Reads the scope; an absent or unreadable header gives the defaults.
///
/// The account is the access key id itself if that is 12 digits. Temporary keys of the sandbox's own STS
/// carry the account after their `ASIA` prefix, so that an assumed role acts in its own account.
pub(super) fn credential_scope(headers: &HeaderMap) -> CredentialScope {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = authorization
        .split([' ', ','])
        .find_map(|part| part.trim().strip_prefix("Credential="))
        .unwrap_or_default();
    let mut parts = credential.split('/');
    let access_key = parts.next().unwrap_or_default();
    let region = parts.nth(1).filter(|region| !region.is_empty());
    let service = parts.next().filter(|service| !service.is_empty());
    CredentialScope {
        account_id: account_of(access_key).unwrap_or(DEFAULT_ACCOUNT_ID).to_owned(),
        region: region.unwrap_or(DEFAULT_REGION).to_owned(),
        service: service.map(str::to_owned),
    }
}

fn account_of(access_key: &str) -> Option<&str> {
    let is_account = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let embedded = || access_key.strip_prefix("ASIA").and_then(|rest| rest.get(..12));
    Some(access_key).filter(is_account).or_else(|| embedded().filter(is_account))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(authorization: &str) -> CredentialScope {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        credential_scope(&headers)
    }

    #[test]
    fn region_and_service_come_from_the_credential_scope() {
        let scope = scope_of(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-central-1/ecs/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=00",
        );
        assert_eq!(scope.region, "eu-central-1");
        assert_eq!(scope.service.as_deref(), Some("ecs"));
        assert_eq!(scope.account_id, DEFAULT_ACCOUNT_ID);
    }

    #[test]
    fn an_access_key_of_twelve_digits_is_the_account() {
        let scope = scope_of("AWS4-HMAC-SHA256 Credential=222222222222/20261122/us-east-1/sts/aws4_request");
        assert_eq!(scope.account_id, "222222222222");
    }

    #[test]
    fn a_temporary_key_carries_the_account_of_the_assumed_role() {
        let scope = scope_of("AWS4-HMAC-SHA256 Credential=ASIA333333333333ABCD/20261122/us-east-1/ecs/x");
        assert_eq!(scope.account_id, "333333333333");
    }

    #[test]
    fn an_unsigned_request_gets_the_defaults() {
        let scope = credential_scope(&HeaderMap::new());
        assert_eq!((scope.region.as_str(), scope.service), (DEFAULT_REGION, None));
    }
}
