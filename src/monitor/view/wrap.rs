//! Lines that are longer than the screen is wide.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// What a continued line begins with.
const INDENT: usize = 6;

/// Breaks lines at spaces, so that none is longer than `width`.
pub(super) fn wrap(lines: Vec<Line<'static>>, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width).max(INDENT + 1);
    lines.into_iter().flat_map(|line| wrap_line(line, width)).collect()
}

fn wrap_line(line: Line<'static>, width: usize) -> Vec<Line<'static>> {
    let characters: Vec<(char, Style)> =
        line.spans.iter().flat_map(|span| span.content.chars().map(|one| (one, span.style))).collect();
    if characters.len() <= width {
        return vec![line];
    }
    let mut rest = characters.as_slice();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let indent = if lines.is_empty() { 0 } else { INDENT };
        let place = width - indent;
        let end = if rest.len() <= place { rest.len() } else { find_break(&rest[..=place]).unwrap_or(place) };
        lines.push(to_line(indent, &rest[..end]));
        rest = &rest[end..];
        while rest.first().is_some_and(|(one, _)| *one == ' ') {
            rest = &rest[1..];
        }
    }
    lines
}

/// The last space after something that is no space.
fn find_break(characters: &[(char, Style)]) -> Option<usize> {
    let first_word = characters.iter().position(|(one, _)| *one != ' ')?;
    characters.iter().rposition(|(one, _)| *one == ' ').filter(|position| *position > first_word)
}

fn to_line(indent: usize, characters: &[(char, Style)]) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(indent))];
    for (one, style) in characters {
        match spans.last_mut().filter(|span| span.style == *style) {
            Some(span) => span.content.to_mut().push(*one),
            None => spans.push(Span::styled(one.to_string(), *style)),
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &'static str, width: u16, expected: &[&str]) {
        let lines: Vec<String> =
            wrap(vec![Line::from(text)], width).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_long_line_is_broken_at_spaces_and_goes_on_indented() {
        check("short", 20, &["short"]);
        check("one two three four five", 12, &["one two", "      three", "      four", "      five"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_anywhere() {
        check("abcdefghijkl", 8, &["abcdefgh", "      ij", "      kl"]);
    }

    #[test]
    fn styles_stay_with_their_text() {
        let style = Style::new().fg(ratatui::style::Color::Red);
        let line = Line::from(vec![Span::raw("one "), Span::styled("two three", style)]);
        let lines = wrap(vec![line], 11);
        assert_eq!(lines[0].spans.last().map(|span| span.style), Some(style));
        assert_eq!(
            lines[1].spans.last().map(|span| (span.content.as_ref(), span.style)),
            Some(("three", style))
        );
    }
}
