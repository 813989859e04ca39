//! What will happen in the simulated future, in order of time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::ecs::EcsEvent;
use super::elbv2::Elbv2Event;

/// Something that happens by itself when its time has come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Event {
    /// Progress inside Amazon ECS.
    Ecs(EcsEvent),
    /// Progress inside Elastic Load Balancing.
    Elbv2(Elbv2Event),
}

/// The events to come. Events of one instant happen in the order in which they were added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Agenda {
    entries: BTreeSet<Entry>,
    added: u64,
}

/// One event of one account and region. The field order is the order of execution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) due: Timestamp,
    sequence: u64,
    /// Key of the region in the world.
    pub(crate) region: String,
    pub(crate) event: Event,
}

impl Agenda {
    /// Adds an event of `region` at `due`.
    pub(crate) fn add(&mut self, due: Timestamp, region: &str, event: Event) {
        self.added += 1;
        self.entries.insert(Entry { due, sequence: self.added, region: region.to_owned(), event });
    }

    /// Whether nothing is to come.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes and returns the earliest event that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Entry> {
        if self.entries.first()?.due > now {
            return None;
        }
        self.entries.pop_first()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn events_come_in_order_of_time_and_then_of_arrival() {
        let start = Timestamp::default();
        let event =
            |service: &str| Event::Ecs(EcsEvent::Teardown { service: service.into(), created_at: start });
        let mut agenda = Agenda::default();
        agenda.add(start.after(Duration::from_secs(2)), "r", event("late"));
        agenda.add(start.after(Duration::from_secs(1)), "r", event("second"));
        agenda.add(start.after(Duration::from_secs(1)), "r", event("alphabetically first"));
        let now = start.after(Duration::from_secs(1));
        let order: Vec<Event> = std::iter::from_fn(|| agenda.pop_due(now)).map(|entry| entry.event).collect();
        assert_eq!(order, [event("second"), event("alphabetically first")]);
    }
}
