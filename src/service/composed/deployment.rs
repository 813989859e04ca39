//! How a new revision comes into service (`deploymentConfiguration` of ECS).

use super::percent::Percent;
use crate::service::members::members;

members! {
    /// Strategy, pace and the two guards of a deployment.
    pub struct DeploymentConfiguration {
        /// How traffic moves.
        pub strategy: Option<DeploymentStrategy>,
        /// How long both revisions run once all traffic is on the new one. Not with `ROLLING`.
        pub bake_time_minutes: Option<i32>,
        /// `CANARY`: share of the traffic for the first step.
        pub canary_percent: Option<Percent>,
        /// `CANARY`: length of the first step.
        pub canary_bake_time_minutes: Option<i32>,
        /// `LINEAR`: share of the traffic that each step moves.
        pub linear_step_percent: Option<Percent>,
        /// `LINEAR`: length of a step.
        pub linear_step_bake_time_minutes: Option<i32>,
        /// `ROLLING`: most tasks while a deployment runs, in percent of the desired count.
        pub maximum_percent: Option<i32>,
        /// `ROLLING`: fewest healthy tasks while a deployment runs, in percent of the desired count.
        pub minimum_healthy_percent: Option<i32>,
        /// The alarm that rolls a deployment back.
        pub alarm: RollbackAlarm,
        /// What rolls a deployment back whose tasks do not start.
        pub circuit_breaker: CircuitBreaker,
    }
}

members! {
    /// The alarm on the share of failed requests.
    pub struct RollbackAlarm {
        /// Whether there is one.
        pub enable: Option<bool>,
        /// Share of failed requests above which it goes off.
        pub threshold_percent: Option<Percent>,
        /// Whether answers 4xx count as failed, as 5xx do.
        pub include_4xx: Option<bool>,
    }
}

members! {
    /// The circuit breaker of ECS.
    pub struct CircuitBreaker {
        /// Whether a deployment whose tasks keep failing is stopped.
        pub enable: Option<bool>,
        /// Whether the revision from before then comes back.
        pub rollback: Option<bool>,
    }
}

/// How traffic moves from one revision to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentStrategy {
    /// A small share first, then all.
    Canary,
    /// Equal steps.
    Linear,
    /// All at once, with the way back open for the bake time.
    BlueGreen,
    /// Task by task in one target group, without a weighted rule.
    Rolling,
}

named! {
    DeploymentStrategy, StrategyError, "deployment strategy" {
        Canary => "CANARY",
        Linear => "LINEAR",
        BlueGreen => "BLUE_GREEN",
        Rolling => "ROLLING",
    }
}

impl DeploymentStrategy {
    /// Whether traffic moves between two target groups, by the weights of one listener rule.
    pub fn shifts_traffic(self) -> bool {
        self != Self::Rolling
    }
}

impl DeploymentConfiguration {
    /// Whether ECS may spread tasks over zones by itself: it starts the new task first, so it needs room for one more
    /// (API reference, `availabilityZoneRebalancing`).
    pub fn leaves_room_for_rebalancing(&self) -> bool {
        self.maximum_percent.is_none_or(|percent| percent > 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_keeps_its_spelling_and_others_are_refused_with_the_list() {
        for name in DeploymentStrategy::NAMES {
            assert_eq!(name.parse::<DeploymentStrategy>().map(DeploymentStrategy::as_str), Ok(*name));
        }
        let error = "canary".parse::<DeploymentStrategy>().expect_err("lower case");
        assert_eq!(
            error.to_string(),
            "`canary` is no deployment strategy; allowed: CANARY, LINEAR, BLUE_GREEN, ROLLING"
        );
    }
}
