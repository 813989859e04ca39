//! The monitor's model: what was seen, and what the user looks at. Pure: looks, keys and time come in.

use std::time::{Duration, SystemTime};

use super::keys::Action;
use super::look::Look;
use super::outcome::{Ending, find_ending};
use super::watch::Looked;
use crate::engine::event::{Change, Observation, list_changes};
use crate::service::ServiceArn;

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything that the service is made of.
    Resources,
    /// The newest deployment.
    Deployment,
}

/// Everything that is shown.
#[derive(Debug)]
pub struct State {
    pub(super) services: Vec<ServiceState>,
    pub(super) selected: usize,
    pub(super) view: View,
    pub(super) scroll: u16,
    pub(super) is_help_shown: bool,
    pub(super) began_at: SystemTime,
    /// When the last round ended; `None`: there was none yet.
    pub(super) looked_at: Option<SystemTime>,
}

/// One watched service.
#[derive(Debug)]
pub(super) struct ServiceState {
    /// `cluster/name`, with its place if there are several.
    pub(super) label: String,
    pub(super) arn: ServiceArn,
    /// What was seen last; `None`: nothing yet.
    pub(super) look: Option<Look>,
    /// AWS does not know it any more.
    pub(super) is_gone: bool,
    /// Why the last look failed.
    pub(super) problem: Option<String>,
    pub(super) stage: Option<StageClock>,
    pub(super) ending: Option<Ending>,
    /// Something was under way since the monitor began.
    pub(super) was_busy: bool,
    /// Why it failed, and what to do, in lines.
    pub(super) cause: Vec<String>,
}

/// Since when a deployment is in a stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StageClock {
    deployment_arn: String,
    stage: String,
    weight: Option<f64>,
    pub(super) since: SystemTime,
    /// The beginning was seen; otherwise the stage lasts longer than `since` says.
    pub(super) is_exact: bool,
}

/// A line for the log: which service, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// AWS shows a change.
    Changed(Change),
    /// The service has no record any more.
    Gone,
    /// A look failed.
    Problem(String),
    /// Looks succeed again.
    Recovered,
    /// Nothing is under way any more, or nothing was when the monitor began.
    Ended(Ending),
}

impl State {
    /// Nothing seen yet.
    pub(super) fn new(services: Vec<(String, ServiceArn)>, view: View, now: SystemTime) -> Self {
        let services = services.into_iter().map(|(label, arn)| ServiceState {
            label,
            arn,
            look: None,
            is_gone: false,
            problem: None,
            stage: None,
            ending: None,
            was_busy: false,
            cause: Vec::new(),
        });
        Self {
            services: services.collect(),
            selected: 0,
            view,
            scroll: 0,
            is_help_shown: false,
            began_at: now,
            looked_at: None,
        }
    }

    /// Takes a round of looks, in the services' order, and says what is new: index of the service and news.
    pub(super) fn take(&mut self, looks: Vec<Looked>, now: SystemTime) -> Vec<(usize, News)> {
        let mut news = Vec::new();
        for (index, (service, looked)) in self.services.iter_mut().zip(looks).enumerate() {
            news.extend(service.take(looked, now).into_iter().map(|one| (index, one)));
        }
        self.looked_at = Some(now);
        news
    }

    /// What is known of why a service failed.
    pub(super) fn set_cause(&mut self, index: usize, lines: Vec<String>) {
        self.services[index].cause = lines;
    }

    /// The worst ending; `None`: something is under way, or may be about to begin.
    ///
    /// A service at which nothing was under way yet counts as ended only after `grace`: a deployment takes a moment
    /// to show after the call that starts it.
    pub(super) fn ending(&self, now: SystemTime, grace: Duration) -> Option<Ending> {
        let is_early = now.duration_since(self.began_at).unwrap_or_default() < grace;
        let mut worst = Ending::Succeeded;
        for service in &self.services {
            let ending = service.ending.filter(|_| service.was_busy || !is_early)?;
            worst = worst.max(ending);
        }
        Some(worst)
    }

    /// Whether a hook holds a deployment, and no other service has anything under way.
    pub(super) fn is_paused(&self) -> bool {
        let is_held = |service: &ServiceState| {
            let deployment = service.look.as_ref().and_then(|look| look.observation.deployment.as_ref());
            deployment
                .is_some_and(|detail| detail.paused_by.is_some() && !detail.deployment.status.is_final())
        };
        self.services.iter().any(is_held)
            && self.services.iter().all(|service| service.ending.is_some() || is_held(service))
    }

    /// A line for each service with what was seen last, and below it why it failed.
    pub fn summary(&self) -> Vec<String> {
        let lines = |service: &ServiceState| {
            let first = format!("{} {}", service.label, service.status());
            std::iter::once(first)
                .chain(service.cause.iter().map(|line| format!("  {line}")))
                .collect::<Vec<_>>()
        };
        self.services.iter().flat_map(lines).collect()
    }

    /// Does what a key asks for; quitting is the loop's business.
    pub fn press(&mut self, action: Action) {
        match action {
            Action::SwitchView => self.show(match self.view {
                View::Resources => View::Deployment,
                View::Deployment => View::Resources,
            }),
            Action::ShowResources => self.show(View::Resources),
            Action::ShowDeployment => self.show(View::Deployment),
            Action::NextService => self.select((self.selected + 1) % self.services.len()),
            Action::PreviousService => {
                self.select((self.selected + self.services.len() - 1) % self.services.len());
            }
            Action::Scroll(lines) => self.scroll = self.scroll.saturating_add_signed(lines),
            Action::ScrollToTop => self.scroll = 0,
            Action::ScrollToBottom => self.scroll = u16::MAX,
            Action::ToggleHelp => self.is_help_shown = !self.is_help_shown,
            Action::Quit => {}
        }
    }

    fn show(&mut self, view: View) {
        self.view = view;
        self.scroll = 0;
        self.is_help_shown = false;
    }

    fn select(&mut self, index: usize) {
        self.selected = index;
        self.scroll = 0;
    }
}

impl ServiceState {
    /// One word: that of the deployment while the service lives, otherwise the service's own.
    pub(super) fn status(&self) -> String {
        if self.is_gone {
            return "INACTIVE".to_owned();
        }
        let Some(look) = &self.look else { return "...".to_owned() };
        let observation = &look.observation;
        let own = observation.service.as_ref().map(|(status, _)| status.as_str()).unwrap_or_default();
        match &observation.deployment {
            Some(detail) if own == "ACTIVE" => detail.deployment.status.to_string(),
            _ => own.to_owned(),
        }
    }

    fn take(&mut self, looked: Looked, now: SystemTime) -> Vec<News> {
        let mut news = Vec::new();
        let look = match looked {
            Err(error) => {
                let problem = error.to_string();
                if self.problem.as_ref() != Some(&problem) {
                    news.push(News::Problem(problem.clone()));
                }
                self.problem = Some(problem);
                return news;
            }
            Ok(look) => look,
        };
        if self.problem.take().is_some() {
            news.push(News::Recovered);
        }
        if look.is_none() && !self.is_gone {
            self.is_gone = true;
            news.push(News::Gone);
        }
        if let Some(look) = look {
            self.is_gone = false;
            let changes = match &self.look {
                Some(before) => list_changes(&before.observation, &look.observation),
                None => list_changes(&Observation::default(), &recent(&look.observation)),
            };
            news.extend(changes.into_iter().map(News::Changed));
            self.stage = next_stage(self.stage.take(), self.look.is_none(), &look.observation, now);
            self.look = Some(look);
        }
        let ending = find_ending(self.look.as_ref().filter(|_| !self.is_gone));
        self.was_busy |= ending.is_none();
        if ending != self.ending {
            news.extend(ending.map(News::Ended));
            if ending.is_none() {
                self.cause.clear();
            }
        }
        self.ending = ending;
        news
    }
}

/// At the first look only the events of a running deployment are news, or else the last one.
fn recent(observation: &Observation) -> Observation {
    let mut recent = observation.clone();
    let running = observation.deployment.as_ref().filter(|detail| !detail.deployment.status.is_final());
    match running.and_then(|detail| detail.deployment.created_at) {
        Some(since) => recent.events.retain(|event| event.created_at.is_none_or(|at| at >= since)),
        None => recent.events.truncate(1),
    }
    recent
}

/// The clock of a deployment's stage: it goes on while the stage and the traffic weight stay.
fn next_stage(
    clock: Option<StageClock>,
    is_first_look: bool,
    observation: &Observation,
    now: SystemTime,
) -> Option<StageClock> {
    let detail = observation.deployment.as_ref().filter(|detail| !detail.deployment.status.is_final())?;
    let deployment_arn = detail.deployment.arn.clone();
    let stage = detail.lifecycle_stage.clone()?;
    let weight = detail.production_traffic_weight;
    let stays = |clock: &StageClock| {
        (&clock.deployment_arn, &clock.stage, clock.weight) == (&deployment_arn, &stage, weight)
    };
    match clock.filter(stays) {
        Some(clock) => Some(clock),
        None => Some(StageClock { deployment_arn, stage, weight, since: now, is_exact: !is_first_look }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::AwsError;
    use crate::monitor::testing::{LookBuilder, deployment, resource, start};
    use crate::service::{DeploymentStatus, ManagedKind};

    fn state() -> State {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/api".parse().expect("valid");
        State::new(vec![("default/api".to_owned(), arn)], View::Deployment, start())
    }

    fn at(seconds: u64) -> SystemTime {
        start() + Duration::from_secs(seconds)
    }

    fn look(status: DeploymentStatus) -> Look {
        LookBuilder::default().deployment(deployment(status)).build()
    }

    #[test]
    fn nothing_under_way_counts_as_an_end_only_after_the_grace() {
        let mut state = state();
        state.take(vec![Ok(Some(look(DeploymentStatus::Successful)))], at(1));
        let grace = Duration::from_secs(30);
        assert_eq!(state.ending(at(29), grace), None, "a deployment may be about to show");
        assert_eq!(state.ending(at(30), grace), Some(Ending::Succeeded));
    }

    #[test]
    fn a_deployment_that_was_seen_running_ends_the_run_with_its_end() {
        let mut state = state();
        let grace = Duration::from_secs(30);
        state.take(vec![Ok(Some(look(DeploymentStatus::InProgress)))], at(1));
        assert_eq!(state.ending(at(100), grace), None);
        let news = state.take(vec![Ok(Some(look(DeploymentStatus::RollbackSuccessful)))], at(5));
        assert_eq!(state.ending(at(6), grace), Some(Ending::RolledBack));
        assert_eq!(news.last(), Some(&(0, News::Ended(Ending::RolledBack))));
        assert_eq!(state.take(vec![Ok(Some(look(DeploymentStatus::RollbackSuccessful)))], at(10)), []);
    }

    #[test]
    fn a_look_that_fails_is_told_once_and_keeps_what_was_seen() {
        let mut state = state();
        state.take(vec![Ok(Some(look(DeploymentStatus::InProgress)))], at(1));
        let refused = || AwsError::refused("ECS", "DescribeServices", "ServerException", "try again");
        let news = state.take(vec![Err(refused())], at(6));
        assert!(matches!(news.as_slice(), [(0, News::Problem(_))]));
        assert_eq!(state.take(vec![Err(refused())], at(11)), []);
        assert!(state.services[0].look.is_some());
        assert_eq!(state.ending(at(60), Duration::ZERO), None);
        assert_eq!(
            state.take(vec![Ok(Some(look(DeploymentStatus::InProgress)))], at(16)),
            [(0, News::Recovered)]
        );
    }

    #[test]
    fn a_service_without_a_record_is_gone_once() {
        let mut state = state();
        state.take(vec![Ok(Some(look(DeploymentStatus::InProgress)))], at(1));
        let news = state.take(vec![Ok(None)], at(6));
        assert_eq!(news, [(0, News::Gone), (0, News::Ended(Ending::Succeeded))]);
        assert_eq!(state.take(vec![Ok(None)], at(11)), []);
    }

    #[test]
    fn at_the_first_look_old_events_are_no_news() {
        let look_with = |count: u64| {
            (0..count)
                .fold(LookBuilder::default(), |look, number| look.event(number, &format!("event {number}")))
        };
        let mut state = state();
        let events = |news: Vec<(usize, News)>| {
            let is_event = |(_, one): &(usize, News)| matches!(one, News::Changed(Change::Event { .. }));
            news.iter().filter(|one| is_event(one)).count()
        };
        assert_eq!(events(state.take(vec![Ok(Some(look_with(9).build()))], at(1))), 1);
        assert_eq!(events(state.take(vec![Ok(Some(look_with(11).build()))], at(6))), 2);
    }

    #[test]
    fn the_clock_of_a_stage_begins_anew_with_the_next_step() {
        let mut state = state();
        let canary = |weight: f64| {
            let mut detail = deployment(DeploymentStatus::InProgress);
            detail.production_traffic_weight = Some(weight);
            Ok(Some(LookBuilder::default().deployment(detail).build()))
        };
        let clock = |state: &State| {
            state.services[0].stage.as_ref().map(|clock| (clock.since, clock.is_exact)).expect("a stage")
        };
        state.take(vec![canary(5.0)], at(5));
        assert_eq!(clock(&state), (at(5), false), "the beginning was not seen");
        state.take(vec![canary(5.0)], at(10));
        assert_eq!(clock(&state), (at(5), false));
        state.take(vec![canary(100.0)], at(15));
        assert_eq!(clock(&state), (at(15), true));
    }

    #[test]
    fn a_resource_that_fails_ends_a_successful_deployment_badly() {
        let mut state = state();
        let look = LookBuilder::default()
            .deployment(deployment(DeploymentStatus::Successful))
            .resource(resource(ManagedKind::Certificate, None, "FAILED"));
        state.take(vec![Ok(Some(look.build()))], at(1));
        assert_eq!(state.ending(at(60), Duration::ZERO), Some(Ending::Failed));
    }

    #[test]
    fn scrolling_never_leaves_the_top_and_another_view_begins_there() {
        let mut state = state();
        state.press(Action::Scroll(-1));
        assert_eq!(state.scroll, 0);
        state.press(Action::Scroll(10));
        state.press(Action::SwitchView);
        assert_eq!((state.scroll, state.view), (0, View::Resources));
    }
}
