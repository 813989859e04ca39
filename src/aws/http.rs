//! The HTTP client: proxies, trusted certificates, and trust in everything when a user insists.
//!
//! The SDK's own transport does the work. It takes one proxy and one set of trusted certificates per client, so
//! there is one for `http://` and one for `https://`; and it is made when the first request of its kind is sent,
//! because loading the system's certificates takes 15 to 60 ms (facts, protocol section 3.1).

mod answers;
mod insecure;
mod judge;
mod proxy;
mod trust;
mod unreadable;

pub(crate) use answers::{OwnEndpoints, checked};
pub(crate) use unreadable::{NothingListens, UnreadableAnswer};

use std::fmt;
use std::sync::OnceLock;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::aws::environment::Environment;
use crate::aws::settings::HttpSettings;
use crate::framework::Diagnostic;

/// The client that `settings`, the environment and the profile's `ca_bundle` ask for.
///
/// Reads the CA bundle, if there is one; the system's certificates are read when they are needed.
///
/// # Errors
/// A CA bundle that cannot be read or holds no certificate, or a proxy that is not a URL; without the URL's text,
/// which may hold a password.
pub fn http_client(
    settings: &HttpSettings,
    environment: &Environment,
    profile_ca_bundle: Option<&str>,
) -> Result<SharedHttpClient, Diagnostic> {
    let proxies = proxy::Proxies::new(settings, environment)?;
    let secure = if settings.insecure {
        insecure::http_client(&proxies)
    } else {
        let trust = trust::trust_store(settings, environment, profile_ca_bundle)?;
        sdk_client(trust, proxies.https_config())
    };
    let cleartext = sdk_client(proxies.trust_of_http_proxy(), proxies.http_config());
    Ok(SharedHttpClient::new(BySchemeClient { cleartext, secure }))
}

/// The SDK's transport with these certificates and this proxy.
fn sdk_client(trust: TrustStore, proxy: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let tls_context =
            TlsContext::builder().with_trust_store(trust.clone()).build().expect("a trust store is enough");
        let mut builder = Connector::builder()
            .proxy_config(proxy.clone())
            .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls_context);
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.build()
    })
}

/// Sends `http://` and `https://` requests through different clients.
struct BySchemeClient {
    cleartext: SharedHttpClient,
    secure: SharedHttpClient,
}

impl HttpClient for BySchemeClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(BySchemeConnector {
            cleartext: LazyConnector::new(&self.cleartext, settings, components),
            secure: LazyConnector::new(&self.secure, settings, components),
        })
    }
}

struct BySchemeConnector {
    cleartext: LazyConnector,
    secure: LazyConnector,
}

impl HttpConnector for BySchemeConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_secure = request.uri().starts_with("https:");
        let connector = if is_secure { &self.secure } else { &self.cleartext };
        connector.get().call(request)
    }
}

/// A connector that is asked of its client when it is needed; the client keeps it for the next time.
struct LazyConnector {
    client: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
    connector: OnceLock<SharedHttpConnector>,
}

impl LazyConnector {
    fn new(
        client: &SharedHttpClient,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> Self {
        let (client, settings, components) = (client.clone(), settings.clone(), components.clone());
        Self { client, settings, components, connector: OnceLock::new() }
    }

    fn get(&self) -> &SharedHttpConnector {
        self.connector.get_or_init(|| self.client.http_connector(&self.settings, &self.components))
    }
}

/// Proxies may hold passwords, so nothing of them is shown.
impl fmt::Debug for BySchemeClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BySchemeClient")
    }
}

impl fmt::Debug for BySchemeConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BySchemeConnector")
    }
}

#[cfg(test)]
mod tests;
