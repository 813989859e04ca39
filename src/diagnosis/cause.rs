//! What a cause is: how it is recognised, how it is told, what helps, and when it is certain.

use std::time::Duration;

use super::symptom::{Place, Symptom};

/// A cause of failures. One cause, one file in `causes`.
pub(crate) struct Cause {
    /// Its name in messages, in the catalogue and as a scenario of the sandbox.
    pub(crate) id: &'static str,
    /// The part of the catalogue that it is in.
    pub(crate) family: Family,
    pub(crate) rank: Rank,
    /// What happened, in one sentence.
    pub(crate) sentence: &'static str,
    /// What AWS says, for the catalogue and the tests.
    pub(crate) example: Example,
    /// When it is certain that the operation cannot succeed; `None`: not before its end.
    pub(crate) conclusive: Option<Conclusive>,
    /// Whether a symptom shows it. Of several causes that a symptom shows, the first in `CAUSES` has it.
    pub(super) is_shown_by: fn(&Symptom) -> bool,
    /// What to do, by the first symptom that shows it.
    pub(super) fix: fn(&Symptom) -> Vec<String>,
}

/// How much a cause explains. One that explains less is told only if none explains more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// It explains the failure: somebody has to change something, or to wait.
    Root,
    /// How the application behaved; why is for its log to say.
    Behaviour,
    /// What ECS saw of it from the outside.
    Effect,
    /// How the deployment ended, and nothing of the reason.
    Outcome,
}

/// The parts of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Image,
    Start,
    Application,
    HealthCheck,
    Capacity,
    Role,
    Deployment,
    Certificate,
    Quota,
    Configuration,
}

impl Family {
    /// Its heading in the catalogue.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Image => "The image",
            Self::Start => "Secrets and logs at the start of a task",
            Self::Application => "The application",
            Self::HealthCheck => "Health checks and targets",
            Self::Capacity => "Capacity and network",
            Self::Role => "Roles and permissions",
            Self::Deployment => "The deployment",
            Self::Certificate => "The certificate",
            Self::Quota => "Quotas",
            Self::Configuration => "What AWS does not accept",
        }
    }
}

/// What AWS says when a cause is at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    pub(crate) place: Place,
    pub(crate) text: &'static str,
    /// As in [`Symptom::code`].
    pub(crate) code: Option<&'static str>,
    pub(crate) exit_code: Option<i32>,
    /// The service that refuses.
    pub(crate) subject: Option<&'static str>,
}

impl Example {
    /// A text alone.
    pub(super) const fn of(place: Place, text: &'static str) -> Self {
        Self { place, text, code: None, exit_code: None, subject: None }
    }

    /// A text with AWS's code.
    pub(super) const fn coded(place: Place, code: &'static str, text: &'static str) -> Self {
        Self { place, text, code: Some(code), exit_code: None, subject: None }
    }

    /// A container that ended by itself.
    pub(super) const fn exit(exit_code: i32) -> Self {
        Self { exit_code: Some(exit_code), ..Self::coded(Place::Exit, "EssentialContainerExited", "") }
    }

    /// The symptom that it is an example of.
    pub(crate) fn to_symptom(self) -> Symptom {
        Symptom {
            exit_code: self.exit_code,
            subject: self.subject.map(str::to_owned),
            ..Symptom::new(self.place, self.text).with_code(self.code.map(str::to_owned))
        }
    }
}

/// When a cause that is seen while an operation still waits is certain to end it.
///
/// It counts once it has been seen in `sightings` symptoms of different subjects or times, the first of which is at
/// least `lasts` old, and is still seen then. What may pass by itself (IAM propagation, the first retry of a pull) has
/// numbers that outlast it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conclusive {
    pub(crate) sightings: u32,
    pub(crate) lasts: Duration,
}

impl Conclusive {
    /// Cannot pass without a change by somebody: enough tasks have met it.
    pub(super) const fn after(sightings: u32) -> Self {
        Self { sightings, lasts: Duration::ZERO }
    }

    /// May pass by itself, for so many seconds.
    pub(super) const fn lasting(sightings: u32, seconds: u64) -> Self {
        Self { sightings, lasts: Duration::from_secs(seconds) }
    }
}

/// A cause with what shows it.
#[derive(Clone)]
pub(crate) struct Finding {
    pub(crate) cause: &'static Cause,
    /// At least one.
    pub(crate) symptoms: Vec<Symptom>,
}

impl Finding {
    /// What to do about it.
    pub(crate) fn fix(&self) -> Vec<String> {
        self.symptoms.first().map(self.cause.fix).unwrap_or_default()
    }
}

impl std::fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.id)
    }
}

impl std::fmt::Debug for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} by {:?}", self.cause, self.symptoms)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
