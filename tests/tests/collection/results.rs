//! Results: as the seed has them, once whatever happens to their answers, asked about where nobody can know.

use super::{FIRST, SECOND, late, visit};
use jiff::civil::{date, datetime};
use satchel::collection::{ResultFields, ResultStage, wire};
use satchel::outbox::plan::Link;
use satchel::standing::{Can, Place};
use satchel::{Decision, Error, Satchel};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::tablet::{Tablet, sandbox};
use serde_json::{Value, json};

/// Answers the one question there is.
async fn decide(satchel: &Satchel, decision: Decision) {
    let asks = satchel.asks().await.expect("the questions");
    let questions = asks.iter().flat_map(|ask| ask.about.iter().map(|about| about.question)).collect();
    satchel.decide(questions, decision).await.expect("they are taken");
}

fn is_once(bank: &Running, contract: &str) {
    let count = bank.results().iter().filter(|result| result.get("account_no") == contract).count();
    assert_eq!((count, bank.double_results()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seeds_sample_leaves_field_by_field() {
    let bank = sandbox().await;
    let (account, key) = ("000319280100042", "8de3ef10fec04f05adb8631f9186a437");
    let settings =
        satchel_sandbox::collection::Settings { hash_key: key.to_owned(), ..bank.collection_settings() };
    bank.set_collection_settings(settings);
    bank.put_task("dara", &json!({ "contract_no": account, "name": "PUTRA SIMEULUE CUTT" }));
    let tablet = Tablet::collection(&bank, |profile| profile.ip_address = "10.1.206.118".into()).await;
    let mut secrets = satchel_tests::tablet::collection_secrets();
    secrets.hash_key = key.into();
    tablet.satchel.sign_in_collection(secrets, None).await.unwrap();
    let fields = ResultFields {
        result: "PTP01".into(),
        action: "PTP".into(),
        remark: "Customer pasti bayar 22".into(),
        collected: Some(datetime(2021, 12, 29, 0, 0, 0, 0)),
        promised: Some(date(2021, 12, 31)),
        period: 0,
    };
    let id = tablet.satchel.record_result(late(&tablet, account).await, fields).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    let sent: Value = json!(bank.results()[0].fields);
    let seed = json!({
        "account_no": account, "collection_date": "2021-12-29 00:00:00", "cust_name": "PUTRA SIMEULUE CUTT",
        "result_code": "PTP01", "action_code": "PTP", "remark": "Customer pasti bayar 22", "cre_by": "dara",
        "cre_ip_address": "10.1.206.118", "mod_by": "dara", "mod_ip_address": "10.1.206.118",
        "promise_date": "2021-12-31 00:00:00", "period": "0", "hashing": wire::hashing(account, key),
    });
    assert_eq!(sent, seed);
    assert_eq!(seed["hashing"], "87072d55e9a05731bdae67c13fe6d617ce60da95260165ec58bbc07377b4d381");
}

/// The three ways to lose an answer, and what each ends as.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_asks_and_nothing_goes_twice() {
    let lost = [
        ("reply lost after commit", Kind::LostClose, true),
        ("reply lost before commit", Kind::Status { code: 503, retry_after: None }, false),
        ("late commit", Kind::LateCommit { after_ms: 300 }, true),
        ("error after commit", Kind::FailAfterCommit { code: 500 }, true),
        ("a page of somebody else's", Kind::CaptivePortal { reaches: false }, false),
    ];
    for (what, kind, arrives) in lost {
        let bank = sandbox().await;
        let tablet = Tablet::collection(&bank, |_| {}).await;
        bank.set_faults(vec![Fault::new(kind).on("collection/result").times(1)]);
        let id = tablet.satchel.record_result(late(&tablet, FIRST).await, visit()).await.unwrap();
        let asks = tablet.until(id, Place::AsksYou).await;
        assert!(asks.can.contains(&Can::SendAgain), "{what}");
        // Another one is not held up by it.
        let other = tablet.satchel.record_result(late(&tablet, SECOND).await, visit()).await.unwrap();
        tablet.until(other, Place::AtBank).await;
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        let came = bank.results().iter().any(|result| result.get("account_no") == FIRST);
        assert_eq!(came, arrives, "{what}");
        let word = if arrives { Decision::Arrived { code: String::new() } } else { Decision::SendAgain };
        decide(&tablet.satchel, word).await;
        tablet.until(id, Place::AtBank).await;
        is_once(&bank, FIRST);
        assert_eq!(
            tablet.satchel.collection_result(id).await.unwrap().stage,
            ResultStage::Delivered,
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_is_corrected_and_taken_back() {
    let bank = sandbox().await;
    let mut tablet = Tablet::collection(&bank, |_| {}).await;
    tablet.satchel.link_changed(Link::None);
    let (first, second) = (late(&tablet, FIRST).await, late(&tablet, SECOND).await);
    let kept = tablet.satchel.record_result(first, visit()).await.unwrap();
    let back = tablet.satchel.record_result(second, visit()).await.unwrap();
    let mended = ResultFields { remark: "mended".into(), ..visit() };
    tablet.satchel.edit_result(kept, mended.clone()).await.unwrap();
    tablet.satchel.withdraw_result(back).await.unwrap();
    assert_eq!(tablet.standing(back).await.place, Place::Withdrawn);
    assert_eq!(tablet.satchel.edit_result(back, mended).await, Err(Error::NotPossible { why: "withdrawn" }));
    tablet.restart().await;
    tablet.satchel.resume();
    tablet.until(kept, Place::AtBank).await;
    let results = bank.results();
    assert_eq!(results.len(), 1);
    assert_eq!((results[0].get("account_no"), results[0].get("remark")), (FIRST, "mended"));
    let here = tablet.satchel.collection_results(second).await.unwrap();
    assert_eq!(here.len(), 1, "what was taken back is kept");
    assert_eq!(tablet.satchel.withdraw_result(kept).await, Err(Error::NotPossible { why: "at_bank" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_of_somebody_who_has_paid_meanwhile_leaves_all_the_same() {
    let bank = sandbox().await;
    let tablet = Tablet::collection(&bank, |_| {}).await;
    tablet.satchel.link_changed(Link::None);
    let first = late(&tablet, FIRST).await;
    let id = tablet.satchel.record_result(first, visit()).await.unwrap();
    assert!(bank.remove_task(FIRST));
    tablet.satchel.link_changed(Link::Unmetered);
    tablet.until(id, Place::AtBank).await;
    tablet.satchel.download_tasks().await.unwrap();
    let listed = tablet.satchel.task(first).await.unwrap();
    assert!(listed.gone && listed.last.is_some_and(|last| last.id == id));
    is_once(&bank, FIRST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_without_collection_says_so() {
    let bank = sandbox().await;
    let tablet = Tablet::of(&bank).await;
    let missing = Err(Error::NotFound { what: "collection" });
    assert_eq!(tablet.satchel.download_tasks().await.map(drop), missing);
    assert_eq!(
        tablet.satchel.sign_in_collection(satchel_tests::tablet::collection_secrets(), None).await,
        missing
    );
}
