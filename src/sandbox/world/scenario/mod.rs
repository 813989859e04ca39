//! Scripted misfortune: what goes wrong in the sandbox, and for whom.

mod deployments;
mod refusals;
mod runs;
mod script;
mod starts;
mod tag_required;
mod unknown_members;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use script::CertificateFault;
pub(crate) use script::Effect;
use script::Refusal;
pub use script::{Script, Scripted};

use super::Tags;
use crate::nearest::nearest;
use crate::sandbox::api::{ApiError, Request};

/// Something that goes wrong in Amazon's own words (facts: composition section 10, Express section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scenario {
    /// The image or its tag does not exist.
    ImageNotFound,
    /// The image was built for the other processor architecture.
    WrongArchitecture,
    /// The image was built for the other processor architecture, and Express notices after some tasks.
    ArchitectureOverride,
    /// The container answers the health check with this HTTP code.
    FailingHealthCheck {
        /// Code of the answer, for example 404.
        http_code: u16,
    },
    /// The container exits with this code soon after its start.
    Crash {
        /// Exit code, for example 1 or 137.
        exit_code: i32,
    },
    /// The rollback alarm goes to `ALARM` while canary traffic flows.
    Alarm,
    /// ECS cannot assume the infrastructure role.
    InfrastructureRoleMissing,
    /// ECS cannot assume the execution role.
    ExecutionRoleMissing,
    /// Everything takes four times as long.
    Slow,
    /// The first create calls are refused, as a role just made has not reached every part of IAM.
    IamPropagation {
        /// Number of refused calls.
        refusals: u32,
    },
    /// A deleted service stays `DRAINING`.
    DrainingForever,
    /// The endpoint of an Express service shows this long after the service.
    LateEndpoint {
        /// Seconds from the create call on.
        seconds: u64,
    },
    /// A change of auto scaling alone makes no revision of an Express service.
    ScalingInPlace,
    /// The infrastructure role was just made: what ECS builds with it is denied for some time, which passes by itself.
    InfrastructureRolePropagation {
        /// Seconds from the create call on.
        seconds: u64,
    },
    /// A service control policy denies what is made without the tag `cost_center`.
    TagRequired,
    /// Every answer has members that no release knows yet, at every level.
    UnknownMembers,
    /// `GuardDuty` puts a container of its own beside those of each task.
    Guardduty,
    /// A row of the tables.
    Scripted(Scripted),
}

/// Every script, table by table.
pub fn scripts() -> impl Iterator<Item = &'static Script> {
    starts::STARTS.iter().chain(&runs::RUNS).chain(&deployments::DEPLOYMENTS).chain(&refusals::REFUSALS)
}

impl Scenario {
    /// The scenarios with code of their own.
    const SPECIAL: [(Self, &'static str, &'static str); 17] = [
        (Self::ImageNotFound, "image-not-found", "the image or its tag does not exist"),
        (Self::WrongArchitecture, "wrong-architecture", "the image is built for the other architecture"),
        (
            Self::ArchitectureOverride,
            "architecture-override",
            "the same, and Express runs it there after two tasks have failed",
        ),
        (
            Self::FailingHealthCheck { http_code: 404 },
            "failing-health-check",
            "the health check gets an HTTP error; `:<code>`, default 404",
        ),
        (Self::Crash { exit_code: 1 }, "crash", "the container exits; `:<exit code>`, default 1"),
        (Self::Alarm, "alarm", "the rollback alarm fires during the canary"),
        (
            Self::InfrastructureRoleMissing,
            "infrastructure-role-missing",
            "the infrastructure role cannot be assumed",
        ),
        (Self::ExecutionRoleMissing, "execution-role-missing", "the execution role cannot be assumed"),
        (Self::Slow, "slow", "everything takes four times as long"),
        (
            Self::IamPropagation { refusals: 3 },
            "iam-propagation",
            "the first creates are refused; `:<number>`, default 3",
        ),
        (Self::DrainingForever, "draining-forever", "a deleted service stays DRAINING"),
        (
            Self::LateEndpoint { seconds: 20 },
            "late-endpoint",
            "the endpoint shows later than the service; `:<seconds>`, default 20",
        ),
        (Self::ScalingInPlace, "scaling-in-place", "a change of auto scaling alone starts no deployment"),
        (
            Self::InfrastructureRolePropagation { seconds: 150 },
            "infrastructure-role-propagation",
            "ECS is denied with the infrastructure role, which passes by itself; `:<seconds>`, default 150",
        ),
        (
            Self::TagRequired,
            "tag-required",
            "whatever is made without the tag `cost_center` is denied, as by a service control policy",
        ),
        (Self::UnknownMembers, "unknown-members", "every answer has members that no release knows"),
        (Self::Guardduty, "guardduty", "GuardDuty adds a container to each task"),
    ];

    /// Every scenario with its default parameter, its name on the command line and one line of help.
    pub fn list() -> impl Iterator<Item = (Self, &'static str, &'static str)> {
        let scripted = scripts().map(|script| (Self::Scripted(Scripted(script)), script.name, script.help));
        Self::SPECIAL.into_iter().chain(scripted)
    }

    /// The name on the command line, without parameter.
    pub fn name(self) -> &'static str {
        if let Self::Scripted(scripted) = self {
            return scripted.0.name;
        }
        Self::SPECIAL
            .iter()
            .find(|(scenario, ..)| std::mem::discriminant(scenario) == std::mem::discriminant(&self))
            .map_or("", |(_, name, _)| name)
    }
}

/// A scenario text that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseScenarioError {
    /// No scenario has this name.
    #[error("unknown scenario `{name}`{}", did_you_mean(*.nearest))]
    UnknownName {
        /// What was given.
        name: String,
        /// What it may have been meant to be.
        nearest: Option<&'static str>,
    },
    /// The part after the colon is not a number that the scenario takes.
    #[error("scenario `{name}` does not take the parameter `{parameter}`")]
    InvalidParameter {
        /// Name of the scenario.
        name: String,
        /// What was given.
        parameter: String,
    },
    /// The part after `@` is neither `service=<name>` nor `image=<part of the image>`.
    #[error("`{0}` is not `service=<name>` or `image=<part of the image>`")]
    InvalidTarget(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => "; `sandbox --help` lists all of them".to_owned(),
    }
}

impl FromStr for Scenario {
    type Err = ParseScenarioError;

    /// Reads `<name>` or `<name>:<parameter>`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, parameter) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let (scenario, ..) = Self::list().find(|(_, known, _)| *known == name).ok_or_else(|| {
            let nearest = nearest(name, Self::list().map(|(_, known, _)| known));
            ParseScenarioError::UnknownName { name: name.to_owned(), nearest }
        })?;
        let Some(parameter) = parameter else { return Ok(scenario) };
        let invalid = || ParseScenarioError::InvalidParameter {
            name: name.to_owned(),
            parameter: parameter.to_owned(),
        };
        match scenario {
            Self::FailingHealthCheck { .. } => parameter
                .parse()
                .map(|http_code| Self::FailingHealthCheck { http_code })
                .map_err(|_| invalid()),
            Self::Crash { .. } => {
                parameter.parse().map(|exit_code| Self::Crash { exit_code }).map_err(|_| invalid())
            }
            Self::IamPropagation { .. } => {
                parameter.parse().map(|refusals| Self::IamPropagation { refusals }).map_err(|_| invalid())
            }
            Self::LateEndpoint { .. } => {
                parameter.parse().map(|seconds| Self::LateEndpoint { seconds }).map_err(|_| invalid())
            }
            Self::InfrastructureRolePropagation { .. } => parameter
                .parse()
                .map(|seconds| Self::InfrastructureRolePropagation { seconds })
                .map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }
}

/// Whom a scenario befalls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScenarioTarget {
    /// Every service.
    Everything,
    /// The service of this name.
    Service(String),
    /// Every service whose image contains this text.
    Image(String),
}

/// A scenario and whom it befalls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioRule {
    /// What goes wrong.
    pub scenario: Scenario,
    /// For whom.
    pub target: ScenarioTarget,
}

impl FromStr for ScenarioRule {
    type Err = ParseScenarioError;

    /// Reads `<scenario>`, `<scenario>@service=<name>` or `<scenario>@image=<part of the image>`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scenario, target) = text.split_once('@').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let target = match target.map(|target| (target, target.split_once('='))) {
            None => ScenarioTarget::Everything,
            Some((_, Some(("service", name)))) => ScenarioTarget::Service(name.to_owned()),
            Some((_, Some(("image", part)))) => ScenarioTarget::Image(part.to_owned()),
            Some((other, _)) => return Err(ParseScenarioError::InvalidTarget(other.to_owned())),
        };
        Ok(Self { scenario: scenario.parse()?, target })
    }
}

/// The scenarios switched on in a world.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Scenarios {
    rules: Vec<ScenarioRule>,
    /// Create calls refused so far for `iam-propagation`.
    refusals: u32,
}

impl Scenarios {
    /// Switches a scenario on.
    pub(crate) fn add(&mut self, rule: ScenarioRule) {
        self.rules.push(rule);
    }

    /// Switches every scenario off.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The scenarios that befall a service running `image`.
    pub(crate) fn list(&self, service_name: &str, image: &str) -> impl Iterator<Item = Scenario> {
        self.rules
            .iter()
            .filter(move |rule| match &rule.target {
                ScenarioTarget::Everything => true,
                ScenarioTarget::Service(name) => name == service_name,
                ScenarioTarget::Image(part) => image.contains(part.as_str()),
            })
            .map(|rule| rule.scenario)
    }

    /// Whether `scenario` (whatever its parameter) befalls a service running `image`.
    pub(crate) fn is_on(&self, scenario: Scenario, service_name: &str, image: &str) -> bool {
        self.list(service_name, image)
            .any(|on| std::mem::discriminant(&on) == std::mem::discriminant(&scenario))
    }

    /// The scripts that befall a service running `image`.
    pub(crate) fn list_scripts(
        &self,
        service_name: &str,
        image: &str,
    ) -> impl Iterator<Item = &'static Script> {
        self.list(service_name, image).filter_map(|scenario| match scenario {
            Scenario::Scripted(scripted) => Some(scripted.0),
            _ => None,
        })
    }

    /// The refusal of a call, if one is scripted. A rule for one service or image means the calls that name it.
    pub(crate) fn find_refusal(&self, request: &Request) -> Option<Refusal> {
        if self.rules.is_empty() {
            return None;
        }
        let names = |part: &str| request.input.to_string().contains(part);
        let befallen = self.rules.iter().filter(|rule| match &rule.target {
            ScenarioTarget::Everything => true,
            ScenarioTarget::Service(part) | ScenarioTarget::Image(part) => names(part),
        });
        let effects = befallen.flat_map(|rule| match rule.scenario {
            Scenario::Scripted(scripted) => [scripted.0.express, scripted.0.plain],
            _ => [Effect::None; 2],
        });
        let mut refusals = effects.filter_map(|effect| match effect {
            Effect::Refusal(refusal) => Some(refusal),
            _ => None,
        });
        let is_this = |it: &Refusal| it.service == request.service && it.operation == request.operation;
        refusals.find(is_this)
    }

    /// The denial of a call that makes something without the tag that a service control policy asks for.
    pub(crate) fn find_tag_denial(&self, request: &Request) -> Option<ApiError> {
        let is_on = self.rules.iter().any(|rule| rule.scenario == Scenario::TagRequired);
        is_on.then(|| tag_required::find_denial(request)).flatten()
    }

    /// Whether a guardrail keeps a record of this name from being deleted.
    pub(crate) fn guards_record(&self, name: &str) -> bool {
        let befalls = |rule: &&ScenarioRule| match &rule.target {
            ScenarioTarget::Everything => true,
            ScenarioTarget::Service(part) | ScenarioTarget::Image(part) => name.contains(part.as_str()),
        };
        self.rules.iter().filter(befalls).any(
            |rule| matches!(rule.scenario, Scenario::Scripted(Scripted(script)) if script.plain == Effect::RecordGuardrail),
        )
    }

    /// What keeps a certificate from being issued. A rule for one service means the certificates that name it; a
    /// certificate knows no image.
    pub(crate) fn find_certificate_fault(&self, domain: &str, tags: &Tags) -> Option<CertificateFault> {
        let is_named = |name: &str| domain.contains(name) || tags.values().any(|value| value.contains(name));
        let mut befallen = self.rules.iter().filter(|rule| match &rule.target {
            ScenarioTarget::Everything => true,
            ScenarioTarget::Service(name) => is_named(name),
            ScenarioTarget::Image(_) => false,
        });
        befallen.find_map(|rule| match rule.scenario {
            Scenario::Scripted(Scripted(Script { plain: Effect::Certificate(fault), .. })) => Some(*fault),
            _ => None,
        })
    }

    /// The answer with members that nobody knows, if that is scripted: AWS adds members to its answers without notice, and
    /// did so to old task definitions (aws-actions/amazon-ecs-deploy-task-definition #701). Maps of the user's have none.
    pub(crate) fn with_unknown_members(&self, answer: Value) -> Value {
        let is_on = self.rules.iter().any(|rule| rule.scenario == Scenario::UnknownMembers);
        if is_on { unknown_members::add(answer) } else { answer }
    }

    /// Counts one create call against `iam-propagation`; true while such calls are to be refused.
    pub(crate) fn refuse_create(&mut self, service_name: &str, image: &str) -> bool {
        let limit = self.list(service_name, image).find_map(|scenario| match scenario {
            Scenario::IamPropagation { refusals } => Some(refusals),
            _ => None,
        });
        let refused = limit.is_some_and(|limit| self.refusals < limit);
        if refused {
            self.refusals += 1;
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_reads_back_as_its_scenario() {
        for (scenario, name, _) in Scenario::list() {
            assert_eq!(name.parse(), Ok(scenario));
            assert_eq!(scenario.name(), name);
        }
    }

    #[test]
    fn a_scripted_scenario_is_saved_by_its_name() {
        let rule: ScenarioRule = "fargate-quota@service=api".parse().unwrap();
        let saved = serde_json::to_string(&rule).unwrap();
        assert!(saved.contains(r#"{"Scripted":"fargate-quota"}"#), "{saved}");
        assert_eq!(serde_json::from_str::<ScenarioRule>(&saved).unwrap(), rule);
        assert!(serde_json::from_str::<ScenarioRule>(&saved.replace("quota", "x")).is_err());
    }

    #[test]
    fn a_rule_names_parameter_and_target() {
        let rule: ScenarioRule = "crash:137@image=broken".parse().unwrap();
        assert_eq!(rule.scenario, Scenario::Crash { exit_code: 137 });
        assert_eq!(rule.target, ScenarioTarget::Image("broken".to_owned()));
        assert!("crash@everyone".parse::<ScenarioRule>().is_err());
        assert!("slow:3".parse::<ScenarioRule>().is_err());
    }

    #[test]
    fn a_rule_for_one_service_leaves_the_others_alone() {
        let mut scenarios = Scenarios::default();
        scenarios.add("slow@service=api".parse().unwrap());
        assert!(scenarios.is_on(Scenario::Slow, "api", "x"));
        assert!(!scenarios.is_on(Scenario::Slow, "web", "x"));
    }
}
