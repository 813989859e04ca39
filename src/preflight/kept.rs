//! Answers that are asked for once: by key, for a while, shared by everybody who asks meanwhile.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::OnceCell;

/// How long an answer holds. A run that makes what was missing is believed soon afterwards.
const KEPT: Duration = Duration::from_secs(60);
/// Answers that are kept of one kind; the oldest goes first.
const LIMIT: usize = 2_000;

/// What a look-up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looked<V> {
    /// It is there.
    Found(V),
    /// It is not there.
    Missing,
    /// AWS may not be asked, or does not answer. Nothing follows from that.
    Hidden,
}

impl<V> Looked<V> {
    /// What is there.
    pub(crate) fn found(self) -> Option<V> {
        match self {
            Self::Found(value) => Some(value),
            Self::Missing | Self::Hidden => None,
        }
    }
}

/// Answers by key.
///
/// # Guarantees
/// Of those who ask for one key at the same time, one looks; another takes over if that one is cancelled.
pub(super) struct Kept<K, V> {
    entries: Mutex<HashMap<K, Entry<V>>>,
}

struct Entry<V> {
    since: SystemTime,
    answer: Arc<OnceCell<Looked<V>>>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { entries: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    /// The answer for `key`, which `look` gives if there is none from the last minute.
    pub(super) async fn find<F>(&self, now: SystemTime, key: K, look: impl FnOnce() -> F) -> Looked<V>
    where
        F: Future<Output = Looked<V>>,
    {
        let answer = self.entry(now, key);
        answer.get_or_init(|| Box::pin(look())).await.clone()
    }

    fn entry(&self, now: SystemTime, key: K) -> Arc<OnceCell<Looked<V>>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |entry: &Entry<V>| now.duration_since(entry.since).unwrap_or_default() < KEPT;
        if let Some(entry) = entries.get(&key).filter(|entry| is_fresh(entry)) {
            return Arc::clone(&entry.answer);
        }
        if entries.len() >= LIMIT {
            entries.retain(|_, entry| is_fresh(entry));
        }
        if entries.len() >= LIMIT {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.since).map(|(key, _)| key.clone());
            oldest.and_then(|key| entries.remove(&key));
        }
        let answer = Arc::new(OnceCell::new());
        entries.insert(key, Entry { since: now, answer: Arc::clone(&answer) });
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn one_of_those_who_ask_looks_and_a_later_one_looks_again() {
        let (kept, looks) = (Kept::<&str, usize>::default(), AtomicUsize::new(0));
        let look = || async {
            let count = looks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Looked::Found(count)
        };
        let start = SystemTime::UNIX_EPOCH;
        let (first, second) = tokio::join!(kept.find(start, "a", look), kept.find(start, "a", look));
        assert_eq!((first, second), (Looked::Found(0), Looked::Found(0)));
        let soon = start + Duration::from_secs(59);
        assert_eq!(kept.find(soon, "a", look).await, Looked::Found(0));
        assert_eq!(kept.find(soon, "b", look).await, Looked::Found(1));
        let late = start + Duration::from_secs(60);
        assert_eq!(kept.find(late, "a", look).await, Looked::Found(2));
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let kept = Kept::<usize, ()>::default();
        for key in 0..LIMIT + 10 {
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(key as u64);
            kept.find(now, key, || async { Looked::Missing }).await;
        }
        let entries = kept.entries.lock().expect("not poisoned");
        assert_eq!(entries.len(), LIMIT);
        assert!(!entries.contains_key(&9) && entries.contains_key(&10));
    }
}
