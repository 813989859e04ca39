//! Frames, as a terminal of 100 by 30 shows them.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{draw, duration_text};
use crate::aws::AwsError;
use crate::monitor::keys::Action;
use crate::monitor::look::Look;
use crate::monitor::state::{State, View};
use crate::monitor::testing::{LookBuilder, deployment, resource, start};
use crate::service::{DeploymentStatus, ManagedKind, ServiceStatus};

fn state(names: &[&str], view: View) -> State {
    let arn = |name: &str| {
        format!("arn:aws:ecs:eu-west-1:123456789012:service/default/{name}").parse().expect("valid")
    };
    let services = names.iter().map(|name| (format!("default/{name}"), arn(name)));
    State::new(services.collect(), view, start())
}

fn frame(state: &State, seconds: u64) -> String {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a terminal in memory");
    let now = start() + Duration::from_secs(seconds);
    terminal.draw(|frame| draw(frame, state, now)).expect("memory can be drawn on");
    terminal.backend().to_string()
}

fn canary() -> LookBuilder {
    let arn = |resource: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:{resource}");
    let balancer = arn("loadbalancer/app/ecs-express-gateway-alb-1a2b3c4d/5e6f");
    let mut certificate = resource(ManagedKind::Certificate, None, "PROVISIONING");
    certificate.status_reason = Some("waiting for the validation of its domain".to_owned());
    LookBuilder::default()
        .deployment(deployment(DeploymentStatus::InProgress))
        .ingress("ap-0123.ecs.eu-west-1.on.aws")
        .resource(resource(ManagedKind::LoadBalancer, Some(&balancer), "ACTIVE"))
        .resource(certificate)
        .resource(resource(ManagedKind::ListenerRule, Some(&arn("listener-rule/app/x/y/z")), "FAILED"))
        .resource(resource(
            ManagedKind::LogGroup,
            Some("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/default/api-1a2b"),
            "ACTIVE",
        ))
        .leaving(resource(
            ManagedKind::ServiceSecurityGroup,
            Some("arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"),
            "DEPROVISIONING",
        ))
        .event(10, "(service api) has started 1 tasks: (task 0123).")
        .event(60, "(service api) registered 1 targets in (target-group ecs-gateway-tg-1)")
}

fn seen(looks: Vec<Look>, view: View) -> State {
    let names = ["api", "web", "jobs"];
    let mut state = state(&names[..looks.len()], view);
    let looks = looks.into_iter().map(|look| Ok(Some(look))).collect();
    state.take(looks, start() + Duration::from_secs(60));
    state
}

#[test]
fn before_the_first_answer_the_screen_says_so() {
    insta::assert_snapshot!(frame(&state(&["api"], View::Deployment), 1));
}

#[test]
fn resources_are_nested_by_kind() {
    insta::assert_snapshot!(frame(&seen(vec![canary().build()], View::Resources), 62));
}

#[test]
fn a_canary_shows_stage_bar_weights_tasks_and_events() {
    let mut state = seen(vec![canary().build()], View::Deployment);
    state.take(vec![Ok(Some(canary().build()))], start() + Duration::from_secs(150));
    insta::assert_snapshot!(frame(&state, 150));
}

#[test]
fn a_rollback_shows_its_cause_and_the_alarm() {
    let mut detail = deployment(DeploymentStatus::RollbackSuccessful);
    detail.rollback_reason = Some("Service deployment rolled back because of alarm detected.".to_owned());
    detail.triggered_alarm_names = vec!["default/api/RollbackAlarm".to_owned()];
    detail.deployment.finished_at = Some(start() + Duration::from_secs(400));
    let mut state = seen(vec![LookBuilder::default().deployment(detail).build()], View::Deployment);
    state.set_cause(
        0,
        vec![
            "Cannot update service `api`: its deployment was rolled back".to_owned(),
            "Reason: Service deployment rolled back because of alarm detected.".to_owned(),
            "hint: the state holds what is really running: the next plan shows the difference, and this line is \
             longer than the screen is wide"
                .to_owned(),
        ],
    );
    insta::assert_snapshot!(frame(&state, 500));
}

#[test]
fn several_services_are_one_pane_of_glass() {
    let done = LookBuilder::default().deployment(deployment(DeploymentStatus::Successful)).build();
    let draining = LookBuilder::default().status(ServiceStatus::Draining).build();
    let mut state = seen(vec![canary().build(), done, draining], View::Deployment);
    state.press(Action::NextService);
    insta::assert_snapshot!(frame(&state, 61));
}

#[test]
fn a_look_that_fails_leaves_what_was_seen_and_says_why() {
    let mut state = seen(vec![canary().build()], View::Deployment);
    let refused = AwsError::refused("ECS", "DescribeServices", "AccessDeniedException", "not authorized");
    state.take(vec![Err(refused)], start() + Duration::from_secs(65));
    insta::assert_snapshot!(frame(&state, 66));
}

#[test]
fn the_help_names_every_key_and_scrolling_stops_at_the_end() {
    let mut state = seen(vec![canary().build()], View::Resources);
    state.press(Action::ToggleHelp);
    state.press(Action::ScrollToBottom);
    insta::assert_snapshot!(frame(&state, 62));
}

#[test]
fn a_duration_has_two_units_at_the_most() {
    for (seconds, text) in [(0, "0s"), (9, "9s"), (125, "2m 05s"), (3720, "1h 02m")] {
        assert_eq!(duration_text(Duration::from_secs(seconds)), text);
    }
}
