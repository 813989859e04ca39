//! `data "express_gateway_service"`: one live service with everything underneath.

mod model;
mod schema;

use std::collections::BTreeMap;

use model::{FoundService, ReportModel};

use crate::aws::AwsErrorKind;
use crate::diagnosis::{self, Operation};
use crate::framework::data_source::DataSource;
use crate::framework::schema::Schema;
use crate::framework::{Attr, Context, Diagnostic, Diagnostics, Path};
use crate::provider::data_sources::unless_stopped;
use crate::provider::foreign::check_cluster;
use crate::provider::handle::{Configured, MANAGED_ENGINE, ProviderHandle};
use crate::provider::maker::living_engine;
use crate::provider::resources::express_gateway_service::{
    ServiceModel, TagPolicy, check_region, flatten, with_hosted_zone,
};
use crate::service::{DEFAULT_CLUSTER_NAME, ObservedService, ServiceArn, ServiceStatus, cluster_name};

/// The data source.
pub(super) struct ExpressGatewayServiceLookup {
    provider: ProviderHandle,
}

impl ExpressGatewayServiceLookup {
    /// A data source of this provider.
    pub(super) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }

    async fn look_up(&self, config: &ServiceModel) -> Result<FoundService, Diagnostic> {
        let configured = self.provider.configured()?;
        let (arn, engine) = match config.service_arn.known() {
            Some(arn) => find_by_arn(&configured, arn).await?,
            None => find_by_name(&configured, config).await?,
        };
        let observed = observe(&configured, &arn, engine).await?;
        let tags = TagPolicy::new(Attr::Null, self.provider.ignore_tags());
        let known = ServiceModel {
            engine: Attr::Known(engine.to_owned()),
            tags: Attr::Known(BTreeMap::new()),
            ..config.clone()
        };
        let service = with_hosted_zone(&configured, flatten(&observed, &known, &tags)).await;
        Ok(FoundService { service, report: ReportModel::of(&observed) })
    }
}

impl DataSource for ExpressGatewayServiceLookup {
    type Model = FoundService;

    fn type_name(&self) -> &'static str {
        "express_gateway_service"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    fn validate(&self, config: &FoundService) -> Diagnostics {
        check_keys(&config.service).map(Diagnostics::from).unwrap_or_default()
    }

    async fn read(&self, cx: &Context, config: FoundService) -> Result<FoundService, Diagnostics> {
        unless_stopped(cx, Box::pin(self.look_up(&config.service))).await
    }
}

fn check_keys(config: &ServiceModel) -> Option<Diagnostic> {
    let given = |key: &Attr<String>| !key.is_null();
    if !given(&config.service_arn) {
        return (!given(&config.service_name)).then(|| {
            Diagnostic::error(
                "Which service is meant?",
                "A service is looked up by `service_arn`, or by `service_name` with an optional `cluster`.",
            )
            .hint("set `service_name = \"...\"`")
        });
    }
    let superfluous = [("service_name", given(&config.service_name)), ("cluster", given(&config.cluster))];
    let (name, _) = superfluous.into_iter().find(|(_, is_given)| *is_given)?;
    Some(
        Diagnostic::error(
            format!("`{name}` cannot be set together with `service_arn`"),
            "The ARN already says which service is meant, cluster and name included.",
        )
        .hint(format!("remove `{name}`, or remove `service_arn`"))
        .at(Path::attribute(name)),
    )
}

/// The service of an ARN, with the engine that made it.
async fn find_by_arn(configured: &Configured, arn: &str) -> Result<(ServiceArn, &'static str), Diagnostic> {
    let arn: ServiceArn = arn.parse().map_err(|error| {
        Diagnostic::error("Cannot look up the service", format!("{error}."))
            .at(Path::attribute("service_arn"))
    })?;
    check_region(configured, &arn)?;
    let engine = match configured.ecs.find_service(arn.cluster(), arn.name()).await {
        // The managed engine's own look-up needs no more than the ARN.
        Err(error) if error.kind == AwsErrorKind::AccessDenied => Some(MANAGED_ENGINE),
        Err(error) => return Err(error.to_diagnostic(cannot_look_up(arn.cluster(), arn.name()))),
        Ok(record) => living_engine(record.as_ref()).map_err(look_up_elsewhere)?,
    };
    match engine {
        Some(engine) => Ok((arn, engine)),
        None => Err(missing(configured, arn.cluster(), arn.name())),
    }
}

/// The service of a name, with the engine that made it.
async fn find_by_name(
    configured: &Configured,
    config: &ServiceModel,
) -> Result<(ServiceArn, &'static str), Diagnostic> {
    let cluster = config.cluster.known().map_or(DEFAULT_CLUSTER_NAME, String::as_str);
    let name = config.service_name.known().map_or("", String::as_str);
    check_cluster(configured, &config.cluster)?;
    let found = configured.ecs.find_service(cluster, name).await;
    let found = found.map_err(|error| error.to_diagnostic(cannot_look_up(cluster, name)))?;
    let engine = living_engine(found.as_ref()).map_err(look_up_elsewhere)?;
    match (found, engine) {
        (Some(record), Some(engine)) => Ok((record.arn, engine)),
        _ => Err(missing(configured, cluster, name)),
    }
}

fn cannot_look_up(cluster: &str, name: &str) -> String {
    format!("Cannot look up service `{name}` in cluster `{}`", cluster_name(cluster))
}

fn look_up_elsewhere(ordinary: Diagnostic) -> Diagnostic {
    ordinary.hint("look it up with `data \"aws_ecs_service\"` of hashicorp/aws")
}

async fn observe(
    configured: &Configured,
    arn: &ServiceArn,
    engine: &str,
) -> Result<ObservedService, Diagnostic> {
    let observed = configured.engine(engine).observe(arn).await;
    let observed =
        observed.map_err(|error| diagnosis::explain_refusal(Operation::Read, Some(arn), &error))?;
    let living = observed.filter(|observed| observed.status != ServiceStatus::Inactive);
    living.ok_or_else(|| missing(configured, arn.cluster(), arn.name()))
}

fn missing(configured: &Configured, cluster: &str, name: &str) -> Diagnostic {
    let account = configured.account_id.as_ref().map_or(String::new(), |id| format!(" of account {id}"));
    let cluster = cluster_name(cluster);
    Diagnostic::error(
        format!("No service `{name}` in cluster `{cluster}`"),
        format!(
            "A service named `{name}` that one of the two engines made was looked for in cluster `{cluster}`{account} in \
             {}: there is none.",
            configured.region
        ),
    )
    .hint("the data source `express_gateway_services` lists what is there")
    .hint("if the same configuration makes the service, refer to the resource instead of looking it up")
}
