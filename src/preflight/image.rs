//! An image of ECR is there, and is built for the processor that tasks run on.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::ImageUse;
use crate::aws::ecr::ImagePlatforms;

/// Looks at an image of this region's ECR.
pub(super) async fn check(looks: &Looks, used: &ImageUse) -> Option<Finding> {
    let image = &used.image;
    if image.region != looks.region {
        return None;
    }
    match looks.find_image(image).await {
        Looked::Hidden => None,
        Looked::Found(platforms) => check_architecture(used, &platforms),
        Looked::Missing => {
            // Repositories of a pull-through cache fill when they are first pulled from.
            let prefixes = looks.find_pull_through_prefixes(&image.registry_id).await.found()?;
            (!is_cached(&image.repository, &prefixes)).then(|| missing(used))
        }
    }
}

/// `ROOT` is the rule for repositories without a prefix.
fn is_cached(repository: &str, prefixes: &[String]) -> bool {
    let has = |prefix: &String| {
        prefix == "ROOT" || repository.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    prefixes.iter().any(has)
}

fn missing(used: &ImageUse) -> Finding {
    let image = &used.image;
    let detail = format!(
        "ECR of account {} has no image `{}{}` in {}.",
        image.registry_id, image.repository, image.reference, image.region
    );
    Finding::certain(&used.path, "The image does not exist", detail)
        .hint("push the image before the apply, or correct repository and tag")
}

/// Nothing is said about an image without an index: its platform is in a blob that no call describes.
fn check_architecture(used: &ImageUse, platforms: &ImagePlatforms) -> Option<Finding> {
    let wanted = used.cpu_architecture.as_deref()?;
    let name = match wanted {
        "X86_64" => "amd64",
        "ARM64" => "arm64",
        _ => return None,
    };
    if platforms.architectures.is_empty() || platforms.architectures.contains(name) {
        return None;
    }
    let built: Vec<_> = platforms.architectures.iter().map(String::as_str).collect();
    if used.is_chosen_by_express {
        let detail = format!(
            "`cpu_architecture` is not set, so tasks are made for {wanted}, but `{}{}` is built for {} only. Express \
             Mode is said to run such an image on its own processor, after some tasks have failed.",
            used.image.repository,
            used.image.reference,
            built.join(", ")
        );
        return Some(
            Finding::estimate(&used.path, "The image is built for another processor", detail)
                .hint("set `cpu_architecture` to what the image is built for, to begin with it"),
        );
    }
    let detail = format!(
        "Tasks run on {wanted}, but `{}{}` is built for {} only.",
        used.image.repository,
        used.image.reference,
        built.join(", ")
    );
    Some(
        Finding::certain(&used.path, "The image is built for another processor", detail)
            .hint(format!("set `cpu_architecture`, or build the image with `--platform linux/{name}`")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_of_a_pull_through_cache_are_known_by_their_prefix() {
        let prefixes = ["docker-hub".to_owned()];
        assert!(is_cached("docker-hub/library/nginx", &prefixes));
        assert!(!is_cached("docker-hub-copy/nginx", &prefixes) && !is_cached("docker-hub", &prefixes));
        assert!(is_cached("library/nginx", &["ROOT".to_owned()]));
    }
}
