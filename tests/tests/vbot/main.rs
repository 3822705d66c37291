//! VBot over real sockets: its twenty calls, and what becomes of them when their answers are lost.

use satchel::crm::vbot::{CustomField, Customer, Kind, VbotFields};
use satchel::crm::{CrmObjectId, Life};
use satchel::outbox::plan::Link;
use satchel::standing::{Can, Place};
use satchel::{Decision, Error};
use satchel_sandbox::vbot::Settings;
use satchel_sandbox::{Fault, Kind as Broken, Running};
use satchel_tests::tablet::{Tablet, sandbox, until};
use serde_json::json;
use std::collections::BTreeSet;

fn status(name: &str) -> VbotFields {
    VbotFields::Status { name: name.to_owned() }
}

fn customer(name: &str) -> VbotFields {
    VbotFields::Customer(Customer {
        name: name.to_owned(),
        phones: vec!["0365296xxx".to_owned()],
        status: "NEW".to_owned(),
        customer_type: "RETAIL".to_owned(),
        group: "Takeo".to_owned(),
        fields: vec![CustomField { key: "SHOE".to_owned(), value: "41".to_owned() }],
        ..Customer::default()
    })
}

/// One of each kind.
fn everything() -> [VbotFields; 5] {
    [
        customer("VPMEDIA"),
        status("New"),
        VbotFields::Type { name: "Retail".to_owned() },
        VbotFields::Group { name: "Takeo".to_owned(), description: String::new() },
        VbotFields::Field {
            name: "Shoe".to_owned(),
            types: vec!["number".to_owned()],
            description: String::new(),
        },
    ]
}

/// Rows that are not deleted, by their codes.
fn live(bank: &Running) -> Vec<String> {
    bank.vbot_rows().into_iter().filter(|row| !row.removed).map(|row| row.code).collect()
}

async fn code(tablet: &Tablet, id: CrmObjectId) -> String {
    tablet.satchel.vbot_object(id).await.expect("it is there").code
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_twenty_calls_does_what_it_says() {
    let bank = sandbox().await;
    let tablet = Tablet::vbot(&bank, |_| {}).await;
    for (n, fields) in everything().into_iter().enumerate() {
        let kind = fields.kind();
        let id = tablet.satchel.vbot_create(fields.clone(), None).await.unwrap();
        tablet.until(id, Place::AtBank).await;
        tablet.satchel.vbot_update(id, fields.clone()).await.unwrap();
        tablet.until(id, Place::AtBank).await;
        tablet.satchel.vbot_rename(id, format!("CODE-{n}")).await.unwrap();
        until("it has its new code", || async { code(&tablet, id).await == format!("CODE-{n}") }).await;
        assert_eq!(live(&bank), [format!("CODE-{n}")], "{kind:?}");
        tablet.satchel.vbot_delete(id).await.unwrap();
        tablet.until(id, Place::Rejected).await;
        assert_eq!(live(&bank), Vec::<String>::new(), "{kind:?}");
        assert_eq!(tablet.satchel.vbot_object(id).await.unwrap().life, Life::Deleted);
        assert_eq!(tablet.satchel.vbot_objects(kind, CrmObjectId(0), 10).await.unwrap().len(), 1);
    }
    let ledger = bank.ledger();
    let called: BTreeSet<_> =
        ledger.iter().map(|entry| (entry.effect.natural_key.clone(), entry.effect.kind.clone())).collect();
    assert_eq!((called.len(), ledger.len()), (20, 20), "{called:?}");
    assert_eq!(bank.vbot_doubles(), 0);
}

/// What is done, how its answer is lost, and what becomes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_create_is_settled_by_an_update_where_its_code_is_nobody_elses() {
    let lost = [
        (Broken::LostClose, true),
        (Broken::LateCommit { after_ms: 300 }, true),
        (Broken::FailAfterCommit { code: 502 }, true),
        (Broken::Status { code: 503, retry_after: None }, false),
        (Broken::CaptivePortal { reaches: false }, false),
    ];
    for (kind, arrives) in lost {
        let what = format!("{kind:?}");
        let bank = sandbox().await;
        let tablet = Tablet::vbot(&bank, |_| {}).await;
        bank.set_faults(vec![Fault::new(kind).on("status/create").times(1)]);
        let id = tablet.satchel.vbot_create(status("New"), None).await.unwrap();
        if !arrives {
            // An update under its code is refused: it is not there, or the service does not want it. She says.
            let asks = tablet.until(id, Place::AsksYou).await;
            assert!(asks.can.contains(&Can::SendAgain), "{what}");
            let asks = tablet.satchel.asks().await.unwrap();
            tablet.satchel.decide(vec![asks[0].about[0].question], Decision::SendAgain).await.unwrap();
        }
        tablet.until(id, Place::AtBank).await;
        assert_eq!((live(&bank).len(), bank.vbot_doubles()), (1, 0), "{what}");
        assert!(tablet.satchel.asks().await.unwrap().is_empty(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_code_that_somebody_chose_a_lost_create_asks() {
    let bank = sandbox().await;
    let tablet = Tablet::vbot(&bank, |_| {}).await;
    bank.set_faults(vec![Fault::new(Broken::LostClose).on("status/create").times(1)]);
    let id = tablet.satchel.vbot_create(status("New"), Some("NEW".to_owned())).await.unwrap();
    tablet.until(id, Place::AsksYou).await;
    let asks = tablet.satchel.asks().await.unwrap();
    let arrived = Decision::Arrived { code: String::new() };
    tablet.satchel.decide(vec![asks[0].about[0].question], arrived).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    assert_eq!((live(&bank), bank.vbot_doubles()), (vec!["NEW".to_owned()], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_updates_deletes_and_renames_end_as_one_row_says() {
    let bank = sandbox().await;
    let tablet = Tablet::vbot(&bank, |_| {}).await;
    let lost = |endpoint: &str| bank.set_faults(vec![Fault::new(Broken::LostClose).on(endpoint).times(1)]);
    let id = tablet.satchel.vbot_create(customer("A"), None).await.unwrap();
    tablet.until(id, Place::AtBank).await;

    lost("customer/update");
    tablet.satchel.vbot_update(id, customer("B")).await.unwrap();
    tablet.until(id, Place::InDoubt).await;
    tablet.satchel.vbot_update(id, customer("C")).await.unwrap();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(bank.vbot_rows()[0].get("customer_name"), "C");

    lost("customer/updateNO");
    tablet.satchel.vbot_rename(id, "NEW".to_owned()).await.unwrap();
    until("it has its new code", || async { code(&tablet, id).await == "NEW" }).await;
    assert_eq!(live(&bank), ["NEW"]);

    lost("customer/delete");
    tablet.satchel.vbot_delete(id).await.unwrap();
    // The second one finds nothing: the bank's word for that is no different from any other no.
    let end = tablet.until(id, Place::Refused).await;
    assert!(end.words.is_some());
    assert_eq!(live(&bank), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_offline_leaves_once_and_in_order() {
    let bank = sandbox().await;
    let mut tablet = Tablet::vbot(&bank, |_| {}).await;
    tablet.satchel.link_changed(Link::None);
    let id = tablet.satchel.vbot_create(customer("A"), None).await.unwrap();
    tablet.satchel.vbot_update(id, customer("B")).await.unwrap();
    let gone = tablet.satchel.vbot_create(status("New"), None).await.unwrap();
    tablet.satchel.vbot_delete(gone).await.unwrap();
    assert_eq!(tablet.standing(gone).await.place, Place::Withdrawn);
    assert_eq!(
        tablet.satchel.vbot_update(gone, status("X")).await,
        Err(Error::NotPossible { why: "withdrawn" })
    );
    tablet.restart().await;
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    let rows = bank.vbot_rows();
    assert_eq!((rows.len(), rows[0].get("customer_name")), (1, "B"));
    assert_eq!(rows[0].members["fileds"], json!([{ "field_key": "SHOE", "field_value": "41" }]));
    assert_eq!(bank.ledger().len(), 1, "the edit went with the create");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_expired_waits_for_another_and_wrong_input_is_named() {
    let bank = sandbox().await;
    let tablet = Tablet::vbot(&bank, |_| {}).await;
    bank.set_vbot_settings(Settings { poison: "NO".to_owned(), ..bank.vbot_settings() });
    let field = |done: Result<CrmObjectId, Error>| match done {
        Err(Error::InvalidInput { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(tablet.satchel.vbot_create(status(" "), None).await), "name");
    let nobody = VbotFields::Customer(Customer { phones: vec![], ..Customer::default() });
    assert_eq!(field(tablet.satchel.vbot_create(nobody, None).await), "name");
    assert_eq!(field(tablet.satchel.vbot_create(status("A"), Some("\u{7}".to_owned())).await), "code");
    let id = tablet.satchel.vbot_known(status("A"), "KNOWN".to_owned()).await.unwrap();
    assert_eq!(field(tablet.satchel.vbot_create(status("A"), Some("KNOWN".to_owned())).await), "code");
    assert_eq!(tablet.standing(id).await.place, Place::AtBank);

    let no = tablet.satchel.vbot_create(status("A"), Some("NO".to_owned())).await.unwrap();
    assert_eq!(tablet.until(no, Place::Refused).await.words.as_deref(), Some("NO is refused"));
    let was = bank.officers()[0].session.clone();
    let fresh = bank.renew_session("dara");
    assert_ne!(was, fresh);
    let waits = tablet.satchel.vbot_create(status("B"), None).await.unwrap();
    until("she is asked to sign in", || async { tablet.standing(waits).await.can.contains(&Can::SignIn) })
        .await;
    assert_eq!(live(&bank), Vec::<String>::new());
    let secrets = satchel::crm::vbot::VbotSecrets { token: fresh.into() };
    tablet.satchel.sign_in_vbot(secrets, None).await.unwrap();
    tablet.until(waits, Place::AtBank).await;
    assert_eq!((live(&bank).len(), Kind::ALL.len()), (1, 5));
}
