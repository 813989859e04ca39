//! The top: what is watched, since when, and the two views.

use std::time::SystemTime;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::duration_text;
use super::symbol::{faint, heading};
use crate::monitor::state::{State, View};
use crate::monitor::text::timestamp;

pub(super) fn line(state: &State, now: SystemTime) -> Line<'static> {
    let watching = now.duration_since(state.began_at).unwrap_or_default();
    let looked = match state.looked_at {
        Some(looked_at) => {
            format!("updated {} ago", duration_text(now.duration_since(looked_at).unwrap_or_default()))
        }
        None => "waiting for the first answer".to_owned(),
    };
    let what = match state.services.as_slice() {
        [one] => one.label.clone(),
        many => format!("{} services", many.len()),
    };
    Line::from(vec![
        heading(what),
        faint(format!("  {}  watching for {}, {looked}", timestamp(now), duration_text(watching))),
    ])
}

/// The names of the views; with several services, whose they are.
pub(super) fn tabs(state: &State) -> Line<'static> {
    let tab = |name: &'static str, view: View| {
        let is_shown = state.view == view && !state.is_help_shown;
        let emphasis = if is_shown { Modifier::BOLD | Modifier::REVERSED } else { Modifier::empty() };
        Span::styled(name, Style::new().add_modifier(emphasis))
    };
    let mut spans =
        vec![tab("[ Resources ]", View::Resources), Span::raw(" "), tab("[ Deployment ]", View::Deployment)];
    if state.services.len() > 1
        && let Some(service) = state.services.get(state.selected)
    {
        spans.push(heading(format!("  {}", service.label)));
    }
    Line::from(spans)
}
