//! A read: asked for in the officer's session, taken in whole or not at all.

use super::{heard, note_peer, says};
use crate::book::{Book, Mode};
use crate::error::{Error, Result, Trouble};
use crate::feed;
use crate::outbox::remote::{Asked, ReadFailed, Reading, Remote, Says, Taken};
use crate::outbox::{progress, session};
use crate::world::{Call, Incoming};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// One read, whole or not at all.
pub async fn read(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    reading: Reading,
    lanes: BTreeSet<String>,
) -> Result<Taken> {
    match try_read(book, remote, reading, lanes).await {
        Ok(taken) => {
            heard(book, remote.id(), Says::Usable).await?;
            Ok(taken)
        }
        Err(ReadFailed::Store(e)) => Err(e),
        Err(ReadFailed::Said(says, trouble)) => {
            heard(book, remote.id(), says).await?;
            Err(Error::Remote { remote: remote.id(), trouble })
        }
    }
}

async fn try_read(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    reading: Reading,
    lanes: BTreeSet<String>,
) -> Result<Taken, ReadFailed> {
    let id = remote.id();
    // Who comes second asks anew when the first has ended.
    let alone = if reading.is_all() { Some(book.whole_list(id).lock_owned().await) } else { None };
    let (session, mark) =
        book.read(move |book, conn| Ok((book.session(conn, id)?, feed::newest(conn)?))).await?;
    let session = session.ok_or(ReadFailed::Said(Says::SignIn, Trouble::SignIn))?;
    let mut call = remote.read_call(&session, &reading, &*book.world.rng)?;
    let download = (book.world.rng.below(1 << 52) + 1) as i64;
    fit(book, &mut call);
    let progress = progress::reading(book, id);
    let at = book.now();
    let asked = Asked { reading, mark, at, session: session.clone(), lanes, download, progress };
    let answer = book.world.http.read(call).await;
    note_peer(book, id, answer.as_ref().map(|answer| &answer.head));
    let taken = match answer {
        Ok(answer) => take(book, remote, asked, answer, alone).await,
        Err(f) => Err(ReadFailed::Said(says(f.cause), Trouble::Failed(f.cause))),
    };
    if matches!(taken, Err(ReadFailed::Said(Says::SignIn, _))) {
        book.write(move |_, tx| session::refuse(tx, id, &session)).await?;
    }
    book.stir();
    taken
}

/// A drain starts no call that may outlast it.
fn fit(book: &Book, call: &mut Call) {
    if let Mode::Draining(end) = book.live().mode() {
        let left = book.clock().steady().until(end).max(Duration::from_millis(1));
        call.limits.total = call.limits.total.min(left);
    }
}

async fn take(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    asked: Asked,
    answer: Incoming,
    alone: Option<OwnedMutexGuard<()>>,
) -> Result<Taken, ReadFailed> {
    let (book2, remote) = (book.clone(), remote.clone());
    let body = progress::counted(book, asked.progress.clone(), answer.body);
    let answer = Incoming { head: answer.head, body };
    let job = move || {
        let _alone = alone; // until the job has ended, whoever stops waiting for it
        Ok(remote.take(&book2.store, &asked, answer))
    };
    book.world.run(job).await?
}
