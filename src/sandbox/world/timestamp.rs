//! Simulated instants, in whole milliseconds so that the state file stays readable and exact.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Timestamp(u64);

impl Timestamp {
    /// The instant `duration` later; stays at the end of time instead of overflowing.
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// Milliseconds since the epoch, as generated names carry them.
    pub(crate) fn epoch_millis(self) -> u64 {
        self.0
    }

    /// Epoch seconds with milliseconds: the timestamp form of awsJson 1.1 services.
    pub(crate) fn epoch_seconds(self) -> Value {
        let seconds = Duration::from_millis(self.0).as_secs_f64();
        Number::from_f64(seconds).map_or(Value::Null, Value::Number)
    }

    /// ISO 8601 in UTC: the timestamp form of Query services.
    pub(crate) fn iso8601(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok())
            .unwrap_or_default()
    }
}

impl From<SystemTime> for Timestamp {
    /// Instants before the epoch become the epoch.
    fn from(instant: SystemTime) -> Self {
        Self(millis(instant.duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_wire_forms_name_the_same_instant() {
        let instant = Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_767_225_600_250));
        assert_eq!(instant.iso8601(), "2026-01-01T00:00:00.25Z");
        assert_eq!(instant.epoch_seconds().to_string(), "1767225600.25");
    }
}
