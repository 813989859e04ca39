//! How the work on a service ended, and the exit status that says so.

use super::look::Look;
use crate::service::{DeploymentStatus, ServiceStatus};

/// How the work on a service ended. The order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The newest deployment serves and everything underneath is ready, or the service is gone as asked.
    Succeeded,
    /// The newest deployment failed, and the revision from before serves.
    RolledBack,
    /// The newest deployment failed or was stopped, or a resource cannot be made.
    Failed,
}

impl Ending {
    /// Its word on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::RolledBack => "ROLLED BACK",
            Self::Failed => "FAILED",
        }
    }
}

/// The monitor's exit statuses. Clap takes 2 for a command line that it does not understand.
pub mod exit_status {
    use super::Ending;

    /// Everything succeeded, or the user left a monitor that was not to wait for an end.
    pub const SUCCEEDED: u8 = 0;
    /// The monitor could not begin.
    pub const NOT_STARTED: u8 = 1;
    /// A deployment was rolled back.
    pub const ROLLED_BACK: u8 = 3;
    /// A deployment failed or was stopped, or a resource cannot be made.
    pub const FAILED: u8 = 4;
    /// Something was still under way when the time was over.
    pub const TIMED_OUT: u8 = 5;
    /// A hook holds a deployment until somebody continues it.
    pub const PAUSED: u8 = 6;
    /// The user or a signal ended it before the end that it was to wait for.
    pub const INTERRUPTED: u8 = 130;

    /// The status of the worst ending.
    pub fn of(ending: Ending) -> u8 {
        match ending {
            Ending::Succeeded => SUCCEEDED,
            Ending::RolledBack => ROLLED_BACK,
            Ending::Failed => FAILED,
        }
    }
}

/// How the work on a service has ended; `None`: something is under way.
///
/// `look` is `None` for a service that was seen and has no record any more.
pub(super) fn find_ending(look: Option<&Look>) -> Option<Ending> {
    let Some(look) = look else { return Some(Ending::Succeeded) };
    let status = look.observation.service.as_ref().map(|(status, _)| status);
    match status {
        Some(ServiceStatus::Inactive) => return Some(Ending::Succeeded),
        Some(ServiceStatus::Draining) => return None,
        _ => {}
    }
    let resources = &look.observation.resources;
    let settled = || {
        if resources.iter().any(|one| one.status == "FAILED") {
            Some(Ending::Failed)
        } else if resources.iter().any(|one| one.status == "PROVISIONING") {
            None
        } else {
            Some(Ending::Succeeded)
        }
    };
    match look.observation.deployment.as_ref().map(|detail| &detail.deployment.status) {
        None | Some(DeploymentStatus::Successful) => settled(),
        Some(DeploymentStatus::RollbackSuccessful) => Some(Ending::RolledBack),
        Some(DeploymentStatus::RollbackFailed | DeploymentStatus::Stopped) => Some(Ending::Failed),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::testing::{LookBuilder, deployment, resource};
    use crate::service::ManagedKind;

    #[track_caller]
    fn check(look: LookBuilder, expected: Option<Ending>) {
        assert_eq!(find_ending(Some(&look.build())), expected);
    }

    #[test]
    fn a_deployment_ends_with_its_final_status() {
        for (status, expected) in [
            (DeploymentStatus::Pending, None),
            (DeploymentStatus::InProgress, None),
            (DeploymentStatus::RollbackInProgress, None),
            (DeploymentStatus::Other("PAUSED".to_owned()), None),
            (DeploymentStatus::Successful, Some(Ending::Succeeded)),
            (DeploymentStatus::RollbackSuccessful, Some(Ending::RolledBack)),
            (DeploymentStatus::RollbackFailed, Some(Ending::Failed)),
            (DeploymentStatus::Stopped, Some(Ending::Failed)),
        ] {
            check(LookBuilder::default().deployment(deployment(status)), expected);
        }
    }

    #[test]
    fn success_waits_for_the_resources() {
        let look =
            |status: &str| {
                LookBuilder::default()
                    .deployment(deployment(DeploymentStatus::Successful))
                    .resource(resource(ManagedKind::Certificate, Some("arn:c"), status))
            };
        check(look("PROVISIONING"), None);
        check(look("FAILED"), Some(Ending::Failed));
        check(look("ACTIVE"), Some(Ending::Succeeded));
    }

    #[test]
    fn a_deletion_ends_when_the_service_is_gone() {
        check(LookBuilder::default().status(ServiceStatus::Draining), None);
        check(LookBuilder::default().status(ServiceStatus::Inactive), Some(Ending::Succeeded));
        assert_eq!(find_ending(None), Some(Ending::Succeeded));
    }

    #[test]
    fn exit_statuses_are_distinct_and_the_worst_ending_is_the_greatest() {
        assert!(Ending::Succeeded < Ending::RolledBack && Ending::RolledBack < Ending::Failed);
        let all = [Ending::Succeeded, Ending::RolledBack, Ending::Failed].map(exit_status::of);
        assert_eq!(all, [0, 3, 4]);
    }
}
