//! What passes between the transport and the state machine.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A request as the transport received it, whole.
#[derive(Clone)]
pub struct Request {
    /// `POST`, `GET`, …
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without its question mark; empty when there is none.
    pub query: String,
    /// Header names (any case) and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The first query parameter of that name, decoded.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }

    /// User name and password of HTTP Basic.
    pub fn basic(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header("authorization")?.split_once(' ')?;
        let decoded =
            scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
        let text = String::from_utf8(decoded).ok()?;
        text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }
}

/// The bytes of a reply.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    /// Bytes held in memory.
    Bytes(Vec<u8>),
    /// So many bytes of nothing useful, made while they are sent and never held.
    Giant(u64),
}

/// A reply to be put on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides the length, which the transport adds.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Payload,
    /// A length to announce in place of the true one.
    pub claimed_length: Option<u64>,
}

impl Response {
    /// A reply with a body and its content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: Payload::Bytes(body.into()),
            claimed_length: None,
        }
    }

    /// Puts a header in place of any of the same name.
    pub fn set_header(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.retain(|(n, _)| *n != name);
        self.headers.push((name, value.into()));
    }
}

/// How the transport puts a reply on the wire. Head bytes count from the first byte of the reply, body bytes from
/// the first after the head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    #[default]
    Whole,
    /// So many bytes, then the connection is closed.
    Cut {
        /// Where counting starts.
        part: crate::Part,
        /// How many bytes still leave.
        after: u64,
    },
    /// So many bytes at a time, with a pause after each.
    Drip {
        /// Where dripping starts.
        part: crate::Part,
        /// Bytes at a time; at least one.
        bytes: u64,
        /// The pause, in milliseconds.
        every_ms: u64,
    },
}

/// How a connection ends that is given no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hangup {
    /// The connection is closed at once.
    Close,
    /// The connection is reset at once.
    Reset,
    /// Nothing happens until the client leaves; then [`Server::client_gone`](crate::Server::client_gone) is due.
    Hold,
}

/// What goes back to the client.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// A reply.
    Reply(Response, Pace),
    /// No reply at all.
    Silence(Hangup),
}

/// What the transport must do about one request. What was committed by then is committed already.
#[derive(Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The request's number, from one.
    pub request: u64,
    /// How long to wait before the answer, in milliseconds.
    pub wait_ms: u64,
    /// The answer.
    pub answer: Answer,
    /// Ledger numbers of the effects committed before the answer.
    pub committed: Vec<u64>,
    /// When a late commit is due, in milliseconds since 1970: [`Server::tick`](crate::Server::tick) then.
    pub due_ms: Option<i64>,
    /// Names of the faults that fired.
    pub fired: Vec<&'static str>,
}
