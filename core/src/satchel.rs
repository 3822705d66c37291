//! `Satchel`: one officer's open book. Life, session, sending; the prospects' verbs are in `prospect/verbs.rs`.

use crate::book::{Book, Live, Progress};
use crate::collection::CollectionRemote;
use crate::crm::vbot::VbotRemote;
use crate::error::{Error, Result};
use crate::feed::{self, FeedBatch, Revision};
use crate::onboarding::{ONBOARDING, OnboardingRemote, OnboardingSecrets};
use crate::outbox::plan::Link;
use crate::outbox::remote::{Reading, Remote, Taken};
use crate::outbox::worker::Worker;
use crate::outbox::{calls, remote_row, session};
use crate::profile::Profile;
use crate::prospect::{PROSPECT, ProspectRemote, ProspectSecrets, check};
use crate::store::{self, Place, Store};
use crate::world::{Disk, Secret, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// One officer's open book: her prospects, what must reach the bank, and where each thing is.
///
/// Cheap to clone; all clones are one book. Dropping a handle never blocks and ends nothing: [`Satchel::lock`] or
/// [`Satchel::shutdown`] do. Every change is on disk when its call returns; cancelling a caller never undoes it.
///
/// # Example
/// ```
/// # use satchel::{Satchel, profile::Profile, prospect::{Field, FieldChange}, world::{MemoryVault, World}};
/// # use std::sync::Arc;
/// # satchel::world::runtime().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// let mut profile = Profile::new("bank", "https://bank.example/api/");
/// # profile.reserve_bytes = 0;
/// let world = World::device(&profile, Arc::new(MemoryVault::default()), None)?;
/// let satchel = Satchel::open(world, folder.path(), "dara", profile).await?;
/// let added = satchel
///     .add(vec![FieldChange::text(Field::NameEn, "Sok Dara"), FieldChange::text(Field::Phone, "012345678")], None)
///     .await?;
/// assert_eq!(satchel.get(added.id).await?.fields.get(Field::NameEn), "Sok Dara"); // on disk, encrypted
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Satchel {
    pub(crate) book: Arc<Book>,
}

impl std::fmt::Debug for Satchel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Satchel")
    }
}

/// Wakes whoever shows a book; see [`Satchel::watch`].
#[derive(Debug)]
pub struct Watch(watch::Receiver<u64>);

impl Watch {
    /// Ends when anything may have changed since this was made, or since this ended last. A caller that goes away misses
    /// nothing.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await; // the book is gone: nothing changes any more
        }
    }
}

/// Behind which a book is open in this process, if it is: a second `open` gets another handle of the same one.
type Door = Arc<Mutex<Weak<Book>>>;

/// A door for each folder. Who opens a book holds its door alone: a vault that thinks long holds up no other book.
static DOORS: Mutex<BTreeMap<PathBuf, Door>> = Mutex::new(BTreeMap::new());

fn door(folder: &Path) -> Door {
    let mut doors = DOORS.lock().unwrap_or_else(PoisonError::into_inner);
    // What somebody else has in hand stays: two doors would be two books.
    doors.retain(|_, door| {
        Arc::strong_count(door) > 1 || door.try_lock().is_ok_and(|behind| behind.strong_count() > 0)
    });
    doors.entry(folder.to_owned()).or_default().clone()
}

impl Satchel {
    /// Opens the officer's book under `root` (made when there is none). On a book that is open in this process it
    /// returns another handle. Nothing is sent before [`Satchel::resume`] or [`Satchel::drain`].
    ///
    /// # Errors
    /// `InvalidInput` for a bad profile; `KeyUnavailable`, `KeyLost`, `StoreDamaged`, `SchemaTooNew`, `DiskFull`: each
    /// leaves the files as they were.
    pub async fn open(world: World, root: &Path, officer: &str, profile: Profile) -> Result<Satchel> {
        profile.check()?;
        if officer.trim().is_empty() {
            return Err(Error::invalid("officer", crate::error::Problem::Missing));
        }
        let (root, officer) = (root.to_owned(), officer.to_owned());
        let world2 = world.clone();
        world.run(move || Self::open_now(world2, &root, officer, profile)).await
    }

    fn open_now(world: World, root: &Path, officer: String, profile: Profile) -> Result<Satchel> {
        let folder = Place::of(root, &officer, &profile.name)?.folder();
        let door = door(&folder);
        let mut behind = door.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = behind.upgrade().filter(|book| !book.is_closed()) {
            return Ok(Satchel { book });
        }
        let store = Store::open(&world, root, &officer, &profile)?;
        let profile = Arc::new(profile);
        let mut remotes: Vec<Arc<dyn Remote>> = vec![Arc::new(ProspectRemote::new(profile.clone()))];
        remotes.extend(OnboardingRemote::new(&profile).map(|remote| Arc::new(remote) as Arc<dyn Remote>));
        remotes.extend(CollectionRemote::new(&profile).map(|remote| Arc::new(remote) as Arc<dyn Remote>));
        remotes.extend(VbotRemote::new(&profile).map(|remote| Arc::new(remote) as Arc<dyn Remote>));
        let book = Arc::new(Book::new(world, store, profile, officer, remotes));
        if !book.store.read_only() {
            crate::restored::notice(&book)?;
            // Provisional rows are no reason to keep a book shut: on a full disk or a damaged page they stay.
            let _ = crate::prospect::sweep_leftovers(&book.store);
            let _ = crate::onboarding::sweep_leftovers(&book.store);
        }
        for (remote, classes) in book.loops() {
            for class in classes {
                book.world.work.spawn(Box::pin(Worker::new(book.clone(), remote.clone(), *class).run()));
            }
        }
        *behind = Arc::downgrade(&book);
        Ok(Satchel { book })
    }

    /// Every store under `root`: officer, profile, unsent count and age, from the plain files beside them. None is opened.
    ///
    /// # Errors
    /// `Internal` when the folder cannot be read.
    pub fn books(disk: &dyn Disk, root: &Path) -> Result<Vec<store::Book>> {
        store::books(disk, root)
    }

    /// Moves a store that cannot be opened (key lost, damaged) out of the way, whole; a fresh one can then be opened.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible` while the book is open in this process or another one sends from it.
    pub fn set_aside(world: &World, root: &Path, officer: &str, profile: &Profile) -> Result<PathBuf> {
        let folder = Place::of(root, officer, &profile.name)?.folder();
        let door = door(&folder);
        let behind = door.lock().unwrap_or_else(PoisonError::into_inner);
        if behind.upgrade().is_some_and(|book| !book.is_closed()) {
            return Err(Error::NotPossible { why: "open" });
        }
        store::set_aside(&*world.disk, &*world.clock, root, officer, profile)
    }

    /// Takes the officer's secrets for the prospect service and keeps them in her encrypted book, so that a worker
    /// restarted without a screen can use them, until the server refuses them.
    ///
    /// # Errors
    /// `InvalidInput` when the envelope key or IV has a wrong length, or user, password or session cannot be sent.
    pub async fn sign_in(&self, secrets: ProspectSecrets, expires_wall: Option<i64>) -> Result<()> {
        let kept = Secret::new(secrets.checked()?);
        self.book.write(move |book, tx| session::keep(tx, PROSPECT, &book.officer, &kept, expires_wall)).await
    }

    /// The same for onboarding.
    ///
    /// # Errors
    /// `InvalidInput` for headers that cannot be sent; `NotFound` where the profile has no onboarding.
    pub async fn sign_in_onboarding(
        &self,
        secrets: OnboardingSecrets,
        expires_wall: Option<i64>,
    ) -> Result<()> {
        self.book.remote(ONBOARDING).map_err(|_| Error::NotFound { what: "onboarding" })?;
        let kept = Secret::new(secrets.checked()?);
        self.book
            .write(move |book, tx| session::keep(tx, ONBOARDING, &book.officer, &kept, expires_wall))
            .await
    }

    /// Forgets the officer's secrets, for every remote. The book, and all that is unsent, stays.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self) -> Result<()> {
        self.book
            .write(|book, tx| {
                let mut remotes = book.remotes.iter();
                remotes.try_for_each(|remote| session::forget(tx, remote.id(), &book.officer))
            })
            .await
    }

    /// The host tells what link there is.
    pub fn link_changed(&self, link: Link) {
        self.book.set_link(link);
    }

    /// Sends by itself from now on, whenever there is a link and something to send.
    pub fn resume(&self) {
        self.book.change_mode(|live| live.automatic = true);
    }

    /// Starts nothing new, waits at most `grace` for calls under way, writes the log back and releases file locks.
    /// `true`: nothing is under way any more. A call that outlives the grace still records its outcome if the process lives.
    ///
    /// # Errors
    /// `Locked`.
    pub async fn pause(&self, grace: Duration) -> Result<bool> {
        self.book.change_mode(Live::stop);
        let quiet = self.book.at_rest(grace).await;
        let book = self.book.clone();
        self.book
            .world
            .run(move || {
                if quiet {
                    book.release_lease();
                }
                book.store.pause()
            })
            .await?;
        Ok(quiet)
    }

    /// Reads the officer's prospects from the bank, all of them or one by code, and merges them in. Nothing is applied
    /// unless the whole reply is good; unsent work is never overwritten. Rows are merged some hundred at a time: a crash
    /// in between leaves some merged, and the next download goes on.
    ///
    /// # Errors
    /// `InvalidInput` for a code that is none; `Remote`: what happened. Nothing was applied.
    pub async fn download(&self, code: Option<&str>) -> Result<Taken> {
        code.map_or(Ok(()), check::code)?;
        let remote = self.book.remote(PROSPECT)?;
        let reading = code.map_or_else(Reading::all, |c| Reading(c.to_owned()));
        calls::read(&self.book, &remote, reading, BTreeSet::new()).await
    }

    /// Pauses a remote, with a reason that `health` shows. Survives restarts. A pause that the profile sets stays
    /// beside it.
    ///
    /// # Errors
    /// `NotFound` for an unknown remote.
    pub async fn pause_remote(&self, remote: &str, reason: &str) -> Result<()> {
        self.set_paused(remote, Some(reason)).await
    }

    /// Lets a remote go on that [`Satchel::pause_remote`] paused. A pause that the profile sets stays.
    ///
    /// # Errors
    /// `NotFound` for an unknown remote.
    pub async fn resume_remote(&self, remote: &str) -> Result<()> {
        self.set_paused(remote, None).await
    }

    async fn set_paused(&self, remote: &str, reason: Option<&str>) -> Result<()> {
        let (id, reason) = (self.book.remote(remote)?.id(), reason.map(str::to_owned));
        self.book.write(move |_, tx| remote_row::set_paused(tx, id, reason.as_deref())).await
    }

    /// The changes after `after`, at most `max` (500 at most). Waits until there is something; takes nothing away, so a
    /// cancelled caller loses nothing. Start with 0.
    ///
    /// # Errors
    /// `Locked`.
    pub async fn feed(&self, after: Revision, max: usize) -> Result<FeedBatch> {
        let mut stirred = self.book.stirred.subscribe();
        loop {
            let batch = self.book.read(move |_, conn| feed::read(conn, after, max.clamp(1, 500))).await?;
            if !batch.items.is_empty() || (batch.snapshot && after != 0) {
                return Ok(batch);
            }
            if self.book.is_closed() {
                return Err(Error::Locked);
            }
            tokio::select! {
                biased;
                _ = stirred.changed() => {}
                // Another process may have written.
                () = self.book.world.work.sleep(Duration::from_secs(2)) => {}
            }
        }
    }

    /// Calls under way, with items and bytes.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        self.book.progress()
    }

    /// Tells whenever progress or anything else may have changed: make it, look, then wait for it.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch(self.book.stirred.subscribe())
    }

    /// Lets a call under way record its outcome for at most 5 seconds, closes the store and forgets the key. Later
    /// calls give `Locked`; open the book again.
    ///
    /// # Errors
    /// `Internal`.
    pub async fn lock(&self) -> Result<()> {
        if self.book.is_closed() {
            return Ok(());
        }
        self.book.change_mode(Live::stop);
        self.book.at_rest(Duration::from_secs(5)).await;
        self.book.close();
        let book = self.book.clone();
        self.book
            .world
            .run(move || {
                book.release_lease();
                book.store.lock(Duration::from_secs(5));
                Ok(())
            })
            .await
    }

    /// Ends everything for all handles of this book; as [`Satchel::lock`].
    ///
    /// # Errors
    /// As `lock`.
    pub async fn shutdown(&self) -> Result<()> {
        self.lock().await
    }
}
