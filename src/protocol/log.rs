//! The log: one hclog JSON object a line on stderr, which core reads (protocol section 1.5).
//!
//! Only events of this crate are written. Libraries' events are not: at low levels they hold request bodies,
//! and with them secrets and environment values. What our own events may hold is decided where they are written.

use std::fmt;
use std::io::Write as _;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::clock::SharedClock;

/// Longest line; core splits longer ones, and they lose their level.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest text of one field, so that a line of a few long fields still fits.
const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Variables that say how much to log; the most specific one that is set decides.
const LEVEL_VARIABLES: [&str; 3] = ["TF_LOG_PROVIDER_EXPRESS", "TF_LOG_PROVIDER", "TF_LOG"];
/// The time as Go's hclog parses it; any other format turns the whole line into plain text.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
/// The start of the targets of our own events.
const OWN_TARGET: &str = "terraform_provider_express";

/// Writes this crate's events to stderr from now on, at the level that the environment asks for.
///
/// A second call in one process changes nothing.
pub(crate) fn install(clock: SharedClock) {
    let level = level_of(|name| std::env::var(name).ok());
    if level == LevelFilter::OFF {
        return;
    }
    let layer = HclogLayer { level, clock, write_line: write_to_stderr };
    // Fails only if a subscriber is there already.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
}

/// The level that the environment asks for. Nothing is logged unless something asks: nobody would read it.
fn level_of(find_variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let asked =
        LEVEL_VARIABLES.into_iter().find_map(|name| find_variable(name).filter(|value| !value.is_empty()));
    match asked.unwrap_or_default().to_ascii_uppercase().as_str() {
        "" | "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        // `TRACE`, `JSON`, and as in core every other word.
        _ => LevelFilter::TRACE,
    }
}

fn write_to_stderr(line: &str) {
    // There is nowhere to report that stderr is closed.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

struct HclogLayer<W> {
    level: LevelFilter,
    clock: SharedClock,
    write_line: W,
}

impl<S: Subscriber, W: Fn(&str) + 'static> Layer<S> for HclogLayer<W> {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.level() <= &self.level && metadata.target().starts_with(OWN_TARGET)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let now = OffsetDateTime::from(self.clock.now());
        (self.write_line)(&line(event, now));
    }
}

fn line(event: &Event<'_>, now: OffsetDateTime) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut object = Map::new();
    // These three must be strings: core panics on anything else.
    object.insert("@level".to_owned(), level_name(*event.metadata().level()).into());
    object.insert("@message".to_owned(), fields.message.into());
    object.insert("@timestamp".to_owned(), now.format(TIMESTAMP).unwrap_or_default().into());
    object.insert("@module".to_owned(), event.metadata().target().replace("::", ".").into());
    object.append(&mut fields.others);
    let line = Value::Object(object.clone()).to_string();
    if line.len() < LINE_BYTES_MAX {
        return line + "\n";
    }
    object.retain(|name, _| name.starts_with('@'));
    object.insert("omitted".to_owned(), "the other fields: the line was too long".into());
    Value::Object(object).to_string() + "\n"
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// The fields of one event.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }

    fn insert_text(&mut self, field: &Field, text: &str) {
        let text = shortened(text);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.insert(field, text.into());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert_text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert_text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.insert_text(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value.into());
    }
}

/// The text, cut at [`FIELD_BYTES_MAX`] between characters.
fn shortened(text: &str) -> String {
    if text.len() <= FIELD_BYTES_MAX {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(FIELD_BYTES_MAX);
    format!("{}... ({} bytes)", &text[..cut], text.len())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::clock::VirtualClock;

    /// The lines that `act` logs at `level`.
    fn lines_of(level: LevelFilter, act: impl FnOnce()) -> Vec<String> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let write_line = move |line: &str| sink.lock().expect("not poisoned").push(line.to_owned());
        let start = SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_042);
        let clock = Arc::new(VirtualClock::starting_at(start));
        let layer = HclogLayer { level, clock, write_line };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let lines = lines.lock().expect("not poisoned");
        lines.clone()
    }

    #[test]
    fn a_line_is_what_hclog_reads() {
        let lines =
            lines_of(LevelFilter::INFO, || tracing::info!(count = 3, name = "a\nb", "it is {}", "done"));
        let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let object: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(object["@level"], "info");
        assert_eq!(object["@message"], "it is done");
        assert_eq!(object["@timestamp"], "2023-11-14T22:13:20.000042Z");
        assert_eq!(object["@module"], "terraform_provider_express.protocol.log.tests");
        assert_eq!((&object["count"], &object["name"]), (&3.into(), &"a\nb".into()));
    }

    #[test]
    fn other_crates_and_lower_levels_are_not_logged() {
        let lines = lines_of(LevelFilter::WARN, || {
            tracing::error!(target: "aws_smithy_runtime::client", "a request with a secret");
            tracing::info!("too low");
            tracing::warn!("this one");
        });
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains("this one"));
    }

    #[test]
    fn no_line_is_longer_than_core_reads() {
        let long = "é".repeat(100_000);
        let [line] = &lines_of(LevelFilter::INFO, || tracing::info!("{long}"))[..] else {
            panic!("one line")
        };
        assert!(line.len() < FIELD_BYTES_MAX + 500);

        let x = "\u{1}".repeat(FIELD_BYTES_MAX);
        let many = || tracing::info!(a = %x, b = %x, c = %x, d = x, e = x, "many");
        let [line] = &lines_of(LevelFilter::INFO, many)[..] else { panic!("one line") };
        assert!(line.len() <= LINE_BYTES_MAX);
        assert!(line.contains("many") && line.contains("too long"));
    }

    #[test]
    fn the_most_specific_variable_decides() {
        let level = |variables: &[(&str, &str)]| {
            level_of(|name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(level(&[]), LevelFilter::OFF);
        assert_eq!(level(&[("TF_LOG", "warn")]), LevelFilter::WARN);
        assert_eq!(level(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(level(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "error")]), LevelFilter::ERROR);
        let all = [("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "error"), ("TF_LOG_PROVIDER_EXPRESS", "Debug")];
        assert_eq!(level(&all), LevelFilter::DEBUG);
        assert_eq!(level(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "off")]), LevelFilter::OFF);
    }
}
