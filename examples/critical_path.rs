//! How long the composed engine takes to create a service, and how long it has to take at least.
//!
//! Every call to AWS takes 50 ms, and waits are over at the next look: what is left is how well the engine keeps calls
//! side by side. The least is the critical path: the calls before the plan, the longest way through the plan's steps
//! (for each the calls that it makes one after the other), and the calls after it.
//!
//! `scripts/critical-path` runs it. The exit status is 1 if the create takes more than 1.3 times the critical path.
#![expect(clippy::print_stdout, reason = "the measurements are this program's answer")]

use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use terraform_provider_express::aws::Environment;
use terraform_provider_express::clock::{Clock, SharedClock, Sleep, SystemClock};
use terraform_provider_express::framework::core_rules::proposed_new;
use terraform_provider_express::framework::server::{
    ApplyResourceChangeRequest, ClientCapabilities, ConfigureRequest, PlanResourceChangeRequest, Server,
};
use terraform_provider_express::framework::{Type, Value};
use terraform_provider_express::provider::ExpressProvider;
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use tracing_subscriber::layer::SubscriberExt as _;

#[path = "critical_path/recorder.rs"]
mod recorder;
#[path = "critical_path/report.rs"]
mod report;
#[path = "critical_path/steps.rs"]
mod steps;

const TYPE_NAME: &str = "express_gateway_service";
const DELAY: Duration = Duration::from_millis(50);
const LARGEST_RATIO: f64 = 1.3;
/// Creates to take the quickest of: what else the machine does only adds time.
const RUNS: usize = 5;
/// Longer sleeps are time limits of the SDK, and those hold.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The system's clock, but a pause between two looks is over at once.
#[derive(Debug, Default)]
struct Impatient {
    skipped: Arc<Mutex<Duration>>,
}

impl Clock for Impatient {
    fn now(&self) -> SystemTime {
        SystemClock.now() + *lock(&self.skipped)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        if duration > LONGEST_PAUSE {
            return SystemClock.sleep(duration);
        }
        let skipped = Arc::clone(&self.skipped);
        Box::pin(async move { *lock(&skipped) += duration })
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// JSON as a value of an object type: what is left out is null.
fn expand(r#type: &Type, json: &Json) -> Value {
    match (r#type, json) {
        (Type::Object(members), Json::Object(given)) => {
            let member = |(name, r#type): (&String, &Type)| {
                (name.clone(), given.get(name).map_or(Value::Null, |json| expand(r#type, json)))
            };
            Value::Object(members.iter().map(member).collect())
        }
        (_, Json::String(text)) => Value::String(text.clone()),
        _ => Value::Null,
    }
}

fn configuration() -> Json {
    json!({
        "engine": "composed",
        "service_name": "api",
        "primary_container": { "image": "public.ecr.aws/nginx/nginx:1.28" },
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "infrastructure_role_arn": "arn:aws:iam::123456789012:role/infrastructure",
        "domain": { "hosted_zone": "example.com" },
    })
}

/// Creates one service in an empty account, and says how it went.
async fn create(steps: &steps::Steps) -> Result<report::Report, Box<dyn Error>> {
    let sandbox = Sandbox::new(Arc::new(SystemClock));
    let recorder = recorder::Recorder::new(&sandbox);
    let clock: SharedClock = Arc::new(Impatient::default());
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let environment: Environment = variables.into_iter().collect();
    let provider = ExpressProvider::new(clock, Some(recorder.http_client()), environment);
    let server = Server::new(Arc::new(provider));
    let request = ConfigureRequest {
        terraform_version: "1.14.0".to_owned(),
        config: expand(server.provider_type(), &json!({})),
        capabilities: ClientCapabilities::default(),
    };
    if server.configure(request).await.has_errors() {
        return Err("the provider refuses its configuration".into());
    }
    let entry = server.resource(TYPE_NAME).ok_or("the provider has no such resource")?;
    let config = expand(&entry.r#type, &configuration());
    let plan = PlanResourceChangeRequest {
        type_name: TYPE_NAME.to_owned(),
        prior_state: Value::Null,
        proposed_new_state: proposed_new(&entry.schema.attributes, &Value::Null, &config),
        config: config.clone(),
        prior_private: Vec::new(),
        prior_identity: None,
        capabilities: ClientCapabilities::default(),
    };
    let planned = server.plan_resource_change(plan).await;

    let effect = FaultEffect::Delay { seconds: DELAY.as_secs_f64(), real: true };
    sandbox.add_fault(FaultRule::always(effect))?;
    recorder.forget();
    steps.forget();
    let apply = ApplyResourceChangeRequest {
        type_name: TYPE_NAME.to_owned(),
        prior_state: Value::Null,
        planned_state: planned.planned_state,
        config,
        planned_private: planned.planned_private,
        planned_identity: None,
    };
    let began = SystemClock.now();
    let applied = server.apply_resource_change(apply).await;
    let took = SystemClock.now().duration_since(began)?;
    if applied.diagnostics.has_errors() {
        return Err(format!("the create failed: {:#?}", applied.diagnostics).into());
    }
    report::Report::new(took, &recorder.calls(), &steps.plan().ok_or("no plan was logged")?)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let steps = steps::Steps::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(steps.clone()))?;
    let mut reports = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        reports.push(create(&steps).await?);
    }
    let report = reports.iter().min_by_key(|report| report.took).ok_or("no create was measured")?;
    println!("{report}");
    println!("create                  {} ms (the quickest of {RUNS})", report.took.as_millis());
    let (least, calls) = (report.least(), report.calls);
    println!("critical path           {} ms ({least} of {calls} calls)", report.critical_path().as_millis());
    println!("ratio                   {:.2} (at most {LARGEST_RATIO})", report.ratio());
    let is_met = report.ratio() <= LARGEST_RATIO;
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
