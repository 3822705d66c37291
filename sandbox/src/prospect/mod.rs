//! The prospect service: `ProspectAddV2`, `ProspectReject`, `ProspectGetV2`.
//!
//! As the document has it, nothing here recognises a repeated create: a second one makes a second row. That is the
//! point of the sandbox.

mod control;
mod dates;
mod envelope;
mod execute;
mod rules;
mod wire;

pub use envelope::Envelope;
pub use rules::{Mixed, Settings, Unknown};
pub use wire::UPLOAD;

use crate::fields::Fields;
use crate::ledger::{Effect, digest};
use crate::message::{Request, Response};
use crate::remote::{Call, Damage, Knobs, Outcome, Phrase, Refusal, Remote, Reply, Tile, Tone};
use crate::sessions::Sessions;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wire::Ask;

/// The service's endpoints.
pub const ENDPOINTS: [&str; 3] = ["ProspectAddV2", "ProspectReject", "ProspectGetV2"];

/// A prospect as the server holds it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Row {
    /// The code the server gave it, such as `2947-1`.
    pub code: String,
    /// Whose it is.
    pub officer: String,
    /// Whether it was rejected: it is kept, but no longer downloaded.
    pub rejected: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
    /// The fields as last uploaded, under the document's names; dates as in an upload.
    pub fields: Fields,
}

/// What makes two rows look like one prospect.
type Likeness<'a> = (&'a str, [&'a str; 4]);

impl Row {
    /// The field of that name, as uploaded; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn likeness(&self) -> Likeness<'_> {
        (&self.officer, ["CreateDateClient", "NameEn", "NameKh", "Phone"].map(|name| self.get(name)))
    }
}

/// The prospect service's data and settings.
pub struct Prospects {
    envelope: Envelope,
    rows: BTreeMap<u64, Row>,
    settings: Settings,
    last: u64,
    changed: BTreeSet<u64>,
    settings_changed: bool,
}

impl Prospects {
    /// A service without data.
    pub fn new(envelope: Envelope) -> Prospects {
        Prospects {
            envelope,
            rows: BTreeMap::new(),
            settings: Settings::default(),
            last: 0,
            changed: BTreeSet::new(),
            settings_changed: true,
        }
    }

    /// All rows in the order in which they were made, rejected ones too.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.values()
    }

    /// The row of that code, rejected or not.
    pub fn row(&self, code: &str) -> Option<&Row> {
        self.number(code).and_then(|number| self.rows.get(&number))
    }

    /// How the service is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets the service up anew. Rows keep their codes.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings_changed = true;
        self.settings = settings;
    }

    /// How many rows look like a prospect that was created before: the same officer, creation time, names and phone.
    pub fn doubles(&self) -> u64 {
        self.rows.len() as u64 - self.alike().len() as u64
    }

    /// The codes of the rows that look like another.
    pub fn doubled(&self) -> BTreeSet<&str> {
        let alike = self.alike();
        let doubled = self.rows.values().filter(|row| alike[&row.likeness()] > 1);
        doubled.map(|row| row.code.as_str()).collect()
    }

    /// How many rows there are of each likeness; hashed, since there may be very many.
    fn alike(&self) -> HashMap<Likeness<'_>, u64> {
        let mut alike = HashMap::new();
        for row in self.rows.values() {
            *alike.entry(row.likeness()).or_default() += 1;
        }
        alike
    }

    fn number(&self, code: &str) -> Option<u64> {
        let number = code.rsplit_once('-')?.1.parse().ok()?;
        self.rows.get(&number).filter(|row| row.code == code).map(|_| number)
    }

    /// The number of a row that the officer may still see and change.
    fn live(&self, code: &str, officer: &str) -> Option<u64> {
        let number = self.number(code)?;
        self.rows.get(&number).filter(|row| !row.rejected && row.officer == officer).map(|_| number)
    }
}

/// What the ledger says of a change to a prospect.
fn effect(kind: &str, code: &str, fields: &Fields) -> Effect {
    Effect {
        kind: kind.to_owned(),
        code: code.to_owned(),
        natural_key: fields.get("CreateDateClient").to_owned(),
        client_ref: fields.get("ProspectClientID").to_owned(),
        digest: digest(["NameEn", "NameKh", "Phone"].map(|name| fields.get(name))),
        fields: fields.clone(),
    }
}

impl Remote for Prospects {
    fn name(&self) -> &'static str {
        "prospect"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn route(&self, path: &str) -> Option<&'static str> {
        let name = path.strip_prefix("/api/")?;
        ENDPOINTS.into_iter().find(|endpoint| *endpoint == name)
    }

    fn peek(&self, request: &Request) -> Option<String> {
        self.envelope.open(&request.body)
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
        if !request.basic().is_some_and(|(user, password)| sessions.knows(&user, &password)) {
            let mut response = Response::new(401, "text/plain", "Unauthorized");
            response.set_header("www-authenticate", "Basic realm=\"prospect\"");
            return Err(Refusal::Http(response));
        }
        let session = request.param("p").unwrap_or_default();
        let officer = sessions.whose(&session, now_ms).ok_or(Refusal::Phrase(Phrase::SessionExpired))?;
        let invalid = || Refusal::Phrase(Phrase::Invalid);
        let text = self.envelope.open(&request.body).ok_or_else(invalid)?;
        let ask = wire::read(endpoint, &text, self.settings.v1_0_0).ok_or_else(invalid)?;
        let (entries, changes) = match ask {
            Ask::Add(entries) => (entries.len(), true),
            Ask::Reject(_) => (0, true),
            Ask::Get(_) => (0, false),
        };
        Ok(Call { endpoint: endpoint.to_owned(), officer: officer.to_owned(), text, entries, changes })
    }

    fn execute(&mut self, call: &Call, knobs: &Knobs, now_ms: i64) -> Outcome {
        let nothing = |text: String| Outcome { reply: Reply::ok(text), effects: Vec::new() };
        match wire::read(&call.endpoint, &call.text, self.settings.v1_0_0) {
            Some(Ask::Add(entries)) => self.add(&call.officer, entries, knobs, now_ms),
            Some(Ask::Reject(code)) => self.reject(&call.officer, &code, now_ms),
            Some(Ask::Get(code)) => nothing(self.get(&call.officer, &code)),
            None => nothing(wire::failed(&call.endpoint, Phrase::Invalid)),
        }
    }

    fn say(&self, endpoint: &str, phrase: Phrase) -> Reply {
        Reply::ok(wire::failed(endpoint, phrase))
    }

    fn seal(&self, reply: &Reply, damage: Option<Damage>) -> Response {
        let sealed = |envelope: &Envelope| envelope.encrypt(reply.text.as_bytes());
        let body = match damage {
            None => envelope::quoted(&sealed(&self.envelope)),
            Some(Damage::WrongKey) => envelope::quoted(&sealed(&self.envelope.wrong())),
            Some(Damage::Truncate(keep)) => {
                let whole = sealed(&self.envelope);
                envelope::quoted(&whole[..(keep % whole.len().max(1) as u64) as usize])
            }
            Some(Damage::Garbage(seed)) => {
                let mut bytes = sealed(&self.envelope);
                fastrand::Rng::with_seed(seed).fill(&mut bytes);
                envelope::quoted(&bytes)
            }
        };
        Response::new(reply.status, "application/json; charset=utf-8", body)
    }

    fn unsaved(&mut self) -> Vec<(String, String)> {
        let changed = std::mem::take(&mut self.changed);
        let rows = changed.iter().filter_map(|number| {
            let row = self.rows.get(number)?;
            Some((format!("row {number}"), json(row)))
        });
        let mut records: Vec<_> = rows.collect();
        if std::mem::take(&mut self.settings_changed) {
            records.push(("settings".to_owned(), json(&self.settings)));
        }
        records
    }

    fn restore(&mut self, key: &str, json: &str) -> Result<(), serde_json::Error> {
        match key.strip_prefix("row ").and_then(|number| number.parse::<u64>().ok()) {
            Some(number) => {
                self.rows.insert(number, serde_json::from_str(json)?);
                self.last = self.last.max(number);
            }
            None => self.settings = serde_json::from_str(json)?,
        }
        Ok(())
    }

    fn tiles(&self) -> Vec<Tile> {
        let rejected = self.rows.values().filter(|row| row.rejected).count() as u64;
        let doubles = self.doubles();
        let bad = if doubles == 0 { Tone::Good } else { Tone::Bad };
        vec![
            Tile { label: "Prospects", value: self.rows.len() as u64 - rejected, tone: Tone::Plain },
            Tile { label: "Rejected", value: rejected, tone: Tone::Plain },
            Tile { label: "Doubles", value: doubles, tone: bad },
        ]
    }
}

/// Plain data of texts and numbers always becomes JSON.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
