//! What remains when a load balancer is gone: network interfaces for a while, its security group, its placeholder
//! certificate.

use std::sync::PoisonError;
use std::time::Duration;

use super::PoolError;
use super::member::Member;
use crate::aws::AwsError;
use crate::aws::ec2::SecurityGroup;
use crate::engine::wait::{Condition, WaitError, wait_until};

/// Network interfaces of a load balancer go one to ten minutes after it, a certificate is free up to twenty minutes
/// after it (facts, composition sections 6 and 9).
const LIMIT: Duration = Duration::from_secs(25 * 60);

/// Rules of other groups that name the load balancer's group may go in the same run.
const REFERENCES_GO: Duration = Duration::from_secs(2 * 60);

impl Member<'_> {
    /// Deletes what belonged to the load balancer of a number, unless there is one of that number again.
    pub(super) async fn clean(&self, number: u8, load_balancer_arn: Option<&str>) -> Result<(), PoolError> {
        let bounds = self.bounds.at_most(LIMIT);
        if let Some(arn) = load_balancer_arn {
            let gone = wait_until(&bounds, || async {
                let found = self.pools.elbv2.find_load_balancer(arn).await?;
                Ok(pending_while(found.is_some(), "waiting for the load balancer to go"))
            });
            gone.await.map_err(from_wait)?;
        }
        let name = self.pool_id.load_balancer(number);
        if self.pools.elbv2.find_load_balancer_by_name(&name).await?.is_some() {
            return Ok(());
        }
        let group_name = self.pool_id.security_group(number);
        let group = self.pools.ec2.find_security_group_by_name(&group_name, &self.vpc_id).await?;
        if let Some(group) = group.filter(|group| self.pool_id.owns(&group.tags)) {
            let since = self.bounds.clock.now();
            let gone = wait_until(&bounds, || async {
                if self.pools.elbv2.find_load_balancer_by_name(&name).await?.is_some() {
                    return Ok(Condition::Ready(()));
                }
                let deleted = self.pools.ec2.delete_security_group(&group.id).await;
                let waited = self.bounds.clock.now().duration_since(since).unwrap_or_default();
                if is_in_use(&deleted) && waited >= REFERENCES_GO && self.is_kept_by_others(&group).await? {
                    return Ok(Condition::Ready(()));
                }
                is_free(
                    deleted,
                    "DependencyViolation",
                    "waiting for the load balancer's network interfaces to go",
                )
            });
            gone.await.map_err(from_wait)?;
        }
        self.delete_placeholders(number).await
    }

    /// Whether rules of somebody else's groups name a security group, so that it stays, and notes it.
    async fn is_kept_by_others(&self, group: &SecurityGroup) -> Result<bool, AwsError> {
        let mut referring = self.pools.ec2.list_security_groups_referencing(&group.id).await?;
        referring.retain(|other| other.id != group.id);
        if referring.is_empty() {
            return Ok(false);
        }
        let note = kept_group("of the load balancer", group, &referring);
        self.kept_groups.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        Ok(true)
    }

    /// Finishes deletions that were interrupted after the load balancer was gone.
    pub(super) async fn clean_leftovers(&self) -> Result<(), PoolError> {
        if !self.is_shared() {
            return self.clean(0, None).await;
        }
        let hosts: Vec<String> =
            self.pools.acm.list_certificates().await?.into_iter().map(|it| it.domain_name).collect();
        for number in 0..self.limits.load_balancers {
            if hosts.contains(&self.pool_id.placeholder_host(number)) {
                self.clean(number, None).await?;
            }
        }
        Ok(())
    }

    async fn delete_placeholders(&self, number: u8) -> Result<(), PoolError> {
        if !self.is_shared() {
            return Ok(());
        }
        let host = self.pool_id.placeholder_host(number);
        let bounds = self.bounds.at_most(LIMIT);
        let certificates = self.pools.acm.list_certificates().await?;
        for certificate in certificates.into_iter().filter(|certificate| certificate.domain_name == host) {
            let gone = wait_until(&bounds, || async {
                let deleted = self.pools.acm.delete_certificate(&certificate.arn).await;
                is_free(
                    deleted,
                    "ResourceInUseException",
                    "waiting for the listener's certificate to be free",
                )
            });
            gone.await.map_err(from_wait)?;
        }
        Ok(())
    }
}

fn is_in_use(deleted: &Result<(), AwsError>) -> bool {
    deleted.as_ref().is_err_and(|error| error.has_code("DependencyViolation"))
}

/// Says which rules keep a security group, and how it goes.
pub(crate) fn kept_group(whose: &str, group: &SecurityGroup, referring: &[SecurityGroup]) -> String {
    let names: Vec<_> = referring.iter().map(|other| format!("{} ({})", other.id, other.name)).collect();
    format!(
        "security group {} {whose}: rules of {} name it. Remove those rules, then the group: aws ec2 \
         delete-security-group --group-id {}",
        group.id,
        names.join(", "),
        group.id
    )
}

fn pending_while(is_pending: bool, pending: &str) -> Condition<()> {
    if is_pending { Condition::Pending(pending.to_owned()) } else { Condition::Ready(()) }
}

fn is_free(deleted: Result<(), AwsError>, in_use: &str, pending: &str) -> Result<Condition<()>, AwsError> {
    Ok(pending_while(AwsError::optional(deleted, &[in_use])?.is_none(), pending))
}

fn from_wait(error: WaitError<AwsError>) -> PoolError {
    match error {
        WaitError::TimedOut { pending } => PoolError::TimedOut { pending },
        WaitError::Interrupted { pending } => PoolError::Interrupted { pending },
        WaitError::Failed(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_is_waited_for_and_nothing_else() {
        let refused = |code: &str| Err(AwsError::refused("EC2", "DeleteSecurityGroup", code, ""));
        let free = |deleted| is_free(deleted, "DependencyViolation", "waiting");
        assert_eq!(free(Ok(())), Ok(Condition::Ready(())));
        assert_eq!(free(refused("DependencyViolation")), Ok(Condition::Pending("waiting".to_owned())));
        assert!(free(refused("UnauthorizedOperation")).is_err());
    }
}
