//! Builds a service from plain AWS services.

#[cfg_attr(not(test), expect(dead_code, reason = "the engine that joins and leaves is not switched on yet"))]
pub(crate) mod pool;
