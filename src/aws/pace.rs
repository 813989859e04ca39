//! How fast the time of the endpoints runs: AWS's as fast as ours, a sandbox's as fast as it says.
//!
//! Some pauses let something pass that nobody can look at, such as what resolvers remember of a record. Against a sandbox
//! they follow its time, or a rehearsal of minutes would take minutes. The sandbox says its speed in a header of each
//! answer. It is believed over plain HTTP only, which no endpoint of AWS speaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::clock::{Clock, SharedClock, Sleep};

/// Simulated seconds per real second, in a sandbox's answers.
const SPEED_HEADER: &str = "x-sandbox-speed";

/// Speeds that are believed; slower than real time none is.
const SPEEDS: std::ops::RangeInclusive<f64> = 1.0..=100_000.0;

/// What is known of the endpoints' speed. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// The bits of the speed; 0: nobody said one.
    speed: Arc<AtomicU64>,
}

impl Pace {
    /// A client that learns the speed from the answers of `inner`.
    pub(super) fn learn_from(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(LearningClient { inner, pace: self.clone() })
    }

    /// `base`, which also knows how long a span of the endpoints' time takes.
    pub(super) fn of(&self, base: SharedClock) -> SharedClock {
        Arc::new(PacedClock { base, pace: self.clone() })
    }

    fn learn(&self, said: &str) {
        if let Some(speed) = said.parse::<f64>().ok().filter(|speed| SPEEDS.contains(speed)) {
            self.speed.store(speed.to_bits(), Ordering::Relaxed);
        }
    }

    fn speed(&self) -> f64 {
        match self.speed.load(Ordering::Relaxed) {
            0 => 1.0,
            bits => f64::from_bits(bits),
        }
    }
}

#[derive(Debug)]
struct PacedClock {
    base: SharedClock,
    pace: Pace,
}

impl Clock for PacedClock {
    fn now(&self) -> SystemTime {
        self.base.now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.base.sleep(duration)
    }

    fn jitter(&self) -> f64 {
        self.base.jitter()
    }

    fn here(&self, of_aws: Duration) -> Duration {
        self.base.here(of_aws).div_f64(self.pace.speed())
    }
}

#[derive(Debug)]
struct LearningClient {
    inner: SharedHttpClient,
    pace: Pace,
}

impl HttpClient for LearningClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(LearningConnector { inner, pace: self.pace.clone() })
    }
}

#[derive(Debug)]
struct LearningConnector {
    inner: SharedHttpConnector,
    pace: Pace,
}

impl HttpConnector for LearningConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_cleartext = request.uri().starts_with("http://");
        let answer = self.inner.call(request);
        let pace = self.pace.clone();
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            if let Some(said) = response.headers().get(SPEED_HEADER).filter(|_| is_cleartext) {
                pace.learn(said);
            }
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;

    fn clock(pace: &Pace) -> SharedClock {
        pace.of(Arc::new(VirtualClock::starting_at(SystemTime::UNIX_EPOCH)))
    }

    #[test]
    fn spans_of_aws_take_as_long_here_unless_a_sandbox_says_otherwise() {
        let pace = Pace::default();
        let clock = clock(&pace);
        assert_eq!(clock.here(Duration::from_secs(300)), Duration::from_secs(300));
        pace.learn("150");
        assert_eq!(clock.here(Duration::from_secs(300)), Duration::from_secs(2));
    }

    #[test]
    fn a_speed_that_is_none_changes_nothing() {
        let pace = Pace::default();
        for said in ["", "fast", "0", "0.5", "-3", "NaN", "inf", "1e9"] {
            pace.learn(said);
            assert_eq!(clock(&pace).here(Duration::from_secs(60)), Duration::from_secs(60), "{said}");
        }
    }
}
