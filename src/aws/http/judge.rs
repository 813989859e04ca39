//! Whether an HTTP response is an answer of AWS's API, whole and readable.
//!
//! Proxies, firewalls, sign-in pages and gateways answer in AWS's place, and connections break in the middle of a
//! body. The SDK takes such a response for a refusal without a code, and so does not repeat the call.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::Headers;
use ciborium::Value as Cbor;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::IgnoredAny;

/// The notation of a call, and so of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// awsJson.
    Json,
    /// Smithy RPC v2.
    Cbor,
    /// Query and REST with XML.
    Xml,
}

/// What is wrong with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is in another notation: nothing that AWS's API says.
    Foreign,
    /// There is no body where AWS sends one.
    Empty,
    /// The body ends too early.
    CutShort,
    /// AWS's APIs do not redirect.
    Redirect,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Foreign => "which is no answer of AWS's API",
            Self::Empty => "without a body",
            Self::CutShort => "whose body is cut short",
            Self::Redirect => "a redirect, which AWS's API never sends",
        })
    }
}

/// A response as far as it is judged.
pub(super) struct Response<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a Headers,
    pub(super) body: &'a [u8],
    /// How often the call was sent, this time included.
    pub(super) attempt: u32,
}

/// Operations of awsJson without an output, whose answer has no body.
const WITHOUT_OUTPUT: [&str; 9] = [
    "AddTagsToCertificate",
    "CreateLogGroup",
    "DeleteCertificate",
    "DeleteLogGroup",
    "DeleteRetentionPolicy",
    "PutRetentionPolicy",
    "RemoveTagsFromCertificate",
    "TagResource",
    "UntagResource",
];

/// An emulator that names no request id may send an empty body, too; three in a row are no accident.
const EMPTY_IS_MEANT_AFTER: u32 = 3;

const REQUEST_ID_HEADERS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"];

/// Namespace of Route 53, the one REST API that is called.
const REST_XML_PREFIX: &str = "/2013-04-01/";

/// The notation that `request` is in; `None` for what is no call of an AWS API (metadata services, sign-in).
pub(super) fn notation_of(request: &HttpRequest) -> Option<Notation> {
    let headers = request.headers();
    if headers.get("smithy-protocol").is_some() {
        return Some(Notation::Cbor);
    }
    if headers.get("x-amz-target").is_some() {
        return Some(Notation::Json);
    }
    let is_form = headers
        .get("content-type")
        .is_some_and(|content_type| content_type.starts_with("application/x-www-form-urlencoded"));
    let uri = request.uri();
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let is_rest =
        path.split_once('/').is_some_and(|(_, path)| format!("/{path}").starts_with(REST_XML_PREFIX));
    (is_form || is_rest).then_some(Notation::Xml)
}

/// The operation of an awsJson call.
pub(super) fn json_operation(request: &HttpRequest) -> Option<&str> {
    request.headers().get("x-amz-target")?.rsplit('.').next()
}

/// The id that AWS gave a request.
pub(super) fn request_id(headers: &Headers) -> Option<&str> {
    REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name))
}

/// Judges the response to a call in `notation`.
pub(super) fn judge(
    notation: Notation,
    json_operation: Option<&str>,
    response: &Response<'_>,
) -> Result<(), Fault> {
    let Response { status, headers, body, .. } = response;
    if (300..400).contains(status) {
        return Err(Fault::Redirect);
    }
    let announced = headers.get("content-length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > body.len()) {
        return Err(Fault::CutShort);
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        let is_meant = match notation {
            Notation::Json if *status < 300 => is_empty_meant(json_operation, response),
            // An error's code may be in the header alone.
            _ => headers.get("x-amzn-errortype").is_some(),
        };
        return if is_meant { Ok(()) } else { Err(Fault::Empty) };
    }
    match notation {
        Notation::Json => judge_json(*status, headers, body),
        Notation::Cbor => judge_cbor(body),
        Notation::Xml => judge_xml(*status, body),
    }
}

fn is_empty_meant(json_operation: Option<&str>, response: &Response<'_>) -> bool {
    let has_no_output = json_operation.is_some_and(|operation| WITHOUT_OUTPUT.contains(&operation));
    has_no_output && (request_id(response.headers).is_some() || response.attempt >= EMPTY_IS_MEANT_AFTER)
}

fn judge_json(status: u16, headers: &Headers, body: &[u8]) -> Result<(), Fault> {
    #[derive(serde::Deserialize)]
    struct Code {
        #[serde(rename = "__type", alias = "code", alias = "Code")]
        _code: IgnoredAny,
    }
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Fault::Foreign);
    }
    if serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return Err(Fault::CutShort);
    }
    let is_refusal = status >= 400;
    let has_code = headers.get("x-amzn-errortype").is_some() || serde_json::from_slice::<Code>(body).is_ok();
    if is_refusal && !has_code { Err(Fault::Foreign) } else { Ok(()) }
}

fn judge_cbor(body: &[u8]) -> Result<(), Fault> {
    match ciborium::from_reader::<Cbor, _>(body) {
        Ok(Cbor::Map(_)) => Ok(()),
        Ok(_) => Err(Fault::Foreign),
        Err(_) if body[0] == b'<' => Err(Fault::Foreign),
        Err(_) => Err(Fault::CutShort),
    }
}

/// AWS's answers have one root element: `...Response`, or of an error `ErrorResponse`, `Response` or `Error`.
fn judge_xml(status: u16, body: &[u8]) -> Result<(), Fault> {
    if body.trim_ascii_start().first() != Some(&b'<') {
        return Err(Fault::Foreign);
    }
    let mut reader = Reader::from_reader(body);
    let mut depth = 0_usize;
    let mut has_root = false;
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => return Err(Fault::Foreign),
            Ok(Event::Start(element)) => {
                if !has_root {
                    check_root(status, element.local_name().as_ref())?;
                }
                has_root = true;
                depth += 1;
            }
            Ok(Event::Empty(element)) if !has_root => {
                check_root(status, element.local_name().as_ref())?;
                has_root = true;
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if has_root && depth == 0 => return Ok(()),
            Ok(Event::Eof) | Err(_) => return Err(Fault::CutShort),
            Ok(_) => {}
        }
    }
}

fn check_root(status: u16, name: &str) -> Result<(), Fault> {
    let is_response = name.ends_with("Response");
    let is_error = status >= 400 && name == "Error";
    if is_response || is_error { Ok(()) } else { Err(Fault::Foreign) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>";
    const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";

    fn judged(
        notation: Notation,
        operation: &str,
        (status, headers, body): (u16, &[(&'static str, &'static str)], &str),
    ) -> Result<(), Fault> {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(*name, *value);
        }
        judge(
            notation,
            Some(operation),
            &Response { status, headers: &all, body: body.as_bytes(), attempt: 1 },
        )
    }

    #[test]
    fn whole_answers_and_refusals_of_every_notation_are_awss() {
        let good = [
            (Notation::Json, 200, "{}"),
            (Notation::Json, 400, r#"{"__type":"ClientException","message":"no"}"#),
            (Notation::Xml, 200, ANSWER),
            (Notation::Xml, 400, "<Response><Errors/></Response>"),
            (Notation::Xml, 503, "<?xml version=\"1.0\"?>\n<ErrorResponse><Error/></ErrorResponse>"),
        ];
        for (notation, status, body) in good {
            assert_eq!(judged(notation, "X", (status, &[], body)), Ok(()), "{body}");
        }
        assert_eq!(judge_cbor(&[0xa0]), Ok(()));
    }

    #[test]
    fn pages_redirects_and_what_is_cut_short_are_told_apart() {
        let bad = [
            (Notation::Json, 200, PAGE, Fault::Foreign),
            (Notation::Xml, 200, PAGE, Fault::Foreign),
            (Notation::Xml, 200, "<html><body/></html>", Fault::Foreign),
            (Notation::Json, 403, r#"{"message":"Forbidden"}"#, Fault::Foreign),
            (Notation::Json, 502, "Bad Gateway", Fault::Foreign),
            (Notation::Xml, 302, "", Fault::Redirect),
            (Notation::Json, 200, r#"{"clusters":[{"#, Fault::CutShort),
            (Notation::Json, 400, r#"{"__type":"Cli"#, Fault::CutShort),
            (Notation::Xml, 200, "<DescribeVpcsResponse><vpcSet", Fault::CutShort),
            (Notation::Xml, 200, "<DescribeVpcsResponse><vpcSet/>", Fault::CutShort),
            (Notation::Xml, 200, "", Fault::Empty),
            (Notation::Json, 503, "", Fault::Empty),
        ];
        for (notation, status, body, fault) in bad {
            assert_eq!(judged(notation, "X", (status, &[], body)), Err(fault), "{status} {body}");
        }
        assert_eq!(judge_cbor(&[0xa1, 0x61]), Err(Fault::CutShort));
        assert_eq!(judge_cbor(b"<html>"), Err(Fault::Foreign));
        let short = judged(Notation::Json, "X", (200, &[("content-length", "9")], "{}"));
        assert_eq!(short, Err(Fault::CutShort));
    }

    #[test]
    fn an_empty_body_is_an_answer_only_where_aws_sends_none() {
        let id = [("x-amzn-requestid", "r")];
        assert_eq!(judged(Notation::Json, "CreateLogGroup", (200, &id, "")), Ok(()));
        assert_eq!(judged(Notation::Json, "CreateLogGroup", (200, &[], "")), Err(Fault::Empty));
        assert_eq!(judged(Notation::Json, "CreateCluster", (200, &id, "")), Err(Fault::Empty));
        let third = Response { status: 200, headers: &Headers::new(), body: b"", attempt: 3 };
        assert_eq!(judge(Notation::Json, Some("CreateLogGroup"), &third), Ok(()));
    }
}
