//! JSON output to the XML of the Query protocols and of Route 53.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

use super::iso8601;
use super::services::{CLOUDWATCH_QUERY_CODES, EC2_OUTPUT_LISTS, ROUTE53_LISTS, ServiceTable};
use crate::sandbox::api::{ApiError, Service};

/// The answer of a successful operation.
///
/// # Errors
/// None in practice: the writer writes to memory.
pub(super) fn success(
    operation: &str,
    output: &Value,
    table: &ServiceTable,
    request_id: &str,
) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    let root = format!("{operation}Response");
    open(&mut writer, &root, table.xml_namespace)?;
    if table.service == Service::Ec2 {
        text(&mut writer, "requestId", request_id)?;
        members(&mut writer, "", output, table)?;
    } else if table.service == Service::Route53 {
        members(&mut writer, "", output, table)?;
    } else {
        let result = format!("{operation}Result");
        open(&mut writer, &result, "")?;
        members(&mut writer, "", output, table)?;
        close(&mut writer, &result)?;
        open(&mut writer, "ResponseMetadata", "")?;
        text(&mut writer, "RequestId", request_id)?;
        close(&mut writer, "ResponseMetadata")?;
    }
    close(&mut writer, &root)?;
    Ok(writer.into_inner())
}

/// The answer of a refused operation. `table` is absent if no service was found.
///
/// # Errors
/// None in practice: the writer writes to memory.
pub(super) fn failure(
    error: &ApiError,
    table: Option<&ServiceTable>,
    request_id: &str,
) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    if table.is_some_and(|table| table.service == Service::Ec2) {
        open(&mut writer, "Response", "")?;
        open(&mut writer, "Errors", "")?;
        open(&mut writer, "Error", "")?;
        text(&mut writer, "Code", query_code(&error.code, table))?;
        text(&mut writer, "Message", &error.message)?;
        close(&mut writer, "Error")?;
        close(&mut writer, "Errors")?;
        text(&mut writer, "RequestID", request_id)?;
        close(&mut writer, "Response")?;
        return Ok(writer.into_inner());
    }
    open(&mut writer, "ErrorResponse", table.map_or("", |table| table.xml_namespace))?;
    open(&mut writer, "Error", "")?;
    text(&mut writer, "Type", if error.status < 500 { "Sender" } else { "Receiver" })?;
    text(&mut writer, "Code", query_code(&error.code, table))?;
    text(&mut writer, "Message", &error.message)?;
    close(&mut writer, "Error")?;
    text(&mut writer, "RequestId", request_id)?;
    close(&mut writer, "ErrorResponse")?;
    Ok(writer.into_inner())
}

/// The code as the Query protocols spell it: unknown operations, and some of CloudWatch, differ from the
/// error's shape name.
pub(super) fn query_code<'a>(code: &'a str, table: Option<&ServiceTable>) -> &'a str {
    if code == "UnknownOperationException" {
        return "InvalidAction";
    }
    let is_cloudwatch = table.is_some_and(|table| table.service == Service::CloudWatch);
    let renamed = || CLOUDWATCH_QUERY_CODES.iter().find(|(shape, _)| *shape == code).map(|(_, query)| *query);
    if is_cloudwatch { renamed().unwrap_or(code) } else { code }
}

fn members(
    writer: &mut Writer<Vec<u8>>,
    parent: &str,
    object: &Value,
    table: &ServiceTable,
) -> io::Result<()> {
    let Value::Object(object) = object else { return Ok(()) };
    for (member, value) in object {
        let element = element_name(parent, member, value, table);
        match value {
            Value::Null => {}
            Value::Array(items) => list(writer, &element, member, items, table)?,
            Value::Object(_) => {
                open(writer, &element, "")?;
                members(writer, member, value, table)?;
                close(writer, &element)?;
            }
            scalar => text(writer, &element, &scalar_text(member, scalar, table))?,
        }
    }
    Ok(())
}

fn list(
    writer: &mut Writer<Vec<u8>>,
    element: &str,
    member: &str,
    items: &[Value],
    table: &ServiceTable,
) -> io::Result<()> {
    let item_element = match table.service {
        Service::Ec2 => "item",
        Service::Route53 => {
            ROUTE53_LISTS.iter().find(|(list, _)| *list == member).map_or("member", |(_, item)| item)
        }
        _ => "member",
    };
    open(writer, element, "")?;
    for item in items {
        match item {
            Value::Object(_) => {
                open(writer, item_element, "")?;
                members(writer, member, item, table)?;
                close(writer, item_element)?;
            }
            scalar => text(writer, item_element, &scalar_text("", scalar, table))?,
        }
    }
    close(writer, element)
}

fn element_name(parent: &str, member: &str, value: &Value, table: &ServiceTable) -> String {
    if table.service != Service::Ec2 {
        return member.to_owned();
    }
    if value.is_array()
        && let Some((_, element)) = EC2_OUTPUT_LISTS.iter().find(|(name, _)| *name == member)
    {
        return (*element).to_owned();
    }
    match (parent, member) {
        ("AvailabilityZones", "State") => "zoneState".to_owned(),
        ("SecurityGroups", "Description") => "groupDescription".to_owned(),
        _ => {
            let mut characters = member.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(characters).collect()
        }
    }
}

fn scalar_text(member: &str, scalar: &Value, table: &ServiceTable) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        Value::Number(number) if table.is_timestamp(member) => {
            number.as_f64().and_then(iso8601).unwrap_or_else(|| number.to_string())
        }
        other => other.to_string(),
    }
}

fn open(writer: &mut Writer<Vec<u8>>, element: &str, namespace: &str) -> io::Result<()> {
    let mut start = BytesStart::new(element);
    if !namespace.is_empty() {
        start.push_attribute(("xmlns", namespace));
    }
    writer.write_event(Event::Start(start))
}

fn text(writer: &mut Writer<Vec<u8>>, element: &str, content: &str) -> io::Result<()> {
    open(writer, element, "")?;
    writer.write_event(Event::Text(BytesText::new(content)))?;
    close(writer, element)
}

fn close(writer: &mut Writer<Vec<u8>>, element: &str) -> io::Result<()> {
    writer.write_event(Event::End(BytesEnd::new(element)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::wire::services::table_of;

    fn success_text(service: Service, operation: &str, output: &Value) -> String {
        String::from_utf8(success(operation, output, table_of(service), "r-1").unwrap()).unwrap()
    }

    #[test]
    fn query_output_is_wrapped_and_lists_have_members() {
        let output = json!({
            "Rules": [{"RuleArn": "arn", "IsDefault": false, "Actions": [{"Order": 1}], "Conditions": []}],
            "NextMarker": null,
        });
        let expected = concat!(
            r#"<DescribeRulesResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">"#,
            "<DescribeRulesResult><Rules><member>",
            "<RuleArn>arn</RuleArn><IsDefault>false</IsDefault>",
            "<Actions><member><Order>1</Order></member></Actions><Conditions></Conditions>",
            "</member></Rules></DescribeRulesResult>",
            "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DescribeRulesResponse>",
        );
        assert_eq!(sorted(&success_text(Service::Elbv2, "DescribeRules", &output)), sorted(expected));
    }

    /// Element order within an object depends on the map type that `serde_json` is built with.
    fn sorted(xml: &str) -> Vec<&str> {
        let mut elements: Vec<&str> = xml.split_inclusive('>').collect();
        elements.sort_unstable();
        elements
    }

    #[test]
    fn ec2_output_is_flat_lower_camel_and_lists_have_items() {
        let output = json!({"SecurityGroups": [{
            "Description": "d & e",
            "Tags": [{"Key": "k"}],
            "IpPermissions": [{"UserIdGroupPairs": [{"GroupId": "sg-2"}]}],
        }]});
        let text = success_text(Service::Ec2, "DescribeSecurityGroups", &output);
        assert!(text.contains("<requestId>r-1</requestId><securityGroupInfo><item>"), "{text}");
        assert!(text.contains("<groupDescription>d &amp; e</groupDescription>"), "{text}");
        assert!(text.contains("<tagSet><item><key>k</key></item></tagSet>"), "{text}");
        assert!(text.contains(
            "<ipPermissions><item><groups><item><groupId>sg-2</groupId></item></groups></item></ipPermissions>"
        ));
    }

    #[test]
    fn cloudwatch_timestamps_are_iso_8601_in_xml() {
        let output = json!({"MetricAlarms": [{"StateUpdatedTimestamp": 1_771_372_800.5}]});
        let text = success_text(Service::CloudWatch, "DescribeAlarms", &output);
        assert!(
            text.contains("<StateUpdatedTimestamp>2026-02-18T00:00:00.5Z</StateUpdatedTimestamp>"),
            "{text}"
        );
    }

    #[test]
    fn errors_have_the_form_of_their_service() {
        let error = ApiError::client("RuleNotFound", "One or more rules not found");
        let elbv2 = failure(&error, Some(table_of(Service::Elbv2)), "r-1").unwrap();
        assert_eq!(
            String::from_utf8(elbv2).unwrap(),
            concat!(
                r#"<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error>"#,
                "<Type>Sender</Type><Code>RuleNotFound</Code><Message>One or more rules not found</Message>",
                "</Error><RequestId>r-1</RequestId></ErrorResponse>",
            )
        );
        let ec2 = failure(&error, Some(table_of(Service::Ec2)), "r-1").unwrap();
        assert_eq!(
            String::from_utf8(ec2).unwrap(),
            concat!(
                "<Response><Errors><Error><Code>RuleNotFound</Code>",
                "<Message>One or more rules not found</Message></Error></Errors>",
                "<RequestID>r-1</RequestID></Response>",
            )
        );
    }
}
