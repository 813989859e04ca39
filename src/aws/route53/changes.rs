//! `ChangeResourceRecordSets`, `GetChange`.

use aws_sdk_route53::types;

use super::{RecordSet, Route53, from_sdk, not_sent};
use crate::aws::{AwsError, AwsErrorKind};

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordSetChange {
    /// Refused if the set exists.
    Create(RecordSet),
    /// Refused unless exactly this set exists.
    Delete(RecordSet),
    /// Creates or replaces.
    Upsert(RecordSet),
}

impl Route53 {
    /// Changes record sets, all or none, and answers the change's id for [`Route53::is_change_in_sync`].
    /// `InvalidChangeBatch`: a set to create exists, or a set to delete does not exist as given.
    pub async fn change_record_sets(
        &self,
        zone_id: &str,
        changes: &[RecordSetChange],
    ) -> Result<String, AwsError> {
        const OPERATION: &str = "ChangeResourceRecordSets";
        let changes: Result<Vec<_>, _> = changes.iter().map(RecordSetChange::to_input).collect();
        let changes = changes.map_err(not_sent(OPERATION))?;
        let batch = types::ChangeBatch::builder().set_changes(Some(changes)).build();
        let batch = batch.map_err(not_sent(OPERATION))?;
        let request = self.clients.route53().change_resource_record_sets().hosted_zone_id(zone_id);
        let output = request.change_batch(batch).send().await.map_err(from_sdk(OPERATION))?;
        let nothing =
            || AwsError::of_kind(super::SERVICE, OPERATION, AwsErrorKind::Unparsable, "the answer is empty");
        let change = output.change_info.ok_or_else(nothing)?;
        Ok(change.id.rsplit('/').next().unwrap_or_default().to_owned())
    }

    /// Whether all of Route 53's name servers answer with a change. A change that is forgotten is long in sync.
    pub async fn is_change_in_sync(&self, change_id: &str) -> Result<bool, AwsError> {
        let result = self.clients.route53().get_change().id(change_id).send().await;
        let output = AwsError::optional(result.map_err(from_sdk("GetChange")), &["NoSuchChange"])?;
        let change = output.and_then(|output| output.change_info);
        Ok(change.is_none_or(|change| change.status == types::ChangeStatus::Insync))
    }
}

impl RecordSetChange {
    fn to_input(&self) -> Result<types::Change, aws_sdk_route53::error::BuildError> {
        let (action, set) = match self {
            Self::Create(set) => (types::ChangeAction::Create, set),
            Self::Delete(set) => (types::ChangeAction::Delete, set),
            Self::Upsert(set) => (types::ChangeAction::Upsert, set),
        };
        types::Change::builder().action(action).resource_record_set(set.to_input()?).build()
    }
}
