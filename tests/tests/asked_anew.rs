//! An answer is taken for the question that was shown, and for no other: between showing and answering the bank may
//! have changed what there is to ask.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::outbox::plan::Link;
use satchel::prospect::{Choice, Conflict, Field, FieldChange, ProspectId};
use satchel::standing::Place;
use satchel::{AskedAbout, Decision};
use satchel::{Error, Stamp};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::tablet::{Tablet, creates, person, sandbox, tally, until};

const ASKED_ANEW: Result<(), Error> = Err(Error::NotPossible { why: "asked_anew" });

async fn asked(tablet: &Tablet) -> AskedAbout {
    tablet.satchel.asks().await.unwrap().remove(0).about.remove(0)
}

/// Downloads until something else is asked: a list counts only when it was asked for after the quiet period.
async fn anew(tablet: &Tablet, shown: &AskedAbout) {
    until("another question", async || {
        tablet.satchel.download(None).await.unwrap();
        asked(tablet).await.rows != shown.rows
    })
    .await;
}

async fn conflict(tablet: &Tablet, id: ProspectId) -> Conflict {
    tablet.satchel.get(id).await.unwrap().conflict.unwrap()
}

/// A tablet without a link on which *Sok* is in conflict with another device in name and phone.
async fn in_conflict(sandbox: &Running) -> (Tablet, ProspectId) {
    let tablet = Tablet::known(sandbox, |_| {}).await;
    let s = &tablet.satchel;
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AtBank).await;
    let code = tablet.code(sok).await;
    s.link_changed(Link::None);
    s.edit(sok, person("Sok Dara", "012 000 002")).await.unwrap();
    let theirs = [("NameEn", "Sok Vanna".to_owned()), ("Phone", "012 000 003".to_owned())];
    assert!(sandbox.edit_as_other_device(&code, theirs));
    s.download(None).await.unwrap();
    (tablet, sok)
}

fn row_at_bank(sandbox: &Running) -> satchel_sandbox::Row {
    sandbox.prospects().into_iter().find(|row| row.get("NameEn") == "Sok").expect("it is at the bank")
}

/// *The bank lacks it* is answered with *send again*, while the app has already learnt that the bank has something like
/// it: sent again it would be there twice, and the book would say that she had been shown the row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_absence_is_none_to_a_row_that_has_come_since() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.lateness_ms = None).await; // absence asks
    let s = &tablet.satchel;
    let late = Fault::new(Kind::LateCommit { after_ms: 2_500 }).on("ProspectAddV2").times(1);
    sandbox.set_faults(vec![late]);
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AsksYou).await;
    s.link_changed(Link::None);
    let shown = asked(&tablet).await;
    assert!(shown.rows.is_empty() && creates(&sandbox, "Sok") == 0);
    // Read again, it is the same question.
    s.download(None).await.unwrap();
    assert_eq!(asked(&tablet).await.question, shown.question);

    until("it arrives after all", || async { creates(&sandbox, "Sok") == 1 }).await;
    let code = row_at_bank(&sandbox).code;
    assert!(sandbox.edit_as_other_device(&code, [("Phone", "012 999 999".to_owned())]));
    anew(&tablet, &shown).await;
    assert_eq!(tablet.standing(sok).await.why.as_deref(), Some("near"));
    for answer in [Decision::SendAgain, Decision::Drop] {
        assert_eq!(s.decide(vec![shown.question], answer).await, ASKED_ANEW);
    }
    assert_eq!(tablet.standing(sok).await.place, Place::AsksYou, "nothing has changed");

    let shown = asked(&tablet).await;
    assert_eq!(shown.rows.iter().map(|row| &row.code).collect::<Vec<_>>(), [&code]);
    // The rows are shown by `asks` alone, so no other view has a question to answer.
    assert_eq!(s.history(sok).await.unwrap()[0].question, None);
    assert_eq!(s.waiting(satchel::outbox::entry::EntryId(0), 9).await.unwrap()[0].question, None);
    let since = shown.since_wall;
    until("it was asked again", async || {
        s.download(None).await.unwrap();
        asked(&tablet).await.since_wall > since
    })
    .await;
    let again = asked(&tablet).await;
    assert_eq!(again.question, shown.question, "the same row shown again is the same question");
    assert!(sandbox.edit_as_other_device(&code, [("Phone", "012 888 888".to_owned())]));
    anew(&tablet, &shown).await;
    assert_eq!(s.decide(vec![shown.question], Decision::SendAgain).await, ASKED_ANEW, "another phone");

    let arrived = Decision::Arrived { code };
    s.decide(vec![asked(&tablet).await.question], arrived).await.unwrap();
    s.link_changed(Link::Unmetered);
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

/// What she is shown of an entry that does not ask is also what she answers: by `waiting`, by `history`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_once_is_not_given_up_after_it_was_refused_anew() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    let s = &tablet.satchel;
    let sok = tablet.add("POISON", "012 000 001").await; // the service refuses this name
    tablet.until(sok, Place::Refused).await;
    let shown = s.history(sok).await.unwrap().remove(0).question.unwrap();
    assert_eq!(s.waiting(satchel::outbox::entry::EntryId(0), 9).await.unwrap()[0].question, Some(shown));
    s.decide(vec![shown], Decision::SendAgain).await.unwrap();
    tablet.until(sok, Place::Refused).await;
    assert_eq!(s.decide(vec![shown], Decision::Drop).await, ASKED_ANEW, "another refusal of another sending");
    let shown = s.history(sok).await.unwrap().remove(0).question.unwrap();
    s.decide(vec![shown], Decision::Drop).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::Withdrawn);
}

/// She takes her own value over the one that she saw; meanwhile the bank has a third, which nobody has seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_is_none_between_values_that_were_not_shown() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    let s = &tablet.satchel;
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AtBank).await;
    let code = tablet.code(sok).await;
    let elsewhere = |phone: &str| sandbox.edit_as_other_device(&code, [("Phone", phone.to_owned())]);
    s.link_changed(Link::None);
    let mine = vec![FieldChange::text(Field::Phone, "012 000 002")];
    s.edit(sok, mine).await.unwrap();
    assert!(elsewhere("012 000 003"));
    s.download(None).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::Conflict);
    let shown = conflict(&tablet, sok).await;
    s.download(None).await.unwrap();
    assert_eq!(conflict(&tablet, sok).await, shown, "read again, it is the same conflict");

    assert!(elsewhere("012 000 004"));
    s.download(None).await.unwrap();
    for choice in [Choice::Mine, Choice::Theirs] {
        assert_eq!(s.resolve(sok, shown.asked, vec![(Field::Phone, choice)]).await, ASKED_ANEW);
    }
    let shown = conflict(&tablet, sok).await;
    let [both] = &shown.fields[..] else { panic!("one field") };
    assert_eq!((both.mine.as_str(), both.theirs.as_str()), ("012 000 002", "012 000 004"));
    assert_eq!(s.resolve(sok, Stamp(0), vec![]).await, ASKED_ANEW);

    s.resolve(sok, shown.asked, vec![(Field::Phone, Choice::Mine)]).await.unwrap();
    s.link_changed(Link::Unmetered);
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(row_at_bank(&sandbox).get("Phone"), "012 000 002");
    assert_eq!(tally(&sandbox.ledger())["update"]["Sok"], 1);
}

/// Two fields in conflict: what is left after one choice is another conflict than the one that was shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_of_a_conflict_is_shown_anew() {
    let sandbox = sandbox().await;
    let (tablet, sok) = in_conflict(&sandbox).await;
    let s = &tablet.satchel;
    let shown = conflict(&tablet, sok).await;
    assert_eq!(shown.fields.len(), 2);
    s.resolve(sok, shown.asked, vec![(Field::Phone, Choice::Mine)]).await.unwrap();
    assert_eq!(s.resolve(sok, shown.asked, vec![(Field::NameEn, Choice::Mine)]).await, ASKED_ANEW);
    let left = conflict(&tablet, sok).await;
    s.resolve(sok, left.asked, vec![(Field::NameEn, Choice::Theirs)]).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::ChangeOnTablet);
}

/// She writes another value over the one that was shown beside the bank's; and then the bank's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_is_none_for_a_value_of_hers_that_was_not_shown() {
    let sandbox = sandbox().await;
    let (tablet, sok) = in_conflict(&sandbox).await;
    let s = &tablet.satchel;
    let shown = conflict(&tablet, sok).await;
    let phone = |phone: &str| vec![FieldChange::text(Field::Phone, phone)];
    s.edit(sok, phone("012 000 005")).await.unwrap();
    let mine = |field| vec![(field, Choice::Mine)];
    assert_eq!(s.resolve(sok, shown.asked, mine(Field::Phone)).await, ASKED_ANEW);
    let shown = conflict(&tablet, sok).await;
    let values = |c: &Conflict| c.fields.iter().map(|f| (f.field, f.mine.clone())).collect::<Vec<_>>();
    assert_eq!(
        values(&shown),
        [(Field::NameEn, "Sok Dara".to_owned()), (Field::Phone, "012 000 005".to_owned())]
    );
    s.download(None).await.unwrap();
    assert_eq!(conflict(&tablet, sok).await, shown, "a reading finds the same conflict");

    s.edit(sok, phone("012 000 003")).await.unwrap();
    assert_eq!(s.resolve(sok, shown.asked, mine(Field::NameEn)).await, ASKED_ANEW);
    assert_eq!(values(&conflict(&tablet, sok).await), [(Field::NameEn, "Sok Dara".to_owned())]);
    s.edit(sok, vec![FieldChange::text(Field::NameEn, "Sok Vanna")]).await.unwrap();
    assert_eq!(s.get(sok).await.unwrap().conflict, None);
    assert_eq!(tablet.standing(sok).await.place, Place::AtBank, "the bank holds it already");

    // With something else to send, it goes on its way.
    s.edit(sok, phone("012 000 006")).await.unwrap();
    let code = tablet.code(sok).await;
    assert!(sandbox.edit_as_other_device(&code, [("Phone", "012 000 007".to_owned())]));
    s.download(None).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::Conflict);
    s.edit(sok, person("Sok", "012 000 007")).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::ChangeOnTablet);
    s.link_changed(Link::Unmetered);
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(
        (row_at_bank(&sandbox).get("Phone"), tally(&sandbox.ledger())["update"]["Sok"]),
        ("012 000 007", 1)
    );
}

/// A change arrives, its answer is lost, no reading is good for longer than anybody waits, and the officer says *send again*
/// after changing the same field once more. What the bank holds then is her own word, and no question to her. (Found by the
/// simulator, seed 28320.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_she_sent_herself_is_no_conflict_after_send_again() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.settle_by_ms = 900).await;
    let s = &tablet.satchel;
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AtBank).await;
    let phone = |text: &str| vec![FieldChange::text(Field::Phone, text)];

    let unreadable = Fault::new(Kind::Status { code: 500, retry_after: None }).on("ProspectGetV2").skip(1);
    sandbox.set_faults(vec![Fault::new(Kind::LostClose).on("ProspectAddV2").times(1), unreadable]);
    s.edit(sok, phone("012 000 002")).await.unwrap();
    let asks = tablet.until(sok, Place::AsksYou).await;
    assert_eq!(asks.why.as_deref(), Some("no_verdict"));
    assert_eq!(row_at_bank(&sandbox).get("Phone"), "012 000 002");

    s.link_changed(Link::None);
    s.edit(sok, phone("012 000 003")).await.unwrap();
    s.decide(vec![asked(&tablet).await.question], Decision::SendAgain).await.unwrap();
    sandbox.set_faults(vec![]);
    s.link_changed(Link::Unmetered);
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(row_at_bank(&sandbox).get("Phone"), "012 000 003");
}
