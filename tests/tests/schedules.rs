//! The schedules that have names: each is played over sockets, and the ledger and the standing are asked how it ended.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::Decision;
use satchel::Error;
use satchel::outbox::plan::Link;
use satchel::profile::Absence;
use satchel::prospect::{Field, FieldChange, TakenBack};
use satchel::standing::{Next, Place};
use satchel_sandbox::{Fault, Kind, Options, Row, Running};
use satchel_tests::tablet::{
    self, LATENESS_MS, PATIENCE, Tablet, creates, person, sandbox, sandbox_of, tally, until,
};
use std::time::Duration;

const ADD: &str = "ProspectAddV2";

fn once(sandbox: &Running, kind: Kind) {
    sandbox.set_faults(vec![Fault::new(kind).on(ADD).times(1)]);
}

fn phone(number: &str) -> Vec<FieldChange> {
    vec![FieldChange::text(Field::Phone, number)]
}

fn row_of(sandbox: &Running, name: &str) -> Row {
    let rows = sandbox.prospects();
    rows.into_iter().find(|row| row.get("NameEn") == name).expect("the server has it")
}

fn count(sandbox: &Running, kind: &str, name: &str) -> u64 {
    tally(&sandbox.ledger()).get(kind).and_then(|names| names.get(name)).copied().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_while_its_create_is_in_doubt() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    once(&sandbox, Kind::LostClose);
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::InDoubt).await;
    tablet.satchel.edit(sok, phone("012 999 999")).await.unwrap();
    let standing = tablet.standing(sok).await;
    assert!(standing.newer_edit && matches!(standing.next, Next::ReadBackIn { .. }), "{standing:?}");
    assert_eq!(count(&sandbox, "update", "Sok"), 0, "nothing newer leaves before the older is known");

    tablet.until(sok, Place::AtBank).await;
    assert_eq!((creates(&sandbox, "Sok"), count(&sandbox, "update", "Sok")), (1, 1));
    assert_eq!(row_of(&sandbox, "Sok").get("Phone"), "012 999 999");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_commit_of_an_older_update() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AtBank).await;
    once(&sandbox, Kind::LateCommit { after_ms: LATENESS_MS - 50 });
    tablet.satchel.edit(sok, phone("012 000 002")).await.unwrap();
    tablet.until(sok, Place::InDoubt).await;
    // The newer change must not be overtaken by the older one, which is still on its way.
    tablet.satchel.edit(sok, phone("012 000 003")).await.unwrap();
    let standing = tablet.until(sok, Place::AtBank).await;
    assert_eq!(standing.next, Next::Nothing);
    let phones: Vec<_> = sandbox
        .ledger()
        .iter()
        .filter(|e| e.effect.kind == "update")
        .map(|e| e.effect.fields.get("Phone").to_owned())
        .collect();
    assert_eq!(phones, ["012 000 002", "012 000 003"]);
    assert_eq!(row_of(&sandbox, "Sok").get("Phone"), "012 000 003");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tablets_creating_in_the_same_second() {
    let sandbox = sandbox().await;
    let (one, two) = (Tablet::known(&sandbox, |_| {}).await, Tablet::of(&sandbox).await);
    two.satchel.resume();
    // Both lose their answers, so that each must find its own among the rows of both.
    sandbox.set_faults(vec![Fault::new(Kind::LostClose).on(ADD).times(2)]);
    let same_second = async {
        tablet::off_the_minute().await;
        let before = jiff::Timestamp::now().as_second();
        let (a, b) = tokio::join!(
            one.satchel.add(person("Sok", "012 000 001"), None),
            two.satchel.add(person("Chan", "012 000 002"), None),
        );
        (a.unwrap().id, b.unwrap().id, before)
    };
    let (sok, chan, _) = same_second.await;
    let (made_a, made_b) = (one.satchel.get(sok).await.unwrap(), two.satchel.get(chan).await.unwrap());
    let apart = made_a.created_at.unwrap().duration_since(made_b.created_at.unwrap());
    assert!(apart.as_secs().abs() <= 1, "made in the same second, or at its edge");
    one.until(sok, Place::InDoubt).await;
    two.until(chan, Place::InDoubt).await;

    // A row of the same second with other names asks rather than to be taken for one's own; see it either way.
    for (tablet, id, name) in [(&one, sok, "Sok"), (&two, chan, "Chan")] {
        let settled = async || {
            let place = tablet.standing(id).await.place;
            place == Place::AtBank || place == Place::AsksYou
        };
        until("found out", settled).await;
        if tablet.standing(id).await.place == Place::AsksYou {
            assert_eq!(tablet.standing(id).await.why.as_deref(), Some("near"));
            let ask = tablet.satchel.asks().await.unwrap().remove(0);
            let code = row_of(&sandbox, name).code;
            assert!(ask.about[0].rows.iter().any(|row| row.code == code), "her own is among the rows shown");
            let asked = ask.about[0].question;
            let arrived = satchel::Decision::Arrived { code };
            tablet.satchel.decide(vec![asked], arrived).await.unwrap();
        }
        tablet.until(id, Place::AtBank).await;
        assert_eq!(tablet.code(id).await, row_of(&sandbox, name).code);
    }
    assert_eq!((creates(&sandbox, "Sok"), creates(&sandbox, "Chan")), (1, 1));
    // Each sees the other's as one of the bank's, once.
    one.satchel.download(None).await.unwrap();
    let names = one.satchel.list(satchel::prospect::Query::default()).await.unwrap();
    assert_eq!(names.items.iter().filter(|item| item.name_en == "Chan").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_row_in_a_batch_of_fifty() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 50).await;
    tablet.satchel.pause(PATIENCE).await.unwrap();
    let mut ids = vec![];
    for n in 0..50 {
        // The service refuses the whole call in which this name is.
        let name = if n == 20 { "POISON".to_owned() } else { format!("Customer {n}") };
        ids.push((tablet.add(&name, "012 000 001").await, name));
    }
    tablet.satchel.resume();
    let (poisoned, _) = ids.remove(20);
    for (id, name) in &ids {
        tablet.until(*id, Place::AtBank).await;
        assert_eq!(creates(&sandbox, name), 1, "{name}");
    }
    let standing = tablet.until(poisoned, Place::Refused).await;
    assert_eq!((standing.why.as_deref(), standing.next), (Some("refused"), Next::YouDecide));
    assert_eq!(creates(&sandbox, "POISON"), 0);
    tablet.satchel.edit(poisoned, vec![FieldChange::text(Field::NameEn, "Mended")]).await.unwrap();
    tablet.until(poisoned, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Mended"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_under_way_while_a_create_is_answered() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    // The list is read at the server before the create, and reaches the tablet after the create's answer.
    let slow = Kind::Delay { ms: 1_500, jitter_ms: 0 };
    sandbox.set_faults(vec![Fault::new(slow).on("ProspectGetV2").times(1)]);
    let seen = sandbox.requests_seen();
    let satchel = tablet.satchel.clone();
    let download = tokio::spawn(async move { satchel.download(None).await });
    until("the download is at the server", || async { sandbox.requests_seen() > seen }).await;
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::AtBank).await;
    let answered_first = !download.is_finished();
    let taken = download.await.unwrap().unwrap();
    assert!(answered_first, "the create was answered while the download was under way");
    assert_eq!((taken.gone, taken.conflicts), (0, 0), "what it could not know is not gone");
    assert_eq!(tablet.standing(sok).await.place, Place::AtBank);
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_brings_a_create_before_its_answer() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    // Executed at once, answered late: meanwhile a download shows the row under a code the tablet does not know yet.
    once(&sandbox, Kind::Delay { ms: 1_500, jitter_ms: 0 });
    let sok = tablet.add("Sok", "012 000 001").await;
    until("the server has it", || async { creates(&sandbox, "Sok") == 1 }).await;
    tablet.satchel.download(None).await.unwrap();
    tablet.until(sok, Place::AtBank).await;
    tablet.satchel.download(None).await.unwrap();
    let page = tablet.satchel.list(satchel::prospect::Query::default()).await.unwrap();
    assert_eq!(page.items.iter().filter(|item| item.name_en == "Sok").count(), 1, "one record, not two");
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_rounding_times_to_the_minute() {
    let sandbox = sandbox().await;
    let round = || Fault::new(Kind::RoundMinutes);
    sandbox.set_faults(vec![round()]);
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    // Lost before it was executed: absent for certain, but the tablet cannot know that any more. It asks.
    let lost = Fault::new(Kind::Status { code: 500, retry_after: None }).on(ADD).times(1);
    sandbox.set_faults(vec![round(), lost]);
    let sok = tablet.add("Sok", "012 000 001").await;
    let standing = tablet.until(sok, Place::AsksYou).await;
    assert_eq!(standing.why.as_deref(), Some("absent_key"));
    assert_eq!(creates(&sandbox, "Sok"), 0);
    let asked = tablet.satchel.asks().await.unwrap().remove(0).about.remove(0);
    tablet.satchel.decide(vec![asked.question], satchel::Decision::SendAgain).await.unwrap();
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_officer_rejecting_what_is_in_doubt() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    once(&sandbox, Kind::LostClose);
    let arrived = tablet.add("Arrived", "012 000 001").await;
    tablet.until(arrived, Place::InDoubt).await;
    assert_eq!(tablet.satchel.reject(arrived).await.unwrap(), TakenBack::WhenKnown);
    assert_eq!(
        tablet.satchel.reject(arrived).await.unwrap(),
        TakenBack::WhenKnown,
        "said twice is said once"
    );
    let edit = tablet.satchel.edit(arrived, phone("012 000 009")).await;
    assert_eq!(edit, Err(Error::NotPossible { why: "taken_back" }));
    tablet.until(arrived, Place::Rejected).await;
    assert!(row_of(&sandbox, "Arrived").rejected);

    once(&sandbox, Kind::Status { code: 500, retry_after: None });
    let never = tablet.add("Never", "012 000 002").await;
    tablet.until(never, Place::InDoubt).await;
    assert_eq!(tablet.satchel.withdraw(never).await.unwrap(), TakenBack::WhenKnown);
    tablet.until(never, Place::Withdrawn).await;
    assert_eq!((creates(&sandbox, "Arrived"), creates(&sandbox, "Never")), (1, 0));
    assert_eq!(sandbox.ledger().iter().filter(|e| e.effect.kind == "reject").count(), 1);
}

/// She said *send again* of what arrived all the same, and took it back before it left again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_back_what_was_in_doubt_and_waits_to_go_again() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.lateness_ms = None).await;
    once(&sandbox, Kind::LateCommit { after_ms: 2_500 });
    let sok = tablet.add("Sok", "012 000 001").await;
    assert_eq!(tablet.until(sok, Place::AsksYou).await.why.as_deref(), Some("absent_lateness"));
    tablet.satchel.link_changed(Link::None);
    let asked = tablet.satchel.asks().await.unwrap().remove(0).about.remove(0);
    tablet.satchel.decide(vec![asked.question], Decision::SendAgain).await.unwrap();
    tablet.until(sok, Place::OnTablet).await;
    assert_eq!(tablet.satchel.withdraw(sok).await.unwrap(), TakenBack::WhenKnown);

    until("it arrives after all", || async { creates(&sandbox, "Sok") == 1 }).await;
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.until(sok, Place::Rejected).await;
    assert!(row_of(&sandbox, "Sok").rejected);
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

/// What asks and is taken back is looked for at once: nobody need download the list for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_back_what_asks() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.absence = Absence::Ask).await;
    for arrives in [false, true] {
        let name = if arrives { "Arrives" } else { "Never" };
        let lost = if arrives {
            Kind::ArriveAfterClose { after_ms: 2_500 }
        } else {
            Kind::Status { code: 500, retry_after: None }
        };
        once(&sandbox, lost);
        let id = tablet.add(name, "012 000 001").await;
        assert_eq!(tablet.until(id, Place::AsksYou).await.why.as_deref(), Some("absent_ask"));
        let shown = tablet.satchel.asks().await.unwrap().remove(0).about.remove(0);
        tablet.satchel.link_changed(Link::None);
        assert_eq!(tablet.satchel.withdraw(id).await.unwrap(), TakenBack::WhenKnown);
        assert_eq!(tablet.standing(id).await.place, Place::InDoubt);
        assert!(tablet.satchel.asks().await.unwrap().is_empty(), "there is nothing left to ask");
        let late = tablet.satchel.decide(vec![shown.question], Decision::SendAgain).await;
        assert_eq!(late, Err(Error::NotPossible { why: "under_way" }));
        if arrives {
            until("it arrives after all", || async { creates(&sandbox, name) == 1 }).await;
        }
        tablet.satchel.link_changed(Link::Unmetered);
        let end = if arrives { Place::Rejected } else { Place::Withdrawn };
        tablet.until(id, end).await;
        assert_eq!(creates(&sandbox, name), u64::from(arrives));
    }
    assert!(row_of(&sandbox, "Arrives").rejected);
}

/// Where the profile states no lateness, a second list that lacks it proves no more than the first: closed on it, the
/// create would come to the bank and stay there, rejected by her.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_and_arrives_very_late_is_rejected() {
    // Later than anybody ever stated.
    let sandbox = sandbox_of(Options { lateness_ms: 5_000, ..Options::default() }).await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.lateness_ms = None).await;
    once(&sandbox, Kind::LateCommit { after_ms: 5_000 });
    let sok = tablet.add("Sok", "012 000 001").await;
    assert_eq!(tablet.until(sok, Place::AsksYou).await.why.as_deref(), Some("absent_lateness"));
    assert_eq!(tablet.satchel.reject(sok).await.unwrap(), TakenBack::WhenKnown);
    // A whole list that was asked for after the quiet period lacks it.
    tokio::time::sleep(Duration::from_millis(tablet.profile.prospect.transit_ms + 200)).await;
    tablet.satchel.download(None).await.unwrap();
    assert_eq!(tablet.standing(sok).await.place, Place::InDoubt);
    assert_eq!(creates(&sandbox, "Sok"), 0);

    tablet.until(sok, Place::Rejected).await;
    assert!(row_of(&sandbox, "Sok").rejected);
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_entry_holds_its_own_lane_only() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.lateness_ms = Some(60_000)).await;
    once(&sandbox, Kind::LostClose);
    let stuck = tablet.add("Stuck", "012 000 001").await;
    tablet.until(stuck, Place::InDoubt).await;
    let goes = tablet.add("Goes", "012 000 002").await;
    tablet.until(goes, Place::AtBank).await;
    tablet.satchel.download(None).await.unwrap();
    assert_eq!(creates(&sandbox, "Goes"), 1);
    // Proof settles at once, quiet period or not: the download showed the row.
    tablet.until(stuck, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Stuck"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_of_a_doubt() {
    let sandbox = sandbox().await;
    let mut tablet = Tablet::known(&sandbox, |_| {}).await;
    once(&sandbox, Kind::LateCommit { after_ms: LATENESS_MS - 100 });
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::InDoubt).await;
    tablet.restart().await;
    assert_eq!(tablet.standing(sok).await.place, Place::InDoubt, "a doubt outlives the process");
    tablet.satchel.resume();
    tablet.until(sok, Place::AtBank).await;
    tokio::time::sleep(Duration::from_millis(LATENESS_MS)).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_puts_at_most_one_batch_in_doubt() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 4).await;
    for n in 0..4 {
        let id = tablet.add(&format!("Before {n}"), "012 000 001").await;
        tablet.until(id, Place::AtBank).await;
    }
    tablet.satchel.pause(PATIENCE).await.unwrap();
    for n in 0..40 {
        tablet.add(&format!("During {n}"), "012 000 002").await;
    }
    sandbox.set_faults(vec![Fault::new(Kind::Status { code: 502, retry_after: None })]);
    let seen = sandbox.requests_seen();
    tablet.satchel.resume();
    until("it was tried some times", || async { sandbox.requests_seen() >= seen + 8 }).await;
    let by_state = tablet.satchel.summary().await.unwrap().by_state;
    let of = |state: &str| by_state.get(state).copied().unwrap_or(0);
    assert!(of("doubtful") <= 4 && of("ready") + of("doubtful") == 40, "{by_state:?}");
    sandbox.clear_faults();
    until("all is sent", || async { tablet.satchel.summary().await.unwrap().unsent == 0 }).await;
    for n in 0..40 {
        assert_eq!(creates(&sandbox, &format!("During {n}")), 1);
    }
}
