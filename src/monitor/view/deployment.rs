//! The newest deployment: where it stands, how traffic and tasks move, what AWS tells.

use std::time::{Duration, SystemTime};

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::bar::bar;
use super::duration_text;
use super::symbol::{faint, heading, of_status, style};
use crate::aws::ecs::DeploymentDetail;
use crate::engine::event::{TaskCounts, describe_pause};
use crate::monitor::state::ServiceState;
use crate::monitor::text::timestamp;

/// Characters of a bar.
const BAR_WIDTH: u16 = 30;

/// The stages in their order, as AWS names them.
const STAGES: [&str; 10] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];

pub(super) fn lines(service: &ServiceState, turn: usize, now: SystemTime) -> Vec<Line<'static>> {
    let Some(look) = &service.look else { return vec![Line::from(faint("Waiting for initial data"))] };
    let mut lines = Vec::new();
    match &look.observation.deployment {
        None if service.status() == "INACTIVE" => lines.push(Line::from(faint("Service is inactive"))),
        None => lines.push(Line::from(faint("Waiting for a deployment to start"))),
        Some(detail) => {
            push_status(&mut lines, detail, turn, now);
            push_stage(&mut lines, service, detail, now);
            let pause = describe_pause(detail);
            lines.extend(pause.map(|text| Line::from(vec![label("Paused"), Span::raw(text)])));
            push_traffic(&mut lines, detail);
            push_tasks(&mut lines, detail);
            push_revisions(&mut lines, detail);
            push_alarms(&mut lines, detail);
        }
    }
    lines.push(Line::default());
    lines.push(Line::from(heading("Events")));
    for event in &look.observation.events {
        let at = event.created_at.map(timestamp).unwrap_or_default();
        lines.push(Line::from(vec![faint(format!("  {at}  ")), Span::raw(event.message.clone())]));
    }
    if look.observation.events.is_empty() {
        lines.push(Line::from(faint("  <empty>")));
    }
    lines
}

fn label(text: &str) -> Span<'static> {
    heading(format!("{text:<12}"))
}

fn push_status(lines: &mut Vec<Line<'static>>, detail: &DeploymentDetail, turn: usize, now: SystemTime) {
    let deployment = &detail.deployment;
    let status = deployment.status.as_str();
    let id = deployment.arn.rsplit('/').next().unwrap_or_default();
    let began = deployment.started_at.or(deployment.created_at);
    let end = deployment.finished_at.unwrap_or(now);
    let elapsed = began.map(|began| duration_text(end.duration_since(began).unwrap_or_default()));
    lines.push(Line::from(vec![
        label("Deployment"),
        of_status(status, turn),
        Span::styled(format!(" {status}"), style(status)),
        Span::raw(elapsed.map(|elapsed| format!("  {elapsed}")).unwrap_or_default()),
        faint(format!("  {id}")),
    ]));
    let reasons = [&detail.rollback_reason, &deployment.status_reason];
    if let Some(reason) = reasons.into_iter().flatten().max_by_key(|reason| reason.len()) {
        lines.push(Line::from(vec![label("Reason"), Span::raw(reason.clone())]));
    }
}

fn push_stage(
    lines: &mut Vec<Line<'static>>,
    service: &ServiceState,
    detail: &DeploymentDetail,
    now: SystemTime,
) {
    if detail.deployment.status.is_final() {
        return;
    }
    let Some(stage) = &detail.lifecycle_stage else { return };
    let position = STAGES.iter().position(|known| known == stage);
    let step = position.map(|position| format!("  {} of {}", position + 1, STAGES.len())).unwrap_or_default();
    let clock = service.stage.as_ref();
    let elapsed = clock.map(|clock| now.duration_since(clock.since).unwrap_or_default()).unwrap_or_default();
    let lasts = if clock.is_some_and(|clock| clock.is_exact) { "for" } else { "for at least" };
    lines.push(Line::from(vec![
        label("Stage"),
        Span::raw(stage.clone()),
        faint(format!("{step}  {lasts} {}", duration_text(elapsed))),
    ]));
    if let Some(whole) = planned_duration(stage, detail) {
        let fraction = elapsed.as_secs_f64() / whole.as_secs_f64();
        lines.push(Line::from(vec![
            label(""),
            Span::styled(bar(fraction, BAR_WIDTH), Style::new().fg(Color::Magenta)),
            Span::raw(format!(" {} of {}", duration_text(elapsed.min(whole)), duration_text(whole))),
        ]));
    }
}

/// How long a stage is meant to last: bake times are settings, everything else takes as long as it takes.
fn planned_duration(stage: &str, detail: &DeploymentDetail) -> Option<Duration> {
    let schedule = &detail.schedule;
    let is_step = detail.production_traffic_weight.is_some_and(|weight| weight > 0.0 && weight < 100.0);
    let minutes = match stage {
        "PRODUCTION_TRAFFIC_SHIFT" if is_step => schedule.step_bake_minutes,
        "BAKE_TIME" => schedule.bake_minutes,
        _ => None,
    }?;
    let seconds = u64::try_from(minutes).ok()?.checked_mul(60).filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}

fn push_traffic(lines: &mut Vec<Line<'static>>, detail: &DeploymentDetail) {
    let row = |name: &str, which: &str, weight: f64, colour: Color| {
        Line::from(vec![
            label(name),
            Span::raw(format!("{which:<4}")),
            Span::styled(bar(weight / 100.0, BAR_WIDTH), Style::new().fg(colour)),
            Span::raw(format!(" {weight} %")),
        ])
    };
    let Some(new) = detail.production_traffic_weight else { return };
    lines.push(row("Traffic", "new", new, Color::Green));
    let old = detail.sources.iter().filter_map(|source| source.production_traffic_weight);
    lines.extend(old.map(|weight| row("", "old", weight, Color::Blue)));
}

fn push_tasks(lines: &mut Vec<Line<'static>>, detail: &DeploymentDetail) {
    let (new, old) = TaskCounts::of_deployment(detail);
    lines.push(Line::from(vec![label("Tasks"), Span::raw(format!("new {new}"))]));
    lines.extend(old.map(|old| Line::from(vec![label(""), Span::raw(format!("old {old}"))])));
}

fn push_revisions(lines: &mut Vec<Line<'static>>, detail: &DeploymentDetail) {
    let short = |arn: &str| arn.split(":service-revision/").last().unwrap_or_default().to_owned();
    let target = detail.deployment.target_revision_arn.iter();
    lines.extend(
        target.map(|arn| Line::from(vec![label("Revision"), Span::raw(format!("new {}", short(arn)))])),
    );
    let sources = detail.sources.iter().filter_map(|source| source.arn.as_ref());
    lines.extend(sources.map(|arn| Line::from(vec![label(""), Span::raw(format!("old {}", short(arn)))])));
}

fn push_alarms(lines: &mut Vec<Line<'static>>, detail: &DeploymentDetail) {
    let red = Style::new().fg(Color::Red);
    let went_off =
        |name: &String| Line::from(vec![label("Alarm"), Span::styled(format!("{name} went off"), red)]);
    lines.extend(detail.triggered_alarm_names.iter().map(went_off));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::testing::deployment;
    use crate::service::DeploymentStatus;

    #[test]
    fn only_bake_times_have_a_planned_duration() {
        let mut detail = deployment(DeploymentStatus::InProgress);
        detail.schedule.step_bake_minutes = Some(3);
        detail.schedule.bake_minutes = Some(5);
        detail.production_traffic_weight = Some(5.0);
        let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
        assert_eq!(planned_duration("PRODUCTION_TRAFFIC_SHIFT", &detail), minutes(3));
        assert_eq!(planned_duration("BAKE_TIME", &detail), minutes(5));
        assert_eq!(planned_duration("SCALE_UP", &detail), None);
        detail.production_traffic_weight = Some(0.0);
        assert_eq!(planned_duration("PRODUCTION_TRAFFIC_SHIFT", &detail), None);
        detail.schedule.bake_minutes = Some(0);
        assert_eq!(planned_duration("BAKE_TIME", &detail), None);
    }
}
