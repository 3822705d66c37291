//! `Satchel`: one officer's open book. Its life, its session, its sending.

use crate::error::SatchelError;
use crate::host::{KeyVault, ServerTrust};
use crate::panics;
use crate::run::{errand, promise};
use crate::stop::{Stop, pressed};
use crate::tablet::outfit;
use crate::types::{
    Downloaded, DrainReport, FeedBatch, Health, Progress, ProspectSecrets, Receipt, Sealed, Summary, Waiting,
    unix_ms,
};
use satchel::outbox::entry::EntryId;
use satchel::outbox::plan::Link;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// One officer's open book: her prospects, what must reach the bank, and where each thing is.
///
/// Every change is on disk, encrypted, when its call returns. Cancelling a caller never undoes a change that it asked for.
/// Closing this object frees a handle and ends nothing: `lock` and `shutdown` do. All handles of one book are one book.
#[derive(uniffi::Object)]
pub struct Satchel {
    pub(crate) core: satchel::Satchel,
}

impl std::fmt::Debug for Satchel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Satchel")
    }
}

/// Wakes whoever shows a book.
#[derive(uniffi::Object)]
pub struct Watch(Arc<Mutex<satchel::Watch>>);

#[uniffi::export]
impl Watch {
    /// Ends when anything may have changed since this was made, or since this ended last; or when `stop` is pressed. A caller
    /// that goes away misses nothing. One waits at a time.
    #[uniffi::method(default(stop = None))]
    pub async fn changed(&self, stop: Option<Arc<Stop>>) -> Result<(), SatchelError> {
        let watch = self.0.clone();
        errand(async move {
            tokio::select! {
                () = async { watch.lock().await.changed().await } => {}
                () = pressed(stop) => {} // ends the wait for its turn too
            }
            Ok(())
        })
        .await
    }
}

/// A length of time that is handed in. Milliseconds and no duration: of a deadline that has passed an app computes a
/// negative one, and the generated code of some languages ends the process for it. Here it is none at all.
fn ms(n: i64) -> Duration {
    Duration::from_millis(u64::try_from(n).unwrap_or(0))
}

/// How many are asked for, as the core counts.
pub(crate) fn at_most(n: i32) -> usize {
    usize::try_from(n).unwrap_or(0)
}

#[uniffi::export]
impl Satchel {
    /// Opens the officer's book under the folder `root`, made when there is none. On a book that is open in this process
    /// it returns another handle. Nothing is sent before `resume` or `drain`.
    ///
    /// `profile` is the bank's settings as JSON: which services, where, under which limits. `trust` asks the app about
    /// servers; without it the profile's own roots decide, or the platform's verifier (not on Android).
    ///
    /// Throws `InvalidInput` for a bad profile, naming the setting; `KeyUnavailable`, `KeyLost`, `StoreDamaged`,
    /// `SchemaTooNew`, `DiskFull`: each leaves the files as they were.
    #[uniffi::constructor(default(trust = None))]
    pub async fn open(
        root: String,
        officer: String,
        profile: String,
        vault: Arc<dyn KeyVault>,
        trust: Option<Arc<dyn ServerTrust>>,
    ) -> Result<Self, SatchelError> {
        let (profile, world) = outfit(&profile, vault, trust)?;
        let open =
            promise(async move { satchel::Satchel::open(world, Path::new(&root), &officer, profile).await });
        Ok(Satchel { core: open.await? })
    }

    /// Takes the officer's secrets for the prospect service and keeps them in her encrypted book, so that a worker
    /// restarted without a screen can use them until the server refuses them. `expires`: when the session ends, if the app
    /// knows.
    ///
    /// Throws `InvalidInput` when key or IV has a wrong length, or a secret cannot be sent.
    #[uniffi::method(default(expires = None))]
    pub async fn sign_in(
        &self,
        secrets: Arc<ProspectSecrets>,
        expires: Option<SystemTime>,
    ) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.sign_in(secrets.core(), expires.map(unix_ms)).await }).await
    }

    /// Forgets the officer's secrets. The book, and all that is unsent, stays.
    pub async fn sign_out(&self) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.sign_out().await }).await
    }

    /// The app tells what link there is, whenever the system says so.
    pub async fn link_changed(&self, link: Link) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move {
            core.link_changed(link);
            Ok(())
        })
        .await
    }

    /// Sends by itself from now on, whenever there is a link and something to send. For when the app comes to the front.
    pub async fn resume(&self) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move {
            core.resume();
            Ok(())
        })
        .await
    }

    /// Starts nothing new, waits at most `graceMs` for calls under way, writes the log back and releases file locks. For when
    /// the app goes to the background: a frozen process makes doubts. `true`: nothing is under way any more. A call that
    /// outlives the grace still records its outcome if the process lives.
    pub async fn pause(&self, grace_ms: i64) -> Result<bool, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.pause(ms(grace_ms)).await }).await
    }

    /// Sends until nothing is left to do now or `deadlineMs` from now is near: no call starts whose longest time does not fit. For
    /// background workers, and for *send now*. A caller that goes away ends the drain; what it sent stays sent.
    pub async fn drain(&self, deadline_ms: i64) -> Result<DrainReport, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.drain(ms(deadline_ms)).await }).await.map(DrainReport::from)
    }

    /// Reads the officer's prospects from the bank, all of them or the one of `code`, and merges them in. Nothing is applied
    /// unless the whole reply is good; unsent work is never overwritten. A caller that goes away ends it.
    ///
    /// Throws `InvalidInput` for a code that is none; `NeedsSignIn`, `Remote`: nothing was applied.
    #[uniffi::method(default(code = None))]
    pub async fn download(&self, code: Option<String>) -> Result<Downloaded, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.download(code.as_deref()).await }).await.map(Downloaded::from)
    }

    /// Pauses a remote (`prospect`), with a reason that `health` shows. Survives restarts.
    pub async fn pause_remote(&self, remote: String, reason: String) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.pause_remote(&remote, &reason).await }).await
    }

    /// Lets a remote go on that `pauseRemote` paused. A pause that the profile sets stays.
    pub async fn resume_remote(&self, remote: String) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.resume_remote(&remote).await }).await
    }

    /// The changes after the cursor `after`, at most `max` (500 at most). Waits until there is something and takes nothing
    /// away, so a cancelled caller loses nothing. Start with 0. A cursor that is kept beyond the app's own life belongs into the
    /// same backup as the book. With a `stop` that is pressed it returns an empty batch.
    #[uniffi::method(default(stop = None))]
    pub async fn feed(
        &self,
        after: i64,
        max: i32,
        stop: Option<Arc<Stop>>,
    ) -> Result<FeedBatch, SatchelError> {
        let core = self.core.clone();
        let batch = errand(async move {
            tokio::select! {
                biased;
                batch = core.feed(after, at_most(max)) => batch,
                () = pressed(stop) => Ok(satchel::feed::FeedBatch { items: vec![], revision: after, snapshot: false }),
            }
        });
        batch.await.map(FeedBatch::from)
    }

    /// Calls under way, with items and bytes.
    pub async fn progress(&self) -> Result<Vec<Progress>, SatchelError> {
        let core = self.core.clone();
        let now = promise(async move { Ok(core.progress()) }).await?;
        Ok(now.into_iter().map(Progress::from).collect())
    }

    /// Tells whenever progress, a standing or anything else may have changed: make it, look, then wait for it.
    pub fn watch(&self) -> Result<Arc<Watch>, SatchelError> {
        Ok(Arc::new(Watch(Arc::new(Mutex::new(self.core.watch())))))
    }

    /// The whole book in numbers.
    pub async fn summary(&self) -> Result<Summary, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.summary().await }).await.map(Summary::from)
    }

    /// What is not settled, oldest first, after entry `after` (0: from the beginning), at most `limit` (500 at most).
    pub async fn waiting(&self, after: i64, limit: i32) -> Result<Vec<Waiting>, SatchelError> {
        let core = self.core.clone();
        let waiting = errand(async move { core.waiting(EntryId(after), at_most(limit)).await }).await?;
        Ok(waiting.into_iter().map(Waiting::from).collect())
    }

    /// What wants attention: clock, room, session, old work, questions, settings.
    pub async fn health(&self) -> Result<Health, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.health().await }).await.map(Health::from)
    }

    /// Reads the whole list from the bank, merges it in, and says what both sides hold. Throws as `download`.
    pub async fn receipt(&self) -> Result<Receipt, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.receipt().await.and_then(Receipt::try_from) }).await
    }

    /// Everything that is not settled, sealed to the organisation's key. The book goes on as it was.
    ///
    /// Throws `NotPossible` (`no_organisation_key`); `StoreDamaged`: `salvageBook` gives what is left.
    pub async fn export_unsent(&self) -> Result<Sealed, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.export_unsent().await }).await.map(Sealed::from)
    }

    /// What support asks for, as one JSON object: versions, counts, times, concerns, and where this library met panics.
    /// No personal data, no secret, no address; the reason of a paused remote as the app wrote it.
    pub async fn diagnostics(&self) -> Result<String, SatchelError> {
        let core = self.core.clone();
        let mut told = errand(async move { core.diagnostics().await }).await?;
        let panics =
            panics::latest().into_iter().map(|p| serde_json::json!({ "place": p.place, "id": p.id }));
        told["panics"] = panics.collect();
        Ok(told.to_string())
    }

    /// Lets a call under way record its outcome for at most 5 seconds, closes the book and forgets its key. Later calls of
    /// every handle throw `Locked`; open the book again. Always allowed, whatever is unsent: it stays.
    pub async fn lock(&self) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.lock().await }).await
    }

    /// Ends everything for all handles of this book, as `lock`.
    pub async fn shutdown(&self) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.shutdown().await }).await
    }
}
