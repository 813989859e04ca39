//! Reads of several things with one call, of which one that does not exist fails the whole call.

use std::collections::HashMap;

use futures_util::future::join_all;

use crate::aws::AwsError;

/// Describes what these keys name. A call that fails with `not_found` is repeated key by key, all at the same time.
pub(super) async fn describe_each<V, F>(
    keys: Vec<String>,
    not_found: &str,
    describe: impl Fn(Vec<String>) -> F,
) -> Result<HashMap<String, V>, AwsError>
where
    F: Future<Output = Result<HashMap<String, V>, AwsError>>,
{
    let has_company = keys.len() > 1;
    match describe(keys.clone()).await {
        Err(error) if error.has_code(not_found) && has_company => {
            let mut found = HashMap::new();
            for described in join_all(keys.into_iter().map(|key| describe(vec![key]))).await {
                found.extend(AwsError::optional(described, &[not_found])?.unwrap_or_default());
            }
            Ok(found)
        }
        other => Ok(AwsError::optional(other, &[not_found])?.unwrap_or_default()),
    }
}
