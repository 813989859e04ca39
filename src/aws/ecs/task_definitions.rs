//! `RegisterTaskDefinition`, `DescribeTaskDefinition`, `ListTaskDefinitions`, `DeregisterTaskDefinition`.
//!
//! A task definition goes through as JSON, so that members which this version does not know survive a merge.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use super::canonical_task_definition::canonical_task_definition;
use super::{Ecs, wire_tags};
use crate::aws::AwsError;

/// Pages of `ListTaskDefinitions` that are read at the most, 100 revisions to a page.
const PAGE_LIMIT: usize = 20;

/// A revision of a task definition.
#[derive(Clone, PartialEq)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: i64,
    /// Whether services may still begin to use it.
    pub(crate) is_active: bool,
    /// The canonical form; it holds environment values.
    pub(crate) document: Value,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Which one it is; environment values are not shown.
impl fmt::Debug for TaskDefinition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TaskDefinition").field("arn", &self.arn).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskDefinitionOutput {
    task_definition: Value,
    #[serde(default)]
    tags: Vec<wire_tags::Tag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListTaskDefinitionsOutput {
    task_definition_arns: Vec<String>,
    next_token: Option<String>,
}

impl Ecs {
    /// Registers a revision.
    ///
    /// There is no client token: a repetition makes another revision, so look for an equal one first.
    pub(crate) async fn register_task_definition(
        &self,
        document: &Value,
        tags: &BTreeMap<String, String>,
    ) -> Result<TaskDefinition, AwsError> {
        const OPERATION: &str = "RegisterTaskDefinition";
        let mut input = canonical_task_definition(document);
        if !tags.is_empty() {
            input["tags"] = wire_tags::to_value(tags);
        }
        let output: TaskDefinitionOutput = self.json_once.call(OPERATION, &input).await?;
        from_output(output).ok_or_else(|| super::unparsable(OPERATION, "a task definition without ARN"))
    }

    /// A revision by ARN, or the newest ACTIVE one of a family; `None`: there is none.
    pub(crate) async fn find_task_definition(
        &self,
        arn_or_family: &str,
    ) -> Result<Option<TaskDefinition>, AwsError> {
        let input = json!({ "taskDefinition": arn_or_family, "include": ["TAGS"] });
        match self.json.call::<TaskDefinitionOutput>("DescribeTaskDefinition", &input).await {
            Ok(output) => Ok(from_output(output)),
            Err(error)
                if error.has_code("ClientException") && error.says("unable to describe task definition") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// ARNs of the ACTIVE revisions of a family, newest first.
    pub(crate) async fn list_task_definitions(&self, family: &str) -> Result<Vec<String>, AwsError> {
        let mut arns = Vec::new();
        let mut input =
            json!({ "familyPrefix": family, "status": "ACTIVE", "sort": "DESC", "maxResults": 100 });
        for _ in 0..PAGE_LIMIT {
            let output: ListTaskDefinitionsOutput = self.json.call("ListTaskDefinitions", &input).await?;
            arns.extend(output.task_definition_arns);
            let Some(next_token) = output.next_token else { break };
            input["nextToken"] = json!(next_token);
        }
        Ok(arns)
    }

    /// Makes a revision INACTIVE: services that use it go on. One that is INACTIVE already is a success.
    pub(crate) async fn deregister_task_definition(&self, arn: &str) -> Result<(), AwsError> {
        let input = json!({ "taskDefinition": arn });
        match self.json.call::<Value>("DeregisterTaskDefinition", &input).await {
            Ok(_) => Ok(()),
            Err(error) if is_inactive(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The words differ between revisions that were deregistered and those that were deleted.
fn is_inactive(error: &AwsError) -> bool {
    const FRAGMENTS: [&str; 3] = ["inactive", "does not exist", "unable to describe task definition"];
    let is_refused = error.has_code("ClientException") || error.has_code("InvalidParameterException");
    is_refused && FRAGMENTS.iter().any(|fragment| error.says(fragment))
}

fn from_output(output: TaskDefinitionOutput) -> Option<TaskDefinition> {
    let described = &output.task_definition;
    Some(TaskDefinition {
        arn: described["taskDefinitionArn"].as_str()?.to_owned(),
        family: described["family"].as_str()?.to_owned(),
        revision: described["revision"].as_i64()?,
        is_active: described["status"].as_str() == Some("ACTIVE"),
        document: canonical_task_definition(described),
        tags: wire_tags::to_map(output.tags),
    })
}
