//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

/// A syntactically valid ARN: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    colons: [usize; 5],
}

/// A text is not the ARN that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct ArnError {
    /// What was given.
    pub text: String,
    /// What was expected, with its shape.
    pub expected: &'static str,
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let error = || ArnError {
            text: text.to_owned(),
            expected: "an ARN (arn:partition:service:region:account:resource)",
        };
        let mut colons = [0; 5];
        let mut positions = text.match_indices(':').map(|(position, _)| position);
        for colon in &mut colons {
            *colon = positions.next().ok_or_else(error)?;
        }
        let arn = Self { text: text.to_owned(), colons };
        let is_complete = text.starts_with("arn:")
            && !arn.partition().is_empty()
            && !arn.service().is_empty()
            && !arn.resource().is_empty()
            && !text.chars().any(char::is_whitespace);
        if is_complete { Ok(arn) } else { Err(error()) }
    }
}

impl Arn {
    /// For example `aws`, `aws-cn`.
    pub fn partition(&self) -> &str {
        &self.text[self.colons[0] + 1..self.colons[1]]
    }

    /// For example `ecs`.
    pub fn service(&self) -> &str {
        &self.text[self.colons[1] + 1..self.colons[2]]
    }

    /// For example `eu-central-1`; empty for global services.
    pub fn region(&self) -> &str {
        &self.text[self.colons[2] + 1..self.colons[3]]
    }

    /// Twelve digits; empty for some services.
    pub fn account_id(&self) -> &str {
        &self.text[self.colons[3] + 1..self.colons[4]]
    }

    /// Everything after the account.
    pub fn resource(&self) -> &str {
        &self.text[self.colons[4] + 1..]
    }

    /// The part after the last `/` or `:`.
    pub fn resource_id(&self) -> &str {
        self.text.rsplit(['/', ':']).next().unwrap_or_default()
    }

    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The ARN of an ECS service in the long form: `arn:aws:ecs:region:account:service/cluster/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceArn {
    arn: Arn,
    slash: usize,
}

const SERVICE_ARN: &str = "the ARN of an ECS service (arn:aws:ecs:region:account:service/cluster/name)";

impl FromStr for ServiceArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let error = || ArnError { text: text.to_owned(), expected: SERVICE_ARN };
        let arn: Arn = text.parse().map_err(|_| error())?;
        let path = arn.resource().strip_prefix("service/").ok_or_else(error)?;
        let (cluster, name) = path.split_once('/').ok_or_else(error)?;
        let is_valid =
            arn.service() == "ecs" && !cluster.is_empty() && !name.is_empty() && !name.contains('/');
        let slash = cluster.len();
        if is_valid { Ok(Self { arn, slash }) } else { Err(error()) }
    }
}

impl ServiceArn {
    /// The service of this name in this cluster.
    pub fn new(
        partition: &str,
        region: &str,
        account_id: &str,
        cluster: &str,
        name: &str,
    ) -> Result<Self, ArnError> {
        format!("arn:{partition}:ecs:{region}:{account_id}:service/{cluster}/{name}").parse()
    }

    fn path(&self) -> &str {
        self.arn.resource().strip_prefix("service/").unwrap_or_default()
    }

    /// Name of the cluster.
    pub fn cluster(&self) -> &str {
        &self.path()[..self.slash]
    }

    /// Name of the service.
    pub fn name(&self) -> &str {
        &self.path()[self.slash + 1..]
    }

    /// ARN of the cluster.
    pub fn cluster_arn(&self) -> String {
        let arn = &self.arn;
        format!(
            "arn:{}:ecs:{}:{}:cluster/{}",
            arn.partition(),
            arn.region(),
            arn.account_id(),
            self.cluster()
        )
    }

    /// The general form.
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        self.arn.as_str()
    }
}

impl fmt::Display for ServiceArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(formatter)
    }
}

/// The name of a cluster that is given by name or by ARN: both spellings name the same cluster.
pub fn cluster_name(name_or_arn: &str) -> &str {
    match name_or_arn.split_once(":cluster/") {
        Some((prefix, name)) if prefix.starts_with("arn:") => name,
        _ => name_or_arn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_arn_names_its_cluster_and_itself() {
        let arn: ServiceArn =
            "arn:aws-cn:ecs:cn-north-1:123456789012:service/prod/api".parse().expect("valid");
        assert_eq!((arn.cluster(), arn.name()), ("prod", "api"));
        assert_eq!(arn.cluster_arn(), "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/prod");
        assert_eq!(arn.arn().region(), "cn-north-1");
    }

    #[test]
    fn what_is_not_a_service_arn_is_refused_with_the_expected_shape() {
        for text in [
            "api",
            "arn:aws:ecs:eu-west-1:1:service/api",
            "arn:aws:ecs:eu-west-1:1:cluster/a/b",
            "arn:aws:iam::1:service/a/b",
            "arn:aws:ecs:eu-west-1:1:service//b",
            "arn:aws:ecs:eu-west-1:1:service/a/b/c",
            "arn:aws:ecs:eu-west-1",
        ] {
            let error = text.parse::<ServiceArn>().expect_err(text);
            assert_eq!(error.to_string(), format!("`{text}` is not {SERVICE_ARN}"));
        }
    }

    #[test]
    fn a_cluster_is_the_same_by_name_and_by_arn() {
        assert_eq!(cluster_name("arn:aws:ecs:eu-west-1:123456789012:cluster/prod"), "prod");
        assert_eq!(cluster_name("prod"), "prod");
    }

    #[test]
    fn an_arn_gives_its_last_part_as_the_resource_id() {
        let arn: Arn = "arn:aws:ec2:eu-west-1:1:security-group/sg-1".parse().expect("valid");
        assert_eq!(arn.resource_id(), "sg-1");
        assert!("arn:aws:ec2:eu west:1:x".parse::<Arn>().is_err());
    }
}
