//! The resources of a service, nested by kind.

use ratatui::text::{Line, Span};

use super::symbol::{faint, heading, of_status, style};
use crate::monitor::look::Look;
use crate::monitor::state::ServiceState;
use crate::service::{Arn, ManagedKind, ManagedResource};

/// The groups, in the order of the AWS CLI's monitor. Ingress comes with its addresses.
const GROUPS: [(&str, &[ManagedKind]); 5] = [
    (
        "Ingress",
        &[
            ManagedKind::LoadBalancer,
            ManagedKind::LoadBalancerSecurityGroup,
            ManagedKind::Certificate,
            ManagedKind::Listener,
            ManagedKind::ListenerRule,
            ManagedKind::TargetGroup,
            ManagedKind::ListenerCertificate,
            ManagedKind::ValidationRecord,
            ManagedKind::AliasRecord,
            ManagedKind::WebAcl,
            ManagedKind::IngressPermission,
        ],
    ),
    ("Auto scaling", &[ManagedKind::ScalableTarget, ManagedKind::ScalingPolicy]),
    ("Metric alarms", &[ManagedKind::MetricAlarm]),
    ("Service security groups", &[ManagedKind::ServiceSecurityGroup]),
    ("Log groups", &[ManagedKind::LogGroup]),
];

pub(super) fn lines(service: &ServiceState, turn: usize) -> Vec<Line<'static>> {
    let Some(look) = &service.look else { return vec![Line::from(faint("Waiting for initial data"))] };
    let mut lines = own_lines(service, look, turn);
    if look.observation.resources.is_empty() && look.leaving.is_empty() {
        let is_inactive = service.is_gone || own_status(look) == "INACTIVE";
        lines.push(Line::default());
        lines.push(Line::from(faint(if is_inactive { "Service is inactive" } else { "<empty>" })));
        return lines;
    }
    for (name, kinds) in GROUPS {
        push_group(&mut lines, name, kinds, look, turn);
    }
    if !look.leaving.is_empty() {
        lines.push(Line::from(heading("Disassociating")));
        lines.extend(look.leaving.iter().flat_map(|resource| resource_lines(resource, turn)));
    }
    lines
}

fn own_status(look: &Look) -> &str {
    look.observation.service.as_ref().map(|(status, _)| status.as_str()).unwrap_or_default()
}

/// Cluster, service with AWS's last word, and task definition.
fn own_lines(service: &ServiceState, look: &Look, turn: usize) -> Vec<Line<'static>> {
    let status = if service.is_gone { "INACTIVE" } else { own_status(look) };
    let mut lines = vec![
        Line::from(vec![heading("Cluster  "), Span::raw(service.arn.cluster_arn())]),
        Line::from(vec![
            heading("Service  "),
            Span::raw(format!("{} ", service.arn)),
            of_status(status, turn),
            Span::styled(format!(" {status}"), style(status)),
        ]),
    ];
    if let Some(event) = look.observation.events.first() {
        lines.push(Line::from(faint(format!("         {}", event.message))));
    }
    if let Some(arn) = &look.task_definition_arn {
        lines.push(Line::from(vec![heading("Task     "), Span::raw(short(arn))]));
    }
    lines
}

fn push_group(
    lines: &mut Vec<Line<'static>>,
    name: &'static str,
    kinds: &[ManagedKind],
    look: &Look,
    turn: usize,
) {
    let resources = &look.observation.resources;
    let of_kind = |kind: &ManagedKind| {
        let kind = *kind;
        resources.iter().filter(move |resource| resource.kind == kind)
    };
    let addresses = if name == "Ingress" { look.ingress_paths.as_slice() } else { &[] };
    if addresses.is_empty() {
        lines.push(Line::from(heading(name)));
    }
    for path in addresses {
        lines.push(Line::from(vec![
            heading(name),
            Span::raw(format!("  {}  ", path.url())),
            faint(path.access_type.clone()),
        ]));
    }
    let before = lines.len();
    lines.extend(kinds.iter().flat_map(of_kind).flat_map(|resource| resource_lines(resource, turn)));
    if lines.len() == before {
        lines.push(Line::from(faint("  <empty>")));
    }
}

/// A resource, and below it why it is as it is.
fn resource_lines(resource: &ManagedResource, turn: usize) -> Vec<Line<'static>> {
    let name = resource.arn.as_deref().map(short).unwrap_or_default();
    let mut lines = vec![Line::from(vec![
        Span::raw("  "),
        of_status(&resource.status, turn),
        Span::raw(format!(" {:<29}", resource.kind.as_str())),
        Span::styled(format!("{:<15}", resource.status), style(&resource.status)),
        Span::raw(name),
    ])];
    if let Some(reason) = &resource.status_reason {
        lines.push(Line::from(faint(format!("      Reason: {reason}"))));
    }
    lines
}

/// The part of an ARN that tells a resource from others of its kind in the account.
fn short(arn: &str) -> String {
    arn.parse::<Arn>().map_or_else(|_| arn.to_owned(), |arn| arn.resource().to_owned())
}
