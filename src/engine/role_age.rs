//! How old a role is: a denial with a role that was just made may pass by itself.

use std::time::Duration;

use crate::aws::iam::{Iam, Role};
use crate::clock::SharedClock;

/// Longest time for the look.
const LOOK_TIME: Duration = Duration::from_secs(20);
/// How long a role counts as new. What ECS is denied with a role that was just made passes by itself within minutes
/// (facts, express in the wild W4).
pub(crate) const ROLE_IS_NEW: Duration = Duration::from_secs(10 * 60);

/// What IAM says of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleAge {
    /// It was made so long ago.
    Known(Duration),
    /// Nobody may ask, or there is no answer.
    Untold,
    /// There is no such role.
    Gone,
}

/// How old a role is.
pub(crate) async fn find_role_age(iam: &Iam, clock: &SharedClock, role_arn: &str) -> RoleAge {
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let role = tokio::select! {
        biased;
        role = iam.find_role(name) => role,
        () = clock.sleep(LOOK_TIME) => return RoleAge::Untold,
    };
    match role {
        Ok(Some(Role { created_at: Some(created_at), .. })) => {
            RoleAge::Known(clock.now().duration_since(created_at).unwrap_or_default())
        }
        Ok(Some(_)) | Err(_) => RoleAge::Untold,
        Ok(None) => RoleAge::Gone,
    }
}

impl RoleAge {
    /// How long AWS's "cannot assume" is tried again where it may take `longest`. A role that IAM does not know, its own
    /// reads being seconds late, will not come; one that is not new may have got its policy or its trust a moment ago, and
    /// most of that has passed after a minute and a half, which is what the watch over a deployment gives it, too.
    pub(crate) fn patience(self, longest: Duration) -> Duration {
        match self {
            Self::Gone => Duration::from_secs(30).min(longest),
            Self::Known(age) if age >= ROLE_IS_NEW => Duration::from_secs(90).min(longest),
            Self::Known(_) | Self::Untold => longest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_role_is_given_all_the_time_and_one_that_is_not_there_hardly_any() {
        let longest = Duration::from_secs(180);
        let patience = |age: RoleAge| age.patience(longest).as_secs();
        assert_eq!(patience(RoleAge::Known(Duration::from_secs(60))), 180);
        assert_eq!(patience(RoleAge::Untold), 180);
        assert_eq!(patience(RoleAge::Known(Duration::from_secs(3600))), 90);
        assert_eq!(patience(RoleAge::Gone), 30);
    }
}
