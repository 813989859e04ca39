//! The sandbox as a program of its own, and its control interface.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::process::{Process, wait_for};
use super::workspace::REGION;

/// Simulated seconds per real second: a service is up at the provider's first or second look.
const SPEED: &str = "900";

/// A running sandbox, gone when dropped.
#[derive(Debug)]
pub(crate) struct SandboxProcess {
    _process: Process,
    /// The endpoint.
    pub(crate) url: String,
}

impl SandboxProcess {
    /// A sandbox in which a minute is over in a moment.
    pub(crate) fn start() -> Self {
        Self::start_with(&["--speed", SPEED])
    }

    /// The same with a scenario of failure.
    pub(crate) fn start_with_scenario(scenario: &str) -> Self {
        Self::start_with(&["--speed", SPEED, "--scenario", scenario])
    }

    /// A sandbox on a free port.
    #[track_caller]
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-express"));
        command.args(["sandbox", "--port", "0"]).args(arguments).stdout(Stdio::piped());
        let mut process = Process::spawn(&mut command);
        let stdout = process.child_mut().stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("the sandbox says something");
        let url = line.trim_end().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "the sandbox says its endpoint, not {url:?}");
        Self { _process: process, url }
    }

    /// Everything in the simulated account.
    pub(crate) fn state(&self) -> Value {
        self.request("GET", "state", "")
    }

    /// The calls of one operation that took effect, oldest first.
    pub(crate) fn list_calls(&self, operation: &str) -> Vec<Value> {
        let calls = self.request("GET", "calls", "");
        let calls = calls["calls"].as_array().expect("a list of calls");
        calls.iter().filter(|call| call["operation"] == operation).cloned().collect()
    }

    /// Keeps every answer of `operation` back for two minutes, though the call takes effect.
    pub(crate) fn hold(&self, operation: &str) {
        let rule = serde_json::json!({"operation": operation, "effect": {"type": "hold", "seconds": 120}});
        self.request("POST", "faults", &rule.to_string());
    }

    /// Lets AWS refuse `operation`, for ever.
    pub(crate) fn refuse(&self, operation: &str, code: &str) {
        let effect = serde_json::json!({"type": "fail", "code": code});
        let rule = serde_json::json!({"operation": operation, "times": 1_000_000, "effect": effect});
        self.request("POST", "faults", &rule.to_string());
    }

    /// Ends every fault.
    pub(crate) fn clear_faults(&self) {
        self.request("DELETE", "faults", "");
    }

    /// Forgets the calls so far.
    pub(crate) fn clear_calls(&self) {
        self.request("DELETE", "calls", "");
    }

    /// Lets simulated time pass.
    pub(crate) fn advance(&self, seconds: u32) {
        self.request("POST", "advance", &serde_json::json!({"seconds": seconds}).to_string());
    }

    /// Waits until `operation` has taken effect.
    #[track_caller]
    pub(crate) fn wait_for_call(&self, operation: &str) -> Value {
        wait_for(operation, || self.list_calls(operation).pop())
    }

    /// Two subnets of a VPC that has nothing else.
    pub(crate) fn create_closed_subnets(&self) -> Vec<String> {
        let vpc = self.ec2("CreateVpc", "CidrBlock=10.9.0.0/16");
        let vpc = ids(&vpc, "vpcId").remove(0);
        let subnet = |(block, zone)| {
            let made = self.ec2(
                "CreateSubnet",
                &format!("VpcId={vpc}&CidrBlock={block}&AvailabilityZone={REGION}{zone}"),
            );
            ids(&made, "subnetId").remove(0)
        };
        ["10.9.1.0/24", "10.9.2.0/24"].into_iter().zip(["a", "b"]).map(subnet).collect()
    }

    /// The subnets of the default VPC.
    pub(crate) fn list_default_subnets(&self) -> Vec<String> {
        ids(&self.ec2("DescribeSubnets", "Filter.1.Name=default-for-az&Filter.1.Value.1=true"), "subnetId")
    }

    /// One call of EC2, whose SDK this project does without.
    #[track_caller]
    fn ec2(&self, action: &str, parameters: &str) -> String {
        let credential = format!("Credential=123456789012/20261130/{REGION}/ec2/aws4_request");
        let headers = format!(
            "authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0\r\n\
             content-type: application/x-www-form-urlencoded\r\n"
        );
        self.send("POST", "/", &headers, &format!("Action={action}&Version=2016-11-15&{parameters}"))
    }

    #[track_caller]
    fn request(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.send(method, &format!("/_sandbox/{path}"), "", body);
        serde_json::from_str(&answer).expect("JSON")
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let address = self.url.strip_prefix("http://").expect("a plain endpoint");
        let mut stream = TcpStream::connect(address).expect("the sandbox listens");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n{headers}\
             connection: close\r\n\r\n{body}"
        )
        .expect("the sandbox reads");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("the sandbox answers");
        let (head, body) = response.split_once("\r\n\r\n").expect("an HTTP response");
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {head}\n{body}");
        body.to_owned()
    }
}

/// The texts of all elements of one name.
fn ids(xml: &str, element: &str) -> Vec<String> {
    let parts = xml.split(&format!("<{element}>")).skip(1).map(str::to_owned).collect::<Vec<_>>();
    parts.iter().filter_map(|part| part.split_once('<')).map(|(id, _)| id.to_owned()).collect()
}
