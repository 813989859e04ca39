//! The managed resources of an Express service come and go, each at its own time.

use std::time::Duration;

use super::{load_balancer_pool, report, report_missing_role, resources};
use crate::sandbox::world::ecs::managed_resource::{
    ManagedResource, ManagedResourceKind as Kind, ManagedResourceStatus,
};
use crate::sandbox::world::ecs::misfortune::{fill_for_service, list_effects};
use crate::sandbox::world::ecs::service::{is_befallen, schedule};
use crate::sandbox::world::ecs::{EcsEvent, target_health};
use crate::sandbox::world::scenario::{Effect, Scenario};
use crate::sandbox::world::{Scope, timing};

/// Schedules the making of every managed resource.
pub(crate) fn provision(scope: &mut Scope<'_>, service_arn: &str, new_load_balancer: bool) {
    for (kind, start, ready) in timing::PROVISIONING {
        if let Some(service) = scope.region.ecs.services.get_mut(service_arn)
            && let Some(express) = &mut service.express
        {
            express
                .managed
                .insert(kind, ManagedResource { updated_at: scope.now, ..ManagedResource::default() });
        }
        if new_load_balancer || !kind.is_shared() {
            let begins = if new_load_balancer { start } else { start.min(timing::CERTIFICATE_READY) };
            later(scope, service_arn, kind, false, begins);
            later(scope, service_arn, kind, true, begins + ready.saturating_sub(start));
        } else {
            later(scope, service_arn, kind, true, timing::SHARED_RESOURCE_FOUND);
        }
    }
}

fn later(scope: &mut Scope<'_>, service_arn: &str, kind: Kind, ready: bool, delay: Duration) {
    let Some(created_at) = scope.region.ecs.services.get(service_arn).map(|service| service.created_at)
    else {
        return;
    };
    let event = EcsEvent::ManagedResource { service: service_arn.to_owned(), created_at, kind, ready };
    schedule(scope, service_arn, delay, event);
}

/// The next step of one resource: it is made (`ready` false), or it is ready. A step whose time has not come
/// because of another resource or the infrastructure role tries again later.
pub(crate) fn advance(scope: &mut Scope<'_>, service_arn: &str, kind: Kind, ready: bool) {
    let Some(service) = scope.region.ecs.services.get(service_arn) else { return };
    if !service.is_active() && !kind.is_shared() {
        return;
    }
    if is_befallen(scope, service_arn, Scenario::InfrastructureRoleMissing) {
        report_missing_role(scope, service_arn, "provision");
        let reason =
            scope.region.ecs.services.get(service_arn).and_then(|service| service.status_reason.clone());
        update(scope, service_arn, kind, |resource| resource.status_reason = reason);
        return later(scope, service_arn, kind, ready, timing::PROVISIONING_RETRIES);
    }
    if let Some(reason) = find_denial(scope, service_arn, kind) {
        report(scope, service_arn, &reason);
        update(scope, service_arn, kind, |resource| resource.status_reason = Some(reason));
        return later(scope, service_arn, kind, ready, timing::PROVISIONING_RETRIES);
    }
    for effect in list_effects(scope, service_arn) {
        match effect {
            Effect::Provisioning { reason } => {
                let reason = fill_for_service(scope, service_arn, reason);
                report(scope, service_arn, &reason);
                update(scope, service_arn, kind, |resource| resource.status_reason = Some(reason));
                return later(scope, service_arn, kind, ready, timing::PROVISIONING_RETRIES);
            }
            Effect::Resource { kind: failing, reason } if failing == kind => {
                return update(scope, service_arn, kind, |resource| {
                    resource.status = ManagedResourceStatus::Failed;
                    resource.status_reason = Some(reason.to_owned());
                });
            }
            _ => {}
        }
    }
    if !ready {
        match resources::create(scope, service_arn, kind) {
            Some(arn) => update(scope, service_arn, kind, |resource| resource.arn = Some(arn)),
            None => later(scope, service_arn, kind, ready, timing::PROVISIONING_RETRIES),
        }
        return;
    }
    match find_ready_arn(scope, service_arn, kind) {
        Some(arn) => activate(scope, service_arn, kind, arn),
        None => later(scope, service_arn, kind, ready, timing::PROVISIONING_RETRIES),
    }
}

/// What AWS says on load balancer, certificate and listener while the infrastructure role has not reached every part of
/// IAM (facts, express in the wild W4).
fn find_denial(scope: &Scope<'_>, service_arn: &str, kind: Kind) -> Option<String> {
    let service = scope.region.ecs.services.get(service_arn)?;
    let ecs = &scope.region.ecs;
    let revision = service.revision_arns().next().and_then(|arn| ecs.revisions.get(arn));
    let image = revision.map(|revision| ecs.main_image(revision)).unwrap_or_default();
    let lasts = scope.scenarios.list(&service.name, image).find_map(|scenario| match scenario {
        Scenario::InfrastructureRolePropagation { seconds } => Some(Duration::from_secs(seconds)),
        _ => None,
    })?;
    let is_denied = matches!(kind, Kind::LoadBalancer | Kind::Certificate | Kind::Listener)
        && service.created_at.after(lasts) > scope.now;
    let role = &service.express.as_ref()?.infrastructure_role_arn;
    is_denied.then(|| {
        format!(
            "AccessDenied: {role} is not authorized to perform: ec2:DescribeAccountAttributes because no \
             identity-based policy allows the ec2:DescribeAccountAttributes action"
        )
    })
}

/// The ARN of a resource that is there and usable.
fn find_ready_arn(scope: &Scope<'_>, service_arn: &str, kind: Kind) -> Option<String> {
    let express = scope.region.ecs.services.get(service_arn)?.express.as_ref()?;
    let region = &*scope.region;
    match kind {
        Kind::LoadBalancer => {
            let balancer = region.elbv2.load_balancers.get(&express.load_balancer_arn)?;
            (balancer.active_at <= scope.now).then(|| balancer.arn.clone())
        }
        Kind::Listener => {
            region.elbv2.listeners.get(&express.listener_arn).map(|listener| listener.arn.clone())
        }
        Kind::LoadBalancerSecurityGroup => {
            let id = &express.load_balancer_security_group_id;
            let group = region.ec2.security_groups.get(id)?;
            Some(region.arn("ec2", &format!("security-group/{}", group.id)))
        }
        _ => express.managed.get(&kind)?.arn.clone(),
    }
}

fn activate(scope: &mut Scope<'_>, service_arn: &str, kind: Kind, arn: String) {
    let now = scope.now;
    update(scope, service_arn, kind, |resource| {
        resource.arn = Some(arn);
        resource.become_status(ManagedResourceStatus::Active, now);
    });
    let Some(service) = scope.region.ecs.services.get_mut(service_arn) else { return };
    if service.is_active() {
        service.status_reason = None;
    }
    if kind == Kind::Rule {
        target_health::check_targets(scope, service_arn);
    }
}

fn update(scope: &mut Scope<'_>, service_arn: &str, kind: Kind, change: impl FnOnce(&mut ManagedResource)) {
    let service = scope.region.ecs.services.get_mut(service_arn);
    if let Some(express) = service.and_then(|service| service.express.as_mut()) {
        let resource = express.managed.entry(kind).or_default();
        change(resource);
        resource.updated_at = scope.now;
    }
}

/// Takes the infrastructure of a drained service out of use. Shared resources go only with their last user.
pub(crate) fn deprovision(scope: &mut Scope<'_>, service_arn: &str) {
    let Some(service) = scope.region.ecs.services.get(service_arn).cloned() else { return };
    let Some(express) = service.express.as_deref() else { return };
    resources::detach(scope, &service, express);
    let last = load_balancer_pool::leave(scope, &express.load_balancer_arn, service_arn);
    move_all(scope, service_arn, ManagedResourceStatus::Deprovisioning, last);
}

/// Ends the deprovisioning: only log group and task definitions stay.
pub(crate) fn remove(scope: &mut Scope<'_>, service_arn: &str) {
    let Some(service) = scope.region.ecs.services.get(service_arn).cloned() else { return };
    let Some(express) = service.express.as_deref() else { return };
    resources::remove(scope, &service, express);
    move_all(scope, service_arn, ManagedResourceStatus::Deleted, false);
}

fn move_all(scope: &mut Scope<'_>, service_arn: &str, status: ManagedResourceStatus, shared_too: bool) {
    let now = scope.now;
    let service = scope.region.ecs.services.get_mut(service_arn);
    let Some(express) = service.and_then(|service| service.express.as_mut()) else { return };
    for (kind, resource) in &mut express.managed {
        if *kind != Kind::LogGroup && (shared_too || !kind.is_shared()) {
            resource.become_status(status, now);
        }
    }
}
