//! Panics in the words that core recognises.
//!
//! Core shows "The plugin crashed!" with everything that follows a stderr line `panic: …` or `fatal error: …`
//! as long as the lines are plain text (protocol section 1.5). Rust's own words go unnoticed.

use std::backtrace::Backtrace;
use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Reports panics on stderr from now on, in all threads.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let report = report(panic, &Backtrace::force_capture());
        // There is nowhere to report that stderr is closed.
        let _ = std::io::stderr().lock().write_all(report.as_bytes());
    }));
}

fn report(panic: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    let version = env!("CARGO_PKG_VERSION");
    format!("panic: {message}\n\n{place} in thread {thread}, version {version}\n{backtrace}\n")
}
