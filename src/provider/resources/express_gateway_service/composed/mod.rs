//! The arguments that only the composed engine has: what Express Mode fixes.
//!
//! Everything about them is here: schema, model, both directions of conversion, what a plan makes of them, and why
//! the managed engine refuses each.

mod expand;
mod flatten;
mod imported;
mod limits;
mod look;
mod look_load_balancer;
mod model;
mod plan;
mod plan_place;
mod plan_repairs;
mod refuse;
mod schema;
mod sidecar_schema;
mod validate;

pub(super) use expand::{
    expand_container_health_check, expand_depends_on, expand_log_configuration, expand_settings,
};
pub(super) use flatten::{
    flatten_container_health_check, flatten_depends_on, flatten_log_configuration, flatten_settings,
    only_written,
};
pub(crate) use imported::with_hosted_zone;
pub(super) use imported::without_defaults;
pub(super) use limits::check_change_of_hosts;
pub(super) use look::look;
pub(crate) use model::{
    ContainerHealthCheckModel, DeploymentConfigurationModel, DomainModel, HealthCheckModel,
    LoadBalancerModel, LogConfigurationModel, SidecarModel,
};
pub(super) use plan::{leave_out, plan_settings};
pub(super) use plan_place::plan_place;
pub(super) use plan_repairs::{open_absent, open_part, plan_repairs};
pub(super) use refuse::refuse;
pub(super) use schema::{container_members, members};
pub(super) use validate::{check, check_retention};
