//! A monitor beside an apply.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use terraform_provider_express::aws::Environment;
use terraform_provider_express::aws::config::Surroundings;
use terraform_provider_express::clock::{Clock, VirtualClock};
use terraform_provider_express::monitor::{Ending, MonitorError, Options, Session, View, draw};
use terraform_provider_express::sandbox::Sandbox;

use crate::support::workspace::Workspace;

/// Looks after which a recording is broken off: two hours.
const LOOK_LIMIT: usize = 1440;

/// A monitor of a workspace's account.
#[derive(Clone)]
pub(super) struct Watcher {
    sandbox: Sandbox,
    clock: VirtualClock,
}

/// What a user of the monitor saw, and how it ended.
pub(super) struct Recording {
    pub(super) lines: Vec<String>,
    /// One frame for each look that was asked for.
    pub(super) frames: Vec<String>,
    pub(super) ending: Ending,
}

impl Recording {
    /// The recorded lines and frames as one text.
    pub(super) fn text(&self) -> String {
        std::iter::once(&self.lines.join("\n")).chain(&self.frames).cloned().collect::<Vec<_>>().join("\n\n")
    }
}

impl Watcher {
    pub(super) fn of(workspace: &Workspace) -> Self {
        Self { sandbox: workspace.sandbox.clone(), clock: workspace.clock.clone() }
    }

    pub(super) fn surroundings(&self) -> Surroundings {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-west-1"),
        ];
        Surroundings {
            clock: Arc::new(self.clock.clone()),
            environment: variables.into_iter().collect::<Environment>(),
            http_client: Some(self.sandbox.http_client()),
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        Clock::now(&self.clock)
    }

    pub(super) async fn sleep(&self, seconds: u64) {
        Clock::sleep(&self.clock, Duration::from_secs(seconds)).await;
    }

    pub(super) async fn begin(&self, options: &Options) -> Result<Session, MonitorError> {
        Session::begin(options, &self.surroundings()).await
    }

    /// Begins as soon as the service is there, looks every five seconds and draws after the looks of these numbers.
    pub(super) async fn record(&self, service: &str, views: &[(usize, View)]) -> Recording {
        let options = Options { services: vec![service.to_owned()], ..Options::default() };
        let mut session = loop {
            match self.begin(&options).await {
                Ok(session) => break session,
                Err(MonitorError::UnknownService { .. }) => self.sleep(1).await,
                Err(error) => panic!("{error}"),
            }
        };
        let mut lines = session.introduction();
        let mut frames = Vec::new();
        for look in 1..LOOK_LIMIT {
            lines.extend(session.look().await);
            for (_, view) in views.iter().filter(|(number, _)| *number == look) {
                frames.push(self.frame(&mut session, *view));
            }
            if let Some(ending) = session.ending() {
                frames.push(self.frame(&mut session, View::Deployment));
                return Recording { lines, frames, ending };
            }
            self.sleep(session.interval().as_secs()).await;
        }
        panic!("no end after {LOOK_LIMIT} looks: {lines:#?}");
    }

    /// The screen as it is now.
    pub(super) fn frame(&self, session: &mut Session, view: View) -> String {
        use terraform_provider_express::monitor::Action;
        session.state_mut().press(match view {
            View::Resources => Action::ShowResources,
            View::Deployment => Action::ShowDeployment,
        });
        let mut terminal = Terminal::new(TestBackend::new(110, 34)).expect("a terminal in memory");
        terminal.draw(|frame| draw(frame, session.state(), self.now())).expect("memory can be drawn on");
        let frame = terminal.backend().to_string();
        let lines = frame.lines().map(|line| line.trim_matches('"').trim_end());
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}
