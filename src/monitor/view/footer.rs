//! The bottom: the keys that matter most, or what is wrong.

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::symbol::faint;
use crate::monitor::state::State;

pub(super) fn line(state: &State) -> Line<'static> {
    let problem = state.services.get(state.selected).and_then(|service| service.problem.clone());
    match problem {
        Some(problem) => {
            Line::from(Span::styled(format!("cannot be read: {problem}"), Style::new().fg(Color::Red)))
        }
        None if state.services.len() > 1 => {
            Line::from(faint("Tab view  n/p service  Up/Down scroll  ? help  q quit"))
        }
        None => Line::from(faint("Tab view  Up/Down scroll  ? help  q quit")),
    }
}
