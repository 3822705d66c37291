//! The one seam between the frame and a remote system. Adding a remote is adding a folder that implements [`Remote`].

use crate::ledger::Effect;
use crate::message::{Request, Response};
use crate::sessions::Sessions;
use serde::{Deserialize, Serialize};

/// A request that has passed its checks: what will be executed, now or late.
#[derive(Clone, Serialize, Deserialize)]
pub struct Call {
    /// The endpoint's name.
    pub endpoint: String,
    /// Whose session it came in.
    pub officer: String,
    /// The decoded body.
    pub text: String,
    /// How many entries it carries.
    pub entries: usize,
    /// Whether it changes anything.
    pub changes: bool,
}

/// Why a request is answered without being executed.
pub enum Refusal {
    /// A reply of the service itself, to be sealed as its replies are.
    Phrase(Phrase),
    /// A reply of the web server in front of it.
    Http(Response),
}

/// Things a remote can be asked to say without executing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// The request cannot be read.
    Invalid,
    /// The session is invalid or has expired.
    SessionExpired,
    /// It failed, with this number where the service gives failures numbers.
    Failure(i64),
}

/// A reply of a service, not yet sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status it goes out with.
    pub status: u16,
    /// What it says.
    pub text: String,
}

impl Reply {
    /// A reply under HTTP 200.
    pub fn ok(text: impl Into<String>) -> Reply {
        Reply { status: 200, text: text.into() }
    }
}

/// Faults that act while a call is executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knobs {
    /// Creation times are stored without their seconds.
    pub round_minutes: bool,
    /// What is done to the entries of a reply that answers several.
    pub twist: Option<Twist>,
    /// What the reply gives as its own status code, where the service's replies have one.
    #[serde(default)]
    pub reply_code: Option<i64>,
    /// Chance, drawn by the frame: which entry a twist takes.
    pub pick: u32,
}

/// What is done to the entries of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Twist {
    /// In the opposite order.
    Swap,
    /// One entry twice; the second copy says the opposite if `contradict`.
    Duplicate {
        /// Whether the copy contradicts the original.
        contradict: bool,
    },
    /// One entry carries a reference that nobody sent.
    WrongReference,
    /// One entry is not there.
    Missing,
}

impl Twist {
    /// The fewest entries for which the twist can be seen.
    pub fn needs(self) -> usize {
        if self == Twist::Swap { 2 } else { 1 }
    }
}

/// What is done to a sealed reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Only so many bytes of the sealed message stay (modulo its length).
    Truncate(u64),
    /// Random bytes of the same length, from this seed.
    Garbage(u64),
    /// Sealed under another key.
    WrongKey,
}

/// What executing a call gave.
pub struct Outcome {
    /// The reply, not yet sealed.
    pub reply: Reply,
    /// What was committed, in order.
    pub effects: Vec<Effect>,
}

/// How a number on the overview is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A plain count.
    Plain,
    /// Something good.
    Good,
    /// Something that deserves a look.
    Warn,
    /// Something that should not be.
    Bad,
}

/// A number on the inspector's overview.
pub struct Tile {
    /// What is counted.
    pub label: &'static str,
    /// The count.
    pub value: u64,
    /// How it is meant.
    pub tone: Tone,
}

/// One remote system: it knows its paths, its envelope, its data and its replies; faults, sessions, ledger and
/// transport are the frame's.
pub trait Remote: Send {
    /// The remote's name, as in the ledger.
    fn name(&self) -> &'static str;

    /// The names of its endpoints; no two remotes share one.
    fn endpoints(&self) -> &'static [&'static str];

    /// The endpoint a path belongs to.
    fn route(&self, path: &str) -> Option<&'static str>;

    /// The body as text, for the log of requests; nothing is checked.
    fn peek(&self, request: &Request) -> Option<String>;

    /// Checks a request. Changes nothing.
    fn open(
        &self,
        endpoint: &'static str,
        request: &Request,
        sessions: &Sessions,
        now_ms: i64,
    ) -> Result<Call, Refusal>;

    /// Executes a call.
    fn execute(&mut self, call: &Call, knobs: &Knobs, now_ms: i64) -> Outcome;

    /// A reply of the service that executes nothing.
    fn say(&self, endpoint: &str, phrase: Phrase) -> Reply;

    /// A reply as it goes over the wire, damaged if asked.
    fn seal(&self, reply: &Reply, damage: Option<Damage>) -> Response;

    /// The records that changed since the last call, as key and JSON.
    fn unsaved(&mut self) -> Vec<(String, String)>;

    /// Takes back a record that [`unsaved`](Remote::unsaved) gave; what it cannot read it refuses.
    fn restore(&mut self, key: &str, json: &str) -> Result<(), serde_json::Error>;

    /// Whether its calls come in an officer's session and count there.
    fn in_session(&self) -> bool {
        true
    }

    /// Whether a reply that gives this as its own status code tells of a success.
    fn is_success(&self, code: i64) -> bool {
        code < 400
    }

    /// The remote's numbers for the inspector's overview.
    fn tiles(&self) -> Vec<Tile>;
}
