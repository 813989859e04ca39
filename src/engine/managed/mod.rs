//! The managed engine: AWS's Express Mode API assembles and operates the infrastructure.
//!
//! This engine drives the API, waits for what matters, finds every ARN and repairs what the API leaves rough. Each
//! operation is a short list of steps in a file of its own; conditions are pure.

mod change;
mod conditions;
mod create;
mod delete;
mod endpoint;
mod heading;
mod listener_rule;
mod observe;
mod parts;
mod predecessor;
mod redeploy;
mod remains;
mod repetition;
mod rollout;
mod update;

use std::sync::Arc;

use async_trait::async_trait;

use crate::aws::AwsError;
use crate::aws::autoscaling::AutoScaling;
use crate::aws::ec2::Ec2;
use crate::aws::ecs::Ecs;
use crate::aws::elbv2::Elbv2;
use crate::engine::{Bounds, CreateRequest, Engine, EngineError, Outcome, UpdateRequest};
use crate::service::{ObservedService, ServiceArn, ServiceStatus};
pub(crate) use parts::{Parts, Shelf};
use predecessor::LeftBehind;
pub(crate) use redeploy::redeploy_express;
use update::Record;

/// The managed engine.
pub(crate) struct ManagedEngine {
    ecs: Arc<Ecs>,
    elbv2: Arc<Elbv2>,
    ec2: Arc<Ec2>,
    autoscaling: Arc<AutoScaling>,
    parts: Parts,
    left_behind: LeftBehind,
}

impl ManagedEngine {
    /// An engine on these APIs.
    pub(crate) fn new(
        ecs: Arc<Ecs>,
        elbv2: Arc<Elbv2>,
        ec2: Arc<Ec2>,
        autoscaling: Arc<AutoScaling>,
        parts: Parts,
    ) -> Self {
        Self { ecs, elbv2, ec2, autoscaling, parts, left_behind: LeftBehind::default() }
    }

    /// Reads what exists and pairs it with how the operation ended.
    ///
    /// Parts underneath are not looked at: right after a change, what AWS says of the service is what counts.
    /// A read that fails does not hide the result, and a success whose result cannot be read is a failure; so is one
    /// whose service somebody deleted meanwhile.
    async fn conclude(&self, arn: ServiceArn, result: Result<(), EngineError>) -> Outcome {
        match observe::observe(self, &arn).await {
            Ok(observed) => {
                let result = result.and_then(|()| check_lives(&arn, observed.as_ref()));
                Outcome { arn: Some(arn), observed, remains: None, result }
            }
            Err(error) => Outcome {
                arn: Some(arn),
                observed: None,
                remains: None,
                result: result.and(Err(error.into())),
            },
        }
    }
}

fn check_lives(arn: &ServiceArn, observed: Option<&ObservedService>) -> Result<(), EngineError> {
    let is_gone = observed
        .is_none_or(|found| matches!(found.status, ServiceStatus::Draining | ServiceStatus::Inactive));
    if is_gone { Err(EngineError::Gone { arn: arn.clone() }) } else { Ok(()) }
}

#[async_trait]
impl Engine for ManagedEngine {
    async fn create(&self, bounds: &Bounds, request: &CreateRequest) -> Outcome {
        Box::pin(create::create(self, bounds, request)).await
    }

    async fn update(&self, bounds: &Bounds, request: &UpdateRequest) -> Outcome {
        let result = Box::pin(update::update(self, bounds, request, Record::InState)).await;
        let outcome = self.conclude(request.arn.clone(), result).await;
        match outcome.observed {
            Some(observed) if request.looks_underneath => {
                let observed = self.parts.look_again(observed).await;
                Outcome { observed: Some(observed), ..outcome }
            }
            observed => Outcome { observed, ..outcome },
        }
    }

    async fn delete(&self, bounds: &Bounds, arn: &ServiceArn) -> Outcome {
        match delete::delete(self, bounds, arn).await {
            Ok(remains) => Outcome { arn: Some(arn.clone()), observed: None, remains, result: Ok(()) },
            Err(error) => self.conclude(arn.clone(), Err(error)).await,
        }
    }

    async fn observe(&self, arn: &ServiceArn) -> Result<Option<ObservedService>, AwsError> {
        match observe::observe(self, arn).await? {
            Some(observed) => Ok(Some(self.parts.look(observed).await)),
            None => Ok(None),
        }
    }
}
