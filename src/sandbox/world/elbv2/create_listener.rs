//! `CreateListener` and `ModifyListener`.

use serde_json::{Value, json};

use super::{Listener, actions, certificates, not_found, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, tag_list};

/// Listeners of a load balancer (an ELB quota).
const MAX_LISTENERS: usize = 50;
/// Policy of HTTPS listeners that name none.
const DEFAULT_SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// `CreateListener`. A listener at the port with the same settings is answered as it is.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let load_balancer_arn = text(input, "LoadBalancerArn").unwrap_or_default();
    if !scope.region.elbv2.load_balancers.contains_key(load_balancer_arn) {
        return Err(not_found("load balancer"));
    }
    let asked = checked(scope, load_balancer_arn, input)?;
    let of_balancer = |listener: &&Listener| listener.load_balancer_arn == load_balancer_arn;
    let listeners = || scope.region.elbv2.listeners.values().filter(of_balancer);
    if let Some(known) = listeners().find(|listener| listener.port == asked.port) {
        if !is_same(known, &asked) {
            let message = format!(
                "A listener already exists on this port for this load balancer '{load_balancer_arn}'"
            );
            return Err(ApiError::client("DuplicateListener", message));
        }
        return Ok(json!({"Listeners": [output::listener(known)]}));
    }
    if listeners().count() >= MAX_LISTENERS {
        return Err(ApiError::client("TooManyListeners", "The maximum number of listeners has been reached"));
    }
    let path = load_balancer_arn.split_once("loadbalancer/").map_or("", |(_, path)| path);
    let id = scope.ids.hex(16);
    let listener = Listener {
        arn: scope.region.arn("elasticloadbalancing", &format!("listener/{path}/{id}")),
        tags: tag_list::from_list(list(input, "Tags")),
        ..asked
    };
    let answer = json!({"Listeners": [output::listener(&listener)]});
    scope.region.elbv2.listeners.insert(listener.arn.clone(), listener);
    Ok(answer)
}

/// `ModifyListener`: what the input names. Another default certificate replaces the first one only.
pub(super) fn modify(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let known = scope.region.elbv2.listeners.get(arn).cloned().ok_or_else(|| not_found("listener"))?;
    let mut merged = json!({
        "Port": known.port,
        "Protocol": known.protocol,
        "SslPolicy": known.ssl_policy,
        "Certificates": known.certificate_arns.iter().take(1).map(|arn| json!({"CertificateArn": arn}))
            .collect::<Vec<Value>>(),
        "DefaultActions": known.default_actions,
    });
    for member in ["Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions"] {
        if !input[member].is_null() {
            merged[member] = input[member].clone();
        }
    }
    let asked = checked(scope, &known.load_balancer_arn, &merged)?;
    let is_taken = |other: &Listener| {
        other.arn != arn && other.load_balancer_arn == known.load_balancer_arn && other.port == asked.port
    };
    if scope.region.elbv2.listeners.values().any(is_taken) {
        let message = "A listener already exists on this port for this load balancer";
        return Err(ApiError::client("DuplicateListener", message));
    }
    let further = known.certificate_arns.iter().skip(1).filter(|arn| !asked.certificate_arns.contains(arn));
    let certificate_arns = asked.certificate_arns.iter().chain(further).cloned().collect();
    let changed = Listener {
        arn: known.arn.clone(),
        certificate_arns,
        attributes: known.attributes,
        tags: known.tags,
        ..asked
    };
    let answer = json!({"Listeners": [output::listener(&changed)]});
    scope.region.elbv2.listeners.insert(arn.to_owned(), changed);
    Ok(answer)
}

/// Tags are no settings, and certificates that were added later are not compared.
fn is_same(known: &Listener, asked: &Listener) -> bool {
    known.protocol == asked.protocol
        && known.ssl_policy == asked.ssl_policy
        && known.certificate_arns.first() == asked.certificate_arns.first()
        && known.default_actions == asked.default_actions
}

fn checked(scope: &mut Scope<'_>, load_balancer_arn: &str, input: &Value) -> Result<Listener, ApiError> {
    let port = input["Port"].as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    let port = port.ok_or_else(|| validation("A listener port between 1 and 65535 must be specified"))?;
    let protocol = text(input, "Protocol").unwrap_or_default().to_owned();
    let certificate_arns: Vec<String> = list(input, "Certificates")
        .iter()
        .filter_map(|entry| text(entry, "CertificateArn"))
        .map(str::to_owned)
        .collect();
    let ssl_policy = match protocol.as_str() {
        "HTTP" if certificate_arns.is_empty() => None,
        "HTTP" => return Err(validation("Certificates cannot be specified for HTTP listeners")),
        "HTTPS" => Some(checked_tls(scope, input, &certificate_arns)?),
        other => {
            let message =
                format!("Listener protocol '{other}' is not supported for application load balancers");
            return Err(ApiError::client("UnsupportedProtocol", message));
        }
    };
    let default_actions =
        actions::checked_defaults(list(input, "DefaultActions"), load_balancer_arn, &scope.region.elbv2)?;
    Ok(Listener {
        load_balancer_arn: load_balancer_arn.to_owned(),
        port,
        protocol,
        ssl_policy,
        certificate_arns,
        default_actions,
        ..Listener::default()
    })
}

/// The policy of an HTTPS listener, which needs exactly one certificate.
fn checked_tls(
    scope: &mut Scope<'_>,
    input: &Value,
    certificate_arns: &[String],
) -> Result<String, ApiError> {
    match certificate_arns {
        [] => return Err(validation("A certificate must be specified for HTTPS listeners")),
        [default] => certificates::check(scope, default)?,
        _ => return Err(validation("Up to one certificate can be specified for a listener")),
    }
    let policy = text(input, "SslPolicy").unwrap_or(DEFAULT_SSL_POLICY);
    if !policy.starts_with("ELBSecurityPolicy-") {
        return Err(ApiError::client("SSLPolicyNotFound", format!("SSL policy '{policy}' not found")));
    }
    Ok(policy.to_owned())
}
