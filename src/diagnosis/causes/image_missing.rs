//! The image or its tag does not exist, or may not be read.

/// The hint, if the text says that the registry has no such image, or refuses to show it.
pub(super) fn find_hint(text: &str) -> Option<String> {
    if !text.contains("CannotPullContainerError") {
        return None;
    }
    let is_missing = text.contains("not found") || text.contains("manifest unknown");
    let is_denied = ["pull access denied", "no basic auth credentials", "403 Forbidden", "401 Unauthorized"]
        .iter()
        .any(|words| text.contains(words));
    if is_denied {
        return Some(
            "the registry refuses the image: the execution role needs AmazonECSTaskExecutionRolePolicy for Amazon \
             ECR; another private registry needs `primary_container.repository_credentials`"
                .to_owned(),
        );
    }
    is_missing.then(|| "check the image's name and tag: the registry does not have it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_image_and_a_denied_one_are_told_apart() {
        let missing = "CannotPullContainerError: failed to resolve ref api:9: api:9: not found";
        assert!(find_hint(missing).is_some_and(|hint| hint.starts_with("check the image's name")));
        let denied = "CannotPullContainerError: pull access denied for api, repository does not exist";
        assert!(find_hint(denied).is_some_and(|hint| hint.starts_with("the registry refuses")));
        assert_eq!(find_hint("target not found"), None);
    }
}
