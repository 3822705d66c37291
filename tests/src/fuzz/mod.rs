//! What must hold for every input of a decoder, as functions of bytes.
//!
//! Each takes whatever bytes there are and panics when a property does not hold: not only that nothing breaks, but that
//! decoding in pieces is decoding whole, that what is written can be read, that what is refused changes nothing, and
//! that nothing comes out that an independent reading of the same bytes does not hold. libFuzzer drives them
//! (`cargo xtask fuzz`, `tests/fuzz`), and so does an ordinary test over the corpus and changes of it.

mod beside;
mod collection;
mod download;
mod envelope;
mod export;
mod forms;
mod intake;
mod onboarding;
mod papers;
mod replies;
mod rows;
mod search;
mod settings;

use satchel::outbox::entry::{Effect, Entry, EntryId, Head, NetClass, State};
use satchel::outbox::remote::Session;
use satchel::profile::Profile;
use satchel::prospect::{ProspectId, ProspectRemote};
use satchel::world::{Secret, Steady};
use serde_json::Value;
use std::io::{self, Read};
use std::sync::Arc;
use tempfile::TempDir;

/// A decoder and what must hold for it.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: the folder of its corpus, and the argument of `cargo xtask fuzz`.
    pub name: &'static str,
    /// Panics when a property does not hold for these bytes.
    pub run: fn(&[u8]),
    /// It works on files, and is slower by a hundred times.
    pub slow: bool,
}

const fn quick(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, slow: false }
}

/// All of them.
pub const TARGETS: [Target; 19] = [
    quick("envelope", envelope::envelope),
    quick("upload", replies::upload),
    quick("reject", replies::reject),
    quick("download", download::download),
    Target { name: "intake", run: intake::intake, slow: true },
    quick("dates", forms::dates),
    quick("head", forms::head),
    quick("search", search::search),
    quick("rows", rows::rows),
    Target { name: "beside", run: beside::beside, slow: true },
    quick("export", export::export),
    quick("profile", settings::profile),
    quick("scenario", settings::scenario),
    quick("actions", onboarding::actions),
    quick("answers", onboarding::replies),
    quick("html", onboarding::html),
    Target { name: "photo", run: papers::photo, slow: true },
    quick("pdf", papers::pages),
    quick("tasks", collection::tasks),
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Takes one byte off the front; 0 when there is none left.
fn byte(data: &mut &[u8]) -> u8 {
    match data.split_first() {
        Some((first, rest)) => {
            *data = rest;
            *first
        }
        None => 0,
    }
}

/// A reader that gives bytes away in pieces: as long as those bytes say, over and over.
struct Pieces {
    bytes: Vec<u8>,
    given: usize,
    lengths: Vec<u8>,
    at: usize,
}

impl Pieces {
    fn of(bytes: &[u8], lengths: &[u8]) -> Self {
        let lengths = if lengths.is_empty() { vec![255] } else { lengths.to_vec() };
        Pieces { bytes: bytes.to_vec(), given: 0, lengths, at: 0 }
    }
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = usize::from(self.lengths[self.at % self.lengths.len()]) + 1;
        self.at += 1;
        let n = length.min(out.len()).min(self.bytes.len() - self.given);
        out[..n].copy_from_slice(&self.bytes[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

/// What the service's tolerance makes of a value, said again: a text, a number that survived, yes or no, or empty.
fn loose(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Bool(yes)) => Some(if *yes { "1" } else { "0" }.to_owned()),
        Some(Value::Number(n)) if n.is_f64() => {
            n.as_f64().filter(|n| n.abs() < 2_f64.powi(53)).map(|n| n.to_string())
        }
        Some(Value::Number(n)) => Some(n.to_string()),
        Some(_) => None,
    }
}

/// The reply without the array of one around it.
fn unwrapped(reply: &Value) -> &Value {
    reply.get(0).unwrap_or(reply)
}

fn remote() -> ProspectRemote {
    ProspectRemote::new(Arc::new(Profile::new("fuzz", "https://localhost/api/")))
}

fn session() -> Session {
    let secrets = serde_json::to_string(&crate::tablet::secrets("S-1")).expect("secrets are JSON");
    Session { officer: "dara".to_owned(), secrets: Secret::new(secrets) }
}

/// Under which every message of the tests' service is sealed.
fn sealing() -> satchel::net::envelope::Envelope {
    satchel::net::envelope::Envelope::new(&[7; 32], &[9; 16]).expect("a key")
}

/// An entry on its way.
fn entry(id: i64, verb: &str) -> Entry {
    let head = Head {
        id: EntryId(id),
        verb: verb.to_owned(),
        effect: if verb == "create" { Effect::Create } else { Effect::Replace },
        author: "dara".to_owned(),
        state: State::Sending,
        attempt: 1,
        due: None,
        since: Steady(1),
        alone: false,
        doubts: 0,
        reason: None,
    };
    Entry {
        head,
        remote: satchel::PROSPECT.to_owned(),
        lane: ProspectId(id).lane(),
        class: NetClass::Small,
        after: None,
        body: None,
        sent: None,
        sent_rev: Some(1),
        sent_wall: Some(1),
        since_wall: 1,
        made_wall: 1,
        receipt: None,
    }
}

/// A folder, in memory where there is such a place; `TMPDIR` says where to put it instead.
fn folder() -> TempDir {
    let quick =
        if std::env::var_os("TMPDIR").is_some() { None } else { tempfile::tempdir_in("/dev/shm").ok() };
    quick.unwrap_or_else(|| tempfile::tempdir().expect("a folder"))
}
