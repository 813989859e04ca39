//! A scenario as a row of a table: what goes wrong, in Amazon's words, for Express services and for plain ones.

use serde::{Deserialize, Serialize};

use crate::sandbox::api::Service;
use crate::sandbox::world::ecs::managed_resource::ManagedResourceKind;

/// A scenario of the tables.
#[derive(Debug)]
pub struct Script {
    /// Its name on the command line: that of the cause in the provider's catalogue of errors.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it does to an Express service.
    pub(crate) express: Effect,
    /// What it does to a service of the customer's own.
    pub(crate) plain: Effect,
}

/// What goes wrong. In texts, `{image}`, `{platform}`, `{execution_role}`, `{infrastructure_role}`, `{service}`,
/// `{region}` and `{account}` stand for those of the service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Effect {
    /// It cannot happen to such a service.
    None,
    /// No task can be started: each stops with this reason before its containers run.
    Start { reason: &'static str },
    /// No task can be placed: ECS says so in an event and tries again every minute.
    Placement { event: &'static str },
    /// The container ends by itself.
    Exit {
        exit_code: i32,
        /// Reason of the container.
        reason: Option<&'static str>,
        /// What it wrote before.
        lines: &'static [&'static str],
    },
    /// A running task is stopped from the outside.
    Stop {
        code: &'static str,
        reason: &'static str,
        /// What ECS adds to the events.
        event: Option<&'static str>,
    },
    /// The load balancer's health checks fail. Without a description, ECS says only that they did.
    Health { code: &'static str, description: &'static str },
    /// The load balancer never asks the targets.
    Unused { description: &'static str },
    /// The target group is not there any more.
    TargetGroupGone,
    /// The deployment rolls back for this reason as soon as it begins.
    Deployment { reason: &'static str },
    /// The deployment rolls back for this reason when production traffic is to shift.
    Shift { reason: &'static str },
    /// The deployment is stopped, and nothing takes its place.
    Superseded,
    /// What ECS makes for an Express service stays `PROVISIONING` with this reason.
    Provisioning { reason: &'static str },
    /// One thing that ECS makes for an Express service is `FAILED` with this reason.
    Resource { kind: ManagedResourceKind, reason: &'static str },
    /// Certificates are not issued.
    Certificate(CertificateFault),
    /// A call is refused.
    Refusal(Refusal),
    /// A hosted zone keeps records from being deleted.
    RecordGuardrail,
}

/// Why a certificate is not issued.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CertificateFault {
    /// ACM never sees the proof of its names.
    NotProved,
    /// It fails for this reason.
    Failed(&'static str),
}

/// A call that is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) service: Service,
    pub(crate) operation: &'static str,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

impl Script {
    /// The same misfortune for every service.
    pub(super) const fn both(name: &'static str, help: &'static str, effect: Effect) -> Self {
        Self { name, help, express: effect, plain: effect }
    }

    /// A script by its name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        super::scripts().find(|script| script.name == name)
    }

    /// Whether it can befall an Express service.
    pub fn befalls_express(&self) -> bool {
        self.express != Effect::None
    }

    /// Whether it can befall a service of the customer's own.
    pub fn befalls_plain(&self) -> bool {
        self.plain != Effect::None
    }
}

/// A script in a scenario; two are equal if their names are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scripted(pub &'static Script);

impl PartialEq for Scripted {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Scripted {}

impl From<Scripted> for String {
    fn from(scripted: Scripted) -> Self {
        scripted.0.name.to_owned()
    }
}

impl TryFrom<String> for Scripted {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Script::find(&name).map(Self).ok_or_else(|| format!("unknown scenario `{name}`"))
    }
}
