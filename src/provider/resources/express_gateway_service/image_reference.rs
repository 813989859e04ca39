//! What ECS can pull: an image reference, not a URL, and in the case that registries keep.

use crate::framework::Value;
use crate::framework::schema::Validator;

const LENGTH: usize = 2048;
const TAG_LENGTH: usize = 128;

/// `host:port/path:tag@digest`, of which a path alone is enough.
pub(super) fn image_validator() -> Validator {
    let allowed = "an image reference: `nginx:1.28`, `public.ecr.aws/nginx/nginx:1.28` or \
                   `<host>/<repository>@sha256:<digest>`, with the repository in lower case, without spaces and without \
                   `https://`";
    Validator::new(allowed, |value| match value {
        Value::String(image) => check(image).map_err(|problem| format!("It is {image:?}{problem}")),
        _ => Ok(()),
    })
}

fn check(image: &str) -> Result<(), String> {
    if let Some((_, rest)) = image.split_once("://") {
        return Err(format!(": write {rest:?}"));
    }
    if image.is_empty() || image.len() > LENGTH || image.chars().any(char::is_whitespace) {
        return Err(String::new());
    }
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err(", whose digest is not `sha256:` and 64 hexadecimal digits".to_owned());
    }
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(", whose tag is not 1-128 letters, digits and `_.-`".to_owned());
    }
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, name),
    };
    let lower = path.to_lowercase();
    if lower != path {
        let host = host.map_or(String::new(), |host| format!("{host}/"));
        let rest = &image[host.len() + path.len()..];
        return Err(format!(": write {:?}", format!("{host}{lower}{rest}")));
    }
    if path.split('/').all(is_component) { Ok(()) } else { Err(String::new()) }
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_tag(tag: &str) -> bool {
    (1..=TAG_LENGTH).contains(&tag.len())
        && tag.chars().all(|it| it.is_ascii_alphanumeric() || "_.-".contains(it))
        && !tag.starts_with(['.', '-'])
}

fn is_component(component: &str) -> bool {
    let is_inner = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    component.chars().all(|it| is_inner(it) || "._-".contains(it))
        && component.starts_with(is_inner)
        && component.ends_with(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_every_registry_are_taken() {
        let digest = format!("ghcr.io/acme/app@sha256:{}", "a".repeat(64));
        for image in [
            "nginx",
            "nginx:1.28-Alpine",
            "localhost:5000/a/b__c:1",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/api:1",
            "Registry.Example.com/app",
            &digest,
        ] {
            assert_eq!(check(image), Ok(()), "{image}");
        }
    }

    #[test]
    fn what_no_registry_has_is_refused_with_what_to_write() {
        for (image, said) in [
            ("https://ghcr.io/acme/app:1", ": write \"ghcr.io/acme/app:1\""),
            ("ghcr.io/Acme/App:V1", ": write \"ghcr.io/acme/app:V1\""),
            ("Nginx", ": write \"nginx\""),
            ("nginx latest", ""),
            ("", ""),
            ("a//b", ""),
            ("app:", ", whose tag is not 1-128 letters, digits and `_.-`"),
            ("app@sha256:abc", ", whose digest is not `sha256:` and 64 hexadecimal digits"),
        ] {
            assert_eq!(check(image), Err(said.to_owned()), "{image}");
        }
    }
}
