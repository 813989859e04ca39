//! The next thing to do after an AWS error.

use super::{AwsError, AwsErrorKind};

/// What a user can do about `error`; nothing if the error says it itself.
pub(super) fn hints(error: &AwsError) -> Vec<String> {
    match error.kind {
        AwsErrorKind::AccessDenied => access_denied(error),
        AwsErrorKind::Credentials => vec![credentials(error).to_owned()],
        AwsErrorKind::Throttled => vec![
            "AWS limits how often it may be called: apply again later, run Terraform with a lower `-parallelism`, \
             or set the provider's `retry_mode = \"adaptive\"` or a higher `max_retries`"
                .to_owned(),
        ],
        AwsErrorKind::Unreachable => vec![unreachable(error).to_owned()],
        AwsErrorKind::NothingListens => vec![
            "start what is to answer there (the sandbox, an emulator, a tunnel), or remove that endpoint".to_owned(),
        ],
        AwsErrorKind::Unparsable | AwsErrorKind::Intercepted if error.says("answered http") => vec![
            "something between this machine and AWS, or what listens at an own endpoint, answered instead of AWS or \
             spoiled its answer: a proxy (`https_proxy`, HTTPS_PROXY), a firewall, a sign-in page, AWS_ENDPOINT_URL or \
             `endpoints`. Have it pass requests through unchanged, then apply again"
                .to_owned(),
        ],
        AwsErrorKind::Timeout => {
            vec!["AWS did not answer in time: check the network and proxies, then apply again".to_owned()]
        }
        AwsErrorKind::Service
        | AwsErrorKind::Unparsable
        | AwsErrorKind::Intercepted
        | AwsErrorKind::NotSent => Vec::new(),
    }
}

fn access_denied(error: &AwsError) -> Vec<String> {
    let who = "for the identity that Terraform runs as";
    let mut hints = vec![match denied_action(&error.message) {
        Some(action) if error.says("explicit deny") => {
            format!(
                "a policy denies `{action}` explicitly: find the `Deny` statement that matches and narrow it"
            )
        }
        Some(action) => format!("allow `{action}` {who}"),
        None => format!("allow {} {} {who}", error.service, error.operation),
    }];
    if error.says("encoded authorization failure message") {
        hints.push(
            "decode the message with `aws sts decode-authorization-message --encoded-message ...`".to_owned(),
        );
    }
    hints
}

/// The IAM action in `... is not authorized to perform: ecs:CreateService on resource ...`.
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("to perform: ")?;
    let action = rest.split([' ', ',', '.']).next()?;
    action.contains(':').then_some(action)
}

/// Error codes of refused credentials and what helps.
const CREDENTIALS: [(&[&str], &str); 5] = [
    (
        &["RequestExpired", "RequestTimeTooSkewed"],
        "this machine's clock differs from AWS's: set it by NTP, then apply again",
    ),
    (
        &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
        "the session has expired: sign in again (`aws sso login`, or new temporary credentials), then apply again",
    ),
    (
        &["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"],
        "AWS does not know this access key: check that it is active, that its account has the region enabled and is in \
         the region's partition, and that a temporary key comes with its session token (`token`, AWS_SESSION_TOKEN)",
    ),
    (
        &["SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"],
        "the secret key does not belong to the access key, or was copied with a character missing; a wrong clock \
         on this machine looks the same",
    ),
    (
        &["InvalidToken"],
        "the session token does not belong to the access key: set all three of one session, or neither token",
    ),
];

fn credentials(error: &AwsError) -> &'static str {
    if error.says("signature expired") || error.says("signature not yet current") {
        return CREDENTIALS[0].1;
    }
    let code = error.code.as_deref().unwrap_or_default();
    CREDENTIALS.iter().find(|(codes, _)| codes.contains(&code)).map_or(
        "check the credentials with `aws sts get-caller-identity`, with the same profile and environment",
        |(_, hint)| *hint,
    )
}

fn unreachable(error: &AwsError) -> &'static str {
    if error.says("dns error") || error.says("failed to lookup") || error.says("name resolution") {
        "the name of the endpoint does not resolve: check `region`, `endpoints` and the network's DNS"
    } else if error.says("certificate") {
        "the endpoint's certificate is not trusted: if a proxy of your network replaces certificates, name its CA in \
         `custom_ca_bundle` (or AWS_CA_BUNDLE)"
    } else {
        "check the network, the proxy settings and `endpoints`, then apply again"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: AwsErrorKind, code: Option<&str>, message: &str) -> AwsError {
        AwsError {
            service: "EC2",
            operation: "DescribeVpcs",
            code: code.map(str::to_owned),
            message: message.to_owned(),
            request_id: None,
            kind,
        }
    }

    #[track_caller]
    fn check(error: &AwsError, expected: &[&str]) {
        let hints = hints(error);
        assert_eq!(hints.len(), expected.len(), "{hints:?}");
        for (hint, expected) in hints.iter().zip(expected) {
            assert!(hint.contains(expected), "{hint}");
        }
    }

    #[test]
    fn a_denied_call_names_the_action() {
        let denied = |message| error(AwsErrorKind::AccessDenied, Some("AccessDenied"), message);
        check(
            &denied("x is not authorized to perform: ec2:DescribeVpcs on resource: y"),
            &["allow `ec2:DescribeVpcs`"],
        );
        check(
            &denied("x is not authorized to perform: ec2:DescribeVpcs with an explicit deny in an SCP"),
            &["denies `ec2:DescribeVpcs` explicitly"],
        );
        check(
            &denied("You are not authorized. Encoded authorization failure message: abc"),
            &["allow EC2 DescribeVpcs", "decode-authorization-message"],
        );
    }

    #[test]
    fn refused_credentials_get_the_hint_for_their_cause() {
        let refused = |code, message| error(AwsErrorKind::Credentials, Some(code), message);
        check(&refused("ExpiredToken", ""), &["aws sso login"]);
        check(&refused("InvalidClientTokenId", ""), &["does not know this access key"]);
        check(&refused("SignatureDoesNotMatch", ""), &["secret key"]);
        check(&refused("InvalidSignatureException", "Signature expired: 2026 is now earlier"), &["clock"]);
        check(&refused("MissingAuthenticationToken", ""), &["get-caller-identity"]);
    }

    #[test]
    fn an_unreachable_endpoint_gets_the_hint_for_its_cause() {
        let lost = |message| error(AwsErrorKind::Unreachable, None, message);
        check(&lost("dns error: failed to lookup address information"), &["does not resolve"]);
        check(&lost("invalid peer certificate: UnknownIssuer"), &["custom_ca_bundle"]);
        check(&lost("connection refused"), &["proxy"]);
    }
}
