//! Builds a service from plain AWS services.

#[expect(dead_code, unused_imports, reason = "the engine that joins and leaves is not switched on yet")]
pub(crate) mod pool;
