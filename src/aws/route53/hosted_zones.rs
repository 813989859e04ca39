//! `GetHostedZone`, `ListHostedZonesByName`.

use std::collections::HashMap;

use aws_sdk_route53::types;
use futures_util::future::join_all;

use super::{NO_SUCH_ZONE, Route53, from_sdk, normalized_name};
use crate::aws::{AwsError, Clients};

/// Zones of one name that are looked at: a name can have several, for example one public and one private.
const ZONES_OF_ONE_NAME: i32 = 100;

/// A hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedZone {
    /// `Z...`, without `/hostedzone/`.
    pub id: String,
    /// Its name without the dot at the end.
    pub name: String,
    /// Who sees its records.
    pub visibility: ZoneVisibility,
}

/// Who sees the records of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneVisibility {
    /// Everybody; only such zones can prove a certificate's name.
    Public,
    /// The zone's VPCs.
    Private,
}

impl Route53 {
    /// One hosted zone by its id, with or without `/hostedzone/`; `None`: it does not exist.
    pub async fn find_hosted_zone(&self, id: &str) -> Result<Option<HostedZone>, AwsError> {
        let request = self.clients.route53().get_hosted_zone().id(without_prefix(id));
        let result = request.send().await.map_err(from_sdk("GetHostedZone"));
        let output = AwsError::optional(result, &[NO_SUCH_ZONE])?;
        Ok(output.and_then(|output| output.hosted_zone).as_ref().map(from_output))
    }

    /// The zones of exactly this name: several can have it, and their ids alone tell them apart. Read once for all who ask
    /// for the name at the same time.
    pub async fn list_hosted_zones_named(&self, name: &str) -> Result<Vec<HostedZone>, AwsError> {
        Ok(self.named_zones.find(&normalized_name(name)).await?.unwrap_or_default())
    }
}

/// The zones of each of these normalized names, all at the same time.
pub(super) async fn list_zones_of_each(
    clients: Clients,
    names: Vec<String>,
) -> Result<HashMap<String, Vec<HostedZone>>, AwsError> {
    let of_each = names.into_iter().map(async |name| {
        let zones = list_zones(&clients, &name).await?;
        Ok((name, zones))
    });
    join_all(of_each).await.into_iter().collect()
}

async fn list_zones(clients: &Clients, name: &str) -> Result<Vec<HostedZone>, AwsError> {
    let request = clients.route53().list_hosted_zones_by_name().dns_name(name);
    let output = request.max_items(ZONES_OF_ONE_NAME).send().await;
    let output = output.map_err(from_sdk("ListHostedZonesByName"))?;
    let zones = output.hosted_zones().iter().filter(|zone| normalized_name(zone.name()) == name);
    Ok(zones.map(from_output).collect())
}

/// Names of zones that can hold a host, the longest first: the host name and what remains of it without its first labels.
/// The top-level domain alone is no zone of a user.
pub fn zone_names_of(host_name: &str) -> Vec<String> {
    let labels: Vec<&str> = host_name.trim_end_matches('.').split('.').collect();
    (0..labels.len().saturating_sub(1)).map(|skipped| labels[skipped..].join(".")).collect()
}

/// Ids come as `/hostedzone/Z...` and go as `Z...`.
fn without_prefix(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn from_output(output: &types::HostedZone) -> HostedZone {
    let is_private = output.config().is_some_and(types::HostedZoneConfig::private_zone);
    HostedZone {
        id: without_prefix(output.id()).to_owned(),
        name: output.name().trim_end_matches('.').to_owned(),
        visibility: if is_private { ZoneVisibility::Private } else { ZoneVisibility::Public },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_looked_for_from_the_longest_suffix_on() {
        assert_eq!(
            zone_names_of("api.team.example.com."),
            ["api.team.example.com", "team.example.com", "example.com"]
        );
        assert_eq!(zone_names_of("localhost"), Vec::<String>::new());
        assert_eq!(without_prefix("/hostedzone/Z1"), "Z1");
    }
}
