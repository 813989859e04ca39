//! What the live monitor draws: one file for each pane, each a pure function from the model to lines.

mod bar;
mod cause;
mod deployment;
mod footer;
mod header;
mod help;
mod resources;
mod services;
mod symbol;
mod wrap;

use std::time::{Duration, SystemTime};

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::state::{State, View};

/// Services that are listed above the panes at the most.
const SERVICE_ROWS: u16 = 8;

/// Draws the whole screen as it is at `now`.
pub fn draw(frame: &mut Frame<'_>, state: &State, now: SystemTime) {
    let service_count = u16::try_from(state.services.len()).unwrap_or(u16::MAX);
    // One service needs no list; its name is in the header.
    let rows = if service_count > 1 { service_count.min(SERVICE_ROWS) + 1 } else { 0 };
    let [header, services, tabs, body, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(rows),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(header::line(state, now), header);
    if rows > 0 {
        frame.render_widget(Paragraph::new(services::lines(state, services.height - 1, now)), services);
    }
    frame.render_widget(header::tabs(state), tabs);
    draw_body(frame, state, body, now);
    frame.render_widget(footer::line(state), footer);
}

fn draw_body(frame: &mut Frame<'_>, state: &State, area: Rect, now: SystemTime) {
    let lines = if state.is_help_shown { help::lines() } else { list_lines(state, now) };
    let lines = wrap::wrap(lines, area.width);
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let scroll = state.scroll.min(count.saturating_sub(area.height));
    frame.render_widget(Paragraph::new(lines).scroll((scroll, 0)), area);
}

fn list_lines(state: &State, now: SystemTime) -> Vec<Line<'static>> {
    let Some(service) = state.services.get(state.selected) else { return Vec::new() };
    let turn = symbol::turn(state.began_at, now);
    let mut lines = vec![Line::default()];
    lines.extend(cause::lines(service));
    lines.extend(match state.view {
        View::Resources => resources::lines(service, turn),
        View::Deployment => deployment::lines(service, turn, now),
    });
    lines
}

/// `1h 02m`, `2m 05s`, `9s`.
fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h {minutes:02}m"),
    }
}

#[cfg(test)]
mod tests;
