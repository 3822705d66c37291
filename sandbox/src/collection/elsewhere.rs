//! What the company's staff does to the tasks while the tablet is not looking.

use super::model::{Members, Task};
use super::settings::Start;
use super::{Collection, effect, templates};
use crate::ledger::Effect;
use serde_json::Value;
use std::collections::HashSet;

/// A change, and what the ledger is to say of it: the owner and the effect.
pub(crate) type Changed<R> = (R, Vec<(String, Effect)>);

impl Collection {
    /// Gives `officer` a task. `given` is an object of members as the list of tasks shows them. They are laid over
    /// the officer's task of that `contract_no`, or over the sample's first one; a member that the document does not
    /// know is kept at the end. Returns the `contract_no`; none if there is none, or it is no text.
    pub fn put_task(&mut self, officer: &str, given: &Value, now_ms: i64) -> Changed<Option<String>> {
        let Some(contract) = contract_of(given) else { return (None, Vec::new()) };
        self.begun_by_hand(officer);
        let known = self.tasks.last(|task| task.officer == officer && task.is_listed_as(&contract));
        let effect = match known {
            Some(number) => self.tasks.change(number, |task| {
                lay_over(&mut task.members, given);
                task.changed_ms = now_ms;
                effect::task("update", task)
            }),
            None => Some(self.add(officer, laid_over_usual(given), now_ms)),
        };
        (Some(contract), effect.map(|effect| (officer.to_owned(), effect)).into_iter().collect())
    }

    /// Gives `officer` these tasks in place of all that the officer has; each as [`put_task`](Collection::put_task)
    /// takes it, but none is laid over another. False, and nothing is changed: one has no `contract_no`.
    pub fn replace_tasks(&mut self, officer: &str, given: &[Value], now_ms: i64) -> Changed<bool> {
        if given.iter().any(|task| contract_of(task).is_none()) {
            return (false, Vec::new());
        }
        self.begun_by_hand(officer);
        let mut effects = self.take_away(|task| task.officer == officer, now_ms);
        for task in given {
            effects.push((officer.to_owned(), self.add(officer, laid_over_usual(task), now_ms)));
        }
        (true, effects)
    }

    /// Takes a contract away, from everybody who has it: it was paid elsewhere. False: nobody has it.
    pub fn remove_task(&mut self, contract_no: &str, now_ms: i64) -> Changed<bool> {
        let effects = self.take_away(|task| task.contract_no() == contract_no, now_ms);
        (!effects.is_empty(), effects)
    }

    /// Gives `officer` so many made-up tasks more, at most [`MOST`](super::MOST). The same calls make the same
    /// tasks; no contract is given out twice.
    pub fn generate_tasks(&mut self, officer: &str, count: usize, now_ms: i64) -> Changed<()> {
        self.begun_by_hand(officer);
        let taken: HashSet<String> = self.tasks.rows().map(|task| task.contract_no().to_owned()).collect();
        let free = (0..).filter(|n| !taken.contains(&templates::contract(*n)));
        let usual = templates::usual();
        let made = free.take(count.min(templates::MOST)).map(|n| {
            let effect = self.add(officer, templates::made(usual.clone(), n), now_ms);
            (officer.to_owned(), effect)
        });
        ((), made.collect())
    }

    /// What an officer starts with, the first time they ask.
    pub(super) fn begin(&mut self, officer: &str, now_ms: i64) {
        if self.begun.contains(officer) {
            return;
        }
        self.begun_by_hand(officer);
        if self.settings.start == Start::Sample {
            for members in templates::samples() {
                self.add(officer, members, now_ms);
            }
        }
    }

    /// From now on the officer has what is given, and nothing to start with.
    fn begun_by_hand(&mut self, officer: &str) {
        self.begun_changed |= self.begun.insert(officer.to_owned());
    }

    fn add(&mut self, officer: &str, members: Members, now_ms: i64) -> Effect {
        let officer = officer.to_owned();
        let task = Task { officer, removed: false, made_ms: now_ms, changed_ms: now_ms, members };
        let effect = effect::task("create", &task);
        self.tasks.push(task);
        effect
    }

    fn take_away(&mut self, fits: impl Fn(&Task) -> bool, now_ms: i64) -> Vec<(String, Effect)> {
        let gone = |task: &mut Task| {
            (task.removed, task.changed_ms) = (true, now_ms);
            (task.officer.clone(), effect::task("withdraw", task))
        };
        let listed = self.tasks.all(|task| !task.removed && fits(task));
        listed.into_iter().filter_map(|number| self.tasks.change(number, gone)).collect()
    }
}

impl Task {
    /// Whether it is listed, under that `contract_no`.
    pub(super) fn is_listed_as(&self, contract_no: &str) -> bool {
        !self.removed && self.contract_no() == contract_no
    }
}

fn contract_of(given: &Value) -> Option<String> {
    given.get("contract_no")?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn laid_over_usual(given: &Value) -> Members {
    let mut members = templates::usual();
    lay_over(&mut members, given);
    members
}

fn lay_over(members: &mut Members, given: &Value) {
    let all = given.as_object().into_iter().flatten();
    all.for_each(|(name, value)| members.set(name, value.clone()));
}
