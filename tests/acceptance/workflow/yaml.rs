//! As much of YAML as workflows and actions use here: maps, lists, block scalars, quoted and plain scalars. Every scalar
//! is a string.

use serde_json::{Map, Value};

/// Reads a document.
pub(super) fn parse(text: &str) -> Value {
    let mut reader = Reader { lines: text.lines().map(str::to_owned).collect(), at: 0 };
    let document = reader.node(0);
    reader.skip_blank();
    assert_eq!(reader.at, reader.lines.len(), "line {} is none that is understood", reader.at + 1);
    document
}

struct Reader {
    lines: Vec<String>,
    at: usize,
}

impl Reader {
    fn skip_blank(&mut self) {
        while self
            .lines
            .get(self.at)
            .is_some_and(|line| line.trim().is_empty() || line.trim().starts_with('#'))
        {
            self.at += 1;
        }
    }

    /// The next line's text, if it is indented like this.
    fn line_at(&mut self, indent: usize) -> Option<String> {
        self.skip_blank();
        let line = self.lines.get(self.at)?;
        (indent_of(line) == indent).then(|| line.trim().to_owned())
    }

    fn node(&mut self, indent: usize) -> Value {
        match self.line_at(indent) {
            Some(line) if line.starts_with("- ") => self.list(indent),
            Some(_) => self.map(indent),
            None => Value::Null,
        }
    }

    fn list(&mut self, indent: usize) -> Value {
        let mut items = Vec::new();
        while let Some(line) = self.line_at(indent).filter(|line| line.starts_with("- ")) {
            let rest = line[2..].trim_start();
            if split_key(rest).is_none() {
                items.push(scalar(rest));
                self.at += 1;
            } else {
                // The item's first key stands behind the dash.
                self.lines[self.at] = format!("{}{rest}", " ".repeat(indent + 2));
                items.push(self.map(indent + 2));
            }
        }
        Value::Array(items)
    }

    fn map(&mut self, indent: usize) -> Value {
        let mut map = Map::new();
        while let Some(line) = self.line_at(indent) {
            let Some((key, rest)) = split_key(&line) else { break };
            self.at += 1;
            let value = match rest {
                "|" => Value::String(self.block(indent)),
                "" => self.nested(indent),
                rest => scalar(rest),
            };
            map.insert(key.to_owned(), value);
        }
        Value::Object(map)
    }

    fn nested(&mut self, indent: usize) -> Value {
        self.skip_blank();
        match self.lines.get(self.at).map(|line| indent_of(line)) {
            Some(inner) if inner > indent => self.node(inner),
            _ => Value::Null,
        }
    }

    /// The lines of a block scalar, without their common indentation.
    fn block(&mut self, indent: usize) -> String {
        let is_inside = |line: &&String| line.trim().is_empty() || indent_of(line) > indent;
        let lines: Vec<_> = self.lines[self.at..].iter().take_while(is_inside).cloned().collect();
        self.at += lines.len();
        let own = lines.iter().find(|line| !line.trim().is_empty()).map_or(0, |line| indent_of(line));
        lines.iter().flat_map(|line| [line.get(own..).unwrap_or_default(), "\n"]).collect()
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// `key: rest` or `key:`, without a comment.
fn split_key(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(": ").or_else(|| line.strip_suffix(':').map(|key| (key, "")))?;
    let is_key = key.chars().all(|one| one.is_ascii_alphanumeric() || "-_".contains(one));
    is_key.then(|| (key, rest.split(" #").next().unwrap_or_default().trim()))
}

fn scalar(text: &str) -> Value {
    let text = text.trim();
    if let Some(items) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return Value::Array(items.split(',').map(scalar).collect());
    }
    let inner = |quote| text.strip_prefix(quote).and_then(|text: &str| text.strip_suffix(quote));
    Value::String(inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned())
}

#[test]
fn maps_lists_and_blocks_are_read() {
    let text = "# c\non:\n  push:\n    branches: [main, next]\nsteps:\n  - uses: a@v1\n    with:\n      speed: \"3\"\n\n  - run: |\n      if x; then\n        y\n      fi\n    id: z\n";
    let expected = serde_json::json!({
        "on": {"push": {"branches": ["main", "next"]}},
        "steps": [
            {"uses": "a@v1", "with": {"speed": "3"}},
            {"run": "if x; then\n  y\nfi\n", "id": "z"},
        ],
    });
    assert_eq!(parse(text), expected);
}
