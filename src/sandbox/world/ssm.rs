//! Parameter Store of AWS Systems Manager: which parameters are there. None has a value.
//!
//! Any parameter may be used in the sandbox without making it: one that nobody has touched is there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{list, text, texts};
use super::{Scope, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Parameter Store of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SsmState {
    /// Parameters that were deleted.
    deleted: BTreeSet<String>,
}

/// Executes one Systems Manager operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    let deleted = &mut scope.region.ssm.deleted;
    match request.operation.as_str() {
        "DescribeParameters" => {
            let asked = list(input, "ParameterFilters").iter().filter(|filter| filter["Key"] == "Name");
            let names = asked.flat_map(|filter| texts(filter, "Values"));
            let found: Vec<Value> = names
                .filter(|name| !deleted.contains(*name))
                .map(|name| json!({"Name": name, "Type": "SecureString"}))
                .collect();
            Ok(json!({"Parameters": found}))
        }
        "DeleteParameter" => {
            deleted.insert(text(input, "Name").unwrap_or_default().to_owned());
            Ok(json!({}))
        }
        _ => Err(unknown_operation(request)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    #[test]
    fn every_parameter_is_there_until_it_is_deleted() {
        let mut ssm = Caller::of(Service::Ssm);
        ssm.call("DeleteParameter", json!({"Name": "/a"})).unwrap();
        let filter = json!({"Key": "Name", "Option": "Equals", "Values": ["/a", "/b"]});
        let found = ssm.call("DescribeParameters", json!({"ParameterFilters": [filter]})).unwrap();
        assert_eq!(found["Parameters"], json!([{"Name": "/b", "Type": "SecureString"}]));
    }
}
