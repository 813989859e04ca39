//! HTTP request to [`Decoded`].

use std::time::SystemTime;

use http::Request as HttpRequest;
use http::header::CONTENT_TYPE;
use hyper::body::Bytes;
use serde_json::{Map, Value};

use super::scope::{CredentialScope, credential_scope};
use super::services::{ServiceTable, find_by_target, find_by_version};
use super::{Decoded, Protocol, Undecodable, cbor, find_service, params, rest, table_of};
use crate::sandbox::api::{ApiError, Request, RequestContext, Service};

/// Reads one request that takes effect at `now`.
///
/// # Errors
/// The refusal that AWS gives when no service, no operation or no input can be read, in the caller's protocol.
pub(crate) fn decode(http: &HttpRequest<Bytes>, now: SystemTime) -> Result<Decoded, Undecodable> {
    let scope = credential_scope(http.headers());
    if header(http, "smithy-protocol") == Some("rpc-v2-cbor") {
        return decode_rpc(http, scope, now);
    }
    if let Some(target) = header(http, "x-amz-target") {
        return decode_json(http, target, scope, now);
    }
    if rest::is_route53(http.uri().path()) {
        return decode_rest(http, scope, now);
    }
    decode_query(http, scope, now)
}

fn decode_rest(
    http: &HttpRequest<Bytes>,
    scope: CredentialScope,
    now: SystemTime,
) -> Result<Decoded, Undecodable> {
    let protocol = Protocol::RestXml;
    let table = table_of(Service::Route53);
    let Some((operation, input)) = rest::read(http, table) else {
        let asked = format!("{} {}", http.method(), http.uri().path());
        return Err(Undecodable { protocol, error: unknown_operation(&asked) });
    };
    Ok(decoded(protocol, table, operation, input, scope, now))
}

fn decode_rpc(
    http: &HttpRequest<Bytes>,
    scope: CredentialScope,
    now: SystemTime,
) -> Result<Decoded, Undecodable> {
    let protocol = Protocol::RpcV2Cbor;
    let refuse = |error| Undecodable { protocol, error };
    let mut path = http.uri().path().trim_start_matches('/').split('/');
    let mut named = |label: &str| path.next().filter(|part| *part == label).and_then(|_| path.next());
    let service = named("service").and_then(find_by_target);
    let operation = named("operation");
    let (Some(table), Some(operation)) = (service, operation) else {
        return Err(refuse(unknown_operation(http.uri().path())));
    };
    let input = cbor::from_cbor(http.body())
        .map_err(|error| refuse(ApiError::client("SerializationException", error.to_string())))?;
    Ok(decoded(protocol, table, operation, input, scope, now))
}

fn decode_json(
    http: &HttpRequest<Bytes>,
    target: &str,
    scope: CredentialScope,
    now: SystemTime,
) -> Result<Decoded, Undecodable> {
    let is_version_0 = header(http, CONTENT_TYPE.as_str()).is_some_and(|text| text.contains("json-1.0"));
    let content_type = if is_version_0 { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" };
    let protocol = Protocol::AwsJson { content_type };
    let refuse = |error| Undecodable { protocol, error };
    let (prefix, operation) = target.rsplit_once('.').unwrap_or(("", target));
    let Some(table) = find_by_target(prefix) else { return Err(refuse(unknown_operation(target))) };
    let body: &[u8] = http.body();
    let input = if body.is_empty() { Ok(Value::Object(Map::new())) } else { serde_json::from_slice(body) };
    match input {
        Ok(input @ Value::Object(_)) => Ok(decoded(protocol, table, operation, input, scope, now)),
        _ => Err(refuse(ApiError::client("SerializationException", "The request body is not a JSON object"))),
    }
}

fn decode_query(
    http: &HttpRequest<Bytes>,
    scope: CredentialScope,
    now: SystemTime,
) -> Result<Decoded, Undecodable> {
    let mut pairs = params::pairs(http.uri().query().unwrap_or_default().as_bytes());
    pairs.extend(params::pairs(http.body()));
    let find = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let table = match find("Version") {
        Some(version) => find_by_version(&version),
        None => scope.service.as_deref().and_then(find_service),
    };
    let is_ec2 = table.is_some_and(|table| table.service == Service::Ec2);
    let protocol = if is_ec2 { Protocol::Ec2Query } else { Protocol::Query };
    let refuse = |error| Undecodable { protocol, error };
    let Some(operation) = find("Action") else {
        let message = "The request must contain the parameter Action.";
        return Err(refuse(ApiError::client("MissingAction", message)));
    };
    let Some(table) = table.filter(|table| table.query_version.is_some()) else {
        let message = format!("The sandbox knows no service for the action {operation}.");
        return Err(refuse(ApiError::client("InvalidAction", message)));
    };
    let input = params::nest(pairs, table)
        .map_err(|error| refuse(ApiError::client("MalformedQueryString", error.to_string())))?;
    Ok(decoded(protocol, table, &operation, input, scope, now))
}

fn decoded(
    protocol: Protocol,
    table: &ServiceTable,
    operation: &str,
    input: Value,
    scope: CredentialScope,
    now: SystemTime,
) -> Decoded {
    let context = RequestContext { account_id: scope.account_id, region: scope.region, now };
    let request = Request { service: table.service, operation: operation.to_owned(), input, context };
    Decoded { protocol, request }
}

fn unknown_operation(target: &str) -> ApiError {
    ApiError::client("UnknownOperationException", format!("The sandbox knows no service for {target}"))
}

fn header<'a>(http: &'a HttpRequest<Bytes>, name: &str) -> Option<&'a str> {
    http.headers().get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=444444444444/20261122/eu-west-1/monitoring/aws4_request";

    fn post(headers: &[(&str, &str)], path: &str, body: &[u8]) -> Result<Decoded, Undecodable> {
        let mut request = HttpRequest::post(path).header(AUTHORIZATION, SIGNED);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        decode(&request.body(Bytes::copy_from_slice(body)).unwrap(), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn aws_json_is_found_by_its_target() {
        let target = "AmazonEC2ContainerServiceV20141113.ListClusters";
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")];
        let decoded = post(&headers, "/", br#"{"maxResults": 5}"#).unwrap();
        assert_eq!(decoded.request.service, Service::Ecs);
        assert_eq!(decoded.request.operation, "ListClusters");
        assert_eq!(decoded.request.input, json!({"maxResults": 5}));
        assert_eq!(decoded.request.context.region, "eu-west-1");
        assert_eq!(decoded.request.context.account_id, "444444444444");
    }

    #[test]
    fn cloudwatch_is_understood_in_all_three_of_its_protocols() {
        let path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms";
        let rpc = post(&[("smithy-protocol", "rpc-v2-cbor")], path, b"\xa0").unwrap();
        let target = [("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms")];
        let json = post(&target, "/", b"{}").unwrap();
        let query = post(&[], "/", b"Action=DescribeAlarms&Version=2010-08-01").unwrap();
        for decoded in [&rpc, &json, &query] {
            assert_eq!(decoded.request.service, Service::CloudWatch);
            assert_eq!(decoded.request.operation, "DescribeAlarms");
            assert_eq!(decoded.request.input, json!({}));
        }
        assert_eq!([rpc.protocol, query.protocol], [Protocol::RpcV2Cbor, Protocol::Query]);
    }

    #[test]
    fn a_query_request_in_the_url_is_understood() {
        let decoded = post(&[], "/?Action=GetCallerIdentity&Version=2011-06-15", b"").unwrap();
        assert_eq!(decoded.request.service, Service::Sts);
    }

    #[test]
    fn what_no_service_answers_is_refused_in_the_callers_protocol() {
        let json = post(&[("x-amz-target", "DynamoDB_20120810.ListTables")], "/", b"{}").unwrap_err();
        assert_eq!(json.error.code, "UnknownOperationException");
        let query = post(&[], "/", b"Action=ListTopics&Version=2010-03-31").unwrap_err();
        assert_eq!((query.protocol, query.error.code.as_str()), (Protocol::Query, "InvalidAction"));
        let missing = post(&[], "/", b"").unwrap_err();
        assert_eq!(missing.error.code, "MissingAction");
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        let target = [("x-amz-target", "CertificateManager.ListCertificates")];
        assert_eq!(post(&target, "/", b"[1").unwrap_err().error.code, "SerializationException");
    }

    proptest! {
        #[test]
        fn no_request_makes_the_reader_panic(
            path in "/[a-zA-Z0-9/]{0,40}",
            target in "[ -~]{0,40}",
            cbor in any::<bool>(),
            body in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let protocol = if cbor { ("smithy-protocol", "rpc-v2-cbor") } else { ("x-amz-target", target.as_str()) };
            let _ = post(&[protocol], &path, &body);
            let _ = post(&[], &path, &body);
        }
    }
}
