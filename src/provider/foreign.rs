//! ARNs of another region, account or partition, where what they name must be in the provider's own.
//!
//! Most calls take a name or an ARN and look in their own region for the last part of it: the wrong thing of the same name
//! would be found in silence.

use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::service::Arn;

/// Which parts of an ARN must be the provider's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// Partition, account and region.
    Region,
    /// Partition and account: IAM is the same in every region.
    Account,
    /// The partition alone: what is shared between accounts and regions.
    Partition,
}

/// Refuses a written ARN that is not at home. What is no ARN is a name, and names are at home.
pub(crate) fn check_home(
    configured: &Configured,
    path: &Path,
    written: &str,
    home: Home,
) -> Option<Diagnostic> {
    let arn: Arn = written.parse().ok()?;
    let place = &configured.place;
    let account_id = place.account_id.as_deref().unwrap_or(arn.account_id());
    let checks = [
        ("partition", arn.partition(), place.partition.as_str(), true),
        ("account", arn.account_id(), account_id, home != Home::Partition),
        ("region", arn.region(), place.region.as_str(), home == Home::Region),
    ];
    let (what, live, own, _) = checks
        .into_iter()
        .find(|(_, live, own, is_checked)| *is_checked && !live.is_empty() && live != own)?;
    Some(
        Diagnostic::error(
            format!("`{path}` is in another {what}"),
            format!("`{arn}` is in the {what} {live}, but the provider works in {own}."),
        )
        .at(path.clone())
        .hint(format!(
            "correct the ARN, or use a provider block for {what} {live}: `provider = express.<alias>`"
        )),
    )
}

/// Refuses the ARN of a cluster that services of this provider cannot be in.
pub(crate) fn check_cluster(configured: &Configured, cluster: &Attr<String>) -> Result<(), Diagnostic> {
    let written = cluster.known().map_or("", String::as_str);
    check_home(configured, &Path::attribute("cluster"), written, Home::Region).map_or(Ok(()), Err)
}
