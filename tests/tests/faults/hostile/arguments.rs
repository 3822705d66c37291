//! What is handed in beside the fields of a record: secrets, codes, reasons, and what a server can send that no host
//! can type. A typed error that names the argument, or it works whole.

use satchel::Decision;
use satchel::error::{Problem, Trouble, WhatNow};
use satchel::net::envelope::Envelope;
use satchel::prospect::{FieldChange, ProspectSecrets, Query};
use satchel::standing::Place;
use satchel::{Concern, Error, PROSPECT, Satchel};
use satchel_sandbox::{Fault, Kind, Officer, Options};
use satchel_tests::raw::{Answer, Raw};
use satchel_tests::tablet::{Tablet, sandbox, sandbox_of, secrets};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn hostile() -> Vec<String> {
    let texts =
        ["", "  ", "a\0b", "a\u{1b}[31mb", "a\nb", "'; DROP TABLE prospect; --", "שלום\u{202e}👩‍🌾", "ដារ៉ា"];
    let mut all: Vec<_> = texts.map(str::to_owned).to_vec();
    all.push("x".repeat(10 << 20));
    all
}

async fn refused(satchel: &Satchel, secrets: ProspectSecrets, field: &str) {
    let error = satchel.sign_in(secrets, None).await.unwrap_err();
    assert!(matches!(&error, Error::InvalidInput { field: f, .. } if *f == field), "{field}: {error}");
    assert_eq!(error.what_now(), WhatNow::CorrectField);
}

/// 24. In secrets: refused by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_secrets_that_cannot_be_sent_are_refused_by_name() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    let s = &tablet.satchel;
    for text in ["a\0b".to_owned(), "a\r\nX-Evil: 1".to_owned(), "x".repeat(10 << 20)] {
        let with = |change: fn(&mut ProspectSecrets, String)| {
            let mut of = secrets("S-1");
            change(&mut of, text.clone());
            of
        };
        refused(s, with(|of, text| of.user = text.into()), "user").await;
        refused(s, with(|of, text| of.password = text.into()), "password").await;
        refused(s, with(|of, text| of.session = text.into()), "session").await;
    }
    // Basic ends the name at the first colon: the bank would see somebody else.
    let mut colon = secrets("S-1");
    colon.user = "da:ra".into();
    refused(s, colon, "user").await;
    for bytes in [0, 1, 15, 17, 33, 10 << 20] {
        let (mut key, mut iv) = (secrets("S-1"), secrets("S-1"));
        (key.key, iv.iv) = (vec![7; bytes].into(), vec![9; bytes].into());
        refused(s, key, "key").await;
        refused(s, iv, "iv").await;
    }
    s.download(None).await.expect("the good ones from before still stand");
}

/// 24. In secrets: sent to the letter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_secrets_of_any_letters_arrive_as_they_are() {
    let (user, password, session) = ("ដារ៉ា👩‍🌾", "p: \u{202e}'; DROP--\"", "S &?=#%+/ដ\\");
    let officers = vec![Officer::new(user, password, session)];
    let sandbox = sandbox_of(Options { officers, ..Options::default() }).await;
    let tablet = Tablet::of(&sandbox).await;
    let of = ProspectSecrets {
        user: user.into(),
        password: password.into(),
        session: session.into(),
        ..secrets(session)
    };
    tablet.satchel.sign_in(of, None).await.unwrap();
    tablet.satchel.resume();
    let id = tablet.add("Sok", "012 345 678").await;
    tablet.until(id, Place::AtBank).await;
}

/// 24. In codes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_code_that_is_none_is_refused_by_name() {
    let sandbox = sandbox().await;
    // No lateness is stated: what the bank lacks is asked about.
    let tablet = Tablet::with(&sandbox, |p| p.prospect.lateness_ms = None).await;
    sandbox.set_faults(vec![Fault::new(Kind::Status { code: 500, retry_after: None }).on("ProspectAddV2")]);
    let s = &tablet.satchel;
    let id = tablet.add("Sok", "012 345 678").await;
    s.resume();
    tablet.until(id, Place::AsksYou).await;
    let asked = s.asks().await.unwrap()[0].about[0].question;
    for text in hostile() {
        let shown: String = text.chars().take(20).collect();
        let error = s.get_by_code(&text).await.unwrap_err();
        assert_eq!(error, Error::NotFound { what: "prospect" }, "{shown:?}");
        let phone = FieldChange::text(satchel::prospect::Field::Phone, "1");
        assert_eq!(s.edit_by_code(&text, vec![phone]).await.unwrap_err(), error, "{shown:?}");
        let none = text.trim().is_empty() || text.len() > 1000 || text.chars().any(char::is_control);
        let named = |error: &Error| matches!(error, Error::InvalidInput { field: "code", .. });
        match s.download(Some(&text)).await {
            Ok(taken) => assert!(!none && taken.rows == 0, "{shown:?}"),
            Err(error) => assert!(none && named(&error), "{shown:?}: {error}"),
        }
        if none {
            let error = s.decide(vec![asked], Decision::Arrived { code: text }).await.unwrap_err();
            assert!(named(&error), "{shown:?}: {error}");
            assert_eq!(tablet.standing(id).await.place, Place::AsksYou);
        }
    }
    s.pause(std::time::Duration::from_secs(5)).await.unwrap();
    let odd = "'; DROP--\u{202e}👩‍🌾ដារ៉ា";
    // No row of that code was ever shown or downloaded: nothing is agreed with a code that somebody made up.
    let error = s.decide(vec![asked], Decision::Arrived { code: odd.to_owned() }).await.unwrap_err();
    assert_eq!(error, Error::NotPossible { why: "unknown_code" });
    assert_eq!(tablet.standing(id).await.place, Place::AsksYou);
}

/// 24. In reasons.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_reason_is_kept_whole() {
    let sandbox = sandbox().await;
    let mut tablet = Tablet::of(&sandbox).await;
    for reason in hostile() {
        tablet.satchel.pause_remote(PROSPECT, &reason).await.unwrap();
        let concerns = tablet.satchel.health().await.unwrap().concerns;
        assert!(concerns.contains(&Concern::Paused { remote: PROSPECT.to_owned(), reason }));
    }
    tablet.restart().await;
    assert!(
        tablet.satchel.health().await.unwrap().concerns.iter().any(|c| matches!(c, Concern::Paused { .. }))
    );
}

/// 24. What a server can send in a well-sealed row and no Rust string can hold: half letters. They cost that row alone; asked
/// for by itself it is a typed error. What is no UTF-8 is no JSON, and costs the whole reply.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_letters_that_are_none_cost_their_row_alone() {
    let envelope = Envelope::new(&[7; 32], &[9; 16]).unwrap();
    let bad: [&[u8]; 5] = [br"\ud800", br"\udc00\ud800", br"\ud83dx", b"\xff\xfe", b"\xed\xa0\x80"];
    for letters in bad {
        let row = [
            br#"[{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{"Code":"2947-1","NameEn":""#,
            letters,
            br#"","Phone":"012"},{"Code":"2947-2","NameEn":"Sok","Phone":"012"}]}]"#,
        ]
        .concat();
        let answer = Answer::ok(&envelope.seal(&row));
        let peer = Raw::start(move |_| answer.clone()).await;
        let sandbox = sandbox().await;
        let tablet = Tablet::with(&sandbox, |p| p.prospect.base_url = peer.url("http")).await;
        let error = tablet.satchel.download(Some("2947-1")).await.unwrap_err();
        let trouble = if letters.is_ascii() { Trouble::Unreadable } else { Trouble::Unusable };
        assert_eq!(error, Error::Remote { remote: PROSPECT, trouble }, "{letters:?}");
        let taken = tablet.satchel.download(None).await;
        if !letters.is_ascii() {
            assert_eq!(taken.unwrap_err(), error);
            assert!(tablet.satchel.list(Query::default()).await.unwrap().items.is_empty());
            continue;
        }
        let taken = taken.unwrap();
        assert_eq!((taken.rows, taken.new, taken.unreadable), (2, 1, 1), "{letters:?}");
        let items = tablet.satchel.list(Query::default()).await.unwrap().items;
        assert_eq!(items.iter().map(|item| item.name_en.as_str()).collect::<Vec<_>>(), ["Sok"]);
    }
}

/// 24. In a profile's name.
#[test]
pub(crate) fn fault_24_a_profile_of_odd_letters_is_refused_and_not_taken_for_another() {
    let json =
        |name: &str| format!(r#"{{"name":"{name}","prospect":{{"base_url":"https://bank.example/api/"}}}}"#);
    let read = |name: &str| serde_json::from_str::<satchel::profile::Profile>(&json(name));
    assert!(read("bank").is_ok() && read("ធនាគារ👩‍🌾").is_ok());
    assert!(read(r"\ud800").is_err(), "half a letter");
    let place = |name: &str| satchel::store::Place::of(std::path::Path::new("books"), "dara", name);
    for (name, problem) in [
        ("a\0b", Problem::ControlCharacter),
        ("", Problem::Missing),
        (&"x".repeat(10 << 20), Problem::TooLong { max: 200 }),
    ] {
        assert_eq!(place(name).unwrap_err(), Error::invalid("profile", problem));
    }
}

/// 24. A list of which a row could not be read, nor whose it is, is no whole list, and what an older one said is not said again
/// for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_receipt_of_a_list_that_was_not_read_whole_is_not_the_same() {
    let envelope = Envelope::new(&[7; 32], &[9; 16]).unwrap();
    let answers = ["", r#",{"Code":"2","Code":"3","Phone":"1"}"#, ""].map(|bad| {
        let list = r#"{"Code":"1","NameEn":"Sok","Phone":"012"}"#;
        Answer::ok(&envelope.seal(format!(r#"[{{"ERR":"Succeed","DataList":[{list}{bad}]}}]"#).as_bytes()))
    });
    let asked = AtomicUsize::new(0);
    let peer = Raw::start(move |_| answers[asked.fetch_add(1, SeqCst)].clone()).await;
    let sandbox = sandbox().await;
    let tablet = Tablet::with(&sandbox, |p| p.prospect.base_url = peer.url("http")).await;
    for (whole, unreadable) in [(true, 0), (false, 1), (true, 0)] {
        let receipt = tablet.satchel.receipt().await.unwrap();
        assert_eq!((receipt.same, receipt.unreadable), (whole, unreadable));
        assert_eq!(receipt.text().contains("unreadable"), !whole);
    }
}
