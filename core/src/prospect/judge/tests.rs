//! Every answer of the service, and some that it should never give: what each means for each entry of a batch.

use super::*;
use crate::outbox::entry::{Effect, EntryId, Head, NetClass, Payload, State};
use crate::prospect::effect::{UPDATE, effect_of};
use crate::world::{Head as HttpHead, Steady};

fn envelope() -> Envelope {
    Envelope::new(&[7; 32], &[9; 16]).unwrap()
}

/// The entry of that prospect.
fn entry(prospect: i64, verb: &str, doubts: i64) -> Entry {
    let head = Head {
        id: EntryId(100 + prospect),
        verb: verb.into(),
        effect: effect_of(verb),
        author: "dara".into(),
        state: State::Sending,
        attempt: 1,
        due: None,
        since: Steady(0),
        alone: false,
        doubts,
        reason: None,
    };
    Entry {
        head,
        remote: "prospect".into(),
        lane: format!("prospect:{prospect}"),
        class: NetClass::Small,
        after: None,
        body: None,
        sent: None,
        sent_rev: None,
        sent_wall: None,
        since_wall: 0,
        made_wall: 0,
        receipt: None,
    }
}

fn reply(status: u16, body: &str) -> Reply {
    let head = HttpHead { status, retry_after: Some(Duration::from_secs(7)), date: None };
    Reply { head, body: envelope().seal(body.as_bytes()) }
}

fn judged(batch: &[Entry], body: &str) -> (Vec<Outcome>, Says) {
    let Judged { outcomes, says } = judge(batch, &reply(200, body), &envelope());
    (outcomes, says)
}

/// The whole reply to an upload: the outer word, the outer code, the list.
fn upload(err: &str, err_code: &str, list: &str) -> String {
    format!(r#"[{{"ProspectAddSMSRS":{list},"ERR":"{err}","SMS":"outer","ERRCode":"{err_code}"}}]"#)
}

fn answer(id: &str, err: &str, code: &str) -> String {
    format!(r#"{{"ERR":"{err}","SMS":"inner","ProspectClientID":"{id}","Code":"{code}"}}"#)
}

fn done(code: &str, by: &str) -> Outcome {
    Outcome::Accepted(Payload(format!(r#"{{"code":"{code}","by":"{by}"}}"#)))
}

fn refused(words: &str) -> Outcome {
    Outcome::Refused(Reason::said(code::REFUSED, words))
}

const UNKNOWN: Outcome = Outcome::Unknown(code::UNDECODABLE);

#[test]
fn any_status_but_200_says_something_about_the_remote_and_nothing_about_an_entry() {
    let busy = Says::Busy(Some(Duration::from_secs(7)));
    let said = [
        (201, Says::Unusable, "http_status"),
        (204, Says::Unusable, "http_status"),
        (400, Says::Unusable, "http_status"),
        (401, Says::Settings, "http_denied"),
        (403, Says::Settings, "http_denied"),
        (404, Says::Unusable, "http_status"),
        (413, Says::TooLarge, "http_413"),
        (429, busy, "http_busy"),
        (499, Says::Unusable, "http_status"),
        (500, busy, "http_5xx"),
        (503, busy, "http_busy"),
        (599, busy, "http_5xx"),
        (600, Says::Unusable, "http_status"),
    ];
    // However good the body is: it was not meant for us.
    let body = upload("Succeed", "", &format!("[{}]", answer("1", "Succeed", "2947-1")));
    for (status, says, why) in said {
        for verb in [CREATE, UPDATE, REJECT] {
            let judged = judge(&[entry(1, verb, 0), entry(2, verb, 0)], &reply(status, &body), &envelope());
            assert_eq!((judged.outcomes, judged.says), (vec![Outcome::Unknown(why); 2], says), "{status}");
        }
        assert_eq!(status_says(status, Some(Duration::from_secs(7))), Some(says));
    }
    assert_eq!(status_says(200, None), None);
}

#[test]
fn each_entry_of_an_upload_has_its_own_answer_by_its_own_number() {
    let batch = [1, 2, 3, 4, 5].map(|id| entry(id, CREATE, 0));
    let list = [
        answer("4", "Succeed", "c4"),
        answer("4", "Error", ""),
        answer("2", "Error", ""),
        answer("9", "Succeed", "c9"),
        answer("1", "Succeed", "c1"),
        answer("5", "Succeed", ""),
    ]
    .join(",");
    let outcomes = vec![
        done("c1", "reply"),
        refused("inner"),
        Outcome::Unanswered, // nobody spoke of it
        Outcome::Unanswered, // twice, and not the same
        done("", "reply"),   // a yes without a code: not plausible, which is looked at where the book is
    ];
    // The outer word says nothing about the entries, only whether to go on.
    for (err, err_code, says) in
        [("Succeed", "", Says::Usable), ("Error", "", Says::Usable), ("Error", "00009", Says::SignIn)]
    {
        let body = upload(err, err_code, &format!("[{list}]"));
        assert_eq!(judged(&batch, &body), (outcomes.clone(), says));
    }
}

/// A refused create is sent again when the officer has mended it: what is not plainly a no must not be taken for one.
#[test]
fn only_a_plain_no_is_a_no() {
    let one = |verb, err, code| {
        let body = upload("Succeed", "", &format!("[{}]", answer("1", err, code)));
        judged(&[entry(1, verb, 0)], &body).0.remove(0)
    };
    for (verb, err, code, outcome) in [
        (CREATE, "Error", "", refused("inner")),
        (CREATE, "Error", "2947-1", UNKNOWN),
        (UPDATE, "Error", "2947-1", refused("inner")),
        (CREATE, "", "", UNKNOWN),
        (CREATE, "Warning", "2947-1", UNKNOWN),
        (UPDATE, "Warning", "2947-1", UNKNOWN),
        (CREATE, "succeed", "2947-1", UNKNOWN),
    ] {
        assert_eq!(one(verb, err, code), outcome, "{verb} {err} {code}");
    }
}

#[test]
fn an_upload_without_a_list_is_answered_for_all_alike() {
    let batch = [entry(1, CREATE, 0), entry(2, CREATE, 0)];
    let all = |outcome: Outcome, says| (vec![outcome; 2], says);
    let error = || Outcome::BatchError(Reason::said(code::REFUSED, "outer"));
    for (err, err_code, expected) in [
        ("Error", "", all(error(), Says::Usable)),
        ("Error", "00002", all(error(), Says::Usable)),
        ("Error", "00009", all(Outcome::SignIn, Says::SignIn)),
        ("", "00009", all(Outcome::SignIn, Says::SignIn)),
        ("Succeed", "00009", all(UNKNOWN, Says::SignIn)),
        ("Succeed", "", all(Outcome::Unanswered, Says::Usable)),
        ("", "", all(UNKNOWN, Says::Unusable)),
        ("Maintenance", "", all(UNKNOWN, Says::Unusable)),
    ] {
        assert_eq!(judged(&batch, &upload(err, err_code, "null")), expected, "{err} {err_code}");
    }
    assert_eq!(judged(&batch, &upload("Succeed", "", "[]")), all(Outcome::Unanswered, Says::Usable));
}

#[test]
fn a_reject_is_done_refused_or_unknown() {
    let reject = |err, sms, err_code, doubts| {
        let body = format!(r#"[{{"ERR":"{err}","SMS":"{sms}","ERRCode":"{err_code}"}}]"#);
        let (mut outcomes, says) = judged(&[entry(1, REJECT, doubts)], &body);
        (outcomes.remove(0), says)
    };
    let gone = "Code is not found";
    for (err, sms, err_code, doubts, expected) in [
        ("Succeed", "", "", 0, (done("", "reply"), Says::Usable)),
        ("Error", "no", "", 0, (refused("no"), Says::Usable)),
        ("Error", "no", "", 2, (refused("no"), Says::Usable)),
        // It can only be gone through us if one of ours may have arrived.
        ("Error", gone, "", 0, (refused(gone), Says::Usable)),
        ("Error", gone, "", 1, (done("", "already"), Says::Usable)),
        ("Error", gone, "", 2, (done("", "already"), Says::Usable)),
        ("Error", gone, "00009", 1, (Outcome::SignIn, Says::SignIn)),
        ("Succeed", "", "00009", 1, (UNKNOWN, Says::SignIn)),
        ("Maintenance", gone, "", 1, (UNKNOWN, Says::Unusable)),
    ] {
        assert_eq!(reject(err, sms, err_code, doubts), expected, "{err} {sms} {err_code} {doubts}");
    }
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let html = Reply { body: b"<html>sign in</html>".to_vec(), ..reply(200, "") };
    let other_verb = reply(200, r#"[{"SMS":"no word"}]"#);
    for (verb, reply) in [(CREATE, &html), (REJECT, &html), (CREATE, &other_verb), (REJECT, &other_verb)] {
        let judged = judge(&[entry(1, verb, 1)], reply, &envelope());
        assert_eq!((judged.outcomes, judged.says), (vec![UNKNOWN], Says::Unusable));
    }
    assert_eq!(effect_of(REJECT), Effect::Replace);
}
