//! Values that are known only at the apply: core then asks for the plan again, and whatever the first one promised must
//! still be so.

use super::{Engine, Subject};
use crate::support::workspace::known_at_apply;

/// Every argument, and every member of one, of which the plan does not know the value yet: on a live service, where it
/// turns out to be another one, or what it has been all along; and on one that is made.
#[expect(clippy::print_stderr, reason = "how much was tried is worth a line")]
async fn keeps_every_promise(engine: Engine) {
    let mut subject = Subject::new(engine).await;
    let mut count = 0;
    let mut broken = Vec::new();
    for index in 0..subject.arguments.len() {
        let argument = subject.arguments[index].clone();
        for level in 0..=argument.values.len() {
            subject.levels[index] = level;
            let config = subject.config();
            // Whole objects, and each member of them.
            for path in super::arguments::open_paths(&config, &argument) {
                let mut open = config.clone();
                let place = path.iter().fold(&mut open, |place, step| &mut place[step]);
                *place = known_at_apply(place.clone());
                count += 2;
                let promises = subject.workspace.broken_promises("app", &open).await;
                broken.extend(promises.into_iter().map(|it| format!("live, {}: {it}", path.join("."))));
                let promises = subject.workspace.neighbour().await.broken_promises("app", &open).await;
                broken.extend(promises.into_iter().map(|it| format!("new, {}: {it}", path.join("."))));
            }
            subject.levels[index] = 0;
        }
    }
    broken.sort();
    broken.dedup();
    eprintln!("{engine:?}: {count} plans with an unknown value, {} promises broken", broken.len());
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn every_argument_of_the_managed_engine_may_be_unknown_at_plan() {
    keeps_every_promise(Engine::Managed).await;
}

#[tokio::test]
async fn every_argument_of_the_composed_engine_may_be_unknown_at_plan() {
    keeps_every_promise(Engine::Composed).await;
}

/// The ordinary case: a web ACL, a certificate or a retention that another resource of the same apply brings.
#[tokio::test]
async fn what_is_known_at_the_apply_is_applied() {
    for engine in [Engine::Managed, Engine::Composed] {
        let mut subject = Subject::new(engine).await;
        for index in 0..subject.arguments.len() {
            let argument = subject.arguments[index].clone();
            if argument.replaces {
                continue;
            }
            subject.levels[index] = 1;
            let config = subject.config();
            let mut open = config.clone();
            let Some(path) = super::arguments::open_paths(&config, &argument).into_iter().next() else {
                continue;
            };
            let place = path.iter().fold(&mut open, |place, step| &mut place[step]);
            *place = known_at_apply(place.clone());
            let applied = subject.workspace.apply("app", &open).await;
            assert!(!applied.diagnostics.has_errors(), "{}: {:#?}", argument.path, applied.diagnostics);
            let broken = subject.workspace.broken.replace(Vec::new());
            assert_eq!(broken, Some(Vec::new()), "{}", argument.path);
            subject.settle(&config).await.unwrap_or_else(|problem| panic!("{}: {problem}", argument.path));
            subject.levels[index] = 0;
            subject.step().await.unwrap_or_else(|problem| panic!("{} removed: {problem}", argument.path));
        }
    }
}
