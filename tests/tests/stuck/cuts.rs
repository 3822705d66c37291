//! Somebody on the way hangs up on it.

use super::{named, secrets, start, until, until_none_left};
use satchel::outbox::plan::Link;
use satchel::prospect::{Field, FieldChange};
use satchel::world::{
    BoxFuture, Call, Cause, Class, Failure, Http, Incoming, MemoryVault, Reply, World, runtime,
};
use satchel::{Satchel, profile::Profile};
use satchel_sandbox::Running;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// Somebody on the way who hangs up: on the content of large bodies, before the last byte of them has left; or before a
/// byte of any.
struct HangsUp {
    http: Arc<dyn Http>,
    at_once: AtomicU32,
    on_large: AtomicBool,
    /// The lengths of what was cut off.
    lengths: Mutex<Vec<u64>>,
}

impl HangsUp {
    fn on(world: &mut World) -> Arc<Self> {
        let (at_once, on_large, lengths) = (AtomicU32::new(0), AtomicBool::new(true), Mutex::default());
        let cuts = Arc::new(HangsUp { http: world.http.clone(), at_once, on_large, lengths });
        world.http = cuts.clone();
        cuts
    }

    fn lengths(&self) -> Vec<u64> {
        self.lengths.lock().unwrap().clone()
    }
}

impl Http for HangsUp {
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async move {
            let length = call.body.len();
            let large = length >= 1_700 && self.on_large.load(SeqCst);
            let less = |n: u32| n.checked_sub(1);
            if self.at_once.try_update(SeqCst, SeqCst, less).is_err() {
                if !large {
                    return self.http.change(call).await;
                }
                if let Some(progress) = call.progress {
                    progress(length / 2, length);
                }
            }
            self.lengths.lock().unwrap().push(length);
            Err(Failure { class: Class::NotExecuted, cause: Cause::Closed })
        })
    }
    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        self.http.read(call)
    }
}

/// A book whose way out hangs up, signed in; nothing is asked for yet.
async fn start_cut(most_ms: u64) -> (Running, tempfile::TempDir, Satchel, Arc<HangsUp>) {
    let (sandbox, folder, first) = start(0).await;
    first.lock().await.unwrap();
    let mut profile = Profile::new("other", sandbox.base_url());
    profile.roots_pem = sandbox.ca_pem().unwrap_or_default().to_owned();
    profile.reserve_bytes = 0;
    (profile.prospect.backoff.first_ms, profile.prospect.backoff.most_ms) = (50, most_ms);
    let mut world = World::device(&profile, Arc::new(MemoryVault::default()), None).unwrap();
    let cuts = HangsUp::on(&mut world);
    let s = Satchel::open(world, folder.path(), "dara", profile).await.unwrap();
    s.sign_in(secrets("S-1"), None).await.unwrap();
    s.link_changed(Link::Unmetered);
    (sandbox, folder, s, cuts)
}

/// It is proven not to have been executed each time, so it is never in doubt and never asks; as the oldest entry it
/// would be tried before all others without end.
#[test]
fn an_entry_that_is_cut_off_each_time_holds_its_own_lane_only() {
    runtime().block_on(async {
        let (sandbox, _folder, s, cuts) = start_cut(2_000).await;
        let mut large = named(1);
        large.push(FieldChange::text(Field::Comment, "ក".repeat(500)));
        let large = s.add(large, None).await.unwrap().id;
        let other = s.add(named(2), None).await.unwrap().id;
        s.resume();
        until(&s, other).await;
        assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
        let tried = cuts.lengths().len();
        assert!((3..=8).contains(&tried), "tried {tried} times");
        assert_eq!(s.standing(large).await.unwrap().place, satchel::standing::Place::OnTablet);
        // An edit is a new attempt at once.
        s.edit(large, vec![FieldChange::clear(Field::Comment)]).await.unwrap();
        until_none_left(&s).await;
        assert_eq!((s.summary().await.unwrap().unsent, sandbox.ledger().len()), (0, 2));
        s.lock().await.unwrap();
    });
}

/// It is no fault of the others, and another network may let it through: a link tries it at once, by itself.
#[test]
fn an_entry_that_was_cut_off_is_tried_at_a_fresh_start_and_takes_nobody_along() {
    runtime().block_on(async {
        let (_sandbox, _folder, s, cuts) = start_cut(900_000).await;
        let mut large = named(1);
        large.push(FieldChange::text(Field::Comment, "ក".repeat(500)));
        let large = s.add(large, None).await.unwrap().id;
        let mut other = s.add(named(2), None).await.unwrap().id;
        s.resume();
        for n in [3, 5] {
            until(&s, other).await;
            let tried = cuts.lengths().len();
            assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
            s.link_changed(Link::None);
            s.add(named(n), None).await.unwrap();
            other = s.add(named(n + 1), None).await.unwrap().id;
            s.link_changed(Link::Unmetered);
            until(&s, other).await;
            assert!(s.get(other).await.unwrap().code.is_some(), "another record waits behind it");
            assert!(cuts.lengths().len() > tried, "a link came, and it waits on");
            assert!(cuts.lengths().iter().all(|n| *n == cuts.lengths()[0]), "others went with it");
        }
        cuts.on_large.store(false, SeqCst);
        s.link_changed(Link::None);
        s.link_changed(Link::Unmetered);
        until(&s, large).await;
        assert!(s.get(large).await.unwrap().code.is_some(), "nobody hangs up any more, and it waits on");
        s.lock().await.unwrap();
    });
}

/// Who hangs up before a byte of it has left does not know what is in it.
#[test]
fn an_outage_blames_no_entry() {
    runtime().block_on(async {
        let (_sandbox, _folder, s, cuts) = start_cut(900_000).await;
        cuts.at_once.store(4, SeqCst);
        let one = s.add(named(1), None).await.unwrap().id;
        s.resume();
        until(&s, one).await;
        assert_eq!(cuts.lengths().len(), 4);
        assert!(s.get(one).await.unwrap().code.is_some(), "it waits by itself");
        s.lock().await.unwrap();
    });
}
