//! What is looked up and found: the resource's model without what only applies know, and what a state is too small for.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::schema;
use crate::framework::model::ShapeError;
use crate::framework::{Attr, Model, Path, Value};
use crate::model;
use crate::provider::resources::express_gateway_service::ServiceModel;
use crate::service::{Deployment, IngressPath, ManagedResource, ObservedService, console_url};

model! {
    /// An element of `ingress_paths`.
    pub(in crate::provider::data_sources) struct IngressPathModel {
        pub(in crate::provider::data_sources) access_type: Attr<String>,
        pub(in crate::provider::data_sources) endpoint: Attr<String>,
    }
}

model! {
    /// `deployment`, with its times.
    pub(in crate::provider::data_sources) struct FoundDeploymentModel {
        pub(in crate::provider::data_sources) arn: Attr<String>,
        pub(in crate::provider::data_sources) status: Attr<String>,
        pub(in crate::provider::data_sources) started_at: Attr<String>,
        pub(in crate::provider::data_sources) finished_at: Attr<String>,
    }
}

model! {
    /// An element of `resources`.
    pub(in crate::provider::data_sources) struct ResourceRowModel {
        pub(in crate::provider::data_sources) r#type: Attr<String>,
        pub(in crate::provider::data_sources) arn: Attr<String>,
        pub(in crate::provider::data_sources) status: Attr<String>,
        pub(in crate::provider::data_sources) status_reason: Attr<String>,
        pub(in crate::provider::data_sources) shared: Attr<bool>,
        pub(in crate::provider::data_sources) console_url: Attr<String>,
    }
}

model! {
    /// What the resource leaves out, or has less of.
    pub(in crate::provider::data_sources) struct ReportModel {
        pub(in crate::provider::data_sources) ingress_paths: Attr<Vec<IngressPathModel>>,
        pub(in crate::provider::data_sources) deployment: Attr<FoundDeploymentModel>,
        pub(in crate::provider::data_sources) resources: Attr<Vec<ResourceRowModel>>,
    }
}

/// A service that was looked up.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::provider::data_sources) struct FoundService {
    pub(in crate::provider::data_sources) service: ServiceModel,
    pub(in crate::provider::data_sources) report: ReportModel,
}

impl Model for FoundService {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        let Value::Object(members) = value else {
            return Err(ShapeError { path: path.clone(), expected: "an object" });
        };
        let report = ReportModel::from_value(value, path)?;
        let mut members = members.clone();
        members.extend(schema::NOT_READ.map(|name| (name.to_owned(), Value::Null)));
        members.extend(schema::REPORTED.map(|name| (name.to_owned(), Value::Null)));
        let service = ServiceModel::from_value(&Value::Object(members), path)?;
        Ok(Self { service, report })
    }

    fn to_value(&self) -> Value {
        let mut value = self.service.to_value();
        if let (Value::Object(members), Value::Object(report)) = (&mut value, self.report.to_value()) {
            members.retain(|name, _| !schema::NOT_READ.contains(&name.as_str()));
            members.extend(report);
        }
        value
    }
}

impl ReportModel {
    /// What an observed service shows.
    pub(super) fn of(observed: &ObservedService) -> Self {
        Self {
            ingress_paths: Attr::Known(observed.ingress_paths.iter().map(flatten_ingress_path).collect()),
            deployment: observed.deployment.as_ref().map(flatten_deployment).into(),
            resources: Attr::Known(observed.resources.iter().map(flatten_resource).collect()),
        }
    }
}

fn flatten_ingress_path(path: &IngressPath) -> IngressPathModel {
    IngressPathModel {
        access_type: Attr::Known(path.access_type.clone()),
        endpoint: Attr::Known(path.hostname.clone()),
    }
}

fn flatten_resource(resource: &ManagedResource) -> ResourceRowModel {
    let url = resource.arn.as_ref().and_then(|arn| console_url(resource.kind, arn));
    ResourceRowModel {
        r#type: Attr::Known(resource.kind.as_str().to_owned()),
        arn: resource.arn.clone().into(),
        status: Attr::Known(resource.status.clone()),
        status_reason: resource.status_reason.clone().into(),
        shared: Attr::Known(resource.kind.is_shared()),
        console_url: url.into(),
    }
}

fn flatten_deployment(deployment: &Deployment) -> FoundDeploymentModel {
    FoundDeploymentModel {
        arn: Attr::Known(deployment.arn.clone()),
        status: Attr::Known(deployment.status.as_str().to_owned()),
        started_at: flatten_time(deployment.started_at),
        finished_at: flatten_time(deployment.finished_at),
    }
}

/// RFC 3339 in UTC, to the second.
fn flatten_time(time: Option<SystemTime>) -> Attr<String> {
    let time = time.map(OffsetDateTime::from).and_then(|time| time.replace_nanosecond(0).ok());
    time.and_then(|time| time.format(&Rfc3339).ok()).into()
}
