//! What a pool looks like: three reads for each load balancer, one for all.

use super::member::READ_LAG;
use super::protocol::{BalancerView, PoolView, SlotRule};
use super::slots::{holder, slot_of};
use super::{Member, PoolError};
use crate::aws::AwsError;
use crate::aws::elbv2::{LoadBalancer, Rule};

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

impl Member<'_> {
    /// The load balancers of the pool by number.
    pub(super) async fn observe_pool(&self) -> Result<PoolView<String>, PoolError> {
        let mut pool = PoolView::new();
        for load_balancer in self.list_load_balancers().await? {
            let Some(number) = self.pool_id.number_of(&load_balancer.name) else { continue };
            if number < self.limits.load_balancers {
                pool.insert(number, self.observe_listeners(&load_balancer, false).await?);
            }
        }
        Ok(pool)
    }

    /// All load balancers, those included that this process has just made.
    async fn list_load_balancers(&self) -> Result<Vec<LoadBalancer>, PoolError> {
        let shown = self.shown(|| async {
            let found = self.pools.elbv2.list_load_balancers().await?;
            let made = self.pools.recent.load_balancers(self.bounds.clock.now(), READ_LAG);
            let is_whole = made.iter().all(|made| found.iter().any(|found| found.arn == *made));
            Ok(is_whole.then_some(found))
        });
        match shown.await? {
            Some(found) => Ok(found),
            None => Ok(self.pools.elbv2.list_load_balancers().await?),
        }
    }

    /// One load balancer; `None`: it is gone.
    pub(super) async fn observe(
        &self,
        load_balancer_arn: &str,
        is_settled: bool,
    ) -> Result<Option<BalancerView<String>>, AwsError> {
        let Some(load_balancer) = self.pools.elbv2.find_load_balancer(load_balancer_arn).await? else {
            return Ok(None);
        };
        let is_protected = is_settled && self.is_protected(load_balancer_arn).await?;
        self.observe_listeners(&load_balancer, is_protected).await.map(Some)
    }

    async fn observe_listeners(
        &self,
        load_balancer: &LoadBalancer,
        is_protected: bool,
    ) -> Result<BalancerView<String>, AwsError> {
        let listeners = self.pools.elbv2.list_listeners(&load_balancer.arn).await?;
        let mut view = BalancerView {
            balancer: load_balancer.arn.clone(),
            has_listener: false,
            rules: Vec::new(),
            is_extended: listeners.iter().any(|listener| ![HTTP_PORT, HTTPS_PORT].contains(&listener.port)),
            is_protected,
        };
        for listener in listeners {
            let rules = if listener.port == self.port() {
                view.has_listener = true;
                self.pools.elbv2.list_rules(&listener.arn).await?
            } else {
                continue;
            };
            let (slots, others): (Vec<_>, Vec<_>) = rules
                .into_iter()
                .filter(|rule| !rule.is_default)
                .map(|rule| (slot_of(&rule, self.limits.slots), rule))
                .partition(|(slot, _)| slot.is_some());
            view.is_extended |= !others.is_empty();
            view.rules = slots.into_iter().filter_map(|(slot, rule)| Some(self.seen(slot?, &rule))).collect();
        }
        Ok(view)
    }

    fn seen(&self, slot: u8, rule: &Rule) -> SlotRule<String> {
        let holder = holder(rule, &self.owner, &self.target_group_arns, &self.hosts);
        SlotRule { rule: rule.arn.clone(), slot, holder }
    }

    /// The port of the listener that has the slots.
    pub(super) fn port(&self) -> u16 {
        if self.is_shared() { HTTPS_PORT } else { HTTP_PORT }
    }

    async fn is_protected(&self, load_balancer_arn: &str) -> Result<bool, AwsError> {
        let attributes = self.pools.elbv2.find_load_balancer_attributes(load_balancer_arn).await?;
        Ok(attributes.is_some_and(|attributes| {
            attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true")
        }))
    }
}
