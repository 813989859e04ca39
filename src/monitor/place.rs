//! Where services are looked for: one account in one region, as one profile reaches it.

use std::sync::Arc;

use super::error::MonitorError;
use super::options::Options;
use crate::aws::Clients;
use crate::aws::config::{self, Surroundings};
use crate::aws::credentials::verify;
use crate::aws::ecs::Ecs;
use crate::aws::elbv2::Elbv2;
use crate::aws::settings::{ClientSettings, Endpoints};
use crate::diagnosis::EvidenceReader;
use crate::engine::composed::{self, Apis, ComposedEngine};

/// One region of one account.
#[derive(Clone)]
pub(super) struct Place {
    /// Profile that the user named.
    pub(super) profile: Option<String>,
    pub(super) region: String,
    /// The account of the credentials, if AWS said so.
    pub(super) account_id: Option<String>,
    pub(super) ecs: Arc<Ecs>,
    /// Reads what the composed engine made.
    pub(super) composed_engine: Arc<ComposedEngine>,
    /// Tells why a deployment failed.
    pub(super) evidence: EvidenceReader,
}

impl Place {
    /// Opens every combination of the profiles and regions that the user named, and of the regions of ARNs; each is
    /// proved by one STS call. Names are looked for in the configured region if the user named none.
    ///
    /// # Errors
    /// The first one that cannot be used.
    pub(super) async fn open_all(
        options: &Options,
        arn_regions: &[String],
        has_names: bool,
        surroundings: &Surroundings,
    ) -> Result<Vec<Self>, MonitorError> {
        let mut regions: Vec<Option<String>> = options.regions.iter().cloned().map(Some).collect();
        if regions.is_empty() && (has_names || options.all) {
            regions.push(None);
        }
        regions.extend(arn_regions.iter().cloned().map(Some));
        let mut profiles: Vec<Option<String>> = options.profiles.iter().cloned().map(Some).collect();
        if profiles.is_empty() {
            profiles.push(None);
        }
        let mut places: Vec<Self> = Vec::new();
        for profile in &profiles {
            for region in &regions {
                let place = Self::open(options, profile.as_deref(), region.as_deref(), surroundings).await?;
                let is_known =
                    |known: &Self| (&known.profile, &known.region) == (&place.profile, &place.region);
                if !places.iter().any(is_known) {
                    places.push(place);
                }
            }
        }
        Ok(places)
    }

    async fn open(
        options: &Options,
        profile: Option<&str>,
        region: Option<&str>,
        surroundings: &Surroundings,
    ) -> Result<Self, MonitorError> {
        let endpoints = options
            .endpoint_url
            .iter()
            .flat_map(|url| Endpoints::SERVICES.iter().map(move |(service, _)| (*service, url.clone())));
        let settings = ClientSettings {
            region: region.map(str::to_owned),
            profile: profile.map(str::to_owned),
            endpoints: Endpoints(endpoints.collect()),
            ..ClientSettings::default()
        };
        let refused = |diagnostic| MonitorError::of_access(profile.unwrap_or_default(), &diagnostic);
        let clients = Clients::new(config::load(&settings, surroundings).await.map_err(refused)?);
        let identified = verify(&clients).await.map_err(refused)?;
        let account_id = identified.map(|identity| identity.account_id);
        let region = clients.region().to_owned();
        let place = composed::Place {
            partition: clients.partition().to_owned(),
            region: region.clone(),
            account_id: account_id.clone(),
        };
        let ecs = Arc::new(Ecs::new(clients.clone()));
        let elbv2 = Arc::new(Elbv2::new(clients.clone()));
        let apis = Apis::new(&clients, Arc::clone(&ecs), Arc::clone(&elbv2));
        Ok(Self {
            evidence: EvidenceReader::new(&clients, Arc::clone(&ecs), elbv2, true),
            profile: profile.map(str::to_owned),
            region,
            account_id: account_id.ok(),
            ecs,
            composed_engine: Arc::new(ComposedEngine::new(apis, place)),
        })
    }

    /// `eu-west-1`, or `prod:eu-west-1` with a profile.
    pub(super) fn name(&self) -> String {
        match &self.profile {
            Some(profile) => format!("{profile}:{}", self.region),
            None => self.region.clone(),
        }
    }
}

/// The names of places, for messages.
pub(super) fn names(places: &[Place]) -> String {
    places.iter().map(Place::name).collect::<Vec<_>>().join(", ")
}
