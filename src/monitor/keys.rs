//! What keys mean.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a user wants with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Show the other view.
    SwitchView,
    /// Show the resources.
    ShowResources,
    /// Show the deployment.
    ShowDeployment,
    /// Look at the service after this one.
    NextService,
    /// Look at the service before this one.
    PreviousService,
    /// Move the text by so many lines.
    Scroll(i16),
    /// Move to the beginning.
    ScrollToTop,
    /// Move to the end.
    ScrollToBottom,
    /// Show or hide the help.
    ToggleHelp,
    /// Leave.
    Quit,
}

/// Every key with what it does, for the help.
pub(super) const KEYS: [(&str, &str); 7] = [
    ("Tab, r, d", "switch between resources and deployment"),
    ("n, p, Right, Left", "next and previous service"),
    ("Up, Down, k, j", "scroll by a line"),
    ("PageUp, PageDown", "scroll by ten lines"),
    ("Home, End, g, G", "scroll to the beginning and the end"),
    ("?, h", "show and hide this help"),
    ("q, Ctrl-C", "quit; what AWS does goes on"),
];

/// Lines of a page.
const PAGE: i16 = 10;

/// The action of a key, if it has one.
pub fn find_action(key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Action::Quit);
    }
    Some(match key.code {
        KeyCode::Tab | KeyCode::BackTab => Action::SwitchView,
        KeyCode::Char('r') => Action::ShowResources,
        KeyCode::Char('d') => Action::ShowDeployment,
        KeyCode::Char('n') | KeyCode::Right => Action::NextService,
        KeyCode::Char('p') | KeyCode::Left => Action::PreviousService,
        KeyCode::Char('k') | KeyCode::Up => Action::Scroll(-1),
        KeyCode::Char('j') | KeyCode::Down => Action::Scroll(1),
        KeyCode::PageUp => Action::Scroll(-PAGE),
        KeyCode::PageDown | KeyCode::Char(' ') => Action::Scroll(PAGE),
        KeyCode::Home | KeyCode::Char('g') => Action::ScrollToTop,
        KeyCode::End | KeyCode::Char('G') => Action::ScrollToBottom,
        KeyCode::Char('?' | 'h') => Action::ToggleHelp,
        KeyCode::Char('q') => Action::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_c_and_q_quit_and_other_control_keys_do_nothing() {
        let control = |code| KeyEvent::new(code, KeyModifiers::CONTROL);
        assert_eq!(find_action(control(KeyCode::Char('c'))), Some(Action::Quit));
        assert_eq!(find_action(control(KeyCode::Char('d'))), None);
        assert_eq!(find_action(KeyCode::Char('q').into()), Some(Action::Quit));
        assert_eq!(find_action(KeyCode::Char('x').into()), None);
    }

    #[test]
    fn a_key_acts_when_it_is_pressed_and_not_again_when_it_is_released() {
        let mut key = KeyEvent::from(KeyCode::Tab);
        assert_eq!(find_action(key), Some(Action::SwitchView));
        key.kind = KeyEventKind::Release;
        assert_eq!(find_action(key), None);
    }
}
