//! `list "express_gateway_service"`: the services of a region, for `terraform query`.
//!
//! Each comes with its identity, which an `import` block takes, and on request with its attributes, from which
//! Terraform writes a configuration that plans no change.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnosis::{self, Operation};
use crate::framework::list_resource::{Found, ListResource, Listed, Query};
use crate::framework::schema::validators::one_of;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::{Attr, Context, Diagnostic, Diagnostics, Model, Type, Value};
use crate::model;
use crate::provider::foreign::check_cluster;
use crate::provider::handle::{COMPOSED_ENGINE, Configured, MANAGED_ENGINE, ProviderHandle};
use crate::provider::listing::{ListedService, ServiceFilter, list_services, unreadable_service};
use crate::provider::resources::express_gateway_service::{ServiceModel, TagPolicy, identity_of, imported};
use crate::service::ServiceStatus;

model! {
    /// The `config` block.
    pub(super) struct ListModel {
        cluster: Attr<String>,
        tags: Attr<BTreeMap<String, Attr<String>>>,
        engine: Attr<String>,
    }
}

/// The list resource.
pub(super) struct ExpressGatewayServiceList {
    provider: ProviderHandle,
}

impl ExpressGatewayServiceList {
    /// A list resource of this provider.
    pub(super) fn new(provider: ProviderHandle) -> Self {
        Self { provider }
    }

    /// Sends what can be read; what cannot is left out and warned about: core takes an object without its attributes
    /// for a defect, and an error ends its whole query.
    async fn list_into(&self, query: Query<ListModel>, found: &Found) -> Result<Diagnostics, Diagnostic> {
        let configured = self.provider.configured()?;
        let Query { config, includes_resource } = query;
        check_cluster(&configured, &config.cluster)?;
        let filter = ServiceFilter { cluster: config.cluster, tags: config.tags, engine: config.engine };
        let (services, mut warnings) = list_services(&configured.ecs, &filter).await.map_err(|error| {
            error.to_diagnostic(format!("Cannot list the services in {}", configured.region))
        })?;
        for service in services {
            let resource = if includes_resource {
                Box::pin(self.observe(&configured, &service)).await
            } else {
                Ok(None)
            };
            let arn = &service.record.arn;
            let resource = match resource {
                Ok(None) if includes_resource => continue,
                Ok(resource) => resource,
                Err(problem) => {
                    warnings.push(unreadable_service(arn, &problem));
                    continue;
                }
            };
            let listed = Listed {
                identity: identity_of(&arn.to_string()),
                display_name: format!("{}/{}", arn.cluster(), arn.name()),
                resource,
                diagnostics: Diagnostics::none(),
            };
            if !found.send(listed).await {
                break;
            }
        }
        Ok(warnings)
    }

    /// The state that an import of the service would have; `None`: it has gone meanwhile.
    async fn observe(
        &self,
        configured: &Arc<Configured>,
        service: &ListedService,
    ) -> Result<Option<Value>, Diagnostic> {
        let ListedService { record, engine } = service;
        let observed = configured.engine(engine).observe(&record.arn).await;
        let observed = observed
            .map_err(|error| diagnosis::explain_refusal(Operation::Read, Some(&record.arn), &error))?;
        let alive = observed.filter(|observed| observed.status != ServiceStatus::Inactive);
        let tags = TagPolicy::new(self.provider.default_tags(), self.provider.ignore_tags());
        let known = ServiceModel { engine: Attr::Known((*engine).to_owned()), ..ServiceModel::empty() };
        match alive {
            Some(observed) => Ok(Some(imported(configured, &observed, &known, &tags).await.to_value())),
            None => Ok(None),
        }
    }
}

impl ListResource for ExpressGatewayServiceList {
    type Model = ListModel;

    fn type_name(&self) -> &'static str {
        "express_gateway_service"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    async fn list(&self, cx: &Context, query: Query<ListModel>, found: &Found) -> Diagnostics {
        tokio::select! {
            biased;
            () = cx.cancellation.cancelled() => {
                Diagnostic::error("Cancelled", "Terraform was stopped while services were being listed.").into()
            }
            listed = self.list_into(query, found) => listed.unwrap_or_else(Diagnostics::from),
        }
    }
}

const DESCRIPTION: &str = "Lists the services of both engines in the provider's region for `terraform query` (Terraform \
1.14 and later), sorted by ARN. Needs `ecs:ListServices`, `ecs:DescribeServices`, and without `cluster` also \
`ecs:ListClusters`; with `include_resource` what reading a service needs.";

fn schema() -> Schema {
    Schema {
        description: DESCRIPTION,
        attributes: vec![
            Attribute::optional("cluster", Type::String)
                .describe("Only services of this cluster, by name or ARN. Default: all clusters."),
            Attribute::optional("tags", Type::Map(Box::new(Type::String)))
                .describe("Only services that have all these tags."),
            Attribute::optional("engine", Type::String)
                .describe("Only services of this engine: `managed` or `composed`. Default: every engine.")
                .validate(one_of(&[MANAGED_ENGINE, COMPOSED_ENGINE])),
        ],
        ..Schema::default()
    }
}
