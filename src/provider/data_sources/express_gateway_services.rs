//! `data "express_gateway_services"`: the services of both engines in a region, one row each.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::AwsError;
use crate::aws::ecs::{Ecs, ExpressService, ServiceRecord};
use crate::diagnosis::{self, Operation};
use crate::framework::data_source::DataSource;
use crate::framework::schema::validators::one_of;
use crate::framework::schema::{Attribute, Mode, Nesting, Schema};
use crate::framework::{Attr, Context, Diagnostic, Diagnostics, Type};
use crate::model;
use crate::provider::data_sources::unless_stopped;
use crate::provider::foreign::check_cluster;
use crate::provider::handle::{COMPOSED_ENGINE, Configured, MANAGED_ENGINE, ProviderHandle};
use crate::provider::listing::{ListedService, ServiceFilter, list_services, unreadable_service};
use crate::provider::resources::express_gateway_service::TagPolicy;
use crate::service::{IngressPath, ServiceArn, ServiceStatus};

/// Services that are described at the same time.
const DESCRIBED_AT_ONCE: usize = 8;

type Tags = BTreeMap<String, Attr<String>>;

model! {
    /// Filters, and the services that pass them.
    pub(super) struct ServicesModel {
        cluster: Attr<String>,
        tags: Attr<Tags>,
        engine: Attr<String>,
        services: Attr<Vec<ServiceRow>>,
    }
}

model! {
    /// One service.
    struct ServiceRow {
        service_arn: Attr<String>,
        service_name: Attr<String>,
        cluster_arn: Attr<String>,
        url: Attr<String>,
        hostname: Attr<String>,
        status: Attr<String>,
        engine: Attr<String>,
        tags: Attr<Tags>,
    }
}

/// The data source.
pub(super) struct ExpressGatewayServices {
    provider: ProviderHandle,
}

impl ExpressGatewayServices {
    /// A data source of this provider.
    pub(super) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }

    async fn list(&self, config: &ServicesModel) -> Result<(Vec<ServiceRow>, Diagnostics), Diagnostic> {
        let configured = self.provider.configured()?;
        check_cluster(&configured, &config.cluster)?;
        let policy = TagPolicy::new(Attr::Null, self.provider.ignore_tags());
        let listed = list_rows(&configured, config, &policy).await;
        listed.map_err(|error| {
            error.to_diagnostic(match config.cluster.known() {
                Some(cluster) => format!("Cannot list the services of cluster `{cluster}`"),
                None => format!("Cannot list the services in {}", configured.region),
            })
        })
    }
}

impl DataSource for ExpressGatewayServices {
    type Model = ServicesModel;

    fn type_name(&self) -> &'static str {
        "express_gateway_services"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    async fn read(&self, cx: &Context, config: ServicesModel) -> Result<ServicesModel, Diagnostics> {
        self.read_with_warnings(cx, config).await.map(|(found, _)| found)
    }

    async fn read_with_warnings(
        &self,
        cx: &Context,
        config: ServicesModel,
    ) -> Result<(ServicesModel, Diagnostics), Diagnostics> {
        let (services, warnings) = unless_stopped(cx, Box::pin(self.list(&config))).await?;
        Ok((ServicesModel { services: Attr::Known(services), ..config }, warnings))
    }
}

/// Lists first, then describes only what is left.
async fn list_rows(
    configured: &Configured,
    config: &ServicesModel,
    policy: &TagPolicy,
) -> Result<(Vec<ServiceRow>, Diagnostics), AwsError> {
    let filter = ServiceFilter {
        cluster: config.cluster.clone(),
        tags: config.tags.clone(),
        engine: config.engine.clone(),
    };
    let (services, mut warnings) = list_services(&configured.ecs, &filter).await?;
    let (managed, composed): (Vec<_>, Vec<_>) =
        services.into_iter().partition(|service| service.engine == MANAGED_ENGINE);
    let mut rows: BTreeMap<ServiceArn, ServiceRow> = BTreeMap::new();
    let (mut described, mut unreadable) = (0, None);
    for group in managed.chunks(DESCRIBED_AT_ONCE) {
        for (arn, row) in describe_managed(&configured.ecs, group, policy).await {
            match row {
                Ok(row) => {
                    described += 1;
                    rows.extend(row.map(|row| (arn, row)));
                }
                Err(error) => {
                    let problem = diagnosis::explain_refusal(Operation::Read, Some(&arn), &error);
                    warnings.push(unreadable_service(&arn, &problem));
                    unreadable = Some(error);
                }
            }
        }
    }
    // What may not be read at all is no warning for each.
    if let Some(error) = unreadable.filter(|_| described == 0 && managed.len() > 1) {
        return Err(error);
    }
    let records: Vec<&ServiceRecord> = composed.iter().map(|service| &service.record).collect();
    let mut paths = match configured.composed_engine.list_ingress_paths(&records).await {
        Ok(paths) => paths,
        Err(error) => {
            warnings.push(unknown_urls(&error));
            BTreeMap::new()
        }
    };
    for record in records {
        let row = Row {
            arn: &record.arn,
            status: &record.status,
            engine: COMPOSED_ENGINE,
            path: paths.remove(&record.arn),
            tags: &record.tags,
        };
        rows.insert(record.arn.clone(), row.flatten(policy));
    }
    Ok((rows.into_values().collect(), warnings))
}

/// The rows of Express services, each by itself; none of one that is gone by now.
async fn describe_managed(
    ecs: &Arc<Ecs>,
    group: &[ListedService],
    policy: &TagPolicy,
) -> Vec<(ServiceArn, Result<Option<ServiceRow>, AwsError>)> {
    let mut tasks = JoinSet::new();
    for service in group {
        let (ecs, arn) = (Arc::clone(ecs), service.record.arn.clone());
        tasks.spawn(async move {
            let found = ecs.find_express_gateway_service(&arn).await;
            (arn, found)
        });
    }
    let mut rows = Vec::new();
    while let Some(finished) = tasks.join_next().await {
        let (arn, found) = finished.expect("the look-up neither panics nor is aborted");
        let row = found.map(|found| {
            let living = found.filter(|service| service.status != ServiceStatus::Inactive);
            living.map(|service| flatten_managed(&service, policy))
        });
        rows.push((arn, row));
    }
    rows
}

fn unknown_urls(error: &AwsError) -> Diagnostic {
    let problem = error.to_diagnostic("");
    let mut warning =
        Diagnostic::warning("URLs of the composed engine's services cannot be read", problem.detail);
    warning.hints = problem.hints;
    warning
}

fn flatten_managed(service: &ExpressService, policy: &TagPolicy) -> ServiceRow {
    let mut paths = service.configurations.iter().flat_map(|configuration| &configuration.ingress_paths);
    let row = Row {
        arn: &service.arn,
        status: &service.status,
        engine: MANAGED_ENGINE,
        path: paths.next().cloned(),
        tags: &service.tags,
    };
    row.flatten(policy)
}

/// What a row says, whoever made the service.
struct Row<'a> {
    arn: &'a ServiceArn,
    status: &'a ServiceStatus,
    engine: &'static str,
    path: Option<IngressPath>,
    tags: &'a BTreeMap<String, String>,
}

impl Row<'_> {
    fn flatten(self, policy: &TagPolicy) -> ServiceRow {
        let (tags, _) = policy.flatten(self.tags, &Attr::Known(Tags::new()));
        ServiceRow {
            service_arn: Attr::Known(self.arn.to_string()),
            service_name: Attr::Known(self.arn.name().to_owned()),
            cluster_arn: Attr::Known(self.arn.cluster_arn()),
            url: self.path.as_ref().map(IngressPath::url).into(),
            hostname: self.path.map(|path| path.hostname).into(),
            status: Attr::Known(self.status.as_str().to_owned()),
            engine: Attr::Known(self.engine.to_owned()),
            tags,
        }
    }
}

const DESCRIPTION: &str = "The services of both engines in the provider's region, sorted by ARN, one row each. Needs \
`ecs:ListServices` and `ecs:DescribeServices`, without `cluster` also `ecs:ListClusters`, and with one that has no service `ecs:DescribeClusters`; for services of the managed \
engine `ecs:DescribeExpressGatewayService`; for the URLs of the composed engine's `ec2:DescribeSecurityGroups`, and of \
those without a domain `elasticloadbalancing:DescribeTargetGroups` and `elasticloadbalancing:DescribeLoadBalancers`.";

fn schema() -> Schema {
    let map_of_strings = Type::Map(Box::new(Type::String));
    Schema {
        version: 0,
        description: DESCRIPTION,
        attributes: vec![
            Attribute::optional("cluster", Type::String)
                .describe("Only services of this cluster, by name or ARN. Default: all clusters."),
            Attribute::optional("tags", map_of_strings).describe("Only services that have all these tags."),
            Attribute::optional("engine", Type::String)
                .describe("Only services of this engine: `managed` or `composed`. Default: every engine.")
                .validate(one_of(&[MANAGED_ENGINE, COMPOSED_ENGINE])),
            Attribute::nested("services", Mode::Computed, Nesting::List, row())
                .describe("The services that pass all filters."),
        ],
        blocks: Vec::new(),
    }
}

fn row() -> Vec<Attribute> {
    let text = |name| Attribute::computed(name, Type::String);
    vec![
        text("service_arn").describe("ARN of the ECS service."),
        text("service_name").describe("Its name."),
        text("cluster_arn").describe("ARN of its cluster."),
        text("url")
            .describe("Where it is reached. Plain `http://` for a service of the composed engine without a domain. Null \
                       while there is no address."),
        text("hostname").describe("Host name alone."),
        text("status").describe("`ACTIVE` or `DRAINING`."),
        text("engine").describe("Who assembled it: `managed` or `composed`."),
        Attribute::computed("tags", Type::Map(Box::new(Type::String)))
            .describe("Its tags, without AWS's own and those that the provider's `ignore_tags` names."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::SchemaUse;

    #[test]
    fn core_accepts_the_schema() {
        assert_eq!(schema().problems(SchemaUse::DataSource), Vec::<String>::new());
    }
}
