//! The engine's plan and the step that is at work, as its log has them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::lock;

thread_local! {
    /// Steps whose spans this thread is in, the innermost last.
    static ENTERED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Listens to spans named `step` and to the plan of a create.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    spans: Arc<Mutex<HashMap<Id, String>>>,
    plan: Arc<Mutex<Option<String>>>,
}

impl Steps {
    /// The plan that was logged last: a step with what it waits for in each line.
    pub(crate) fn plan(&self) -> Option<String> {
        lock(&self.plan).clone()
    }

    pub(crate) fn forget(&self) {
        *lock(&self.plan) = None;
    }
}

/// The step at work in this thread.
pub(crate) fn current() -> Option<String> {
    ENTERED.with_borrow(|entered| entered.last().cloned())
}

/// Reads one field.
struct Read {
    name: &'static str,
    text: Option<String>,
}

impl Visit for Read {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == self.name {
            let text = self.text.insert(String::new());
            // Writing to a string does not fail.
            let _ = write!(text, "{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Steps {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _context: Context<'_, S>) {
        if attributes.metadata().name() == "step" {
            let mut read = Read { name: "id", text: None };
            attributes.record(&mut read);
            lock(&self.spans).insert(id.clone(), read.text.unwrap_or_default());
        }
    }

    fn on_enter(&self, id: &Id, _context: Context<'_, S>) {
        if let Some(step) = lock(&self.spans).get(id) {
            ENTERED.with_borrow_mut(|entered| entered.push(step.clone()));
        }
    }

    fn on_exit(&self, id: &Id, _context: Context<'_, S>) {
        if lock(&self.spans).contains_key(id) {
            ENTERED.with_borrow_mut(|entered| drop(entered.pop()));
        }
    }

    fn on_close(&self, id: Id, _context: Context<'_, S>) {
        lock(&self.spans).remove(&id);
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut read = Read { name: "plan", text: None };
        event.record(&mut read);
        if let Some(plan) = read.text {
            *lock(&self.plan) = Some(plan);
        }
    }
}
