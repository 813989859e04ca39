//! The look-ups of a provider configuration: each distinct thing is asked for once, many in one call where AWS allows.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::kept::{Kept, Looked};
use crate::aws::batch::Batch;
use crate::aws::ec2::{Ec2, Subnet};
use crate::aws::ecr::{Ecr, ImagePlatforms};
use crate::aws::ecs::clusters::{CLUSTERS_PER_CALL, Cluster};
use crate::aws::ecs::{Ecs, ServiceKey, ServiceRecord};
use crate::aws::iam::{Iam, Role};
use crate::aws::logs::Logs;
use crate::aws::secretsmanager::{SecretRecord, SecretsManager};
use crate::aws::ssm::Ssm;
use crate::aws::{AwsError, AwsErrorKind, Clients};
use crate::clock::SharedClock;
use crate::service::{EcrImage, ServiceArn};

/// `DescribeSubnets` and `DescribeSecurityGroups` take at most this many values of a filter.
const SUBNETS_PER_CALL: usize = 200;
/// A role or a security group that was just made may not be seen everywhere: one that is missing is asked for again after
/// this time.
const SETTLING_TIME: Duration = Duration::from_secs(2);
/// Services of this run's states that are remembered.
const OWN_SERVICE_LIMIT: usize = 10_000;

/// The VPC that services are in when no subnets are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefaultNetwork {
    pub(crate) vpc_id: String,
    pub(crate) subnets: Vec<Subnet>,
}

/// What a repository answers about one of its images.
type ImageAnswer = Result<Option<ImagePlatforms>, AwsError>;

/// Look-ups that all resources of one provider configuration share. Denied ones find nothing out, silently; a service
/// that cannot be reached is not asked again.
pub(crate) struct Looks {
    clock: SharedClock,
    pub(super) region: String,
    pub(super) account_id: Option<String>,
    ec2: Arc<Ec2>,
    ecr: Arc<Ecr>,
    ecs: Arc<Ecs>,
    iam: Iam,
    logs: Logs,
    secrets_manager: SecretsManager,
    unreachable: Mutex<BTreeSet<&'static str>>,
    own_services: Mutex<BTreeSet<ServiceArn>>,
    roles: Kept<String, Role>,
    subnet_batch: Batch<String, Subnet>,
    subnets: Kept<String, Subnet>,
    security_group_batch: Batch<String, ()>,
    security_groups: Kept<String, ()>,
    default_network: Kept<(), DefaultNetwork>,
    vpc_endpoints: Kept<String, Vec<String>>,
    cluster_batch: Batch<String, Cluster>,
    clusters: Kept<String, Cluster>,
    services: Kept<ServiceKey, ServiceRecord>,
    log_groups: Kept<String, ()>,
    image_batch: Batch<EcrImage, ImageAnswer>,
    images: Kept<EcrImage, ImagePlatforms>,
    pull_through: Kept<String, Vec<String>>,
    secrets: Kept<String, SecretRecord>,
    parameter_batch: Batch<String, ()>,
    parameters: Kept<String, ()>,
}

impl Looks {
    /// Look-ups with these clients' credentials, each with few repetitions and an early end.
    pub(crate) fn new(clients: &Clients, account_id: Option<String>) -> Self {
        let clients = clients.for_look_ups();
        let (ec2, ecr) = (Arc::new(Ec2::new(clients.clone())), Arc::new(Ecr::new(clients.clone())));
        let (ecs, ssm) = (Arc::new(Ecs::new(clients.clone())), Arc::new(Ssm::new(clients.clone())));
        Self {
            clock: clients.clock().clone(),
            region: clients.region().to_owned(),
            account_id,
            iam: Iam::new(clients.clone()),
            logs: Logs::new(clients.clone()),
            secrets_manager: SecretsManager::new(clients),
            unreachable: Mutex::default(),
            own_services: Mutex::default(),
            roles: Kept::default(),
            subnet_batch: batch_subnets(&ec2),
            subnets: Kept::default(),
            security_group_batch: batch_security_groups(&ec2),
            security_groups: Kept::default(),
            default_network: Kept::default(),
            vpc_endpoints: Kept::default(),
            cluster_batch: batch_clusters(&ecs),
            clusters: Kept::default(),
            services: Kept::default(),
            log_groups: Kept::default(),
            image_batch: batch_images(&ecr),
            images: Kept::default(),
            pull_through: Kept::default(),
            secrets: Kept::default(),
            parameter_batch: batch_parameters(ssm),
            parameters: Kept::default(),
            ec2,
            ecr,
            ecs,
        }
    }

    /// Remembers a service of this run's states: its name is its own.
    pub(crate) fn note_own_service(&self, arn: &ServiceArn) {
        let mut own = self.own_services.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() < OWN_SERVICE_LIMIT {
            own.insert(arn.clone());
        }
    }

    /// Whether a state of this run has the service.
    pub(super) fn is_own_service(&self, arn: &ServiceArn) -> bool {
        self.own_services.lock().unwrap_or_else(PoisonError::into_inner).contains(arn)
    }

    /// A role of the account by name.
    pub(super) async fn find_role(&self, name: &str) -> Looked<Role> {
        let look = || async {
            let first = self.ask("IAM", self.iam.find_role(name)).await;
            if first != Looked::Missing {
                return first;
            }
            self.clock.sleep(SETTLING_TIME).await;
            self.ask("IAM", self.iam.find_role(name)).await
        };
        self.roles.find(self.clock.now(), name.to_owned(), look).await
    }

    /// Subnets by id, each with what its routes make of it.
    pub(crate) async fn find_subnets<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a String>,
    ) -> Vec<(String, Looked<Subnet>)> {
        join_all(ids.into_iter().map(|id| async move {
            let look = || self.ask("EC2", self.subnet_batch.find(id));
            (id.clone(), self.subnets.find(self.clock.now(), id.clone(), look).await)
        }))
        .await
    }

    /// Whether a security group is there.
    pub(super) async fn find_security_group(&self, id: &str) -> Looked<()> {
        let key = id.to_owned();
        let look = || async {
            let first = self.ask("EC2", self.security_group_batch.find(&key)).await;
            if first != Looked::Missing {
                return first;
            }
            self.clock.sleep(SETTLING_TIME).await;
            self.ask("EC2", self.security_group_batch.find(&key)).await
        };
        self.security_groups.find(self.clock.now(), id.to_owned(), look).await
    }

    /// The default VPC with its default subnets.
    pub(crate) async fn find_default_network(&self) -> Looked<DefaultNetwork> {
        let look = Box::pin(async {
            let Some(vpc_id) = self.ec2.find_default_vpc().await? else { return Ok(None) };
            let subnets = self.ec2.list_default_subnets(&vpc_id).await?;
            Ok(Some(DefaultNetwork { vpc_id, subnets }))
        });
        self.default_network.find(self.clock.now(), (), || self.ask("EC2", look)).await
    }

    /// Services that a VPC has endpoints of.
    pub(super) async fn find_vpc_endpoints(&self, vpc_id: &str) -> Looked<Vec<String>> {
        let look = Box::pin(async { self.ec2.list_vpc_endpoint_services(vpc_id).await.map(Some) });
        self.vpc_endpoints.find(self.clock.now(), vpc_id.to_owned(), || self.ask("EC2", look)).await
    }

    /// A cluster by name.
    pub(super) async fn find_cluster(&self, name: &str) -> Looked<Cluster> {
        let key = name.to_owned();
        let look = || self.ask("ECS", self.cluster_batch.find(&key));
        self.clusters.find(self.clock.now(), name.to_owned(), look).await
    }

    /// A service by cluster and name.
    pub(super) async fn find_service(&self, cluster: &str, name: &str) -> Looked<ServiceRecord> {
        let key = ServiceKey { cluster: cluster.to_owned(), service: name.to_owned() };
        let look = || self.ask("ECS", self.ecs.find_service(cluster, name));
        self.services.find(self.clock.now(), key, look).await
    }

    /// Whether a log group is there.
    pub(super) async fn find_log_group(&self, name: &str) -> Looked<()> {
        let look = Box::pin(async { Ok(self.logs.find_log_group(name).await?.map(drop)) });
        self.log_groups.find(self.clock.now(), name.to_owned(), || self.ask("CloudWatch Logs", look)).await
    }

    /// An image of a registry in this region.
    pub(super) async fn find_image(&self, image: &EcrImage) -> Looked<ImagePlatforms> {
        let look = Box::pin(async { self.image_batch.find(image).await?.unwrap_or(Ok(None)) });
        self.images.find(self.clock.now(), image.clone(), || self.ask("ECR", look)).await
    }

    /// Beginnings of repositories that a registry fills when an image is first pulled.
    pub(super) async fn find_pull_through_prefixes(&self, registry_id: &str) -> Looked<Vec<String>> {
        let look = Box::pin(async { self.ecr.list_pull_through_prefixes(registry_id).await.map(Some) });
        self.pull_through.find(self.clock.now(), registry_id.to_owned(), || self.ask("ECR", look)).await
    }

    /// A secret by ARN or name.
    pub(super) async fn find_secret(&self, id: &str) -> Looked<SecretRecord> {
        let look = || self.ask("Secrets Manager", self.secrets_manager.find_secret(id));
        self.secrets.find(self.clock.now(), id.to_owned(), look).await
    }

    /// Whether there is a parameter of any of these names.
    pub(super) async fn find_parameter(&self, names: &[String]) -> Looked<()> {
        let looked = join_all(names.iter().map(|name| async move {
            let look = || self.ask("Parameter Store", self.parameter_batch.find(name));
            self.parameters.find(self.clock.now(), name.clone(), look).await
        }))
        .await;
        let is_any = |wanted| looked.contains(&wanted);
        [Looked::Found(()), Looked::Hidden]
            .into_iter()
            .find(|wanted| is_any(*wanted))
            .unwrap_or(Looked::Missing)
    }

    /// Asks `service`, unless it is known to be out of reach.
    async fn ask<V>(
        &self,
        service: &'static str,
        look: impl Future<Output = Result<Option<V>, AwsError>>,
    ) -> Looked<V> {
        let is_unreachable =
            || self.unreachable.lock().unwrap_or_else(PoisonError::into_inner).contains(service);
        if is_unreachable() {
            return Looked::Hidden;
        }
        match look.await {
            Ok(Some(value)) => Looked::Found(value),
            Ok(None) => Looked::Missing,
            Err(error) => {
                tracing::debug!(error = %error, "preflight cannot look, and says nothing");
                if matches!(error.kind, AwsErrorKind::Timeout | AwsErrorKind::Unreachable) {
                    self.unreachable.lock().unwrap_or_else(PoisonError::into_inner).insert(service);
                }
                Looked::Hidden
            }
        }
    }
}

fn batch_subnets(ec2: &Arc<Ec2>) -> Batch<String, Subnet> {
    let ec2 = Arc::clone(ec2);
    Batch::new(SUBNETS_PER_CALL, move |ids: Vec<String>| {
        let ec2 = Arc::clone(&ec2);
        async move {
            let subnets = ec2.list_existing_subnets(&ids).await?;
            Ok(subnets.into_iter().map(|subnet| (subnet.id.clone(), subnet)).collect())
        }
    })
}

fn batch_security_groups(ec2: &Arc<Ec2>) -> Batch<String, ()> {
    let ec2 = Arc::clone(ec2);
    Batch::new(SUBNETS_PER_CALL, move |ids: Vec<String>| {
        let ec2 = Arc::clone(&ec2);
        async move {
            let groups = ec2.list_existing_security_groups(&ids).await?;
            Ok(groups.into_iter().map(|group| (group.id, ())).collect())
        }
    })
}

fn batch_clusters(ecs: &Arc<Ecs>) -> Batch<String, Cluster> {
    let ecs = Arc::clone(ecs);
    Batch::new(CLUSTERS_PER_CALL, move |names: Vec<String>| {
        let ecs = Arc::clone(&ecs);
        async move { Ok(ecs.list_existing_clusters(&names).await?.into_iter().collect()) }
    })
}

/// One call for each repository of those that are asked for together. What one of them refuses hides no other.
fn batch_images(ecr: &Arc<Ecr>) -> Batch<EcrImage, ImageAnswer> {
    let ecr = Arc::clone(ecr);
    Batch::new(Ecr::IMAGES_PER_CALL, move |images: Vec<EcrImage>| {
        let ecr = Arc::clone(&ecr);
        async move {
            let mut repositories: HashMap<_, Vec<EcrImage>> = HashMap::new();
            for image in images {
                let key = (image.registry_id.clone(), image.repository.clone());
                repositories.entry(key).or_default().push(image);
            }
            let calls = repositories.into_iter().map(|(key, images)| list_images(&ecr, key, images));
            Ok(join_all(calls).await.into_iter().flatten().collect())
        }
    })
}

async fn list_images(
    ecr: &Ecr,
    (registry_id, repository): (String, String),
    images: Vec<EcrImage>,
) -> Vec<(EcrImage, ImageAnswer)> {
    let references: Vec<_> = images.iter().map(|image| image.reference.clone()).collect();
    let found = ecr.list_images(&registry_id, &repository, &references).await;
    let answer = |image: &EcrImage| match &found {
        Ok(found) => Ok(found.get(&image.reference).cloned()),
        Err(error) => Err(error.clone()),
    };
    images.into_iter().map(|image| (image.clone(), answer(&image))).collect()
}

fn batch_parameters(ssm: Arc<Ssm>) -> Batch<String, ()> {
    Batch::new(Ssm::PARAMETERS_PER_CALL, move |names: Vec<String>| {
        let ssm = Arc::clone(&ssm);
        async move { Ok(ssm.list_parameters(&names).await?.into_iter().map(|name| (name, ())).collect()) }
    })
}
