//! Uses that have ended, but that AWS's other services and checks notice only a while later
//! (facts, composition section 9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sandbox::world::Timestamp;

/// Who used what until when it counts as used.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PastUses {
    /// ARN of what was used, and who used it, with the time at which that is forgotten.
    until: BTreeMap<String, (String, Timestamp)>,
}

impl PastUses {
    /// Lets the uses of `arns` by `user` count until then.
    pub(super) fn leave(&mut self, arns: impl IntoIterator<Item = String>, user: &str, until: Timestamp) {
        self.until.extend(arns.into_iter().map(|arn| (arn, (user.to_owned(), until))));
    }

    /// Forgets what has passed.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.until.retain(|_, (_, until)| *until > now);
    }

    /// Who seems to use it still.
    pub(crate) fn find_user(&self, arn: &str, now: Timestamp) -> Option<&str> {
        self.until.get(arn).filter(|(_, until)| *until > now).map(|(user, _)| user.as_str())
    }
}
