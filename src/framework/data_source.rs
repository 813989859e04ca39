//! Data sources: the typed trait that a data source implements.

use std::future::Future;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Model};

/// A data source of one Terraform type.
pub trait DataSource: Send + Sync + 'static {
    /// One field for each attribute of the schema.
    type Model: Model + Clone + Send + Sync + 'static;

    /// The Terraform type.
    fn type_name(&self) -> &'static str;

    /// Attributes, validators and documentation.
    fn schema(&self) -> Schema;

    /// Checks that a schema's validators cannot express. Must say nothing about unknown values.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Looks up; configured values must come back unchanged and everything must be known.
    fn read(
        &self,
        cx: &Context,
        config: Self::Model,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send;

    /// The same, with warnings beside what was found.
    fn read_with_warnings(
        &self,
        cx: &Context,
        config: Self::Model,
    ) -> impl Future<Output = Result<(Self::Model, Diagnostics), Diagnostics>> + Send {
        async { Ok((self.read(cx, config).await?, Diagnostics::none())) }
    }
}
