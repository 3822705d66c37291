//! The collection service of a started sandbox: what it holds, and what the company's staff does to it.

use super::Running;
use crate::collection::{CollectionResult, Settings, Task};
use serde_json::Value;

impl Running {
    /// Where results go, whole: `https://127.0.0.1:PORT/collection/result`.
    pub fn collection_result_url(&self) -> &str {
        &self.shared.place.collection_result_url
    }

    /// Where tasks are asked for, whole: `https://127.0.0.1:PORT/collection/tasks`.
    pub fn collection_tasks_url(&self) -> &str {
        &self.shared.place.collection_tasks_url
    }

    /// Every task in the order in which they were made, those taken away too.
    pub fn tasks(&self) -> Vec<Task> {
        self.shared.with(|server, _| server.collection().tasks().cloned().collect())
    }

    /// Every result in the order in which they came.
    pub fn results(&self) -> Vec<CollectionResult> {
        self.shared.with(|server, _| server.collection().results().cloned().collect())
    }

    /// How many results look like one that came before.
    pub fn double_results(&self) -> u64 {
        self.shared.with(|server, _| server.collection().double_results())
    }

    /// Gives an officer a task, or lays `members` over the one of that `contract_no`, and returns the `contract_no`;
    /// empty if there is none. `members` is an object as the list of tasks shows it; what it lacks a new task has as
    /// in the document's first sample.
    pub fn put_task(&self, user: &str, members: &Value) -> String {
        let put = |server: &mut crate::Server, now| {
            server.elsewhere_in_collection(now, |all| all.put_task(user, members, now))
        };
        self.shared.with(put).unwrap_or_default()
    }

    /// Gives an officer these tasks in place of all. False, and nothing is changed: one has no `contract_no`.
    pub fn replace_tasks(&self, user: &str, tasks: &[Value]) -> bool {
        self.shared.with(|server, now| {
            server.elsewhere_in_collection(now, |all| all.replace_tasks(user, tasks, now))
        })
    }

    /// Gives an officer so many made-up tasks more, the same ones at each start; at most
    /// [`MOST`](crate::collection::MOST).
    pub fn generate_tasks(&self, user: &str, count: usize) {
        self.shared.with(|server, now| {
            server.elsewhere_in_collection(now, |all| all.generate_tasks(user, count, now));
        });
    }

    /// Takes a contract away from everybody who has it: it was paid elsewhere. False: nobody has it.
    pub fn remove_task(&self, contract_no: &str) -> bool {
        self.shared
            .with(|server, now| server.elsewhere_in_collection(now, |all| all.remove_task(contract_no, now)))
    }

    /// How the collection service is set up.
    pub fn collection_settings(&self) -> Settings {
        self.shared.with(|server, _| server.collection().settings().clone())
    }

    /// Sets the collection service up anew.
    pub fn set_collection_settings(&self, settings: Settings) {
        self.shared.with(|server, now| {
            server.elsewhere_in_collection(now, |all| (all.set_settings(settings), Vec::new()));
        });
    }
}
