//! What was tried.

use crate::framework::Diagnostic;
use crate::service::ServiceArn;

/// A service that has no ARN yet, in a summary.
const UNNAMED: &str = "the service";

/// Names the service of a failure that came before there was an ARN: one of many in an apply.
pub(crate) fn name_service(
    mut diagnostic: Diagnostic,
    name: Option<&str>,
    image: Option<&str>,
) -> Diagnostic {
    let named = match (name, image) {
        (Some(name), _) => format!("service `{name}`"),
        (None, Some(image)) => format!("{UNNAMED} of image `{image}`"),
        (None, None) => return diagnostic,
    };
    diagnostic.summary = diagnostic.summary.replacen(UNNAMED, &named, 1);
    diagnostic
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
    Redeploy,
    RollBack,
}

impl Operation {
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
            Self::Redeploy => "redeploy",
            Self::RollBack => "roll back",
        }
    }

    pub(crate) fn summary(self, arn: Option<&ServiceArn>) -> String {
        match arn {
            Some(arn) => format!("Cannot {} service `{}`", self.verb(), arn.name()),
            None => format!("Cannot {} {UNNAMED}", self.verb()),
        }
    }
}
