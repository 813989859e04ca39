//! Tasks that run and fail: containers that end, tasks that are stopped, health checks (facts, composition section 10).

use super::script::{Effect, Script};

const fn exit(
    name: &'static str,
    help: &'static str,
    exit_code: i32,
    lines: &'static [&'static str],
) -> Script {
    Script::both(name, help, Effect::Exit { exit_code, reason: None, lines })
}

const fn stop(name: &'static str, help: &'static str, code: &'static str, reason: &'static str) -> Script {
    Script::both(name, help, Effect::Stop { code, reason, event: None })
}

const fn health(
    name: &'static str,
    help: &'static str,
    code: &'static str,
    description: &'static str,
) -> Script {
    Script::both(name, help, Effect::Health { code, description })
}

const MISMATCH: &str = "Target.ResponseCodeMismatch";
const SCHEDULER: &str = "ServiceSchedulerInitiated";
/// What tells nothing.
const UNKNOWN: &str = "Task stopped";

/// The table.
pub(super) static RUNS: [Script; 21] = [
    Script::both(
        "out-of-memory",
        "the container wants more memory than there is",
        Effect::Exit {
            exit_code: 137,
            reason: Some("OutOfMemoryError: Container killed due to memory usage"),
            lines: &["loading the model"],
        },
    ),
    exit("container-killed", "the container is killed", 137, &["Killed"]),
    exit("command-not-found", "the container's command is not found", 127, &["sh: 1: server: not found"]),
    exit(
        "command-not-executable",
        "the container's command may not be executed",
        126,
        &["sh: 1: ./server: Permission denied"],
    ),
    exit(
        "init-process-not-first",
        "the image's own init process is not the first process",
        100,
        &["s6-overlay-suexec: fatal: can only run as pid 1"],
    ),
    exit("segmentation-fault", "the application crashes natively", 139, &["Segmentation fault"]),
    exit("container-ended", "the container's process is done", 0, &["done"]),
    stop(
        "spot-interruption",
        "Fargate Spot takes its capacity back",
        "SpotInterruption",
        "Your Spot Task was interrupted.",
    ),
    stop(
        "task-retired",
        "AWS stops tasks for maintenance",
        "TerminationNotice",
        "Task was stopped by AWS: the underlying infrastructure is scheduled for maintenance.",
    ),
    stop(
        "container-health-check-failed",
        "the container's own health check fails",
        SCHEDULER,
        "Task failed container health checks",
    ),
    stop("circuit-breaker", "tasks stop, and AWS does not say why", SCHEDULER, UNKNOWN),
    Script::both(
        "unable-to-start-tasks",
        "tasks stop again and again, and AWS does not say why",
        Effect::Stop {
            code: SCHEDULER,
            reason: UNKNOWN,
            event: Some("is unable to consistently start tasks successfully."),
        },
    ),
    health(
        "health-check-redirected",
        "the health check is redirected",
        MISMATCH,
        "Health checks failed with these codes: [301]",
    ),
    health(
        "health-check-unauthorized",
        "the health check wants a login",
        MISMATCH,
        "Health checks failed with these codes: [401]",
    ),
    health(
        "health-check-server-error",
        "the application answers the health check with an error",
        MISMATCH,
        "Health checks failed with these codes: [503]",
    ),
    health(
        "health-check-timeout",
        "the application does not answer the health check",
        "Target.Timeout",
        "Request timed out",
    ),
    health(
        "health-check-refused",
        "nothing listens on the port",
        "Target.FailedHealthChecks",
        "Health checks failed",
    ),
    health("health-checks-failed", "health checks fail, and AWS does not say how", "", ""),
    Script::both(
        "target-zone-not-enabled",
        "tasks run in a zone without load balancer",
        Effect::Unused {
            description: "Target is in an Availability Zone that is not enabled for the load balancer",
        },
    ),
    Script::both(
        "target-group-unused",
        "no rule sends requests to the target group",
        Effect::Unused {
            description: "Target group is not configured to receive traffic from the load balancer",
        },
    ),
    Script::both("target-group-gone", "the target group is deleted", Effect::TargetGroupGone),
];
