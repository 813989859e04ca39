//! What ECS takes as the source of a secret variable (`valueFrom`): a secret of Secrets Manager, or a parameter.

use super::Arn;

/// A secret or a parameter. It is a name, never a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretReference {
    /// Of Secrets Manager.
    Secret {
        /// ARN without key, stage and version, or name.
        id: String,
        /// Its region; `None`: that of the service.
        region: Option<String>,
    },
    /// Of Parameter Store.
    Parameter {
        /// The names that it may have: an ARN does not tell `name` from `/name`.
        names: Vec<String>,
        /// Its region; `None`: that of the service.
        region: Option<String>,
    },
}

impl SecretReference {
    /// Reads a `valueFrom`; `None`: an ARN of something else.
    pub fn parse(value: &str) -> Option<Self> {
        let Ok(arn) = value.parse::<Arn>() else {
            let names = vec![value.to_owned()];
            return (!value.is_empty() && !value.starts_with("arn:"))
                .then_some(Self::Parameter { names, region: None });
        };
        let region = Some(arn.region().to_owned());
        match arn.service() {
            "secretsmanager" => Some(Self::Secret { id: without_version(&arn), region }),
            "ssm" => {
                let name = arn.resource().strip_prefix("parameter/")?;
                let rooted = format!("/{name}");
                let names = if name.contains('/') { vec![rooted] } else { vec![name.to_owned(), rooted] };
                Some(Self::Parameter { names, region })
            }
            _ => None,
        }
    }

    /// Reads the credentials of a registry, which are always a secret of Secrets Manager.
    pub fn parse_credentials(value: &str) -> Option<Self> {
        match value.parse::<Arn>() {
            Ok(arn) if arn.service() == "secretsmanager" => Self::parse(value),
            Ok(_) => None,
            Err(_) => (!value.is_empty()).then(|| Self::Secret { id: value.to_owned(), region: None }),
        }
    }
}

/// `arn:...:secret:name-AbCdEf:key:stage:version` without what follows the name.
fn without_version(arn: &Arn) -> String {
    let parts: Vec<&str> = arn.as_str().split(':').take(7).collect();
    parts.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_parameters_are_told_apart() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let parsed = SecretReference::parse(&format!("{secret}:password:AWSCURRENT:"));
        let region = Some("eu-west-1".to_owned());
        assert_eq!(parsed, Some(SecretReference::Secret { id: secret.to_owned(), region: region.clone() }));
        let names = |value: &str| match SecretReference::parse(value) {
            Some(SecretReference::Parameter { names, .. }) => names.join(" "),
            other => panic!("{value}: {other:?}"),
        };
        assert_eq!(names("/app/db"), "/app/db");
        assert_eq!(names("arn:aws:ssm:eu-west-1:123456789012:parameter/app/db"), "/app/db");
        assert_eq!(names("arn:aws:ssm:eu-west-1:123456789012:parameter/db"), "db /db");
        assert_eq!(SecretReference::parse("arn:aws:s3:::bucket"), None);
        assert_eq!(SecretReference::parse("arn:aws"), None);
    }

    #[test]
    fn the_credentials_of_a_registry_may_be_named() {
        let named = SecretReference::Secret { id: "hub".to_owned(), region: None };
        assert_eq!(SecretReference::parse_credentials("hub"), Some(named));
        assert_eq!(SecretReference::parse_credentials("arn:aws:ssm:r:1:parameter/x"), None);
    }
}
