//! The keys of the terminal, read in a thread of their own: reading them blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{self, Event};
use tokio::sync::mpsc;

use super::keys::{Action, find_action};

/// How long the thread waits for a key before it looks whether anybody still wants one.
const PATIENCE: Duration = Duration::from_millis(100);
/// Keys that wait for the loop at the most; a keyboard is slower.
const KEY_LIMIT: usize = 64;

/// The keyboard. Dropping it ends the thread within a tenth of a second.
#[derive(Debug)]
pub(super) struct Keyboard {
    /// What the user wants, in order.
    pub(super) actions: mpsc::Receiver<Action>,
    is_over: Arc<AtomicBool>,
}

impl Keyboard {
    /// Listens from now on. A keyboard that cannot be read is one on which nobody types.
    pub(super) fn listen() -> Self {
        let (sender, actions) = mpsc::channel(KEY_LIMIT);
        let is_over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&is_over);
        tokio::task::spawn_blocking(move || {
            while !until.load(Ordering::Relaxed) {
                let Ok(is_waiting) = event::poll(PATIENCE) else { break };
                if !is_waiting {
                    continue;
                }
                let Ok(event) = event::read() else { break };
                let Event::Key(key) = event else { continue };
                if let Some(action) = find_action(key)
                    && sender.blocking_send(action).is_err()
                {
                    break;
                }
            }
        });
        Self { actions, is_over }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
