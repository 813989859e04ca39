//! A service of a pool: what the calls of the protocol need to know, and the calls themselves.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use super::protocol::{Answer, BalancerView, Call, Limits, Seconds};
use super::slots::{conditions, forward, priority, tombstone_action, tombstone_conditions};
use super::{JoinRequest, LeaveRequest, ListenerKind, PoolError, PoolId, Pools, Sharing};
use crate::aws::elbv2::{Action, Condition, Rule, RuleInput};
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::retry::{retrying, shown_within};
use crate::engine::{Bounds, EngineError};
use crate::service::{OwnerId, TOMBSTONE_TAG_KEY};

/// Reads of ELBv2 show what was written this long ago (facts, composition section 9).
pub(super) const READ_LAG: Duration = Duration::from_secs(30);
/// Answers in a row that may be missing before the operation fails with the last error.
const UNANSWERED_LIMIT: u8 = 9;
/// Between two tries of a call that had no effect.
const RETRY_DELAY: Duration = Duration::from_secs(2);
const RETRY_LIMIT: u8 = 45;

const LISTENER_GONE: [&str; 2] = ["ListenerNotFound", "LoadBalancerNotFound"];
const FULL: [&str; 3] = ["TooManyRules", "TooManyUniqueTargetGroupsPerLoadBalancer", "TooManyTargetGroups"];

/// A service that joins or leaves.
pub(super) struct Member<'a> {
    pub(super) pools: &'a Pools,
    pub(super) bounds: &'a Bounds,
    pub(super) limits: Limits,
    pub(super) pool_id: PoolId,
    pub(super) owner: OwnerId,
    pub(super) hosts: Vec<String>,
    pub(super) target_group_arns: Vec<String>,
    pub(super) vpc_id: String,
    pub(super) is_internal: bool,
    pub(super) subnet_ids: Vec<String>,
    /// Policy of an HTTPS listener.
    pub(super) ssl_policy: Option<String>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) rule_tags: BTreeMap<String, String>,
    pub(super) user_tags: BTreeMap<String, String>,
    /// Security groups that stay because rules of somebody else name them, in words.
    pub(super) kept_groups: Mutex<Vec<String>>,
    is_shared: bool,
}

impl<'a> Member<'a> {
    /// A service that joins.
    pub(super) fn joining(pools: &'a Pools, bounds: &'a Bounds, request: &JoinRequest) -> Self {
        let key = &request.key;
        let is_shared = key.sharing == Sharing::ByHost;
        Self {
            pools,
            bounds,
            limits: limits(is_shared),
            pool_id: key.id(),
            owner: request.owner.clone(),
            hosts: request.hosts.clone(),
            target_group_arns: request.target_group_arns.to_vec(),
            vpc_id: key.vpc_id.clone(),
            is_internal: key.is_internal,
            subnet_ids: key.subnet_ids.iter().cloned().collect(),
            ssl_policy: Some(key.ssl_policy.clone()),
            attributes: key.attributes.clone(),
            rule_tags: request.rule_tags.clone(),
            user_tags: request.shared_tags.clone(),
            kept_groups: Mutex::default(),
            is_shared,
        }
    }

    /// A service that leaves. It makes nothing but listeners, and those only where a join was interrupted.
    pub(super) fn leaving(pools: &'a Pools, bounds: &'a Bounds, request: &LeaveRequest) -> Self {
        let (is_shared, ssl_policy) = match &request.listener {
            ListenerKind::Https { ssl_policy } => (true, ssl_policy.clone()),
            ListenerKind::Http => (false, None),
        };
        Self {
            pools,
            bounds,
            limits: limits(is_shared),
            pool_id: request.pool_id.clone(),
            owner: request.owner.clone(),
            hosts: Vec::new(),
            target_group_arns: request.target_group_arns.clone(),
            vpc_id: request.vpc_id.clone(),
            is_internal: false,
            subnet_ids: Vec::new(),
            ssl_policy,
            attributes: BTreeMap::new(),
            rule_tags: BTreeMap::new(),
            user_tags: request.shared_tags.clone(),
            kept_groups: Mutex::default(),
            is_shared,
        }
    }

    /// Whether services are told apart by host names, on an HTTPS listener.
    pub(super) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Tags of what belongs to no single service.
    pub(super) fn shared_tags(&self, part: &str) -> BTreeMap<String, String> {
        let mut tags = self.user_tags.clone();
        tags.extend(self.pool_id.tags(part));
        tags
    }

    pub(super) fn now(&self) -> Seconds {
        let since_epoch = self.bounds.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.unwrap_or_default().as_secs()
    }

    /// Makes a call of the protocol.
    ///
    /// # Errors
    /// AWS refuses for a reason that is none of the protocol's, or the bounds end.
    pub(super) async fn call(&self, call: &Call<String>) -> Result<Answer<String>, PoolError> {
        tracing::debug!(?call, pool = %self.pool_id, "calling");
        Ok(match call {
            Call::ObservePool { is_settled } => {
                self.settle(*is_settled).await?;
                Answer::Pool(self.observe_pool().await?)
            }
            Call::Observe { balancer, is_settled } => {
                self.settle(*is_settled).await?;
                Answer::View(self.observe_shown(balancer, *is_settled).await?)
            }
            Call::EnsureBalancer { number } => self.ensure_load_balancer(*number).await?,
            Call::EnsureListeners { balancer } => {
                let number = balancer.split('/').nth(2).and_then(|name| self.pool_id.number_of(name));
                self.ensure_listeners(number.unwrap_or_default(), balancer).await?
            }
            Call::TakeSlot { balancer, slot } => self.take_slot(balancer, *slot).await?,
            Call::PlaceTombstone { balancer, slot, round } => {
                self.place_tombstone(balancer, *slot, *round).await?
            }
            Call::Protect { balancer } => self.protect(balancer).await?,
            Call::Unprotect { balancer, round } => {
                let elbv2 = self.pools.in_round(*round);
                self.in_round(|| elbv2.put_deletion_protection(balancer, false)).await?
            }
            Call::DeleteRule { rule } => {
                self.pools.elbv2.delete_rule(rule).await?;
                self.pools.recent.forget(rule);
                Answer::Done
            }
            Call::DeleteTargetGroups => self.delete_target_groups().await?,
            Call::DeleteBalancer { balancer, round } => {
                let elbv2 = self.pools.in_round(*round);
                let answer = self.in_round(|| elbv2.delete_load_balancer(balancer)).await?;
                if answer == Answer::Done {
                    self.pools.recent.forget(balancer);
                }
                answer
            }
            Call::Clean { number, balancer } => {
                self.clean(*number, Some(balancer)).await?;
                Answer::Done
            }
            Call::WaitUntil { time } => {
                let wait = Duration::from_secs(time.saturating_sub(self.now()));
                self.sleep(wait, "waiting for another process's deletion of a load balancer to end").await?;
                Answer::Done
            }
        })
    }

    async fn settle(&self, is_settled: bool) -> Result<(), PoolError> {
        if is_settled {
            let read_lag = self.bounds.clock.here(READ_LAG);
            self.sleep(read_lag, "waiting for AWS to show its load balancers as they are").await
        } else {
            Ok(())
        }
    }

    async fn sleep(&self, duration: Duration, pending: &str) -> Result<(), PoolError> {
        let pending = pending.to_owned();
        if self.bounds.sleep(duration).await {
            Ok(())
        } else if self.bounds.cancellation.is_cancelled() {
            Err(PoolError::Interrupted { pending })
        } else {
            Err(PoolError::TimedOut { pending })
        }
    }

    /// Makes a call until AWS knows what was just made (`aws::retry` says which refusals pass, and when they do not).
    pub(super) async fn patiently<T, F>(&self, call: impl FnMut() -> F) -> Result<T, PoolError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        retrying(self.bounds, call).await.map_err(from_engine)
    }

    /// Looks until something shows; `None`: it does not, so it is gone.
    pub(super) async fn shown<T, F>(&self, find: impl FnMut() -> F) -> Result<Option<T>, PoolError>
    where
        F: Future<Output = Result<Option<T>, AwsError>>,
    {
        shown_within(self.bounds, READ_LAG, find).await.map_err(from_engine)
    }

    /// One load balancer, with the rules that this process has just made on it.
    async fn observe_shown(
        &self,
        load_balancer_arn: &str,
        is_settled: bool,
    ) -> Result<Option<BalancerView<String>>, PoolError> {
        let is_whole = |view: Option<&BalancerView<String>>| {
            let (recent, now) = (&self.pools.recent, self.bounds.clock.now());
            match view {
                None => recent.load_balancers(now, READ_LAG).iter().all(|arn| arn != load_balancer_arn),
                Some(view) => recent
                    .rules(load_balancer_arn, now, READ_LAG)
                    .iter()
                    .all(|made| view.rules.iter().any(|seen| seen.rule == *made)),
            }
        };
        let shown = self.shown(|| async {
            let view = self.observe(load_balancer_arn, is_settled).await?;
            Ok(is_whole(view.as_ref()).then_some(view))
        });
        Ok(shown.await?.flatten())
    }

    async fn take_slot(&self, load_balancer_arn: &str, slot: u8) -> Result<Answer<String>, PoolError> {
        let Some(listener_arn) = self.find_shown_listener(load_balancer_arn).await? else {
            return Ok(Answer::Gone);
        };
        let [first, second] =
            [0, 1].map(|index| self.target_group_arns.get(index).cloned().unwrap_or_default());
        let mut tags = self.user_tags.clone();
        tags.extend(self.rule_tags.clone());
        let action = forward(&[first, second]);
        let input = rule_input(listener_arn, slot, conditions(&self.hosts), action, tags);
        let made = match self.patiently(|| self.pools.elbv2.create_rule(&input)).await {
            Ok(rule) => Ok(rule),
            Err(PoolError::Aws(error)) => Err(error),
            Err(error) => return Err(error),
        };
        self.taken(load_balancer_arn, made)
    }

    fn taken(
        &self,
        load_balancer_arn: &str,
        result: Result<Rule, AwsError>,
    ) -> Result<Answer<String>, PoolError> {
        let answer = taken(result)?;
        match &answer {
            Answer::Gone => self.pools.forget_listener(load_balancer_arn),
            Answer::Made(rule) => {
                self.pools.recent.note_rule(rule, load_balancer_arn, self.bounds.clock.now());
            }
            _ => {}
        }
        Ok(answer)
    }

    async fn place_tombstone(
        &self,
        load_balancer_arn: &str,
        slot: u8,
        round: Seconds,
    ) -> Result<Answer<String>, PoolError> {
        let Some(listener_arn) = self.find_listener_arn(load_balancer_arn).await? else {
            return Ok(Answer::Gone);
        };
        let mut tags = self.shared_tags("tombstone");
        tags.insert(TOMBSTONE_TAG_KEY.to_owned(), format!("{}@{round}", self.owner));
        let conditions = tombstone_conditions(&self.owner, round);
        let input = rule_input(listener_arn, slot, conditions, tombstone_action(), tags);
        let elbv2 = self.pools.in_round(round);
        let mut throttled = None;
        for _ in 0..RETRY_LIMIT {
            match elbv2.create_rule(&input).await {
                Err(error) if error.kind == AwsErrorKind::Throttled => {
                    throttled = Some(error);
                    self.sleep(RETRY_DELAY, "waiting for AWS to take more requests").await?;
                }
                Err(error) if is_expired(&error) => return Ok(Answer::Expired),
                Err(error) if is_effect_open(&error) => return self.unanswered(error),
                result => {
                    self.pools.answered();
                    return self.taken(load_balancer_arn, result);
                }
            }
        }
        throttled.map_or(Ok(Answer::Expired), |error| Err(error.into()))
    }

    /// A call that is signed for the beginning of its round, and sent once.
    async fn in_round<F>(&self, send: impl Fn() -> F) -> Result<Answer<String>, PoolError>
    where
        F: Future<Output = Result<(), AwsError>>,
    {
        let mut throttled = None;
        for _ in 0..RETRY_LIMIT {
            match send().await {
                Err(error) if error.kind == AwsErrorKind::Throttled => {
                    throttled = Some(error);
                    self.sleep(RETRY_DELAY, "waiting for AWS to take more requests").await?;
                }
                Err(error) if is_expired(&error) => return Ok(Answer::Expired),
                Err(error) if is_effect_open(&error) => return self.unanswered(error),
                result => {
                    self.pools.answered();
                    return Ok(match result {
                        Ok(()) => Answer::Done,
                        Err(error) if error.has_code("LoadBalancerNotFound") => Answer::Gone,
                        Err(error) if error.has_code("OperationNotPermitted") => Answer::Protected,
                        Err(error) => return Err(error.into()),
                    });
                }
            }
        }
        throttled.map_or(Ok(Answer::Expired), |error| Err(error.into()))
    }

    /// An answer that did not come. Too many in a row are a failure.
    fn unanswered(&self, error: AwsError) -> Result<Answer<String>, PoolError> {
        if self.pools.count_unanswered() > UNANSWERED_LIMIT { Err(error.into()) } else { Ok(Answer::Unknown) }
    }

    async fn delete_target_groups(&self) -> Result<Answer<String>, PoolError> {
        for arn in &self.target_group_arns {
            match self.pools.elbv2.delete_target_group(arn).await {
                Err(error) if error.has_code("ResourceInUse") => return Ok(Answer::InUse),
                result => result?,
            }
        }
        Ok(Answer::Done)
    }

    /// As [`Self::find_listener_arn`], of a load balancer that has been given its listeners.
    pub(super) async fn find_shown_listener(
        &self,
        load_balancer_arn: &str,
    ) -> Result<Option<String>, PoolError> {
        self.shown(|| self.find_listener_arn(load_balancer_arn)).await
    }

    /// The listener that has the slots; `None`: it is gone.
    pub(super) async fn find_listener_arn(
        &self,
        load_balancer_arn: &str,
    ) -> Result<Option<String>, AwsError> {
        if let Some(known) = self.pools.known_listener(load_balancer_arn) {
            return Ok(Some(known));
        }
        let listeners = self.pools.elbv2.list_listeners(load_balancer_arn).await?;
        let found = listeners.into_iter().find(|listener| listener.port == self.port());
        let found = found.map(|listener| listener.arn);
        if let Some(arn) = &found {
            self.pools.learn_listener(load_balancer_arn, arn);
        }
        Ok(found)
    }
}

fn from_engine(error: EngineError) -> PoolError {
    match error {
        EngineError::Aws(error) => error.into(),
        EngineError::Interrupted { pending } => PoolError::Interrupted { pending },
        other => PoolError::TimedOut { pending: other.to_string() },
    }
}

fn limits(is_shared: bool) -> Limits {
    if is_shared { Limits::PRODUCTION } else { Limits::ALONE }
}

fn rule_input(
    listener_arn: String,
    slot: u8,
    conditions: Vec<Condition>,
    action: Action,
    tags: BTreeMap<String, String>,
) -> RuleInput {
    RuleInput { listener_arn, priority: priority(slot), conditions, action, tags }
}

/// What `CreateRule` says about a slot.
fn taken(result: Result<Rule, AwsError>) -> Result<Answer<String>, AwsError> {
    let has = |error: &AwsError, codes: &[&str]| codes.iter().any(|code| error.has_code(code));
    match result {
        Ok(rule) => Ok(Answer::Made(rule.arn)),
        Err(error) if error.has_code("PriorityInUse") => Ok(Answer::InUse),
        Err(error) if has(&error, &LISTENER_GONE) => Ok(Answer::Gone),
        Err(error) if has(&error, &FULL) => Ok(Answer::Full),
        Err(error) if error.has_code("TargetGroupAssociationLimit") => Ok(Answer::Elsewhere),
        Err(error) => Err(error),
    }
}

/// Whether AWS may have carried the call out: there was no answer, or one of a server that failed.
fn is_effect_open(error: &AwsError) -> bool {
    !error.is_without_effect() || error.is_server_fault()
}

/// Whether AWS refuses a request because of the time in its signature.
fn is_expired(error: &AwsError) -> bool {
    error.has_code("RequestExpired") || error.says("signature expired") || error.says("request has expired")
}
