//! The replies to an upload and to a reject, as they are judged entry by entry.
//!
//! The reply is read a second time by a reader of any JSON, and what was judged must be what stands there.

use super::{byte, entry, loose, remote, sealing, session, unwrapped};
use satchel::outbox::entry::Entry;
use satchel::outbox::policy::Outcome;
use satchel::outbox::remote::{Judged, Remote, Says};
use satchel::prospect::ProspectId;
use satchel::world::{Head, Reply};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};
use std::fmt;

const STATUS: [u16; 12] = [200, 200, 200, 200, 200, 401, 403, 404, 413, 429, 500, 503];

pub(super) fn upload(data: &[u8]) {
    let batch = [1, 2, 17].map(|id| entry(id, "create"));
    let Some((judged, plain)) = judged(&batch, data) else { return };
    if let Ok(reply) = serde_json::from_slice::<Value>(plain) {
        let list = &unwrapped(&reply)["ProspectAddSMSRS"];
        for (entry, outcome) in batch.iter().zip(&judged.outcomes) {
            fits(entry, outcome, list, unwrapped(&reply), judged.says);
        }
    }
    said(&batch, plain);
}

/// What an outcome claims stands in the reply.
fn fits(entry: &Entry, outcome: &Outcome, list: &Value, reply: &Value, says: Says) {
    let id = ProspectId::of_lane(&entry.lane).expect("a prospect").0;
    let own =
        |answer: &&Value| loose(answer.get("ProspectClientID")).and_then(|id| id.parse().ok()) == Some(id);
    let answers: Vec<_> = list.as_array().into_iter().flatten().filter(own).collect();
    let yes = |value: &Value| loose(value.get("ERR")).as_deref() == Some("Succeed");
    let expired = loose(reply.get("ERRCode")).as_deref() == Some("00009");
    match outcome {
        Outcome::Accepted(receipt) => {
            let [answer] = answers[..] else { panic!("accepted by {} answers", answers.len()) };
            assert!(yes(answer));
            let receipt: Value = serde_json::from_str(&receipt.0).expect("a receipt");
            assert_eq!(receipt["code"].as_str().map(str::to_owned), loose(answer.get("Code")));
        }
        Outcome::Refused(_) => assert!(answers.len() == 1 && !yes(answers[0])),
        Outcome::Unanswered if list.is_null() => assert!(yes(reply) && !expired),
        Outcome::Unanswered => assert_ne!(answers.len(), 1),
        Outcome::SignIn => assert!(list.is_null() && expired),
        Outcome::BatchError(_) => assert!(list.is_null() && !yes(reply) && !expired),
        // The whole reply, or one answer that is neither a yes nor a no beyond doubt.
        Outcome::Unknown(why) => {
            assert!(*why == "undecodable" && (says == Says::Unusable || answers.len() == 1 || expired));
        }
        Outcome::NotExecuted(_) => panic!("a reply proves no such thing"),
    }
}

/// A reply as the service writes it is understood to the letter, whatever its texts are.
fn said(batch: &[Entry], text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let answer = |id: &str, err: &str, code: &str| json!({ "ERR": err, "SMS": text, "ProspectClientID": id, "Code": code });
    let list =
        json!([answer("2", "Succeed", &text), answer("1", "Error", ""), answer("3", "Succeed", &text)]);
    let reply = json!([{ "ProspectAddSMSRS": list, "ERR": "Succeed", "SMS": text, "ERRCode": null }]);
    let judged = judge(batch, 200, sealing().seal(reply.to_string().as_bytes()));
    let [refused, accepted, unanswered] = &judged.outcomes[..] else { panic!("one outcome each") };
    assert!(matches!(refused, Outcome::Refused(reason) if reason.words.as_deref() == Some(&text)));
    assert!(matches!(unanswered, Outcome::Unanswered));
    let Outcome::Accepted(receipt) = accepted else { panic!("the documented yes") };
    assert_eq!(serde_json::from_str::<Value>(&receipt.0).expect("a receipt")["code"], *text);
}

pub(super) fn reject(data: &[u8]) {
    let mut batch = [entry(7, "reject")];
    batch[0].head.doubts = i64::from(data.last().copied().unwrap_or(0) & 1);
    let Some((judged, plain)) = judged(&batch, data) else { return };
    let Ok(reply) = serde_json::from_slice::<Value>(plain) else { return };
    let reply = unwrapped(&reply);
    let text = |key| loose(reply.get(key)).unwrap_or_default();
    let (yes, expired) = (text("ERR") == "Succeed", text("ERRCode") == "00009");
    match &judged.outcomes[0] {
        Outcome::Accepted(_) if yes => assert!(!expired),
        Outcome::Accepted(_) => {
            assert!(batch[0].head.doubts > 0 && text("SMS").contains("Code is not found") && !expired);
        }
        Outcome::SignIn => assert!(expired),
        Outcome::Refused(reason) => {
            assert!(!yes && !expired && reason.words.as_deref() == Some(&text("SMS")));
        }
        // That the session is over is believed, beside a yes or not. What has a key twice is no reply, whatever it says.
        Outcome::Unknown(_) => {
            let over = yes && expired && !has_twice(plain);
            assert_eq!(judged.says, if over { Says::SignIn } else { Says::Unusable });
        }
        other => panic!("{other:?}"),
    }
}

/// Does one of the members that a reject's reply is read for stand there twice? A reader of any JSON takes the last one.
fn has_twice(plain: &[u8]) -> bool {
    let all: Keys = serde_json::from_slice::<[Keys; 1]>(plain)
        .map(|[all]| all)
        .or_else(|_| serde_json::from_slice(plain))
        .unwrap_or_default();
    ["ERR", "SMS", "ERRCode"].iter().any(|key| all.0.iter().filter(|name| name == key).count() > 1)
}

/// The names of an object's members, as often as they stand there.
#[derive(Default)]
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Keys;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Keys, M::Error> {
                let mut keys = vec![];
                while let Some((key, IgnoredAny)) = members.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        from.deserialize_map(Members)
    }
}

/// Judges a reply that the bytes describe: its status, and a body that is sealed or not. Gives the plaintext back where
/// it was the body that was judged.
fn judged<'a>(batch: &[Entry], mut data: &'a [u8]) -> Option<(Judged, &'a [u8])> {
    let (status, raw) = (STATUS[usize::from(byte(&mut data)) % STATUS.len()], byte(&mut data) % 8 == 7);
    let body = if raw { data.to_vec() } else { sealing().seal(data) };
    let judged = judge(batch, status, body);
    assert_eq!(judged.outcomes.len(), batch.len());
    if status != 200 {
        let unknown = judged.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_)));
        assert!(unknown && judged.says != Says::Usable, "a status is nobody's word");
        return None;
    }
    if judged.says == Says::Unusable {
        assert!(judged.outcomes.iter().all(|outcome| *outcome == Outcome::Unknown("undecodable")));
    }
    (!raw).then_some((judged, data))
}

fn judge(batch: &[Entry], status: u16, body: Vec<u8>) -> Judged {
    let reply = Reply { head: Head { status, ..Head::default() }, body };
    remote().judge(batch, &reply, &session())
}
