//! The switches as the inspector's forms offer them.

use super::Fault;
use serde_json::{Map, Value};

/// A family of switches.
pub(crate) struct Group {
    pub title: &'static str,
    pub levers: &'static [Lever],
}

/// One switch: its name in JSON, what it does in a sentence, and its parameters with an example of each as JSON.
pub(crate) struct Lever {
    pub kind: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub params: &'static [(&'static str, &'static str)],
}

const fn lever(
    kind: &'static str,
    title: &'static str,
    about: &'static str,
    params: &'static [(&'static str, &'static str)],
) -> Lever {
    Lever { kind, title, about, params }
}

pub(crate) const CATALOGUE: &[Group] = &[
    Group {
        title: "Outcome unknown",
        levers: &[
            lever("lost_close", "Answer lost", "Executed; the connection is closed without an answer.", &[]),
            lever(
                "lost_reset",
                "Answer lost by reset",
                "Executed; the connection is reset without an answer.",
                &[],
            ),
            lever(
                "late_commit",
                "Late commit",
                "Accepted, the connection closed, executed later.",
                &[("after_ms", "3000")],
            ),
            lever(
                "arrive_after_close",
                "Arrives after the client left",
                "Silence until the client gives up; executed so much later.",
                &[("after_ms", "500")],
            ),
            lever(
                "fail_after_commit",
                "Error after commit",
                "Executed, then answered with an HTTP error.",
                &[("code", "500")],
            ),
        ],
    },
    Group {
        title: "Not executed",
        levers: &[
            lever(
                "status",
                "HTTP status",
                "An HTTP status in place of executing.",
                &[("code", "503"), ("retry_after", "\"30\"")],
            ),
            lever("too_many", "Too many entries", "413 for more entries than this.", &[("max", "10")]),
            lever("refuse_batch", "Batch refused whole", "A call with more than one entry is refused.", &[]),
            lever(
                "expired_session",
                "Session expired",
                "Says so, executes nothing; the session stays good.",
                &[],
            ),
            lever(
                "captive_portal",
                "Captive portal",
                "An HTML page with status 200.",
                &[("reaches", "false")],
            ),
            lever(
                "redirect",
                "Redirect",
                "To another address.",
                &[("status", "307"), ("to", "\"http://127.0.0.1:9/login\"")],
            ),
        ],
    },
    Group {
        title: "Slow or broken on the wire",
        levers: &[
            lever(
                "delay",
                "Delay",
                "The answer waits, plus up to some jitter.",
                &[("ms", "800"), ("jitter_ms", "400")],
            ),
            lever(
                "drip",
                "Slow-loris",
                "The reply drop by drop, from its head or its body.",
                &[("part", "\"body\""), ("bytes", "1"), ("every_ms", "200")],
            ),
            lever(
                "cut",
                "Cut",
                "Closed in the middle of the reply.",
                &[("part", "\"body\""), ("after", "20")],
            ),
            lever("lying_length", "Lying Content-Length", "Off by so many bytes.", &[("by", "64")]),
            lever("giant", "Giant reply", "Executed; so many bytes come back.", &[("bytes", "67108864")]),
            lever("gzip", "Compressed", "Compressed, though nobody asked.", &[]),
            lever(
                "content_type",
                "Wrong content type",
                "Another content type.",
                &[("value", "\"text/html\"")],
            ),
            lever(
                "clock_skew",
                "Wrong Date",
                "The Date header is off by so many seconds.",
                &[("seconds", "86400")],
            ),
        ],
    },
    Group {
        title: "Broken message",
        levers: &[
            lever(
                "truncate",
                "Truncated",
                "So many bytes of the sealed message stay; empty: a random number.",
                &[("bytes", "null")],
            ),
            lever("garbage", "Garbage", "Random bytes for the sealed message.", &[]),
            lever("wrong_key", "Wrong key", "Sealed under another key.", &[]),
            lever("depth_bomb", "Depth bomb", "Well sealed, but nested so deep.", &[("depth", "100000")]),
        ],
    },
    Group {
        title: "Confused service",
        levers: &[
            lever("round_minutes", "Times to the minute", "Creation times lose their seconds.", &[]),
            lever("swap_replies", "Entries reversed", "A batch's answers in the opposite order.", &[]),
            lever(
                "duplicate_reply",
                "Entry twice",
                "One answer twice; the copy may contradict.",
                &[("contradict", "false")],
            ),
            lever("wrong_reference", "Wrong reference", "One answer for somebody who never asked.", &[]),
            lever("missing_reply", "Entry missing", "One answer is not there.", &[]),
        ],
    },
];

/// What came with the onboarding service. A list of its own: nothing of it befalls the calls of the prospect service
/// alone.
pub(crate) const SINCE_ONBOARDING: &[Group] = &[Group {
    title: "Onboarding and collection",
    levers: &[
        lever(
            "cut_upload",
            "Upload cut",
            "Closed when so many bytes of the request's body were read; not executed.",
            &[("after", "100000")],
        ),
        lever(
            "throttle",
            "Slow upload",
            "The request's body is read no faster than this.",
            &[("bytes_per_second", "2500000")],
        ),
        lever(
            "opstatus",
            "Failure under HTTP 200",
            "Not executed; opstatus, at collection respon_code, is this.",
            &[("code", "10001")],
        ),
        lever(
            "reply_code",
            "Another status code",
            "Executed; the reply is good but for its httpStatusCode, at collection its respon_code.",
            &[("code", "400")],
        ),
    ],
}];

/// All families of switches.
pub(crate) fn groups() -> impl Iterator<Item = &'static Group> {
    CATALOGUE.iter().chain(SINCE_ONBOARDING)
}

/// A fault from a form's texts. Numbers and words such as `true` are taken as JSON, all else as text; empty is *not
/// given*.
pub(crate) fn from_form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Fault, String> {
    let given = pairs.filter(|(_, value)| !value.trim().is_empty());
    let object: Map<String, Value> =
        given.map(|(name, value)| (name.to_owned(), guess(name, value))).collect();
    Fault::from_json(&Value::Object(object))
}

fn guess(name: &str, value: &str) -> Value {
    let is_text = ["kind", "endpoint", "retry_after", "to", "value", "part"].contains(&name);
    let read = if is_text { None } else { serde_json::from_str(value.trim()).ok() };
    read.unwrap_or_else(|| Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn every_lever_makes_the_fault_it_names() {
        for lever in groups().flat_map(|group| group.levers) {
            let mut object = Map::from_iter([("kind".to_owned(), lever.kind.into())]);
            for (name, example) in lever.params {
                object.insert((*name).to_owned(), serde_json::from_str(example).unwrap());
            }
            let fault = Fault::from_json(&Value::Object(object)).unwrap();
            assert_eq!(fault.kind.name(), lever.kind);
            assert_eq!(serde_json::to_value(&fault).unwrap()["kind"], lever.kind);
        }
        let kinds: Vec<_> = groups().flat_map(|group| group.levers).map(|lever| lever.kind).collect();
        assert_eq!(kinds.len(), kinds.iter().collect::<BTreeSet<_>>().len());
        assert_eq!(Kind::names().count(), 28, "what the simulator must see");
        assert_eq!(kinds.len(), 32, "a kind without a lever cannot be set in the inspector");
    }

    #[test]
    fn a_form_becomes_a_fault() {
        let form =
            [("kind", "status"), ("code", "503"), ("retry_after", "30"), ("times", "2"), ("chance", "")];
        let wanted = Fault::new(Kind::Status { code: 503, retry_after: Some("30".into()) }).times(2);
        assert_eq!(from_form(form.into_iter()), Ok(wanted));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for form in [
            &[("kind", "lost_clos")][..],
            &[("kind", "late_commit")],
            &[("kind", "late_commit"), ("after_ms", "soon")],
            &[("kind", "lost_close"), ("time", "2")],
            &[("kind", "lost_close"), ("chance", "2")],
            &[("kind", "status"), ("code", "99")],
            &[("kind", "redirect"), ("status", "302"), ("to", "a\r\nb: c")],
            &[("kind", "giant"), ("bytes", "1073741825")],
            &[("kind", "drip"), ("part", "body"), ("bytes", "0"), ("every_ms", "1")],
            &[("kind", "throttle"), ("bytes_per_second", "0")],
            &[("kind", "opstatus"), ("code", "0")],
        ] {
            assert!(from_form(form.iter().copied()).is_err(), "{form:?}");
        }
    }
}
