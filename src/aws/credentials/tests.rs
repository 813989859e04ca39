use std::time::SystemTime;

use super::*;
use crate::aws::config;
use crate::aws::settings::{AssumeRole, ClientSettings, Endpoints};
use crate::aws::testing::{Answer, FakeAws, keys, query_error, query_member};

async fn verified(
    aws: &FakeAws,
    settings: &ClientSettings,
    variables: &[(&str, &str)],
) -> Result<Identified, Diagnostic> {
    let config = config::load(settings, &aws.surroundings(variables)).await?;
    verify(&Clients::new(config)).await
}

fn with_keys() -> ClientSettings {
    ClientSettings {
        region: Some("eu-west-1".to_owned()),
        static_credentials: Some(keys()),
        ..ClientSettings::default()
    }
}

fn render(diagnostic: &Diagnostic) -> String {
    let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{}\nat: {path}\n{}", diagnostic.summary, diagnostic.render_detail())
}

#[tokio::test]
async fn good_credentials_tell_their_account_with_one_call() {
    let aws = FakeAws::with_sts();
    let identity = verified(&aws, &with_keys(), &[]).await.expect("accepted").expect("known");
    assert_eq!(identity.account_id, "123456789012");
    assert_eq!(identity.arn, "arn:aws:iam::123456789012:user/me");
    assert_eq!(aws.seen().len(), 1);
    assert_eq!(aws.seen()[0].uri, "https://sts.eu-west-1.amazonaws.com/");
    assert!(aws.seen()[0].user_agent.contains("app/terraform-provider-express"));
}

#[tokio::test]
async fn refused_keys_are_told_with_awss_words_and_never_with_the_keys() {
    let aws = FakeAws::answering(|_| {
        query_error("InvalidClientTokenId", "The security token included in the request is invalid.")
    });
    let refused = verified(&aws, &with_keys(), &[]).await.expect_err("refused");
    insta::assert_snapshot!(render(&refused), @"
    AWS does not accept the credentials
    at: 
    Tried: STS GetCallerIdentity.
    AWS answered: InvalidClientTokenId: The security token included in the request is invalid. (request id req-1)
    Region: eu-west-1.

    hint: AWS does not know this access key: check that it is active, that its account has the region enabled and is in the region's partition, and that a temporary key comes with its session token (`token`, AWS_SESSION_TOKEN)
    ");
    assert_eq!(aws.seen().len(), 1, "a refusal is not repeated");
}

#[tokio::test]
async fn no_credentials_at_all_is_one_diagnostic() {
    let aws = FakeAws::answering(|_| Answer::Lost("connection refused"));
    let settings = ClientSettings { region: Some("eu-west-1".to_owned()), ..ClientSettings::default() };
    let refused = verified(&aws, &settings, &[]).await.expect_err("refused");
    assert_eq!(refused.summary, "No AWS credentials");
    assert!(refused.hints[0].contains("aws sso login"), "{refused:?}");
    assert!(
        aws.seen().iter().all(|seen| seen.uri.starts_with("http://169.254.169.254/")),
        "{:?}",
        aws.seen()
    );
}

#[tokio::test]
async fn a_metadata_service_that_forbids_itself_is_no_credentials_either() {
    let aws = FakeAws::answering(|_| Answer::Http(403, String::new()));
    let settings = ClientSettings { region: Some("eu-west-1".to_owned()), ..ClientSettings::default() };
    let refused = verified(&aws, &settings, &[]).await.expect_err("refused");
    assert_eq!(refused.summary, "No AWS credentials");
    assert!(refused.detail.contains("IMDS"), "{}", refused.detail);
}

#[tokio::test]
async fn a_profile_with_sso_and_no_session_says_how_to_sign_in() {
    let config = tempfile::NamedTempFile::new().expect("a temporary file");
    let profile = "[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = admin\n\
                   [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    std::fs::write(config.path(), profile).expect("written");
    let path = config.path().to_string_lossy();
    let settings = ClientSettings {
        region: Some("eu-west-1".to_owned()),
        profile: Some("sso".to_owned()),
        ..ClientSettings::default()
    };
    let refused = verified(&FakeAws::with_sts(), &settings, &[("AWS_CONFIG_FILE", &path)]).await;
    let refused = refused.expect_err("refused");
    assert_eq!(refused.summary, "AWS credentials cannot be loaded");
    assert!(refused.hints[0].contains("aws sso login"), "{refused:?}");
}

#[tokio::test]
async fn a_region_whose_endpoint_does_not_exist_is_told_at_the_region() {
    let aws = FakeAws::answering(|_| Answer::Lost("dns error: failed to lookup address information"));
    let mut settings = with_keys();
    settings.region = None;
    let refused = verified(&aws, &settings, &[("AWS_REGION", "eu-wst-1")]).await.expect_err("refused");
    assert_eq!(refused.summary, "AWS cannot be reached in region `eu-wst-1`");
    assert_eq!(refused.path, Some(Path::attribute("region")));
    assert!(refused.hints[0].contains("does not resolve"), "{refused:?}");
    assert!(refused.hints[1].contains("AWS_REGION"), "{refused:?}");
}

#[tokio::test]
async fn an_sts_that_is_silent_or_denies_proves_nothing_beside_own_endpoints() {
    let silent = FakeAws::answering(|_| Answer::Lost("connection refused"));
    let mut settings = with_keys();
    settings.endpoints = Endpoints([("ecs", "http://localhost:4566".to_owned())].into());
    let unknown = verified(&silent, &settings, &[]).await.expect("nothing is proven");
    assert_eq!(unknown.expect_err("unknown").kind, AwsErrorKind::Unreachable);
    let denying = FakeAws::answering(|_| query_error("AccessDenied", "explicit deny"));
    let unknown = verified(&denying, &with_keys(), &[]).await.expect("nothing is proven");
    assert_eq!(unknown.expect_err("unknown").kind, AwsErrorKind::AccessDenied);
}

#[tokio::test]
async fn roles_are_assumed_one_after_the_other_each_with_the_keys_of_the_one_before() {
    let aws = FakeAws::with_sts();
    let mut settings = with_keys();
    settings.assume_role = vec![
        AssumeRole {
            role_arn: "arn:aws:iam::111111111111:role/first".to_owned(),
            external_id: Some("ext".to_owned()),
            source_identity: Some("alice".to_owned()),
            duration: Some(Duration::from_secs(3600)),
            tags: [("team".to_owned(), "a".to_owned())].into(),
            transitive_tag_keys: ["team".to_owned()].into(),
            ..AssumeRole::default()
        },
        AssumeRole {
            role_arn: "arn:aws:iam::222222222222:role/second".to_owned(),
            session_name: Some("mine".to_owned()),
            policy_arns: ["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()].into(),
            ..AssumeRole::default()
        },
    ];
    verified(&aws, &settings, &[]).await.expect("accepted").expect("known");
    let seen = aws.seen();
    let told: Vec<_> = seen
        .iter()
        .map(|seen| {
            let key = seen.authorization.split(['=', '/']).nth(1).unwrap_or_default().to_owned();
            (query_member(&seen.body, "Action").unwrap_or_default(), key)
        })
        .collect();
    let expected =
        [("AssumeRole", "AKIATEST"), ("AssumeRole", "ROLE-first"), ("GetCallerIdentity", "ROLE-second")];
    assert_eq!(told, expected.map(|(action, key)| (action.to_owned(), key.to_owned())));
    let first = |name| query_member(&seen[0].body, name);
    assert_eq!(first("ExternalId").as_deref(), Some("ext"));
    assert_eq!(first("SourceIdentity").as_deref(), Some("alice"));
    assert_eq!(first("DurationSeconds").as_deref(), Some("3600"));
    assert_eq!(first("Tags.member.1.Key").as_deref(), Some("team"));
    assert_eq!(first("TransitiveTagKeys.member.1").as_deref(), Some("team"));
    assert_eq!(first("RoleSessionName").as_deref(), Some("terraform-provider-express"));
    let second = |name| query_member(&seen[1].body, name);
    assert_eq!(second("RoleSessionName").as_deref(), Some("mine"));
    assert_eq!(second("PolicyArns.member.1.arn").as_deref(), Some("arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_told_at_its_block() {
    let aws = FakeAws::answering(|_| {
        query_error("AccessDenied", "User: me is not authorized to perform: sts:AssumeRole on resource: r")
    });
    let mut settings = with_keys();
    let role_arn = "arn:aws:iam::111111111111:role/first".to_owned();
    settings.assume_role = vec![AssumeRole { role_arn, ..AssumeRole::default() }];
    let refused = verified(&aws, &settings, &[]).await.expect_err("refused");
    assert_eq!(refused.summary, "Cannot assume role arn:aws:iam::111111111111:role/first");
    assert_eq!(refused.path, Some(Path::attribute("assume_role").index(0)));
    assert!(refused.hints.iter().any(|hint| hint.contains("sts:AssumeRole")), "{refused:?}");
    assert!(refused.hints.iter().any(|hint| hint.contains("trust policy")), "{refused:?}");
}

#[tokio::test]
async fn an_sts_that_never_answers_costs_ten_seconds_at_the_most() {
    let aws = FakeAws::answering(|_| Answer::Never);
    let surroundings = aws.surroundings(&[]);
    let started: SystemTime = surroundings.clock.now();
    let config = config::load(&with_keys(), &surroundings).await.expect("a valid configuration");
    let refused = verify(&Clients::new(config)).await.expect_err("refused");
    assert_eq!(refused.summary, "AWS cannot be reached in region `eu-west-1`");
    let waited = surroundings.clock.now().duration_since(started).expect("time goes on");
    assert!(waited <= IDENTITY_TIMEOUT, "{waited:?}");
}

#[tokio::test]
async fn an_sts_whose_answers_are_spoiled_is_asked_again() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&asked);
    let aws = FakeAws::answering(move |_| match counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => Answer::Http(502, "<html><title>Bad Gateway</title></html>".to_owned()),
        1 => Answer::Http(200, String::new()),
        2 => query_error("Throttling", "Rate exceeded"),
        _ => Answer::Http(200, crate::aws::testing::caller_identity("123456789012")),
    });
    let identity = verified(&aws, &with_keys(), &[]).await.expect("accepted").expect("known");
    assert_eq!((identity.account_id.as_str(), aws.seen().len()), ("123456789012", 4));
}

#[tokio::test]
async fn an_endpoint_on_this_machine_where_nothing_listens_is_told_at_once() {
    let settings = with_keys();
    let surroundings = config::Surroundings {
        http_client: None,
        ..FakeAws::with_sts().surroundings(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")])
    };
    let started = surroundings.clock.now();
    let config = config::load(&settings, &surroundings).await.expect("a valid configuration");
    let refused = verify(&Clients::new(config)).await.expect_err("nobody is there");
    assert_eq!(refused.summary, "Nothing listens at the endpoint of AWS");
    let told = "nothing listens at http://127.0.0.1:9, the endpoint that AWS_ENDPOINT_URL names";
    assert!(refused.detail.contains(told), "{}", refused.detail);
    assert_eq!(surroundings.clock.now(), started, "nothing was waited for");
}
