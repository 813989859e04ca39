//! What an account owns outside of any region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::iam::IamState;
use super::lateness::Lateness;
use super::route53::Route53State;

/// Everything that one account owns in the global services.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AccountState {
    pub(crate) iam: IamState,
    pub(crate) route53: Route53State,
    pub(crate) lateness: Lateness,
}

/// The account, which begins with a public hosted zone.
pub(crate) fn find_or_create<'a>(
    accounts: &'a mut BTreeMap<String, AccountState>,
    account_id: &str,
    now: Timestamp,
) -> &'a mut AccountState {
    if !accounts.contains_key(account_id) {
        let route53 = Route53State::new(account_id, now);
        let account = AccountState { route53, ..AccountState::default() };
        accounts.insert(account_id.to_owned(), account);
    }
    accounts.get_mut(account_id).expect("the account was inserted above")
}
