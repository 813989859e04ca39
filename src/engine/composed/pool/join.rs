//! A service joins its pool.

use super::member::Member;
use super::protocol::{BalancerView, Join, JoinFailure, Next, Seat};
use super::slots::priority;
use super::{CALL_LIMIT, JoinRequest, Joined, PoolError, Pools};
use crate::engine::Bounds;

impl Pools {
    /// Gets the service a rule on a load balancer of its pool, or finds the one that it has.
    ///
    /// The load balancer may still be `provisioning`. An interrupted join leaves at the most a rule of the service, which
    /// the next join finds, and a load balancer without services, which goes with the next service that leaves.
    pub(crate) async fn join(&self, bounds: &Bounds, request: &JoinRequest) -> Result<Joined, PoolError> {
        let member = Member::joining(self, bounds, request);
        // Processes that begin at different slots seldom try the same one.
        let first_slot = request.owner.as_str().bytes().fold(0u8, u8::wrapping_add);
        let mut join = Join::new(member.limits.clone(), first_slot, request.full_numbers.clone());
        for _ in 0..CALL_LIMIT {
            match join.next() {
                Next::Call(call) => {
                    let answer = member.call(&call).await?;
                    join.answer(member.now(), answer);
                }
                Next::Finished(Ok(seat)) => return member.joined(seat).await,
                Next::Finished(Err(failure)) => return Err(member.not_joined(failure)),
            }
        }
        Err(member.not_joined(JoinFailure::Unsettled))
    }
}

impl Pools {
    /// The rule of another service of the pool that has one of these host names, on any of its load balancers.
    pub(crate) async fn find_rival(
        &self,
        bounds: &Bounds,
        request: &JoinRequest,
    ) -> Result<Option<String>, PoolError> {
        let pool = Member::joining(self, bounds, request).observe_pool().await?;
        Ok(pool.values().find_map(BalancerView::rival).map(|rival| rival.rule.clone()))
    }
}

impl Member<'_> {
    async fn joined(&self, seat: Seat<String>) -> Result<Joined, PoolError> {
        let unsettled = || self.not_joined(JoinFailure::Unsettled);
        let found = self.shown(|| self.pools.elbv2.find_load_balancer(&seat.balancer)).await?;
        let load_balancer = found.ok_or_else(unsettled)?;
        let listener_arn = self.find_shown_listener(&seat.balancer).await?.ok_or_else(unsettled)?;
        Ok(Joined {
            number: seat.number,
            load_balancer_arn: load_balancer.arn,
            dns_name: load_balancer.dns_name,
            zone_id: load_balancer.zone_id,
            security_group_ids: load_balancer.security_group_ids,
            listener_arn,
            rule_arn: seat.rule,
            priority: priority(seat.slot),
        })
    }

    fn not_joined(&self, failure: JoinFailure<String>) -> PoolError {
        let pool_id = self.pool_id.to_string();
        match failure {
            JoinFailure::HostTaken { rule } => PoolError::HostTaken { rule_arn: rule },
            JoinFailure::PoolFull => PoolError::PoolFull { pool_id },
            JoinFailure::Unsettled => PoolError::Unsettled { pool_id },
            JoinFailure::SlotShared => PoolError::SlotShared,
        }
    }
}
