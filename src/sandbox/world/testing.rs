//! Calls to a world of one account, for the tests of the services.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Scope, World};
use crate::sandbox::api::{ApiError, Request, RequestContext, Service};

/// A world and the service that a test talks to.
pub(crate) struct Caller {
    pub(crate) world: World,
    service: Service,
    now: SystemTime,
}

impl Caller {
    /// A new world on 1 January 2026, in account 111122223333 and region eu-west-1.
    pub(crate) fn of(service: Service) -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        Self { world: World::new(1), service, now }
    }

    fn context(&self) -> RequestContext {
        let (account_id, region) = ("111122223333".to_owned(), "eu-west-1".to_owned());
        RequestContext { account_id, region, now: self.now }
    }

    /// Calls an operation.
    pub(crate) fn call(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.call_service(self.service, operation, input)
    }

    /// Calls an operation of another service.
    pub(crate) fn call_service(
        &mut self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let operation = operation.to_owned();
        let request = Request { service, operation, input, context: self.context() };
        self.world.call(&request)
    }

    /// Calls an operation as a caller in the simulated world does: what was just made shows late.
    pub(crate) fn answer(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let (service, operation) = (self.service, operation.to_owned());
        self.world.answer(&Request { service, operation, input, context: self.context() })
    }

    /// The error code of a call that must be refused.
    pub(crate) fn refusal(&mut self, operation: &str, input: Value) -> String {
        self.call(operation, input).expect_err("the call must be refused").code
    }

    /// The world as the state file has it.
    pub(crate) fn world_text(&self) -> String {
        serde_json::to_string(&self.world).expect("a world is serializable")
    }

    /// The time of the next call.
    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now += duration;
    }

    /// Prepares the account's state by hand.
    pub(crate) fn arrange<T>(&mut self, prepare: impl FnOnce(&mut Scope<'_>) -> T) -> T {
        let context = self.context();
        self.world.advance_to(context.now);
        prepare(&mut self.world.scope(&context))
    }
}
