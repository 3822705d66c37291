//! Many at once, calls that come too late, and a host that throws.

use satchel::outbox::plan::Link;
use satchel::prospect::{About, Field, FieldChange, ProspectId, Query};
use satchel::world::{Kept, KeyError, KeyVault, MemoryVault, World};
use satchel::{Error, Satchel};
use satchel_tests::tablet::{self, Tablet, person, profile, sandbox, secrets, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tempfile::TempDir;

/// 24. 64 threads call at once: every save is there, once, with a natural key of its own.
#[test]
pub(crate) fn fault_24_sixty_four_threads_at_once_save_each_of_theirs_once() {
    const THREADS: usize = 64;
    const EACH: usize = 8;
    let runtime = satchel::world::runtime();
    let sandbox = runtime.block_on(sandbox());
    let tablet = runtime.block_on(Tablet::of(&sandbox));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let satchel = tablet.satchel.clone();
            scope.spawn(move || {
                for n in 0..EACH {
                    let fields = person(&format!("Customer {thread} {n}"), "012 345 678");
                    let id = runtime.block_on(satchel.add(fields, None)).unwrap().id;
                    let phone = vec![FieldChange::text(Field::Phone, format!("{thread}{n}"))];
                    runtime.block_on(satchel.edit(id, phone)).unwrap();
                    runtime.block_on(satchel.list(Query::default())).unwrap();
                }
            });
        }
    });
    runtime.block_on(async {
        tablet.satchel.resume();
        until("all are at the bank", || async { tablet.satchel.summary().await.unwrap().unsent == 0 }).await;
    });
    let rows = sandbox.prospects();
    let keys: std::collections::BTreeSet<_> = rows.iter().map(|row| row.get("CreateDateClient")).collect();
    assert_eq!((rows.len(), keys.len()), (THREADS * EACH, THREADS * EACH));
}

/// 24. A call after the book was closed is `Locked`, whichever it is; closing twice is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_call_after_the_end_is_locked() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    let id = tablet.add("Sok", "012 345 678").await;
    let s = &tablet.satchel;
    s.shutdown().await.unwrap();
    let none = Some(Error::Locked);
    assert_eq!(s.add(person("Late", "1"), None).await.err(), none);
    assert_eq!(s.edit(id, vec![FieldChange::text(Field::Phone, "2")]).await.err(), none);
    assert_eq!(s.withdraw(id).await.err(), none);
    assert_eq!(s.get(id).await.err(), none);
    assert_eq!(s.list(Query::default()).await.err(), none);
    assert_eq!(s.standing(ProspectId(9)).await.err(), none);
    assert_eq!(s.summary().await.err(), none);
    assert_eq!(s.health().await.err(), none);
    assert_eq!(s.feed(0, 10).await.err(), none);
    assert_eq!(s.save_draft(About::New("form".to_owned()), String::new()).await.err(), none);
    assert_eq!(s.download(None).await.err(), none);
    assert_eq!(s.sign_in(secrets("S-1"), None).await.err(), none);
    assert_eq!(s.drain(Duration::from_secs(1)).await.err(), none);
    s.link_changed(Link::Metered);
    s.resume();
    let opened =
        Satchel::open(tablet.world.clone(), tablet.root(), "dara", tablet.profile.clone()).await.unwrap();
    assert_eq!(opened.summary().await.unwrap().unsent, 1, "opened again it is all there");
}

/// A host whose vault throws.
#[derive(Default)]
struct Throwing {
    vault: MemoryVault,
    load: AtomicBool,
    store: AtomicBool,
}

impl KeyVault for Throwing {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        assert!(!self.load.load(SeqCst), "the host throws in {name} of CANARY");
        self.vault.load(name)
    }
    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        assert!(!self.store.load(SeqCst), "the host throws in {name} of CANARY");
        self.vault.store(name, secret)
    }
}

/// 24. A callback throws: the call is a typed error without what was thrown, nothing is sent without the vault's word, and
/// once the host is well again all goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_24_a_host_that_throws_costs_the_call_alone() {
    let (sandbox, folder, vault) = (sandbox().await, TempDir::new().unwrap(), Arc::new(Throwing::default()));
    let profile = profile(sandbox.base_url());
    let world: World = tablet::world(&profile, vault.clone());
    let open = || Satchel::open(world.clone(), folder.path(), "dara", profile.clone());
    for throws in [&vault.load, &vault.store] {
        throws.store(true, SeqCst);
        let error = open().await.unwrap_err();
        assert!(matches!(error, Error::Internal { .. }) && !error.to_string().contains("CANARY"), "{error}");
        throws.store(false, SeqCst);
    }
    let satchel = open().await.unwrap();
    satchel.sign_in(secrets("S-1"), None).await.unwrap();
    satchel.link_changed(Link::Unmetered);
    let id = satchel.add(person("Sok", "012 345 678"), None).await.unwrap().id;
    vault.store.store(true, SeqCst);
    satchel.resume();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(sandbox.ledger().len(), 0, "nothing leaves before the vault has the generation");
    satchel.edit(id, vec![FieldChange::text(Field::Phone, "099")]).await.unwrap();
    vault.store.store(false, SeqCst);
    satchel.resume();
    until("it is at the bank", || async { satchel.summary().await.unwrap().unsent == 0 }).await;
    assert_eq!(sandbox.ledger().len(), 1);
    satchel.shutdown().await.unwrap();
}
