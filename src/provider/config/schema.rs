//! The provider block's schema: arguments as users of `hashicorp/aws` know them, and `engine`.

use super::validators;
use crate::aws::settings::Endpoints;
use crate::framework::Type;
use crate::framework::schema::validators::length_between;
use crate::framework::schema::{Attribute, NestedBlock, Nesting, Schema};
use crate::provider::tag_keys;

/// Arguments and blocks of `provider "express"`.
pub(crate) fn schema() -> Schema {
    let attributes = [engine_and_place(), credentials(), retries_and_endpoints(), network()];
    Schema {
        version: 0,
        description: "Runs container images as load-balanced services with a URL on Amazon ECS.\n\n\
            Credentials, region and endpoints are found as in the AWS CLI and the other AWS SDKs: what the provider \
            block does not set comes from environment variables, shared configuration files (with SSO, assumed roles \
            and credential processes), web identity tokens, container credentials and the instance metadata service, \
            in this order.",
        attributes: attributes.into_iter().flatten().collect(),
        blocks: vec![
            assume_role(),
            assume_role_with_web_identity(),
            default_domain(),
            default_tags(),
            endpoints(),
            ignore_tags(),
        ],
    }
}

fn strings(collection: fn(Box<Type>) -> Type) -> Type {
    collection(Box::new(Type::String))
}

fn engine_and_place() -> Vec<Attribute> {
    vec![
        Attribute::optional("engine", Type::String)
            .describe(
                "Who assembles services that do not set `engine` themselves: `managed` (default) for AWS's Express Mode \
                 API, `composed` for this provider.",
            )
            .validate(validators::one_of(&["managed", "composed"])),
        Attribute::optional("fail_early", Type::Bool).describe(
            "Whether an apply fails as soon as it is certain that its deployment cannot succeed: the image does not exist, \
             a role cannot be assumed, a quota is used up (default `true`). What may pass by itself is waited for. `false` \
             waits until ECS ends the deployment, or until the timeout.",
        ),
        Attribute::optional("preflight", Type::String)
            .describe(
                "Whether plans look at what services depend on (roles, subnets, cluster, images of ECR, secrets and the \
                 like) and say what will fail. Default: warnings, but an error where a live service would be destroyed for \
                 one that cannot be made. `warn`: warnings always; `error`: what is certain fails the plan; `off`: nothing \
                 is looked at. What may not be read is passed over.",
            )
            .validate(validators::one_of(&["off", "warn", "error"])),
        Attribute::optional("diagnosis_log_lines", Type::Bool).describe(
            "Whether the error about a failed deployment shows the last lines that the failing container wrote \
             (default `true`). Values of its environment and what looks like a secret are left out; set it to `false` \
             if your application may write what nobody who sees Terraform's output should read.",
        ),
        Attribute::optional("region", Type::String).describe(
            "AWS region, for example `eu-central-1`. Otherwise `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's \
             `region` or the instance's region.",
        ),
        Attribute::optional("allowed_account_ids", strings(Type::Set))
            .describe("The only AWS accounts to work in; the provider refuses every other. Excludes `forbidden_account_ids`.")
            .validate(validators::account_ids()),
        Attribute::optional("forbidden_account_ids", strings(Type::Set))
            .describe("AWS accounts that the provider refuses to work in. Excludes `allowed_account_ids`.")
            .validate(validators::account_ids()),
    ]
}

fn credentials() -> Vec<Attribute> {
    vec![
        Attribute::optional("profile", Type::String).describe(
            "Profile of the shared configuration files. Only it is asked for credentials then, whatever the \
             environment holds. Otherwise `AWS_PROFILE`, which environment variables with keys override.",
        ),
        Attribute::optional("access_key", Type::String)
            .describe("Access key id. It wins over every other source of credentials; `secret_key` is required with it.")
            .sensitive(),
        Attribute::optional("secret_key", Type::String)
            .describe("Secret access key; `access_key` is required with it. Better kept out of configurations.")
            .sensitive(),
        Attribute::optional("token", Type::String)
            .describe("Session token of temporary keys; `access_key` is required with it.")
            .sensitive(),
        Attribute::optional("shared_config_files", strings(Type::List))
            .describe("Configuration files to read instead of `~/.aws/config` or `AWS_CONFIG_FILE`."),
        Attribute::optional("shared_credentials_files", strings(Type::List)).describe(
            "Credentials files to read instead of `~/.aws/credentials` or `AWS_SHARED_CREDENTIALS_FILE`.",
        ),
    ]
}

fn retries_and_endpoints() -> Vec<Attribute> {
    vec![
        Attribute::optional("max_retries", Type::Number)
            .describe(
                "How often a call is repeated after throttling or a transient failure, with growing pauses. Otherwise one \
                 less than `AWS_MAX_ATTEMPTS` or the profile's `max_attempts`, or else 9.",
            )
            .validate(validators::whole_number()),
        Attribute::optional("retry_mode", Type::String)
            .describe(
                "`standard` (default), or `adaptive` to slow calls down while AWS throttles them. Otherwise \
                 `AWS_RETRY_MODE` or the profile's `retry_mode`.",
            )
            .validate(validators::one_of(&["standard", "adaptive"])),
        Attribute::optional("use_fips_endpoint", Type::Bool)
            .describe("Call FIPS endpoints. Otherwise `AWS_USE_FIPS_ENDPOINT`."),
        Attribute::optional("use_dualstack_endpoint", Type::Bool).describe(
            "Call endpoints that answer over IPv6 as well as IPv4. Otherwise `AWS_USE_DUALSTACK_ENDPOINT`.",
        ),
    ]
}

fn network() -> Vec<Attribute> {
    vec![
        Attribute::optional("custom_ca_bundle", Type::String).describe(
            "File with the certificates, in PEM form, to trust instead of the system's. Otherwise `AWS_CA_BUNDLE` or the \
             profile's `ca_bundle`.",
        ),
        Attribute::optional("http_proxy", Type::String)
            .describe(
                "URL of the proxy for `http://` endpoints; an empty text means none. Otherwise `HTTP_PROXY` or `ALL_PROXY`.",
            )
            .sensitive()
            .validate(validators::proxy()),
        Attribute::optional("https_proxy", Type::String)
            .describe(
                "URL of the proxy for `https://` endpoints, which are AWS's own; an empty text means none. Otherwise \
                 `HTTPS_PROXY` or `ALL_PROXY`.",
            )
            .sensitive()
            .validate(validators::proxy()),
        Attribute::optional("no_proxy", Type::String).describe(
            "Hosts, domains and address ranges to reach without a proxy, separated by commas. Otherwise `NO_PROXY`. \
             This machine and the metadata services are always reached directly.",
        ),
        Attribute::optional("insecure", Type::Bool).describe(
            "Accept every TLS certificate. Whoever is between you and AWS can then read and change everything: prefer \
             `custom_ca_bundle`.",
        ),
    ]
}

fn block(
    name: &'static str,
    nesting: Nesting,
    description: &'static str,
    attributes: Vec<Attribute>,
) -> NestedBlock {
    let max_items = i64::from(nesting == Nesting::Single);
    NestedBlock { name, description, nesting, max_items, attributes }
}

/// Arguments that both ways of assuming a role have.
fn session() -> Vec<Attribute> {
    vec![
        Attribute::required("role_arn", Type::String)
            .describe("ARN of the role to assume.")
            .validate(validators::role_arn()),
        Attribute::optional("session_name", Type::String)
            .describe("Name of the session, as CloudTrail shows it; `terraform-provider-express` by default.")
            .validate(validators::session_word()),
        Attribute::optional("duration", Type::String)
            .describe("How long the session lasts, for example `1h`; one hour by default.")
            .validate(validators::session_duration()),
        Attribute::optional("policy", Type::String)
            .describe("IAM policy as JSON that narrows what the session may do.")
            .validate(validators::json_object()),
        Attribute::optional("policy_arns", strings(Type::Set))
            .describe("ARNs of managed IAM policies that narrow what the session may do."),
    ]
}

fn assume_role() -> NestedBlock {
    let mut attributes = session();
    attributes.extend([
        Attribute::optional("external_id", Type::String)
            .describe("External id that the role's trust policy demands."),
        Attribute::optional("source_identity", Type::String)
            .describe("Source identity of the session, which stays the same through further roles.")
            .validate(validators::session_word()),
        Attribute::optional("tags", strings(Type::Map)).describe("Session tags."),
        Attribute::optional("transitive_tag_keys", strings(Type::Set))
            .describe("Keys of session tags that the next role of the chain gets, too."),
    ]);
    block(
        "assume_role",
        Nesting::List,
        "Role to assume. Several blocks are a chain: each role is assumed with the credentials of the one before.",
        attributes,
    )
}

fn assume_role_with_web_identity() -> NestedBlock {
    let mut attributes = session();
    attributes.extend([
        Attribute::optional("web_identity_token", Type::String)
            .describe("Token of the identity provider. Excludes `web_identity_token_file`.")
            .sensitive(),
        Attribute::optional("web_identity_token_file", Type::String).describe(
            "File that holds the token; read anew for every session. Excludes `web_identity_token`.",
        ),
    ]);
    block(
        "assume_role_with_web_identity",
        Nesting::Single,
        "Role to assume with a token of an OpenID Connect identity provider, before those of `assume_role`.",
        attributes,
    )
}

fn default_domain() -> NestedBlock {
    let hosted_zone = Attribute::required("hosted_zone", Type::String)
        .describe("Public Route 53 hosted zone, by name or id.")
        .validate(length_between(1, 1024));
    block(
        "default_domain",
        Nesting::Single,
        "Domain of every service of the composed engine that names none itself: it becomes `<service_name>.<zone>`.",
        vec![hosted_zone],
    )
}

fn default_tags() -> NestedBlock {
    let tags = Attribute::optional("tags", strings(Type::Map))
        .describe("Tags by key.")
        .validate(length_between(1, 128).for_keys())
        .validate(tag_keys::key_validator().for_keys())
        .validate(length_between(0, 256).for_elements());
    block(
        "default_tags",
        Nesting::Single,
        "Tags for everything that this provider makes. A resource's own `tags` win.",
        vec![tags],
    )
}

fn endpoints() -> NestedBlock {
    let attributes = Endpoints::SERVICES.iter().map(|(service, description)| {
        Attribute::optional(service, Type::String).describe(description).validate(validators::endpoint())
    });
    block(
        "endpoints",
        Nesting::Single,
        "Own endpoints, for emulators and private networks. Otherwise `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` and \
         the profile's `endpoint_url`.",
        attributes.collect(),
    )
}

fn ignore_tags() -> NestedBlock {
    block(
        "ignore_tags",
        Nesting::Single,
        "Tags that others set on what this provider makes: it neither shows nor removes them.",
        vec![
            Attribute::optional("keys", strings(Type::Set)).describe("Whole keys."),
            Attribute::optional("key_prefixes", strings(Type::Set)).describe("Beginnings of keys."),
        ],
    )
}

#[cfg(test)]
pub(in crate::provider) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::framework::Value;
    use crate::framework::schema::{Mode, SchemaUse};

    /// A provider block with these members; the others are null, blocks are absent.
    pub(in crate::provider) fn config(members: &[(&str, Value)]) -> Value {
        let schema = schema();
        let absent = schema.blocks.iter().map(|block| match block.nesting {
            Nesting::List => (block.name, Value::List(Vec::new())),
            _ => (block.name, Value::Null),
        });
        let names = schema.attributes.iter().map(|attribute| (attribute.name, Value::Null)).chain(absent);
        filled(names.collect(), members)
    }

    /// A block of this name with these members; the others are null.
    pub(in crate::provider) fn object(block: &str, members: &[(&str, Value)]) -> Value {
        let schema = schema();
        let block = schema.blocks.into_iter().find(|known| known.name == block).expect("a block");
        filled(block.attributes.iter().map(|attribute| (attribute.name, Value::Null)).collect(), members)
    }

    fn filled<'a>(mut object: BTreeMap<&'a str, Value>, members: &[(&'a str, Value)]) -> Value {
        for (name, value) in members {
            *object.get_mut(name).expect("a member of this name") = value.clone();
        }
        Value::Object(object.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(in crate::provider) fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    pub(in crate::provider) fn texts(texts: &[&str]) -> Value {
        Value::Set(texts.iter().map(|each| text(each)).collect())
    }

    pub(in crate::provider) fn list(elements: &[Value]) -> Value {
        Value::List(elements.to_vec())
    }

    #[test]
    fn every_argument_of_the_product_is_there_once_and_documented() {
        let schema = schema();
        let mut names: Vec<&str> = schema.attributes.iter().map(|attribute| attribute.name).collect();
        names.extend(schema.blocks.iter().map(|block| block.name));
        names.sort_unstable();
        let expected = [
            "access_key",
            "allowed_account_ids",
            "assume_role",
            "assume_role_with_web_identity",
            "custom_ca_bundle",
            "default_domain",
            "default_tags",
            "diagnosis_log_lines",
            "endpoints",
            "engine",
            "fail_early",
            "forbidden_account_ids",
            "http_proxy",
            "https_proxy",
            "ignore_tags",
            "insecure",
            "max_retries",
            "no_proxy",
            "preflight",
            "profile",
            "region",
            "retry_mode",
            "secret_key",
            "shared_config_files",
            "shared_credentials_files",
            "token",
            "use_dualstack_endpoint",
            "use_fips_endpoint",
        ];
        assert_eq!(names, expected);
        let blocks = schema.blocks.iter().flat_map(|block| &block.attributes);
        for attribute in schema.attributes.iter().chain(blocks) {
            assert!(attribute.description.ends_with('.'), "{}", attribute.name);
            assert!(matches!(attribute.mode, Mode::Required | Mode::Optional), "{}", attribute.name);
        }
    }

    #[test]
    fn core_accepts_the_schema() {
        assert_eq!(schema().problems(SchemaUse::Provider), [] as [&str; 0]);
    }

    #[test]
    fn what_may_be_secret_is_sensitive() {
        let schema = schema();
        let blocks = schema.blocks.iter().flat_map(|block| &block.attributes);
        let sensitive: Vec<&str> = schema
            .attributes
            .iter()
            .chain(blocks)
            .filter(|attribute| attribute.sensitive)
            .map(|attribute| attribute.name)
            .collect();
        let expected =
            ["access_key", "secret_key", "token", "http_proxy", "https_proxy", "web_identity_token"];
        assert_eq!(sensitive, expected);
    }
}
