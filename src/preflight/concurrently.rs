//! Futures that run at the same time within one task.

use std::future::poll_fn;
use std::task::Poll;

/// Runs the futures together; their answers in their order.
pub(super) async fn concurrently<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut is_pending = false;
        for (future, answer) in &mut futures {
            if answer.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *answer = Some(output),
                    Poll::Pending => is_pending = true,
                }
            }
        }
        if is_pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    futures.into_iter().filter_map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_futures() {
        let slow_first = concurrently((0..5).map(|number| async move {
            for _ in number..5 {
                tokio::task::yield_now().await;
            }
            number
        }));
        assert_eq!(slow_first.await, [0, 1, 2, 3, 4]);
    }
}
