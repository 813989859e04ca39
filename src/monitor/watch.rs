//! Looks at every watched service, round after round.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::error::MonitorError;
use super::look::{Look, Memory, look};
use super::options::Options;
use super::place::Place;
use super::target::{Target, Watched, find_targets};
use crate::aws::AwsError;
use crate::aws::config::Surroundings;
use crate::diagnosis::EvidenceReader;
use crate::service::ServiceArn;

/// Services that are looked at together; as many as one call takes at the most.
const TOGETHER: usize = 20;
/// Time that each service adds to a round, so that the rate of calls has a bound.
const PER_SERVICE: Duration = Duration::from_millis(250);

/// The services that are watched, and how they are reached.
pub(super) struct Watch {
    places: Vec<Arc<Place>>,
    services: Vec<(Watched, Memory)>,
    interval: Duration,
}

/// What one look gave; `None`: no record.
pub(super) type Looked = Result<Option<Look>, AwsError>;

impl Watch {
    /// Reaches AWS and finds the services.
    ///
    /// # Errors
    /// Whatever keeps the monitor from beginning, in one line.
    pub(super) async fn begin(options: &Options, surroundings: &Surroundings) -> Result<Self, MonitorError> {
        let cluster = options.cluster.as_deref();
        let targets = options.services.iter().map(|text| Target::parse(text, cluster));
        let targets = targets.collect::<Result<Vec<_>, _>>()?;
        let has_names = targets.iter().any(|target| target.region().is_none());
        let mut regions: Vec<String> = Vec::new();
        for region in targets.iter().filter_map(Target::region) {
            if !regions.iter().any(|known| known == region) {
                regions.push(region.to_owned());
            }
        }
        let places = Place::open_all(options, &regions, has_names, surroundings).await?;
        let watched = find_targets(options, &targets, &places).await?;
        let services = watched.into_iter().map(|one| (one, Memory::default())).collect();
        let places = places.into_iter().map(Arc::new).collect();
        Ok(Self { places, services, interval: options.interval })
    }

    /// The services with the names that tell them apart.
    pub(super) fn labels(&self) -> Vec<(String, ServiceArn)> {
        let has_places = self.places.len() > 1;
        let label = |watched: &Watched| {
            let name = format!("{}/{}", watched.arn.cluster(), watched.arn.name());
            let place = &self.places[watched.place];
            if has_places { format!("{}/{name}", place.name()) } else { name }
        };
        self.services.iter().map(|(watched, _)| (label(watched), watched.arn.clone())).collect()
    }

    /// What tells why a service failed.
    pub(super) fn evidence(&self, index: usize) -> &EvidenceReader {
        &self.places[self.services[index].0.place].evidence
    }

    /// Time between two rounds: the more services, the longer, so that no account is asked too often.
    pub(super) fn interval(&self) -> Duration {
        let services = u32::try_from(self.services.len()).unwrap_or(u32::MAX);
        self.interval.max(PER_SERVICE.saturating_mul(services))
    }

    /// Looks at every service once, twenty at a time.
    pub(super) async fn look_at_all(&mut self) -> Vec<Looked> {
        let mut looks = Vec::with_capacity(self.services.len());
        for group in self.services.chunks_mut(TOGETHER) {
            let mut tasks = JoinSet::new();
            for (index, (watched, memory)) in group.iter().enumerate() {
                let place = Arc::clone(&self.places[watched.place]);
                let (arn, mut memory) = (watched.arn.clone(), memory.clone());
                tasks.spawn(async move {
                    let looked = look(&place, &arn, &mut memory).await;
                    (index, looked, memory)
                });
            }
            let mut done = tasks.join_all().await;
            done.sort_by_key(|(index, ..)| *index);
            for (index, looked, memory) in done {
                group[index].1 = memory;
                looks.push(looked);
            }
        }
        looks
    }
}
