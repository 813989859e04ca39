//! `listener_certificate`: the service's certificate on the shared listener (SNI). `pool` takes it off again.

use super::super::ground::{Ground, found};
use super::super::pool::PoolError;
use super::retired_certificate::is_needed_by_others;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// The certificate is on the listener. Adding one that is there already changes nothing.
///
/// On a full listener the certificate that this one replaces goes first: for some seconds nobody can connect under the
/// names that only the old one has.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let joined = found(&ground.findings.joined)?;
    let certificate_arn = found(&ground.findings.certificate_arn)?;
    let pools = &ground.apis.pools;
    match pools.ensure_certificate(&ground.bounds, joined, certificate_arn).await {
        Err(error @ PoolError::NoRoomForCertificate { .. }) => {
            if !make_room(ground, certificate_arn).await? {
                return Err(error.into());
            }
            pools.ensure_certificate(&ground.bounds, joined, certificate_arn).await?;
        }
        other => other?,
    }
    Ok(())
}

/// Takes the certificate that another one replaces off the listener, unless a neighbour needs it.
async fn make_room(ground: &Ground, serving_arn: &str) -> Result<bool, EngineError> {
    let joined = found(&ground.findings.joined)?;
    let Some(old) = ground.existing.certificate.as_ref().filter(|old| old.arn != serving_arn) else {
        return Ok(false);
    };
    if !old.is_ours {
        let elbv2 = &ground.apis.elbv2;
        let rules = retrying(&ground.bounds, || elbv2.list_rules(&joined.listener_arn)).await?;
        if is_needed_by_others(&old.names, &rules, &joined.rule_arn) {
            return Ok(false);
        }
    }
    tracing::warn!(
        listener_arn = joined.listener_arn,
        certificate_arn = old.arn,
        "the listener is full: the old certificate goes before the new one comes"
    );
    ground.apis.pools.undo_certificate(joined, &old.arn).await?;
    Ok(true)
}
