//! `InvokeAction`: a stream of progress that ends with how the action ended.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Events;
use super::answer::Event as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ActionRequest, Server};
use crate::protocol::from_proto;
use crate::protocol::proto::tfplugin6::invoke_action::event::{Progress, Type};
use crate::protocol::proto::tfplugin6::invoke_action::{Event, Request};

pub(super) async fn answer(server: Arc<Server>, request: Request, events: Events<Event>) {
    let said = invoke(&server, request, &events).await.unwrap_or_else(|refused| refused);
    // `failed` is how an action completes: with diagnostics, of which there may be none.
    let _ = events.send(Ok(Event::failed(said))).await;
}

async fn invoke(
    server: &Server,
    request: Request,
    events: &Events<Event>,
) -> Result<Diagnostics, Diagnostics> {
    let entry = from_proto::find_action(server, &request.action_type)?;
    let request = ActionRequest {
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        type_name: request.action_type,
    };
    let (sender, receiver) = mpsc::channel(1);
    let (said, ()) = tokio::join!(server.invoke_action(request, sender), forward(receiver, events));
    Ok(said)
}

/// Passes on each line. A client that has gone does not end the action.
async fn forward(mut lines: mpsc::Receiver<String>, events: &Events<Event>) {
    while let Some(message) = lines.recv().await {
        let progress = Event { r#type: Some(Type::Progress(Progress { message })) };
        let _ = events.send(Ok(progress)).await;
    }
}
