//! What holds for every base, live and wanted document.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const KEYS: [(&str, &[&str]); 1] = [("items", &["name"])];

fn rule(path: &str) -> Rule {
    match path.rsplit('.').next() {
        Some("kept") => Rule::KeptIfUnchanged,
        Some("whole") => Rule::Whole,
        _ => Rule::Enforced,
    }
}

fn rules() -> Rules<'static> {
    Rules { keys: &KEYS, rule: &rule }
}

fn leaf() -> impl Strategy<Value = Value> {
    (0..4_i64).prop_map(|number| json!(number))
}

/// A canonical document: objects with a few names, and a list with keys, nothing of it empty.
fn document() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["a", "b", "kept", "whole"]);
    let inner = prop::collection::btree_map(name, leaf(), 0..4);
    let inner = inner
        .prop_map(|members| {
            Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        })
        .boxed();
    let items = prop::collection::btree_map(prop::sample::select(vec!["x", "y", "z"]), inner.clone(), 0..3);
    (prop::option::of(leaf()), prop::option::of(inner.clone()), prop::option::of(inner), items).prop_map(
        |(leaf, object, whole, items)| {
            let mut document = Map::new();
            document.extend(leaf.map(|leaf| ("leaf".to_owned(), leaf)));
            document.extend(object.map(|object| ("object".to_owned(), object)));
            document.extend(whole.map(|whole| ("whole".to_owned(), whole)));
            let items: Vec<Value> = items
                .into_iter()
                .map(|(name, mut item)| {
                    item["name"] = json!(name);
                    item
                })
                .collect();
            if !items.is_empty() {
                document.insert("items".to_owned(), Value::Array(items));
            }
            Value::Object(document)
        },
    )
}

/// Every leaf with its path; elements with keys are told by them.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{path}.{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                leaves(item, &format!("{path}[{}]", item["name"]), found);
            }
        }
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

fn leaves_of(value: &Value) -> BTreeSet<(String, String)> {
    let mut found = Vec::new();
    leaves(value, "", &mut found);
    found.into_iter().map(|(path, leaf)| (path, leaf.to_string())).collect()
}

fn paths_of(value: &Value) -> BTreeSet<String> {
    leaves_of(value).into_iter().map(|(path, _)| path).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_again_changes_nothing(
        base in prop::option::of(document()), live in document(), want in document(),
    ) {
        let first = merge_documents(base.as_ref(), &live, &want, &rules());
        let second = merge_documents(Some(&want), &first.document, &want, &rules());
        prop_assert_eq!(&second.document, &first.document);
        prop_assert_eq!(second.overwritten, Vec::<String>::new());
    }

    #[test]
    fn every_wanted_leaf_is_in_the_result_unless_others_may_keep_it(
        base in prop::option::of(document()), live in document(), want in document(),
    ) {
        let merged = leaves_of(&merge_documents(base.as_ref(), &live, &want, &rules()).document);
        let may_be_kept = |path: &str| path.rsplit('.').next() == Some("kept");
        for (path, leaf) in leaves_of(&want).into_iter().filter(|(path, _)| !may_be_kept(path)) {
            prop_assert!(merged.contains(&(path.clone(), leaf)), "{}", path);
        }
    }

    #[test]
    fn without_changes_by_others_the_result_is_what_we_want(base in document(), want in document()) {
        let merged = merge_documents(Some(&base), &base, &want, &rules());
        prop_assert_eq!(leaves_of(&merged.document), leaves_of(&want));
        prop_assert_eq!((merged.preserved, merged.overwritten), (vec![], vec![]));
    }

    #[test]
    fn wanting_nothing_new_keeps_what_others_added(base in document(), live in document()) {
        let merged = paths_of(&merge_documents(Some(&base), &live, &base, &rules()).document);
        let inside_whole = |path: &&String| path.starts_with(".whole");
        let added: Vec<_> = paths_of(&live).difference(&paths_of(&base)).cloned().collect();
        for path in added.iter().filter(|path| !inside_whole(path)) {
            prop_assert!(merged.contains(path), "{}", path);
        }
    }

    #[test]
    fn without_a_base_nothing_of_others_goes(live in document(), want in document()) {
        let merged = merge_documents(None, &live, &want, &rules());
        let paths = paths_of(&merged.document);
        for path in paths_of(&live).iter().filter(|path| !path.starts_with(".whole")) {
            prop_assert!(paths.contains(path), "{}", path);
        }
        prop_assert_eq!((merged.preserved, merged.overwritten), (vec![], vec![]));
    }
}

#[test]
fn an_element_without_its_key_makes_the_list_a_leaf() {
    let (live, want) = (json!({ "items": [{ "a": 1 }] }), json!({ "items": [{ "name": "x" }] }));
    assert_eq!(merge_documents(None, &live, &want, &rules()).document, want);
}

#[test]
fn the_values_do_not_show_in_debug_output() {
    let merged = merge_documents(None, &json!({}), &json!({ "environment": "hunter2" }), &rules());
    assert!(!format!("{merged:?}").contains("hunter2"));
}
