//! The image was built for the other processor architecture (pain A1-30).

/// The hint, if the text is ECS's complaint that the image lacks the platform of the task.
pub(super) fn find_hint(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("does not contain descriptor matching platform")?;
    let (platform, other) =
        if rest.contains("linux/arm64") { ("linux/arm64", "X86_64") } else { ("linux/amd64", "ARM64") };
    Some(format!(
        "the image has no {platform} variant: set `cpu_architecture = \"{other}\"` to run it as it is, or build it \
         for both: docker buildx build --platform linux/amd64,linux/arm64 --push"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_architecture_that_the_image_has() {
        let reason = |platform: &str| {
            format!("image Manifest does not contain descriptor matching platform '{platform}'")
        };
        let hint = find_hint(&reason("linux/amd64")).expect("a hint");
        assert!(hint.starts_with("the image has no linux/amd64 variant: set `cpu_architecture = \"ARM64\"`"));
        let hint = find_hint(&reason("linux/arm64")).expect("a hint");
        assert!(
            hint.starts_with("the image has no linux/arm64 variant: set `cpu_architecture = \"X86_64\"`")
        );
        assert_eq!(find_hint("Essential container in task exited"), None);
    }
}
