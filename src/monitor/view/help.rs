//! The help.

use ratatui::text::{Line, Span};

use super::symbol::heading;
use crate::monitor::keys::KEYS;

pub(super) fn lines() -> Vec<Line<'static>> {
    let mut lines = vec![Line::default(), Line::from(heading("Keys"))];
    let row = |(keys, what): &(&str, &'static str)| {
        Line::from(vec![heading(format!("  {keys:<20}")), Span::raw(*what)])
    };
    lines.extend(KEYS.iter().map(row));
    lines.push(Line::default());
    lines.push(Line::from("✓ ready  ✗ failed  - gone or rolled back; what turns is under way."));
    lines.push(Line::from("The monitor only reads."));
    lines
}
