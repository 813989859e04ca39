//! Scripted misfortune: which calls go wrong, how, and how often.
//!
//! A rule matches calls by service and operation, lets the first `skip` matches pass, then applies its effect
//! `times` times and is spent. Spent rules stay listed, so that a test can see that they fired. A rule with a `share`
//! strikes that part of its matches, by a seeded draw; one with `seconds` ends with that time.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::api::{ApiError, Request, Service};
use super::spoil::Spoiled;
use super::wire::{find_service, table_of};

/// Most rules held at once.
pub const MAX_RULES: usize = 256;

/// Longest delay or hold, in seconds.
pub const MAX_WAIT_SECONDS: f64 = 3600.0;

/// What happens to a matching call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "EffectForm", into = "EffectForm")]
pub enum FaultEffect {
    /// The call is refused and has no effect.
    Fail {
        /// Error code as the service spells it.
        code: String,
        /// Message text.
        message: String,
        /// HTTP status.
        status: u16,
    },
    /// The call is refused with the service's own throttling code and has no effect.
    Throttle,
    /// HTTP 500 without effect.
    ServerError,
    /// The connection breaks before the call takes effect.
    LoseRequest,
    /// The call takes effect, and the connection breaks instead of a reply.
    LoseReply,
    /// The call takes effect `seconds` later than it was made.
    Delay {
        /// Length of the delay.
        seconds: f64,
        /// Whether the seconds are real ones; simulated otherwise.
        real: bool,
    },
    /// The call takes effect at once; its reply is withheld for `seconds` of real time, then lost. The time to
    /// kill a provider in the middle of a step.
    Hold {
        /// Length of the hold, in real seconds.
        seconds: f64,
    },
    /// Something between the caller and AWS spoils the reply, or answers instead of AWS.
    Spoil {
        /// What arrives.
        with: Spoiled,
        /// Whether the call reached AWS before.
        takes_effect: bool,
    },
}

/// An effect in JSON: a type, and the members that the type has.
///
/// Serde's tagged enums cannot hold floats while `serde_json` keeps numbers in arbitrary precision.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectForm {
    r#type: EffectType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    real: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    with: Option<Spoiled>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    takes_effect: Option<bool>,
}

#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectType {
    Fail,
    #[default]
    Throttle,
    ServerError,
    LoseRequest,
    LoseReply,
    Delay,
    Hold,
    Spoil,
}

impl TryFrom<EffectForm> for FaultEffect {
    type Error = &'static str;

    fn try_from(form: EffectForm) -> Result<Self, Self::Error> {
        let seconds = form.seconds.ok_or("this effect needs seconds");
        Ok(match form.r#type {
            EffectType::Fail => Self::Fail {
                code: form.code.ok_or("the effect fail needs a code")?,
                message: form.message.unwrap_or_default(),
                status: form.status.unwrap_or(400),
            },
            EffectType::Throttle => Self::Throttle,
            EffectType::ServerError => Self::ServerError,
            EffectType::LoseRequest => Self::LoseRequest,
            EffectType::LoseReply => Self::LoseReply,
            EffectType::Delay => Self::Delay { seconds: seconds?, real: form.real.unwrap_or(false) },
            EffectType::Hold => Self::Hold { seconds: seconds? },
            EffectType::Spoil => Self::Spoil {
                with: form.with.ok_or("the effect spoil needs a member `with`")?,
                takes_effect: form.takes_effect.unwrap_or(true),
            },
        })
    }
}

impl From<FaultEffect> for EffectForm {
    fn from(effect: FaultEffect) -> Self {
        let of_type = |r#type| Self { r#type, ..Self::default() };
        match effect {
            FaultEffect::Fail { code, message, status } => Self {
                code: Some(code),
                message: Some(message),
                status: Some(status),
                ..of_type(EffectType::Fail)
            },
            FaultEffect::Throttle => of_type(EffectType::Throttle),
            FaultEffect::ServerError => of_type(EffectType::ServerError),
            FaultEffect::LoseRequest => of_type(EffectType::LoseRequest),
            FaultEffect::LoseReply => of_type(EffectType::LoseReply),
            FaultEffect::Delay { seconds, real } => {
                Self { seconds: Some(seconds), real: Some(real), ..of_type(EffectType::Delay) }
            }
            FaultEffect::Hold { seconds } => Self { seconds: Some(seconds), ..of_type(EffectType::Hold) },
            FaultEffect::Spoil { with, takes_effect } => {
                Self { with: Some(with), takes_effect: Some(takes_effect), ..of_type(EffectType::Spoil) }
            }
        }
    }
}

/// A scripted misfortune.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Service by its signing name or SDK name (`ecs`, `elasticloadbalancing`, `elbv2`); any service if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Operation name; any operation if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Matches that pass before the effect.
    #[serde(default)]
    pub skip: u32,
    /// Matches that the effect applies to.
    #[serde(default = "once")]
    pub times: u32,
    /// Part of the matches that the effect applies to, between 0 and 1; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// What decides which matches a `share` is made of: equal seeds, equal draws.
    #[serde(default)]
    pub seed: u64,
    /// Simulated seconds from now after which the rule ends; it has no end if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The effect.
    pub effect: FaultEffect,
}

fn once() -> u32 {
    1
}

impl FaultRule {
    /// A rule for the next call of `operation` of any service.
    pub fn on(operation: &str, effect: FaultEffect) -> Self {
        Self { operation: Some(operation.to_owned()), times: 1, ..Self::always(effect) }
    }

    /// A rule for every call.
    pub fn always(effect: FaultEffect) -> Self {
        let (service, operation, share, seconds) = (None, None, None, None);
        Self { service, operation, skip: 0, times: u32::MAX, share, seed: 0, seconds, effect }
    }

    /// The same rule for this part of the calls.
    pub fn share(self, share: f64, seed: u64) -> Self {
        Self { share: Some(share), seed, ..self }
    }

    /// The same rule for so long.
    pub fn seconds(self, seconds: f64) -> Self {
        Self { seconds: Some(seconds), ..self }
    }

    /// The same rule for `times` calls.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same rule after `skip` calls.
    pub fn skip(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same rule for one service, by name.
    pub fn service(self, service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..self }
    }

    fn matches(&self, service: Service, operation: &str) -> bool {
        let is_service =
            self.service.as_ref().is_none_or(|name| table_of(service).names.contains(&name.as_str()));
        is_service && self.operation.as_ref().is_none_or(|name| name == operation)
    }

    /// Whether the match of this number is of the share.
    fn is_drawn(&self, matched: u32) -> bool {
        let Some(share) = self.share else { return true };
        let drawn = draw(self.seed ^ u64::from(matched).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        f64::from(drawn) < share * f64::from(u32::MAX)
    }
}

/// The first half of a step of the generator splitmix64.
fn draw(seed: u64) -> u32 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default()
}

/// Why a rule was not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FaultError {
    /// No such service in the sandbox.
    #[error("the sandbox has no service named {0:?}")]
    UnknownService(String),
    /// [`MAX_RULES`] are held already.
    #[error("the sandbox holds at most {MAX_RULES} fault rules")]
    TooMany,
    /// A wait that is negative, too long or no number.
    #[error("seconds must be between 0 and {MAX_WAIT_SECONDS}")]
    Wait,
    /// A part of less than nothing, or of more than everything.
    #[error("share must be between 0 and 1")]
    Share,
    /// A status that is none of an error.
    #[error("status must be between 400 and 599")]
    Status,
}

/// A rule with its history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListedFault {
    /// Identity for removal.
    pub id: u64,
    /// Matches seen.
    pub matched: u32,
    /// Times that the effect was applied.
    pub applied: u32,
    #[serde(skip)]
    ends_at: Option<SystemTime>,
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
}

/// The rules of one sandbox, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<ListedFault>,
    next_id: u64,
}

impl Faults {
    /// Adds a rule and returns its id.
    pub(crate) fn add(&mut self, rule: FaultRule, now: SystemTime) -> Result<u64, FaultError> {
        validate(&rule)?;
        if self.rules.len() >= MAX_RULES {
            return Err(FaultError::TooMany);
        }
        self.next_id += 1;
        let ends_at = rule.seconds.map(|seconds| now + Duration::from_secs_f64(seconds));
        self.rules.push(ListedFault { id: self.next_id, matched: 0, applied: 0, ends_at, rule });
        Ok(self.next_id)
    }

    /// Removes a rule; false if there is none with this id.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|listed| listed.id != id);
        self.rules.len() < before
    }

    /// Removes every rule.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules, spent ones included.
    pub(crate) fn list(&self) -> Vec<ListedFault> {
        self.rules.clone()
    }

    /// Whether a hold of rule `id` is still in place.
    pub(crate) fn is_listed(&self, id: u64) -> bool {
        self.rules.iter().any(|listed| listed.id == id)
    }

    /// The fault of this call, if any: the first rule that matches and is due. Every matching rule counts the
    /// call until one applies.
    pub(crate) fn strike(&mut self, request: &Request) -> Option<(u64, FaultEffect)> {
        for listed in &mut self.rules {
            let has_ended = listed.ends_at.is_some_and(|end| request.context.now >= end);
            if has_ended
                || listed.applied >= listed.rule.times
                || !listed.rule.matches(request.service, &request.operation)
            {
                continue;
            }
            listed.matched += 1;
            if listed.matched > listed.rule.skip && listed.rule.is_drawn(listed.matched) {
                listed.applied += 1;
                return Some((listed.id, listed.rule.effect.clone()));
            }
        }
        None
    }

    /// The fault of a call that a service makes in the name of this one's caller: only a denial passes on.
    pub(crate) fn deny(&mut self, service: Service, operation: &str) -> Option<(u64, FaultEffect)> {
        let is_denial = |effect: &FaultEffect| matches!(effect, FaultEffect::Fail { code, .. } if code.starts_with("AccessDenied"));
        let is_due = |listed: &&mut ListedFault| {
            let rule = &listed.rule;
            listed.applied < rule.times && rule.matches(service, operation) && is_denial(&rule.effect)
        };
        let listed = self.rules.iter_mut().find(is_due)?;
        listed.matched += 1;
        if listed.matched <= listed.rule.skip {
            return None;
        }
        listed.applied += 1;
        Some((listed.id, listed.rule.effect.clone()))
    }
}

fn validate(rule: &FaultRule) -> Result<(), FaultError> {
    if let Some(name) = &rule.service
        && find_service(name).is_none()
    {
        return Err(FaultError::UnknownService(name.clone()));
    }
    if rule.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        return Err(FaultError::Share);
    }
    if rule.seconds.is_some_and(|seconds| !(0.0..=MAX_WAIT_SECONDS).contains(&seconds)) {
        return Err(FaultError::Wait);
    }
    match &rule.effect {
        FaultEffect::Delay { seconds, .. } | FaultEffect::Hold { seconds }
            if !(0.0..=MAX_WAIT_SECONDS).contains(seconds) =>
        {
            Err(FaultError::Wait)
        }
        FaultEffect::Fail { status, .. } if !(400..600).contains(status) => Err(FaultError::Status),
        _ => Ok(()),
    }
}

/// The refusal that an effect stands for, if it is one.
pub(crate) fn refusal(effect: &FaultEffect, service: Service) -> Option<ApiError> {
    match effect {
        FaultEffect::Fail { code, message, status } => {
            Some(ApiError { status: *status, ..ApiError::client(code, message.clone()) })
        }
        FaultEffect::Throttle => {
            let (code, status) = table_of(service).throttling;
            Some(ApiError { status, ..ApiError::client(code, "Rate exceeded") })
        }
        FaultEffect::ServerError => {
            let code = if service == Service::Ecs { "ServerException" } else { "InternalFailure" };
            Some(ApiError { status: 500, ..ApiError::client(code, "An internal error occurred.") })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sandbox::api::RequestContext;

    fn request(service: Service, operation: &str) -> Request {
        let context = RequestContext {
            account_id: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            now: SystemTime::UNIX_EPOCH,
        };
        Request { service, operation: operation.to_owned(), input: Value::Null, context }
    }

    #[test]
    fn a_rule_skips_then_applies_then_is_spent() {
        let mut faults = Faults::default();
        faults
            .add(
                FaultRule::on("ListServices", FaultEffect::Throttle).skip(1).times(2),
                SystemTime::UNIX_EPOCH,
            )
            .unwrap();
        let call = request(Service::Ecs, "ListServices");
        let struck: Vec<bool> = (0..5).map(|_| faults.strike(&call).is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!((faults.list()[0].matched, faults.list()[0].applied), (3, 2));
    }

    #[test]
    fn a_rule_is_held_to_its_service_and_operation() {
        let mut faults = Faults::default();
        faults
            .add(
                FaultRule::on("DescribeTags", FaultEffect::ServerError).service("elbv2"),
                SystemTime::UNIX_EPOCH,
            )
            .unwrap();
        assert!(faults.strike(&request(Service::Ec2, "DescribeTags")).is_none());
        assert!(faults.strike(&request(Service::Elbv2, "DescribeRules")).is_none());
        assert!(faults.strike(&request(Service::Elbv2, "DescribeTags")).is_some());
    }

    #[test]
    fn a_share_is_drawn_by_its_seed_and_a_time_ends_a_rule() {
        let struck = |seed| {
            let mut faults = Faults::default();
            let rule = FaultRule::always(FaultEffect::Throttle).share(0.3, seed);
            faults.add(rule, SystemTime::UNIX_EPOCH).unwrap();
            let call = request(Service::Ecs, "ListServices");
            (0..1000).map(|_| faults.strike(&call).is_some()).collect::<Vec<_>>()
        };
        let count = struck(1).into_iter().filter(|is_struck| *is_struck).count();
        assert!((250..350).contains(&count), "{count}");
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));

        let mut faults = Faults::default();
        let rule = FaultRule::always(FaultEffect::Throttle).seconds(60.0);
        faults.add(rule, SystemTime::UNIX_EPOCH).unwrap();
        let mut call = request(Service::Ecs, "ListServices");
        assert!(faults.strike(&call).is_some());
        call.context.now += Duration::from_secs(60);
        assert!(faults.strike(&call).is_none());
    }

    #[test]
    fn throttling_uses_the_code_of_the_service() {
        let codes = [Service::Ecs, Service::Elbv2, Service::Ec2]
            .map(|service| refusal(&FaultEffect::Throttle, service).unwrap().code);
        assert_eq!(codes, ["ThrottlingException", "Throttling", "RequestLimitExceeded"]);
    }

    #[test]
    fn rules_are_bounded_and_checked() {
        let mut faults = Faults::default();
        let rule = FaultRule::on("X", FaultEffect::LoseReply);
        let unknown = faults.add(rule.clone().service("dynamodb"), SystemTime::UNIX_EPOCH);
        assert_eq!(unknown, Err(FaultError::UnknownService("dynamodb".to_owned())));
        let wait =
            faults.add(FaultRule::on("X", FaultEffect::Hold { seconds: -1.0 }), SystemTime::UNIX_EPOCH);
        assert_eq!(wait, Err(FaultError::Wait));
        for _ in 0..MAX_RULES {
            faults.add(rule.clone(), SystemTime::UNIX_EPOCH).unwrap();
        }
        assert_eq!(faults.add(rule, SystemTime::UNIX_EPOCH), Err(FaultError::TooMany));
    }

    #[test]
    fn a_rule_is_read_from_short_json() {
        let text = r#"{"operation": "CreateCluster", "effect": {"type": "fail", "code": "ClientException"}}"#;
        let rule: FaultRule = serde_json::from_str(text).unwrap();
        let effect =
            FaultEffect::Fail { code: "ClientException".to_owned(), message: String::new(), status: 400 };
        assert_eq!(rule, FaultRule::on("CreateCluster", effect));
    }

    #[test]
    fn every_effect_round_trips_through_json() {
        let effects = [
            FaultEffect::Fail { code: "C".to_owned(), message: "m".to_owned(), status: 503 },
            FaultEffect::Throttle,
            FaultEffect::ServerError,
            FaultEffect::LoseRequest,
            FaultEffect::LoseReply,
            FaultEffect::Delay { seconds: 1.5, real: true },
            FaultEffect::Hold { seconds: 30.0 },
            FaultEffect::Spoil { with: Spoiled::CutShort, takes_effect: true },
            FaultEffect::Spoil { with: Spoiled::Html, takes_effect: false },
        ];
        for effect in effects {
            let rule = FaultRule::on("X", effect).skip(2).times(3).service("ecs");
            let text = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<FaultRule>(&text).unwrap(), rule, "{text}");
        }
        let whole_seconds = r#"{"effect": {"type": "delay", "seconds": 30}}"#;
        assert!(serde_json::from_str::<FaultRule>(whole_seconds).is_ok());
        let misspelt = r#"{"effect": {"type": "delay", "seconds": 30, "sconds": 1}}"#;
        assert!(serde_json::from_str::<FaultRule>(misspelt).is_err());
    }
}
