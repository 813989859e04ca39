//! List resources (protocol 6.10): the typed trait behind `terraform query`.

use std::future::Future;

use tokio::sync::mpsc;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::Schema;
use crate::framework::{Context, Model, Value};

/// What lists the existing objects of one managed resource.
pub trait ListResource: Send + Sync + 'static {
    /// One field for each attribute of the schema.
    type Model: Model + Clone + Send + Sync + 'static;

    /// The Terraform type: that of the managed resource that is listed.
    fn type_name(&self) -> &'static str;

    /// The `config` block's attributes, validators and documentation.
    fn schema(&self) -> Schema;

    /// Checks that a schema's validators cannot express. Must say nothing about unknown values.
    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let _ = config;
        Diagnostics::none()
    }

    /// Sends every object that passes the query to `found`, and answers what the user is told besides.
    ///
    /// Returns soon after `found` takes no more, and soon after `cx.cancellation` is cancelled.
    fn list(
        &self,
        cx: &Context,
        query: Query<Self::Model>,
        found: &Found,
    ) -> impl Future<Output = Diagnostics> + Send;
}

/// What a user asks for.
#[derive(Debug, Clone)]
pub struct Query<M> {
    /// The `config` block.
    pub config: M,
    /// Whether each object comes with its attributes, not only with its identity.
    pub includes_resource: bool,
}

/// One object that exists.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its identity, of the managed resource's identity type.
    pub identity: Value,
    /// What people call it.
    pub display_name: String,
    /// Its attributes, of the managed resource's type; `None`: not asked for.
    pub resource: Option<Value>,
    /// What the user is told about this object.
    pub diagnostics: Diagnostics,
}

/// Where a list resource sends what it finds. It waits when the reader is slower.
#[derive(Debug)]
pub struct Found {
    sender: mpsc::Sender<Listed>,
}

impl Found {
    /// A place to send to.
    pub(crate) fn new(sender: mpsc::Sender<Listed>) -> Self {
        Self { sender }
    }

    /// Sends one object. Says whether more are wanted: not after the query's limit, nor when nobody reads on.
    pub async fn send(&self, listed: Listed) -> bool {
        self.sender.send(listed).await.is_ok()
    }
}
