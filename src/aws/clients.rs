//! The service clients, each built when it is first asked for.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::aws::config::AwsConfig;
use crate::aws::pauses::Pauses;
use crate::aws::region::partition_of;
use crate::clock::SharedClock;

/// Longest time that a look-up takes with its repetitions.
const LOOK_UP_SECONDS: u64 = 10;
/// Times that a look-up is tried.
const LOOK_UP_ATTEMPTS: u32 = 2;

/// The clients of one configured provider. Cloning is cheap; clones share clients and connections.
#[derive(Clone)]
pub struct Clients {
    inner: Arc<Inner>,
}

struct Inner {
    config: AwsConfig,
    /// Of the calls without an SDK crate.
    retry_partition: RetryPartition,
    acm: OnceLock<aws_sdk_acm::Client>,
    autoscaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    elbv2: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    route53: OnceLock<aws_sdk_route53::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

/// Builds a client with the shared configuration and the user's endpoint for this service.
macro_rules! client {
    ($config:expr, $sdk:ident, $service:literal) => {{
        let mut builder = $sdk::config::Builder::from(&$config.sdk);
        if let Some(endpoint) = $config.endpoints.get($service) {
            builder.set_endpoint_url(Some(endpoint.to_owned()));
        }
        builder.set_retry_partition(Some(own_retry_partition()));
        builder.push_retry_classifier(SharedRetryClassifier::new(Pauses($config.clock.clone())));
        $sdk::Client::from_conf(builder.build())
    }};
}

/// No call takes a repetition away from another one. By default all of a process are rationed together, so that a
/// plan of many services spends the ration in seconds, and `max_retries` would hold for the first of them only. What
/// bounds each call is its number of attempts.
pub(super) fn own_retry_partition() -> RetryPartition {
    RetryPartition::custom("terraform-provider-express").token_bucket(TokenBucket::unlimited()).build()
}

impl Clients {
    /// Clients that share `config`. Builds none yet and sends nothing.
    pub fn new(config: AwsConfig) -> Self {
        let inner = Inner {
            config,
            retry_partition: own_retry_partition(),
            acm: OnceLock::new(),
            autoscaling: OnceLock::new(),
            ecs: OnceLock::new(),
            elbv2: OnceLock::new(),
            route53: OnceLock::new(),
            sts: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Clients whose requests are signed for `time` and sent once: from five minutes after that time on AWS refuses
    /// them, however late they arrive.
    pub fn signed_at(&self, time: SystemTime) -> Self {
        let mut config = self.inner.config.clone();
        let builder = config.sdk.to_builder().time_source(StaticTimeSource::new(time));
        config.sdk = builder.retry_config(RetryConfig::disabled()).build();
        Self::new(config)
    }

    /// Clients that repeat no call by themselves.
    pub(super) fn sent_once(&self) -> Self {
        let mut config = self.inner.config.clone();
        config.sdk = config.sdk.to_builder().retry_config(RetryConfig::disabled()).build();
        Self::new(config)
    }

    /// Clients for look-ups that a plan can do without: each call is tried twice at the most and ends after
    /// ten seconds.
    pub fn for_look_ups(&self) -> Self {
        let mut config = self.inner.config.clone();
        let timeouts =
            config.sdk.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let timeouts = timeouts.operation_timeout(Duration::from_secs(LOOK_UP_SECONDS)).build();
        let retries = config.sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let attempts = retries.max_attempts().min(LOOK_UP_ATTEMPTS);
        let builder = config.sdk.to_builder().timeout_config(timeouts);
        config.sdk = builder.retry_config(retries.with_max_attempts(attempts)).build();
        Self::new(config)
    }

    /// What the repetitions of the calls without an SDK crate are counted in.
    pub(super) fn retry_partition(&self) -> &RetryPartition {
        &self.inner.retry_partition
    }

    /// AWS Certificate Manager.
    pub fn acm(&self) -> &aws_sdk_acm::Client {
        self.inner.acm.get_or_init(|| client!(self.inner.config, aws_sdk_acm, "acm"))
    }

    /// Application Auto Scaling.
    pub fn autoscaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        let inner = &self.inner;
        inner
            .autoscaling
            .get_or_init(|| client!(inner.config, aws_sdk_applicationautoscaling, "applicationautoscaling"))
    }

    /// Amazon ECS.
    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.inner.ecs.get_or_init(|| client!(self.inner.config, aws_sdk_ecs, "ecs"))
    }

    /// Elastic Load Balancing v2.
    pub fn elbv2(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        self.inner.elbv2.get_or_init(|| client!(self.inner.config, aws_sdk_elasticloadbalancingv2, "elbv2"))
    }

    /// Amazon Route 53.
    pub fn route53(&self) -> &aws_sdk_route53::Client {
        self.inner.route53.get_or_init(|| client!(self.inner.config, aws_sdk_route53, "route53"))
    }

    /// AWS STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.inner.sts.get_or_init(|| client!(self.inner.config, aws_sdk_sts, "sts"))
    }

    /// The region of every client.
    pub fn region(&self) -> &str {
        &self.inner.config.region
    }

    /// The region's partition, for example `aws`.
    pub fn partition(&self) -> &'static str {
        partition_of(self.region())
    }

    /// How often a call is made at the most.
    pub fn max_attempts(&self) -> u32 {
        self.inner.config.sdk.retry_config().map_or(1, RetryConfig::max_attempts)
    }

    /// The clock that retries, timeouts and waits follow.
    pub fn clock(&self) -> &SharedClock {
        &self.inner.config.clock
    }

    /// The configuration behind the clients.
    pub(crate) fn config(&self) -> &AwsConfig {
        &self.inner.config
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Clients").field("region", &self.region()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::testing::FakeAws;

    #[tokio::test]
    async fn clones_share_the_clients_and_know_their_region() {
        let clients = FakeAws::with_sts().clients().await;
        let clone = clients.clone();
        assert!(std::ptr::eq(clients.ecs(), clone.ecs()));
        assert_eq!((clone.region(), clone.partition()), ("eu-west-1", "aws"));
        assert_eq!(format!("{clone:?}"), "Clients { region: \"eu-west-1\", .. }");
    }
}
