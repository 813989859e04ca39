//! What a listener or a rule does with a request.

use aws_sdk_elasticloadbalancingv2::types;

/// An action of a rule or of a listener's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends requests to target groups by weight.
    Forward {
        /// One to five groups.
        target_groups: Vec<TargetGroupWeight>,
        /// How long a client stays with its group; `None`: it does not.
        stickiness_seconds: Option<i32>,
    },
    /// Answers by itself.
    FixedResponse {
        /// HTTP status.
        status_code: u16,
        /// Body, as `text/plain`.
        message: String,
    },
    /// `HTTP_301` to the same URL over HTTPS at this port.
    RedirectToHttps {
        /// Port of the HTTPS listener.
        port: u16,
    },
    /// An action that this provider never makes, by its type.
    Other(String),
}

/// A target group's share of a rule's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroupWeight {
    /// The group.
    pub target_group_arn: String,
    /// 0 to 999; what counts is the ratio to the rule's other groups.
    pub weight: i32,
}

impl Action {
    /// Sends requests to these groups.
    pub fn forward(target_groups: Vec<TargetGroupWeight>) -> Self {
        Self::Forward { target_groups, stickiness_seconds: None }
    }

    /// The groups of a forward action.
    pub fn target_groups(&self) -> &[TargetGroupWeight] {
        match self {
            Self::Forward { target_groups, .. } => target_groups,
            _ => &[],
        }
    }

    /// As the API takes it. An action of another kind becomes one without content, which the API refuses.
    pub(super) fn to_input(&self) -> types::Action {
        let action = types::Action::builder();
        match self {
            Self::Forward { target_groups, stickiness_seconds } => {
                action.r#type(types::ActionTypeEnum::Forward).forward_config(
                    types::ForwardActionConfig::builder()
                        .set_target_groups(Some(target_groups.iter().map(weight_to_input).collect()))
                        .set_target_group_stickiness_config(stickiness_seconds.map(|seconds| {
                            types::TargetGroupStickinessConfig::builder()
                                .enabled(true)
                                .duration_seconds(seconds)
                                .build()
                        }))
                        .build(),
                )
            }
            Self::FixedResponse { status_code, message } => {
                action.r#type(types::ActionTypeEnum::FixedResponse).fixed_response_config(
                    types::FixedResponseActionConfig::builder()
                        .status_code(status_code.to_string())
                        .content_type("text/plain")
                        .message_body(message)
                        .build(),
                )
            }
            Self::RedirectToHttps { port } => action.r#type(types::ActionTypeEnum::Redirect).redirect_config(
                types::RedirectActionConfig::builder()
                    .protocol("HTTPS")
                    .port(port.to_string())
                    .status_code(types::RedirectActionStatusCodeEnum::Http301)
                    .build(),
            ),
            Self::Other(kind) => action.r#type(types::ActionTypeEnum::from(kind.as_str())),
        }
        .build()
    }

    /// As the API describes it.
    pub(super) fn from_output(output: &types::Action) -> Self {
        let kind = output.r#type().map(|kind| kind.as_str().to_owned()).unwrap_or_default();
        if let Some(forward) = output.forward_config() {
            let stickiness = forward.target_group_stickiness_config();
            return Self::Forward {
                target_groups: forward.target_groups().iter().filter_map(weight_from_output).collect(),
                stickiness_seconds: stickiness
                    .filter(|stickiness| stickiness.enabled == Some(true))
                    .and_then(|stickiness| stickiness.duration_seconds),
            };
        }
        if let (Some(arn), "forward") = (output.target_group_arn(), kind.as_str()) {
            return Self::forward(vec![TargetGroupWeight { target_group_arn: arn.to_owned(), weight: 1 }]);
        }
        if let Some(fixed) = output.fixed_response_config() {
            return Self::FixedResponse {
                status_code: fixed.status_code().and_then(|code| code.parse().ok()).unwrap_or_default(),
                message: fixed.message_body.clone().unwrap_or_default(),
            };
        }
        match output.redirect_config() {
            Some(redirect) if is_to_https(redirect) => Self::RedirectToHttps {
                port: redirect.port().and_then(|port| port.parse().ok()).unwrap_or(443),
            },
            _ => Self::Other(kind),
        }
    }
}

/// Whether nothing but the protocol and the port change.
fn is_to_https(redirect: &types::RedirectActionConfig) -> bool {
    let is_kept = |part: Option<&str>, placeholder: &str| part.is_none_or(|part| part == placeholder);
    redirect.protocol() == Some("HTTPS")
        && redirect.status_code() == Some(&types::RedirectActionStatusCodeEnum::Http301)
        && is_kept(redirect.host(), "#{host}")
        && is_kept(redirect.path(), "/#{path}")
        && is_kept(redirect.query(), "#{query}")
}

fn weight_to_input(group: &TargetGroupWeight) -> types::TargetGroupTuple {
    types::TargetGroupTuple::builder().target_group_arn(&group.target_group_arn).weight(group.weight).build()
}

fn weight_from_output(output: &types::TargetGroupTuple) -> Option<TargetGroupWeight> {
    Some(TargetGroupWeight {
        target_group_arn: output.target_group_arn.clone()?,
        weight: output.weight.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_that_is_made_is_read_back() {
        let group = |arn: &str, weight| TargetGroupWeight { target_group_arn: arn.to_owned(), weight };
        let actions = [
            Action::forward(vec![group("a", 100), group("b", 0)]),
            Action::Forward { target_groups: vec![group("a", 1)], stickiness_seconds: Some(60) },
            Action::FixedResponse { status_code: 404, message: "no such host".to_owned() },
            Action::RedirectToHttps { port: 8443 },
            Action::Other("authenticate-oidc".to_owned()),
        ];
        for action in actions {
            assert_eq!(Action::from_output(&action.to_input()), action);
        }
    }

    #[test]
    fn a_redirect_elsewhere_is_another_kind_of_action() {
        let elsewhere = types::RedirectActionConfig::builder().protocol("HTTPS").host("other.example");
        let elsewhere = elsewhere.status_code(types::RedirectActionStatusCodeEnum::Http301).build();
        let action =
            types::Action::builder().r#type(types::ActionTypeEnum::Redirect).redirect_config(elsewhere);
        assert_eq!(Action::from_output(&action.build()), Action::Other("redirect".to_owned()));
    }
}
