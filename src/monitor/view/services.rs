//! The list of several services: a row for each.

use std::time::SystemTime;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::symbol::{faint, of_status, style, turn};
use crate::monitor::state::{ServiceState, State};

/// As many rows as there is place for, the selected one among them.
pub(super) fn lines(state: &State, height: u16, now: SystemTime) -> Vec<Line<'static>> {
    let height = usize::from(height);
    let first = (state.selected + 1).saturating_sub(height);
    let width = state.services.iter().map(|service| service.label.chars().count()).max().unwrap_or_default();
    let turn = turn(state.began_at, now);
    let rows = state.services.iter().enumerate().skip(first).take(height);
    rows.map(|(index, service)| row(service, index == state.selected, width, turn)).collect()
}

fn row(service: &ServiceState, is_selected: bool, width: usize, turn: usize) -> Line<'static> {
    let status = service.status();
    let emphasis = if is_selected { Modifier::BOLD } else { Modifier::empty() };
    let mut spans = vec![
        Span::raw(if is_selected { "> " } else { "  " }),
        of_status(&status, turn),
        Span::styled(format!(" {:<width$}  ", service.label), Style::new().add_modifier(emphasis)),
        Span::styled(format!("{status:<20}"), style(&status)),
    ];
    let detail = service.look.as_ref().and_then(|look| look.observation.deployment.as_ref());
    if service.problem.is_some() {
        spans.push(faint(" cannot be read"));
    } else if let Some(detail) = detail.filter(|detail| !detail.deployment.status.is_final()) {
        let stage = detail.lifecycle_stage.as_deref().unwrap_or_default();
        let weight = detail.production_traffic_weight.map(|weight| format!("{weight} %")).unwrap_or_default();
        let (running, requested) = (detail.running_task_count, detail.requested_task_count);
        spans.push(faint(format!(" {stage} {weight} {running}/{requested} tasks")));
    }
    Line::from(spans)
}
