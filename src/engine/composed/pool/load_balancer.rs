//! A load balancer of the pool with its security group.

use super::protocol::Answer;
use super::{Member, PoolError};
use crate::aws::AwsError;
use crate::aws::ec2::{Direction, Peer, Permission, SecurityGroupInput};
use crate::aws::elbv2::{LoadBalancer, LoadBalancerInput, Scheme};

/// Private addresses (RFC 1918, RFC 6598): who may reach an internal load balancer.
const PRIVATE_NETWORKS: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// The security group went with another process's deletion: it did not show for as long as one takes that was just made.
const GROUP_GONE: [&str; 3] = ["InvalidSecurityGroup", "SecurityGroupNotFound", "InvalidGroup.NotFound"];

impl Member<'_> {
    /// Makes the load balancer of a number, or finds it. AWS answers to a second create of the same with the same.
    pub(super) async fn ensure_load_balancer(&self, number: u8) -> Result<Answer<String>, PoolError> {
        let group_id = match self.ensure_security_group(number).await {
            Err(PoolError::Aws(error)) if is_group_gone(&error) => return Ok(Answer::Gone),
            result => result?,
        };
        let name = self.pool_id.load_balancer(number);
        let input = LoadBalancerInput {
            name: name.clone(),
            scheme: if self.is_internal { Scheme::Internal } else { Scheme::InternetFacing },
            subnet_ids: self.subnet_ids.clone(),
            security_group_ids: vec![group_id],
            tags: self.shared_tags("load_balancer"),
        };
        let found = match self.patiently(|| self.pools.elbv2.create_load_balancer(&input)).await {
            Ok(made) => {
                self.pools.recent.note_load_balancer(&made.arn, self.bounds.clock.now());
                Some(made)
            }
            Err(PoolError::Aws(error)) if is_group_gone(&error) => None,
            Err(PoolError::Aws(error)) if error.has_code("DuplicateLoadBalancerName") => {
                self.shown(|| self.pools.elbv2.find_load_balancer_by_name(&name)).await?
            }
            Err(error) => return Err(error),
        };
        match found {
            Some(load_balancer) => self.check_ours(load_balancer).await,
            None => Ok(Answer::Gone),
        }
    }

    async fn check_ours(&self, load_balancer: LoadBalancer) -> Result<Answer<String>, PoolError> {
        match self.shown(|| self.pools.elbv2.find_tags(&load_balancer.arn)).await? {
            None => Ok(Answer::Gone),
            Some(tags) if self.pool_id.owns(&tags) => Ok(Answer::Made(load_balancer.arn)),
            Some(_) => Err(PoolError::NotOurs { name: load_balancer.name }),
        }
    }

    /// The group lets clients in; what goes out to the tasks is not restricted, so that services that come and go
    /// change nothing on it.
    async fn ensure_security_group(&self, number: u8) -> Result<String, PoolError> {
        let name = self.pool_id.security_group(number);
        let input = SecurityGroupInput {
            name: name.clone(),
            description: format!("Load balancer {number} of pool {}", self.pool_id),
            vpc_id: self.vpc_id.clone(),
            tags: self.shared_tags("load_balancer_security_group"),
        };
        let (group_id, known) = match self.pools.ec2.create_security_group(&input).await {
            Ok(group_id) => (group_id, Vec::new()),
            Err(error) if error.has_code("InvalidGroup.Duplicate") => {
                let find = || self.pools.ec2.find_security_group_by_name(&name, &self.vpc_id);
                match self.shown(find).await? {
                    Some(group) if self.pool_id.owns(&group.tags) => (group.id, group.ingress),
                    Some(_) => return Err(PoolError::NotOurs { name }),
                    None => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        };
        self.admit_clients(&group_id, &known).await?;
        Ok(group_id)
    }

    /// What is missing comes in one call; one by one if another process is adding it, since AWS then refuses all.
    async fn admit_clients(&self, group_id: &str, known: &[Permission]) -> Result<(), PoolError> {
        let is_missing = |wanted: &Permission| !known.iter().any(|one| one.is_same_traffic(wanted));
        let missing: Vec<_> = self.permissions().into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (ec2, tags) = (&self.pools.ec2, &self.shared_tags("security_group_rule"));
        let add = |permissions: Vec<Permission>| async move {
            let call = || async {
                let added = ec2.authorize(group_id, Direction::Ingress, &permissions, tags).await;
                AwsError::optional(added, &["InvalidPermission.Duplicate"])
            };
            self.patiently(call).await
        };
        if add(missing.clone()).await?.is_some() {
            return Ok(());
        }
        for permission in missing {
            add(vec![permission]).await?;
        }
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let peers: Vec<Peer> = if self.is_internal {
            PRIVATE_NETWORKS.iter().map(|network| Peer::CidrIpv4((*network).to_owned())).collect()
        } else {
            vec![Peer::CidrIpv4("0.0.0.0/0".to_owned()), Peer::CidrIpv6("::/0".to_owned())]
        };
        let ports: &[(u16, &str)] =
            if self.is_shared() { &[(80, "HTTP"), (443, "HTTPS")] } else { &[(80, "HTTP")] };
        let permissions = ports.iter().flat_map(|(port, name)| {
            peers.iter().map(move |peer| Permission::tcp(*port, peer.clone(), format!("{name} clients")))
        });
        permissions.collect()
    }

    /// Forbids deletion, and sets what all services of the pool want of the load balancer.
    pub(super) async fn protect(&self, load_balancer_arn: &str) -> Result<Answer<String>, PoolError> {
        let mut attributes = self.attributes.clone();
        attributes.insert("deletion_protection.enabled".to_owned(), "true".to_owned());
        let modify = || self.pools.elbv2.modify_load_balancer_attributes(load_balancer_arn, &attributes);
        match self.patiently(modify).await {
            Ok(()) => Ok(Answer::Done),
            Err(PoolError::Aws(error)) if error.has_code("LoadBalancerNotFound") => Ok(Answer::Gone),
            Err(error) => Err(error),
        }
    }
}

fn is_group_gone(error: &AwsError) -> bool {
    GROUP_GONE.iter().any(|code| error.has_code(code))
}
