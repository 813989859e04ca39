//! Coalesced reads: look-ups by key that several RPCs make at the same time become one call.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::aws::{AwsError, AwsErrorKind};

type Answer<V> = Result<Option<V>, AwsError>;
type Fetching<K, V> = Pin<Box<dyn Future<Output = Result<HashMap<K, V>, AwsError>> + Send>>;
type Fetch<K, V> = Box<dyn Fn(Vec<K>) -> Fetching<K, V> + Send + Sync>;

/// Turns of the scheduler that a call waits for company.
const TURNS_TO_GATHER: u32 = 8;
/// Times that a look-up is asked again when the task that carried it was cancelled.
const CARRIER_LIMIT: u32 = 5;

/// Reads by key, `limit` keys to a call.
///
/// # Guarantees
/// At most one call is under way; look-ups that arrive meanwhile share the next one. An error reaches every
/// look-up of its call. A cancelled caller does not lose the look-ups that it carried: they are asked again.
pub(crate) struct Batch<K, V> {
    limit: usize,
    fetch: Fetch<K, V>,
    waiting: Mutex<Vec<(K, oneshot::Sender<Answer<V>>)>>,
    turn: tokio::sync::Mutex<()>,
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// `fetch` answers up to `limit` distinct keys at once; keys without an answer do not exist.
    pub(crate) fn new<F>(limit: usize, fetch: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<HashMap<K, V>, AwsError>> + Send + 'static,
    {
        let fetch: Fetch<K, V> = Box::new(move |keys| Box::pin(fetch(keys)));
        Self { limit, fetch, waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Looks up one key; `None`: it does not exist.
    pub(crate) async fn find(&self, key: &K) -> Answer<V> {
        for _ in 0..CARRIER_LIMIT {
            let (sender, mut receiver) = oneshot::channel();
            self.lock().push((key.clone(), sender));
            let _turn = self.turn.lock().await;
            loop {
                match receiver.try_recv() {
                    Ok(answer) => return answer,
                    Err(oneshot::error::TryRecvError::Closed) => break,
                    Err(oneshot::error::TryRecvError::Empty) => self.carry().await,
                }
            }
        }
        Err(AwsError::of_kind("AWS", "Describe", AwsErrorKind::NotSent, "the shared look-up was cancelled"))
    }

    /// Answers the look-ups that have waited longest.
    async fn carry(&self) {
        for _ in 0..TURNS_TO_GATHER {
            tokio::task::yield_now().await;
        }
        let (keys, askers) = self.take();
        let answers = (self.fetch)(keys).await;
        for (key, asker) in askers {
            let answer = match &answers {
                Ok(values) => Ok(values.get(&key).cloned()),
                Err(error) => Err(error.clone()),
            };
            // An asker that has gone away needs no answer.
            let _ = asker.send(answer);
        }
    }

    #[expect(clippy::type_complexity, reason = "the askers stay with their keys")]
    fn take(&self) -> (Vec<K>, Vec<(K, oneshot::Sender<Answer<V>>)>) {
        let mut waiting = self.lock();
        let mut keys = Vec::new();
        let mut taken = 0;
        for (key, _) in waiting.iter() {
            if !keys.contains(key) {
                if keys.len() == self.limit {
                    break;
                }
                keys.push(key.clone());
            }
            taken += 1;
        }
        let askers = waiting.drain(..taken).collect();
        (keys, askers)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(K, oneshot::Sender<Answer<V>>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    type Calls = Arc<Mutex<Vec<usize>>>;

    fn doubling(limit: usize) -> (Arc<Batch<u32, u32>>, Calls) {
        let calls = Calls::default();
        let seen = Arc::clone(&calls);
        let batch = Batch::new(limit, move |keys: Vec<u32>| {
            seen.lock().expect("not poisoned").push(keys.len());
            async move { Ok(keys.into_iter().filter(|key| *key != 13).map(|key| (key, key * 2)).collect()) }
        });
        (Arc::new(batch), calls)
    }

    #[tokio::test]
    async fn concurrent_look_ups_share_calls_of_the_allowed_size() {
        let (batch, calls) = doubling(10);
        let tasks: Vec<_> = (0..25)
            .map(|key| {
                let batch = Arc::clone(&batch);
                tokio::spawn(async move { batch.find(&key).await })
            })
            .collect();
        for (key, task) in (0_u32..).zip(tasks) {
            let expected = if key == 13 { None } else { Some(key * 2) };
            assert_eq!(task.await.expect("no panic"), Ok(expected));
        }
        assert_eq!(*calls.lock().expect("not poisoned"), [10, 10, 5]);
    }

    #[tokio::test]
    async fn the_same_key_is_asked_once_in_a_call() {
        let (batch, calls) = doubling(10);
        let (first, second) = tokio::join!(batch.find(&1), batch.find(&1));
        assert_eq!((first, second), (Ok(Some(2)), Ok(Some(2))));
        assert_eq!(*calls.lock().expect("not poisoned"), [1]);
    }

    #[tokio::test]
    async fn a_cancelled_carrier_does_not_lose_the_others() {
        let (batch, _) = doubling(10);
        {
            let mut carrier = Box::pin(batch.find(&1));
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            assert!(carrier.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(batch.find(&2).await, Ok(Some(4)));
    }
}
