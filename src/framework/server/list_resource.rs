//! `ListResource`.

use tokio::sync::mpsc;

use super::guard::guarded;
use super::{ClientCapabilities, ResourceEntry, Server, unknown_list_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::list_resource::{Found, Listed, Query};
use crate::framework::{Diagnostic, Value};

/// Objects to list.
#[derive(Debug, Clone)]
pub struct ListResourceRequest {
    /// The Terraform type.
    pub type_name: String,
    /// What the user wrote.
    pub config: Value,
    /// Whether each object comes with its attributes.
    pub includes_resource: bool,
    /// At most this many objects; `None`: all.
    pub limit: Option<usize>,
}

/// What a listing says.
#[derive(Debug, Clone)]
pub enum ListResourceEvent {
    /// An object was found.
    Listed(Box<Listed>),
    /// The user is told something.
    Said(Diagnostics),
}

impl Server {
    /// Lists objects into `events`; ends early when nobody receives them any more.
    pub async fn list_resource(&self, request: ListResourceRequest, events: mpsc::Sender<ListResourceEvent>) {
        let entries = (self.list_resource_entry(&request.type_name), self.resource(&request.type_name));
        let (Some(entry), Some(resource)) = entries else {
            let said = ListResourceEvent::Said(unknown_list_resource_type(&request.type_name));
            let _ = events.send(said).await;
            return;
        };
        let cx = self.context(ClientCapabilities::default());
        let limit = request.limit.unwrap_or(usize::MAX);
        let query = Query { config: request.config, includes_resource: request.includes_resource };
        let (sender, receiver) = mpsc::channel(1);
        let found = Found::new(sender);
        let listing = async {
            let listing = entry.list_resource.list(&cx, query, &found);
            let said = guarded(&request.type_name, "listing", listing).await;
            drop(found);
            said.unwrap_or_else(Diagnostics::from)
        };
        let (said, ()) = tokio::join!(listing, forward(resource, receiver, limit, &events));
        if !said.is_empty() {
            let _ = events.send(ListResourceEvent::Said(said)).await;
        }
    }
}

/// Passes on what core will accept, and stops receiving at the limit: then the listing ends by itself.
async fn forward(
    resource: &ResourceEntry,
    mut receiver: mpsc::Receiver<Listed>,
    limit: usize,
    events: &mpsc::Sender<ListResourceEvent>,
) {
    for _ in 0..limit {
        let Some(listed) = receiver.recv().await else { return };
        let event = match defect_of(resource, &listed) {
            None => ListResourceEvent::Listed(Box::new(listed)),
            Some(defect) => ListResourceEvent::Said(defect.into()),
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

fn defect_of(resource: &ResourceEntry, listed: &Listed) -> Option<Diagnostic> {
    let is_identity = resource.identity_type.as_ref().is_some_and(|r#type| {
        listed.identity.is_wholly_known()
            && !listed.identity.is_null()
            && r#type.check(&listed.identity).is_ok()
    });
    let is_resource = listed
        .resource
        .as_ref()
        .is_none_or(|object| object.is_wholly_known() && resource.r#type.check(object).is_ok());
    (!is_identity || !is_resource).then(|| {
        Diagnostic::error(
            format!("Internal error in the listing of {}", listed.display_name),
            "What was found does not fit the schema. This is a defect of the provider, not of your configuration.",
        )
    })
}
