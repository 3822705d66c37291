//! Lists of late payers that are long, that lie, that break off.

use super::{FIRST, late, visit};
use satchel::collection::TaskQuery;
use satchel::error::{Error, Trouble};
use satchel::outbox::plan::Link;
use satchel::standing::Place;
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{Tablet, sandbox};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_each_of_two_thousand_once_and_their_sum_is_exact() {
    let bank = sandbox().await;
    bank.generate_tasks("dara", 2000);
    let tablet = Tablet::collection(&bank, |_| {}).await;
    let (mut seen, mut after, mut overdue) = (BTreeSet::new(), None, i64::MAX);
    let listed = bank.tasks().len();
    loop {
        let page =
            tablet.satchel.tasks(TaskQuery { after, limit: 300, ..TaskQuery::default() }).await.unwrap();
        assert_eq!(page.count, listed);
        for item in page.items {
            let next = item.task.overdue.unwrap_or(0);
            assert!(next <= overdue, "who is furthest overdue comes first");
            overdue = next;
            assert!(seen.insert(item.id), "{} came twice", item.id.0);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), listed);
    // Cents, as whole numbers: the other way to add.
    let cents = |text: &str| -> i128 {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<2}").parse().expect("digits")
    };
    let exact: i128 = bank.tasks().iter().map(|task| cents(task.get("total_amount"))).sum();
    let page = tablet.satchel.tasks(TaskQuery::default()).await.unwrap();
    assert_eq!(cents(&page.total.unwrap().to_string()), exact);
    // The same list again changes nothing.
    let again = tablet.satchel.download_tasks().await.unwrap();
    assert_eq!((again.new, again.changed, again.gone, again.rows), (0, 0, 0, listed as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_row_that_cannot_be_read_takes_nobody_off_the_list() {
    let bank = sandbox().await;
    let tablet = Tablet::collection(&bank, |_| {}).await;
    let tasks = [json!({ "contract_no": "77" }), json!({ "contract_no": "7\u{7}" })];
    assert!(bank.replace_tasks("dara", &tasks));
    let taken = tablet.satchel.download_tasks().await.unwrap();
    assert_eq!((taken.rows, taken.unreadable, taken.new, taken.gone), (2, 1, 1, 0));
    assert!(!tablet.satchel.task(late(&tablet, FIRST).await).await.unwrap().gone);
    // Of a list that can be read whole, what it lacks is gone.
    assert!(bank.replace_tasks("dara", &tasks[..1]));
    assert_eq!(tablet.satchel.download_tasks().await.unwrap().gone, 2);
    assert!(tablet.satchel.task(late(&tablet, FIRST).await).await.unwrap().gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_changes_nothing() {
    let bank = sandbox().await;
    let tablet = Tablet::collection(&bank, |_| {}).await;
    let before = tablet.satchel.tasks(TaskQuery::default()).await.unwrap();
    bank.generate_tasks("dara", 500);
    assert!(bank.remove_task(FIRST));
    let on = |kind| Fault::new(kind).on("collection/tasks").times(1);
    let faults = [
        on(Kind::Truncate { bytes: Some(100_000) }),
        on(Kind::Garbage),
        on(Kind::CaptivePortal { reaches: false }),
        on(Kind::Status { code: 500, retry_after: None }),
        on(Kind::DepthBomb { depth: 100_000 }),
    ];
    for fault in faults {
        let shown = format!("{fault:?}");
        bank.set_faults(vec![fault]);
        let failed = tablet.satchel.download_tasks().await;
        assert!(matches!(failed, Err(Error::Remote { remote: "collection", .. })), "{shown}: {failed:?}");
        assert_eq!(tablet.satchel.tasks(TaskQuery::default()).await.unwrap(), before, "{shown}");
    }
    let taken = tablet.satchel.download_tasks().await.unwrap();
    assert_eq!((taken.gone, taken.new), (1, 500));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_and_what_was_recorded_waits() {
    let bank = sandbox().await;
    let tablet = Tablet::collection(&bank, |_| {}).await;
    let mut wrong = satchel_tests::tablet::collection_secrets();
    wrong.password = "no".into();
    tablet.satchel.link_changed(Link::None);
    tablet.satchel.sign_in_collection(wrong, None).await.unwrap();
    let id = tablet.satchel.record_result(late(&tablet, FIRST).await, visit()).await.unwrap();
    tablet.satchel.link_changed(Link::Unmetered);
    let failed = tablet.satchel.download_tasks().await;
    assert_eq!(failed, Err(Error::Remote { remote: "collection", trouble: Trouble::Unusable }));
    let waits = tablet.standing(id).await.place;
    assert!(matches!(waits, Place::OnTablet | Place::OnTheWay), "{waits:?}");
    assert!(bank.results().is_empty());
    tablet.satchel.sign_in_collection(satchel_tests::tablet::collection_secrets(), None).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(bank.results().len(), 1);
}
