//! What was tried.

use crate::service::ServiceArn;

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
            None => format!("Cannot {} the service", self.verb()),
        }
    }
}
