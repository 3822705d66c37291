//! Late payers and what is recorded of them: names, amounts, remarks, the password and the HashKey.

use super::{Log, MARK, WORD, finds, sweep};
use satchel::Decision;
use satchel::collection::{CollectionSecrets, ResultFields, TaskId, TaskQuery};
use satchel::error::Error;
use satchel::outbox::plan::Link;
use satchel::standing::Place;
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{Tablet, sandbox};
use serde_json::json;

fn visit() -> ResultFields {
    ResultFields {
        result: "NA".into(),
        action: "VISIT".into(),
        remark: format!("{WORD} {MARK}"),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_late_payer_leaves_the_encrypted_book() {
    let (sandbox, mut log) = (sandbox().await, Log::default());
    let refused = format!("{MARK}-NO");
    for contract in [MARK, refused.as_str()] {
        let texts = json!({ "contract_no": contract, "name": WORD, "address": WORD, "phone1": MARK, "total_amount": WORD });
        sandbox.put_task("dara", &texts);
    }
    let settings =
        satchel_sandbox::collection::Settings { poison: refused.clone(), ..sandbox.collection_settings() };
    sandbox.set_collection_settings(settings);
    let tablet = Tablet::collection(&sandbox, |_| {}).await;
    let s = &tablet.satchel;
    let page = s.tasks(TaskQuery { text: Some(WORD.to_owned()), ..TaskQuery::default() }).await.unwrap();
    let of = |contract: &str| page.items.iter().find(|item| item.task.contract == contract).unwrap().id;
    let (one, no) = (of(MARK), of(&refused));

    log.fails(s.record_result(one, ResultFields { result: WORD.repeat(9), ..visit() }).await);
    log.fails(s.record_result(one, ResultFields { remark: WORD.repeat(99), ..visit() }).await);
    log.fails(s.record_result(TaskId(99), visit()).await);
    let long = "x".repeat(300);
    for hash_key in ["", "\u{7}", long.as_str()] {
        let secrets =
            CollectionSecrets { user: WORD.into(), password: WORD.into(), hash_key: hash_key.into() };
        log.fails(s.sign_in_collection(secrets, None).await);
    }
    for kind in [Kind::Garbage, Kind::Truncate { bytes: Some(400) }, Kind::CaptivePortal { reaches: true }] {
        sandbox.set_faults(vec![Fault::new(kind).on("collection/tasks")]);
        log.fails(s.download_tasks().await);
    }
    sandbox.set_faults(vec![Fault::new(Kind::LostClose).on("collection/result").times(1)]);
    let lost = s.record_result(one, visit()).await.unwrap();
    tablet.until(lost, Place::AsksYou).await;
    let asks = s.asks().await.unwrap();
    log.shows(&asks);
    s.decide(vec![asks[0].about[0].question], Decision::Arrived { code: WORD.to_owned() }).await.unwrap();
    let said = s.record_result(no, visit()).await.unwrap();
    tablet.until(said, Place::Refused).await;
    s.link_changed(Link::None);
    let waits = s.record_result(one, visit()).await.unwrap();

    log.shows(&page);
    log.shows(&(visit(), s.task(one).await.unwrap(), s.collection_results(one).await.unwrap()));
    log.shows(&satchel_tests::tablet::collection_secrets());
    for id in [lost, said, waits] {
        log.shows(&s.standing(id).await.unwrap());
        log.shows(&s.history(id).await.unwrap());
        log.shows(&s.collection_result(id).await.unwrap());
    }
    log.shows(&s.feed(0, 500).await.unwrap());
    log.fails::<()>(Err(Error::NotFound { what: "task" }));
    assert!(!finds(log.0.as_bytes()), "{}", log.0);
    assert_eq!(sandbox.results().len(), 1, "the canaries were out");
    for closed in [false, true] {
        if closed {
            s.shutdown().await.unwrap();
        }
        let (searched, found) = sweep(tablet.root());
        assert!(searched > 50_000 && found.is_empty(), "{found:?} of {searched} bytes");
    }
}
