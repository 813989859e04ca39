//! The calls that a sandbox received.

use std::collections::VecDeque;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

/// Most calls kept; the oldest are dropped first.
pub const MAX_CALLS: usize = 20_000;

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Outcome {
    /// The call took effect and was answered.
    Success,
    /// The call was refused.
    Refused {
        /// Error code.
        code: String,
        /// Error message.
        message: String,
        /// HTTP status.
        status: u16,
    },
    /// A fault rule broke the connection before the call took effect.
    RequestLost,
    /// The call took effect (or was refused), and a fault rule kept the reply back.
    ReplyLost,
}

/// One received call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Position among all calls of this sandbox, from 1.
    pub sequence: u64,
    /// Signing name of the service.
    pub service: &'static str,
    /// Operation name.
    pub operation: String,
    /// Account that the caller acted in.
    pub account_id: String,
    /// Region that the caller acted in.
    pub region: String,
    /// Input members.
    pub input: Value,
    /// Simulated time of the effect.
    #[serde(serialize_with = "epoch_seconds")]
    pub time: SystemTime,
    /// What became of it.
    pub outcome: Outcome,
    /// The fault rule that was applied, if one was.
    pub fault_id: Option<u64>,
    /// The request id that the caller was given.
    pub request_id: String,
}

fn epoch_seconds<S: serde::Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    serializer.serialize_f64(seconds)
}

/// The newest calls, bounded.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    calls: VecDeque<Call>,
}

impl Journal {
    /// Keeps a call, and drops the oldest if there are too many.
    pub(crate) fn record(&mut self, call: Call) {
        if self.calls.len() >= MAX_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The calls, oldest first.
    pub(crate) fn list(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }

    /// Forgets every call.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(sequence: u64) -> Call {
        Call {
            sequence,
            service: "ecs",
            operation: "ListClusters".to_owned(),
            account_id: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            input: Value::Null,
            time: SystemTime::UNIX_EPOCH,
            outcome: Outcome::Success,
            fault_id: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn the_oldest_call_is_dropped_first() {
        let mut journal = Journal::default();
        for sequence in 0..=MAX_CALLS as u64 {
            journal.record(call(sequence));
        }
        let calls = journal.list();
        assert_eq!((calls.len(), calls[0].sequence), (MAX_CALLS, 1));
    }
}
