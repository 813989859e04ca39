//! From what a user wrote to the services that are watched.

use super::error::MonitorError;
use super::options::Options;
use super::place::{Place, names};
use crate::aws::ecs::ServiceRecord;
use crate::service::{DEFAULT_CLUSTER_NAME, MANAGED_TAG_KEY, ServiceArn, ServiceStatus, cluster_name};

/// Services that one monitor watches at the most.
pub(super) const SERVICE_LIMIT: usize = 200;

/// A service to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Exactly this one, in its own region.
    Arn(ServiceArn),
    /// One of this name, in every place.
    Name { cluster: String, name: String },
}

/// A service that is watched, and where.
#[derive(Clone)]
pub(super) struct Watched {
    /// Index of its place.
    pub(super) place: usize,
    pub(super) arn: ServiceArn,
}

impl Target {
    /// Reads an ARN, `cluster/name`, or a name in `cluster`.
    pub(super) fn parse(text: &str, cluster: Option<&str>) -> Result<Self, MonitorError> {
        if text.starts_with("arn:") {
            return text.parse().map(Self::Arn).map_err(|_| MonitorError::NotAService(text.to_owned()));
        }
        let of_option = cluster_name(cluster.unwrap_or(DEFAULT_CLUSTER_NAME));
        let (cluster, name) = text.split_once('/').unwrap_or((of_option, text));
        let is_name = |part: &str| {
            let mut characters = part.chars();
            !part.is_empty() && characters.all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_'))
        };
        if is_name(cluster) && is_name(name) {
            Ok(Self::Name { cluster: cluster.to_owned(), name: name.to_owned() })
        } else {
            Err(MonitorError::NotAService(text.to_owned()))
        }
    }

    /// The region that an ARN names.
    pub(super) fn region(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => Some(arn.arn().region()),
            Self::Name { .. } => None,
        }
    }
}

/// Finds everything that the user asked for; a service that was given twice is watched once.
///
/// # Errors
/// The first target that nobody knows, an answer of AWS that is no answer, or nothing to watch at all.
pub(super) async fn find_targets(
    options: &Options,
    targets: &[Target],
    places: &[Place],
) -> Result<Vec<Watched>, MonitorError> {
    let mut found: Vec<Watched> = Vec::new();
    for (target, text) in targets.iter().zip(&options.services) {
        let one = find_target(target, text, places).await?;
        found.extend(one);
    }
    if options.all {
        for (index, place) in places.iter().enumerate() {
            found.extend(list_services(options, index, place).await?);
        }
    }
    let mut watched: Vec<Watched> = Vec::new();
    for one in found {
        if !watched.iter().any(|known| known.arn == one.arn) {
            watched.push(one);
        }
    }
    if watched.is_empty() {
        return Err(MonitorError::NoServices(names(places)));
    }
    if watched.len() > SERVICE_LIMIT {
        return Err(MonitorError::TooMany { found: watched.len(), limit: SERVICE_LIMIT });
    }
    Ok(watched)
}

/// A service by name in each place that has one; an ARN in the first place of its region that knows it.
async fn find_target(target: &Target, text: &str, places: &[Place]) -> Result<Vec<Watched>, MonitorError> {
    let mut watched = Vec::new();
    let mut asked = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let (cluster, name) = match target {
            Target::Arn(arn) => {
                let is_other_account =
                    place.account_id.as_deref().is_some_and(|account| account != arn.arn().account_id());
                if place.region != arn.arn().region() || is_other_account {
                    continue;
                }
                (arn.cluster(), arn.name())
            }
            Target::Name { cluster, name } => (cluster.as_str(), name.as_str()),
        };
        asked.push(place.name());
        let record = place.ecs.find_service(cluster, name).await;
        let record = record
            .map_err(|source| MonitorError::Aws { service: text.to_owned(), source: Box::new(source) })?;
        if let Some(record) = record {
            watched.push(Watched { place: index, arn: record.arn });
            if matches!(target, Target::Arn(_)) {
                break;
            }
        }
    }
    if watched.is_empty() {
        let places = if asked.is_empty() { names(places) } else { asked.join(", ") };
        return Err(MonitorError::UnknownService { service: text.to_owned(), places });
    }
    Ok(watched)
}

/// The living services of Express Mode and of the composed engine in one place, in order of their ARNs.
async fn list_services(options: &Options, index: usize, place: &Place) -> Result<Vec<Watched>, MonitorError> {
    let what = options.cluster.clone().unwrap_or_else(|| place.name());
    let refused = |source| MonitorError::Aws { service: what.clone(), source: Box::new(source) };
    let clusters = match &options.cluster {
        Some(cluster) => vec![cluster.clone()],
        None => place.ecs.list_clusters().await.map_err(refused)?,
    };
    let mut arns = Vec::new();
    for cluster in &clusters {
        let listed = place.ecs.list_all_services(cluster).await.map_err(refused)?;
        let records = place.ecs.find_services(cluster, &listed).await.map_err(refused)?;
        arns.extend(records.into_iter().filter(is_ours).map(|record| record.arn));
    }
    arns.sort();
    Ok(arns.into_iter().map(|arn| Watched { place: index, arn }).collect())
}

/// Whether a service belongs to Express Mode, or was made by the composed engine.
fn is_ours(record: &ServiceRecord) -> bool {
    let is_made = record.is_express || record.tags.contains_key(MANAGED_TAG_KEY);
    is_made && record.status != ServiceStatus::Inactive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_arn_a_cluster_with_a_name_or_a_name() {
        let name =
            |cluster: &str, name: &str| Target::Name { cluster: cluster.to_owned(), name: name.to_owned() };
        assert_eq!(Target::parse("prod/api", None), Ok(name("prod", "api")));
        assert_eq!(Target::parse("api", None), Ok(name("default", "api")));
        assert_eq!(Target::parse("api", Some("prod")), Ok(name("prod", "api")));
        let arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/api";
        assert_eq!(
            Target::parse(arn, None).map(|target| target.region().map(str::to_owned)),
            Ok(Some("eu-west-1".to_owned()))
        );
    }

    #[test]
    fn what_is_no_service_is_refused() {
        for text in ["", "/", "prod/", "/api", "a/b/c", "my service", "arn:aws:s3:::bucket"] {
            assert_eq!(Target::parse(text, None), Err(MonitorError::NotAService(text.to_owned())), "{text}");
        }
    }
}
