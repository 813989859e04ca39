//! Names and ownership tags of what the composed engine makes.
//!
//! Everything is found again by a deterministic name; tags say whose it is (facts, composition section 1.1).

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::arn::ServiceArn;

/// What every tag key of this provider begins with. None of these tags is ever shown as the user's.
pub const TAG_KEY_PREFIX: &str = "terraform-provider-express:";

/// Key of the tag that marks everything that the composed engine makes.
pub const MANAGED_TAG_KEY: &str = "terraform-provider-express:managed";
/// Its value.
pub const MANAGED_TAG_VALUE: &str = "composed";
/// Key of the tag with the [`OwnerId`].
pub const OWNER_TAG_KEY: &str = "terraform-provider-express:id";
/// Key of the tag that says which part of a composition a resource is.
pub const PART_TAG_KEY: &str = "terraform-provider-express:part";
/// Key of the tag with the generation of load balancer and target groups; a move makes the next one.
pub const GENERATION_TAG_KEY: &str = "terraform-provider-express:generation";
/// Key of the tag on the ECS service that says whether its create has ended.
pub const PHASE_TAG_KEY: &str = "terraform-provider-express:phase";
/// Its value when it has.
pub const PHASE_READY: &str = "ready";
/// Key of the tag that names the pool of a shared load balancer.
pub const POOL_TAG_KEY: &str = "terraform-provider-express:pool";
/// Key of the tag on a rule that keeps a slot of a load balancer that is being deleted.
pub const TOMBSTONE_TAG_KEY: &str = "terraform-provider-express:tombstone";

/// Key of the tag on the service's security group that names what a move leaves: `<generation>/<pool>`. It is there from
/// the first call of a move to its last.
pub const MOVED_FROM_TAG_KEY: &str = "terraform-provider-express:moved-from";
/// Key of the tag on the service's security group with the user's name for the pool, if there is one.
pub const POOL_NAME_TAG_KEY: &str = "terraform-provider-express:pool-name";
/// Key of the tag on the service's security group with the infrastructure role, which ECS does not know of a service that
/// rolls.
pub const INFRASTRUCTURE_ROLE_TAG_KEY: &str = "terraform-provider-express:infrastructure-role";
/// Key of the tag on the service's security group with the load balancer's web ACL, if the user gave one.
pub const WEB_ACL_TAG_KEY: &str = "terraform-provider-express:web-acl";
/// Key of the tag on the service's security group with the place of the load balancer's access logs, if there is one:
/// `<bucket>` or `<bucket>/<prefix>`.
pub const ACCESS_LOGS_TAG_KEY: &str = "terraform-provider-express:access-logs";
/// Key of the tag on the service's security group with its own host name.
pub const HOST_TAG_KEY: &str = "terraform-provider-express:host";
/// Key of the tag on the service's security group with the hosted zones that its records are in: ids with spaces in
/// between, or [`NO_ZONE`].
pub const ZONE_TAG_KEY: &str = "terraform-provider-express:zone";
/// Value of the zone tag of a service whose records are kept elsewhere, or that has none.
pub const NO_ZONE: &str = "none";
/// Key of the tag on the ECS service with the ARN of its certificate.
pub const CERTIFICATE_TAG_KEY: &str = "terraform-provider-express:certificate";
/// What the keys of the tags on a task definition begin with that say which leaves of it we sent.
pub const SENT_TAG_KEY_PREFIX: &str = "terraform-provider-express:sent-";

/// The generation that a create makes.
pub const FIRST_GENERATION: u32 = 1;

/// Characters of an [`OwnerId`]: 130 bits.
const OWNER_ID_LENGTH: usize = 26;
/// Characters of the short form, in names of 32 characters at the most.
const SHORT_LENGTH: usize = 8;
/// Characters of a service's name that go into other names.
const NAME_PART_LIMIT: usize = 180;

/// Lower-case base32 of the SHA-256 of `parts`, cut to `length`.
pub fn short_hash(parts: &[&str], length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(parts.join("|").as_bytes());
    let bit = |index: usize| usize::from(digest[index / 8] >> (7 - index % 8) & 1);
    let character = |start: usize| (start..start + 5).fold(0, |value, index| value << 1 | bit(index));
    (0..length.min(digest.len() * 8 / 5)).map(|index| char::from(ALPHABET[character(index * 5)])).collect()
}

/// Whose a resource is: the same for every attempt at one service, different for any two services.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnerId(String);

impl OwnerId {
    /// The owner that is this service.
    pub fn new(service: &ServiceArn) -> Self {
        let arn = service.arn();
        let parts = [arn.account_id(), arn.region(), service.cluster(), service.name()];
        Self(short_hash(&parts, OWNER_ID_LENGTH))
    }

    /// All 26 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters.
    pub fn short(&self) -> &str {
        &self.0[..SHORT_LENGTH]
    }

    /// Tags of a part of this service.
    pub fn tags(&self, part: &str, generation: u32) -> BTreeMap<String, String> {
        let generation = generation.to_string();
        [
            (MANAGED_TAG_KEY, MANAGED_TAG_VALUE),
            (OWNER_TAG_KEY, self.as_str()),
            (PART_TAG_KEY, part),
            (GENERATION_TAG_KEY, &generation),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
    }

    /// Whether a resource with these tags was made for this service.
    pub fn owns(&self, tags: &BTreeMap<String, String>) -> bool {
        let has = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
        has(MANAGED_TAG_KEY, MANAGED_TAG_VALUE) && has(OWNER_TAG_KEY, self.as_str())
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a tag is this provider's own: it says whose a resource is, or how far an apply has come.
pub fn is_ownership_tag(key: &str) -> bool {
    key.starts_with(TAG_KEY_PREFIX)
}

/// Names of what the composed engine makes for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectNames {
    service: ServiceArn,
    owner: OwnerId,
}

impl ObjectNames {
    /// The names that belong to a service.
    pub fn new(service: ServiceArn) -> Self {
        let owner = OwnerId::new(&service);
        Self { service, owner }
    }

    /// The service.
    pub fn service(&self) -> &ServiceArn {
        &self.service
    }

    /// Whose everything with these names is.
    pub fn owner(&self) -> &OwnerId {
        &self.owner
    }

    fn name_part(&self) -> &str {
        let name = self.service.name();
        &name[..name.len().min(NAME_PART_LIMIT)]
    }

    /// Log group of the container, as Express Mode names it.
    pub fn log_group(&self) -> String {
        format!("/aws/ecs/{}/{}-{}", self.service.cluster(), self.name_part(), &self.owner.short()[..4])
    }

    /// Security group of the tasks.
    pub fn service_security_group(&self) -> String {
        format!("xp-svc-{}-{}", self.name_part(), self.owner.short())
    }

    /// The two target groups of a generation: `a`, `b`.
    pub fn target_groups(&self, generation: u32) -> [String; 2] {
        ["a", "b"].map(|side| format!("xp-{}-{generation}-{side}", self.owner.short()))
    }

    /// Rollback alarm, as Express Mode names it.
    pub fn rollback_alarm(&self) -> String {
        let name = format!("{}/{}/RollbackAlarm", self.service.cluster(), self.service.name());
        if name.len() <= 255 { name } else { format!("xp-{}-RollbackAlarm", self.owner.short()) }
    }

    /// Scaling policy for a metric, as Express Mode names it.
    pub fn scaling_policy(&self, metric: &str) -> String {
        format!("{}{metric}", self.name_part())
    }

    /// Task definition family, as Express Mode names it.
    pub fn task_definition_family(&self) -> String {
        let name = format!("{}-{}", self.service.cluster(), self.service.name());
        if name.len() <= 255 { name } else { format!("xp-{}", self.owner.short()) }
    }

    /// Idempotency token of one operation's certificate for these host names: 32 letters and digits.
    ///
    /// Another operation has another one: ACM remembers a token for an hour, and does not say what it answers if the
    /// certificate was deleted meanwhile.
    pub fn certificate_token(&self, hosts: &[String], operation: &str) -> String {
        let hosts = hosts.join(",");
        short_hash(&[self.owner.as_str(), &hosts, operation], 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::CREATION_MARKER_TAG_KEY;

    fn names(service: &str) -> ObjectNames {
        ObjectNames::new(
            format!("arn:aws:ecs:eu-west-1:123456789012:service/{service}").parse().expect("valid"),
        )
    }

    #[test]
    fn a_hash_is_base32_of_the_asked_length() {
        let hash = short_hash(&["a", "b"], 26);
        assert_eq!(hash.len(), 26);
        assert!(hash.chars().all(|character| matches!(character, 'a'..='z' | '2'..='7')), "{hash}");
        assert_eq!(short_hash(&["a", "b"], 8), hash[..8]);
        assert_eq!(short_hash(&["a", "b"], 99).len(), 51);
    }

    #[test]
    fn two_services_never_share_a_name() {
        let (left, right) = (names("prod/api"), names("prod/web"));
        assert_ne!(left.owner(), right.owner());
        assert_ne!(left.target_groups(1), right.target_groups(1));
        assert_eq!(left.target_groups(1), names("prod/api").target_groups(1));
    }

    #[test]
    fn names_keep_awss_limits_even_for_the_longest_service() {
        let long = names(&format!("{}/{}", "c".repeat(255), "s".repeat(255)));
        assert!(long.target_groups(999).iter().all(|name| name.len() <= 32));
        let limits = [
            (long.log_group(), 512),
            (long.service_security_group(), 255),
            (long.rollback_alarm(), 255),
            (long.scaling_policy("RequestCountPerTarget"), 256),
            (long.task_definition_family(), 255),
            (long.certificate_token(&["a.example.com".to_owned()], "1"), 32),
        ];
        for (name, limit) in limits {
            assert!(name.len() <= limit, "{name}");
        }
    }

    #[test]
    fn only_a_resource_with_both_tags_is_owned() {
        let (ours, theirs) = (names("prod/api"), names("prod/web"));
        assert!(ours.owner().owns(&ours.owner().tags("target_group", 1)));
        assert!(!ours.owner().owns(&BTreeMap::new()));
        assert!(!ours.owner().owns(&theirs.owner().tags("target_group", 1)));
    }

    #[test]
    fn tags_of_this_provider_are_told_from_the_users() {
        assert!(names("prod/api").owner().tags("x", 1).keys().all(|key| is_ownership_tag(key)));
        assert!(is_ownership_tag(CREATION_MARKER_TAG_KEY) && !is_ownership_tag("team"));
    }
}
