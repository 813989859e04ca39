//! A service leaves its pool.

use std::sync::PoisonError;

use super::member::Member;
use super::protocol::{KeptReason, Leave, LeaveFailure, LeaveReport, Next};
use super::{CALL_LIMIT, KeptLoadBalancer, LeaveRequest, Left, PoolError, Pools};
use crate::engine::Bounds;

impl Pools {
    /// Takes the service's certificates, rules and target groups away, and every load balancer of the pool that nobody
    /// uses any more, with its security group and placeholder certificate.
    ///
    /// Called again it goes on where it was interrupted; a service that never joined leaves as well.
    pub(crate) async fn leave(&self, bounds: &Bounds, request: &LeaveRequest) -> Result<Left, PoolError> {
        let member = Member::leaving(self, bounds, request);
        member.remove_certificates(&request.certificate_arns).await?;
        let mut leave = Leave::new(member.limits.clone());
        for _ in 0..CALL_LIMIT {
            match leave.next() {
                Next::Call(call) => {
                    let answer = member.call(&call).await?;
                    leave.answer(member.now(), answer);
                }
                Next::Finished(Ok(report)) => {
                    // A join that was cut short before its load balancer leaves a security group.
                    if member.is_shared() && report.deleted.is_empty() && report.kept.is_empty() {
                        member.clean(0, None).await?;
                    }
                    member.clean_leftovers().await?;
                    return Ok(member.left(report));
                }
                Next::Finished(Err(LeaveFailure::TargetGroupsInUse)) => {
                    return Err(PoolError::TargetGroupsInUse);
                }
                Next::Finished(Err(LeaveFailure::Unsettled { .. })) => break,
            }
        }
        Err(PoolError::Unsettled { pool_id: member.pool_id.to_string() })
    }
}

impl Member<'_> {
    /// Takes the service's certificates off every listener of the pool that has them.
    async fn remove_certificates(&self, certificate_arns: &[String]) -> Result<(), PoolError> {
        if certificate_arns.is_empty() || !self.is_shared() {
            return Ok(());
        }
        for view in self.observe_pool().await?.values() {
            let Some(listener_arn) = self.find_listener_arn(&view.balancer).await? else { continue };
            let present = self.pools.elbv2.list_listener_certificates(&listener_arn).await?;
            for arn in certificate_arns.iter().filter(|arn| present.contains(arn)) {
                self.pools.elbv2.remove_listener_certificate(&listener_arn, arn).await?;
            }
        }
        Ok(())
    }

    fn left(&self, report: LeaveReport<String>) -> Left {
        let kept = report.kept.into_iter();
        let kept =
            kept.map(|(arn, reason)| KeptLoadBalancer { arn, is_extended: reason == KeptReason::Extended });
        let mut kept_groups =
            std::mem::take(&mut *self.kept_groups.lock().unwrap_or_else(PoisonError::into_inner));
        kept_groups.dedup();
        Left { deleted_load_balancer_arns: report.deleted, kept: kept.collect(), kept_groups }
    }
}
