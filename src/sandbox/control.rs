//! The sandbox's own HTTP interface under `/_sandbox/`: look, script, let time pass. JSON in, JSON out.

use std::time::Duration;

use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::faults::FaultRule;
use super::sandbox::Sandbox;
use super::wire::Response;
use super::world::scenario::{Scenario, ScenarioRule, ScenarioTarget};

/// Path prefix of the interface; no AWS API begins with it.
pub(crate) const PREFIX: &str = "/_sandbox/";

/// Most time that one request lets pass: ten years.
const MAX_ADVANCE_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;

/// A status and a body.
type Reply = (StatusCode, Value);

/// Answers one request whose path begins with [`PREFIX`].
pub(crate) fn answer(sandbox: &Sandbox, request: &Request<Bytes>) -> Response {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let mut segments = path.trim_end_matches('/').split('/');
    let resource = segments.next().unwrap_or_default();
    let id = segments.next();
    let (status, body) = match (request.method(), resource, id) {
        (&Method::GET, "health", None) => (StatusCode::OK, json!({"status": "ok"})),
        (&Method::GET, "state", None) => state(sandbox),
        (&Method::GET, "calls", None) => (StatusCode::OK, json!({"calls": sandbox.calls()})),
        (&Method::DELETE, "calls", None) => after(|| sandbox.clear_calls()),
        (&Method::GET, "faults", None) => (StatusCode::OK, json!({"faults": sandbox.faults()})),
        (&Method::POST, "faults", None) => add_fault(sandbox, request.body()),
        (&Method::DELETE, "faults", None) => after(|| sandbox.clear_faults()),
        (&Method::DELETE, "faults", Some(id)) => remove_fault(sandbox, id),
        (&Method::POST, "advance", None) => advance(sandbox, request.body()),
        (&Method::POST, "reset", None) => after(|| sandbox.reset()),
        (&Method::GET, "scenario", None) => (StatusCode::OK, known_scenarios()),
        (&Method::POST, "scenario", None) => add_scenario(sandbox, request.body()),
        (&Method::DELETE, "scenario", None) => {
            after(|| sandbox.with_world(super::world::World::clear_scenarios))
        }
        (_, "health" | "state" | "calls" | "faults" | "advance" | "reset" | "scenario", _) => {
            refusal(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path")
        }
        _ => refusal(StatusCode::NOT_FOUND, "no such path; see docs/guides/sandbox.md"),
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

fn state(sandbox: &Sandbox) -> Reply {
    let world = sandbox.visit(|world| serde_json::to_value(&*world));
    match world {
        Ok(world) => (StatusCode::OK, json!({"now": epoch_seconds(sandbox), "world": world})),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn add_fault(sandbox: &Sandbox, body: &[u8]) -> Reply {
    let rule = match read::<FaultRule>(body) {
        Ok(rule) => rule,
        Err(reply) => return reply,
    };
    match sandbox.add_fault(rule) {
        Ok(id) => (StatusCode::CREATED, json!({"id": id})),
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn remove_fault(sandbox: &Sandbox, id: &str) -> Reply {
    match id.parse() {
        Ok(id) if sandbox.remove_fault(id) => (StatusCode::OK, json!({})),
        _ => refusal(StatusCode::NOT_FOUND, "no fault rule has this id"),
    }
}

fn known_scenarios() -> Value {
    let entry = |(_, name, help): (_, &str, &str)| json!({"name": name, "help": help});
    json!({"scenarios": Scenario::list().map(entry).collect::<Vec<Value>>()})
}

/// A scenario by name (`crash`, `crash:137`), for every service or for those that the request names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioForm {
    name: String,
    service: Option<String>,
    image: Option<String>,
}

fn add_scenario(sandbox: &Sandbox, body: &[u8]) -> Reply {
    let form = match read::<ScenarioForm>(body) {
        Ok(form) => form,
        Err(reply) => return reply,
    };
    let target = match (form.service, form.image) {
        (None, None) => ScenarioTarget::Everything,
        (Some(service), None) => ScenarioTarget::Service(service),
        (None, Some(image)) => ScenarioTarget::Image(image),
        (Some(_), Some(_)) => {
            return refusal(StatusCode::BAD_REQUEST, "name either a service or an image, not both");
        }
    };
    match form.name.parse::<Scenario>() {
        Ok(scenario) => {
            sandbox.with_world(|world| world.add_scenario(ScenarioRule { scenario, target }));
            (StatusCode::CREATED, json!({}))
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

fn advance(sandbox: &Sandbox, body: &[u8]) -> Reply {
    match read::<Advance>(body) {
        Ok(Advance { seconds }) if (0.0..=MAX_ADVANCE_SECONDS).contains(&seconds) => {
            sandbox.advance(Duration::from_secs_f64(seconds));
            (StatusCode::OK, json!({"now": epoch_seconds(sandbox)}))
        }
        Ok(_) => refusal(StatusCode::BAD_REQUEST, "seconds must be between 0 and ten years"),
        Err(reply) => reply,
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Reply> {
    serde_json::from_slice(body).map_err(|error| refusal(StatusCode::BAD_REQUEST, &error.to_string()))
}

fn after(act: impl FnOnce()) -> Reply {
    act();
    (StatusCode::OK, json!({}))
}

fn refusal(status: StatusCode, message: &str) -> Reply {
    (status, json!({"error": message}))
}

fn epoch_seconds(sandbox: &Sandbox) -> f64 {
    sandbox.now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
