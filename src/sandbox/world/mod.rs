//! The simulated AWS account: pure state and a clock, no input or output.
//!
//! A [`World`] holds any number of accounts and regions. Every call carries the time at which it takes
//! effect; the world first brings itself up to that time, then executes the call. Nothing happens between
//! calls, and the same calls at the same times on the same seed give the same answers.

#![expect(dead_code, reason = "the operations that use the entities land one service at a time")]

pub(crate) mod acm;
pub(crate) mod autoscaling;
pub(crate) mod cloudwatch;
pub(crate) mod ec2;
pub(crate) mod ecs;
pub(crate) mod elbv2;
pub(crate) mod ids;
pub(crate) mod input;
pub(crate) mod logs;
pub(crate) mod region;
pub(crate) mod sts;
pub(crate) mod tag_list;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod timestamp;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::ids::IdGenerator;
use self::region::RegionState;
pub(crate) use self::timestamp::Timestamp;
use super::api::{ApiError, Request, RequestContext, Service};

/// Tags of one resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// A simulated AWS, serializable as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    now: Timestamp,
    ids: IdGenerator,
    /// Keyed by `<account>/<region>`; each comes into being with its first request.
    regions: BTreeMap<String, RegionState>,
}

/// What an operation works on: one account and region, the name generator and the time.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a mut RegionState,
    pub(crate) ids: &'a mut IdGenerator,
    pub(crate) now: Timestamp,
}

impl World {
    /// An empty world. Equal seeds give equal identifiers.
    pub fn new(seed: u64) -> Self {
        Self { now: Timestamp::default(), ids: IdGenerator::new(seed), regions: BTreeMap::new() }
    }

    /// Lets simulated time pass up to `now`, executing everything that falls due in order of time.
    /// An earlier `now` than the last one changes nothing.
    pub fn advance_to(&mut self, now: SystemTime) {
        self.now = self.now.max(Timestamp::from(now));
    }

    /// Brings the world up to the request's time, then executes the request.
    ///
    /// # Errors
    /// What the real service answers: code, message and HTTP status.
    pub fn call(&mut self, request: &Request) -> Result<Value, ApiError> {
        self.advance_to(request.context.now);
        let mut scope = self.scope(&request.context);
        match request.service {
            Service::Ecs => ecs::call(&mut scope, request),
            Service::Elbv2 => elbv2::call(&mut scope, request),
            Service::Ec2 => ec2::call(&mut scope, request),
            Service::Acm => acm::call(&mut scope, request),
            Service::ApplicationAutoScaling => autoscaling::call(&mut scope, request),
            Service::CloudWatch => cloudwatch::call(&mut scope, request),
            Service::Logs => logs::call(&mut scope, request),
            Service::Sts => sts::call(&mut scope, request),
        }
    }

    fn scope(&mut self, context: &RequestContext) -> Scope<'_> {
        let key = format!("{}/{}", context.account_id, context.region);
        let ids = &mut self.ids;
        if !self.regions.contains_key(&key) {
            let region = RegionState::new(&context.account_id, &context.region, ids);
            self.regions.insert(key.clone(), region);
        }
        let region = self.regions.get_mut(&key).expect("the region was inserted above");
        Scope { region, ids, now: self.now }
    }
}

/// The refusal of an operation that the sandbox does not know.
pub(crate) fn unknown_operation(request: &Request) -> ApiError {
    ApiError::client(
        "UnknownOperationException",
        format!("The sandbox does not know the operation {}.", request.operation),
    )
}
