//! The steps: one part of the composition in each file, `ensure` and `undo` side by side.
//!
//! # Guarantees that every step gives
//! - `ensure` may be repeated, and begun anew after it was cut off at any call: it finds its thing by a deterministic
//!   name and makes only what is missing.
//! - It never takes over what is not ours: without our ownership tags it refuses.
//! - `undo` may be repeated, and copes with `ensure` never having run. It leaves what is not ours.

mod alarm;
mod alias_record;
mod anchor;
mod arrival;
mod attachment;
mod certificate;
mod certificate_validation;
mod cluster;
mod departure;
mod deployment;
mod drain;
mod ecs_service;
mod health_check;
mod listener_certificate;
mod load_balancer_state;
mod log_group;
mod move_mark;
mod phase;
mod pool;
mod retired_certificate;
mod retired_hosts;
mod rule_check;
mod rule_hosts;
mod scaling;
mod security_group_rules;
mod service_security_group;
mod tags;
mod target_groups;
mod task_definition;
mod web_acl;

use std::collections::BTreeMap;

use super::ground::{Ground, Site};
use super::plan::Part;
use crate::engine::EngineError;
use crate::service::ObjectNames;

pub(super) use alarm::definition as alarm_definition;
pub(super) use anchor::{remove_creation_mark, tags as anchor_tags};
#[cfg(test)]
pub(super) use phase::CREATING;
pub(super) use phase::READY;
pub(super) use pool::pool_tag;
pub(super) use scaling::bounds as scaling_bounds;
pub(super) use scaling::is_as_wanted as is_scaling_as_wanted;
pub(super) use target_groups::{desired_attributes, desired_health_check};
pub(super) use task_definition::{lacks_note, next_document};

/// Brings a part about.
pub(super) async fn ensure(part: Part, ground: &Ground) -> Result<(), EngineError> {
    match part {
        Part::Cluster => cluster::ensure(ground).await,
        Part::LogGroup => log_group::ensure(ground).await,
        Part::ServiceSecurityGroup => service_security_group::ensure(ground).await,
        Part::TargetGroups => target_groups::ensure(ground).await,
        Part::Certificate => certificate::ensure(ground).await,
        Part::CertificateValidation => certificate_validation::ensure(ground).await,
        Part::Pool => pool::ensure(ground).await,
        Part::SecurityGroupRules => security_group_rules::ensure(ground).await,
        Part::ListenerCertificate => listener_certificate::ensure(ground).await,
        Part::AliasRecord => alias_record::ensure(ground).await,
        Part::Alarm => alarm::ensure(ground).await,
        Part::TaskDefinition => task_definition::ensure(ground).await,
        Part::EcsService => ecs_service::ensure(ground).await,
        Part::Scaling => scaling::ensure(ground).await,
        Part::LoadBalancerState => load_balancer_state::ensure(ground).await,
        Part::Deployment => deployment::ensure(ground).await,
        Part::DeploymentStart => deployment::ensure_started(ground).await,
        Part::Phase => phase::ensure(ground).await,
        Part::Tags => tags::ensure(ground).await,
        Part::RuleCheck => rule_check::ensure(ground).await,
        Part::IdleHealthCheck => health_check::ensure_idle(ground).await,
        Part::RetiredHealthCheck => health_check::ensure_all(ground).await,
        Part::Anchor => anchor::ensure(ground).await,
        Part::RuleHosts => rule_hosts::ensure(ground).await,
        Part::RetiredHosts => retired_hosts::ensure(ground).await,
        Part::RetiredCertificate => retired_certificate::ensure(ground).await,
        Part::MoveMark => move_mark::ensure(ground).await,
        Part::Attachment => attachment::ensure(ground).await,
        Part::Drain => drain::ensure(ground).await,
        Part::Arrival => arrival::ensure(ground).await,
        Part::Departure => departure::ensure(ground).await,
    }
}

/// Takes a part away. Waits, checks and tags leave nothing behind.
pub(super) async fn undo(part: Part, site: &Site) -> Result<(), EngineError> {
    match part {
        Part::Cluster => cluster::undo(site).await,
        Part::LogGroup => log_group::undo(site).await,
        Part::ServiceSecurityGroup => service_security_group::undo(site).await,
        Part::TargetGroups => target_groups::undo(site).await,
        Part::Certificate => certificate::undo(site).await,
        Part::Pool => pool::undo(site).await,
        Part::SecurityGroupRules => security_group_rules::undo(site).await,
        Part::AliasRecord => alias_record::undo(site).await,
        Part::Alarm => alarm::undo(site).await,
        Part::TaskDefinition => task_definition::undo(site).await,
        Part::EcsService => ecs_service::undo(site).await,
        Part::Scaling => scaling::undo(site).await,
        Part::CertificateValidation
        | Part::ListenerCertificate
        | Part::LoadBalancerState
        | Part::Deployment
        | Part::DeploymentStart
        | Part::Phase
        | Part::Tags
        | Part::RuleCheck
        | Part::IdleHealthCheck
        | Part::RetiredHealthCheck
        | Part::Anchor
        | Part::RuleHosts
        | Part::RetiredHosts
        | Part::RetiredCertificate
        | Part::MoveMark
        | Part::Attachment
        | Part::Drain
        | Part::Arrival
        | Part::Departure => Ok(()),
    }
}

/// Refuses what this provider did not make for this very service.
pub(super) fn owned(
    names: &ObjectNames,
    kind: &'static str,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), EngineError> {
    if names.owner().owns(tags) {
        return Ok(());
    }
    Err(EngineError::NotOurs { kind, name: name.to_owned() })
}
