//! `ListResource`: a stream of what exists.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Events;
use super::answer::Event as _;
use crate::framework::Diagnostics;
use crate::framework::list_resource::Listed;
use crate::framework::server::{ListResourceEvent, ListResourceRequest, ResourceEntry, Server};
use crate::protocol::proto::tfplugin6::list_resource::{Event, Request};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request, events: Events<Event>) {
    if let Err(refused) = list(&server, request, &events).await {
        let _ = events.send(Ok(Event::failed(refused))).await;
    }
}

async fn list(server: &Server, request: Request, events: &Events<Event>) -> Result<(), Diagnostics> {
    let entry = from_proto::find_list_resource(server, &request.type_name)?;
    let resource = from_proto::find_resource(server, &request.type_name)?;
    let request = ListResourceRequest {
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        includes_resource: request.include_resource_object,
        limit: usize::try_from(request.limit).ok().filter(|limit| *limit > 0),
        type_name: request.type_name,
    };
    let (sender, receiver) = mpsc::channel(1);
    tokio::join!(server.list_resource(request, sender), forward(resource, receiver, events));
    Ok(())
}

/// Passes on until the client has gone; the listing then ends because nobody receives.
async fn forward(
    resource: &ResourceEntry,
    mut receiver: mpsc::Receiver<ListResourceEvent>,
    events: &Events<Event>,
) {
    while let Some(event) = receiver.recv().await {
        let event = match event {
            ListResourceEvent::Listed(listed) => found(resource, *listed),
            ListResourceEvent::Said(diagnostics) => Event::failed(diagnostics),
        };
        if events.send(Ok(event)).await.is_err() {
            return;
        }
    }
}

fn found(resource: &ResourceEntry, listed: Listed) -> Event {
    let mut diagnostics = listed.diagnostics;
    let object = listed.resource.as_ref();
    Event {
        identity: to_proto::identity(Some(&listed.identity), resource, &mut diagnostics),
        display_name: listed.display_name,
        resource_object: object
            .and_then(|object| to_proto::value(object, &resource.r#type, &mut diagnostics)),
        diagnostic: to_proto::diagnostics(&diagnostics),
    }
}
