//! The composed engine: assembles the Express composition itself, from plain AWS services.
//!
//! An operation reads what is there (`composition`), asks what it must know (`survey`), draws a `blueprint`, plans
//! purely (`planner`) and lets the flat executor (`run`) carry the plan out. Every step finds its thing by a
//! deterministic name and ownership tags, so whatever was cut short is continued by the next operation.

mod address;
mod blueprint;
mod composition;
mod create;
pub(crate) mod decide;
mod delete;
mod described;
mod differences;
mod facts;
mod given_certificate;
mod ground;
mod handover;
mod left_behind;
mod observe;
mod plan;
mod planner;
pub(crate) mod pool;
mod proof;
mod run;
mod service_input;
mod steps;
mod survey;
mod task_definition;
#[cfg(test)]
mod testing;
mod update;
mod zone;

use std::sync::Arc;

use async_trait::async_trait;

use crate::aws::AwsError;
use crate::aws::credentials::unknown_account_hint;
use crate::engine::{Bounds, CreateRequest, Engine, EngineError, Outcome, UpdateRequest};
use crate::service::{DEFAULT_CLUSTER_NAME, ObjectNames, ObservedService, ServiceArn, cluster_name};
pub(crate) use given_certificate::find_flaw;
pub(crate) use ground::Apis;
use left_behind::OwnCreates;
pub(crate) use zone::{ZoneChoice, ZoneWish, choose_zone};

/// The composed engine.
pub(crate) struct ComposedEngine {
    apis: Apis,
    place: Place,
    own_creates: Arc<OwnCreates>,
}

/// Where services are made.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) partition: String,
    pub(crate) region: String,
    /// The account of the credentials, or why AWS did not say which it is.
    pub(crate) account_id: Result<String, AwsError>,
}

impl Place {
    /// The ARN that a service has here: it is known before the service is.
    pub(crate) fn service_arn(&self, cluster: Option<&str>, name: &str) -> Result<ServiceArn, EngineError> {
        let account_id = self.account_id.as_deref().map_err(|error| EngineError::Unfit {
            reason: format!(
                "STS does not say which account the credentials belong to, and names are made of it: {error}."
            ),
            hint: unknown_account_hint(error).to_owned(),
        })?;
        let cluster = cluster_name(cluster.unwrap_or(DEFAULT_CLUSTER_NAME));
        ServiceArn::new(&self.partition, &self.region, account_id, cluster, name).map_err(|error| {
            EngineError::Unfit {
                reason: format!("{error}."),
                hint: "check `cluster` and `service_name`".to_owned(),
            }
        })
    }
}

impl ComposedEngine {
    /// An engine on these APIs.
    pub(crate) fn new(apis: Apis, place: Place) -> Self {
        Self { apis, place, own_creates: Arc::default() }
    }

    /// Reads what exists and pairs it with how the operation ended. A read that fails does not hide the result, and a
    /// success whose result cannot be read is a failure.
    async fn conclude(&self, arn: ServiceArn, result: Result<(), EngineError>) -> Outcome {
        match self.observe(&arn).await {
            Ok(observed) => {
                let has_service = observed.as_ref().is_some_and(|observed| !observe::is_incomplete(observed));
                let is_gone = !has_service && result.is_ok();
                let result = if is_gone { Err(EngineError::Gone { arn: arn.clone() }) } else { result };
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

#[async_trait]
impl Engine for ComposedEngine {
    async fn create(&self, bounds: &Bounds, request: &CreateRequest) -> Outcome {
        Box::pin(create::create(self, bounds, request)).await
    }

    async fn update(&self, bounds: &Bounds, request: &UpdateRequest) -> Outcome {
        let result = Box::pin(update::update(self, bounds, request)).await;
        self.conclude(request.arn.clone(), result).await
    }

    async fn delete(&self, bounds: &Bounds, arn: &ServiceArn) -> Outcome {
        match Box::pin(delete::delete(self, bounds, arn)).await {
            Ok(remains) => {
                Outcome { arn: Some(arn.clone()), observed: None, remains: Some(remains), result: Ok(()) }
            }
            Err(error) => self.conclude(arn.clone(), Err(error)).await,
        }
    }

    async fn observe(&self, arn: &ServiceArn) -> Result<Option<ObservedService>, AwsError> {
        observe::observe(self, &ObjectNames::new(arn.clone())).await
    }
}
