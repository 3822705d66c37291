//! VBot, a CRM: customers, and the statuses, types, groups and fields that they have there.
//!
//! As its document has it nothing can be read, and nothing recognises a second create under a known code: it makes a second
//! row. That is the point of the sandbox.

mod effect;
mod model;
mod settings;
mod wire;

pub use model::{Kind, Row};
pub use settings::{Keys, Settings};

use crate::ledger::Effect;
use crate::message::{Request, Response};
use crate::remote::{Call, Damage, Knobs, Outcome, Phrase, Refusal, Remote, Reply, Tile, Tone};
use crate::sessions::Sessions;
use crate::table::{Table, repeated};
use serde_json::{Map, Value};
use wire::{Ask, Verb};

/// Where the service's paths begin.
pub const BASE: &str = "/api/crm/";

/// The service's endpoints: what stands behind [`BASE`].
pub const ENDPOINTS: [&str; 20] = [
    "customer/create",
    "customer/update",
    "customer/delete",
    "customer/updateNO",
    "status/create",
    "status/update",
    "status/delete",
    "status/updateNo",
    "type/create",
    "type/update",
    "type/delete",
    "type/updateNo",
    "group/create",
    "group/update",
    "group/delete",
    "group/updateNo",
    "field/create",
    "field/update",
    "field/delete",
    "field/updateNo",
];

/// The longest body of a request, in bytes.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// A change that somebody else makes, and what the ledger is to say of it.
pub(crate) type Changed<R> = (R, Vec<(String, Effect)>);

/// VBot's data and settings.
#[derive(Default)]
pub struct Vbot {
    rows: Table<Row>,
    settings: Settings,
    settings_changed: bool,
}

impl Vbot {
    /// All rows in the order in which they were made, deleted ones too.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.rows()
    }

    /// How many rows stand beside another one of their kind and code.
    pub fn doubles(&self) -> u64 {
        repeated(self.rows.rows().filter(|row| !row.removed).map(|row| (row.kind, row.code.as_str())))
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

    /// Makes a row as another device would.
    pub fn insert(
        &mut self,
        officer: &str,
        kind: Kind,
        code: &str,
        members: Map<String, Value>,
        now_ms: i64,
    ) -> Changed<()> {
        let effect = self.add(officer, kind, code, members, now_ms);
        ((), vec![(officer.to_owned(), effect)])
    }

    /// Deletes a row as another device would. False: there is none.
    pub fn remove(&mut self, kind: Kind, code: &str, now_ms: i64) -> Changed<bool> {
        match self.live(kind, code).and_then(|number| self.take_away(number, now_ms)) {
            Some(effect) => (true, vec![(String::new(), effect)]),
            None => (false, Vec::new()),
        }
    }

    fn live(&self, kind: Kind, code: &str) -> Option<u64> {
        self.rows.last(|row| row.kind == kind && row.code == code && !row.removed)
    }

    fn add(
        &mut self,
        officer: &str,
        kind: Kind,
        code: &str,
        members: Map<String, Value>,
        now_ms: i64,
    ) -> Effect {
        let row = Row {
            officer: officer.to_owned(),
            kind,
            code: code.to_owned(),
            members,
            removed: false,
            made_ms: now_ms,
            changed_ms: now_ms,
        };
        let effect = effect::of("create", &row);
        self.rows.push(row);
        effect
    }

    fn take_away(&mut self, number: u64, now_ms: i64) -> Option<Effect> {
        self.rows.change(number, |row| {
            (row.removed, row.changed_ms) = (true, now_ms);
            effect::of("delete", row)
        })
    }

    /// The effect, or why not.
    fn carry_out(&mut self, officer: &str, ask: Ask, now_ms: i64) -> Result<Effect, String> {
        if ask.code == self.settings.poison {
            return Err(format!("{} is refused", ask.code));
        }
        let known = self.live(ask.kind, &ask.code);
        let missing = || format!("{} {} is not found", ask.kind.word(), ask.code);
        match ask.verb {
            Verb::Create if known.is_some() && self.settings.refuse_second => {
                Err(format!("{} {} is there already", ask.kind.word(), ask.code))
            }
            Verb::Create => Ok(self.add(officer, ask.kind, &ask.code, ask.members, now_ms)),
            Verb::Update => {
                let number = known.ok_or_else(missing)?;
                let written = self.rows.change(number, |row| {
                    (row.members, row.changed_ms) = (ask.members, now_ms);
                    effect::of("update", row)
                });
                written.ok_or_else(missing)
            }
            Verb::Delete => known.and_then(|number| self.take_away(number, now_ms)).ok_or_else(missing),
            Verb::Rename => {
                let new = ask.new_code.clone().unwrap_or_default();
                if self.live(ask.kind, &new).is_some() {
                    return Err(format!("{} {new} is there already", ask.kind.word()));
                }
                let number = known.ok_or_else(missing)?;
                let renamed = self.rows.change(number, |row| {
                    (row.code, row.changed_ms) = (new, now_ms);
                    effect::of("rename", row)
                });
                renamed.ok_or_else(missing)
            }
        }
    }
}

impl Remote for Vbot {
    fn name(&self) -> &'static str {
        "vbot"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn route(&self, path: &str) -> Option<&'static str> {
        let rest = path.strip_prefix(BASE)?;
        ENDPOINTS.into_iter().find(|endpoint| *endpoint == rest)
    }

    fn peek(&self, request: &Request) -> Option<String> {
        String::from_utf8(request.body.clone()).ok()
    }

    /// The officer's session is the access token.
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
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let officer = token.and_then(|token| sessions.whose(token.trim(), now_ms));
        let officer = officer.ok_or(Refusal::Phrase(Phrase::SessionExpired))?.to_owned();
        let text = String::from_utf8(request.body.clone());
        let text = text.ok().filter(|text| serde_json::from_str::<Map<String, Value>>(text).is_ok());
        let text = text.ok_or(Refusal::Phrase(Phrase::Invalid))?;
        Ok(Call { endpoint: endpoint.to_owned(), officer, text, entries: 0, changes: true })
    }

    fn execute(&mut self, call: &Call, knobs: &Knobs, now_ms: i64) -> Outcome {
        let done = wire::read(&call.endpoint, &call.text, self.settings.keys).and_then(|ask| {
            let (verb, code) = (ask.verb, ask.new_code.clone().unwrap_or_else(|| ask.code.clone()));
            Ok((verb, code, self.carry_out(&call.officer, ask, now_ms)?))
        });
        match done {
            Ok((verb, code, effect)) => {
                let text = wire::done(knobs.reply_code.unwrap_or(1), verb, &code);
                Outcome { reply: Reply::ok(text), effects: vec![effect] }
            }
            Err(why) => Outcome { reply: Reply::ok(wire::failed(1, &why)), effects: Vec::new() },
        }
    }

    fn say(&self, _endpoint: &str, phrase: Phrase) -> Reply {
        match phrase {
            Phrase::Invalid => Reply::ok(wire::failed(1, "Invalid request")),
            Phrase::Failure(code) => Reply::ok(wire::failed(code, "The service failed")),
            Phrase::SessionExpired => Reply { status: 401, text: wire::failed(401, "The token is not good") },
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
        let mut records = self.rows.unsaved("row", wire::json);
        if std::mem::take(&mut self.settings_changed) {
            records.push(("settings".to_owned(), wire::json(&self.settings)));
        }
        records
    }

    fn restore(&mut self, key: &str, json: &str) -> Result<(), serde_json::Error> {
        match key {
            "settings" => self.settings = serde_json::from_str(json)?,
            key => drop(self.rows.restore("row ", key, || serde_json::from_str(json))?),
        }
        Ok(())
    }

    fn is_success(&self, code: i64) -> bool {
        code == 1
    }

    fn tiles(&self) -> Vec<Tile> {
        let doubles = self.doubles();
        let bad = if doubles == 0 { Tone::Good } else { Tone::Bad };
        let live = self.rows.rows().filter(|row| !row.removed).count() as u64;
        vec![
            Tile { label: "VBot rows", value: live, tone: Tone::Plain },
            Tile { label: "Doubles in VBot", value: doubles, tone: bad },
        ]
    }
}
