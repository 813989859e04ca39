//! `data "express_gateway_services"`: the Express services of a region, one row each.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::AwsError;
use crate::aws::ecs::{Ecs, ExpressService, ServiceRecord};
use crate::framework::data_source::DataSource;
use crate::framework::schema::validators::one_of;
use crate::framework::schema::{Attribute, Mode, Nesting, Schema};
use crate::framework::{Attr, Context, Diagnostic, Diagnostics, Type};
use crate::model;
use crate::provider::data_sources::unless_stopped;
use crate::provider::handle::ProviderHandle;
use crate::provider::listing::{MANAGED, ServiceFilter, list_services};
use crate::provider::resources::express_gateway_service::TagPolicy;
use crate::service::ServiceStatus;

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

    async fn list(&self, config: &ServicesModel) -> Result<Vec<ServiceRow>, Diagnostic> {
        let configured = self.provider.configured()?;
        let policy = TagPolicy::new(Attr::Null, self.provider.ignore_tags());
        let listed = list_rows(&configured.ecs, config, &policy).await;
        listed.map_err(|error| {
            error.to_diagnostic(match config.cluster.known() {
                Some(cluster) => format!("Cannot list the Express services of cluster `{cluster}`"),
                None => format!("Cannot list the Express services in {}", configured.region),
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
        let services = Attr::Known(unless_stopped(cx, self.list(&config)).await?);
        Ok(ServicesModel { services, ..config })
    }
}

/// Lists first, then describes only what is left.
async fn list_rows(
    ecs: &Arc<Ecs>,
    config: &ServicesModel,
    policy: &TagPolicy,
) -> Result<Vec<ServiceRow>, AwsError> {
    let filter = ServiceFilter {
        cluster: config.cluster.clone(),
        tags: config.tags.clone(),
        engine: config.engine.clone(),
    };
    let records = list_services(ecs, &filter).await?;
    let mut rows = Vec::new();
    for group in records.chunks(DESCRIBED_AT_ONCE) {
        rows.extend(describe(ecs, group, policy).await?);
    }
    Ok(rows)
}

/// The rows of a group, in its order. A service that is gone by now is left out.
async fn describe(
    ecs: &Arc<Ecs>,
    group: &[ServiceRecord],
    policy: &TagPolicy,
) -> Result<Vec<ServiceRow>, AwsError> {
    let mut tasks = JoinSet::new();
    for (position, record) in group.iter().enumerate() {
        let (ecs, arn) = (Arc::clone(ecs), record.arn.clone());
        tasks.spawn(async move { (position, ecs.find_express_gateway_service(&arn).await) });
    }
    let mut services = BTreeMap::new();
    while let Some(finished) = tasks.join_next().await {
        let (position, found) = finished.expect("the look-up neither panics nor is aborted");
        services.extend(found?.map(|service| (position, service)));
    }
    let rows = services.iter().filter(|(_, service)| service.status != ServiceStatus::Inactive);
    Ok(rows.map(|(_, service)| flatten_row(service, policy)).collect())
}

fn flatten_row(service: &ExpressService, policy: &TagPolicy) -> ServiceRow {
    let paths = service.configurations.iter().flat_map(|configuration| &configuration.ingress_paths);
    let hostname = paths.map(|path| path.hostname.clone()).next();
    let (tags, _) = policy.flatten(&service.tags, &Attr::Known(Tags::new()));
    ServiceRow {
        service_arn: Attr::Known(service.arn.to_string()),
        service_name: Attr::Known(service.arn.name().to_owned()),
        cluster_arn: Attr::Known(service.arn.cluster_arn()),
        url: hostname.as_ref().map(|hostname| format!("https://{hostname}")).into(),
        hostname: hostname.into(),
        status: Attr::Known(service.status.as_str().to_owned()),
        engine: Attr::Known(MANAGED.to_owned()),
        tags,
    }
}

const DESCRIPTION: &str = "The Express services of the provider's region, sorted by ARN, one row each. Needs \
`ecs:ListServices`, `ecs:DescribeServices`, `ecs:DescribeExpressGatewayService`, and without `cluster` also \
`ecs:ListClusters`.";

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
                .validate(one_of(&[MANAGED, "composed"])),
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
            .describe("Where it is reached: `https://` and the host name. Null while ECS has not given one."),
        text("hostname").describe("Host name alone."),
        text("status").describe("`ACTIVE` or `DRAINING`."),
        text("engine").describe("Who assembled it: `managed`."),
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
