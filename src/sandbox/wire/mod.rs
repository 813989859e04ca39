//! AWS's own HTTP protocols: a request becomes a [`Request`], an answer becomes an HTTP response.
//!
//! The caller chooses the protocol, as with AWS: a `smithy-protocol` header means RPC v2 CBOR, an
//! `X-Amz-Target` header means awsJson, a path of Route 53's means REST, anything else is Query (EC2's dialect for
//! EC2). So one endpoint serves every SDK, whichever protocol that SDK prefers for a service. Signatures are read,
//! never checked.

mod cbor;
mod decode;
mod encode;
mod params;
mod rest;
mod scope;
mod services;
mod xml;
mod xml_input;

use std::time::{Duration, SystemTime};

use hyper::body::Bytes;
use time::format_description::well_known::Rfc3339;

use super::api::{ApiError, Request};

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use services::{find_service, table_of};

/// Largest request body that is read. AWS's own limits for these APIs are far below.
pub(crate) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The notation that a caller speaks, and so expects its answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `application/x-amz-json-1.0` or `-1.1`; the answer repeats the caller's version.
    AwsJson {
        /// The content type of the request.
        content_type: &'static str,
    },
    /// AWS Query: form in, XML out.
    Query,
    /// EC2's dialect of AWS Query.
    Ec2Query,
    /// REST with XML bodies, which is Route 53's.
    RestXml,
    /// Smithy RPC v2 with CBOR bodies.
    RpcV2Cbor,
}

/// A request that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    /// The notation for the answer.
    pub(crate) protocol: Protocol,
    /// What is asked.
    pub(crate) request: Request,
}

/// A request that no service could be found for, or that its protocol does not allow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undecodable {
    /// The notation for the answer.
    pub(crate) protocol: Protocol,
    /// The refusal.
    pub(crate) error: ApiError,
}

/// The response of this module: complete in memory.
pub(crate) type Response = http::Response<Bytes>;

/// Epoch seconds as the ISO 8601 text that the XML protocols use, with milliseconds.
///
/// `None` for a time outside the years that the format can hold.
pub(crate) fn iso8601(epoch_seconds: f64) -> Option<String> {
    let since_epoch = Duration::try_from_secs_f64(epoch_seconds).ok()?;
    let millis = Duration::from_millis(u64::try_from(since_epoch.as_millis()).ok()?);
    let time = time::OffsetDateTime::from(SystemTime::UNIX_EPOCH + millis);
    time.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_seconds_become_iso_8601_with_milliseconds_at_most() {
        assert_eq!(iso8601(1_771_372_800.0).as_deref(), Some("2026-02-18T00:00:00Z"));
        assert_eq!(iso8601(1_771_372_800.123_9).as_deref(), Some("2026-02-18T00:00:00.123Z"));
        assert_eq!(iso8601(-1.0), None);
    }
}
