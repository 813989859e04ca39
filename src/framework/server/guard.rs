//! A panic inside a resource fails that operation, not the process.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use crate::framework::Diagnostic;

/// Runs one operation of a resource; a panic becomes an error diagnostic. The panic's own message goes to the
/// log through the panic hook only, since it may hold values.
pub(super) async fn guarded<T>(
    type_name: &str,
    operation: &str,
    future: impl Future<Output = T>,
) -> Result<T, Diagnostic> {
    let mut future = pin!(future);
    let result = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => std::task::Poll::Ready(Err(())),
    });
    result.await.map_err(|()| panicked(type_name, operation))
}

/// [`guarded`] for what is not async.
pub(super) fn guarded_call<T>(
    type_name: &str,
    operation: &str,
    call: impl FnOnce() -> T,
) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| panicked(type_name, operation))
}

fn panicked(type_name: &str, operation: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Internal error in the {operation} of {type_name}"),
        "The provider panicked. This is a defect of the provider, not of your configuration.",
    )
    .hint("run again with TF_LOG=error and report what the log says")
}
