//! Which hosted zone a service's records go to: the one look-up and the one rule, for plans and for applies.
//!
//! A zone is chosen once. Its id is on the anchor from before the first record on, so that a removal asks nobody which
//! zone it was: names of zones are not unique, and longer ones may come later.

use std::collections::BTreeSet;

use super::composition::Composition;
use super::ground::Apis;
use crate::aws::route53::{HostedZone, Route53, ZoneVisibility, zone_names_of};
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::retry::retrying;
use crate::engine::{Bounds, EngineError};
use crate::service::{Domain, NO_ZONE};

/// What decides about the zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ZoneWish<'a> {
    pub(crate) domain: &'a Domain,
    /// Whether the user brings the certificate: then nothing is proved through the zone, and it may be elsewhere.
    pub(crate) has_certificate: bool,
    /// Zones that the service's records are in already. Of several zones of one name it is one of these.
    pub(crate) recorded: Option<&'a BTreeSet<String>>,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ZoneChoice {
    /// This zone.
    Found(HostedZone),
    /// No zone: the user keeps the records elsewhere, or there is no domain.
    Elsewhere,
    /// None that would do.
    Refused(ZoneRefusal),
}

/// Why no zone would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ZoneRefusal {
    /// The user named this one.
    Missing { zone: String },
    /// No public zone has this host name in it.
    NoneHolds { hostname: String },
    /// Several zones have this name.
    Ambiguous { name: String, ids: Vec<String> },
    /// A private zone cannot prove a certificate.
    Private { name: String, id: String },
}

/// Looks for the zone that a domain means: the one that it names by id or by name, or else the public one with the
/// longest name that fits its host name.
pub(crate) async fn choose_zone(route53: &Route53, wish: ZoneWish<'_>) -> Result<ZoneChoice, AwsError> {
    if let Some(id) = wish.domain.zone_id() {
        let zones: Vec<_> = route53.find_hosted_zone(&id).await?.into_iter().collect();
        return Ok(judge(&id, zones, wish, true));
    }
    if let Some(name) = wish.domain.zone_name() {
        let zones = route53.list_hosted_zones_named(&name).await?;
        return Ok(judge(&name, zones, wish, true));
    }
    let Some(hostname) = &wish.domain.hostname else { return Ok(ZoneChoice::Elsewhere) };
    for name in zone_names_of(hostname) {
        let zones = route53.list_hosted_zones_named(&name).await?;
        if zones.iter().any(is_public) {
            return Ok(judge(&name, zones, wish, false));
        }
    }
    Ok(if wish.has_certificate {
        ZoneChoice::Elsewhere
    } else {
        ZoneChoice::Refused(ZoneRefusal::NoneHolds { hostname: hostname.clone() })
    })
}

fn is_public(zone: &HostedZone) -> bool {
    zone.visibility == ZoneVisibility::Public
}

/// Chooses among the zones of one name. A private zone is taken only where the user names it and brings the certificate,
/// and by its name only if no public one has that.
fn judge(named: &str, zones: Vec<HostedZone>, wish: ZoneWish<'_>, is_named: bool) -> ZoneChoice {
    let takes_private = is_named && wish.has_certificate;
    let is_recorded = |zone: &&HostedZone| wish.recorded.is_some_and(|ids| ids.contains(&zone.id));
    let is_allowed = |zone: &&HostedZone| takes_private || is_public(zone);
    let mut recorded = zones.iter().filter(is_allowed).filter(is_recorded);
    if let (Some(zone), None) = (recorded.next(), recorded.next()) {
        return ZoneChoice::Found(zone.clone());
    }
    let (public, private): (Vec<_>, Vec<_>) = zones.into_iter().partition(is_public);
    let mut candidates = if public.is_empty() && takes_private { private.clone() } else { public };
    match (candidates.len(), private.into_iter().next()) {
        (0, Some(zone)) => ZoneChoice::Refused(ZoneRefusal::Private { name: zone.name, id: zone.id }),
        (0, None) => ZoneChoice::Refused(ZoneRefusal::Missing { zone: named.to_owned() }),
        (1, _) => ZoneChoice::Found(candidates.remove(0)),
        _ => {
            let ids = candidates.into_iter().map(|zone| zone.id).collect();
            ZoneChoice::Refused(ZoneRefusal::Ambiguous { name: named.to_owned(), ids })
        }
    }
}

impl ZoneRefusal {
    /// One line for the head of a diagnostic.
    pub(crate) fn summary(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::NoneHolds { .. } => "The hosted zone does not exist",
            Self::Ambiguous { .. } => "Several hosted zones have this name",
            Self::Private { .. } => "The hosted zone is private",
        }
    }

    /// What was found.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Missing { zone } => format!("Route 53 has no hosted zone `{zone}` in this account."),
            Self::NoneHolds { hostname } => {
                format!("No public hosted zone of this account holds `{hostname}`.")
            }
            Self::Ambiguous { name, ids } => format!(
                "This account has {} hosted zones named `{name}`: {}. Clients ask only the one that the domain is \
                 delegated to, and Route 53 does not say which one that is.",
                ids.len(),
                ids.join(", ")
            ),
            Self::Private { name, id } => {
                format!("`{name}` ({id}) is a private zone: only its VPCs see its records.")
            }
        }
    }

    /// What to do.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Missing { .. } | Self::NoneHolds { .. } => {
                "list the zones of this account: aws route53 list-hosted-zones; for records that are kept in another \
                 account, set `domain.hostname` and `certificate_arn`, and no `hosted_zone`"
                    .to_owned()
            }
            Self::Ambiguous { ids, .. } => format!(
                "name one by id, for example `hosted_zone = \"{}\"`: the one whose name servers (aws route53 \
                 get-hosted-zone --id <id>) are those at the registrar, or in the parent zone",
                ids.first().map_or("", String::as_str)
            ),
            Self::Private { .. } => {
                "a certificate is validated through public DNS: name the public zone of the domain, or bring a \
                 certificate in `certificate_arn`"
                    .to_owned()
            }
        }
    }
}

impl From<ZoneRefusal> for EngineError {
    fn from(refusal: ZoneRefusal) -> Self {
        Self::Unfit { reason: refusal.detail(), hint: refusal.hint() }
    }
}

/// What the anchor says of zones: ids with spaces in between.
pub(super) fn zones_from_tag(tag: &str) -> BTreeSet<String> {
    tag.split_whitespace().filter(|id| *id != NO_ZONE).map(str::to_owned).collect()
}

/// The anchor's tag for these zones.
pub(super) fn zones_to_tag<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
    if ids.is_empty() { NO_ZONE.to_owned() } else { ids.join(" ") }
}

/// The zones that have records of a service. A service whose anchor does not say is looked for in every zone that can
/// hold one of its host names; whoever may not look, and brought the certificate, has made none.
pub(super) async fn find_record_zones(
    apis: &Apis,
    bounds: &Bounds,
    service: &Composition,
) -> Result<BTreeSet<String>, EngineError> {
    if let Some(recorded) = service.recorded_zones() {
        return Ok(recorded);
    }
    let hosts = service.hosts();
    let names: BTreeSet<String> = hosts.iter().flat_map(|host| zone_names_of(host)).collect();
    let has_own_certificate = service.certificate.as_ref().is_some_and(|certificate| certificate.is_ours);
    let mut ids = BTreeSet::new();
    for name in &names {
        let zones = match retrying(bounds, || apis.route53.list_hosted_zones_named(name)).await {
            Err(EngineError::Aws(error))
                if !has_own_certificate && error.kind == AwsErrorKind::AccessDenied =>
            {
                return Ok(BTreeSet::new());
            }
            other => other?,
        };
        for zone in zones {
            if has_record(apis, bounds, &zone, &hosts, service).await? {
                ids.insert(zone.id);
            }
        }
    }
    Ok(ids)
}

/// Whether a zone has a record of one of the service's host names.
async fn has_record(
    apis: &Apis,
    bounds: &Bounds,
    zone: &HostedZone,
    hosts: &[String],
    service: &Composition,
) -> Result<bool, EngineError> {
    for host in hosts {
        let sets = retrying(bounds, || apis.route53.list_record_sets(&zone.id, host)).await?;
        if sets.iter().any(|set| service.is_own_alias(set)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(id: &str, visibility: ZoneVisibility) -> HostedZone {
        HostedZone { id: id.to_owned(), name: "example.com".to_owned(), visibility }
    }

    fn public(id: &str) -> HostedZone {
        zone(id, ZoneVisibility::Public)
    }

    fn private(id: &str) -> HostedZone {
        zone(id, ZoneVisibility::Private)
    }

    fn chosen(
        zones: Vec<HostedZone>,
        has_certificate: bool,
        recorded: &[&str],
    ) -> Result<String, ZoneRefusal> {
        let recorded: BTreeSet<String> = recorded.iter().map(|id| (*id).to_owned()).collect();
        let domain = Domain::default();
        let wish = ZoneWish { domain: &domain, has_certificate, recorded: Some(&recorded) };
        match judge("example.com", zones, wish, true) {
            ZoneChoice::Found(zone) => Ok(zone.id),
            ZoneChoice::Refused(refusal) => Err(refusal),
            ZoneChoice::Elsewhere => panic!("a zone was named"),
        }
    }

    #[test]
    fn twins_are_refused_with_their_ids_unless_one_has_the_records_already() {
        let twins = || vec![public("Z1"), public("Z2")];
        let refused = chosen(twins(), false, &[]).expect_err("two of a name");
        assert!(refused.detail().contains("Z1, Z2") && refused.hint().contains("name one by id"));
        assert_eq!(chosen(twins(), false, &["Z2"]), Ok("Z2".to_owned()));
        assert!(chosen(twins(), false, &["Z1", "Z2"]).is_err(), "both, in the middle of a change");
    }

    #[test]
    fn a_private_zone_is_taken_with_a_certificate_of_ones_own_if_no_public_one_has_the_name() {
        assert_eq!(chosen(vec![private("Z1"), public("Z2")], false, &[]), Ok("Z2".to_owned()));
        assert_eq!(chosen(vec![private("Z1"), public("Z2")], true, &[]), Ok("Z2".to_owned()));
        assert_eq!(chosen(vec![private("Z1")], true, &[]), Ok("Z1".to_owned()));
        assert!(matches!(chosen(vec![private("Z1")], false, &[]), Err(ZoneRefusal::Private { .. })));
        assert!(chosen(vec![private("Z1"), private("Z2")], true, &[]).is_err());
        assert_eq!(chosen(vec![private("Z1"), public("Z2")], true, &["Z1"]), Ok("Z1".to_owned()));
    }

    #[test]
    fn a_zone_that_is_not_there_is_missing() {
        let refused = chosen(Vec::new(), true, &[]).expect_err("none");
        assert_eq!(refused, ZoneRefusal::Missing { zone: "example.com".to_owned() });
    }

    #[test]
    fn zones_are_read_from_the_anchor_as_they_were_written() {
        let ids: BTreeSet<String> = ["Z1", "Z2"].map(str::to_owned).into();
        assert_eq!(zones_from_tag(&zones_to_tag(&ids)), ids);
        assert_eq!(zones_from_tag(&zones_to_tag(&BTreeSet::new())), BTreeSet::new());
    }
}
