//! `ListResourceRecordSets`, and record sets in both directions without loss: a record is deleted by an exact copy.

use std::collections::BTreeSet;

use aws_sdk_route53::types;

use super::{NO_SUCH_ZONE, Route53, from_sdk, normalized_name};
use crate::aws::AwsError;

/// Pages that one name's records are read over at the most.
const PAGE_LIMIT: usize = 10;

/// The records of one name and type, and, where a routing policy has several, of one set identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// Its name, as [`normalized_name`] spells it.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, ...
    pub record_type: String,
    /// What it answers.
    pub value: RecordValue,
    /// Which of several sets of the name and type answers.
    pub routing: RoutingPolicy,
    /// Health check without which it does not answer.
    pub health_check_id: Option<String>,
}

/// What a record set answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordValue {
    /// What another name of AWS answers, for example a load balancer's.
    Alias(AliasTarget),
    /// Values of its own.
    Values {
        /// How long resolvers keep them.
        ttl_seconds: i64,
        /// The values.
        values: Vec<String>,
    },
}

/// The target of an alias record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasTarget {
    /// Hosted zone of the target, for example a load balancer's canonical one.
    pub zone_id: String,
    /// Name of the target. Route 53 stores it in lower case, with a dot at the end.
    pub dns_name: String,
    /// Whether the target's health counts. Wrong on a shared load balancer (facts, composition section 0, fact 6).
    pub evaluate_target_health: bool,
}

/// Routing policy of a record set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutingPolicy {
    /// The only set of its name and type.
    Simple,
    /// The region with the least latency answers.
    Latency {
        /// Names the set among those of its name and type.
        set_identifier: String,
        /// Region of the target.
        region: String,
    },
    /// The secondary answers while the primary is unhealthy.
    Failover {
        /// Names the set among those of its name and type.
        set_identifier: String,
        /// Whether it is the primary.
        is_primary: bool,
    },
    /// A policy that this provider never makes, by its set identifier.
    Other(String),
}

impl AliasTarget {
    /// Whether both lead to the same place: case, the dot at the end and `dualstack.` do not count.
    pub fn is_same_target(&self, zone_id: &str, dns_name: &str) -> bool {
        let bare = |name: &str| {
            let name = normalized_name(name);
            name.strip_prefix("dualstack.").map_or(name.clone(), str::to_owned)
        };
        self.zone_id == zone_id && bare(&self.dns_name) == bare(dns_name)
    }
}

impl RecordSet {
    /// An alias of the only set of its name and type.
    pub fn alias(name: &str, record_type: &str, target: AliasTarget) -> Self {
        Self {
            name: normalized_name(name),
            record_type: record_type.to_owned(),
            value: RecordValue::Alias(target),
            routing: RoutingPolicy::Simple,
            health_check_id: None,
        }
    }

    /// A CNAME record.
    pub fn cname(name: &str, value: &str, ttl_seconds: i64) -> Self {
        Self {
            name: normalized_name(name),
            record_type: "CNAME".to_owned(),
            value: RecordValue::Values { ttl_seconds, values: vec![value.to_owned()] },
            routing: RoutingPolicy::Simple,
            health_check_id: None,
        }
    }

    /// The alias target, if it is an alias.
    pub fn alias_target(&self) -> Option<&AliasTarget> {
        match &self.value {
            RecordValue::Alias(target) => Some(target),
            RecordValue::Values { .. } => None,
        }
    }

    pub(super) fn to_input(&self) -> Result<types::ResourceRecordSet, aws_sdk_route53::error::BuildError> {
        let set = types::ResourceRecordSet::builder()
            .name(&self.name)
            .r#type(types::RrType::from(self.record_type.as_str()))
            .set_health_check_id(self.health_check_id.clone());
        let set = match &self.value {
            RecordValue::Alias(target) => set.alias_target(
                types::AliasTarget::builder()
                    .hosted_zone_id(&target.zone_id)
                    .dns_name(&target.dns_name)
                    .evaluate_target_health(target.evaluate_target_health)
                    .build()?,
            ),
            RecordValue::Values { ttl_seconds, values } => {
                let records: Result<Vec<_>, _> = values
                    .iter()
                    .map(|value| types::ResourceRecord::builder().value(value).build())
                    .collect();
                set.ttl(*ttl_seconds).set_resource_records(Some(records?))
            }
        };
        match &self.routing {
            RoutingPolicy::Simple => set,
            RoutingPolicy::Latency { set_identifier, region } => set
                .set_identifier(set_identifier)
                .region(types::ResourceRecordSetRegion::from(region.as_str())),
            RoutingPolicy::Failover { set_identifier, is_primary } => {
                let primary = types::ResourceRecordSetFailover::Primary;
                let secondary = types::ResourceRecordSetFailover::Secondary;
                set.set_identifier(set_identifier).failover(if *is_primary { primary } else { secondary })
            }
            RoutingPolicy::Other(set_identifier) => set.set_identifier(set_identifier),
        }
        .build()
    }
}

impl Route53 {
    /// All record sets of one name; none if the zone does not exist.
    pub async fn list_record_sets(&self, zone_id: &str, name: &str) -> Result<Vec<RecordSet>, AwsError> {
        let wanted = normalized_name(name);
        let mut sets = Vec::new();
        let mut start = (wanted.clone(), None, None);
        for _ in 0..PAGE_LIMIT {
            let request = self
                .clients
                .route53()
                .list_resource_record_sets()
                .hosted_zone_id(zone_id)
                .start_record_name(start.0)
                .set_start_record_type(start.1)
                .set_start_record_identifier(start.2);
            let result = request.send().await.map_err(from_sdk("ListResourceRecordSets"));
            let Some(output) = AwsError::optional(result, &[NO_SUCH_ZONE])? else { break };
            let described = output.resource_record_sets();
            let of_name = described.iter().filter(|set| normalized_name(set.name()) == wanted);
            sets.extend(of_name.map(from_output));
            match output.next_record_name {
                Some(next) if output.is_truncated && normalized_name(&next) == wanted => {
                    start = (next, output.next_record_type, output.next_record_identifier);
                }
                _ => break,
            }
        }
        Ok(sets)
    }
}

impl Route53 {
    /// Names of a zone's CNAME records, as [`normalized_name`] spells them; `None`: the zone has more pages than are to be
    /// read.
    pub async fn list_cname_names(
        &self,
        zone_id: &str,
        page_limit: usize,
    ) -> Result<Option<BTreeSet<String>>, AwsError> {
        let mut names = BTreeSet::new();
        let mut start = (None, None, None);
        for _ in 0..page_limit {
            let request = self
                .clients
                .route53()
                .list_resource_record_sets()
                .hosted_zone_id(zone_id)
                .set_start_record_name(start.0)
                .set_start_record_type(start.1)
                .set_start_record_identifier(start.2);
            let result = request.send().await.map_err(from_sdk("ListResourceRecordSets"));
            let Some(output) = AwsError::optional(result, &[NO_SUCH_ZONE])? else { return Ok(Some(names)) };
            let sets = output.resource_record_sets().iter();
            let cnames = sets.filter(|set| *set.r#type() == types::RrType::Cname);
            names.extend(cnames.map(|set| normalized_name(set.name())));
            if !output.is_truncated {
                return Ok(Some(names));
            }
            start = (output.next_record_name, output.next_record_type, output.next_record_identifier);
        }
        Ok(None)
    }
}

fn from_output(output: &types::ResourceRecordSet) -> RecordSet {
    let value = match output.alias_target() {
        Some(target) => RecordValue::Alias(AliasTarget {
            zone_id: target.hosted_zone_id().to_owned(),
            dns_name: target.dns_name().to_owned(),
            evaluate_target_health: target.evaluate_target_health(),
        }),
        None => RecordValue::Values {
            ttl_seconds: output.ttl().unwrap_or_default(),
            values: output.resource_records().iter().map(|record| record.value().to_owned()).collect(),
        },
    };
    let routing = match (output.set_identifier(), output.region(), output.failover()) {
        (None, ..) => RoutingPolicy::Simple,
        (Some(id), Some(region), _) => {
            RoutingPolicy::Latency { set_identifier: id.to_owned(), region: region.as_str().to_owned() }
        }
        (Some(id), None, Some(failover)) => RoutingPolicy::Failover {
            set_identifier: id.to_owned(),
            is_primary: *failover == types::ResourceRecordSetFailover::Primary,
        },
        (Some(id), None, None) => RoutingPolicy::Other(id.to_owned()),
    };
    RecordSet {
        name: normalized_name(output.name()),
        record_type: output.r#type().as_str().to_owned(),
        value,
        routing,
        health_check_id: output.health_check_id().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_set_is_read_back_as_it_was_written() {
        let target = AliasTarget {
            zone_id: "Z1".to_owned(),
            dns_name: "lb.example.".to_owned(),
            evaluate_target_health: false,
        };
        let alias = RecordSet::alias("api.example.com", "A", target);
        let latency =
            RoutingPolicy::Latency { set_identifier: "s".to_owned(), region: "eu-west-1".to_owned() };
        let failover = RoutingPolicy::Failover { set_identifier: "s".to_owned(), is_primary: true };
        let sets = [
            RecordSet::cname("_1.example.com", "_2.acm.example.", 300),
            RecordSet { routing: latency, health_check_id: Some("h".to_owned()), ..alias.clone() },
            RecordSet { routing: failover, ..alias.clone() },
            alias,
        ];
        for set in sets {
            assert_eq!(from_output(&set.to_input().expect("complete")), set);
        }
    }

    #[test]
    fn an_alias_target_is_the_same_in_any_spelling() {
        let (zone_id, dns_name) = ("Z1".to_owned(), "dualstack.lb-1.eu-west-1.elb.amazonaws.com.".to_owned());
        let target = AliasTarget { zone_id, dns_name, evaluate_target_health: false };
        assert!(target.is_same_target("Z1", "LB-1.eu-west-1.elb.amazonaws.com"));
        assert!(!target.is_same_target("Z2", "lb-1.eu-west-1.elb.amazonaws.com"));
        assert!(!target.is_same_target("Z1", "lb-2.eu-west-1.elb.amazonaws.com"));
    }
}
