//! Delete: everything of the service goes, in the order of composition section 6; what is not ours stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ComposedEngine;
use super::composition;
use super::ground::Site;
use super::plan::Part;
use super::planner::plan_delete;
use super::run::run;
use super::steps;
use crate::engine::error::Aftermath;
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ObjectNames, ServiceArn};

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
    let composition = composition::read(&engine.apis, names).await?;
    let _giving = engine.apis.handovers.begin(names.owner(), composition.hosts());
    let halt = bounds.cancellation.child_token();
    let bounds = Bounds { cancellation: halt.clone(), ..bounds.clone() };
    let site = Arc::new(Site::new(engine.apis.clone(), bounds, names.clone(), composition, made));
    let report = run(&plan_delete(), &halt, |step| {
        let site = Arc::clone(&site);
        async move { steps::undo(step.part, &site).await }
    })
    .await;
    match report.failure {
        None => Ok(site.remains()),
        Some((step, error)) => {
            let undone = report.done.iter().map(|part| part.noun().to_owned()).collect();
            let aftermath = Aftermath { undone, kept: Vec::new() };
            Err(EngineError::step(step.to_string(), error, aftermath))
        }
    }
}
