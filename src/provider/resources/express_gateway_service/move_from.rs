//! `moved { from = aws_ecs_express_gateway_service.x }`: the state of the same service under `hashicorp/aws`, or under
//! `hashicorp/awscc`, whose state has little but the ARN.
//!
//! The type's name decides. The address of its provider is whatever a core makes of it: a registry's, a mirror's, or
//! `aws` alone (facts, cores O1).
//!
//! Core moves states with a provider that is not configured yet, so nothing here asks AWS. The read right afterwards
//! brings what the other state does not have; what is carried over is what the user meant: spellings, tags, timeouts.

use serde_json::{Map, Value as Json};

use super::model::{ServiceModel, TimeoutsModel};
use super::schema::schema;
use crate::framework::model::SetOf;
use crate::framework::resource::{MoveSource, Outcome, Private};
use crate::framework::value::json;
use crate::framework::{Attr, Diagnostic, Diagnostics, Model, Path};
use crate::provider::handle::MANAGED_ENGINE;
use crate::service::{IngressPath, ServiceArn, cluster_name};

const SOURCE_TYPE: &str = "aws_ecs_express_gateway_service";

/// The same service through Cloud Control, which never reads most settings back.
const CLOUD_CONTROL_TYPE: &str = "awscc_ecs_express_gateway_service";

/// Lists of at most one object there are objects here.
const SINGLE_OBJECTS: [&str; 3] = ["network_configuration", "scaling_target", "primary_container"];
const SINGLE_OBJECTS_OF_CONTAINER: [&str; 2] = ["aws_logs_configuration", "repository_credentials"];

/// The state in our shape; `None`: it is not of that type. The other provider's private bytes mean nothing here.
///
/// Every schema version is read alike: a version that this was not written for is refused only if a value has
/// another shape.
pub(super) fn move_from(source: MoveSource) -> Option<Outcome<ServiceModel>> {
    let taken_over = match source.type_name.as_str() {
        SOURCE_TYPE => take_over(source),
        CLOUD_CONTROL_TYPE => adopt(&source),
        _ => return None,
    };
    let (state, diagnostics) = match taken_over {
        Ok(state) => (Some(state), Diagnostics::none()),
        Err(diagnostic) => (None, diagnostic.into()),
    };
    Some(Outcome { state, private: Private::new(), diagnostics })
}

/// What an import starts with: the read right afterwards brings all the rest.
fn adopt(source: &MoveSource) -> Result<ServiceModel, Diagnostic> {
    let arn = service_arn(&source.type_name, &source.state)?;
    let service_arn = Attr::Known(arn.to_string());
    let engine = Attr::Known(MANAGED_ENGINE.to_owned());
    Ok(ServiceModel { engine, service_arn, ..ServiceModel::empty() })
}

fn take_over(source: MoveSource) -> Result<ServiceModel, Diagnostic> {
    let version = source.schema_version;
    let arn = service_arn(&source.type_name, &source.state)?;
    let endpoint = first_endpoint(&source.state);
    let state = json::adapt(&reshape(source.state), &schema().r#type())
        .map_err(|error| misshapen(version, &arn, &error.to_string()))?;
    let state = ServiceModel::from_value(&state, &Path::default())
        .map_err(|error| misshapen(version, &arn, &error.to_string()))?;
    Ok(settle(state, &arn, endpoint.as_deref()))
}

/// The ARN in a state. Cloud Control's `id` is the ARN, too.
fn service_arn(type_name: &str, state: &Json) -> Result<ServiceArn, Diagnostic> {
    let text = state["service_arn"].as_str().or_else(|| state["id"].as_str()).unwrap_or_default();
    text.parse().map_err(|error| {
        Diagnostic::error(
            format!("Cannot take over the state of {type_name}"),
            format!("The state names no service: its `service_arn`: {error}."),
        )
        .hint(
            "remove it from the state with `terraform state rm`, or with a `removed` block that has \
             `lifecycle { destroy = false }`, then import the service by its ARN",
        )
    })
}

/// The first way in that the other state names.
fn first_endpoint(state: &Json) -> Option<String> {
    let paths = state["ingress_paths"].as_array()?;
    paths.iter().find_map(|path| path["endpoint"].as_str()).map(str::to_owned)
}

fn misshapen(version: i64, arn: &ServiceArn, problem: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Cannot take over the state of {SOURCE_TYPE}"),
        format!("The state has schema version {version} and a shape that is not known here: {problem}."),
    )
    .hint(format!(
        "remove it from the state with `terraform state rm`, or with a `removed` block that has \
         `lifecycle {{ destroy = false }}`, then `terraform import <address> {arn}`"
    ))
}

/// Their shape as ours. What has neither shape stays as it is, for the decoding to refuse.
fn reshape(mut state: Json) -> Json {
    for name in SINGLE_OBJECTS {
        unwrap_single(&mut state, name);
    }
    if let Some(container) = state.get_mut("primary_container").filter(|container| container.is_object()) {
        for name in SINGLE_OBJECTS_OF_CONTAINER {
            unwrap_single(container, name);
        }
        container["environment"] = to_map(container["environment"].take(), "value");
        container["secrets"] = to_map(container["secret"].take(), "value_from");
    }
    state
}

/// Takes the object out of a list of one; no object is null.
fn unwrap_single(object: &mut Json, name: &str) {
    let Some(Json::Array(elements)) = object.get_mut(name) else { return };
    if elements.len() <= 1 {
        let element = elements.pop().unwrap_or(Json::Null);
        object[name] = element;
    }
}

/// Blocks with a name as a map; no block is null. A variable named twice has the last value, as in ECS.
fn to_map(blocks: Json, value: &str) -> Json {
    let Json::Array(elements) = blocks else { return blocks };
    let entry = |block: &Json| Some((block["name"].as_str()?.to_owned(), block[value].clone()));
    match elements.iter().map(entry).collect::<Option<Map<_, _>>>() {
        Some(map) if map.is_empty() => Json::Null,
        Some(map) => Json::Object(map),
        None => Json::Array(elements),
    }
}

/// What the ARN tells, and the user's intent where the two providers record it differently.
fn settle(state: ServiceModel, arn: &ServiceArn, endpoint: Option<&str>) -> ServiceModel {
    let hostname = endpoint.map(|endpoint| IngressPath::new("", endpoint).hostname);
    // It records "default" for a service in any cluster that it imported, so the ARN decides (facts, pain A1-8).
    let cluster = state.cluster.cloned().filter(|spelling| cluster_name(spelling) == arn.cluster());
    ServiceModel {
        engine: Attr::Known(MANAGED_ENGINE.to_owned()),
        service_name: Attr::Known(arn.name().to_owned()),
        cluster: Attr::Known(cluster.unwrap_or_else(|| arn.cluster().to_owned())),
        cluster_arn: Attr::Known(arn.cluster_arn()),
        network_configuration: match state.network_configuration {
            Attr::Known(mut network) => {
                network.security_groups = unless_empty(network.security_groups);
                Attr::Known(network)
            }
            other => other,
        },
        // Its default is false and ours is true, and its state does not tell whether the user wrote it.
        wait_for_steady_state: Attr::Known(true),
        timeouts: match state.timeouts {
            Attr::Known(TimeoutsModel { create: Attr::Null, update: Attr::Null, delete: Attr::Null }) => {
                Attr::Null
            }
            other => other,
        },
        url: hostname.as_ref().map(|hostname| format!("https://{hostname}")).into(),
        hostname: hostname.into(),
        ..state
    }
}

/// There, no groups are an empty set, whether the user wrote it or not.
fn unless_empty<T>(groups: Attr<SetOf<T>>) -> Attr<SetOf<T>> {
    match groups {
        Attr::Known(groups) if groups.0.is_empty() => Attr::Null,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:service/default/api";

    fn source(provider_address: &str, type_name: &str, state: Json) -> MoveSource {
        MoveSource {
            provider_address: provider_address.to_owned(),
            type_name: type_name.to_owned(),
            schema_version: 0,
            state,
            private: b"{\"schema_version\":\"0\"}".to_vec(),
        }
    }

    fn moved(state: Json) -> Outcome<ServiceModel> {
        move_from(source("registry.terraform.io/hashicorp/aws", SOURCE_TYPE, state)).expect("a known type")
    }

    #[test]
    fn the_type_is_told_by_its_name_whatever_address_a_core_sends() {
        let known = |address: &str, name: &str| {
            move_from(source(address, name, json!({ "service_arn": ARN }))).is_some()
        };
        for address in [
            "registry.terraform.io/hashicorp/aws",
            "registry.opentofu.org/hashicorp/aws",
            "mirror.example.com:8443/hashicorp/aws",
            "hashicorp/aws",
            "aws",
            "",
        ] {
            assert!(known(address, SOURCE_TYPE), "{address}");
        }
        for address in ["registry.terraform.io/hashicorp/awscc", "awscc"] {
            assert!(known(address, CLOUD_CONTROL_TYPE), "{address}");
        }
        assert!(!known("registry.terraform.io/hashicorp/aws", "aws_ecs_service"));
    }

    #[test]
    fn of_cloud_controls_state_only_the_arn_is_taken() {
        let state =
            json!({ "id": ARN, "service_arn": ARN, "cpu": "256", "tags": [{ "key": "a", "value": "1" }] });
        for state in [state, json!({ "id": ARN })] {
            let outcome = move_from(source("awscc", CLOUD_CONTROL_TYPE, state)).expect("a known type");
            assert_eq!(outcome.diagnostics, Diagnostics::none());
            let state = outcome.state.expect("taken over");
            assert_eq!(state.service_arn, Attr::Known(ARN.to_owned()));
            assert_eq!((&state.cpu, &state.infrastructure_role_arn), (&Attr::Null, &Attr::Null));
        }
    }

    #[test]
    fn lists_of_one_become_objects_and_blocks_become_maps() {
        let state = moved(json!({
            "service_arn": ARN,
            "region": "eu-west-1",
            "network_configuration": [{ "security_groups": [], "subnets": ["subnet-1", "subnet-2"] }],
            "primary_container": [{
                "image": "i",
                "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }],
                "secret": [],
                "aws_logs_configuration": [{ "log_group": "g", "log_stream_prefix": "p" }],
                "repository_credentials": [],
            }],
        }))
        .state
        .expect("taken over");
        let container = state.primary_container.known().expect("a container");
        let environment = container.environment.known().expect("an environment");
        assert_eq!(environment.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!((&container.secrets, &container.repository_credentials), (&Attr::Null, &Attr::Null));
        let logs = container.aws_logs_configuration.known().expect("logs");
        assert_eq!(logs.log_group, Attr::Known("g".to_owned()));
        let network = state.network_configuration.known().expect("a network");
        assert_eq!(network.security_groups, Attr::Null);
    }

    #[test]
    fn the_arn_decides_the_cluster_unless_it_is_only_spelled_differently() {
        let cluster = |spelling: &str| {
            let state = moved(json!({ "service_arn": ARN, "cluster": spelling })).state.expect("taken over");
            state.cluster.into_known().expect("known")
        };
        let arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/default";
        assert_eq!(cluster(arn), arn);
        assert_eq!(cluster("another"), "default");
    }

    #[test]
    fn the_private_bytes_of_the_other_provider_are_dropped() {
        let outcome = moved(json!({ "service_arn": ARN }));
        assert_eq!((outcome.private, outcome.diagnostics), (Private::new(), Diagnostics::none()));
    }

    #[test]
    fn a_state_without_a_service_says_how_to_go_on() {
        let outcome = moved(json!({ "service_arn": null }));
        let said = outcome.diagnostics.iter().next().expect("an error");
        assert!(said.detail.contains("names no service"), "{said:?}");
        assert!(said.render_detail().contains("hint: "), "{said:?}");
        assert!(outcome.state.is_none());
    }

    #[test]
    fn a_shape_that_is_not_known_is_refused_without_showing_a_value() {
        let outcome = moved(json!({
            "service_arn": ARN,
            "primary_container": [{ "image": "i", "environment": ["hunter2"] }],
        }));
        let said = outcome.diagnostics.iter().next().expect("an error").render_detail();
        assert!(said.contains("primary_container.environment: expected map(string)"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
