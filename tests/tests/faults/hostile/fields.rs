//! What no form should hand in, in every field: it is refused by the field's name, or it makes the whole round trip.

use satchel::error::{Problem, WhatNow};
use satchel::profile::Profile;
use satchel::prospect::{About, Field, FieldChange, Kind, ProspectId, Query};
use satchel::{Error, Satchel};
use satchel_tests::tablet::{Tablet, person, sandbox, until};

/// Texts that have broken something somewhere.
fn hostile() -> Vec<(&'static str, String)> {
    let texts = [
        ("nul", "a\0b"),
        ("control", "a\u{1}b"),
        ("escape", "\u{1b}[31mred\u{1b}[0m"),
        ("delete", "a\u{7f}b"),
        ("c1", "a\u{85}b"),
        ("newline", "one\r\ntwo"),
        ("right to left", "שלום عالم"),
        ("override", "\u{202e}gnp.exe\u{202c}"),
        ("emoji", "👩‍🌾🇰🇭👍🏽"),
        ("sql", "'; DROP TABLE prospect; --"),
        ("sql like", "100%_\\"),
        ("json", "\"}],\"ERR\":\"Succeed\",\"x\":[{\"a\":\""),
        ("khmer", " សុខ\u{200b}ដារ៉ា "),
        ("combining", "a\u{301}\u{323}\u{301}"),
        ("last", "\u{10ffff}\u{fffd}\u{feff}"),
        ("path", "../../etc/passwd"),
        ("format", "%s%n{}{0}"),
        ("spaces", "   "),
    ];
    let mut all: Vec<_> = texts.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
    all.push(("500 characters", "ក".repeat(500)));
    all.push(("501 characters", "ក".repeat(501)));
    all.push(("10 MB", "x".repeat(10 << 20)));
    all
}

fn written() -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| *field != Field::CreatedAt)
}

/// A record with that in that field; the rest is good.
fn with(field: Field, text: &str, n: usize) -> Vec<FieldChange> {
    let mut changes = person(&format!("Customer {n}"), "012 345 678");
    changes.retain(|change| change.field != field);
    changes.push(FieldChange::text(field, text));
    changes
}

/// Hands all of it in; what was taken comes back, by number.
async fn hand_in(satchel: &Satchel) -> Vec<(ProspectId, Field, String)> {
    let (mut taken, mut refused) = (vec![], 0);
    for (n, field) in written().enumerate() {
        for (what, text) in hostile() {
            match satchel.add(with(field, &text, n), None).await {
                Ok(added) => taken.push((added.id, field, text)),
                Err(error @ Error::InvalidInput { field: named, .. }) => {
                    assert_eq!(named, field.name(), "{what}");
                    assert_eq!(error.what_now(), WhatNow::CorrectField);
                    refused += 1;
                }
                Err(error) => panic!("{what} in {}: {error}", field.name()),
            }
        }
    }
    assert!(refused > 100 && taken.len() > 50, "{refused} refused, {} taken", taken.len());
    taken
}

/// 24. 10 MB, NUL, right-to-left, emoji, SQL, `../` in every field: `InvalidInput` by the field's name, or it makes the
/// whole round trip to the bank and another tablet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_every_field_refuses_by_name_or_keeps_the_whole_of_it() {
    let sandbox = sandbox().await;
    let tablet = Tablet::with(&sandbox, |p| p.prospect.batch_max = 50).await;
    let taken = hand_in(&tablet.satchel).await;
    for (id, field, text) in &taken {
        let kept = tablet.satchel.get(*id).await.unwrap();
        let fine = matches!(field.kind(), Kind::Text | Kind::Code | Kind::Phone);
        assert!(!fine || kept.fields.get(*field) == text, "{} is kept as typed", field.name());
    }

    // To the server and from there to another tablet.
    tablet.satchel.resume();
    until("all are at the bank", || async { tablet.satchel.summary().await.unwrap().unsent == 0 }).await;
    let other = Tablet::of(&sandbox).await;
    let brought = other.satchel.download(None).await.unwrap();
    assert_eq!(brought.new as usize, taken.len());
    for (id, field, _) in &taken {
        let here = tablet.satchel.get(*id).await.unwrap();
        let there = other.satchel.get_by_code(here.code.as_deref().unwrap()).await.unwrap();
        let differing: Vec<_> = here.fields.differing(&there.fields).collect();
        assert_eq!(differing, [], "after {}", field.name());
    }
    assert!(tablet.satchel.receipt().await.unwrap().same);
}

/// 24. A refused edit changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_refused_edit_changes_nothing() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    let id = tablet.add("Sok", "012 345 678").await;
    let before = tablet.satchel.get(id).await.unwrap();
    for field in written() {
        let changes = vec![FieldChange::text(Field::Village, "0101"), FieldChange::text(field, "a\0b")];
        let refused = tablet.satchel.edit(id, changes).await.unwrap_err();
        let expected = if field == Field::Village { Problem::Twice } else { Problem::ControlCharacter };
        assert!(matches!(&refused, Error::InvalidInput { field: f, .. } if *f == field.name()), "{refused}");
        if matches!(field.kind(), Kind::Text | Kind::Code) {
            assert_eq!(refused, Error::invalid(field.name(), expected));
        }
    }
    let made = FieldChange::text(Field::CreatedAt, "2021-02-09 23:59:00.000");
    assert_eq!(
        tablet.satchel.edit(id, vec![made]).await,
        Err(Error::invalid("created_at", Problem::ReadOnly))
    );
    let after = tablet.satchel.get(id).await.unwrap();
    assert_eq!((after.fields, after.revision), (before.fields, before.revision));
}

/// 24. In searches and drafts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_searches_and_drafts_take_anything_or_say_no() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    tablet.add("Sok 100%_", "012 345 678").await;
    for (what, text) in hostile() {
        let query = Query { text: Some(text.clone()), ..Query::default() };
        match tablet.satchel.list(query).await {
            Ok(page) => assert!(page.items.len() <= 1, "{what}"),
            Err(Error::InvalidInput { field, .. }) => assert_eq!(field, "text", "{what}"),
            Err(error) => panic!("{what}: {error}"),
        }
        let about = || About::New("form".to_owned());
        match tablet.satchel.save_draft(about(), text.clone()).await {
            Ok(_) => assert_eq!(tablet.satchel.draft(about()).await.unwrap().unwrap().form, text, "{what}"),
            Err(error) => {
                assert!(matches!(error, Error::InvalidInput { field: "form", .. }), "{what}: {error}")
            }
        }
        let named = tablet.satchel.save_draft(About::New(text), String::new()).await.unwrap_err();
        assert!(matches!(named, Error::InvalidInput { field: "about", .. }), "{what}: {named}");
    }
    let percent = Query { text: Some("100%".to_owned()), ..Query::default() };
    assert_eq!(tablet.satchel.list(percent).await.unwrap().items.len(), 1, "a sign, not a pattern");
}

/// 24. In names and settings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_book_and_its_settings_are_checked_at_the_door() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    for officer in ["", "   ", "a\0b", &"x".repeat(201)] {
        let opened =
            Satchel::open(tablet.world.clone(), tablet.root(), officer, tablet.profile.clone()).await;
        assert!(matches!(opened.unwrap_err(), Error::InvalidInput { field: "officer", .. }));
    }
    type Change = fn(&mut Profile);
    let changes: [(&str, Change); 8] = [
        ("name", |p| p.name = " ".into()),
        ("zone", |p| p.zone = "Mars/Olympus".into()),
        ("prospect.base_url", |p| p.prospect.base_url = "not a url".into()),
        ("prospect.base_url", |p| p.prospect.base_url = "h:ttps://localhost/api/".into()),
        ("prospect.base_url", |p| p.prospect.base_url = "https://dara:secret@localhost/api/".into()),
        ("prospect.base_url", |p| p.prospect.base_url = "https://localhost/api/#there".into()),
        ("prospect.batch_max", |p| p.prospect.batch_max = 0),
        ("prospect.required", |p| p.prospect.required = vec!["Fax".into()]),
    ];
    for (field, change) in changes {
        let mut profile = tablet.profile.clone();
        change(&mut profile);
        let opened = Satchel::open(tablet.world.clone(), tablet.root(), "dara", profile).await;
        match opened.unwrap_err() {
            Error::InvalidInput { field: named, .. } => assert_eq!(named, field),
            error => panic!("{field}: {error}"),
        }
    }
    let mut secrets = satchel_tests::tablet::secrets("S-1");
    secrets.key = vec![7; 31].into();
    let signed = tablet.satchel.sign_in(secrets, None).await;
    assert!(matches!(signed.unwrap_err(), Error::InvalidInput { field: "key", .. }));
}
