//! Every two arguments changed at once: what is right alone may be wrong together.

use super::{Engine, Numbers, Subject};

/// Parts that the pairs of an engine are divided into, so that they run beside each other.
const PARTS: usize = 4;
/// One pair of so many is tried, unless `EXPRESS_PAIRS=all` asks for every one of them: five minutes of two cores.
const SHARE: usize = 4;
const SEED: u64 = 20_261_130;

/// Changes two arguments at a time on one service that is never as it was at the beginning: each is added, changed, or
/// removed, whatever is next for it.
#[expect(clippy::print_stderr, reason = "how much was tried is worth a line")]
async fn every_pair(engine: Engine, part: usize) {
    let mut subject = Subject::new(engine).await;
    let mut pairs = Vec::new();
    for first in 0..subject.arguments.len() {
        pairs.extend((0..first).map(|second| (first, second)));
    }
    let mut numbers = Numbers(SEED);
    for index in (1..pairs.len()).rev() {
        pairs.swap(index, numbers.below(index + 1));
    }
    let share = if std::env::var_os("EXPRESS_PAIRS").is_some_and(|pairs| pairs == "all") { 1 } else { SHARE };
    let all = pairs.len();
    let mine: Vec<_> = pairs.into_iter().skip(part).step_by(PARTS * share).collect();
    let (mut count, mut misses) = (0, Vec::new());
    for (first, second) in mine {
        let (change, problem) = change_both(&mut subject, first, second).await;
        count += 1;
        if let Some(problem) = problem {
            eprintln!("{engine:?}, part {part}, pair {count}: {change}: {problem}");
            misses.push(format!("{change}: {problem}"));
            subject = Subject::new(engine).await;
        }
    }
    eprintln!("{engine:?}, part {part}: {count} of {all} pairs of changes, {} misses", misses.len());
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

async fn change_both(subject: &mut Subject, first: usize, second: usize) -> (String, Option<String>) {
    let excluded = subject.arguments[first].excludes(&subject.arguments[second]);
    let mut wanted = [(first, subject.next(first)), (second, subject.next(second))];
    if excluded && wanted[0].1 > 0 && wanted[1].1 > 0 {
        // One takes the place of the other.
        wanted[1].1 = 0;
    }
    // What stands in the way of either goes first, by itself.
    let mut is_cleared = false;
    for (index, level) in wanted {
        for other in 0..subject.arguments.len() {
            let is_in_the_way = level > 0
                && subject.levels[other] > 0
                && ![first, second].contains(&other)
                && subject.arguments[index].excludes(&subject.arguments[other]);
            if is_in_the_way {
                subject.levels[other] = 0;
                is_cleared = true;
            }
        }
    }
    if is_cleared && let Err(problem) = subject.step().await {
        return ("making room".to_owned(), Some(problem));
    }
    let described = wanted.map(|(index, level)| subject.describe(index, level));
    for (index, level) in wanted {
        subject.levels[index] = level;
    }
    let change = format!("{} and {}, from levels {:?}", described[0], described[1], subject.levels);
    (change, subject.step().await.err())
}

impl Subject {
    /// The level after the present one: added, changed, and removed again.
    fn next(&self, index: usize) -> usize {
        (self.levels[index] + 1) % (self.arguments[index].values.len() + 1)
    }

    fn describe(&self, index: usize, level: usize) -> String {
        let what = match (self.levels[index], level) {
            (0, 0) => "keep",
            (0, _) => "add",
            (_, 0) => "remove",
            _ => "change",
        };
        format!("{what} {}", self.arguments[index].path)
    }
}

#[tokio::test]
async fn every_pair_of_changes_of_the_managed_engine_1() {
    every_pair(Engine::Managed, 0).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_managed_engine_2() {
    every_pair(Engine::Managed, 1).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_managed_engine_3() {
    every_pair(Engine::Managed, 2).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_managed_engine_4() {
    every_pair(Engine::Managed, 3).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_composed_engine_1() {
    every_pair(Engine::Composed, 0).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_composed_engine_2() {
    every_pair(Engine::Composed, 1).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_composed_engine_3() {
    every_pair(Engine::Composed, 2).await;
}

#[tokio::test]
async fn every_pair_of_changes_of_the_composed_engine_4() {
    every_pair(Engine::Composed, 3).await;
}
