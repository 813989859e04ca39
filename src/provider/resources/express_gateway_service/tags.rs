//! `tags` and `tags_all` under the provider's `default_tags` and `ignore_tags`.

use std::collections::BTreeMap;

use super::known::is_composed;
use super::model::ServiceModel;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::config::IgnoreTags;
use crate::provider::tag_keys;
use crate::service::is_system_tag;

/// Most tags of any resource of AWS, without those of AWS's own.
const TAGS_OF_A_RESOURCE: usize = 50;
/// The creation marker.
const MANAGED_TAG_LIMIT: usize = 1;
/// What the service's security group may carry for the engine: `service::object_names` has the keys.
const COMPOSED_TAG_LIMIT: usize = 12;

type Tags = BTreeMap<String, Attr<String>>;

/// What the provider block says about tags.
#[derive(Debug, Clone, Default)]
pub(crate) struct TagPolicy {
    /// Tags for everything; a resource's own win. Unknown while the provider block is.
    pub(super) default_tags: Attr<BTreeMap<String, String>>,
    /// Keys that are left alone.
    pub(super) ignore_keys: Vec<String>,
    /// Beginnings of keys that are left alone.
    pub(super) ignore_key_prefixes: Vec<String>,
}

impl TagPolicy {
    /// The policy of a provider block. Without default tags, every live tag is a service's own.
    pub(crate) fn new(default_tags: Attr<BTreeMap<String, String>>, ignore_tags: IgnoreTags) -> Self {
        Self { default_tags, ignore_keys: ignore_tags.keys, ignore_key_prefixes: ignore_tags.key_prefixes }
    }

    /// `tags_all` for planned `tags`: known as far as they are, without what is left alone.
    pub(super) fn plan_all(&self, tags: &Attr<Tags>) -> Attr<Tags> {
        match self.plan_create(tags) {
            Attr::Known(all) => {
                Attr::Known(all.into_iter().filter(|(key, _)| !self.is_ignored(key)).collect())
            }
            other => other,
        }
    }

    /// What a new service is tagged with. A key that is left alone is set here once, and is others' from then on.
    pub(super) fn plan_create(&self, tags: &Attr<Tags>) -> Attr<Tags> {
        let defaults = match &self.default_tags {
            Attr::Unknown => return Attr::Unknown,
            Attr::Null => BTreeMap::new(),
            Attr::Known(defaults) => defaults.clone(),
        };
        let mut all: Tags = defaults.into_iter().map(|(key, value)| (key, Attr::Known(value))).collect();
        match tags {
            Attr::Unknown => return Attr::Unknown,
            Attr::Null => {}
            Attr::Known(tags) => all.extend(tags.clone()),
        }
        Attr::Known(all)
    }

    /// `tags` and `tags_all` of a live service. A live default tag belongs to `tags` only if the user wrote it there. A
    /// key that is left alone shows in `tags` as the user wrote it, whatever its value is now.
    pub(crate) fn flatten(
        &self,
        live: &BTreeMap<String, String>,
        known: &Attr<Tags>,
    ) -> (Attr<Tags>, Attr<Tags>) {
        let all: Tags = live
            .iter()
            .filter(|(key, _)| !is_system_tag(key) && !self.is_ignored(key))
            .map(|(key, value)| (key.clone(), Attr::Known(value.clone())))
            .collect();
        let written = |key: &String| known.known().is_some_and(|tags| tags.contains_key(key));
        let own = all.iter().filter(|(key, value)| written(key) || !self.is_default(key, value));
        let left_alone = known.known().into_iter().flatten().filter(|(key, _)| self.is_ignored(key));
        let own: Tags = own.chain(left_alone).map(|(key, value)| (key.clone(), value.clone())).collect();
        let wrote_none = known.known().is_none_or(|tags| !tags.is_empty());
        let tags = if own.is_empty() && wrote_none { Attr::Null } else { Attr::Known(own) };
        (tags, Attr::Known(all))
    }

    fn is_ignored(&self, key: &str) -> bool {
        self.ignore_keys.iter().any(|ignored| ignored == key)
            || self.ignore_key_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }

    fn is_default(&self, key: &str, value: &Attr<String>) -> bool {
        self.default_tags.known().and_then(|defaults| defaults.get(key)) == value.known()
    }
}

/// Tags of the user's and ours share what AWS takes. The strictest of the services that get them decides what may stand in
/// them: ECS, Elastic Load Balancing, ACM and CloudWatch Logs take the same characters.
pub(super) fn check_tags(planned: &ServiceModel) -> Vec<Diagnostic> {
    let Some(tags) = planned.tags_all.known() else { return Vec::new() };
    let is_composed = is_composed(planned);
    let own = if is_composed { COMPOSED_TAG_LIMIT } else { MANAGED_TAG_LIMIT };
    let problem = |summary: &str, detail: String| {
        Diagnostic::error(summary, detail)
            .at(Path::attribute("tags"))
            .hint("correct `tags`, or `default_tags` in the provider block")
    };
    let mut problems = Vec::new();
    if tags.len() > TAGS_OF_A_RESOURCE - own {
        let detail = format!(
            "`tags` and `default_tags` are {} together. AWS takes {TAGS_OF_A_RESOURCE} on a resource, and the provider needs \
             {own} of them for its own: {} are left.",
            tags.len(),
            TAGS_OF_A_RESOURCE - own
        );
        problems.push(problem("Too many tags", detail));
    }
    for key in tags.keys().filter(|key| tag_keys::is_reserved(key)) {
        let detail = format!("The key is {key:?}. Allowed: {}.", tag_keys::ALLOWED);
        problems.push(problem(&format!("The tag {key:?} is not a user's"), detail));
    }
    for (key, value) in tags {
        let texts = [("key", Some(key)), ("value", value.known())];
        let odd = texts.into_iter().find_map(|(what, text)| {
            let text = text?;
            let found = text.chars().find(|character| !is_tag_character(*character))?;
            Some(format!("The {what} {text:?} has the character {found:?}."))
        });
        if let Some(odd) = odd {
            let detail = format!("{odd} AWS takes letters, digits, spaces and `_.:/=+-@` in tags.");
            problems
                .push(problem(&format!("The tag {key:?} has a character that AWS does not take"), detail));
        }
    }
    problems
}

fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn tags(pairs: &[(&str, &str)]) -> Attr<Tags> {
        Attr::Known(strings(pairs).into_iter().map(|(key, value)| (key, Attr::Known(value))).collect())
    }

    fn policy(defaults: &[(&str, &str)]) -> TagPolicy {
        TagPolicy { default_tags: Attr::Known(strings(defaults)), ..TagPolicy::default() }
    }

    #[test]
    fn a_resources_own_tag_wins_over_the_default() {
        let all = policy(&[("team", "a"), ("env", "dev")]).plan_all(&tags(&[("team", "b")]));
        assert_eq!(all, tags(&[("env", "dev"), ("team", "b")]));
        assert_eq!(policy(&[]).plan_all(&Attr::Unknown), Attr::Unknown);
        let unknown = TagPolicy { default_tags: Attr::Unknown, ..TagPolicy::default() };
        assert_eq!(unknown.plan_all(&tags(&[("a", "b")])), Attr::Unknown);
    }

    #[test]
    fn a_live_default_tag_shows_in_tags_all_only() {
        let (own, all) =
            policy(&[("env", "dev")]).flatten(&strings(&[("env", "dev"), ("a", "1")]), &Attr::Null);
        assert_eq!((own, all), (tags(&[("a", "1")]), tags(&[("a", "1"), ("env", "dev")])));
    }

    #[test]
    fn a_default_tag_that_the_user_repeats_stays_in_tags() {
        let known = tags(&[("env", "dev")]);
        let (own, _) = policy(&[("env", "dev")]).flatten(&strings(&[("env", "dev")]), &known);
        assert_eq!(own, known);
    }

    #[test]
    fn tags_of_aws_and_ignored_tags_show_nowhere() {
        let policy = TagPolicy {
            ignore_keys: vec!["cost".to_owned()],
            ignore_key_prefixes: vec!["kubernetes.io/".to_owned()],
            ..TagPolicy::default()
        };
        let live =
            strings(&[("aws:x", "1"), ("AmazonECSManaged", "true"), ("cost", "1"), ("kubernetes.io/a", "1")]);
        assert_eq!(policy.flatten(&live, &Attr::Null), (Attr::Null, tags(&[])));
    }

    #[test]
    fn a_key_that_is_written_and_left_alone_is_set_once_and_then_neither_planned_nor_compared() {
        let policy =
            TagPolicy { ignore_keys: vec!["created_on".to_owned()], ..policy(&[("created_on", "1")]) };
        let written = tags(&[("created_on", "2"), ("team", "a")]);
        assert_eq!(policy.plan_create(&written), written);
        assert_eq!(policy.plan_all(&written), tags(&[("team", "a")]));
        let live = strings(&[("created_on", "changed"), ("team", "a")]);
        assert_eq!(policy.flatten(&live, &written), (written, tags(&[("team", "a")])));
        assert_eq!(policy.plan_all(&Attr::Null), tags(&[]));
        assert_eq!(
            policy.flatten(&live, &tags(&[("team", "a")])),
            (tags(&[("team", "a")]), tags(&[("team", "a")]))
        );
    }

    #[test]
    fn a_mark_that_an_apply_left_is_no_tag_of_the_users() {
        for key in [crate::service::CREATION_MARKER_TAG_KEY, crate::service::DEPLOYMENT_MARKER_TAG_KEY] {
            assert_eq!(policy(&[]).flatten(&strings(&[(key, "x.y")]), &Attr::Null), (Attr::Null, tags(&[])));
        }
    }

    #[test]
    fn an_empty_map_stays_empty_and_none_stays_none() {
        let none = BTreeMap::new();
        assert_eq!(policy(&[]).flatten(&none, &tags(&[])).0, tags(&[]));
        assert_eq!(policy(&[]).flatten(&none, &Attr::Null).0, Attr::Null);
        assert_eq!(policy(&[]).flatten(&none, &tags(&[("gone", "1")])).0, Attr::Null);
    }
}
