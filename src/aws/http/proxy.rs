//! Which proxy a request goes through.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::TrustStore;
use hyper_util::client::proxy::matcher::Matcher;

use crate::aws::environment::Environment;
use crate::aws::settings::{HttpSettings, Secret};
use crate::framework::{Diagnostic, Path};

/// Hosts that no proxy can reach: this machine, and the metadata services of EC2, ECS and EKS.
const NEVER_PROXIED: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fd00:ec2::/32";

/// The proxies for both schemes.
///
/// An argument wins over the environment variable of the same name, in lower or upper case, and that over
/// `ALL_PROXY`. An empty argument means no proxy.
pub(super) struct Proxies {
    http: Option<ProxyConfig>,
    https: Option<ProxyConfig>,
    https_url: Option<Secret>,
    is_http_proxy_secure: bool,
    no_proxy: String,
}

impl Proxies {
    /// The proxies that `settings` and `environment` name.
    pub(super) fn new(settings: &HttpSettings, environment: &Environment) -> Result<Self, Diagnostic> {
        let no_proxy =
            settings.no_proxy.as_deref().or_else(|| environment.first_of(&["no_proxy", "NO_PROXY"]));
        let no_proxy = no_proxy.map_or(NEVER_PROXIED.to_owned(), |rules| format!("{rules},{NEVER_PROXIED}"));
        let all = ["all_proxy", "ALL_PROXY"];
        let http = proxy_url(
            settings.http_proxy.as_ref(),
            environment,
            &["http_proxy", "HTTP_PROXY", all[0], all[1]],
        );
        let https = proxy_url(
            settings.https_proxy.as_ref(),
            environment,
            &["https_proxy", "HTTPS_PROXY", all[0], all[1]],
        );
        let config = |url: &Option<Secret>, new: fn(&str) -> Option<ProxyConfig>, argument| {
            let config = url.as_ref().map(|url| new(url.expose()).ok_or_else(|| not_a_url(argument)));
            config.transpose().map(|config| config.map(|config| config.no_proxy(&no_proxy)))
        };
        Ok(Self {
            http: config(&http, |url| ProxyConfig::http(url).ok(), "http_proxy")?,
            https: config(&https, |url| ProxyConfig::https(url).ok(), "https_proxy")?,
            is_http_proxy_secure: http.is_some_and(|url| url.expose().starts_with("https:")),
            https_url: https,
            no_proxy,
        })
    }

    /// The proxy for `http://` endpoints.
    pub(super) fn http_config(&self) -> ProxyConfig {
        self.http.clone().unwrap_or_else(ProxyConfig::disabled)
    }

    /// The proxy for `https://` endpoints.
    pub(super) fn https_config(&self) -> ProxyConfig {
        self.https.clone().unwrap_or_else(ProxyConfig::disabled)
    }

    /// The same for a client of our own.
    pub(super) fn https_matcher(&self) -> Option<Matcher> {
        let url = self.https_url.as_ref()?;
        Some(Matcher::builder().https(url.expose().to_owned()).no(self.no_proxy.clone()).build())
    }

    /// Requests in clear text need certificates only if the proxy itself is reached by TLS.
    pub(super) fn trust_of_http_proxy(&self) -> TrustStore {
        TrustStore::empty().with_native_roots(self.is_http_proxy_secure)
    }
}

fn proxy_url(argument: Option<&Secret>, environment: &Environment, variables: &[&str]) -> Option<Secret> {
    let url = argument.cloned().or_else(|| environment.first_of(variables).map(Secret::new))?;
    let url = url.expose().trim();
    match url {
        "" => None,
        _ if url.contains("://") => Some(Secret::new(url)),
        _ => Some(Secret::new(format!("http://{url}"))),
    }
}

fn not_a_url(argument: &str) -> Diagnostic {
    Diagnostic::error(
        format!("`{argument}` is not the URL of a proxy"),
        format!(
            "The provider's `{argument}`, or the environment variable of that name, must look like \
             `http://proxy.example.com:3128`; a user name and a password may stand before the host."
        ),
    )
    .at(Path::attribute(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(settings: &HttpSettings, environment: &[(&str, &str)], target: &str) -> Option<String> {
        let environment = environment.iter().copied().collect();
        let proxies = Proxies::new(settings, &environment).expect("valid proxies");
        let intercept = proxies.https_matcher()?.intercept(&target.parse().expect("a URL"))?;
        Some(intercept.uri().to_string())
    }

    const ECS: &str = "https://ecs.eu-west-1.amazonaws.com/";

    #[test]
    fn an_argument_wins_over_the_environment_and_an_empty_one_means_no_proxy() {
        let environment = [("HTTPS_PROXY", "http://outer:1")];
        let settings =
            |proxy: &str| HttpSettings { https_proxy: Some(Secret::new(proxy)), ..HttpSettings::default() };
        assert_eq!(matched(&HttpSettings::default(), &environment, ECS), Some("http://outer:1/".to_owned()));
        assert_eq!(matched(&settings("inner:2"), &environment, ECS), Some("http://inner:2/".to_owned()));
        assert_eq!(matched(&settings(""), &environment, ECS), None);
    }

    #[test]
    fn metadata_services_this_machine_and_the_users_exceptions_are_reached_directly() {
        let environment = [("ALL_PROXY", "http://outer:1"), ("NO_PROXY", "internal.example.com")];
        let direct = [
            "https://169.254.169.254/",
            "https://localhost:4566/",
            "https://127.0.0.1/",
            "https://internal.example.com/",
        ];
        for target in direct {
            assert_eq!(matched(&HttpSettings::default(), &environment, target), None, "{target}");
        }
        assert!(matched(&HttpSettings::default(), &environment, ECS).is_some());
    }

    #[test]
    fn a_proxy_that_is_no_url_is_refused_without_repeating_it() {
        let settings = HttpSettings {
            http_proxy: Some(Secret::new("ftp://me:hidden@proxy")),
            ..HttpSettings::default()
        };
        let Err(diagnostic) = Proxies::new(&settings, &Environment::default()) else {
            panic!("accepted");
        };
        assert_eq!(diagnostic.path, Some(Path::attribute("http_proxy")));
        assert!(!format!("{diagnostic:?}").contains("hidden"));
    }
}
