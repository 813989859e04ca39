//! Create: claim the name, create, wait for the first deployment, read what is there, remove the marker.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::ManagedEngine;
use super::endpoint::wait_until_endpoint_shows;
use super::predecessor::{find_attempt, find_predecessor};
use super::rollout::{Rollout, wait_until_rolled_out, wait_until_started};
use super::update::{self, Record};
use crate::aws::AwsErrorKind;
use crate::engine::retry::{is_ambiguous, retrying};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, CreateRequest, EngineError, Outcome, UpdateRequest};
use crate::service::{
    CREATION_MARKER_TAG_KEY, CreationMarker, ServiceArn, ServiceSpec, TagChange, refers_to_own_url,
    with_own_url,
};

/// Time for a new service to show (composition section 9: up to 10 seconds).
const SERVICE_APPEARS: Duration = Duration::from_secs(90);

/// Creates a service. From the moment it exists, the outcome has its ARN, whatever happens afterwards.
pub(super) async fn create(engine: &ManagedEngine, bounds: &Bounds, request: &CreateRequest) -> Outcome {
    let marker = CreationMarker::new(&request.spec, attempt_number(bounds));
    let begun = match find_predecessor(engine, bounds, &request.spec, &marker).await {
        Ok(Some(arn)) => Ok((arn, Beginning::Continued)),
        Ok(None) => {
            create_service(engine, bounds, &request.spec, &marker).await.map(|arn| (arn, Beginning::Created))
        }
        Err(error) => Err(error),
    };
    let (arn, beginning) = match begun {
        Ok(begun) => begun,
        Err(error) => return Outcome { arn: None, observed: None, remains: None, result: Err(error) },
    };
    tracing::info!(service_arn = %arn, "service exists");
    let result = match beginning {
        Beginning::Created => finish(engine, bounds, &arn, request).await,
        Beginning::Continued => resume(engine, bounds, &arn, request).await,
    };
    let mut outcome = engine.conclude(arn.clone(), result).await;
    // Who is stopped cannot know whether anybody takes the answer: the mark stays for the next apply.
    if !bounds.cancellation.is_cancelled()
        && remove_marker(engine, &arn).await
        && let Some(observed) = &mut outcome.observed
    {
        observed.tags.remove(CREATION_MARKER_TAG_KEY);
    }
    outcome
}

enum Beginning {
    Created,
    Continued,
}

/// A number that no other attempt has: time and randomness together.
fn attempt_number(bounds: &Bounds) -> u64 {
    let since_epoch = bounds.clock.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs().rotate_left(32)
        ^ u64::from(since_epoch.subsec_nanos())
        ^ bounds.clock.jitter().to_bits()
}

/// `express_service.create`. The API has no client token: after a lost answer the service is looked for by its
/// marker before the call is repeated.
async fn create_service(
    engine: &ManagedEngine,
    bounds: &Bounds,
    spec: &ServiceSpec,
    marker: &CreationMarker,
) -> Result<ServiceArn, EngineError> {
    let spec = &ServiceSpec { configuration: with_own_url(&spec.configuration, None), ..spec.clone() };
    let mut tags = spec.tags.clone();
    tags.insert(CREATION_MARKER_TAG_KEY.to_owned(), marker.to_string());
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match retrying(bounds, || engine.ecs.create_express_gateway_service(spec, &tags)).await {
            Ok(arn) => return Ok(arn),
            Err(EngineError::Aws(error)) => error,
            Err(other) => return Err(other),
        };
        if error.kind == AwsErrorKind::AccessDenied || error.kind == AwsErrorKind::Credentials {
            return Err(error.into());
        }
        if let Some(arn) = find_lost(engine, bounds, spec, marker, is_ambiguous(&error)).await? {
            return Ok(arn);
        }
        if !is_ambiguous(&error) || attempts >= engine.ecs.max_attempts() {
            return Err(error.into());
        }
    }
}

/// The service of a call whose answer was lost. An ambiguous failure is looked into for some seconds, since a new
/// service takes a moment to show.
async fn find_lost(
    engine: &ManagedEngine,
    bounds: &Bounds,
    spec: &ServiceSpec,
    marker: &CreationMarker,
    is_ambiguous: bool,
) -> Result<Option<ServiceArn>, EngineError> {
    let limit = Duration::from_secs(if is_ambiguous { 15 } else { 0 });
    let found = wait_until(&bounds.at_most(limit), || async {
        Ok::<_, EngineError>(match find_attempt(engine, spec, marker).await? {
            Some(arn) => Condition::Ready(arn),
            None => Condition::Pending("looking for the service of a lost answer".to_owned()),
        })
    })
    .await;
    match found {
        Ok(arn) => Ok(Some(arn)),
        Err(WaitError::TimedOut { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn finish(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    request: &CreateRequest,
) -> Result<(), EngineError> {
    let needs_own_url = refers_to_own_url(&request.spec.configuration);
    let rollout = first_rollout(engine, bounds, arn).await?;
    if !request.wait_for_steady_state && !needs_own_url {
        return wait_until_endpoint_shows(engine, bounds, arn).await;
    }
    wait_until_rolled_out(engine, bounds, arn, &rollout).await?;
    wait_until_endpoint_shows(engine, bounds, arn).await?;
    if needs_own_url {
        tracing::info!(service_arn = %arn, "the host name is known, filling it in");
        Box::pin(update::update(engine, bounds, &update_request(arn, request), Record::Pending)).await?;
    }
    Ok(())
}

fn update_request(arn: &ServiceArn, request: &CreateRequest) -> UpdateRequest {
    UpdateRequest {
        arn: arn.clone(),
        infrastructure_role_arn: request.spec.infrastructure_role_arn.clone(),
        configuration: request.spec.configuration.clone(),
        tags: request.spec.tags.clone(),
        known_tags: BTreeMap::new(),
        known_hostnames: BTreeSet::new(),
        frees_log: false,
        looks_underneath: false,
        wait_for_steady_state: request.wait_for_steady_state,
    }
}

/// The first deployment, as soon as the service shows its configuration.
async fn first_rollout(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<Rollout, EngineError> {
    let configurations = wait_until(&bounds.at_most(SERVICE_APPEARS), || async {
        let express = engine.ecs.find_express_gateway_service(arn).await?;
        let configurations = express.map(|express| express.configurations).unwrap_or_default();
        Ok::<_, EngineError>(if configurations.is_empty() {
            Condition::Pending("waiting for the new service to show".to_owned())
        } else {
            Condition::Ready(configurations)
        })
    })
    .await?;
    Ok(Rollout::first(&configurations))
}

/// Continues what an interrupted apply began: once its deployment shows, whatever differs from the request by now
/// is updated, and the outcome counts as that of a create.
async fn resume(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    request: &CreateRequest,
) -> Result<(), EngineError> {
    let rollout = first_rollout(engine, bounds, arn).await?;
    wait_until_started(engine, bounds, arn, &rollout).await?;
    Box::pin(update::update(engine, bounds, &update_request(arn, request), Record::Pending)).await?;
    finish(engine, bounds, arn, request).await
}

/// `creation_marker.remove`. The state is about to have the ARN, so the marker has done its work; says whether it is
/// off. One that cannot be removed only lets a later apply of the same configuration find the service.
///
/// This is the last call of a create that nobody stopped: a provider that is killed between it and its answer to
/// Terraform leaves an unnamed service of which nobody knows any more. The mark of a create that was stopped goes with
/// the first update of the service.
async fn remove_marker(engine: &ManagedEngine, arn: &ServiceArn) -> bool {
    let change = TagChange { remove: vec![CREATION_MARKER_TAG_KEY.to_owned()], ..TagChange::default() };
    let removed = engine.ecs.change_tags(arn, &change).await;
    if let Err(error) = &removed {
        tracing::warn!(service_arn = %arn, error = %error, "the creation marker stays on the service");
    }
    removed.is_ok()
}
