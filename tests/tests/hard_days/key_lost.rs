//! The vault is empty: nothing is deleted, the officer goes on, and with the escrow all of her work is had back.

use super::*;
use satchel::Error;
use satchel::error::WhatNow;
use satchel::prospect::{About, Field, FieldChange};
use satchel::standing::Place as At;
use satchel::world::RealDisk;
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{creates, person, until};

/// A book with every kind of unsent work, closed; and what it itself says of that.
async fn lived_in(bank: &Running, tablet: &Shared, organisation: &Organisation) -> Export {
    let satchel = tablet.open("dara").await.unwrap();
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("ProspectAddV2").times(1)]);
    let lost = satchel.add(person("Lost Answer", "012 000 001"), None).await.unwrap().id;
    goes(&satchel);
    until("in doubt", || async { satchel.standing(lost).await.unwrap().place == At::InDoubt }).await;
    satchel.pause(std::time::Duration::from_secs(5)).await.unwrap();
    satchel.link_changed(Link::None);
    for n in 0..40 {
        satchel.add(person(&format!("Canary{n} ដារា"), "012 345 678"), None).await.unwrap();
    }
    let edited = satchel.add(person("Canary Edited", "012 345 679"), None).await.unwrap().id;
    satchel.edit(edited, vec![FieldChange::text(Field::Comment, "ច្រើន ".repeat(80))]).await.unwrap();
    satchel.save_draft(About::New("visit".into()), "{\"half\":\"Canary\"}".into()).await.unwrap();
    let told = organisation.export(&satchel.export_unsent().await.unwrap().sealed);
    satchel.shutdown().await.unwrap();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_story() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let mut tablet = Shared::new(&bank, &organisation);
    let told = lived_in(&bank, &tablet, &organisation).await;
    assert_eq!((told.entries.len(), told.drafts.len()), (42, 1));

    tablet.lose_vault();
    let before = image(&tablet.folder("dara"));
    let error = tablet.open("dara").await.unwrap_err();
    assert!(matches!(error, Error::KeyLost { unsent: 42, as_of: 1.. }), "{error}");
    assert_eq!((error.what_now(), image(&tablet.folder("dara"))), (WhatNow::SetAside, before.clone()));

    let aside = Satchel::set_aside(&tablet.world, tablet.root.path(), "dara", &tablet.profile).unwrap();
    let fresh = tablet.open("dara").await.unwrap();
    goes(&fresh);
    let id = fresh.add(person("Goes On", "012 777 777"), None).await.unwrap().id;
    until("it is at the bank", || async { fresh.standing(id).await.unwrap().place == At::AtBank }).await;
    fresh.shutdown().await.unwrap();
    assert_eq!(creates(&bank, "Goes On"), 1);
    let books = Satchel::books(&RealDisk, tablet.root.path()).unwrap();
    let seen: Vec<_> = books.iter().map(|b| (b.set_aside, b.unsent, b.escrowed)).collect();
    assert_eq!(seen, [(false, 0, true), (true, 42, true)]);

    let aside_text = aside.to_str().unwrap();
    let (code, list, _) = organisation.rescue(&["list", tablet.root.path().to_str().unwrap()]);
    assert!(
        code == 0 && list.contains("set aside, with escrow") && list.contains("at least 42 unsent"),
        "{list}"
    );
    let (code, open, err) = organisation.rescue(&["open", aside_text]);
    assert!(code == 0 && open.contains("42 entries not settled, of 42 prospects"), "{open}{err}");
    assert!(open.contains("doubtful") && !open.contains("Canary"), "{open}");
    let (_, shown, _) = organisation.rescue(&["open", aside_text, "--show"]);
    assert!(shown.contains("Canary7 ដារា") && shown.contains("012 345 678"), "{shown}");

    // Byte for byte, as the book itself had said.
    let (plain, sealed) = (organisation.file("out.json"), organisation.file("out.age"));
    assert_eq!(organisation.rescue(&["export", aside_text, "--plain", &plain]).0, 0);
    let had = Export::parse(&fs::read(&plain).unwrap()).unwrap();
    let all = |e: &Export| {
        (
            e.book.clone(),
            e.prospects.clone(),
            e.entries.clone(),
            e.decisions.clone(),
            e.drafts.clone(),
            e.remotes.clone(),
        )
    };
    assert!(all(&had) == all(&told), "what rescue has is what was there");
    assert_eq!(organisation.rescue(&["export", aside_text, "-o", &sealed]).0, 0);
    let opened = organisation.export(&fs::read_to_string(&sealed).unwrap());
    assert!(all(&opened) == all(&told));
    let (code, reopened, _) = organisation.rescue(&["open", &sealed]);
    assert!(code == 0 && reopened.contains("42 entries not settled"), "an export is opened as a book is");

    // An existing file is never written over, and the folder is as it was.
    for to in [["--plain", &plain], ["-o", &sealed]] {
        let (code, _, err) = organisation.rescue(&[&["export", aside_text], &to[..]].concat());
        assert!(code == 1 && err.contains("exists"), "{err}");
    }
    let names = |image: &[(PathBuf, Vec<u8>)]| -> Vec<_> {
        image.iter().map(|(p, bytes)| (p.file_name().unwrap().to_owned(), bytes.clone())).collect()
    };
    assert!(names(&image(&aside)) == names(&before), "nothing in the folder was changed");

    let (code, _, err) = Organisation::new().rescue(&["open", aside_text]);
    assert!(code == 1 && err.contains("another organisation key"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_escrow_rescue_says_so_and_a_later_key_makes_one() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let mut tablet = Shared::new(&bank, &organisation);
    let key = tablet.profile.organisation_key.take();
    tablet.open("dara").await.unwrap().shutdown().await.unwrap();
    let folder = tablet.folder("dara");
    let (code, _, err) = organisation.rescue(&["open", folder.to_str().unwrap()]);
    assert!(code == 1 && err.contains("no escrow"), "{err}");
    tablet.profile.organisation_key = key;
    tablet.open("dara").await.unwrap().shutdown().await.unwrap();
    let (code, out, err) = organisation.rescue(&["open", folder.to_str().unwrap()]);
    assert!(code == 0 && out.contains("0 entries not settled"), "{out}{err}");

    // What is not there, and what is no book, is said; the command line too.
    let (code, _, err) = organisation.rescue(&["open", &organisation.file("nothing")]);
    assert!(code == 1 && err.contains("nothing"), "{err}");
    let (code, _, err) = organisation.rescue(&["open", tablet.root.path().to_str().unwrap()]);
    assert!(code == 1 && err.contains("neither"), "{err}");
    let (code, _, err) = organisation.rescue(&["export", folder.to_str().unwrap()]);
    assert!(code == 2 && err.contains("--plain"), "{err}");
    let (mut out, mut err) = (vec![], vec![]);
    assert_eq!(satchel_rescue::run(["satchel-rescue", "--help"], &mut out, &mut err), 0);
    let help = String::from_utf8(out).unwrap();
    assert!(
        ["list", "open", "export", "salvage", "Exit codes"].iter().all(|word| help.contains(word)),
        "{help}"
    );
}

/// The store's key as stock tools have it: `age --decrypt`, then any SQLCipher.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_tools_open_the_book() {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    let satchel = tablet.open("dara").await.unwrap();
    satchel.add(person("Sok Dara", "012 345 678"), None).await.unwrap();
    satchel.shutdown().await.unwrap();
    let folder = tablet.folder("dara");
    let escrow =
        image(&folder).into_iter().find(|(p, _)| p.extension().is_some_and(|e| e == "age")).unwrap().1;
    let key = String::from_utf8(organisation.opens(&escrow)).unwrap();
    let db = rusqlite::Connection::open(folder.join("book.db")).unwrap();
    db.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    let local: String = db.query_row("SELECT local FROM prospect", [], |r| r.get(0)).unwrap();
    assert!(local.contains("Sok Dara"));
}
