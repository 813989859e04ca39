//! Tasks without a way out cannot pull their image or read their secrets (pain A1-29).

/// The hint, if the text says that a task could not reach the registry or another AWS API.
pub(super) fn find_hint(text: &str) -> Option<String> {
    let is_start = text.contains("CannotPullContainerError") || text.contains("ResourceInitializationError");
    let is_unreachable =
        ["i/o timeout", "dial tcp", "connection issue", "context deadline exceeded", "request canceled"]
            .iter()
            .any(|words| text.contains(words));
    (is_start && is_unreachable).then(|| {
        "the tasks have no way to the registry: private subnets need a NAT gateway, or VPC endpoints for ecr.api, \
         ecr.dkr, s3 and logs (and for secretsmanager or ssm, if `secrets` is used); public subnets need a route \
         to an internet gateway"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_that_times_out_is_a_matter_of_the_network() {
        let reason = "ResourceInitializationError: unable to pull secrets or registry auth: There is a connection \
                      issue between the task and AWS Secrets Manager: dial tcp 10.0.0.1:443: i/o timeout";
        assert!(find_hint(reason).is_some_and(|hint| hint.contains("NAT gateway")));
        assert_eq!(find_hint("CannotPullContainerError: api:9: not found"), None);
        assert_eq!(find_hint("dial tcp: i/o timeout"), None, "not at the start of a task");
    }
}
