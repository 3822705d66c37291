//! Everything that the sandbox can do to a prospect, in plain words.

use satchel_sandbox::{Fault, Kind, Part};
use std::collections::BTreeMap;

/// One way in which a bank or a link goes wrong.
pub struct Ill {
    /// In plain words.
    pub words: &'static str,
    /// The switch.
    pub fault: Fault,
}

const ADD: &str = "ProspectAddV2";
const GET: &str = "ProspectGetV2";

fn ill(words: &'static str, on: &str, times: u64, kind: Kind) -> Ill {
    let fault = Fault::new(kind).times(times);
    Ill { words, fault: if on.is_empty() { fault } else { fault.on(on) } }
}

fn status(code: u16, retry_after: Option<&str>) -> Kind {
    Kind::Status { code, retry_after: retry_after.map(str::to_owned) }
}

/// All of them. Every one happens at least once, or the demonstration fails.
pub fn all() -> Vec<Ill> {
    [unknown_outcomes(), refusals(), broken_wire(), broken_messages(), confusions()]
        .into_iter()
        .flatten()
        .collect()
}

/// The bank may have done it, and did not get to say so.
fn unknown_outcomes() -> Vec<Ill> {
    vec![
        ill("answer lost after the bank had saved", ADD, 3, Kind::LostClose),
        ill("answer lost by a reset connection", ADD, 2, Kind::LostReset),
        ill("bank saves only some time after hanging up", ADD, 2, Kind::LateCommit { after_ms: 700 }),
        ill("request arrives after the tablet gave up", ADD, 2, Kind::ArriveAfterClose { after_ms: 400 }),
        ill("error 500, though the bank had saved", ADD, 2, Kind::FailAfterCommit { code: 500 }),
    ]
}

/// The bank did not do it, and says so badly.
fn refusals() -> Vec<Ill> {
    let portal = Kind::Redirect { status: 307, to: "http://127.0.0.1:9/login".to_owned() };
    vec![
        ill("error 500", ADD, 1, status(500, None)),
        ill("error 503, come back later", "", 1, status(503, Some("1"))),
        ill("error 429, too many requests", "", 1, status(429, Some("1"))),
        ill("413, too many prospects in one call", ADD, 1, Kind::TooMany { max: 1 }),
        ill("a whole batch refused", ADD, 1, Kind::RefuseBatch),
        ill("session said to be expired", "", 2, Kind::ExpiredSession),
        ill("Wi-Fi login page instead of the bank", "", 2, Kind::CaptivePortal { reaches: false }),
        ill("Wi-Fi login page, though the bank had saved", ADD, 1, Kind::CaptivePortal { reaches: true }),
        ill("redirected elsewhere", "", 1, portal),
    ]
}

/// The link, or what it carries, is broken.
fn broken_wire() -> Vec<Ill> {
    let drip = |bytes| Kind::Drip { part: Part::Body, bytes, every_ms: 150 };
    vec![
        ill("slow link", "", 3, Kind::Delay { ms: 250, jitter_ms: 200 }),
        ill("answer drop by drop, until patience ends", ADD, 1, drip(1)),
        ill("answer cut in its middle", ADD, 1, Kind::Cut { part: Part::Body, after: 30 }),
        ill("download cut in its middle", GET, 1, Kind::Cut { part: Part::Body, after: 500 }),
        ill("wrong length announced", ADD, 1, Kind::LyingLength { by: 64 }),
        ill("answer of 64 million bytes", "", 2, Kind::Giant { bytes: 64 << 20 }),
        ill("compressed, though nobody asked", "", 1, Kind::Gzip),
        ill("wrong content type", "", 1, Kind::ContentType { value: "text/html".to_owned() }),
        ill("bank's clock a day ahead", "", 1, Kind::ClockSkew { seconds: 86_400 }),
    ]
}

/// The answer cannot be read.
fn broken_messages() -> Vec<Ill> {
    vec![
        ill("cipher text cut short", "", 3, Kind::Truncate { bytes: None }),
        ill("garbage for cipher text", "", 2, Kind::Garbage),
        ill("answer under another key", "", 2, Kind::WrongKey),
        ill("answer nested 100,000 deep", "", 1, Kind::DepthBomb { depth: 100_000 }),
    ]
}

/// The answer can be read and is wrong.
fn confusions() -> Vec<Ill> {
    vec![
        ill("answers in another order", ADD, 1, Kind::SwapReplies),
        ill("two answers for one prospect, contradicting", ADD, 1, Kind::DuplicateReply { contradict: true }),
        ill("an answer for a prospect nobody sent", ADD, 1, Kind::WrongReference),
        ill("an answer missing", ADD, 1, Kind::MissingReply),
        ill("bank forgets the seconds of a time", ADD, 1, Kind::RoundMinutes),
    ]
}

/// Whether a fault waits for its own chapter, because what it breaks stays broken.
fn for_later(fault: &Fault) -> bool {
    fault.kind == Kind::RoundMinutes
}

/// The storm: everything at once, each with a small chance at every call.
pub fn storm() -> Vec<Fault> {
    let faults = all().into_iter().map(|ill| ill.fault).filter(|fault| !for_later(fault));
    faults.map(|fault| fault.chance(0.05)).collect()
}

/// What has not happened yet, each now certain to happen once.
pub fn missing(fired: &BTreeMap<String, u64>) -> Vec<Ill> {
    let never = |ill: &Ill| !fired.contains_key(ill.fault.kind.name());
    all().into_iter().filter(never).map(|ill| Ill { fault: ill.fault.times(1), ..ill }).collect()
}

/// How often each kind happened, with its words.
pub fn tally(fired: &BTreeMap<String, u64>) -> Vec<(&'static str, String, u64)> {
    let mut words: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for ill in all() {
        words.entry(ill.fault.kind.name()).or_default().push(ill.words);
    }
    let row = |(name, words): (&'static str, Vec<&str>)| {
        (name, words.join("; "), fired.get(name).copied().unwrap_or(0))
    };
    words.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_the_sandbox_is_there() {
        let kinds: BTreeSet<_> = all().iter().map(|ill| ill.fault.kind.name()).collect();
        assert_eq!(kinds, Kind::names().collect(), "one that is not here never happens");
    }

    #[test]
    fn what_has_happened_is_not_missing() {
        let fired: BTreeMap<String, u64> =
            all().iter().map(|i| (i.fault.kind.name().to_owned(), 1)).collect();
        assert!(missing(&fired).is_empty());
        assert_eq!(missing(&BTreeMap::new()).len(), all().len());
    }
}
