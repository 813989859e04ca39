//! The tag by which an apply marks the deployment that it is about to begin.
//!
//! An apply that is interrupted leaves its deployment to ECS. Which of a service's deployments that is, the next refresh
//! learns from this tag, also where the provider was killed before Terraform could save anything.

use std::collections::BTreeMap;
use std::fmt;

use super::observed::Deployment;

/// Key of the tag.
pub const DEPLOYMENT_MARKER_TAG_KEY: &str = "terraform-provider-express:deploying";

/// What the mark says where the service had no deployment.
const FIRST: &str = "first";

/// The newest deployment before the apply's own: the one after that is the apply's. Without clocks, and without knowing
/// a deployment that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentMarker {
    after: Option<String>,
}

impl DeploymentMarker {
    /// The mark of an apply that is about to deploy. `deployments`: those of the service, newest first.
    pub fn after(deployments: &[Deployment]) -> Self {
        Self { after: deployments.first().map(|newest| id_of(newest).to_owned()) }
    }
}

impl fmt::Display for DeploymentMarker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.after.as_deref().unwrap_or(FIRST))
    }
}

/// The deployment that carries the mark in these tags; `None`: there is no mark, its deployment never began, or it is
/// too long ago to be listed. `deployments`: those of the service, newest first.
pub fn find_marked_deployment<'a>(
    tags: &BTreeMap<String, String>,
    deployments: &'a [Deployment],
) -> Option<&'a Deployment> {
    let after = tags.get(DEPLOYMENT_MARKER_TAG_KEY)?;
    if after == FIRST {
        return deployments.last();
    }
    let position = deployments.iter().position(|deployment| id_of(deployment) == after)?;
    deployments.get(position.checked_sub(1)?)
}

/// Whether the mark in these tags speaks of a deployment that is not listed: AWS lists one some seconds after it began, and
/// it never began where the apply was killed right before. `deployments`: those of the service, newest first.
pub fn awaits_marked_deployment(tags: &BTreeMap<String, String>, deployments: &[Deployment]) -> bool {
    tags.get(DEPLOYMENT_MARKER_TAG_KEY)
        .is_some_and(|after| after == deployments.first().map_or(FIRST, |newest| id_of(newest)))
}

fn id_of(deployment: &Deployment) -> &str {
    deployment.arn.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::DeploymentStatus;

    fn deployments(ids: &[&str]) -> Vec<Deployment> {
        let deployment = |id: &&str| Deployment {
            arn: format!("arn:aws:ecs:r:1:service-deployment/c/s/{id}"),
            status: DeploymentStatus::InProgress,
            status_reason: None,
            target_revision_arn: None,
            created_at: None,
            started_at: None,
            finished_at: None,
        };
        ids.iter().map(deployment).collect()
    }

    fn found(marker: &DeploymentMarker, ids: &[&str]) -> Option<String> {
        let tags = [(DEPLOYMENT_MARKER_TAG_KEY.to_owned(), marker.to_string())].into();
        find_marked_deployment(&tags, &deployments(ids)).map(|found| id_of(found).to_owned())
    }

    fn awaits(marker: &DeploymentMarker, ids: &[&str]) -> bool {
        let tags = [(DEPLOYMENT_MARKER_TAG_KEY.to_owned(), marker.to_string())].into();
        awaits_marked_deployment(&tags, &deployments(ids))
    }

    #[test]
    fn the_marked_deployment_is_the_one_right_after_those_that_were_there() {
        let marker = DeploymentMarker::after(&deployments(&["2", "1"]));
        assert_eq!(found(&marker, &["2", "1"]), None, "it never began");
        assert!(awaits(&marker, &["2", "1"]), "or does not show yet");
        assert!(!awaits(&marker, &["3", "2", "1"]));
        assert!(!awaits(&marker, &["9", "8"]));
        assert_eq!(found(&marker, &["3", "2", "1"]).as_deref(), Some("3"));
        assert_eq!(
            found(&marker, &["4", "3", "2", "1"]).as_deref(),
            Some("3"),
            "the next is somebody else's"
        );
        assert_eq!(found(&marker, &["9", "8"]), None, "too long ago");
    }

    #[test]
    fn the_first_deployment_can_be_marked_and_without_a_mark_none_is() {
        let marker = DeploymentMarker::after(&[]);
        assert_eq!(found(&marker, &["2", "1"]).as_deref(), Some("1"));
        assert!(awaits(&marker, &[]));
        assert!(!awaits(&marker, &["1"]));
        assert!(!awaits_marked_deployment(&BTreeMap::new(), &[]));
        assert_eq!(find_marked_deployment(&BTreeMap::new(), &deployments(&["1"])), None);
    }
}
