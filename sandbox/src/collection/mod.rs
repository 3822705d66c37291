//! The collection service, desk collection: the contracts that an officer is to collect (tasks), and what came of
//! each call at the customer's (results).
//!
//! As the document has it, nothing here recognises a repeated result: a second one makes a second row. That is the
//! point of the sandbox.

mod effect;
mod elsewhere;
mod model;
mod rules;
mod settings;
mod templates;
mod wire;

pub use model::{CollectionResult, Members, Task};
pub use rules::hashing;
pub use settings::{Settings, Start};
pub use templates::MOST;
pub use wire::RESULT_FIELDS;

use crate::fields::Fields;
use crate::message::{Request, Response};
use crate::remote::{Call, Damage, Knobs, Outcome, Phrase, Refusal, Remote, Reply, Tile, Tone};
use crate::sessions::Sessions;
use crate::table::{Table, repeated};
use rules::{INVALID, NO_LOGIN, NO_TASK, Refused};
use std::collections::BTreeSet;
use wire::Ask;

/// Where the service's paths begin. The document gives none, and perhaps one for both calls: these are the sandbox's.
pub const BASE: &str = "/collection/";

/// The service's endpoints. Each is its path, but for the stroke that begins it.
pub const ENDPOINTS: [&str; 2] = [wire::RESULT, wire::TASKS];

/// The longest body of a request, in bytes.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// The collection service's data and settings.
#[derive(Default)]
pub struct Collection {
    tasks: Table<Task>,
    results: Table<CollectionResult>,
    /// Officers who have the tasks they start with, or tasks given by hand.
    begun: BTreeSet<String>,
    begun_changed: bool,
    settings: Settings,
    settings_changed: bool,
}

impl Collection {
    /// All tasks in the order in which they were made, those taken away too.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.tasks.rows()
    }

    /// The tasks that the officer's list shows. An officer who has not asked yet has none.
    pub fn tasks_of(&self, officer: &str) -> impl Iterator<Item = &Task> {
        self.tasks.rows().filter(move |task| task.officer == officer && !task.removed)
    }

    /// All results in the order in which they came.
    pub fn results(&self) -> impl DoubleEndedIterator<Item = &CollectionResult> {
        self.results.rows()
    }

    /// The result of that number.
    pub fn result(&self, number: u64) -> Option<&CollectionResult> {
        self.results.get(number)
    }

    /// How many tasks are listed, all officers together.
    pub fn open_tasks(&self) -> u64 {
        self.tasks.rows().filter(|task| !task.removed).count() as u64
    }

    /// How many results look like one that came before: the same officer, and all fields but `hashing`.
    pub fn double_results(&self) -> u64 {
        repeated(self.results.rows().map(CollectionResult::likeness))
    }

    /// How the service is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets the service up anew. What is there stays as it is.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings_changed = true;
        self.settings = settings;
    }

    fn record(
        &mut self,
        officer: &str,
        given: &Fields,
        knobs: &Knobs,
        now_ms: i64,
    ) -> Result<Outcome, Refused> {
        let fields = rules::checked(given, &self.settings)?;
        let account_no = fields.get("account_no").to_owned();
        let known = |task: &Task| task.contract_no() == account_no;
        if self.settings.known_tasks_only && !self.tasks_of(officer).any(known) {
            return Err((NO_TASK, "account_no is no task".to_owned()));
        }
        let number = self.results.len() as u64 + 1;
        let result = CollectionResult { number, officer: officer.to_owned(), at_ms: now_ms, fields };
        let effects = vec![effect::result(&result)];
        self.results.push(result);
        let message = format!("Sukses Memasukan Data Dengan Account No : {account_no}");
        Ok(Outcome { reply: Reply::ok(wire::respond(knobs.reply_code.unwrap_or(0), &message)), effects })
    }

    fn list(&mut self, officer: &str, now_ms: i64) -> Reply {
        self.begin(officer, now_ms);
        let mine: Vec<&Members> = self.tasks_of(officer).map(|task| &task.members).collect();
        Reply::ok(wire::listed(&mine))
    }

    fn refused(&self, code: i64, why: &str) -> Reply {
        let status = if self.settings.http_400 { 400 } else { 200 };
        Reply { status, text: wire::respond(code, why) }
    }
}

impl Remote for Collection {
    fn name(&self) -> &'static str {
        "collection"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn route(&self, path: &str) -> Option<&'static str> {
        let path = path.strip_prefix('/')?;
        ENDPOINTS.into_iter().find(|endpoint| *endpoint == path)
    }

    fn peek(&self, request: &Request) -> Option<String> {
        String::from_utf8(request.body.clone()).ok()
    }

    /// There is no session: the user is the officer, and the password alone says so.
    fn open(
        &self,
        endpoint: &'static str,
        request: &Request,
        sessions: &Sessions,
        _now_ms: i64,
    ) -> Result<Call, Refusal> {
        let method = if endpoint == wire::TASKS { "GET" } else { "POST" };
        if request.method != method {
            return Err(Refusal::Http(Response::new(405, "text/plain", method)));
        }
        let known = request.basic().filter(|(user, password)| sessions.knows(user, password));
        let (officer, _) = known.ok_or(Refusal::Phrase(Phrase::SessionExpired))?;
        let invalid = || Refusal::Phrase(Phrase::Invalid);
        let text = match endpoint {
            wire::TASKS => String::new(),
            _ => String::from_utf8(request.body.clone()).map_err(|_| invalid())?,
        };
        let changes = matches!(wire::read(endpoint, &text).ok_or_else(invalid)?, Ask::Result(_));
        Ok(Call { endpoint: endpoint.to_owned(), officer, text, entries: 0, changes })
    }

    fn execute(&mut self, call: &Call, knobs: &Knobs, now_ms: i64) -> Outcome {
        let nothing = |reply| Outcome { reply, effects: Vec::new() };
        match wire::read(&call.endpoint, &call.text) {
            Some(Ask::Result(fields)) => self
                .record(&call.officer, &fields, knobs, now_ms)
                .unwrap_or_else(|(code, why)| nothing(self.refused(code, &why))),
            Some(Ask::Tasks) => nothing(self.list(&call.officer, now_ms)),
            None => nothing(self.say(&call.endpoint, Phrase::Invalid)),
        }
    }

    fn say(&self, _endpoint: &str, phrase: Phrase) -> Reply {
        match phrase {
            Phrase::Invalid => self.refused(INVALID, "Invalid request"),
            Phrase::Failure(code) => Reply::ok(wire::respond(code, "The service failed")),
            Phrase::SessionExpired => {
                Reply { status: 401, text: wire::respond(NO_LOGIN, "User name or password is wrong") }
            }
        }
    }

    /// There is no envelope: what is damaged is the reply itself.
    fn seal(&self, reply: &Reply, damage: Option<Damage>) -> Response {
        let mut bytes = reply.text.clone().into_bytes();
        match damage {
            None | Some(Damage::WrongKey) => {}
            Some(Damage::Truncate(keep)) => bytes.truncate((keep % bytes.len().max(1) as u64) as usize),
            Some(Damage::Garbage(seed)) => fastrand::Rng::with_seed(seed).fill(&mut bytes),
        }
        let mut response = Response::new(reply.status, "application/json; charset=utf-8", bytes);
        if reply.status == 401 {
            response.set_header("www-authenticate", "Basic realm=\"collection\"");
        }
        response
    }

    fn unsaved(&mut self) -> Vec<(String, String)> {
        let mut records = self.tasks.unsaved("task", wire::json);
        records.extend(self.results.unsaved("result", wire::json));
        if std::mem::take(&mut self.begun_changed) {
            records.push(("begun".to_owned(), wire::json(&self.begun)));
        }
        if std::mem::take(&mut self.settings_changed) {
            records.push(("settings".to_owned(), wire::json(&self.settings)));
        }
        records
    }

    fn restore(&mut self, key: &str, json: &str) -> Result<(), serde_json::Error> {
        match key {
            "settings" => self.settings = serde_json::from_str(json)?,
            "begun" => self.begun = serde_json::from_str(json)?,
            key => {
                let _ = self.tasks.restore("task ", key, || serde_json::from_str(json))?
                    || self.results.restore("result ", key, || serde_json::from_str(json))?;
            }
        }
        Ok(())
    }

    /// Basic alone: no session is used up.
    fn in_session(&self) -> bool {
        false
    }

    fn is_success(&self, code: i64) -> bool {
        code == 0
    }

    fn tiles(&self) -> Vec<Tile> {
        let doubles = self.double_results();
        let bad = if doubles == 0 { Tone::Good } else { Tone::Bad };
        vec![
            Tile { label: "Tasks", value: self.open_tasks(), tone: Tone::Plain },
            Tile { label: "Results", value: self.results.len() as u64, tone: Tone::Plain },
            Tile { label: "Doubles in collection", value: doubles, tone: bad },
        ]
    }
}
