//! Answers that are not AWS's or cannot be read, and endpoints where nobody answers, in words.

use std::fmt;

use aws_smithy_types::retry::ErrorKind;
use http::StatusCode;

use super::judge::{self, Fault, Response};

/// Longest title of a page that is quoted.
const TITLE_LIMIT: usize = 80;

/// Headers in which proxies and gateways name themselves.
const SENDER_HEADERS: [&str; 4] = ["server", "via", "x-cache", "x-squid-error"];

/// Statuses of refusals that pass by themselves, whoever sends them.
const PASSING_STATUSES: [u16; 3] = [408, 425, 429];

/// An answer that is not AWS's, or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct UnreadableAnswer {
    /// Host and port that were asked.
    authority: String,
    fault: Fault,
    status: u16,
    content_type: Option<String>,
    /// What tells who sent it, in words.
    evidence: Vec<String>,
    /// The id that AWS gave the request, if it was AWS.
    pub(crate) request_id: Option<String>,
}

impl UnreadableAnswer {
    pub(super) fn new(authority: &str, fault: Fault, response: &Response<'_>) -> Self {
        let header = |name: &str| response.headers.get(name);
        let mut evidence = Vec::new();
        if let Some(location) = header("location") {
            evidence.push(format!("to {}", without_query(location)));
        }
        if let Some(title) = title_of(response.body).filter(|_| fault == Fault::Foreign) {
            evidence.push(format!("titled \"{title}\""));
        }
        for name in SENDER_HEADERS {
            if let Some(value) = header(name) {
                evidence.push(format!("header `{name}: {}`", shortened(value)));
            }
        }
        if fault == Fault::CutShort {
            evidence.push(format!("after {} bytes", response.body.len()));
        }
        Self {
            authority: authority.to_owned(),
            fault,
            status: response.status,
            content_type: header("content-type").map(shortened),
            evidence,
            request_id: judge::request_id(response.headers).map(str::to_owned),
        }
    }
}

impl UnreadableAnswer {
    /// Whether whoever sent it refuses the call, and will do so again: a page with a status of refusal.
    pub(crate) fn is_decision(&self) -> bool {
        let is_refusal = (400..500).contains(&self.status) && !PASSING_STATUSES.contains(&self.status);
        self.fault == Fault::Foreign && is_refusal
    }

    /// How the SDK is to take it; `None`: it is not repeated.
    pub(super) fn repeated_as(&self) -> Option<ErrorKind> {
        match self.status {
            _ if self.is_decision() => None,
            429 => Some(ErrorKind::ThrottlingError),
            _ => Some(ErrorKind::TransientError),
        }
    }
}

impl fmt::Display for UnreadableAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        write!(formatter, "{} answered HTTP {}", self.authority, self.status)?;
        if let Some(reason) = status {
            write!(formatter, " {reason}")?;
        }
        if let Some(content_type) = &self.content_type {
            write!(formatter, " ({content_type})")?;
        }
        write!(formatter, ", {}", self.fault)?;
        self.evidence.iter().try_for_each(|evidence| write!(formatter, ", {evidence}"))
    }
}

/// Nothing listens at an endpoint on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct NothingListens {
    pub(super) url: String,
    /// What names the endpoint.
    pub(super) names: Vec<String>,
}

impl fmt::Display for NothingListens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "nothing listens at {}", self.url)?;
        if self.names.is_empty() {
            return Ok(());
        }
        write!(formatter, ", the endpoint that {} names", self.names.join(" or "))
    }
}

/// The title of an HTML page.
fn title_of(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find('<')?;
    let title = shortened(text.get(start..end)?.trim());
    (!title.is_empty()).then_some(title)
}

/// One line of bounded length.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(TITLE_LIMIT).collect()
}

/// A query may hold what nobody else is to read.
fn without_query(url: &str) -> String {
    shortened(url.split(['?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::Headers;

    use super::*;

    fn told(fault: Fault, status: u16, headers: &[(&'static str, &'static str)], body: &str) -> String {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(*name, *value);
        }
        let response = Response { status, headers: &all, body: body.as_bytes(), attempt: 1 };
        UnreadableAnswer::new("ecs.eu-west-1.amazonaws.com", fault, &response).to_string()
    }

    #[test]
    fn a_page_is_told_with_status_content_type_title_and_sender() {
        let headers = [("content-type", "text/html"), ("server", "nginx"), ("via", "1.1 squid")];
        let page = "<html><head><title>502 Bad\nGateway</title></head></html>";
        assert_eq!(
            told(Fault::Foreign, 502, &headers, page),
            "ecs.eu-west-1.amazonaws.com answered HTTP 502 Bad Gateway (text/html), which is no answer of AWS's API, \
             titled \"502 BadGateway\", header `server: nginx`, header `via: 1.1 squid`"
        );
    }

    #[test]
    fn only_a_decision_of_somebody_else_is_not_repeated() {
        let headers = Headers::new();
        let repeated = |status, fault| {
            let response = Response { status, headers: &headers, body: b"", attempt: 1 };
            UnreadableAnswer::new("host", fault, &response).repeated_as()
        };
        assert_eq!(repeated(403, Fault::Foreign), None);
        assert_eq!(repeated(407, Fault::Foreign), None);
        assert_eq!(repeated(429, Fault::Foreign), Some(ErrorKind::ThrottlingError));
        for (status, fault) in [
            (200, Fault::Foreign),
            (502, Fault::Foreign),
            (302, Fault::Redirect),
            (400, Fault::CutShort),
            (403, Fault::Empty),
        ] {
            assert_eq!(repeated(status, fault), Some(ErrorKind::TransientError), "{status}");
        }
    }

    #[test]
    fn a_redirect_is_told_without_its_query() {
        let headers = [("location", "https://login.example.com/start?token=hidden")];
        assert_eq!(
            told(Fault::Redirect, 302, &headers, ""),
            "ecs.eu-west-1.amazonaws.com answered HTTP 302 Found, a redirect, which AWS's API never sends, to \
             https://login.example.com/start"
        );
    }

    #[test]
    fn an_endpoint_where_nothing_listens_is_told_with_what_names_it() {
        let url = "http://127.0.0.1:4566".to_owned();
        let names = vec!["AWS_ENDPOINT_URL".to_owned()];
        assert_eq!(
            NothingListens { url, names }.to_string(),
            "nothing listens at http://127.0.0.1:4566, the endpoint that AWS_ENDPOINT_URL names"
        );
    }
}
