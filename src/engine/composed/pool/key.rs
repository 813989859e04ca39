//! Which services share load balancers, and what those are called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::service::{MANAGED_TAG_KEY, MANAGED_TAG_VALUE, OwnerId, PART_TAG_KEY, POOL_TAG_KEY, short_hash};

/// Characters of a [`PoolId`].
const POOL_ID_LENGTH: usize = 10;

/// Everything that is the same for all services of one load balancer.
///
/// A load balancer has one scheme, one web ACL, one TLS policy and one set of attributes. Services that want different
/// ones would undo each other's settings, so all of it decides which pool a service is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolKey {
    pub(crate) account_id: String,
    pub(crate) region: String,
    pub(crate) vpc_id: String,
    /// Whether the load balancers have private addresses only.
    pub(crate) is_internal: bool,
    /// Subnets of the load balancers, one for each zone, at least two.
    pub(crate) subnet_ids: BTreeSet<String>,
    pub(crate) web_acl_arn: Option<String>,
    /// The user's name for a pool, which keeps apart what would be shared.
    pub(crate) pool_name: Option<String>,
    /// TLS policy of the HTTPS listener.
    pub(crate) ssl_policy: String,
    /// Load balancer attributes as in the API, for example `access_logs.s3.bucket`; without deletion protection.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Who else may join.
    pub(crate) sharing: Sharing,
}

/// Who may be on a load balancer of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Any service with a host name of its own: an HTTPS listener, told apart by host.
    ByHost,
    /// One service without a host name: an HTTP listener whose one rule takes every request.
    Alone(OwnerId),
}

/// Short name of a pool, the same in every state and on every machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PoolId(String);

impl PoolKey {
    /// The pool's short name.
    pub(crate) fn id(&self) -> PoolId {
        let scheme = if self.is_internal { "internal" } else { "internet-facing" };
        let subnet_ids = self.subnet_ids.iter().cloned().collect::<Vec<_>>().join(",");
        let attribute = |(key, value): (&String, &String)| format!("{key}={value}");
        let attributes = self.attributes.iter().map(attribute).collect::<Vec<_>>().join(",");
        let owner = match &self.sharing {
            Sharing::ByHost => "",
            Sharing::Alone(owner) => owner.as_str(),
        };
        let parts = [
            self.account_id.as_str(),
            &self.region,
            &self.vpc_id,
            scheme,
            "ipv4",
            &subnet_ids,
            self.web_acl_arn.as_deref().unwrap_or_default(),
            self.pool_name.as_deref().unwrap_or_default(),
            &self.ssl_policy,
            &attributes,
            owner,
        ];
        PoolId(short_hash(&parts, POOL_ID_LENGTH))
    }
}

impl PoolId {
    /// The pool of a load balancer of this name; `None`: this provider did not name it.
    pub(crate) fn of_load_balancer(name: &str) -> Option<Self> {
        let (id, number) = name.strip_prefix("xp-")?.rsplit_once('-')?;
        let is_id = id.len() == POOL_ID_LENGTH && number.parse::<u8>().is_ok();
        is_id.then(|| Self(id.to_owned()))
    }

    /// Name of the load balancer of a number.
    pub(crate) fn load_balancer(&self, number: u8) -> String {
        format!("xp-{self}-{number}")
    }

    /// The number of a load balancer of this name, if it belongs to the pool.
    pub(crate) fn number_of(&self, load_balancer_name: &str) -> Option<u8> {
        load_balancer_name.strip_prefix("xp-")?.strip_prefix(self.0.as_str())?.strip_prefix('-')?.parse().ok()
    }

    /// Name of the security group of a load balancer.
    pub(crate) fn security_group(&self, number: u8) -> String {
        format!("xp-alb-{self}-{number}")
    }

    /// Host name on the certificate that a listener has until services bring theirs.
    pub(crate) fn placeholder_host(&self, number: u8) -> String {
        format!("xp-{self}-{number}.invalid")
    }

    /// Tags of what all services of the pool share.
    pub(crate) fn tags(&self, part: &str) -> BTreeMap<String, String> {
        [(MANAGED_TAG_KEY, MANAGED_TAG_VALUE), (POOL_TAG_KEY, self.0.as_str()), (PART_TAG_KEY, part)]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// Whether something with these tags belongs to the pool.
    pub(crate) fn owns(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(POOL_TAG_KEY).is_some_and(|pool| *pool == self.0)
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A pool for tests.
    pub(crate) fn key() -> PoolKey {
        PoolKey {
            account_id: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            is_internal: false,
            subnet_ids: ["subnet-a", "subnet-b"].map(str::to_owned).into(),
            web_acl_arn: None,
            pool_name: None,
            ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
            attributes: BTreeMap::new(),
            sharing: Sharing::ByHost,
        }
    }

    #[test]
    fn whatever_is_load_balancer_wide_makes_another_pool() {
        let owner = OwnerId::new(&"arn:aws:ecs:eu-west-1:123456789012:service/c/s".parse().expect("valid"));
        let changes: [fn(&mut PoolKey); 8] = [
            |key| key.account_id.push('1'),
            |key| key.region.push('1'),
            |key| key.vpc_id.push('1'),
            |key| key.is_internal = true,
            |key| key.subnet_ids = ["subnet-a".to_owned(), "subnet-c".to_owned()].into(),
            |key| key.web_acl_arn = Some("acl".to_owned()),
            |key| key.pool_name = Some("team".to_owned()),
            |key| key.attributes = [("access_logs.s3.bucket".to_owned(), "logs".to_owned())].into(),
        ];
        let mut ids = vec![key().id(), PoolKey { sharing: Sharing::Alone(owner), ..key() }.id()];
        for change in changes {
            let mut other = key();
            change(&mut other);
            ids.push(other.id());
        }
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(key().id(), key().id());
    }

    #[test]
    fn names_keep_to_the_limits_and_lead_back_to_their_number() {
        let id = key().id();
        assert!(id.load_balancer(9).len() <= 32 && id.placeholder_host(9).len() <= 64);
        assert_eq!(id.number_of(&id.load_balancer(7)), Some(7));
        assert_eq!(PoolId::of_load_balancer(&id.load_balancer(7)), Some(id.clone()));
        assert_eq!(PoolId::of_load_balancer("xp-web-1"), None);
        assert_eq!(id.number_of("xp-aaaaaaaaaa-7"), None);
        assert!(id.owns(&id.tags("load_balancer")) && !id.owns(&BTreeMap::new()));
    }
}
