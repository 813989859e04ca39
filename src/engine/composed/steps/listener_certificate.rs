//! `listener_certificate`: the service's certificate on the shared listener (SNI). `pool` takes it off again.

use super::super::ground::{Ground, found};
use crate::engine::EngineError;

/// The certificate is on the listener. Adding one that is there already changes nothing.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let joined = found(&ground.findings.joined)?;
    let certificate_arn = found(&ground.findings.certificate_arn)?;
    ground.apis.pools.ensure_certificate(&ground.bounds, joined, certificate_arn).await?;
    Ok(())
}
