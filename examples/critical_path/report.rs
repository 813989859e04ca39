//! What the calls say: how many of each step were one after the other, and which way through the plan is the longest.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::DELAY;
use super::recorder::Call;

/// A step with its calls.
struct Step {
    after: Vec<String>,
    operations: Vec<String>,
    /// Calls of which none began before the one before it had ended.
    in_sequence: u32,
    /// The same with all that must come before.
    until_end: u32,
    /// The step before it on the longest way.
    latest: Option<String>,
}

/// One create.
pub(crate) struct Report {
    pub(crate) took: Duration,
    pub(crate) calls: usize,
    before: u32,
    steps: BTreeMap<String, Step>,
    order: Vec<String>,
    after: u32,
}

impl Report {
    /// `plan` has a line for each step, `<noun>.ensure after <noun>, <noun>`, in an order in which they could be done.
    pub(crate) fn new(took: Duration, calls: &[Call], plan: &str) -> Result<Self, Box<dyn Error>> {
        let of_steps: Vec<_> = calls.iter().filter(|call| call.step.is_some()).collect();
        let first = of_steps.iter().map(|call| call.began_at).min().ok_or("no step made a call")?;
        let last = of_steps.iter().map(|call| call.ended_at).max().ok_or("no step made a call")?;
        let others = || calls.iter().filter(|call| call.step.is_none());
        let before = in_sequence(others().filter(|call| call.ended_at <= first));
        let after = in_sequence(others().filter(|call| call.began_at >= last));
        if let Some(call) = others().find(|call| call.ended_at > first && call.began_at < last) {
            return Err(format!("{} belongs to no step", call.operation).into());
        }
        let count = calls.len();
        let mut report =
            Self { took, calls: count, before, steps: BTreeMap::new(), order: Vec::new(), after };
        for line in plan.lines() {
            let (id, after) = line.split_once(" after ").ok_or("a line of the plan without `after`")?;
            let after = after.split(", ").filter(|noun| *noun != "-").map(str::to_owned).collect();
            report.add(id.trim().trim_end_matches(".ensure"), after, calls);
        }
        Ok(report)
    }

    fn add(&mut self, noun: &str, after: Vec<String>, calls: &[Call]) {
        let id = format!("{noun}.ensure");
        let own = || calls.iter().filter(|call| call.step.as_deref() == Some(&id));
        let latest = after.iter().max_by_key(|noun| self.steps[*noun].until_end).cloned();
        let in_sequence = in_sequence(own());
        let until_end = in_sequence + latest.as_ref().map_or(0, |noun| self.steps[noun].until_end);
        let operations = own().map(|call| call.operation.clone()).collect();
        let step = Step { after, operations, in_sequence, until_end, latest };
        self.steps.insert(noun.to_owned(), step);
        self.order.push(noun.to_owned());
    }

    /// Steps of the longest way, the last first.
    fn longest_way(&self) -> Vec<&str> {
        let last = self.steps.iter().max_by_key(|(_, step)| step.until_end).map(|(noun, _)| noun.as_str());
        let before = |noun: &&str| self.steps[*noun].latest.as_deref();
        std::iter::successors(last, before).collect()
    }

    /// Calls that have to be one after the other.
    pub(crate) fn least(&self) -> u32 {
        let longest = self.steps.values().map(|step| step.until_end).max().unwrap_or_default();
        self.before + longest + self.after
    }

    /// The least time that these calls take with this plan.
    pub(crate) fn critical_path(&self) -> Duration {
        DELAY * self.least()
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.took.as_secs_f64() / self.critical_path().as_secs_f64()
    }
}

/// The longest sequence of calls of which none began before the one before it had ended.
fn in_sequence<'a>(calls: impl Iterator<Item = &'a Call>) -> u32 {
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_key(|call| call.ended_at);
    let mut free_from = SystemTime::UNIX_EPOCH;
    let mut count = 0;
    for call in calls {
        if call.began_at >= free_from {
            free_from = call.ended_at;
            count += 1;
        }
    }
    count
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = self.longest_way();
        writeln!(formatter, "  calls  in sequence  step (* on the critical path)")?;
        writeln!(formatter, "         {:>11}  * before the plan", self.before)?;
        for noun in &self.order {
            let step = &self.steps[noun];
            let mark = if way.contains(&noun.as_str()) { '*' } else { ' ' };
            let (calls, after) = (step.operations.len(), step.after.join(", "));
            writeln!(formatter, "  {calls:>5}  {:>11}  {mark} {noun} after {after}", step.in_sequence)?;
            writeln!(formatter, "                         {}", step.operations.join(" "))?;
        }
        writeln!(formatter, "         {:>11}  * after the plan", self.after)
    }
}
