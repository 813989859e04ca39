//! One thing that AWS says about a failure, as the causes judge it.

use std::time::SystemTime;

/// Where AWS said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The answer to a call.
    Refusal,
    /// Status reason or rollback reason of a deployment.
    Deployment,
    /// An alarm that went off.
    Alarm,
    /// Status reason of the service.
    Service,
    /// Status reason of something underneath: load balancer, certificate, rule, ...
    Resource,
    /// The service's event list.
    Event,
    /// `stoppedReason` of a task.
    Task,
    /// A container that exited, with its code.
    Exit,
    /// A target of a target group that is not healthy.
    Target,
    /// A line that the failing container wrote.
    Log,
    /// What an operation was waiting for when its time ran out.
    Wait,
}

/// AWS's words, and the same folded for comparison: once, because every cause looks for its own words in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    said: String,
    folded: String,
}

impl From<&str> for Words {
    fn from(said: &str) -> Self {
        said.to_owned().into()
    }
}

impl From<&String> for Words {
    fn from(said: &String) -> Self {
        said.clone().into()
    }
}

impl From<String> for Words {
    fn from(said: String) -> Self {
        let folded = fold(&said);
        Self { said, folded }
    }
}

impl std::ops::Deref for Words {
    type Target = str;

    /// The words as AWS said them.
    fn deref(&self) -> &str {
        &self.said
    }
}

/// One thing that AWS says about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Symptom {
    pub(crate) place: Place,
    pub(crate) text: Words,
    /// Error code of a refusal, `stopCode` of a task or exit, reason code of a target, kind of a resource.
    pub(crate) code: Option<String>,
    /// Exit code of a container.
    pub(crate) exit_code: Option<i32>,
    /// Whom it is about: the ARN of a task, the address of a target, the AWS service that refused. Two symptoms about one
    /// task or target are one sighting.
    pub(crate) subject: Option<String>,
    /// When, if AWS says so.
    pub(crate) seen_at: Option<SystemTime>,
}

/// Words of a call that got no answer, from inside a task.
pub(super) const NO_ANSWER: [&str; 9] = [
    "i/o timeout",
    "dial tcp",
    "connection issue",
    "context deadline exceeded",
    "client.timeout",
    "request canceled",
    "connection refused",
    "no route to host",
    "tls handshake timeout",
];

/// Words of a call that was denied.
pub(super) const DENIED: [&str; 3] = ["accessdenied", "access denied", "not authorized to perform"];

impl Symptom {
    /// A symptom of which only place and text are known.
    pub(crate) fn new(place: Place, text: impl Into<Words>) -> Self {
        Self { place, text: text.into(), code: None, exit_code: None, subject: None, seen_at: None }
    }

    /// With AWS's code.
    pub(crate) fn with_code(self, code: Option<String>) -> Self {
        Self { code, ..self }
    }

    /// About somebody.
    pub(crate) fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// At a time.
    pub(crate) fn at(self, seen_at: Option<SystemTime>) -> Self {
        Self { seen_at, ..self }
    }

    /// Whether the text contains `words`, which are in lower case; AWS's typographic apostrophes count as `'`.
    pub(super) fn says(&self, words: &str) -> bool {
        self.text.folded.contains(words)
    }

    /// Whether it says any of these.
    pub(super) fn says_any(&self, words: &[&str]) -> bool {
        words.iter().any(|words| self.text.folded.contains(words))
    }

    /// Whether it has this code.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether it is in one of these places.
    pub(super) fn is_in(&self, places: &[Place]) -> bool {
        places.contains(&self.place)
    }

    /// Whether it is about tasks: what stopped one, or an event, which repeats it.
    pub(super) fn is_of_tasks(&self) -> bool {
        self.is_in(&[Place::Task, Place::Exit, Place::Event])
    }

    /// Whether it says that the image cannot be pulled.
    pub(super) fn is_of_pull(&self) -> bool {
        self.is_of_tasks() && self.says("cannotpull")
    }

    /// Whether it says that a task's secrets, registry credentials or log cannot be set up.
    pub(super) fn is_of_initialization(&self) -> bool {
        self.is_of_tasks() && self.says("resourceinitializationerror")
    }

    /// Whether a container ended by itself with one of these codes. One that was stopped does not count.
    pub(super) fn has_exited_with(&self, codes: &[i32]) -> bool {
        let is_by_itself = self.code.as_deref().is_none_or(|code| code == "EssentialContainerExited");
        self.place == Place::Exit && is_by_itself && self.exit_code.is_some_and(|code| codes.contains(&code))
    }

    /// HTTP codes that the health checks got: `... failed with these codes: [404, 503]`.
    pub(super) fn health_check_codes(&self) -> Vec<u16> {
        let Some((_, rest)) = self.text.folded.split_once("with these codes: [") else { return Vec::new() };
        let (codes, _) = rest.split_once(']').unwrap_or((rest, ""));
        codes.split(',').filter_map(|code| code.trim().parse().ok()).collect()
    }

    /// Whether the health checks got an HTTP code of this range.
    pub(super) fn has_health_check_code(&self, codes: std::ops::RangeInclusive<u16>) -> bool {
        self.is_in(&[Place::Event, Place::Target])
            && self.health_check_codes().iter().any(|code| codes.contains(code))
    }
}

fn fold(text: &str) -> String {
    text.replace(['\u{2018}', '\u{2019}', '\u{02bc}'], "'").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_case_and_apostrophe() {
        let symptom = Symptom::new(Place::Task, "ECS can\u{2019}t PULL");
        assert!(symptom.says("can't pull"));
        assert!(!symptom.says("can pull"));
    }

    #[test]
    fn the_codes_of_health_checks_are_read() {
        let reason = |text: &str| Symptom::new(Place::Event, text).health_check_codes();
        assert_eq!(reason("Health checks failed with these codes: [404, 503]"), [404, 503]);
        assert_eq!(reason("Health checks failed"), Vec::<u16>::new());
    }

    #[test]
    fn a_container_that_was_stopped_has_not_exited_by_itself() {
        let exit = |code: &str| Symptom {
            exit_code: Some(137),
            ..Symptom::new(Place::Exit, "").with_code(Some(code.to_owned()))
        };
        assert!(exit("EssentialContainerExited").has_exited_with(&[137]));
        assert!(!exit("ServiceSchedulerInitiated").has_exited_with(&[137]));
    }
}
