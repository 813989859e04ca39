//! The way into a sandbox over a loopback socket, for processes that speak HTTP.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::control;
use super::sandbox::{Answer, Sandbox};
use super::wire::MAX_BODY_BYTES;

/// Most connections served at once; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 512;

/// Header of each answer with the simulated seconds per real second.
const SPEED_HEADER: &str = "x-sandbox-speed";

/// How long a stopping server waits for replies under way.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// A running server. Dropping it stops the server without waiting.
#[derive(Debug)]
pub struct SandboxServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl SandboxServer {
    /// The endpoint for SDKs, for example `http://127.0.0.1:43210`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops accepting, lets replies under way finish for two seconds, then closes every connection.
    pub async fn stop(self) {
        // A server that is gone already needs no word.
        let _ = self.stop.send(true);
        // The task ends by itself within the grace; a panic in it has been reported by the runtime.
        let _ = self.task.await;
    }
}

/// Serves `sandbox` on 127.0.0.1; port 0 takes a free one.
///
/// # Errors
/// The operating system's, if the port cannot be had.
pub async fn serve(sandbox: Sandbox, port: u16) -> io::Result<SandboxServer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(accept(listener, sandbox, stopped));
    Ok(SandboxServer { address, stop, task })
}

async fn accept(listener: TcpListener, sandbox: Sandbox, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let real_clock = Arc::clone(sandbox.real_clock());
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        // A connection that failed before it was accepted concerns nobody else.
        let Ok((stream, _)) = accepted else { continue };
        let (sandbox, stopped) = (sandbox.clone(), stopped.clone());
        connections.spawn(async move {
            converse(stream, sandbox, stopped).await;
            drop(place);
        });
    }
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = real_clock.sleep(STOP_GRACE) => connections.shutdown().await,
    }
}

async fn converse(stream: TcpStream, sandbox: Sandbox, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| respond(sandbox.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // Broken connections are the callers' to report, and scripted ones are meant to break.
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Answers one request; an error makes hyper close the connection without a response.
async fn respond(
    sandbox: Sandbox,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(too_large()),
    };
    let request = http::Request::from_parts(parts, body);
    if request.uri().path().starts_with(control::PREFIX) {
        return Ok(control::answer(&sandbox, &request).map(Full::new));
    }
    match sandbox.answer(request).await {
        Answer::Reply(mut response) => {
            // Whoever pauses for AWS's sake can follow this time instead of real time.
            if let Ok(speed) = http::HeaderValue::from_str(&sandbox.speed().to_string()) {
                response.headers_mut().insert(SPEED_HEADER, speed);
            }
            Ok(response.map(Full::new))
        }
        Answer::Lost => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "scripted loss of the reply")),
    }
}

fn too_large() -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(Bytes::from_static(b"request body too large")));
    *response.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE;
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::clock::SystemClock;
    use crate::sandbox::faults::{FaultEffect, FaultRule};
    use crate::sandbox::sandbox::tests::sts;

    async fn served() -> (Sandbox, SandboxServer) {
        let sandbox = Sandbox::new(Arc::new(SystemClock));
        let server = serve(sandbox.clone(), 0).await.unwrap();
        (sandbox, server)
    }

    /// One HTTP exchange by hand; the answer's status line and body.
    async fn exchange(server: &SandboxServer, request_line: &str, body: &str) -> (String, serde_json::Value) {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{request_line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.lines().next().unwrap().to_owned();
        (status, serde_json::from_str(body).unwrap())
    }

    #[tokio::test]
    async fn sdk_clients_are_served_over_a_socket() {
        let (sandbox, server) = served().await;
        let url = server.url();
        let identity = sts(&sandbox, Some(&url)).get_caller_identity().send().await.unwrap();
        assert_eq!(identity.account(), Some("123456789012"));
        let assume = sts(&sandbox, Some(&url)).assume_role().role_session_name("s").role_arn("nonsense");
        assert_eq!(assume.send().await.unwrap_err().code(), Some("ValidationError"));
        server.stop().await;
    }

    #[tokio::test]
    async fn callers_are_served_side_by_side_while_one_is_held_up() {
        let (sandbox, server) = served().await;
        let rule = FaultRule::on("AssumeRole", FaultEffect::Hold { seconds: 600.0 });
        let held = sandbox.add_fault(rule).unwrap();
        let (arrived, arrival) = tokio::sync::oneshot::channel();
        sandbox.after_call("AssumeRole", 0, |_| arrived.send(()).expect("the test waits"));
        let client = sts(&sandbox, Some(&server.url()));
        let assume = client.assume_role().role_session_name("s");
        let stuck = tokio::spawn(assume.role_arn("arn:aws:iam::123456789012:role/ci").send());
        arrival.await.unwrap();
        let mut others = JoinSet::new();
        for _ in 0..20 {
            others.spawn(client.get_caller_identity().send());
        }
        for answer in others.join_all().await {
            assert!(answer.is_ok(), "{answer:?}");
        }
        assert!(sandbox.remove_fault(held));
        assert!(stuck.await.unwrap().is_err(), "a held reply is lost");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_lost_reply_breaks_the_connection() {
        let (sandbox, server) = served().await;
        sandbox.add_fault(FaultRule::on("GetCallerIdentity", FaultEffect::LoseReply)).unwrap();
        let lost = sts(&sandbox, Some(&server.url())).get_caller_identity().send().await;
        assert!(matches!(lost, Err(SdkError::DispatchFailure(_))), "{lost:?}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_stopped_server_refuses_connections() {
        let (sandbox, server) = served().await;
        let url = server.url();
        sts(&sandbox, Some(&url)).get_caller_identity().send().await.unwrap();
        server.stop().await;
        let refused = sts(&sandbox, Some(&url)).get_caller_identity().send().await;
        assert!(matches!(refused, Err(SdkError::DispatchFailure(_))), "{refused:?}");
    }

    #[tokio::test]
    async fn faults_are_scripted_over_http() {
        let (sandbox, server) = served().await;
        let rule = r#"{"service": "sts", "operation": "GetCallerIdentity", "effect": {"type": "throttle"}}"#;
        let (status, created) = exchange(&server, "POST /_sandbox/faults", rule).await;
        assert_eq!((status.as_str(), &created["id"]), ("HTTP/1.1 201 Created", &1.into()));
        let throttled = sts(&sandbox, Some(&server.url())).get_caller_identity().send().await.unwrap_err();
        assert_eq!(throttled.code(), Some("Throttling"));
        let (_, listed) = exchange(&server, "GET /_sandbox/faults", "").await;
        assert_eq!(listed["faults"][0]["applied"], 1);
        let (_, calls) = exchange(&server, "GET /_sandbox/calls", "").await;
        assert_eq!(calls["calls"][0]["outcome"]["code"], "Throttling");
        let (status, _) = exchange(&server, "DELETE /_sandbox/faults/1", "").await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(sandbox.faults().is_empty());
        server.stop().await;
    }

    #[tokio::test]
    async fn the_control_interface_says_what_is_wrong() {
        let (_sandbox, server) = served().await;
        let cases = [
            ("GET /_sandbox/nothing", "", "HTTP/1.1 404 Not Found"),
            ("PUT /_sandbox/faults", "", "HTTP/1.1 405 Method Not Allowed"),
            ("POST /_sandbox/faults", "{", "HTTP/1.1 400 Bad Request"),
            ("POST /_sandbox/advance", r#"{"seconds": -1}"#, "HTTP/1.1 400 Bad Request"),
            ("DELETE /_sandbox/faults/9", "", "HTTP/1.1 404 Not Found"),
        ];
        for (line, body, expected) in cases {
            let (status, answer) = exchange(&server, line, body).await;
            assert_eq!(status, expected, "{line}");
            assert!(answer["error"].is_string(), "{line}: {answer}");
        }
        server.stop().await;
    }

    #[tokio::test]
    async fn scenarios_are_switched_over_http() {
        let (_sandbox, server) = served().await;
        let (_, known) = exchange(&server, "GET /_sandbox/scenario", "").await;
        assert!(known["scenarios"].as_array().is_some_and(|all| all.iter().any(|it| it["name"] == "crash")));
        let (status, _) =
            exchange(&server, "POST /_sandbox/scenario", r#"{"name": "crash:137", "service": "web"}"#).await;
        assert_eq!(status, "HTTP/1.1 201 Created");
        let (status, _) = exchange(&server, "POST /_sandbox/scenario", r#"{"name": "meteor"}"#).await;
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        let (status, _) = exchange(&server, "DELETE /_sandbox/scenario", "").await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        server.stop().await;
    }

    #[tokio::test]
    async fn time_is_advanced_over_http() {
        let (sandbox, server) = served().await;
        let before = sandbox.now();
        let (status, _) = exchange(&server, "POST /_sandbox/advance", r#"{"seconds": 3600}"#).await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(sandbox.now() >= before + Duration::from_secs(3600));
        server.stop().await;
    }
}
