//! Why the selected service failed, above everything else.

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use crate::monitor::state::ServiceState;

pub(super) fn lines(service: &ServiceState) -> Vec<Line<'static>> {
    if service.cause.is_empty() {
        return Vec::new();
    }
    let coloured = |line: &String| {
        let colour = if line.starts_with("hint:") { Color::Cyan } else { Color::Red };
        Line::from(Span::styled(line.clone(), Style::new().fg(colour)))
    };
    let mut lines: Vec<_> = service.cause.iter().map(coloured).collect();
    lines.push(Line::default());
    lines
}
