//! Dressing a reply for the wire, with whatever befalls it there.

use super::{Done, Said, Server, Which};
use crate::exchange::shortened;
use crate::faults::{Kind, Plan, Stage};
use crate::ledger::Fate;
use crate::message::{Answer, Hangup, Pace, Payload, Reaction, Response};
use crate::remote::{Damage, Remote, Reply};
use std::io::Write;

impl Server {
    /// The reaction, and the reply's words for the log.
    pub(super) fn dress(
        &mut self,
        id: u64,
        which: Which,
        done: Done,
        plan: &Plan,
        now_ms: i64,
    ) -> (Reaction, String) {
        let wait_ms = match plan.at(Stage::Wait) {
            Some(Kind::Delay { ms, jitter_ms }) => ms.saturating_add(self.rng.u64(0..=*jitter_ms)),
            _ => 0,
        };
        let (answer, words) = match done.answer {
            Said::Nothing(hangup) => (Answer::Silence(hangup), String::new()),
            Said::Http(response) => self.answer(which, None, response, plan, now_ms),
            Said::Words(reply) => {
                let response = self.remotes.get(which).seal(&reply, None);
                self.answer(which, Some(reply), response, plan, now_ms)
            }
        };
        let (committed, due_ms) = (done.committed, done.due_ms);
        (Reaction { request: id, wait_ms, answer, committed, due_ms, fired: plan.names() }, words)
    }

    fn answer(
        &mut self,
        which: Which,
        reply: Option<Reply>,
        response: Response,
        plan: &Plan,
        now_ms: i64,
    ) -> (Answer, String) {
        let words = match (&reply, &response.body) {
            (Some(reply), _) => shortened(&reply.text),
            (None, Payload::Bytes(bytes)) => shortened(&String::from_utf8_lossy(bytes)),
            (None, Payload::Giant(_)) => String::new(),
        };
        let mut response = self.body(which, reply, response, plan);
        headers(&mut response, plan, now_ms);
        let answer = match plan.at(Stage::Wire) {
            Some(Kind::LostClose) => Answer::Silence(Hangup::Close),
            Some(Kind::LostReset) => Answer::Silence(Hangup::Reset),
            Some(Kind::Cut { part, after }) => {
                Answer::Reply(response, Pace::Cut { part: *part, after: *after })
            }
            Some(Kind::Drip { part, bytes, every_ms }) => {
                Answer::Reply(response, Pace::Drip { part: *part, bytes: *bytes, every_ms: *every_ms })
            }
            _ => Answer::Reply(response, Pace::Whole),
        };
        (answer, words)
    }

    fn body(&mut self, which: Which, reply: Option<Reply>, response: Response, plan: &Plan) -> Response {
        let sealed = |server: &Server, damage| match &reply {
            Some(reply) => server.remotes.get(which).seal(reply, Some(damage)),
            None => response.clone(),
        };
        match plan.at(Stage::Body) {
            Some(Kind::FailAfterCommit { code }) => failure(*code),
            Some(Kind::CaptivePortal { .. }) => captive_portal(),
            Some(Kind::Giant { bytes }) => Response { body: Payload::Giant(*bytes), ..response },
            Some(Kind::DepthBomb { depth }) => {
                let bomb = Reply::ok("[".repeat(*depth) + &"]".repeat(*depth));
                self.remotes.get(which).seal(&bomb, None)
            }
            Some(Kind::Truncate { bytes }) => {
                let keep = bytes.unwrap_or_else(|| self.rng.u64(..));
                sealed(self, Damage::Truncate(keep))
            }
            Some(Kind::Garbage) => {
                let seed = self.rng.u64(..);
                sealed(self, Damage::Garbage(seed))
            }
            Some(Kind::WrongKey) => sealed(self, Damage::WrongKey),
            _ => response,
        }
    }
}

fn headers(response: &mut Response, plan: &Plan, now_ms: i64) {
    let skew = match plan.at(Stage::Clock) {
        Some(Kind::ClockSkew { seconds }) => *seconds,
        _ => 0,
    };
    response.set_header("date", http_date(now_ms.saturating_add(skew.saturating_mul(1000))));
    if let Some(Kind::ContentType { value }) = plan.at(Stage::Type) {
        response.set_header("content-type", value.clone());
    }
    if let (Some(Kind::Gzip), Payload::Bytes(bytes)) = (plan.at(Stage::Encoding), &response.body) {
        response.body = Payload::Bytes(gzip(bytes));
        response.set_header("content-encoding", "gzip");
    }
    if let (Some(Kind::LyingLength { by }), Payload::Bytes(bytes)) = (plan.at(Stage::Length), &response.body)
    {
        response.claimed_length = Some((bytes.len() as u64).saturating_add_signed(*by));
    }
}

/// What the ledger says of the reply to an executed call.
pub(super) fn fate(plan: &Plan, remote: &dyn Remote) -> Fate {
    if let Some(Kind::LostClose | Kind::LostReset | Kind::Cut { .. }) = plan.at(Stage::Wire) {
        return Fate::Lost;
    }
    let damaging = [Stage::Entries, Stage::Code, Stage::Body, Stage::Type, Stage::Encoding, Stage::Length];
    // Answers in another order are good answers, and so is another code that is none of a failure.
    let harmless = |kind: &Kind| {
        matches!(kind, Kind::SwapReplies)
            || matches!(kind, Kind::ReplyCode { code } if remote.is_success(*code))
    };
    match damaging.iter().any(|stage| plan.at(*stage).is_some_and(|kind| !harmless(kind))) {
        true => Fate::Damaged,
        false => Fate::Sent,
    }
}

/// The reply that takes the place of executing a call.
pub(super) fn instead(kind: &Kind) -> Response {
    match kind {
        Kind::Status { code, retry_after } => {
            let mut response = failure(*code);
            if let Some(text) = retry_after {
                response.set_header("retry-after", text.clone());
            }
            response
        }
        Kind::Redirect { status, to } => {
            let mut response = Response::new(*status, "text/html; charset=utf-8", "<h1>Moved</h1>");
            response.set_header("location", to.clone());
            response
        }
        Kind::TooMany { .. } => failure(413),
        Kind::CaptivePortal { .. } => captive_portal(),
        _ => failure(500),
    }
}

pub(super) fn not_found() -> Response {
    failure(404)
}

fn failure(code: u16) -> Response {
    let body = format!("<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>");
    Response::new(code, "text/html; charset=utf-8", body)
}

fn captive_portal() -> Response {
    let page = "<!doctype html><html><head><title>Free WiFi</title></head><body><h1>Welcome</h1>\
                <form action=\"/login\"><button>Accept the terms</button></form></body></html>";
    Response::new(200, "text/html; charset=utf-8", page)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into a Vec does not fail; if it did, the reply would be empty and no worse a fault.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn http_date(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    printer.timestamp_to_rfc9110_string(&at).unwrap_or_default()
}
