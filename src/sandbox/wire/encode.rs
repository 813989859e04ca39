//! Answer to HTTP response, in the notation that the caller asked in.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use hyper::body::Bytes;
use serde_json::Value;

use super::services::ServiceTable;
use super::{Protocol, Response, cbor, xml};
use crate::sandbox::api::{ApiError, Service};

/// Writes the answer to `operation`. `table` is absent only if no service was found for the request.
pub(crate) fn encode(
    protocol: Protocol,
    table: Option<&ServiceTable>,
    operation: &str,
    answer: Result<&Value, &ApiError>,
    request_id: &str,
) -> Response {
    let status = match answer {
        Ok(_) if protocol == Protocol::RestXml && operation.starts_with("Create") => StatusCode::CREATED,
        Ok(_) => StatusCode::OK,
        Err(error) => StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let body = body(protocol, table, operation, answer, request_id);
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(protocol)));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    if protocol == Protocol::RpcV2Cbor {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Err(error) = answer {
        insert_error_headers(headers, protocol, table, error);
    }
    response
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson { content_type } => content_type,
        Protocol::Query | Protocol::RestXml => "text/xml",
        Protocol::Ec2Query => "text/xml;charset=UTF-8",
        Protocol::RpcV2Cbor => "application/cbor",
    }
}

fn body(
    protocol: Protocol,
    table: Option<&ServiceTable>,
    operation: &str,
    answer: Result<&Value, &ApiError>,
    request_id: &str,
) -> Vec<u8> {
    const MEMORY: &str = "writing to memory does not fail";
    match (protocol, answer, table) {
        (Protocol::AwsJson { .. }, Ok(output), _) => without_nulls(output).to_string().into_bytes(),
        (Protocol::AwsJson { .. }, Err(error), _) => error_members(error).to_string().into_bytes(),
        (Protocol::RpcV2Cbor, Ok(output), Some(table)) => cbor::to_cbor(output, table),
        (Protocol::RpcV2Cbor, Err(error), Some(table)) => cbor::to_cbor(&error_members(error), table),
        (Protocol::Query | Protocol::Ec2Query | Protocol::RestXml, Ok(output), Some(table)) => {
            xml::success(operation, output, table, request_id).expect(MEMORY)
        }
        (Protocol::Query | Protocol::Ec2Query | Protocol::RestXml, Err(error), table) => {
            xml::failure(error, table, request_id).expect(MEMORY)
        }
        // Without a table there is only a refusal, and CBOR callers find its code in the header.
        (_, _, None) => Vec::new(),
    }
}

/// The members of an error body: `__type`, `message` and what the error itself models.
fn error_members(error: &ApiError) -> Value {
    let mut members = error.members.clone();
    members.insert("__type".to_owned(), error.code.clone().into());
    members.insert("message".to_owned(), error.message.clone().into());
    Value::Object(members)
}

/// AWS omits absent members; an explicit null would reach some SDKs as a value.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

fn insert_error_headers(
    headers: &mut http::HeaderMap,
    protocol: Protocol,
    table: Option<&ServiceTable>,
    error: &ApiError,
) {
    if matches!(protocol, Protocol::Query | Protocol::Ec2Query | Protocol::RestXml) {
        return;
    }
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        headers.insert("x-amzn-errortype", code);
    }
    if table.is_some_and(|table| table.service == Service::CloudWatch) {
        let fault = if error.status < 500 { "Sender" } else { "Receiver" };
        let query_error = format!("{};{fault}", xml::query_code(&error.code, table));
        if let Ok(value) = HeaderValue::from_str(&query_error) {
            headers.insert("x-amzn-query-error", value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::wire::services::table_of;

    const JSON: Protocol = Protocol::AwsJson { content_type: "application/x-amz-json-1.1" };

    fn json_body(response: &Response) -> Value {
        serde_json::from_slice(response.body()).unwrap()
    }

    #[test]
    fn absent_members_are_left_out_of_json() {
        let output = json!({"services": [{"taskDefinition": null, "status": "ACTIVE"}], "nextToken": null});
        let response = encode(JSON, Some(table_of(Service::Ecs)), "DescribeServices", Ok(&output), "r-1");
        assert_eq!(json_body(&response), json!({"services": [{"status": "ACTIVE"}]}));
        assert_eq!(response.headers()["x-amzn-requestid"], "r-1");
    }

    #[test]
    fn json_errors_name_their_type_in_body_and_header() {
        let mut error = ApiError::client("ResourceInUseException", "in use");
        error.members.insert("resourceIds".to_owned(), json!(["a"]));
        let response = encode(JSON, Some(table_of(Service::Ecs)), "X", Err(&error), "r-1");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()["x-amzn-errortype"], "ResourceInUseException");
        let body = json!({"__type": "ResourceInUseException", "message": "in use", "resourceIds": ["a"]});
        assert_eq!(json_body(&response), body);
    }

    #[test]
    fn cloudwatch_errors_carry_the_query_code_too() {
        let error = ApiError::client("ValidationException", "bad");
        let table = Some(table_of(Service::CloudWatch));
        let response = encode(Protocol::RpcV2Cbor, table, "PutMetricAlarm", Err(&error), "r-1");
        assert_eq!(response.headers()["x-amzn-query-error"], "ValidationError;Sender");
        assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
        let body = cbor::from_cbor(response.body()).unwrap();
        assert_eq!(body["__type"], "ValidationException");
    }

    #[test]
    fn every_protocol_can_refuse_without_a_service() {
        let error = ApiError::client("UnknownOperationException", "unknown");
        for protocol in [JSON, Protocol::Query, Protocol::Ec2Query, Protocol::RestXml, Protocol::RpcV2Cbor] {
            let response = encode(protocol, None, "", Err(&error), "r-1");
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{protocol:?}");
        }
    }
}
