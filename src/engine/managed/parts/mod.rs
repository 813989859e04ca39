//! What Express made for a service, looked at itself: ECS goes on to call a part `ACTIVE` that somebody deleted.
//!
//! A refresh asks this, so it has to cost next to nothing for a service: parts are read by listings that all services of a
//! run share for some seconds, and only what a listing does not show is asked for by its name. Where AWS may not be asked
//! or does not answer, nothing is said.

mod judge;
mod looks;
mod shelf;

use std::sync::Arc;

use crate::aws::acm::Acm;
use crate::aws::autoscaling::AutoScaling;
use crate::aws::cloudwatch::CloudWatch;
use crate::aws::ec2::Ec2;
use crate::aws::elbv2::Elbv2;
use crate::aws::logs::Logs;
use crate::clock::SharedClock;
use crate::service::{ObservedService, ServiceStatus};
pub(crate) use shelf::Shelf;

/// Looks at parts.
pub(crate) struct Parts {
    pub(crate) elbv2: Arc<Elbv2>,
    pub(crate) ec2: Arc<Ec2>,
    pub(crate) acm: Arc<Acm>,
    pub(crate) autoscaling: Arc<AutoScaling>,
    pub(crate) cloudwatch: Arc<CloudWatch>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) clock: SharedClock,
    /// What the listings showed.
    pub(crate) shelf: Shelf,
}

impl Parts {
    /// The service with what is missing or changed underneath, and with the bounds that Application Auto Scaling holds.
    pub(super) async fn look(&self, observed: ObservedService) -> ObservedService {
        if !is_settled(&observed) {
            return observed;
        }
        let seen = Box::pin(looks::look(self, &observed)).await;
        judge::with_live_scaling(judge::with_faults(observed, &seen), &seen)
    }

    /// The same, without anything that was read before.
    pub(super) async fn look_anew(&self, observed: ObservedService) -> ObservedService {
        self.shelf.clear().await;
        self.look(observed).await
    }

    /// The service after an update, with what is still missing underneath. Its bounds are what was asked for: Application
    /// Auto Scaling may hear of them a moment later.
    pub(super) async fn look_again(&self, observed: ObservedService) -> ObservedService {
        self.shelf.clear().await;
        if !is_settled(&observed) {
            return observed;
        }
        let seen = Box::pin(looks::look(self, &observed)).await;
        judge::with_faults(observed, &seen)
    }
}

/// Whether nothing is on its way: while a deployment runs, Express itself moves its parts.
fn is_settled(observed: &ObservedService) -> bool {
    observed.status == ServiceStatus::Active && !observed.is_deploying()
}
