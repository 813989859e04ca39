//! The simulated AWS account: pure state and a clock, no input or output.
//!
//! A [`World`] holds any number of accounts and regions. Every call carries the time at which it takes
//! effect; the world first brings itself up to that time, then executes the call. Nothing happens between
//! calls, and the same calls at the same times on the same seed give the same answers.

pub(crate) mod account;
pub(crate) mod acm;
pub(crate) mod agenda;
pub(crate) mod autoscaling;
pub(crate) mod cloudwatch;
pub(crate) mod ec2;
pub(crate) mod ecr;
pub(crate) mod ecs;
pub(crate) mod elbv2;
pub(crate) mod iam;
pub(crate) mod ids;
pub(crate) mod input;
pub(crate) mod lateness;
pub(crate) mod logs;
pub(crate) mod region;
pub(crate) mod route53;
pub mod scenario;
pub(crate) mod secretsmanager;
pub(crate) mod ssm;
pub(crate) mod sts;
pub(crate) mod tag_list;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod timestamp;
pub(crate) mod timing;
pub(crate) mod wafv2;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::account::AccountState;
use self::agenda::{Agenda, Event};
use self::ids::IdGenerator;
use self::region::RegionState;
use self::scenario::{ScenarioRule, Scenarios};
pub(crate) use self::timestamp::Timestamp;
use super::api::{ApiError, Request, RequestContext, Service};

/// Tags of one resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// The most events that one call of [`World::advance_to`] executes. A longer backlog continues with the next
/// call, so that no jump in time can take for ever.
const EVENTS_PER_ADVANCE: usize = 500_000;

/// A simulated AWS, serializable as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    now: Timestamp,
    ids: IdGenerator,
    /// Keyed by `<account>/<region>`; each comes into being with its first request.
    regions: BTreeMap<String, RegionState>,
    /// Keyed by account id; each comes into being with its first request.
    #[serde(default)]
    accounts: BTreeMap<String, AccountState>,
    agenda: Agenda,
    scenarios: Scenarios,
}

/// What an operation works on: one account and region, the name generator, the time and the future.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a mut RegionState,
    pub(crate) account: &'a mut AccountState,
    pub(crate) ids: &'a mut IdGenerator,
    pub(crate) now: Timestamp,
    pub(crate) agenda: &'a mut Agenda,
    pub(crate) scenarios: &'a mut Scenarios,
}

impl Scope<'_> {
    /// Lets `event` happen after `delay`.
    pub(crate) fn schedule(&mut self, delay: Duration, event: Event) {
        self.agenda.add(self.now.after(delay), &self.region.key(), event);
    }
}

impl World {
    /// An empty world. Equal seeds give equal identifiers.
    pub fn new(seed: u64) -> Self {
        Self {
            now: Timestamp::default(),
            ids: IdGenerator::new(seed),
            regions: BTreeMap::new(),
            accounts: BTreeMap::new(),
            agenda: Agenda::default(),
            scenarios: Scenarios::default(),
        }
    }

    /// Switches a scenario on, for what starts from now on.
    pub fn add_scenario(&mut self, rule: ScenarioRule) {
        self.scenarios.add(rule);
    }

    /// Switches all scenarios off.
    pub fn clear_scenarios(&mut self) {
        self.scenarios.clear();
    }

    /// Lets simulated time pass up to `now`, executing everything that falls due in order of time.
    /// An earlier `now` than the last one changes nothing.
    pub fn advance_to(&mut self, now: SystemTime) {
        let now = self.now.max(Timestamp::from(now));
        for _ in 0..EVENTS_PER_ADVANCE {
            let Some(entry) = self.agenda.pop_due(now) else { break };
            self.now = self.now.max(entry.due);
            let Some(region) = self.regions.get_mut(&entry.region) else { continue };
            let account = account::find_or_create(&mut self.accounts, &region.account_id, self.now);
            let mut scope = Scope {
                region,
                account,
                ids: &mut self.ids,
                now: self.now,
                agenda: &mut self.agenda,
                scenarios: &mut self.scenarios,
            };
            match entry.event {
                Event::Ecs(event) => ecs::happen(&mut scope, event),
                Event::Elbv2(event) => elbv2::happen(&mut scope, event),
            }
        }
        self.now = now;
    }

    /// Brings the world up to the request's time, then executes the request. Whatever it makes shows at once: the way to
    /// arrange an account, and to look at it.
    ///
    /// # Errors
    /// What the real service answers: code, message and HTTP status.
    pub fn call(&mut self, request: &Request) -> Result<Value, ApiError> {
        self.advance_to(request.context.now);
        execute(&mut self.scope_of(request), request)
    }

    /// As [`World::call`], for a caller in the simulated world: what was just made shows late, to each reader by a delay
    /// of its own.
    ///
    /// # Errors
    /// What the real service answers: code, message and HTTP status.
    pub fn answer(&mut self, request: &Request) -> Result<Value, ApiError> {
        self.advance_to(request.context.now);
        let mut scope = self.scope_of(request);
        let hidden = lateness::hide(&mut scope, request);
        let before = lateness::before(&scope, request);
        let answer = match hidden.refusal(request) {
            Some(refusal) => Err(refusal),
            None => execute(&mut scope, request),
        };
        lateness::after(&mut scope, before);
        hidden.put_back(&mut scope);
        answer.map(|answer| scope.scenarios.with_unknown_members(answer))
    }

    fn scope_of(&mut self, request: &Request) -> Scope<'_> {
        match request.service {
            Service::Iam => self.scope(&self.without_region(&request.context)),
            _ => self.scope(&request.context),
        }
    }

    /// IAM has no regions: calls of an account that is known make no further region of it.
    fn without_region(&self, context: &RequestContext) -> RequestContext {
        let known = self.regions.values().find(|region| region.account_id == context.account_id);
        let region = known.map_or(&context.region, |known| &known.region).clone();
        RequestContext { region, ..context.clone() }
    }

    fn scope(&mut self, context: &RequestContext) -> Scope<'_> {
        let key = region::key(&context.account_id, &context.region);
        if !self.regions.contains_key(&key) {
            let region = RegionState::new(&context.account_id, &context.region, &mut self.ids);
            self.regions.insert(key.clone(), region);
        }
        Scope {
            region: self.regions.get_mut(&key).expect("the region was inserted above"),
            account: account::find_or_create(&mut self.accounts, &context.account_id, self.now),
            ids: &mut self.ids,
            now: self.now,
            agenda: &mut self.agenda,
            scenarios: &mut self.scenarios,
        }
    }
}

/// Executes a request, unless a scenario refuses it.
fn execute(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    if let Some(refusal) = scope.scenarios.find_refusal(request) {
        let message = ecs::misfortune::fill(scope, refusal.message);
        return Err(ApiError::client(refusal.code, message));
    }
    // Tags go with the first registration of a target only; that such a policy lets later ones through is a guess.
    let makes_something = !autoscaling::is_registered(scope, request);
    if let Some(denial) = scope.scenarios.find_tag_denial(request).filter(|_| makes_something) {
        return Err(denial);
    }
    match request.service {
        Service::Ecs => ecs::call(scope, request),
        Service::Ecr => ecr::call(scope, request),
        Service::Iam => iam::call(scope, request),
        Service::SecretsManager => secretsmanager::call(scope, request),
        Service::Ssm => ssm::call(scope, request),
        Service::Elbv2 => elbv2::call(scope, request),
        Service::Ec2 => ec2::call(scope, request),
        Service::Acm => acm::call(scope, request),
        Service::ApplicationAutoScaling => autoscaling::call(scope, request),
        Service::CloudWatch => cloudwatch::call(scope, request),
        Service::Logs => logs::call(scope, request),
        Service::Route53 => route53::call(scope, request),
        Service::Sts => sts::call(scope, request),
        Service::Wafv2 => wafv2::call(scope, request),
    }
}

/// The refusal of an operation that the sandbox does not know.
pub(crate) fn unknown_operation(request: &Request) -> ApiError {
    ApiError::client(
        "UnknownOperationException",
        format!("The sandbox does not know the operation {}.", request.operation),
    )
}
