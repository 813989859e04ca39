//! `timeouts`: how long an operation may take.

use std::time::Duration;

use super::model::ServiceModel;
use crate::framework::duration::parse_duration;

/// An operation with a timeout of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timeout {
    Create,
    Update,
    Delete,
}

const MINUTE_SECONDS: u64 = 60;

impl Timeout {
    /// The configured time, or the default: a create takes 5 to 10 minutes; an update may wait for another deployment
    /// before its own canary of about 12; a deletion drains connections for up to 30 (facts, express section 5, pain A1-13).
    pub(super) fn of(self, model: &ServiceModel) -> Duration {
        let configured = model.timeouts.known().and_then(|timeouts| {
            let text = match self {
                Self::Create => &timeouts.create,
                Self::Update => &timeouts.update,
                Self::Delete => &timeouts.delete,
            };
            parse_duration(text.known()?).ok()
        });
        let default_minutes = match self {
            Self::Create => 30,
            Self::Update => 60,
            Self::Delete => 40,
        };
        configured.unwrap_or(Duration::from_secs(default_minutes * MINUTE_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::TimeoutsModel;
    use super::*;
    use crate::framework::Attr;

    #[test]
    fn a_configured_timeout_wins_over_the_default() {
        let mut model = ServiceModel::empty();
        assert_eq!(Timeout::Delete.of(&model), Duration::from_secs(40 * 60));
        model.timeouts = Attr::Known(TimeoutsModel {
            create: Attr::Known("1h30m".to_owned()),
            update: Attr::Null,
            delete: Attr::Null,
        });
        assert_eq!(Timeout::Create.of(&model), Duration::from_secs(90 * 60));
        assert_eq!(Timeout::Update.of(&model), Duration::from_secs(60 * 60));
    }
}
