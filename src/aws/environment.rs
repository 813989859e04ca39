//! Where environment variables are looked up.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aws_types::os_shim_internal::Env;

/// A fixed set of environment variables: the process's own, or those that a test gives.
///
/// # Guarantees
/// A variable whose value is empty counts as not set, as in the other AWS SDKs. Values are never shown.
#[derive(Clone, Default)]
pub struct Environment(Arc<HashMap<String, String>>);

impl Environment {
    /// The variables that this process has now. Those that are not valid Unicode are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`, if it is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The first of `names` that is set.
    pub(crate) fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether a variable whose name starts with `prefix` is set.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.0.keys().any(|name| name.starts_with(prefix))
    }

    /// The variables whose names start with `prefix`, in alphabetical order.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Vec<(&str, &str)> {
        let variables = self.0.iter().filter(|(name, _)| name.starts_with(prefix));
        let mut variables: Vec<_> = variables.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.sort_unstable();
        variables
    }

    /// This environment without the variables `names`.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        self.0
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// This environment with `name` set to `value`.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = HashMap::clone(&self.0);
        variables.insert(name.to_owned(), value.to_owned());
        Self(Arc::new(variables))
    }

    /// `path` with a leading `~/` replaced by the home directory.
    pub(crate) fn expand_home(&self, path: &str) -> String {
        match (path.strip_prefix("~/"), self.first_of(&["HOME", "USERPROFILE"])) {
            (Some(rest), Some(home)) => format!("{}/{rest}", home.trim_end_matches('/')),
            _ => path.to_owned(),
        }
    }

    /// The same variables as the SDK takes them.
    pub(crate) fn to_sdk(&self) -> Env {
        Env::from(HashMap::clone(&self.0))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(Arc::new(variables.filter(|(_, value): &(String, String)| !value.is_empty()).collect()))
    }
}

/// How many there are, nothing more.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Environment({} variables)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let environment: Environment =
            [("AWS_PROFILE", ""), ("AWS_REGION", "eu-west-1")].into_iter().collect();
        assert_eq!(environment.get("AWS_PROFILE"), None);
        assert_eq!(environment.first_of(&["AWS_PROFILE", "AWS_REGION"]), Some("eu-west-1"));
    }

    #[test]
    fn a_leading_tilde_is_the_home_directory() {
        let environment: Environment = [("HOME", "/home/me")].into_iter().collect();
        assert_eq!(environment.expand_home("~/.aws/config"), "/home/me/.aws/config");
        assert_eq!(environment.expand_home("/etc/config"), "/etc/config");
    }

    #[test]
    fn values_are_not_shown() {
        let environment: Environment = [("AWS_SECRET_ACCESS_KEY", "hidden")].into_iter().collect();
        assert!(!format!("{environment:?}").contains("hidden"));
    }
}
