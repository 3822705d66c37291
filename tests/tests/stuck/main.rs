//! One record must not hold the others up.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod cuts;

use satchel::Decision;
use satchel::outbox::entry::{EntryId, State};
use satchel::outbox::plan::Link;
use satchel::prospect::{Field, FieldChange, ProspectId};
use satchel::store::Place;
use satchel::world::{KeyVault, MemoryVault, World, runtime};
use satchel::{Concern, Satchel, profile::Profile};
use satchel_sandbox::prospect::{Settings, Unknown};
use satchel_sandbox::{Fault, Kind, Options, Part, Running, Sandbox, Tls};
use satchel_tests::tablet::secrets;
use std::sync::Arc;
use std::time::Duration;

async fn start(reserve: u64) -> (Running, tempfile::TempDir, Satchel) {
    start_vault(reserve, Arc::new(MemoryVault::default())).await
}

async fn start_vault(reserve: u64, vault: Arc<dyn KeyVault>) -> (Running, tempfile::TempDir, Satchel) {
    let sandbox = Sandbox::start(Options { tls: Tls::Good, ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut profile = Profile::new("bank", sandbox.base_url());
    profile.roots_pem = sandbox.ca_pem().unwrap_or_default().to_owned();
    profile.reserve_bytes = reserve;
    profile.prospect.lateness_ms = Some(500);
    profile.prospect.transit_ms = 300;
    profile.prospect.backoff.first_ms = 50;
    profile.prospect.backoff.most_ms = 500;
    let world = World::device(&profile, vault, None).unwrap();
    let s = Satchel::open(world, folder.path(), "dara", profile).await.unwrap();
    s.sign_in(secrets("S-1"), None).await.unwrap();
    s.link_changed(Link::Unmetered);
    (sandbox, folder, s)
}

fn named(n: u32) -> Vec<FieldChange> {
    vec![
        FieldChange::text(Field::NameEn, format!("Sok {n}")),
        FieldChange::text(Field::Phone, format!("01234567{n}")),
    ]
}

async fn until_none_left(s: &Satchel) {
    for _ in 0..40 {
        if s.summary().await.unwrap().unsent == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// A record whose row another device has rejected, with an edit that is still to leave; there is no link.
async fn gone_with_an_edit(sandbox: &Running, s: &Satchel) {
    s.resume();
    let gone = s.add(named(1), None).await.unwrap().id;
    until_none_left(s).await;
    s.link_changed(Link::None);
    let code = s.get(gone).await.unwrap().code.unwrap();
    assert!(sandbox.reject_as_other_device(&code));
    s.edit(gone, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
}

/// Another record, made now, reaches the bank.
async fn another_leaves(s: &Satchel) {
    let other = s.add(named(2), None).await.unwrap().id;
    s.link_changed(Link::Unmetered);
    until(s, other).await;
    assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
}

#[test]
fn a_gone_update_sent_again_holds_its_own_lane_only() {
    runtime().block_on(async {
        let (sandbox, _folder, s) = start(0).await;
        gone_with_an_edit(&sandbox, &s).await;
        s.download(None).await.unwrap();
        let entry = s.waiting(EntryId(0), 10).await.unwrap().remove(0);
        assert_eq!(entry.state, State::Refused);
        s.decide(vec![entry.question.unwrap()], Decision::SendAgain).await.unwrap();
        another_leaves(&s).await;
        s.lock().await.unwrap();
    });
}

#[test]
fn a_missing_reserve_is_no_hot_loop_and_updates_still_leave() {
    runtime().block_on(async {
        let (sandbox, _folder, s) = start(1 << 60).await; // no disk has as much: the reserve is missing
        s.resume();
        let one = s.add(named(1), None).await.unwrap().id;
        until_none_left(&s).await;
        assert_eq!(s.summary().await.unwrap().unsent, 0);
        s.edit(one, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
        let other = s.add(named(2), None).await.unwrap().id;
        let before = sandbox.requests_seen();
        tokio::time::sleep(Duration::from_secs(5)).await;
        let calls = sandbox.requests_seen() - before;
        println!(
            "{calls} calls; {:?} {:?}",
            s.standing(one).await.unwrap(),
            s.standing(other).await.unwrap()
        );
        assert!(calls < 20, "{calls} calls in 5 s");
        assert_eq!(s.summary().await.unwrap().unsent, 0);
        s.lock().await.unwrap();
    });
}

#[test]
fn an_update_of_a_code_that_the_bank_calls_unknown_holds_its_own_lane_only() {
    runtime().block_on(async {
        let (sandbox, _folder, s) = start(0).await;
        sandbox.set_settings(Settings { unknown_code: Unknown::NotFound, ..sandbox.settings() });
        gone_with_an_edit(&sandbox, &s).await;
        another_leaves(&s).await;
        s.lock().await.unwrap();
    });
}

/// Another device has made the row of one record larger than any row may be: its update waits, and nothing else does,
/// whether or not it is the one that the remote is probed with.
#[test]
fn an_update_whose_row_cannot_be_read_holds_its_own_lane_only() {
    for newest in [false, true] {
        runtime().block_on(async {
            let (sandbox, _folder, s) = start(0).await;
            s.resume();
            let mut ids = vec![];
            for n in [1, 2] {
                ids.push(s.add(named(n), None).await.unwrap().id);
                until_none_left(&s).await;
            }
            let bad = ids[usize::from(newest)];
            let code = s.get(bad).await.unwrap().code.unwrap();
            s.link_changed(Link::None);
            assert!(sandbox.edit_as_other_device(&code, [("CustComment", "x".repeat(300 << 10))]));
            s.edit(bad, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
            let other = s.add(named(3), None).await.unwrap().id;
            s.link_changed(Link::Unmetered);
            until(&s, other).await;
            assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
            assert_eq!(s.summary().await.unwrap().unsent, 1, "and it still waits");
            let taken = s.download(None).await.unwrap();
            assert_eq!(
                (taken.rows, taken.unreadable, taken.gone),
                (3, 1, 0),
                "the rest of the list is taken in"
            );
            s.lock().await.unwrap();
        });
    }
}

/// Several of them, under the waits that ship: none of them makes the remote wait, and nobody is told of wrong settings.
#[test]
fn rows_that_cannot_be_read_accuse_nobody_else() {
    runtime().block_on(async {
        let vault = Arc::new(MemoryVault::default());
        let (sandbox, folder, s) = start_vault(0, vault.clone()).await;
        s.resume();
        let mut bad = vec![];
        for n in 1..=6 {
            bad.push(s.add(named(n), None).await.unwrap().id);
        }
        until_none_left(&s).await;
        s.link_changed(Link::None);
        for id in &bad {
            let code = s.get(*id).await.unwrap().code.unwrap();
            assert!(sandbox.edit_as_other_device(&code, [("CustComment", "x".repeat(300 << 10))]));
            s.edit(*id, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
        }
        let other = s.add(named(7), None).await.unwrap().id;
        let code = s.get(bad[0]).await.unwrap().code.unwrap();
        s.lock().await.unwrap();

        let mut profile = Profile::new("bank", sandbox.base_url());
        profile.roots_pem = sandbox.ca_pem().unwrap_or_default().to_owned();
        profile.reserve_bytes = 0;
        let world = World::device(&profile, vault, None).unwrap();
        let s = Satchel::open(world, folder.path(), "dara", profile).await.unwrap();
        for _ in 0..4 {
            s.download(Some(&code)).await.unwrap_err();
        }
        let wrong = |concern: &Concern| matches!(concern, Concern::SettingsWrong { .. });
        assert!(!s.health().await.unwrap().concerns.iter().any(wrong), "its own row, not the settings");
        s.link_changed(Link::Unmetered);
        s.resume();
        until(&s, other).await;
        assert!(s.get(other).await.unwrap().code.is_some(), "the remote waits for what one record lacks");
        assert!(!s.health().await.unwrap().concerns.iter().any(wrong));
        assert_eq!(s.summary().await.unwrap().unsent, 6);
        s.lock().await.unwrap();
    });
}

async fn until(s: &Satchel, id: ProspectId) {
    for _ in 0..40 {
        if s.get(id).await.unwrap().code.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[test]
fn the_app_that_resumes_during_a_drain_goes_on_sending() {
    runtime().block_on(async {
        let (sandbox, _folder, s) = start(0).await;
        s.add(named(1), None).await.unwrap();
        let slow = Kind::Drip { part: Part::Body, bytes: 8, every_ms: 100 };
        sandbox.set_faults(vec![Fault::new(slow).on("ProspectAddV2").times(1)]);
        let background = s.clone();
        let drain = tokio::spawn(async move { background.drain(Duration::from_secs(90)).await.unwrap() });
        tokio::time::sleep(Duration::from_millis(1000)).await;
        s.resume();
        println!("{:?}", drain.await.unwrap());
        s.add(named(2), None).await.unwrap();
        until_none_left(&s).await;
        assert_eq!(s.summary().await.unwrap().unsent, 0, "resumed, and nothing is sent");
        s.lock().await.unwrap();
    });
}

/// Runs SQL on the book from outside, as damage would.
fn damage(folder: &std::path::Path, vault: &MemoryVault, sql: &str) {
    let place = Place::of(folder, "dara", "bank").unwrap();
    let key = vault.load(&format!("satchel/{}/key", place.book)).unwrap().unwrap();
    let key: String = key.iter().map(|b| format!("{b:02x}")).collect();
    let db = rusqlite::Connection::open(place.folder().join("book.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA busy_timeout = 5000; {sql}")).unwrap();
}

#[test]
fn an_undecodable_row_is_its_own_problem() {
    runtime().block_on(async {
        let vault = Arc::new(MemoryVault::default());
        let (sandbox, folder, s) = start_vault(0, vault.clone()).await;
        s.resume();
        let bad = s.add(named(1), None).await.unwrap().id;
        until_none_left(&s).await;
        assert_eq!(s.summary().await.unwrap().unsent, 0);
        s.link_changed(Link::None);
        s.edit(bad, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
        damage(folder.path(), &vault, &format!("UPDATE prospect SET base = '{{' WHERE id = {}", bad.0));
        let other = s.add(named(2), None).await.unwrap().id;
        println!("download: {:?}", s.download(None).await);
        let before = sandbox.requests_seen();
        s.link_changed(Link::Unmetered);
        tokio::time::sleep(Duration::from_secs(8)).await;
        println!("requests {} {:?}", sandbox.requests_seen() - before, s.summary().await.unwrap().by_state);
        assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
        s.lock().await.unwrap();
    });
}

/// A vault that keeps keys, and of generations only the word that a book is about to be made.
struct HalfVault(MemoryVault);
impl KeyVault for HalfVault {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, satchel::world::KeyError> {
        self.0.load(name)
    }
    fn store(&self, name: &str, secret: &[u8]) -> Result<satchel::world::Kept, satchel::world::KeyError> {
        if name.ends_with("generation") && secret != [0; 8] {
            return Err(satchel::world::KeyError::Unavailable);
        }
        self.0.store(name, secret)
    }
}

#[test]
fn nothing_is_sent_before_the_vault_has_the_generation() {
    runtime().block_on(async {
        let (sandbox, _folder, s) = start_vault(0, Arc::new(HalfVault(MemoryVault::default()))).await;
        s.resume();
        s.add(named(1), None).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(sandbox.ledger().len(), 0, "sent although the vault did not keep the generation");
        s.lock().await.unwrap();
    });
}
