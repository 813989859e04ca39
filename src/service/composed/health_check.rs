//! How a target group tells a healthy task.

use crate::service::members::members;

members! {
    /// A target group's health check, apart from its path, which both engines have.
    pub struct HealthCheck {
        /// Time between two checks of one task.
        pub interval_seconds: Option<i32>,
        /// Time in which an answer must come.
        pub timeout_seconds: Option<i32>,
        /// Successes in a row that make a task healthy.
        pub healthy_threshold: Option<i32>,
        /// Failures in a row that make a task unhealthy.
        pub unhealthy_threshold: Option<i32>,
        /// Status codes that count as success, for example `200`, `200,302` or `200-299`.
        pub matcher: Option<String>,
        /// How long ECS ignores failed checks of a task that has just started.
        pub grace_period_seconds: Option<i32>,
    }
}
