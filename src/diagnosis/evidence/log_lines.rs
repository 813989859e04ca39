//! What the failing container wrote last.

use serde_json::Value;

use super::LogExcerpt;
use super::redact::redact;
use crate::aws::ecs::StoppedTask;

/// Lines that are asked for.
pub(super) const LINE_LIMIT: usize = 20;
/// Bytes that are shown.
const BYTE_LIMIT: usize = 2048;
/// Characters of one line that are shown.
const CHARACTER_LIMIT: usize = 400;

/// Where a container's lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogSource {
    pub(super) group: String,
    pub(super) stream: String,
    pub(super) container: String,
    pub(super) task_id: String,
}

/// The task whose log tells most: the newest that ran, one whose container ended with an error before others.
pub(super) fn find_failing_task(tasks: &[StoppedTask]) -> Option<&StoppedTask> {
    let has_run = |task: &&StoppedTask| task.stop_code.as_deref() != Some("TaskFailedToStart");
    let has_failed =
        |task: &&StoppedTask| task.containers.iter().any(|it| it.exit_code.is_some_and(|code| code != 0));
    tasks.iter().filter(has_run).find(has_failed).or_else(|| tasks.iter().find(has_run))
}

/// The log of the task's failing container: that which ended with an error, or else the first.
pub(super) fn find_log_source(task: &StoppedTask, definition: &Value) -> Option<LogSource> {
    let task_id = task.arn.rsplit('/').next()?.to_owned();
    let containers = definition["containerDefinitions"].as_array()?;
    let failing = task
        .containers
        .iter()
        .find(|container| container.exit_code.is_some_and(|code| code != 0))
        .and_then(|failing| containers.iter().find(|one| one["name"] == failing.name.as_str()));
    let container = failing.or(containers.first())?;
    let configuration = &container["logConfiguration"];
    if configuration["logDriver"] != "awslogs" {
        return None;
    }
    let option = |name: &str| configuration["options"][name].as_str();
    let name = container["name"].as_str()?;
    Some(LogSource {
        group: option("awslogs-group")?.to_owned(),
        stream: format!("{}/{name}/{task_id}", option("awslogs-stream-prefix")?),
        container: name.to_owned(),
        task_id,
    })
}

/// Values of every container's environment: they are shown nowhere.
pub(super) fn list_environment_values(definition: &Value) -> Vec<String> {
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    let variables =
        containers.flat_map(|container| container["environment"].as_array().into_iter().flatten());
    variables.filter_map(|variable| variable["value"].as_str()).map(str::to_owned).collect()
}

/// The newest lines that fit, without secrets; `None`: there are none.
pub(super) fn excerpt(source: LogSource, lines: &[String], values: &[String]) -> Option<LogExcerpt> {
    let mut kept: Vec<String> = Vec::new();
    let mut bytes = 0;
    for line in lines.iter().rev().take(LINE_LIMIT) {
        let line = shorten(redact(line.trim_end(), values));
        bytes += line.len();
        if bytes > BYTE_LIMIT {
            break;
        }
        kept.push(line);
    }
    kept.reverse();
    let LogSource { container, task_id, .. } = source;
    (!kept.is_empty()).then_some(LogExcerpt { container, task_id, lines: kept })
}

/// What is cut off is cut off after it was redacted, so that no rest of a secret stays.
fn shorten(line: String) -> String {
    match line.char_indices().nth(CHARACTER_LIMIT) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::ecs::StoppedContainer;

    fn task(id: &str, stop_code: &str, exit_code: Option<i32>) -> StoppedTask {
        StoppedTask {
            arn: format!("arn:aws:ecs:eu-west-1:123456789012:task/default/{id}"),
            stop_code: Some(stop_code.to_owned()),
            containers: vec![StoppedContainer { name: "Main".to_owned(), exit_code, reason: None }],
            ..StoppedTask::default()
        }
    }

    fn definition() -> Value {
        let logs = json!({ "logDriver": "awslogs", "options": {
            "awslogs-group": "/api", "awslogs-stream-prefix": "ecs", "awslogs-region": "eu-west-1",
        } });
        let environment = json!([{ "name": "KEY", "value": "hunter22" }]);
        json!({ "containerDefinitions": [
            { "name": "agent", "logConfiguration": logs },
            { "name": "Main", "logConfiguration": logs, "environment": environment },
        ] })
    }

    #[test]
    fn the_task_that_failed_by_itself_comes_before_one_that_was_stopped() {
        let tasks = [
            task("a", "TaskFailedToStart", None),
            task("b", "ServiceSchedulerInitiated", None),
            task("c", "EssentialContainerExited", Some(1)),
        ];
        assert!(find_failing_task(&tasks).is_some_and(|task| task.arn.ends_with("/c")));
        assert!(find_failing_task(&tasks[..2]).is_some_and(|task| task.arn.ends_with("/b")));
        assert_eq!(find_failing_task(&tasks[..1]), None, "what never ran has written nothing");
    }

    #[test]
    fn the_stream_is_that_of_the_container_that_ended_with_an_error() {
        let source = find_log_source(&task("c", "", Some(1)), &definition()).expect("a log");
        assert_eq!((source.group.as_str(), source.stream.as_str()), ("/api", "ecs/Main/c"));
        let source = find_log_source(&task("c", "", None), &definition()).expect("a log");
        assert_eq!(source.stream, "ecs/agent/c");
        let elsewhere = json!({ "containerDefinitions": [{ "name": "Main" }] });
        assert_eq!(find_log_source(&task("c", "", Some(1)), &elsewhere), None);
    }

    #[test]
    fn the_newest_lines_that_fit_are_kept_without_values_of_the_environment() {
        let source = || find_log_source(&task("c", "", Some(1)), &definition()).expect("a log");
        let values = list_environment_values(&definition());
        let wide = "x".repeat(5000);
        let mut lines = vec![wide.clone(); 5];
        lines.extend(["key is hunter22".to_owned(), "bye\n".to_owned()]);
        let log = excerpt(source(), &lines, &values).expect("lines");
        let shortened = format!("{} ...", &wide[..400]);
        assert_eq!(log.lines[..2], [shortened.clone(), shortened], "as many as fit into two KiB");
        assert_eq!(log.lines[log.lines.len() - 2..], ["key is [redacted]", "bye"]);
        assert!(log.lines.iter().map(String::len).sum::<usize>() <= BYTE_LIMIT);
        assert_eq!(excerpt(source(), &[], &values), None);
    }
}
