//! Long walks over the arguments: each step changes some of them at random, the same in every run.

use super::{Engine, Numbers, Subject};

const STEPS: usize = 200;
/// Arguments that one step changes at the most.
const CHANGES_LIMIT: usize = 4;

#[expect(clippy::print_stderr, reason = "how much was tried is worth a line")]
async fn walk(engine: Engine, seed: u64) {
    let mut subject = Subject::new(engine).await;
    let mut numbers = Numbers(seed);
    let mut misses = Vec::new();
    for step in 0..STEPS {
        let mut changed = Vec::new();
        for _ in 0..=numbers.below(CHANGES_LIMIT) {
            let index = numbers.below(subject.arguments.len());
            let level = numbers.below(subject.arguments[index].values.len() + 1);
            if subject.fits(index, level) {
                subject.levels[index] = level;
                changed.push(format!("{} to {level}", subject.arguments[index].path));
            }
        }
        if let Err(problem) = subject.step().await {
            eprintln!("seed {seed}, step {step}, {}: {problem}", changed.join(", "));
            misses.push(format!("seed {seed}, step {step}, {}: {problem}", changed.join(", ")));
            subject = Subject::new(engine).await;
        }
    }
    eprintln!("{engine:?}, seed {seed}: {STEPS} steps, {} misses", misses.len());
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test]
async fn a_walk_over_the_arguments_of_the_managed_engine() {
    walk(Engine::Managed, 1).await;
}

#[tokio::test]
async fn a_walk_over_the_arguments_of_the_composed_engine() {
    walk(Engine::Composed, 2).await;
}

#[tokio::test]
async fn another_walk_over_the_arguments_of_the_composed_engine() {
    walk(Engine::Composed, 3).await;
}
