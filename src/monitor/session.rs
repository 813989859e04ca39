//! One run of the monitor: looks, model and lines, without a terminal.

use std::time::{Duration, SystemTime};

use super::cause::{explain_failure, find_failure};
use super::error::MonitorError;
use super::options::Options;
use super::outcome::Ending;
use super::state::{News, State, View};
use super::text;
use super::watch::{Looked, Watch};
use crate::aws::config::Surroundings;
use crate::clock::SharedClock;
use crate::engine::EngineError;

/// Time for a deployment to show after the call that starts it (composition section 9: up to 30 seconds).
pub(super) const DEPLOYMENT_APPEARS: Duration = Duration::from_secs(30);

/// One run of the monitor.
pub struct Session {
    pub(super) watch: Watch,
    pub(super) state: State,
    pub(super) clock: SharedClock,
}

impl Session {
    /// Reaches AWS and finds the services.
    ///
    /// # Errors
    /// Whatever keeps the monitor from beginning, in one line.
    pub async fn begin(options: &Options, surroundings: &Surroundings) -> Result<Self, MonitorError> {
        let watch = Watch::begin(options, surroundings).await?;
        let clock = surroundings.clock.clone();
        let state = State::new(watch.labels(), View::Deployment, clock.now());
        Ok(Self { watch, state, clock })
    }

    /// The same, and with [`Options::wait`] as soon as there is something to watch: `tell` hears once what is missing.
    /// `None`: the deadline came first.
    ///
    /// # Errors
    /// Whatever keeps the monitor from beginning and does not pass by itself.
    pub async fn begin_in_time(
        options: &Options,
        surroundings: &Surroundings,
        deadline: Option<SystemTime>,
        mut tell: impl FnMut(&MonitorError),
    ) -> Result<Option<Self>, MonitorError> {
        let clock = &surroundings.clock;
        let mut is_told = false;
        loop {
            match Self::begin(options, surroundings).await {
                Err(error) if options.wait && error.may_come() => {
                    if !std::mem::replace(&mut is_told, true) {
                        tell(&error);
                    }
                }
                begun => return begun.map(Some),
            }
            if deadline.is_some_and(|deadline| clock.now() + options.interval > deadline) {
                return Ok(None);
            }
            clock.sleep(options.interval).await;
        }
    }

    /// What is shown.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What is shown, for keys.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Time between two rounds.
    pub fn interval(&self) -> Duration {
        self.watch.interval()
    }

    /// Looks at every service and gives the lines of what changed.
    pub async fn look(&mut self) -> Vec<String> {
        let looks = self.watch.look_at_all().await;
        let (mut lines, failures) = take(&mut self.state, looks, self.clock.now());
        for (index, error) in failures {
            let arn = self.state.services[index].arn.clone();
            let cause = explain_failure(self.watch.evidence(index), &self.clock, &arn, &error).await;
            self.state.set_cause(index, cause);
            lines.extend(text::cause_lines(&self.state, index, self.clock.now()));
        }
        lines
    }

    /// The worst ending of all services; `None`: something is under way or may be about to begin.
    pub fn ending(&self) -> Option<Ending> {
        self.state.ending(self.clock.now(), DEPLOYMENT_APPEARS)
    }

    /// The first lines of a log: what is watched.
    pub fn introduction(&self) -> Vec<String> {
        let now = text::timestamp(self.clock.now());
        let watching = |(label, arn)| format!("{now} {label} watching {arn}");
        self.watch.labels().into_iter().map(watching).collect()
    }
}

/// Takes a round into the model: the lines of what changed, and what is to be explained.
pub(super) fn take(
    state: &mut State,
    looks: Vec<Looked>,
    now: SystemTime,
) -> (Vec<String>, Vec<(usize, EngineError)>) {
    let news = state.take(looks, now);
    let lines = news.iter().map(|(index, one)| text::line(state, *index, one, now)).collect();
    let ended = news.iter().filter_map(|(index, one)| match one {
        News::Ended(ending) => {
            let look = state.services[*index].look.as_ref()?;
            Some((*index, find_failure(look, *ending)?))
        }
        _ => None,
    });
    (lines, ended.collect())
}
