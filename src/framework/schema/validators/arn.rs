//! Amazon Resource Names.

use super::text::of_text;
use crate::framework::schema::Validator;

/// An ARN of `service` whose resource part starts with `kind`, as in `arn("iam", "role/")`; an empty `kind` is
/// any resource. Partition, region and account are not checked: they differ where AWS is not `aws`.
pub fn arn(service: &'static str, kind: &'static str) -> Validator {
    of_text(format!("an ARN like arn:aws:{service}:...:{kind}..."), move |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, found, _, _, resource] = parts.as_slice() else {
            return Err(format!("{text:?} is not an ARN"));
        };
        if partition.is_empty() || resource.is_empty() {
            return Err(format!("{text:?} is not a complete ARN"));
        }
        if *found != service {
            return Err(format!("{text:?} is an ARN of the service {found:?}"));
        }
        match resource.strip_prefix(kind) {
            Some(name) if !name.is_empty() => Ok(()),
            _ => Err(format!("{text:?} names the resource {resource:?}")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Value;

    #[test]
    fn an_arn_is_of_the_right_service_and_kind() {
        let role = arn("iam", "role/");
        assert_eq!(role.allowed, "an ARN like arn:aws:iam:...:role/...");
        let check = |text: &str| role.check(&Value::String(text.to_owned()));
        assert_eq!(check("arn:aws:iam::123456789012:role/service-role/x"), Ok(()));
        assert_eq!(check("arn:aws-us-gov:iam::123456789012:role/x"), Ok(()));
        for (text, problem) in [
            ("x", "\"x\" is not an ARN"),
            ("arn:aws:iam::1", "\"arn:aws:iam::1\" is not an ARN"),
            ("arn:aws:s3:::b", "\"arn:aws:s3:::b\" is an ARN of the service \"s3\""),
            ("arn:aws:iam::1:user/x", "\"arn:aws:iam::1:user/x\" names the resource \"user/x\""),
            ("arn:aws:iam::1:role/", "\"arn:aws:iam::1:role/\" names the resource \"role/\""),
        ] {
            assert_eq!(check(text), Err(problem.to_owned()));
        }
    }
}
