//! What arrives when something between the caller and AWS spoils a reply, or answers instead of AWS.

use http::header::{CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderValue, StatusCode};
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};

use super::wire::Response;

/// What arrives instead of AWS's reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoiled {
    /// The first half of the reply. Nothing, where the call did not reach AWS.
    CutShort,
    /// Status 200 and no body.
    Empty,
    /// Status 200 and the sign-in page of a network.
    Html,
    /// A redirect to such a page.
    Redirect,
    /// Status 502 and the error page of a proxy.
    BadGateway,
}

impl Spoiled {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::CutShort, Self::Empty, Self::Html, Self::Redirect, Self::BadGateway];
}

/// The page that a proxy shows for its own error.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// The page to which a network sends those who have not signed in.
const SIGN_IN: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\n\
<body><form method=\"post\"></form></body></html>\n";

/// What arrives instead of `reply`, which is absent where the call did not reach AWS.
pub(super) fn spoil(with: Spoiled, reply: Option<Response>) -> Response {
    match with {
        Spoiled::CutShort => reply.map(cut_short).unwrap_or_default(),
        Spoiled::Empty => Response::default(),
        Spoiled::Html => page(StatusCode::OK, SIGN_IN),
        Spoiled::Redirect => {
            let mut response = page(StatusCode::FOUND, "");
            let location = HeaderValue::from_static("https://login.example.com/start?back=aws");
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Spoiled::BadGateway => page(StatusCode::BAD_GATEWAY, BAD_GATEWAY),
    }
}

fn cut_short(mut reply: Response) -> Response {
    let length = reply.body().len() / 2;
    let half = reply.body().slice(..length);
    *reply.body_mut() = half;
    reply
}

fn page(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response.headers_mut().insert(SERVER, HeaderValue::from_static("nginx"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_reply_keeps_its_headers() {
        let mut reply = Response::new(Bytes::from_static(b"{\"a\":1}"));
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let half = spoil(Spoiled::CutShort, Some(reply));
        assert_eq!((half.body().as_ref(), half.headers().len()), (&b"{\"a"[..], 1));
    }

    #[test]
    fn pages_say_who_sent_them() {
        let page = spoil(Spoiled::BadGateway, None);
        assert_eq!(page.status().as_u16(), 502);
        assert_eq!(page.headers()[SERVER], "nginx");
    }
}
