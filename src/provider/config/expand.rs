//! From the provider block's value to [`ProviderSettings`].

use std::cell::RefCell;
use std::time::Duration;

use super::members::Members;
use super::settings::{IgnoreTags, ProviderSettings};
use crate::aws::settings::{
    AssumeRole, ClientSettings, Endpoints, HttpSettings, RetryMode, Secret, StaticCredentials, WebIdentity,
    WebIdentityToken,
};
use crate::framework::duration::parse_duration;
use crate::framework::{Attr, Path, Value};
use crate::preflight::PreflightMode;

/// Reads the block. Never fails: what is unknown is noted, and what the schema's validators refuse has been told.
pub(crate) fn expand(config: &Value) -> ProviderSettings {
    let unknown = RefCell::new(Vec::new());
    let unknown_tags = RefCell::new(Vec::new());
    let block = Members::of(config, Path::default(), &unknown);
    let default_tags = Members::of(config, Path::default(), &unknown_tags)
        .block("default_tags")
        .and_then(|block| block.text_map("tags"));
    let default_tags =
        if unknown_tags.borrow().is_empty() { Attr::from(default_tags) } else { Attr::Unknown };
    let unknown_domain = RefCell::new(Vec::new());
    let default_hosted_zone = Members::of(config, Path::default(), &unknown_domain)
        .block("default_domain")
        .and_then(|block| block.text("hosted_zone"));
    let default_hosted_zone =
        if unknown_domain.borrow().is_empty() { Attr::from(default_hosted_zone) } else { Attr::Unknown };
    let mut settings = ProviderSettings {
        client: expand_client(&block),
        engine: block.text("engine"),
        fail_early: block.flag("fail_early"),
        preflight: match block.text("preflight").as_deref() {
            Some("off") => PreflightMode::Off,
            Some("warn") => PreflightMode::Warn,
            Some("error") => PreflightMode::Error,
            _ => PreflightMode::Protect,
        },
        diagnosis_log_lines: block.flag("diagnosis_log_lines"),
        default_hosted_zone,
        default_tags,
        ignore_tags: block.block("ignore_tags").map(|block| expand_ignore_tags(&block)).unwrap_or_default(),
        allowed_account_ids: block.texts("allowed_account_ids"),
        forbidden_account_ids: block.texts("forbidden_account_ids"),
        unknown: Vec::new(),
    };
    settings.unknown = unknown.take();
    settings
}

fn expand_client(block: &Members<'_>) -> ClientSettings {
    ClientSettings {
        region: block.text("region"),
        static_credentials: expand_static_credentials(block),
        profile: block.text("profile"),
        shared_config_files: block.texts("shared_config_files"),
        shared_credentials_files: block.texts("shared_credentials_files"),
        assume_role: block.blocks("assume_role").iter().map(expand_assume_role).collect(),
        web_identity: block
            .block("assume_role_with_web_identity")
            .and_then(|block| expand_web_identity(&block)),
        endpoints: block.block("endpoints").map(|block| expand_endpoints(&block)).unwrap_or_default(),
        max_retries: block.number("max_retries").and_then(|retries| u32::try_from(retries).ok()),
        retry_mode: block.text("retry_mode").map(|mode| match mode.as_str() {
            "adaptive" => RetryMode::Adaptive,
            _ => RetryMode::Standard,
        }),
        use_fips_endpoint: block.flag("use_fips_endpoint"),
        use_dualstack_endpoint: block.flag("use_dualstack_endpoint"),
        http: HttpSettings {
            http_proxy: secret(block, "http_proxy"),
            https_proxy: secret(block, "https_proxy"),
            no_proxy: block.text("no_proxy"),
            custom_ca_bundle: block.text("custom_ca_bundle"),
            insecure: block.flag("insecure").unwrap_or_default(),
        },
    }
}

fn secret(block: &Members<'_>, name: &str) -> Option<Secret> {
    block.text(name).map(Secret::new)
}

fn duration(block: &Members<'_>) -> Option<Duration> {
    parse_duration(&block.text("duration")?).ok()
}

fn expand_static_credentials(block: &Members<'_>) -> Option<StaticCredentials> {
    let [access_key, secret_key, token] =
        ["access_key", "secret_key", "token"].map(|name| secret(block, name));
    Some(StaticCredentials { access_key: access_key?, secret_key: secret_key?, token })
}

fn expand_assume_role(block: &Members<'_>) -> AssumeRole {
    AssumeRole {
        role_arn: block.text("role_arn").unwrap_or_default(),
        session_name: block.text("session_name"),
        external_id: block.text("external_id"),
        duration: duration(block),
        policy: block.text("policy"),
        policy_arns: block.texts("policy_arns"),
        source_identity: block.text("source_identity"),
        tags: block.text_map("tags").unwrap_or_default(),
        transitive_tag_keys: block.texts("transitive_tag_keys"),
    }
}

fn expand_web_identity(block: &Members<'_>) -> Option<WebIdentity> {
    // Both are read, so that both are noted if they are unknown.
    let (token, file) = (secret(block, "web_identity_token"), block.text("web_identity_token_file"));
    let token = token.map(WebIdentityToken::Inline).or_else(|| file.map(WebIdentityToken::File));
    Some(WebIdentity {
        role_arn: block.text("role_arn").unwrap_or_default(),
        session_name: block.text("session_name"),
        token: token?,
        duration: duration(block),
        policy: block.text("policy"),
        policy_arns: block.texts("policy_arns"),
    })
}

fn expand_endpoints(block: &Members<'_>) -> Endpoints {
    let endpoints =
        Endpoints::SERVICES.iter().filter_map(|(service, _)| Some((*service, block.text(service)?)));
    Endpoints(endpoints.filter(|(_, endpoint)| !endpoint.is_empty()).collect())
}

fn expand_ignore_tags(block: &Members<'_>) -> IgnoreTags {
    IgnoreTags { keys: block.texts("keys"), key_prefixes: block.texts("key_prefixes") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::config::schema::tests::{config, list, object, text, texts};

    #[test]
    fn an_empty_block_sets_nothing() {
        assert_eq!(expand(&config(&[])), ProviderSettings::default());
        assert_eq!(expand(&Value::Null), ProviderSettings::default());
    }

    #[test]
    fn arguments_and_blocks_become_settings() {
        let role = [
            ("role_arn", text("arn:aws:iam::123456789012:role/r")),
            ("duration", text("1h")),
            ("policy_arns", texts(&["arn:aws:iam::aws:policy/ReadOnlyAccess"])),
        ];
        let settings = expand(&config(&[
            ("region", text("eu-west-1")),
            ("access_key", text("AKIA")),
            ("secret_key", text("s")),
            ("max_retries", Value::Number(3_i64.into())),
            ("retry_mode", text("adaptive")),
            ("engine", text("composed")),
            ("preflight", text("error")),
            ("insecure", Value::Bool(true)),
            ("assume_role", list(&[object("assume_role", &role)])),
            ("endpoints", object("endpoints", &[("ecs", text("http://localhost:1")), ("sts", text(""))])),
            ("ignore_tags", object("ignore_tags", &[("key_prefixes", texts(&["aws-"]))])),
        ]));
        assert_eq!(settings.client.region.as_deref(), Some("eu-west-1"));
        assert_eq!(
            settings.client.static_credentials.as_ref().map(|keys| keys.secret_key.expose()),
            Some("s")
        );
        assert_eq!(settings.client.max_retries, Some(3));
        assert_eq!(settings.client.retry_mode, Some(RetryMode::Adaptive));
        assert_eq!(settings.engine.as_deref(), Some("composed"));
        assert_eq!(settings.preflight, PreflightMode::Error);
        assert!(settings.client.http.insecure);
        assert_eq!(settings.client.assume_role[0].duration, Some(Duration::from_secs(3600)));
        assert_eq!(settings.client.assume_role[0].policy_arns.len(), 1);
        assert_eq!(settings.client.endpoints.0, [("ecs", "http://localhost:1".to_owned())].into());
        assert_eq!(settings.ignore_tags.key_prefixes, ["aws-"]);
        assert_eq!(settings.unknown, []);
    }

    #[test]
    fn unknown_values_are_noted_and_unknown_default_tags_apart() {
        let tags = Value::Map([("a".to_owned(), Value::unknown())].into());
        let role = [("role_arn", Value::unknown())];
        let settings = expand(&config(&[
            ("region", Value::unknown()),
            ("assume_role", list(&[object("assume_role", &role)])),
            ("default_tags", object("default_tags", &[("tags", tags)])),
        ]));
        let unknown: Vec<String> = settings.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(unknown, ["region", "assume_role[0].role_arn"]);
        assert_eq!(settings.default_tags, Attr::Unknown);
    }
}
