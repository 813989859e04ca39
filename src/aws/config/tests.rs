use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_types::retry::RetryMode as SdkRetryMode;

use super::*;
use crate::aws::clients::Clients;
use crate::aws::settings::{Secret, StaticCredentials, WebIdentity, WebIdentityToken};
use crate::aws::testing::{Answer, FakeAws, Seen, keys, query_member};

/// Files of a test, in a directory of its own.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_string_lossy().into_owned()
    }
}

const CONFIG: &str = "
[default]
region = eu-north-1

[profile keys]
region = eu-west-2
aws_access_key_id = AKIAPROFILE
aws_secret_access_key = profile-secret
max_attempts = 4

[profile from-environment]
region = eu-west-2
role_arn = arn:aws:iam::111111111111:role/r
credential_source = Environment
";

async fn access_key(settings: &ClientSettings, variables: &[(&str, &str)]) -> String {
    let config = load(settings, &FakeAws::with_sts().surroundings(variables)).await.expect("valid");
    let credentials = config.credentials.provide_credentials().await.expect("credentials");
    credentials.access_key_id().to_owned()
}

async fn refused(settings: &ClientSettings, variables: &[(&str, &str)]) -> Diagnostic {
    load(settings, &FakeAws::with_sts().surroundings(variables)).await.expect_err("refused")
}

fn in_region(region: &str) -> ClientSettings {
    ClientSettings { region: Some(region.to_owned()), ..ClientSettings::default() }
}

#[tokio::test]
async fn keys_in_the_block_win_over_a_profile_there_and_that_over_the_environment() {
    let files = Files::new();
    let config = files.write("config", CONFIG);
    let variables = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "env-secret"),
    ];
    let mut settings = in_region("eu-west-1");
    assert_eq!(access_key(&settings, &variables).await, "AKIAENV");
    settings.profile = Some("keys".to_owned());
    assert_eq!(access_key(&settings, &variables).await, "AKIAPROFILE");
    settings.static_credentials = Some(keys());
    assert_eq!(access_key(&settings, &variables).await, "AKIATEST");
}

#[tokio::test]
async fn the_region_comes_from_block_environment_profile_and_metadata_in_this_order() {
    let files = Files::new();
    let config = files.write("config", CONFIG);
    let aws = FakeAws::answering(|seen: &Seen| match seen.uri.as_str() {
        uri if uri.ends_with("/placement/region") => Answer::Http(200, "ap-south-1".to_owned()),
        _ => Answer::Http(200, "token".to_owned()),
    });
    let keys = StaticCredentials { access_key: Secret::new("a"), secret_key: Secret::new("b"), token: None };
    let cases = [
        (Some("eu-west-1"), vec![("AWS_REGION", "eu-west-3"), ("AWS_CONFIG_FILE", &config)], "eu-west-1"),
        (None, vec![("AWS_REGION", "eu-west-3"), ("AWS_CONFIG_FILE", &config)], "eu-west-3"),
        (None, vec![("AWS_DEFAULT_REGION", "eu-west-3")], "eu-west-3"),
        (None, vec![("AWS_CONFIG_FILE", config.as_str())], "eu-north-1"),
        (None, vec![("AWS_CONFIG_FILE", &config), ("AWS_PROFILE", "keys")], "eu-west-2"),
        (None, vec![], "ap-south-1"),
    ];
    for (region, variables, expected) in cases {
        let settings = ClientSettings {
            region: region.map(str::to_owned),
            static_credentials: Some(keys.clone()),
            ..ClientSettings::default()
        };
        let loaded = load(&settings, &aws.surroundings(&variables)).await.expect("valid");
        assert_eq!(loaded.region, expected, "{variables:?}");
    }
}

#[tokio::test]
async fn no_region_or_none_that_looks_like_one_is_told_at_the_region() {
    let missing = refused(&ClientSettings::default(), &[("AWS_EC2_METADATA_DISABLED", "true")]).await;
    assert_eq!((missing.summary.as_str(), missing.path), ("No AWS region", Some(Path::attribute("region"))));
    let odd = refused(&ClientSettings::default(), &[("AWS_REGION", "Frankfurt")]).await;
    assert_eq!(odd.summary, "`Frankfurt` is not an AWS region");
    assert_eq!(odd.path, Some(Path::attribute("region")));
}

#[tokio::test]
async fn a_region_of_any_shape_is_accepted_beside_own_endpoints() {
    let variables = [("AWS_ENDPOINT_URL", "http://localhost:4566")];
    let surroundings = FakeAws::with_sts().surroundings(&variables);
    assert_eq!(load(&in_region("local"), &surroundings).await.expect("valid").region, "local");
    let ignored = [variables[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    assert_eq!(refused(&in_region("local"), &ignored).await.summary, "`local` is not an AWS region");
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_told_by_name() {
    let files = Files::new();
    let config = files.write("config", CONFIG);
    let mut settings = in_region("eu-west-1");
    let named = refused(&settings, &[("AWS_CONFIG_FILE", &config), ("AWS_PROFILE", "nobody")]).await;
    assert_eq!(named.summary, "AWS profile `nobody` does not exist");
    settings.profile = Some("missing".to_owned());
    let missing = refused(&settings, &[("AWS_CONFIG_FILE", &config)]).await;
    assert_eq!(missing.summary, "AWS profile `missing` does not exist");
    assert_eq!(missing.path, Some(Path::attribute("profile")));
    settings.profile = Some("from-environment".to_owned());
    let indirect = refused(&settings, &[("AWS_CONFIG_FILE", &config)]).await;
    assert!(indirect.hints[0].contains("assume_role"), "{indirect:?}");
}

#[tokio::test]
async fn named_files_replace_the_usual_ones_and_must_exist() {
    let files = Files::new();
    let usual = files.write("usual", "[default]\nregion = eu-west-1\n");
    let named = files.write("named", "[default]\nregion = eu-west-2\n");
    let mut settings = ClientSettings { static_credentials: Some(keys()), ..ClientSettings::default() };
    settings.shared_config_files = vec![named];
    let surroundings = FakeAws::with_sts().surroundings(&[("AWS_CONFIG_FILE", &usual)]);
    assert_eq!(load(&settings, &surroundings).await.expect("valid").region, "eu-west-2");
    settings.shared_config_files = vec!["/nowhere/config".to_owned()];
    let missing = refused(&settings, &[]).await;
    assert_eq!(missing.path, Some(Path::attribute("shared_config_files")));
    assert!(missing.detail.contains("/nowhere/config"), "{missing:?}");
}

#[tokio::test]
async fn retries_come_from_block_environment_and_profile_and_default_to_ten_attempts() {
    let files = Files::new();
    let config = files.write("config", CONFIG);
    let with = |max_retries, retry_mode| ClientSettings { max_retries, retry_mode, ..in_region("eu-west-1") };
    let profile = [("AWS_CONFIG_FILE", config.as_str()), ("AWS_PROFILE", "keys")];
    let environment = [("AWS_MAX_ATTEMPTS", "7"), ("AWS_RETRY_MODE", "adaptive")];
    let cases: [(_, &[(&str, &str)], _, _); 4] = [
        (with(None, None), &[], 10, SdkRetryMode::Standard),
        (with(None, None), &profile, 4, SdkRetryMode::Standard),
        (with(None, None), &environment, 7, SdkRetryMode::Adaptive),
        (with(Some(2), Some(RetryMode::Standard)), &environment, 3, SdkRetryMode::Standard),
    ];
    for (settings, variables, attempts, mode) in cases {
        let loaded = load(&settings, &FakeAws::with_sts().surroundings(variables)).await.expect("valid");
        let retries = loaded.sdk.retry_config().expect("set");
        assert_eq!((retries.max_attempts(), retries.mode()), (attempts, mode), "{variables:?}");
    }
    let odd = refused(&in_region("eu-west-1"), &[("AWS_MAX_ATTEMPTS", "many")]).await;
    assert_eq!(odd.summary, "AWS_MAX_ATTEMPTS is not understood");
    let odd = refused(&in_region("eu-west-1"), &[("AWS_RETRY_MODE", "wild")]).await;
    assert_eq!(odd.summary, "AWS_RETRY_MODE is not understood");
}

#[tokio::test]
async fn endpoints_come_from_block_service_variable_and_general_variable_in_this_order() {
    let aws = FakeAws::with_sts();
    let variables = [
        ("AWS_ENDPOINT_URL", "http://general:1"),
        ("AWS_ENDPOINT_URL_ECS", "http://ecs-variable:2"),
        ("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "http://elbv2-variable:3"),
    ];
    let settings = ClientSettings {
        static_credentials: Some(keys()),
        endpoints: Endpoints([("elbv2", "http://elbv2-block:4".to_owned())].into()),
        max_retries: Some(0),
        ..in_region("eu-west-1")
    };
    let clients = Clients::new(load(&settings, &aws.surroundings(&variables)).await.expect("valid"));
    let _ = clients.sts().get_caller_identity().send().await;
    let _ = clients.ecs().list_clusters().send().await;
    let _ = clients.elbv2().describe_load_balancers().send().await;
    let asked: Vec<String> = aws.seen().into_iter().map(|seen| seen.uri).collect();
    assert_eq!(asked, ["http://general:1/", "http://ecs-variable:2/", "http://elbv2-block:4/"]);
}

#[tokio::test]
async fn fips_and_dualstack_choose_the_endpoint() {
    let cases = [
        (Some(true), None, "https://sts-fips.us-east-1.amazonaws.com/"),
        (None, Some(true), "https://sts.us-east-1.api.aws/"),
    ];
    for (use_fips_endpoint, use_dualstack_endpoint, expected) in cases {
        let aws = FakeAws::with_sts();
        let settings = ClientSettings {
            static_credentials: Some(keys()),
            use_fips_endpoint,
            use_dualstack_endpoint,
            ..in_region("us-east-1")
        };
        let clients = Clients::new(load(&settings, &aws.surroundings(&[])).await.expect("valid"));
        clients.sts().get_caller_identity().send().await.expect("answered");
        assert_eq!(aws.seen()[0].uri, expected);
    }
}

#[tokio::test]
async fn a_web_identity_takes_its_token_from_the_block_or_a_file_and_needs_no_other_credentials() {
    let files = Files::new();
    let path = files.write("token", "file-token\n");
    let tokens = [
        (WebIdentityToken::Inline(Secret::new("inline-token")), "inline-token"),
        (WebIdentityToken::File(path), "file-token"),
    ];
    for (token, expected) in tokens {
        let aws = FakeAws::with_sts();
        let settings = ClientSettings {
            web_identity: Some(WebIdentity {
                role_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
                session_name: None,
                token,
                duration: Some(Duration::from_secs(900)),
                policy: None,
                policy_arns: std::collections::BTreeSet::new(),
            }),
            endpoints: Endpoints([("sts", "http://sts.test".to_owned())].into()),
            ..in_region("eu-west-1")
        };
        let config = load(&settings, &aws.surroundings(&[])).await.expect("valid");
        let credentials = config.credentials.provide_credentials().await.expect("credentials");
        assert_eq!(credentials.access_key_id(), "ROLE-web");
        let seen = &aws.seen()[0];
        assert_eq!((seen.uri.as_str(), seen.authorization.as_str()), ("http://sts.test/", ""));
        assert_eq!(query_member(&seen.body, "WebIdentityToken").as_deref(), Some(expected));
        assert_eq!(query_member(&seen.body, "DurationSeconds").as_deref(), Some("900"));
    }
}

#[tokio::test]
async fn a_role_of_a_profile_is_assumed_through_the_endpoint_in_the_block() {
    let files = Files::new();
    let config = files.write(
        "config",
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n\
         [profile role]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = base\n",
    );
    let aws = FakeAws::with_sts();
    let settings = ClientSettings {
        profile: Some("role".to_owned()),
        endpoints: Endpoints([("sts", "http://sts.test".to_owned())].into()),
        ..in_region("eu-west-1")
    };
    let loaded = load(&settings, &aws.surroundings(&[("AWS_CONFIG_FILE", &config)])).await.expect("valid");
    let credentials = loaded.credentials.provide_credentials().await.expect("credentials");
    assert_eq!(credentials.access_key_id(), "ROLE-admin");
    assert_eq!(aws.seen()[0].uri, "http://sts.test/");
}
