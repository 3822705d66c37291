//! An officer does not return: her book is visible, and what she left goes to another, once, and never blindly.

use super::*;
use satchel::Decision;
use satchel::Error;
use satchel::outbox::entry::{EntryId, State};
use satchel::prospect::{Field, FieldChange, ProspectId};
use satchel::standing::Place as At;
use satchel::world::RealDisk;
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{creates, off_the_minute, person, until};

async fn at(satchel: &Satchel, id: ProspectId, place: At) {
    until("it comes there", || async { satchel.standing(id).await.unwrap().place == place }).await;
}

struct Left {
    bank: Running,
    organisation: Organisation,
    tablet: Shared,
    dara: Satchel,
    ready: ProspectId,
    lost: ProspectId,
    changed: ProspectId,
}

/// Dara's book: one ready, one whose answer was lost, a change and a reject of what the bank has.
async fn left() -> Left {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    let dara = tablet.open("dara").await.unwrap();
    let mut ids = vec![];
    for (n, name) in ["Changed", "Rejected"].into_iter().enumerate() {
        off_the_minute().await;
        ids.push(dara.add(person(name, &format!("012 000 00{n}")), None).await.unwrap().id);
    }
    goes(&dara);
    for id in &ids {
        at(&dara, *id, At::AtBank).await;
    }
    bank.set_faults(vec![Fault::new(Kind::LostClose).on("ProspectAddV2").times(1)]);
    let lost = dara.add(person("Lost", "012 000 002"), None).await.unwrap().id;
    at(&dara, lost, At::InDoubt).await;
    dara.pause(std::time::Duration::from_secs(5)).await.unwrap();
    dara.link_changed(Link::None);
    let ready = dara.add(person("Ready", "012 000 003"), None).await.unwrap().id;
    dara.edit(ids[0], vec![FieldChange::text(Field::Comment, "moved house")]).await.unwrap();
    dara.reject(ids[1]).await.unwrap();
    Left { bank, organisation, tablet, dara, ready, lost, changed: ids[0] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_is_taken_once_and_only_the_sure_goes_out() {
    let day = left().await;
    let vanna = day.tablet.open("vanna").await.unwrap();
    let books = Satchel::books(&RealDisk, day.tablet.root.path()).unwrap();
    let daras = books.iter().find(|b| b.officer.as_deref() == Some("dara")).unwrap();
    assert!(daras.unsent >= 1 && !daras.set_aside, "visible without opening it");

    // A book that goes on sending cannot be taken over.
    let goes_on = day.organisation.export(&day.dara.export_unsent().await.unwrap().sealed);
    assert_eq!(vanna.take_over(plain(&goes_on)).await, Err(Error::NotPossible { why: "goes_on" }));
    let before = day.bank.ledger().len();
    let handed = day.dara.hand_over().await.unwrap();
    for id in [day.ready, day.lost, day.changed] {
        assert_eq!(day.dara.standing(id).await.unwrap().place, At::SetAside);
    }
    goes(&day.dara);
    let report = day.dara.drain(std::time::Duration::from_secs(2)).await.unwrap();
    assert_eq!(
        (report.left, day.bank.ledger().len()),
        (4, before),
        "nothing leaves it any more, and all is counted"
    );

    let taken = vanna.take_over(handed.clone()).await.unwrap();
    assert_eq!((taken.taken.len(), taken.asks, taken.left.len()), (4, 1, 0));
    let waiting = vanna.waiting(EntryId(0), 10).await.unwrap();
    let states: Vec<_> = waiting.iter().map(|w| (w.verb.as_str(), w.state)).collect();
    use State::{Asks, Ready};
    assert_eq!(states, [("create", Asks), ("create", Ready), ("update", Ready), ("reject", Ready)]);
    for again in [handed.clone(), day.dara.hand_over().await.unwrap()] {
        let repeated = vanna.take_over(again).await.unwrap();
        assert_eq!(
            (repeated.taken, repeated.asks),
            (taken.taken.clone(), 0),
            "once, however often it is handed in"
        );
        assert_eq!(vanna.waiting(EntryId(0), 10).await.unwrap(), waiting);
    }
    day.dara.handed_over(taken.taken.clone(), "vanna").await.unwrap();
    day.dara.handed_over(taken.taken.clone(), "vanna").await.unwrap();
    assert_eq!(day.dara.summary().await.unwrap().unsent, 0);
    assert_eq!(day.dara.history(day.ready).await.unwrap()[0].why.as_deref(), Some("handed_over"));
    let closed = organisation_decisions(&day).await;
    assert!(closed.iter().all(|chosen| chosen["to"] == "vanna") && closed.len() == 4);

    let ready = ProspectId::of_lane(&waiting[1].lane).unwrap();
    let made = |s: Satchel, id| async move { s.get(id).await.unwrap().created_at };
    assert_eq!(
        made(vanna.clone(), ready).await,
        made(day.dara.clone(), day.ready).await,
        "made when it was made"
    );
    let origin = vanna.origin(ready).await.unwrap().unwrap();
    assert_eq!((origin.officer.as_str(), origin.entry), ("dara", taken.taken[1]));
    assert!(!format!("{origin:?}").contains("dara"));
    only_the_sure_goes_out(&day, &vanna, ready).await;
}

/// What was ready is at the bank, once; the one in doubt waits for her, who gives it up: it had arrived under Dara's name.
async fn only_the_sure_goes_out(day: &Left, vanna: &Satchel, ready: ProspectId) {
    goes(vanna);
    at(vanna, ready, At::AtBank).await;
    assert_eq!(
        (creates(&day.bank, "Ready"), creates(&day.bank, "Lost")),
        (1, 1),
        "the one in doubt was not sent"
    );
    let asks = vanna.asks().await.unwrap();
    let lost = asks.iter().find(|a| a.code == "handed_over").unwrap().about[0].question;
    vanna.decide(vec![lost], Decision::Drop).await.unwrap();
    vanna.shutdown().await.unwrap();
    day.dara.shutdown().await.unwrap();
    assert_eq!(creates(&day.bank, "Lost"), 1);
}

async fn organisation_decisions(day: &Left) -> Vec<serde_json::Value> {
    let export = day.organisation.export(&day.dara.export_unsent().await.unwrap().sealed);
    export.decisions.iter().map(|d| d.get("chosen").unwrap().clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_files_alone_everything_is_a_question() {
    let day = left().await;
    day.dara.shutdown().await.unwrap();
    let aside =
        Satchel::set_aside(&day.tablet.world, day.tablet.root.path(), "dara", &day.tablet.profile).unwrap();
    let sealed = Satchel::salvage(&day.tablet.world, &aside, &day.tablet.profile).await.unwrap();
    let export = day.organisation.export(&sealed.sealed);
    let vanna = day.tablet.open("vanna").await.unwrap();
    let taken = vanna.take_over(plain(&export)).await.unwrap();
    assert_eq!((taken.taken.len(), taken.asks), (4, 4));
    // Those with nothing to show are one question, answered at once.
    let asks = vanna.asks().await.unwrap();
    assert_eq!(
        asks.iter().map(|a| (a.code.as_str(), a.about.len())).collect::<Vec<_>>(),
        [("handed_over", 4)]
    );
    let ready = asks[0].about.iter().find(|a| a.question.entry.0 == 2).unwrap();
    goes(&vanna);
    vanna.decide(vec![ready.question], Decision::SendAgain).await.unwrap();
    at(&vanna, ready.record.prospect().unwrap(), At::AtBank).await;
    assert_eq!(creates(&day.bank, "Ready"), 1);
    vanna.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_by_mistake_comes_back_as_questions() {
    let day = left().await;
    let handed = day.dara.hand_over().await.unwrap();
    let back = day.dara.take_over(handed.clone()).await.unwrap();
    assert_eq!((back.asks, back.taken.len()), (4, 0));
    assert_eq!(day.dara.standing(day.ready).await.unwrap().place, At::AsksYou);
    assert_eq!(day.dara.history(day.ready).await.unwrap()[0].question, None, "`asks` has it");
    let asks = day.dara.asks().await.unwrap();
    let asked =
        asks.iter().flat_map(|ask| &ask.about).find(|a| a.record == day.ready.into()).unwrap().question;
    let not = day.dara.handed_over(vec![asked.entry], "vanna").await;
    assert_eq!(not, Err(Error::NotPossible { why: "not_handed_over" }));
    day.dara.decide(vec![asked], Decision::SendAgain).await.unwrap();
    goes(&day.dara);
    at(&day.dara, day.ready, At::AtBank).await;
    assert_eq!(creates(&day.bank, "Ready"), 1);
    day.dara.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_meets_another_is_a_conflict_and_own_work_stays() {
    let day = left().await;
    let code = day.dara.get(day.changed).await.unwrap().code.unwrap();
    let handed = day.dara.hand_over().await.unwrap();
    let mut export = Export::parse(handed.reveal()).unwrap();
    export.entries.retain(|e| e.text("verb") == "update");
    let only_update = || plain(&export);

    // Dara as her own successor on another tablet, whose book has the record, with her own unsent work first.
    let other = Shared::new(&day.bank, &day.organisation);
    let again = other.open("dara").await.unwrap();
    again.link_changed(Link::Unmetered);
    again.download(None).await.unwrap();
    let comment = |text: &str| vec![FieldChange::text(Field::Comment, text)];
    again.edit_by_code(&code, comment("sold her shop")).await.unwrap();
    let taken = again.take_over(only_update()).await.unwrap();
    assert_eq!((taken.taken.len(), taken.left[0].why), (0, "unsent_here"), "it stays where it is");
    again.resume();
    let here = again.get_by_code(&code).await.unwrap().id;
    at(&again, here, At::AtBank).await;
    again.pause(std::time::Duration::from_secs(5)).await.unwrap();
    let taken = again.take_over(only_update()).await.unwrap();
    assert_eq!((taken.taken.len(), taken.asks), (1, 1));
    let conflict = again.get(here).await.unwrap().conflict.unwrap();
    assert_eq!((conflict.fields.len(), conflict.fields[0].mine.as_str()), (1, "moved house"));
    assert_eq!(conflict.fields[0].theirs, "sold her shop");
    again
        .resolve(here, conflict.asked, vec![(Field::Comment, satchel::prospect::Choice::Mine)])
        .await
        .unwrap();
    again.resume();
    at(&again, here, At::AtBank).await;
    let row = day.bank.prospects().into_iter().find(|r| r.get("NameEn") == "Changed").unwrap();
    assert_eq!(row.get("CustComment"), "moved house");
    again.shutdown().await.unwrap();
    day.dara.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_export_changes_nothing() {
    let day = left().await;
    let export = Export::parse(day.dara.hand_over().await.unwrap().reveal()).unwrap();
    let vanna = day.tablet.open("vanna").await.unwrap();
    for odd in [&b""[..], b"{}", b"null", &[0xFF; 99], b"-----BEGIN AGE ENCRYPTED FILE-----"] {
        let error = vanna.take_over(Secret::new(odd.to_vec())).await.unwrap_err();
        assert!(matches!(error, Error::InvalidInput { field: "export", .. }));
    }
    let refuses = |change: fn(&mut Export)| {
        let (mut other, vanna) = (export.clone(), vanna.clone());
        change(&mut other);
        async move { vanna.take_over(plain(&other)).await }
    };
    let not = |why| Err(Error::NotPossible { why });
    assert_eq!(refuses(|e| e.book.profile = "else".into()).await, not("other_profile"));
    assert_eq!(refuses(|e| e.book.uid.clear()).await, not("unknown_book"));
    let newer = refuses(|e| e.format = "satchel-export/2".into()).await;
    assert!(matches!(newer, Err(Error::InvalidInput { field: "export", .. })));
    // Without its records, or with what nobody can have typed: nothing is taken, and each says why.
    let left = refuses(|e| e.prospects.clear()).await.unwrap().left;
    assert!(left.len() == 4 && left.iter().all(|l| l.why == "unreadable"));
    assert_eq!(vanna.summary().await.unwrap().unsent, 0);
    vanna.shutdown().await.unwrap();
    day.dara.shutdown().await.unwrap();
}
