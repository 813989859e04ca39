//! One simulated AWS: a world, its clock, the faults scripted for it and the calls it received.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hyper::body::Bytes;
use serde_json::Value;

use super::api::{ApiError, Request, Service};
use super::callers_rights;
use super::faults::{self, FaultEffect, FaultError, FaultRule, Faults, ListedFault};
use super::journal::{Call, Journal, Outcome};
use super::scaled_clock::ScaledClock;
use super::spoil::spoil;
use super::transport::SandboxHttpClient;
use super::wire::{self, Decoded, Protocol, Response, Undecodable};
use super::world::World;
use crate::clock::SharedClock;

/// Seed of every world: equal calls at equal times get equal names.
const SEED: u64 = 1;

/// How often a held reply looks whether it was let go.
const HOLD_POLL: Duration = Duration::from_millis(50);

/// A local stand-in for the AWS APIs that the provider uses.
///
/// Clones share one world. Calls arrive through [`Sandbox::http_client`] (in memory) or over a socket
/// ([`super::server::serve`]); both are decoded, executed and encoded by the same code.
///
/// # Guarantees
/// Calls take effect one after the other. The world's time never goes backwards.
#[derive(Debug, Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: SharedClock,
    real_clock: SharedClock,
    /// Simulated seconds per real second.
    speed: f64,
    /// Time that [`Sandbox::advance`] added to the clock's.
    advanced: Mutex<Duration>,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
    hooks: Mutex<Vec<Hook>>,
    next_sequence: AtomicU64,
    revision: AtomicU64,
    /// Whether what is made shows to its readers at once, which it does not in AWS.
    shows_at_once: AtomicBool,
}

/// What a hook does with the call that it waited for.
type HookAction = Box<dyn FnOnce(&Call) + Send>;

struct Hook {
    operation: String,
    skip: u32,
    action: HookAction,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hook").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// What a caller gets.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A response.
    Reply(Response),
    /// A broken connection.
    Lost,
}

impl Sandbox {
    /// An empty world that lives in the time of `clock`.
    pub fn new(clock: SharedClock) -> Self {
        Self::with_clocks(Arc::clone(&clock), clock, 1.0)
    }

    /// An empty world whose time runs `speed` times as fast as `real_clock`.
    pub fn scaled(real_clock: SharedClock, speed: f64) -> Self {
        let clock = Arc::new(ScaledClock::new(Arc::clone(&real_clock), speed));
        Self::with_clocks(clock, real_clock, speed)
    }

    fn with_clocks(clock: SharedClock, real_clock: SharedClock, speed: f64) -> Self {
        let world = World::new(SEED);
        let shared = Shared {
            clock,
            real_clock,
            speed,
            advanced: Mutex::default(),
            world: Mutex::new(world),
            faults: Mutex::default(),
            journal: Mutex::default(),
            hooks: Mutex::default(),
            next_sequence: AtomicU64::new(1),
            revision: AtomicU64::new(0),
            shows_at_once: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// An HTTP client for AWS SDK clients in this process; endpoint URLs do not matter.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(SandboxHttpClient::new(self.clone()))
    }

    /// Simulated seconds per real second.
    pub(crate) fn speed(&self) -> f64 {
        self.shared.speed
    }

    /// The sandbox's time.
    pub fn now(&self) -> SystemTime {
        self.shared.clock.now() + *lock(&self.shared.advanced)
    }

    /// Lets `duration` pass at once.
    pub fn advance(&self, duration: Duration) {
        *lock(&self.shared.advanced) += duration;
        self.with_world(|_| ());
    }

    /// Looks at the world, or changes it, at the sandbox's present time.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.shared.revision.fetch_add(1, Ordering::Relaxed);
        self.visit(look)
    }

    /// As [`Sandbox::with_world`], for visits that change nothing by themselves.
    pub(crate) fn visit<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut world = lock(&self.shared.world);
        world.advance_to(self.now());
        look(&mut world)
    }

    /// Replaces the world by a saved one. Time goes on from `saved_at` if that lies ahead of the clock.
    pub(crate) fn restore(&self, world: World, saved_at: SystemTime) {
        let ahead = saved_at.duration_since(self.now()).unwrap_or_default();
        *lock(&self.shared.advanced) += ahead;
        self.with_world(|present| *present = world);
    }

    /// Replaces the world by an empty one, and forgets calls, faults and hooks.
    pub fn reset(&self) {
        self.with_world(|world| *world = World::new(SEED));
        lock(&self.shared.journal).clear();
        lock(&self.shared.faults).clear();
        lock(&self.shared.hooks).clear();
    }

    /// Shows what is made at once, as AWS does not: for tests that count calls or seconds.
    pub fn show_at_once(&self) {
        self.shared.shows_at_once.store(true, Ordering::Relaxed);
    }

    /// The calls received, oldest first (at most [`super::journal::MAX_CALLS`]).
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.journal).list()
    }

    /// Forgets the calls received.
    pub fn clear_calls(&self) {
        lock(&self.shared.journal).clear();
    }

    /// Adds a fault rule; the returned id removes it.
    ///
    /// # Errors
    /// [`FaultError`] if the rule names no service of the sandbox, exceeds a bound, or is one too many.
    pub fn add_fault(&self, rule: FaultRule) -> Result<u64, FaultError> {
        let now = self.now();
        lock(&self.shared.faults).add(rule, now)
    }

    /// Removes a fault rule; false if there is none with this id. A reply that the rule holds is let go.
    pub fn remove_fault(&self, id: u64) -> bool {
        lock(&self.shared.faults).remove(id)
    }

    /// Removes every fault rule.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// The fault rules, spent ones included.
    pub fn faults(&self) -> Vec<ListedFault> {
        lock(&self.shared.faults).list()
    }

    /// Runs `action` once, after the effect and before the reply of the call of `operation` that follows
    /// `skip` others: the moment to kill the caller. `action` must not block for long.
    pub fn after_call(&self, operation: &str, skip: u32, action: impl FnOnce(&Call) + Send + 'static) {
        let hook = Hook { operation: operation.to_owned(), skip, action: Box::new(action) };
        lock(&self.shared.hooks).push(hook);
    }

    /// A number that grows with every change of the world that the passing of time does not explain.
    pub(crate) fn revision(&self) -> u64 {
        self.shared.revision.load(Ordering::Relaxed)
    }

    /// The clock of the sandbox's time, without what [`Sandbox::advance`] added.
    pub(crate) fn clock(&self) -> &SharedClock {
        &self.shared.clock
    }

    /// The clock outside of the simulation.
    pub(crate) fn real_clock(&self) -> &SharedClock {
        &self.shared.real_clock
    }

    /// Executes one HTTP request to an AWS API.
    pub(crate) async fn answer(&self, http: http::Request<Bytes>) -> Answer {
        let sequence = self.shared.next_sequence.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("00000000-0000-4000-8000-{sequence:012x}");
        let Decoded { protocol, request } = match wire::decode(&http, self.now()) {
            Ok(decoded) => decoded,
            Err(Undecodable { protocol, error }) => {
                let table = (protocol == Protocol::Ec2Query).then(|| wire::table_of(Service::Ec2));
                return Answer::Reply(wire::encode(protocol, table, "", Err(&error), &request_id));
            }
        };
        let fault = self.strike(&request);
        let call = self.begin_call(sequence, &request, fault.as_ref().map(|(id, _)| *id), request_id);
        self.delay(fault.as_ref()).await;
        let effect = fault.as_ref().map(|(_, effect)| effect);
        if effect == Some(&FaultEffect::LoseRequest) {
            self.end_call(&Call { outcome: Outcome::RequestLost, ..call });
            return Answer::Lost;
        }
        if let Some(FaultEffect::Spoil { with, takes_effect: false }) = effect {
            self.end_call(&Call { outcome: Outcome::RequestLost, ..call });
            return Answer::Reply(spoil(*with, None));
        }
        let refusal = effect.and_then(|effect| faults::refusal(effect, request.service));
        let (operation, service) = (request.operation.clone(), request.service);
        let (time, answer) = match refusal {
            Some(refusal) => (self.now(), Err(refusal)),
            None => self.execute(request),
        };
        let request_id = call.request_id.clone();
        let is_lost = matches!(effect, Some(FaultEffect::LoseReply | FaultEffect::Hold { .. }));
        let spoiled = match effect {
            Some(FaultEffect::Spoil { with, .. }) => Some(*with),
            _ => None,
        };
        let is_kept_back = is_lost || spoiled.is_some();
        self.end_call(&Call { time, outcome: outcome(answer.as_ref(), is_kept_back), ..call });
        if is_lost {
            self.hold(fault).await;
            return Answer::Lost;
        }
        let table = Some(wire::table_of(service));
        let reply = wire::encode(protocol, table, &operation, answer.as_ref(), &request_id);
        Answer::Reply(match spoiled {
            Some(with) => spoil(with, Some(reply)),
            None => reply,
        })
    }

    /// The fault of a call, or a denial of what the call makes the service do in its caller's name.
    fn strike(&self, request: &Request) -> Option<(u64, FaultEffect)> {
        let mut faults = lock(&self.shared.faults);
        let struck = faults.strike(request);
        let in_its_name = || callers_rights::needed(request);
        struck.or_else(|| in_its_name().into_iter().find_map(|(service, name)| faults.deny(service, name)))
    }

    fn begin_call(
        &self,
        sequence: u64,
        request: &Request,
        fault_id: Option<u64>,
        request_id: String,
    ) -> Call {
        Call {
            sequence,
            service: wire::table_of(request.service).names[0],
            operation: request.operation.clone(),
            account_id: request.context.account_id.clone(),
            region: request.context.region.clone(),
            input: request.input.clone(),
            time: self.now(),
            outcome: Outcome::Success,
            fault_id,
            request_id,
        }
    }

    /// Executes the request at the present time, which is the time of its effect, not of its arrival.
    fn execute(&self, mut request: Request) -> (SystemTime, Result<Value, ApiError>) {
        if !["Describe", "List", "Get"].iter().any(|verb| request.operation.starts_with(verb)) {
            self.shared.revision.fetch_add(1, Ordering::Relaxed);
        }
        self.visit(|world| {
            let now = self.now();
            request.context.now = now;
            let shows_at_once = self.shared.shows_at_once.load(Ordering::Relaxed);
            let answer = if shows_at_once { world.call(&request) } else { world.answer(&request) };
            (now, answer)
        })
    }

    /// Records the call, then runs the hooks that waited for it; both before its reply.
    fn end_call(&self, call: &Call) {
        lock(&self.shared.journal).record(call.clone());
        let due = take_due(&mut lock(&self.shared.hooks), &call.operation);
        for hook in due {
            (hook.action)(call);
        }
    }

    async fn delay(&self, fault: Option<&(u64, FaultEffect)>) {
        if let Some((_, FaultEffect::Delay { seconds, real })) = fault {
            let clock = if *real { &self.shared.real_clock } else { &self.shared.clock };
            clock.sleep(Duration::from_secs_f64(*seconds)).await;
        }
    }

    /// Waits out a hold: its time, or until its rule is removed.
    async fn hold(&self, fault: Option<(u64, FaultEffect)>) {
        let Some((id, FaultEffect::Hold { seconds })) = fault else { return };
        let polls = Duration::from_secs_f64(seconds).as_millis() / HOLD_POLL.as_millis();
        for _ in 0..polls {
            if !lock(&self.shared.faults).is_listed(id) {
                return;
            }
            self.shared.real_clock.sleep(HOLD_POLL).await;
        }
    }
}

fn take_due(hooks: &mut Vec<Hook>, operation: &str) -> Vec<Hook> {
    let is_due = |hook: &mut Hook| {
        if hook.operation != operation {
            return false;
        }
        let is_due = hook.skip == 0;
        hook.skip = hook.skip.saturating_sub(1);
        is_due
    };
    hooks.extract_if(.., is_due).collect()
}

fn outcome(answer: Result<&Value, &ApiError>, is_lost: bool) -> Outcome {
    match answer {
        _ if is_lost => Outcome::ReplyLost,
        Ok(_) => Outcome::Success,
        Err(error) => Outcome::Refused {
            code: error.code.clone(),
            message: error.message.clone(),
            status: error.status,
        },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_credential_types::Credentials;
    use aws_sdk_ecs::config::retry::RetryConfig;
    use aws_sdk_ecs::config::{BehaviorVersion, Region};
    use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
    use aws_sdk_ecs::operation::RequestId;
    use serde_json::json;

    use super::*;
    use crate::clock::VirtualClock;

    /// A sandbox in virtual time, which begins at a fixed moment.
    pub(crate) fn virtual_sandbox() -> Sandbox {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        Sandbox::new(Arc::new(VirtualClock::starting_at(start)))
    }

    /// Shared settings of SDK clients: no retries; over a socket with `url`, else in memory.
    pub(crate) fn sdk_config(sandbox: &Sandbox, url: Option<&str>) -> aws_types::SdkConfig {
        let credentials = Credentials::new("123456789012", "secret", None, None, "test");
        let config = aws_types::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled());
        match url {
            Some(url) => config.endpoint_url(url).build(),
            None => config.http_client(sandbox.http_client()).build(),
        }
    }

    pub(crate) fn sts(sandbox: &Sandbox, url: Option<&str>) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&sdk_config(sandbox, url))
    }

    /// One unsigned call to CloudWatch Logs; `None` if the connection broke.
    async fn logs(sandbox: &Sandbox, operation: &str, input: Value) -> Option<Value> {
        let request = http::Request::post("/").header("x-amz-target", format!("Logs_20140328.{operation}"));
        match sandbox.answer(request.body(Bytes::from(input.to_string())).unwrap()).await {
            Answer::Reply(response) => Some(serde_json::from_slice(response.body()).unwrap()),
            Answer::Lost => None,
        }
    }

    async fn create_log_group(sandbox: &Sandbox) -> Option<Value> {
        logs(sandbox, "CreateLogGroup", json!({"logGroupName": "g"})).await
    }

    async fn log_group_count(sandbox: &Sandbox) -> usize {
        let groups = logs(sandbox, "DescribeLogGroups", json!({})).await.unwrap();
        groups["logGroups"].as_array().map_or(0, Vec::len)
    }

    #[tokio::test]
    async fn an_sdk_client_is_answered_in_memory_and_its_call_is_recorded() {
        let sandbox = virtual_sandbox();
        let answer = sts(&sandbox, None).get_caller_identity().send().await.unwrap();
        assert_eq!(answer.account(), Some("123456789012"));
        let calls = sandbox.calls();
        assert_eq!((calls[0].service, calls[0].operation.as_str()), ("sts", "GetCallerIdentity"));
        assert_eq!((calls[0].region.as_str(), &calls[0].outcome), ("eu-central-1", &Outcome::Success));
        assert_eq!(answer.request_id(), Some(calls[0].request_id.as_str()));
    }

    #[tokio::test]
    async fn an_assumed_role_acts_in_its_own_account() {
        let sandbox = virtual_sandbox();
        let assume = sts(&sandbox, None).assume_role().role_session_name("s");
        let assumed = assume.role_arn("arn:aws:iam::333333333333:role/ci").send().await.unwrap();
        let keys = assumed.credentials().unwrap();
        let credentials = Credentials::new(
            keys.access_key_id(),
            "any",
            Some(keys.session_token().to_owned()),
            None,
            "test",
        );
        let config = sts(&sandbox, None).config().to_builder().credentials_provider(credentials).build();
        let identity = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await.unwrap();
        assert_eq!(identity.account(), Some("333333333333"));
    }

    #[tokio::test]
    async fn an_error_reaches_the_sdk_with_code_message_and_request_id() {
        let sandbox = virtual_sandbox();
        let assume = sts(&sandbox, None).assume_role().role_session_name("s").role_arn("nonsense");
        let error = assume.send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Some("ValidationError"), Some("nonsense is invalid")));
        assert_eq!(error.request_id(), Some(sandbox.calls()[0].request_id.as_str()));
    }

    #[tokio::test]
    async fn a_refusal_by_rule_has_no_effect() {
        let sandbox = virtual_sandbox();
        let effect = FaultEffect::Fail {
            code: "LimitExceededException".into(),
            message: "scripted".into(),
            status: 400,
        };
        let id = sandbox.add_fault(FaultRule::on("CreateLogGroup", effect)).unwrap();
        let refused = create_log_group(&sandbox).await;
        assert_eq!(refused, Some(json!({"__type": "LimitExceededException", "message": "scripted"})));
        assert_eq!(log_group_count(&sandbox).await, 0);
        assert_eq!(sandbox.calls()[0].fault_id, Some(id));
    }

    #[tokio::test]
    async fn a_lost_reply_leaves_its_effect() {
        let sandbox = virtual_sandbox();
        sandbox.add_fault(FaultRule::on("CreateLogGroup", FaultEffect::LoseReply)).unwrap();
        assert_eq!(create_log_group(&sandbox).await, None);
        sandbox.advance(Duration::from_secs(60));
        assert_eq!(log_group_count(&sandbox).await, 1);
        assert_eq!(sandbox.calls()[0].outcome, Outcome::ReplyLost);
    }

    #[tokio::test]
    async fn a_lost_request_leaves_nothing() {
        let sandbox = virtual_sandbox();
        sandbox.add_fault(FaultRule::on("CreateLogGroup", FaultEffect::LoseRequest)).unwrap();
        assert_eq!(create_log_group(&sandbox).await, None);
        assert_eq!(log_group_count(&sandbox).await, 0);
    }

    #[tokio::test]
    async fn a_lost_reply_is_a_connection_failure_to_the_sdk() {
        let sandbox = virtual_sandbox();
        sandbox.add_fault(FaultRule::on("GetCallerIdentity", FaultEffect::LoseReply)).unwrap();
        let error = sts(&sandbox, None).get_caller_identity().send().await.unwrap_err();
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_delayed_call_takes_effect_later() {
        let sandbox = virtual_sandbox();
        let before = sandbox.now();
        let effect = FaultEffect::Delay { seconds: 90.0, real: false };
        sandbox.add_fault(FaultRule::on("CreateLogGroup", effect)).unwrap();
        create_log_group(&sandbox).await;
        assert_eq!(sandbox.calls()[0].time, before + Duration::from_secs(90));
    }

    #[tokio::test]
    async fn throttling_is_recognised_by_the_sdk_and_retried() {
        let sandbox = virtual_sandbox();
        sandbox.add_fault(FaultRule::on("GetCallerIdentity", FaultEffect::Throttle).times(2)).unwrap();
        let config = sts(&sandbox, None).config().to_builder();
        let retry = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::ZERO);
        let client = aws_sdk_sts::Client::from_conf(config.retry_config(retry).build());
        client.get_caller_identity().send().await.unwrap();
        assert_eq!(sandbox.calls().len(), 3);
    }

    #[tokio::test]
    async fn a_hook_runs_once_between_effect_and_reply() {
        let sandbox = virtual_sandbox();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        sandbox.after_call("DescribeLogGroups", 1, move |call| sink.lock().unwrap().push(call.sequence));
        for _ in 0..3 {
            log_group_count(&sandbox).await;
        }
        assert_eq!(*seen.lock().unwrap(), [2]);
    }

    #[tokio::test]
    async fn a_held_reply_is_let_go_when_its_rule_is_removed() {
        let sandbox = virtual_sandbox();
        let rule = FaultRule::on("CreateLogGroup", FaultEffect::Hold { seconds: 600.0 });
        let id = sandbox.add_fault(rule).unwrap();
        let (other, before) = (sandbox.clone(), sandbox.now());
        sandbox.after_call("CreateLogGroup", 0, move |_| {
            assert!(other.remove_fault(id));
        });
        assert_eq!(create_log_group(&sandbox).await, None);
        assert!(sandbox.now() < before + Duration::from_secs(1), "the hold ended early");
    }

    #[tokio::test]
    async fn reset_forgets_the_world_the_calls_and_the_faults() {
        let sandbox = virtual_sandbox();
        create_log_group(&sandbox).await;
        sandbox.add_fault(FaultRule::on("DeleteLogGroup", FaultEffect::Throttle)).unwrap();
        sandbox.reset();
        assert!(sandbox.calls().is_empty() && sandbox.faults().is_empty());
        assert_eq!(log_group_count(&sandbox).await, 0);
    }
}
