//! An AWS of a test's own: answers requests in memory and remembers them.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::aws::clients::Clients;
use crate::aws::config::{self, Surroundings};
use crate::aws::environment::Environment;
use crate::aws::settings::{ClientSettings, Secret, StaticCredentials};
use crate::clock::{SharedClock, VirtualClock};
use crate::sandbox::Sandbox;

/// A request as a test looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `https://sts.eu-west-1.amazonaws.com/`.
    pub(crate) uri: String,
    /// The body, for example a Query.
    pub(crate) body: String,
    /// `Authorization`.
    pub(crate) authorization: String,
    /// `User-Agent`, the long one of AWS.
    pub(crate) user_agent: String,
}

/// What a test answers to a request.
pub(crate) enum Answer {
    /// Status and body.
    Http(u16, String),
    /// The connection fails for this reason.
    Lost(&'static str),
    /// Nothing comes.
    Never,
}

/// Records requests and answers them.
#[derive(Clone)]
pub(crate) struct FakeAws {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<dyn Fn(&Seen) -> Answer + Send + Sync>,
}

impl FakeAws {
    /// An AWS that answers with `answer`.
    pub(crate) fn answering(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self { seen: Arc::default(), answer: Arc::new(answer) }
    }

    /// An STS that knows every key: `AssumeRole` gives the key `ROLE-<role name>`.
    pub(crate) fn with_sts() -> Self {
        Self::answering(|seen| match query_member(&seen.body, "Action").as_deref() {
            Some("GetCallerIdentity") => Answer::Http(200, caller_identity("123456789012")),
            Some(action @ ("AssumeRole" | "AssumeRoleWithWebIdentity")) => Answer::Http(
                200,
                assumed_role(action, &query_member(&seen.body, "RoleArn").unwrap_or_default()),
            ),
            _ => Answer::Lost("dns error: failed to lookup address information"),
        })
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    /// This AWS as the SDK's HTTP client.
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// Surroundings with this AWS, a clock that stands at noon of a day in 2026, and these variables.
    pub(crate) fn surroundings(&self, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            clock: Arc::new(VirtualClock::starting_at(noon())),
            environment: environment(variables),
            http_client: Some(self.http_client()),
        }
    }

    /// Clients with static keys in `eu-west-1`.
    pub(crate) async fn clients(&self) -> Clients {
        let settings = ClientSettings { static_credentials: Some(keys()), ..ClientSettings::default() };
        let surroundings = self.surroundings(&[("AWS_REGION", "eu-west-1")]);
        Clients::new(config::load(&settings, &surroundings).await.expect("a valid configuration"))
    }
}

/// A sandbox in virtual time and clients of it, with static keys in `eu-west-1`.
pub(crate) async fn sandbox_clients() -> (Sandbox, Clients) {
    let clock = Arc::new(VirtualClock::starting_at(noon()));
    let sandbox = Sandbox::new(Arc::clone(&clock) as SharedClock);
    // What these tests are about is single calls, one right after the other.
    sandbox.show_at_once();
    let settings = ClientSettings {
        static_credentials: Some(StaticCredentials {
            access_key: Secret::new("123456789012"),
            secret_key: Secret::new("test-secret"),
            token: None,
        }),
        ..ClientSettings::default()
    };
    let surroundings = Surroundings {
        clock,
        environment: environment(&[("AWS_REGION", "eu-west-1")]),
        http_client: Some(sandbox.http_client()),
    };
    let clients = Clients::new(config::load(&settings, &surroundings).await.expect("a valid configuration"));
    (sandbox, clients)
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default();
        let seen = Seen {
            uri: request.uri().to_owned(),
            body: String::from_utf8_lossy(body).into_owned(),
            authorization: header("authorization"),
            user_agent: header("x-amz-user-agent"),
        };
        self.seen.lock().expect("not poisoned").push(seen.clone());
        HttpConnectorFuture::ready(match (self.answer)(&seen) {
            Answer::Never => return HttpConnectorFuture::new(std::future::pending()),
            Answer::Lost(reason) => Err(ConnectorError::io(std::io::Error::other(reason).into())),
            Answer::Http(status, body) => {
                let response = ::http::Response::builder().status(status).header("x-amzn-requestid", "req-1");
                let response = response.header("x-aws-ec2-metadata-token-ttl-seconds", "21600");
                let response = response.body(SdkBody::from(body)).expect("a valid response");
                Ok(HttpResponse::try_from(response).expect("a valid response"))
            }
        })
    }
}

impl fmt::Debug for FakeAws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FakeAws")
    }
}

/// An environment without home directory, so that no file of this machine is read.
pub(crate) fn environment(variables: &[(&str, &str)]) -> Environment {
    [("HOME", "/nowhere")].iter().chain(variables).copied().collect()
}

/// Keys for tests.
pub(crate) fn keys() -> StaticCredentials {
    StaticCredentials {
        access_key: Secret::new("AKIATEST"),
        secret_key: Secret::new("test-secret"),
        token: None,
    }
}

/// STS's answer to `GetCallerIdentity`.
pub(crate) fn caller_identity(account_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account_id}:user/me</Arn><UserId>AIDA</UserId><Account>{account_id}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
}

/// A refusal in the Query protocol.
pub(crate) fn query_error(code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
    );
    Answer::Http(403, body)
}

/// A member of a Query body.
pub(crate) fn query_member(body: &str, name: &str) -> Option<String> {
    body.split('&')
        .find_map(|member| member.strip_prefix(name)?.strip_prefix('='))
        .map(|value| value.replace("%3A", ":").replace("%2F", "/"))
}

fn assumed_role(action: &str, role_arn: &str) -> String {
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/{name}/s</Arn>\
         <AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser><Credentials>\
         <AccessKeyId>ROLE-{name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2026-11-23T13:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    )
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_435_200)
}
