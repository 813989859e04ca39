//! The two loops: lines, and the live view.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::cause::explain_failure;
use super::keys::Action;
use super::options::Options;
use super::outcome::Ending;
use super::session::{DEPLOYMENT_APPEARS, Session, take};
use super::state::State;
use super::view::draw;
use super::watch::{Looked, Watch};
use crate::clock::SharedClock;

/// Time between two pictures of the spinner.
const FRAME: Duration = Duration::from_millis(100);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing is under way any more.
    Complete(Ending),
    /// The user or a signal ended it.
    Left,
    /// A hook holds a deployment, and nothing else is under way.
    Paused,
    /// The time was over.
    TimedOut,
}

/// What ends a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Ends it at once.
    pub stop: CancellationToken,
    /// When nothing is under way any more.
    pub exit_on_complete: bool,
    /// At the latest.
    pub deadline: Option<SystemTime>,
}

impl Limits {
    /// The limits that a user asked for, from now on.
    pub fn new(options: &Options, clock: &SharedClock, stop: CancellationToken) -> Self {
        let deadline = options.timeout.map(|timeout| clock.now() + timeout);
        Self { stop, exit_on_complete: options.exit_on_complete, deadline }
    }

    /// Whether a run is over by what was seen, or by time.
    fn find_end(&self, state: &State, now: SystemTime) -> Option<End> {
        let complete = || state.ending(now, DEPLOYMENT_APPEARS).map(End::Complete);
        let paused = || state.is_paused().then_some(End::Paused);
        let ended = self.exit_on_complete.then(|| complete().or_else(paused)).flatten();
        ended.or_else(|| self.deadline.filter(|deadline| now >= *deadline).map(|_| End::TimedOut))
    }

    /// At most `duration`, and not beyond the deadline.
    fn until_deadline(&self, duration: Duration, now: SystemTime) -> Duration {
        let left = self.deadline.map(|deadline| deadline.duration_since(now).unwrap_or_default());
        left.map_or(duration, |left| left.min(duration))
    }
}

/// Writes a line for each change, until something ends the run.
///
/// # Errors
/// Writing failed. A reader that went away is no error: it ends the run.
pub async fn run_text(
    session: &mut Session,
    out: &mut (dyn Write + Send),
    limits: &Limits,
) -> io::Result<End> {
    if !write_lines(out, &session.introduction())? {
        return Ok(End::Left);
    }
    loop {
        let lines = tokio::select! {
            () = limits.stop.cancelled() => return Ok(End::Left),
            lines = session.look() => lines,
        };
        if !write_lines(out, &lines)? {
            return Ok(End::Left);
        }
        let now = session.clock.now();
        if let Some(end) = limits.find_end(&session.state, now) {
            return Ok(end);
        }
        tokio::select! {
            () = limits.stop.cancelled() => return Ok(End::Left),
            () = session.clock.sleep(limits.until_deadline(session.interval(), now)) => {}
        }
    }
}

/// Whether somebody still reads.
fn write_lines(out: &mut dyn Write, lines: &[String]) -> io::Result<bool> {
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        other => other.map(|()| true),
    }
}

/// Draws the live view ten times a second, until something ends the run; gives the model as it was last.
///
/// # Errors
/// The terminal cannot be drawn on.
pub async fn run_live<B: Backend<Error = io::Error>>(
    session: Session,
    terminal: &mut Terminal<B>,
    keys: &mut mpsc::Receiver<Action>,
    limits: &Limits,
) -> io::Result<(End, State)> {
    let Session { watch, mut state, clock } = session;
    let readers: Vec<_> = (0..state.services.len()).map(|index| watch.evidence(index).clone()).collect();
    let (sender, mut rounds) = mpsc::channel(1);
    let mut polling = JoinSet::new();
    polling.spawn(poll(watch, clock.clone(), sender));
    let mut explaining = JoinSet::new();
    loop {
        terminal.draw(|frame| draw(frame, &state, clock.now()))?;
        tokio::select! {
            () = limits.stop.cancelled() => return Ok((End::Left, state)),
            Some(action) = keys.recv() => {
                if action == Action::Quit {
                    return Ok((End::Left, state));
                }
                state.press(action);
            }
            Some(looks) = rounds.recv() => {
                let (_, failures) = take(&mut state, looks, clock.now());
                for (index, error) in failures {
                    let (reader, clock) = (readers[index].clone(), clock.clone());
                    let arn = state.services[index].arn.clone();
                    explaining.spawn(async move { (index, explain_failure(&reader, &clock, &arn, &error).await) });
                }
            }
            Some(explained) = explaining.join_next() => {
                let (index, lines) = explained.unwrap_or_else(resume);
                state.set_cause(index, lines);
            }
            Some(ended) = polling.join_next() => ended.unwrap_or_else(resume),
            () = clock.sleep(FRAME) => {}
        }
        let end = limits.find_end(&state, clock.now());
        if let Some(end) = end.filter(|_| explaining.is_empty()) {
            return Ok((end, state));
        }
    }
}

/// A panic of a task is one of the whole monitor: the terminal is given back already.
fn resume<T>(error: tokio::task::JoinError) -> T {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(cancelled) => unreachable!("only the end of the run cancels a task: {cancelled}"),
    }
}

/// Looks round after round, until nobody listens any more.
async fn poll(mut watch: Watch, clock: SharedClock, rounds: mpsc::Sender<Vec<Looked>>) {
    loop {
        let looks = watch.look_at_all().await;
        if rounds.send(looks).await.is_err() {
            return;
        }
        clock.sleep(watch.interval()).await;
    }
}
