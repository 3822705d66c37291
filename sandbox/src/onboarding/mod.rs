//! The onboarding service, Customer Actions Management: applications with their people, what the bank asks of them
//! (actions), and the papers that answer it.
//!
//! As the document has it, nothing here recognises a repeated create or upload: a second one makes a second
//! application or document. That is the point of the sandbox.

mod doubles;
mod effect;
mod elsewhere;
mod execute;
mod files;
mod ids;
mod java;
mod kept;
mod log;
mod model;
mod settings;
mod shown;
mod templates;
mod upload;
mod wire;

pub use model::{Action, Application, Document, Person};
pub use settings::{Settings, Start};
pub use shown::{Category, Meta, Names, Shown};
pub use wire::{CO_APPLICANT, PROFILE};

use crate::fields::Fields;
use crate::message::{Request, Response};
use crate::remote::{Call, Damage, Knobs, Outcome, Phrase, Refusal, Remote, Reply, Tile, Tone};
use crate::sessions::Sessions;
use crate::table::Table;
use ids::Ids;
use kept::Kept;
use model::CREATED;
use wire::Ask;

/// Where the service's paths begin.
pub const BASE: &str = "/services/data/v1/CustomerActionsManagement/operations/";

/// The service's endpoints.
pub const ENDPOINTS: [&str; 6] =
    [wire::CREATE, wire::UPDATE, wire::UPLOAD, wire::LIST, wire::ANSWER, wire::REQUIRE];

/// The longest body of a request, in bytes: a file of 2 MB has its base64 in it.
pub(crate) const LONGEST: usize = 8 * 1024 * 1024;

/// `opstatus` of a call that is refused.
const BAD_REQUEST: i64 = 10_001;
/// `opstatus` of a call without a good session.
const NO_SESSION: i64 = 10_002;

/// The onboarding service's data and settings.
#[derive(Default)]
pub struct Onboarding {
    applications: Table<Application>,
    actions: Table<Action>,
    documents: Table<Document>,
    ids: Ids,
    saved_ids: Ids,
    settings: Settings,
    settings_changed: bool,
}

impl Onboarding {
    /// All applications in the order in which they were made.
    pub fn applications(&self) -> impl DoubleEndedIterator<Item = &Application> {
        self.applications.rows()
    }

    /// The application of that `Application_id`.
    pub fn application(&self, id: &str) -> Option<&Application> {
        self.applications.rows().find(|application| application.id == id)
    }

    /// All actions in the order in which they were made, withdrawn ones too.
    pub fn actions(&self) -> impl DoubleEndedIterator<Item = &Action> {
        self.actions.rows()
    }

    /// All documents in the order in which they came.
    pub fn documents(&self) -> impl DoubleEndedIterator<Item = &Document> {
        self.documents.rows()
    }

    /// The document of that `documentId`.
    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.rows().find(|document| document.id == id)
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

    /// How many actions wait for their answer.
    pub fn open_actions(&self) -> u64 {
        let open = |action: &&Action| !action.withdrawn && action.status() == CREATED;
        self.actions.rows().filter(open).count() as u64
    }

    /// An `Application_id` that is not taken.
    fn fresh_application(&mut self) -> String {
        loop {
            let id = self.ids.application();
            if self.application(&id).is_none() {
                return id;
            }
        }
    }

    /// A new application, and what it starts with.
    fn open_application(&mut self, officer: &str, id: String, party: String, fields: Fields, now_ms: i64) {
        let person = Person { party, fields };
        let application = Application {
            id,
            entity: self.ids.entity(),
            officer: officer.to_owned(),
            made_ms: now_ms,
            changed_ms: now_ms,
            people: vec![person.clone()],
        };
        let start = self.settings.start;
        let mut wanted = templates::of_person(start, &application, &person);
        wanted.extend(templates::of_application(start, &application, &person));
        for shown in wanted {
            self.ask_for(officer, &application.id, shown, now_ms);
        }
        self.applications.push(application);
    }

    fn refused(&self, why: &str) -> Reply {
        let status = if self.settings.http_400 { 400 } else { 200 };
        Reply { status, text: wire::failed(BAD_REQUEST, 400, why) }
    }

    /// Whose call it is; none if a header that is asked for is not there.
    fn caller<'a>(&self, request: &Request, sessions: &'a Sessions, now_ms: i64) -> Option<&'a str> {
        let carried = |(name, value): (&String, &String)| request.header(name) == Some(value);
        let session = request.header(&self.settings.session_header)?;
        self.settings.required_headers.iter().all(carried).then(|| sessions.whose(session, now_ms))?
    }
}

impl Remote for Onboarding {
    fn name(&self) -> &'static str {
        "onboarding"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn route(&self, path: &str) -> Option<&'static str> {
        let (service, name) = path.strip_prefix(BASE)?.split_once('/')?;
        let endpoint = ENDPOINTS.into_iter().find(|endpoint| *endpoint == name)?;
        let profiles = [wire::CREATE, wire::UPDATE].contains(&endpoint);
        (service == if profiles { "PersonalInfo" } else { "UserAction" }).then_some(endpoint)
    }

    fn peek(&self, request: &Request) -> Option<String> {
        std::str::from_utf8(&request.body).ok().map(log::without_files)
    }

    fn open(
        &self,
        endpoint: &'static str,
        request: &Request,
        sessions: &Sessions,
        now_ms: i64,
    ) -> Result<Call, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::Http(Response::new(405, "text/plain", "POST")));
        }
        let caller = self.caller(request, sessions, now_ms);
        let officer = caller.ok_or(Refusal::Phrase(Phrase::SessionExpired))?.to_owned();
        let invalid = || Refusal::Phrase(Phrase::Invalid);
        let text = wire::text(endpoint, &request.body).ok_or_else(invalid)?;
        let (entries, changes) = match wire::read(endpoint, &text).ok_or_else(invalid)? {
            Ask::Upload(upload) => (upload.files.len(), true),
            Ask::List(_) => (0, false),
            Ask::Create(_) | Ask::Update(_) | Ask::Answer(_) | Ask::Require => (0, true),
        };
        Ok(Call { endpoint: endpoint.to_owned(), officer, text, entries, changes })
    }

    fn execute(&mut self, call: &Call, knobs: &Knobs, now_ms: i64) -> Outcome {
        let officer = &call.officer;
        let done = match wire::read(&call.endpoint, &call.text) {
            Some(Ask::Create(fields)) => self.create(officer, fields, knobs, now_ms),
            Some(Ask::Update(fields)) => self.update(officer, fields, knobs, now_ms),
            Some(Ask::Upload(upload)) => self.upload(officer, upload, knobs, now_ms),
            Some(Ask::List(is_pre)) => self.list(officer, &is_pre, knobs),
            Some(Ask::Answer(answer)) => self.answer(officer, &answer, knobs, now_ms),
            Some(Ask::Require) => self.require(officer, knobs, now_ms),
            None => Err("Bad request".to_owned()),
        };
        done.unwrap_or_else(|why| Outcome { reply: self.refused(&why), effects: Vec::new() })
    }

    fn say(&self, _endpoint: &str, phrase: Phrase) -> Reply {
        match phrase {
            Phrase::Invalid => self.refused("Bad request"),
            Phrase::Failure(opstatus) => Reply::ok(wire::failed(opstatus, 200, "The service failed")),
            Phrase::SessionExpired => {
                let text = wire::failed(NO_SESSION, 401, "Session is invalid or has expired");
                Reply { status: 401, text }
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
        Response::new(reply.status, "application/json; charset=utf-8", bytes)
    }

    fn unsaved(&mut self) -> Vec<(String, String)> {
        let mut records = self.applications.unsaved("application", wire::json);
        records.extend(self.actions.unsaved("action", wire::json));
        records.extend(self.documents.unsaved("document", |row| wire::json(&Kept::of(row))));
        if std::mem::take(&mut self.settings_changed) {
            records.push(("settings".to_owned(), wire::json(&self.settings)));
        }
        if self.ids != std::mem::replace(&mut self.saved_ids, self.ids) {
            records.push(("ids".to_owned(), wire::json(&self.ids)));
        }
        records
    }

    fn restore(&mut self, key: &str, json: &str) -> Result<(), serde_json::Error> {
        match key {
            "settings" => self.settings = serde_json::from_str(json)?,
            "ids" => (self.ids, self.saved_ids) = (serde_json::from_str(json)?, serde_json::from_str(json)?),
            key => {
                let document = || serde_json::from_str::<Kept>(json).and_then(Kept::document);
                let _ = self.applications.restore("application ", key, || serde_json::from_str(json))?
                    || self.actions.restore("action ", key, || serde_json::from_str(json))?
                    || self.documents.restore("document ", key, document)?;
            }
        }
        Ok(())
    }

    fn tiles(&self) -> Vec<Tile> {
        let doubles = self.double_applications() + self.double_people() + self.double_documents();
        let bad = if doubles == 0 { Tone::Good } else { Tone::Bad };
        vec![
            Tile { label: "Applications", value: self.applications.len() as u64, tone: Tone::Plain },
            Tile { label: "Open actions", value: self.open_actions(), tone: Tone::Plain },
            Tile { label: "Documents", value: self.documents.len() as u64, tone: Tone::Plain },
            Tile { label: "Doubles in onboarding", value: doubles, tone: bad },
        ]
    }
}
