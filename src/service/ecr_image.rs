//! Image references that name a private repository of Amazon ECR.

use std::fmt;

/// An image of a private ECR repository: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrImage {
    /// Account of the registry.
    pub registry_id: String,
    /// Region of the registry.
    pub region: String,
    /// Name of the repository.
    pub repository: String,
    /// Which image of it.
    pub reference: ImageReference,
}

/// Which image of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageReference {
    /// `latest` if the reference names none.
    Tag(String),
    /// `sha256:...`; a tag beside it means nothing.
    Digest(String),
}

impl EcrImage {
    /// Reads an image reference; `None`: it is of another registry.
    pub fn parse(image: &str) -> Option<Self> {
        let (host, path) = image.split_once('/')?;
        let (registry_id, host) = host.split_once('.')?;
        let region = region_of(host)?;
        let is_account = registry_id.len() == 12 && registry_id.bytes().all(|byte| byte.is_ascii_digit());
        let (repository, reference) = split_reference(path);
        (is_account && !repository.is_empty()).then(|| Self {
            registry_id: registry_id.to_owned(),
            region: region.to_owned(),
            repository: repository.to_owned(),
            reference,
        })
    }
}

/// `dkr.ecr.<region>.amazonaws.com`, `dkr.ecr-fips.<region>.amazonaws.com`, `dkr-ecr.<region>.on.aws`.
fn region_of(host: &str) -> Option<&str> {
    let prefixes = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
    let rest = prefixes.iter().find_map(|prefix| host.strip_prefix(prefix))?;
    let (region, suffix) = rest.split_once('.')?;
    let is_aws = suffix.starts_with("amazonaws.") || suffix.starts_with("on.a");
    is_aws.then_some(region)
}

fn split_reference(path: &str) -> (&str, ImageReference) {
    if let Some((name, digest)) = path.split_once('@') {
        let repository = name.split_once(':').map_or(name, |(repository, _)| repository);
        return (repository, ImageReference::Digest(digest.to_owned()));
    }
    let (repository, tag) = path.split_once(':').unwrap_or((path, "latest"));
    (repository, ImageReference::Tag(tag.to_owned()))
}

/// As it stands behind a repository: `:1.2` or `@sha256:...`.
impl fmt::Display for ImageReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(formatter, ":{tag}"),
            Self::Digest(digest) => write!(formatter, "@{digest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, expected: Option<(&str, &str, &str)>) {
        let parsed = EcrImage::parse(image);
        let parsed =
            parsed.as_ref().map(|image| (&*image.region, &*image.repository, image.reference.to_string()));
        let expected = expected.map(|(region, repository, end)| (region, repository, end.to_owned()));
        assert_eq!(parsed, expected, "{image}");
    }

    #[test]
    fn an_image_of_ecr_is_told_from_others() {
        let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        check(&format!("{host}/team/api:1.2"), Some(("eu-west-1", "team/api", ":1.2")));
        check(&format!("{host}/api"), Some(("eu-west-1", "api", ":latest")));
        check(&format!("{host}/api:1@sha256:ab"), Some(("eu-west-1", "api", "@sha256:ab")));
        let china = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/api:1";
        check(china, Some(("cn-north-1", "api", ":1")));
        check("123456789012.dkr-ecr.eu-west-1.on.aws/api:1", Some(("eu-west-1", "api", ":1")));
        for other in
            ["nginx", "public.ecr.aws/nginx/nginx:1", "localhost:5000/api", "1.dkr.ecr.x.amazonaws.com/a"]
        {
            check(other, None);
        }
    }
}
