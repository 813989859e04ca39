//! What tasks write to CloudWatch Logs.

use serde_json::Value;

use super::task::Task;
use crate::sandbox::world::Scope;
use crate::sandbox::world::logs::LogEvent;

/// Log group and stream prefix of a container that logs to CloudWatch.
pub(crate) fn log_destination(container: &Value) -> Option<(&str, &str)> {
    let configuration = container.get("logConfiguration").filter(|one| one["logDriver"] == "awslogs")?;
    let options = configuration.get("options")?;
    Some((options["awslogs-group"].as_str()?, options["awslogs-stream-prefix"].as_str().unwrap_or("ecs")))
}

/// Writes one line to the stream of every container that logs to CloudWatch.
pub(crate) fn write_log(scope: &mut Scope<'_>, task: &Task, message: &str) {
    let region = &mut *scope.region;
    let Some(definition) = region.ecs.task_definitions.get(&task.task_definition) else { return };
    for container in definition.containers() {
        let Some((group, prefix)) = log_destination(container) else { continue };
        let Some(group) = region.logs.log_groups.get_mut(group) else { continue };
        let stream = format!("{prefix}/{}/{}", container["name"].as_str().unwrap_or_default(), task.id);
        let event = LogEvent { timestamp: scope.now, message: message.to_owned() };
        group.streams.entry(stream).or_default().push(event);
    }
}
