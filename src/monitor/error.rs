//! Why the monitor cannot begin. Each is one line.

use crate::aws::AwsError;
use crate::framework::Diagnostic;

/// Why the monitor cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MonitorError {
    /// Credentials, region or profile.
    #[error("{0}")]
    Access(String),
    /// Neither an ARN nor a name.
    #[error("`{0}` is neither a service ARN nor `cluster/name`")]
    NotAService(String),
    /// Nobody knows the service.
    #[error("service `{service}` does not exist in {places}")]
    UnknownService {
        /// As the user wrote it.
        service: String,
        /// Where it was looked for.
        places: String,
    },
    /// There is nothing to watch.
    #[error("there is no service to watch in {0}")]
    NoServices(String),
    /// AWS refused, or could not be reached.
    #[error("cannot look for `{service}`: {source}")]
    Aws {
        /// What was looked for.
        service: String,
        /// AWS's answer.
        source: Box<AwsError>,
    },
    /// More services than one screen and the API's rate can bear.
    #[error(
        "{found} services are more than the {limit} that one monitor watches: name a cluster or services"
    )]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
}

impl MonitorError {
    /// Whether the first apply may still bring what is missing.
    pub(super) fn may_come(&self) -> bool {
        matches!(self, Self::UnknownService { .. } | Self::NoServices(_))
    }

    /// The words of a diagnostic about credentials, region or profile, in one line.
    pub(super) fn of_access(place: &str, diagnostic: &Diagnostic) -> Self {
        let lines = diagnostic.detail.lines();
        let problem = lines.filter_map(|line| line.strip_prefix("Problem: ")).next_back();
        let hint = diagnostic.hints.first().map(|hint| format!(" ({})", for_command_line(hint)));
        let hint = hint.unwrap_or_default();
        let problem = problem.map(|problem| format!(": {problem}")).unwrap_or_default();
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        Self::Access(format!("{place}{}{problem}{hint}", diagnostic.summary))
    }
}

/// The words of a hint for whoever has no provider block but a command line.
fn for_command_line(hint: &str) -> String {
    hint.replace("name a `profile` in the provider block", "give `--profile`")
        .replace("set `region` in the provider block", "give `--region`")
        .replace("the provider block", "the command line")
        .replace("provider block", "command line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_becomes_one_line() {
        let diagnostic = Diagnostic::error("No AWS credentials", "Tried: everything.\nProblem: none found")
            .hint("sign in")
            .hint("or not");
        let error = MonitorError::of_access("", &diagnostic);
        assert_eq!(error.to_string(), "No AWS credentials: none found (sign in)");
        let error =
            MonitorError::of_access("staging", &Diagnostic::error("No AWS region", "Nobody names one."));
        assert_eq!(error.to_string(), "staging: No AWS region");
        let diagnostic = Diagnostic::error("No AWS region", "Nobody names one.")
            .hint("set `region` in the provider block, or AWS_REGION");
        let error = MonitorError::of_access("", &diagnostic);
        assert_eq!(error.to_string(), "No AWS region (give `--region`, or AWS_REGION)");
    }
}
