//! Sessions that end and officers who share a tablet (faults 11, 12).

use satchel::outbox::plan::Link;
use satchel::prospect::{ProspectSecrets, Query};
use satchel::standing::{Next, Place};
use satchel::world::RealDisk;
use satchel::{Concern, Satchel};
use satchel_sandbox::{Officer, Options};
use satchel_tests::tablet::{
    LATENESS_MS, PATIENCE, Tablet, creates, person, sandbox, sandbox_of, secrets, until,
};
use std::time::Duration;

/// 11. The session expires in the middle of a drain: it pauses; the one that was refused is ready again, for `00009` with
/// a null list is the documented word that nothing ran; those before it are untouched; after one sign-in all goes on, in
/// order. Nobody is asked twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_11_a_session_that_ends_in_the_middle_blames_nobody() {
    const ALL: usize = 6;
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 1).await;
    assert!(tablet.satchel.pause(PATIENCE).await.unwrap());
    let mut ids = vec![];
    for n in 0..ALL {
        ids.push(tablet.add(&format!("Customer {n}"), "012 345 678").await);
    }
    sandbox.expire_session_after("dara", 3);
    tablet.satchel.resume();
    let s = &tablet.satchel;
    until("she is asked to sign in", || async {
        s.health().await.unwrap().concerns.iter().any(|c| matches!(c, Concern::NeedsSignIn { .. }))
    })
    .await;
    let by_state = s.summary().await.unwrap().by_state;
    let sent = sandbox.ledger().len() - 1; // the first one made the key known
    assert!((1..ALL).contains(&sent), "{sent} had left");
    let of = |state: &str| by_state.get(state).copied().unwrap_or(0) as usize;
    assert_eq!((of("ready"), of("doubtful"), of("refused")), (ALL - sent, 0, 0), "{by_state:?}");
    assert_eq!(tablet.standing(ids[ALL - 1]).await.next, Next::WaitsForSignIn);
    let seen = sandbox.requests_seen();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(sandbox.requests_seen(), seen, "it is not tried again and again");

    s.sign_in(secrets(&sandbox.renew_session("dara")), None).await.unwrap();
    for id in ids {
        tablet.until(id, Place::AtBank).await;
        assert_eq!(s.history(id).await.unwrap()[0].doubts, 0);
    }
    let order: Vec<_> =
        sandbox.ledger().iter().skip(1).map(|e| e.effect.fields.get("NameEn").to_owned()).collect();
    assert_eq!(order, (0..ALL).map(|n| format!("Customer {n}")).collect::<Vec<_>>());
}

/// 12. Another officer logs in while the queue is not empty: it is bound to its owner; the other neither sees nor sends
/// it, and it is seen from outside that it is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_12_another_officers_queue_is_neither_seen_nor_sent() {
    let officers = vec![Officer::new("dara", "secret", "S-1"), Officer::new("mony", "other", "S-2")];
    let sandbox = sandbox_of(Options { officers, lateness_ms: LATENESS_MS, ..Options::default() }).await;
    let dara = Tablet::of(&sandbox).await;
    let mut hers = vec![];
    for n in 0..3 {
        hers.push(dara.add(&format!("Of Dara {n}"), "012 345 678").await);
    }
    dara.satchel.shutdown().await.unwrap();

    let open = Satchel::open(dara.world.clone(), dara.root(), "mony", dara.profile.clone());
    let mony = open.await.unwrap();
    let of_mony = ProspectSecrets { user: "mony".into(), password: "other".into(), ..secrets("S-2") };
    mony.sign_in(of_mony, None).await.unwrap();
    mony.link_changed(Link::Unmetered);
    mony.resume();
    assert!(mony.list(Query::default()).await.unwrap().items.is_empty());
    assert!(mony.get(hers[0]).await.is_err());
    let id = mony.add(person("Of Mony", "012 345 679"), None).await.unwrap().id;
    until("hers is at the bank", || async { mony.standing(id).await.unwrap().place == Place::AtBank }).await;
    mony.download(None).await.unwrap();
    let by: Vec<_> = sandbox
        .ledger()
        .iter()
        .map(|e| (e.officer.clone(), e.effect.fields.get("NameEn").to_owned()))
        .collect();
    assert_eq!(by, [("mony".to_owned(), "Of Mony".to_owned())]);
    let books = Satchel::books(&RealDisk, dara.root()).unwrap();
    let unsent: Vec<_> = books.iter().map(|book| (book.officer.as_deref(), book.unsent)).collect();
    assert!(unsent.contains(&(Some("dara"), 3)), "{unsent:?}");
    mony.shutdown().await.unwrap();

    let mut dara = dara;
    let open = Satchel::open(dara.world.clone(), dara.root(), "dara", dara.profile.clone());
    dara.satchel = open.await.unwrap();
    dara.satchel.link_changed(Link::Unmetered);
    dara.satchel.resume();
    for (n, id) in hers.into_iter().enumerate() {
        dara.until(id, Place::AtBank).await;
        assert_eq!(creates(&sandbox, &format!("Of Dara {n}")), 1);
    }
}
