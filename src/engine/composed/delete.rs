//! Delete: everything of the service goes, in the order of composition section 6; what is not ours stays.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::ComposedEngine;
use super::composition::{self, Composition};
use super::ground::Site;
use super::plan::{Part, in_words};
use super::planner::plan_delete;
use super::run::run;
use super::steps::{self, READY};
use crate::engine::error::Aftermath;
use crate::engine::retry::shown_within;
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ObjectNames, PHASE_TAG_KEY, ServiceArn};

/// Time for what was just made to show, before what shows is taken back.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);

/// Time after which what an interrupted operation made shows, as a rule (facts, composition section 9).
const SETTLES_WITHIN: Duration = Duration::from_secs(15);

/// Removes a service and all that was made for it, and says what stays. Repeating it continues where it stopped.
pub(super) async fn delete(
    engine: &ComposedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<Remains, EngineError> {
    undo_all(engine, bounds, &ObjectNames::new(arn.clone()), None).await
}

/// Carries out the plan of a deletion on what is there. `made`: parts that the create which is taken back has made.
pub(super) async fn undo_all(
    engine: &ComposedEngine,
    bounds: &Bounds,
    names: &ObjectNames,
    made: Option<BTreeSet<Part>>,
) -> Result<Remains, EngineError> {
    let composition = read_shown(engine, bounds, names, made.as_ref()).await?;
    let _giving = engine.apis.handovers.begin(names.owner(), composition.hosts());
    let halt = bounds.cancellation.child_token();
    let bounds = Bounds { cancellation: halt.clone(), ..bounds.clone() };
    let site = Arc::new(Site::new(engine.apis.clone(), bounds, names.clone(), composition, made));
    let report = run(&plan_delete()?, &halt, |step| {
        let site = Arc::clone(&site);
        async move { steps::undo(step.part, &site).await }
    })
    .await;
    match report.failure {
        None => Ok(site.remains()),
        Some((step, error)) => {
            let aftermath = Aftermath { undone: in_words(report.done), kept: Vec::new() };
            Err(EngineError::step(step.part.words().to_owned(), error, aftermath))
        }
    }
}

/// What is there, with everything that the operation which is taken back has made: it may not show yet, and what does not
/// show would be left behind.
async fn read_shown(
    engine: &ComposedEngine,
    bounds: &Bounds,
    names: &ObjectNames,
    made: Option<&BTreeSet<Part>>,
) -> Result<Composition, EngineError> {
    let Some(made) = made else {
        let found = composition::read(&engine.apis, names).await?;
        if !is_interrupted(&found) || !bounds.pause(SETTLES_WITHIN).await {
            return Ok(found);
        }
        return Ok(composition::read(&engine.apis, names).await?);
    };
    let read = || async {
        let found = composition::read(&engine.apis, names).await?;
        Ok(made.iter().all(|part| is_shown(&found, *part)).then_some(found))
    };
    match shown_within(bounds, SHOWN_WITHIN, read).await? {
        Some(composition) => Ok(composition),
        None => Ok(composition::read(&engine.apis, names).await?),
    }
}

/// Whether an operation on the service was cut short, maybe a moment ago: what it made last may not show yet, the anchor
/// included, and nothing tells what that is.
fn is_interrupted(found: &Composition) -> bool {
    let phase = found.live_service().and_then(|service| service.tags.get(PHASE_TAG_KEY));
    found.departure().is_some() || phase.is_none_or(|phase| phase != READY)
}

/// Whether a part that was made is to be seen. A create that failed between its two target groups made one of them.
fn is_shown(found: &Composition, part: Part) -> bool {
    match part {
        Part::ServiceSecurityGroup => found.service_security_group.is_some(),
        Part::TargetGroups => found.target_groups.len() == 2,
        Part::Certificate => found.certificate.is_some(),
        Part::LogGroup => found.log_group.is_some(),
        _ => true,
    }
}
