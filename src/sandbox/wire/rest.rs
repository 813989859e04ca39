//! Amazon Route 53's REST protocol: the operation is in the method and the path, the input in path, query and XML body.

use http::{Method, Request as HttpRequest};
use hyper::body::Bytes;
use serde_json::{Map, Value};

use super::services::ServiceTable;
use super::{params, xml_input};

/// First segment of every path of Route 53.
pub(super) const VERSION: &str = "2013-04-01";

/// One operation: its method, and its path behind the version. `{Member}` is a label.
struct Route {
    method: Method,
    path: &'static str,
    operation: &'static str,
}

const fn route(method: Method, path: &'static str, operation: &'static str) -> Route {
    Route { method, path, operation }
}

static ROUTES: [Route; 14] = [
    route(Method::POST, "hostedzone", "CreateHostedZone"),
    route(Method::GET, "hostedzone", "ListHostedZones"),
    route(Method::GET, "hostedzonesbyname", "ListHostedZonesByName"),
    route(Method::GET, "hostedzone/{Id}", "GetHostedZone"),
    route(Method::DELETE, "hostedzone/{Id}", "DeleteHostedZone"),
    route(Method::GET, "hostedzone/{HostedZoneId}/rrset", "ListResourceRecordSets"),
    route(Method::POST, "hostedzone/{HostedZoneId}/rrset", "ChangeResourceRecordSets"),
    route(Method::GET, "change/{Id}", "GetChange"),
    route(Method::POST, "healthcheck", "CreateHealthCheck"),
    route(Method::GET, "healthcheck", "ListHealthChecks"),
    route(Method::GET, "healthcheck/{HealthCheckId}", "GetHealthCheck"),
    route(Method::DELETE, "healthcheck/{HealthCheckId}", "DeleteHealthCheck"),
    route(Method::GET, "tags/{ResourceType}/{ResourceId}", "ListTagsForResource"),
    route(Method::POST, "tags/{ResourceType}/{ResourceId}", "ChangeTagsForResource"),
];

/// Query parameters whose member is called otherwise: (operation, or empty for any, parameter, member).
const QUERY_MEMBERS: [(&str, &str, &str); 9] = [
    ("ListHostedZonesByName", "dnsname", "DNSName"),
    ("ListHostedZonesByName", "hostedzoneid", "HostedZoneId"),
    ("ListResourceRecordSets", "name", "StartRecordName"),
    ("ListResourceRecordSets", "type", "StartRecordType"),
    ("ListResourceRecordSets", "identifier", "StartRecordIdentifier"),
    ("", "maxitems", "MaxItems"),
    ("", "marker", "Marker"),
    ("", "delegationsetid", "DelegationSetId"),
    ("", "hostedzonetype", "HostedZoneType"),
];

/// Whether the path is one of Route 53's.
pub(super) fn is_route53(path: &str) -> bool {
    path.trim_start_matches('/').split('/').next() == Some(VERSION)
}

/// The operation and its input; `None` for a path or a body that no operation has.
pub(super) fn read(http: &HttpRequest<Bytes>, table: &ServiceTable) -> Option<(&'static str, Value)> {
    let path = http.uri().path().trim_matches('/').strip_prefix(VERSION)?.trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    let matches =
        |route: &&Route| route.method == *http.method() && match_path(route.path, &segments).is_some();
    let route = ROUTES.iter().find(matches)?;
    let mut input = match http.body().as_ref() {
        [] => Map::new(),
        body => match xml_input::read(body, table)? {
            Value::Object(members) => members,
            _ => return None,
        },
    };
    for (parameter, value) in params::pairs(http.uri().query().unwrap_or_default().as_bytes()) {
        let is_it = |(operation, name, _): &&(&str, &str, &str)| {
            *name == parameter && (operation.is_empty() || *operation == route.operation)
        };
        let member = QUERY_MEMBERS.iter().find(is_it).map_or(parameter.as_str(), |(_, _, member)| member);
        input.insert(member.to_owned(), Value::String(value));
    }
    for (member, value) in match_path(route.path, &segments)? {
        input.insert(member.to_owned(), Value::String(value));
    }
    Some((route.operation, Value::Object(input)))
}

/// The labels of a path that fits the pattern.
fn match_path(pattern: &'static str, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let pattern: Vec<&'static str> = pattern.split('/').collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (part, segment) in pattern.into_iter().zip(segments) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(member) => labels.push((member, percent_decoded(segment))),
            None if part == *segment => {}
            None => return None,
        }
    }
    Some(labels)
}

/// A form's decoding with a `+` that stays one.
fn percent_decoded(segment: &str) -> String {
    let escaped = segment.replace('+', "%2B");
    form_urlencoded::parse(escaped.as_bytes()).next().map_or_else(String::new, |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::wire::services::table_of;

    fn read_from(method: &str, path: &str, body: &str) -> Option<(&'static str, Value)> {
        let request = HttpRequest::builder().method(method).uri(path);
        read(&request.body(Bytes::from(body.to_owned())).unwrap(), table_of(Service::Route53))
    }

    #[test]
    fn an_operation_is_found_by_method_and_path() {
        let listed = read_from("GET", "/2013-04-01/hostedzone/Z1/rrset?name=a.example&type=A&maxitems=1", "");
        let input = json!({
            "HostedZoneId": "Z1", "StartRecordName": "a.example", "StartRecordType": "A", "MaxItems": "1",
        });
        assert_eq!(listed, Some(("ListResourceRecordSets", input)));
        assert_eq!(read_from("GET", "/2013-04-01/change/C1", ""), Some(("GetChange", json!({"Id": "C1"}))));
        assert_eq!(read_from("PATCH", "/2013-04-01/change/C1", ""), None);
        assert_eq!(read_from("GET", "/2013-04-01/unknown", ""), None);
        assert!(is_route53("/2013-04-01/change/C1") && !is_route53("/"));
    }

    #[test]
    fn a_change_batch_is_read_with_its_types() {
        let body = "<?xml version=\"1.0\"?><ChangeResourceRecordSetsRequest \
            xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes><Change>\
            <Action>CREATE</Action><ResourceRecordSet><Name>a.example</Name><Type>TXT</Type><TTL>300</TTL>\
            <ResourceRecords><ResourceRecord><Value>&quot;a &amp; b&quot;</Value></ResourceRecord></ResourceRecords>\
            </ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";
        let (operation, input) = read_from("POST", "/2013-04-01/hostedzone/Z1/rrset/", body).unwrap();
        assert_eq!(operation, "ChangeResourceRecordSets");
        let set = &input["ChangeBatch"]["Changes"][0]["ResourceRecordSet"];
        assert_eq!(set["TTL"], json!(300));
        assert_eq!(set["ResourceRecords"], json!([{"Value": "\"a & b\""}]));
        assert_eq!(read_from("POST", "/2013-04-01/hostedzone/Z1/rrset", "<a><b></a>"), None);
    }
}
