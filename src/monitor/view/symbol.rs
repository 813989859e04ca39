//! Symbols and colours of statuses, as in the AWS CLI's monitor.

use std::time::SystemTime;

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Milliseconds that a picture of the spinner stays.
const TURN_MILLIS: u128 = 100;

/// Which picture of the spinner is due.
pub(super) fn turn(began_at: SystemTime, now: SystemTime) -> usize {
    let turns = now.duration_since(began_at).unwrap_or_default().as_millis() / TURN_MILLIS;
    usize::try_from(turns % SPINNER.len() as u128).unwrap_or_default()
}

/// The colour of a status: of resources, deployments and services alike.
pub(super) fn style(status: &str) -> Style {
    let colour = match status {
        "ACTIVE" | "SUCCESSFUL" => Color::Green,
        "FAILED" | "ROLLBACK_FAILED" => Color::Red,
        "DELETED" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "INACTIVE" => Color::Yellow,
        _ => Color::Magenta,
    };
    Style::new().fg(colour)
}

/// The symbol of a status; that of a status that passes turns.
pub(super) fn of_status(status: &str, turn: usize) -> Span<'static> {
    let symbol = match status {
        "ACTIVE" | "SUCCESSFUL" => "✓",
        "FAILED" | "ROLLBACK_FAILED" => "✗",
        "DELETED" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "INACTIVE" => "-",
        _ => SPINNER[turn % SPINNER.len()],
    };
    Span::styled(symbol, style(status))
}

/// A heading.
pub(super) fn heading(text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), Style::new().add_modifier(Modifier::BOLD))
}

/// What matters less.
pub(super) fn faint(text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), Style::new().fg(Color::DarkGray))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_spinner_turns_ten_times_a_second_and_begins_anew() {
        let began = SystemTime::UNIX_EPOCH;
        assert_eq!(turn(began, began), 0);
        assert_eq!(turn(began, began + Duration::from_millis(250)), 2);
        assert_eq!(turn(began, began + Duration::from_millis(1000)), 0);
    }

    #[test]
    fn a_status_that_we_do_not_know_is_one_that_passes() {
        assert_eq!(of_status("SOMETHING_NEW", 0).content, SPINNER[0]);
        assert_eq!(of_status("ACTIVE", 3).content, "✓");
    }
}
