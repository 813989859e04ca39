//! The new service of a replacement, planned together with the change that asks for it.
//!
//! Core plans a replacement twice, the change and then a create, and drops the warnings of the second plan. Whatever a
//! user must know of the new service before the old one is destroyed has to be said in the first.

use super::model::ServiceModel;
use super::schema::schema;
use crate::framework::plan::plan_change;
use crate::framework::resource::Plan;
use crate::framework::{Model, Path, Value};
use crate::service::ServiceStatus;

/// The plan of the new service, as core will ask for it; `None`: nothing is replaced.
pub(super) fn plan_of_new_service(plan: &Plan<ServiceModel>) -> Option<Plan<ServiceModel>> {
    if plan.prior.is_none() || plan.requires_replace.is_empty() {
        return None;
    }
    let planned = plan_change(&schema().members(), &plan.config.to_value(), &Value::Null);
    Some(Plan {
        config: plan.config.clone(),
        prior: None,
        planned: ServiceModel::from_value(&planned, &Path::default()).ok()?,
        requires_replace: Vec::new(),
        replaces_live: plan.replaces_live,
        private: Vec::new(),
    })
}

/// Whether a service serves, as far as its state says: one that is being deleted, or never came to be, does not.
pub(super) fn is_live(state: &ServiceModel) -> bool {
    let idle = [ServiceStatus::Draining.as_str(), "INCOMPLETE"];
    state.status.known().is_none_or(|status| !idle.contains(&status.as_str()))
}
