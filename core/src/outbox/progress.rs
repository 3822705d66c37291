//! How far a call is: counted where bytes move, told to whoever watches.

use crate::book::{Book, Tracked};
use crate::world::Call;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Weak};

/// Watchers of a download hear of it each time so many bytes have come.
const TELL_EVERY: u64 = 64 << 10;

/// Notes a change that is about to leave; the call counts its bytes.
pub fn sending(book: &Arc<Book>, remote: &'static str, items: u64, call: &mut Call) -> Arc<Tracked> {
    let (items, bytes, total_bytes) = (AtomicU64::new(items), AtomicU64::new(0), call.body.len());
    let tracked = book.track(Tracked { remote, what: "send", items, bytes, total_bytes });
    let (weak, counted) = (Arc::downgrade(book), tracked.clone());
    call.progress = Some(Arc::new(move |sent, _| {
        counted.bytes.store(sent, SeqCst);
        tell(&weak);
    }));
    tracked
}

/// Notes a read that is about to leave; its answer is counted by [`counted`].
pub fn reading(book: &Arc<Book>, remote: &'static str) -> Arc<Tracked> {
    let (items, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    book.track(Tracked { remote, what: "read", items, bytes, total_bytes: 0 })
}

/// A reply's body that counts what has come.
pub fn counted(book: &Arc<Book>, progress: Arc<Tracked>, body: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    Box::new(Counted { body, book: Arc::downgrade(book), progress, told: 0 })
}

struct Counted {
    body: Box<dyn Read + Send>,
    book: Weak<Book>,
    progress: Arc<Tracked>,
    told: u64,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.body.read(out)?;
        let bytes = self.progress.bytes.fetch_add(n as u64, SeqCst) + n as u64;
        if bytes - self.told >= TELL_EVERY {
            self.told = bytes;
            tell(&self.book);
        }
        Ok(n)
    }
}

fn tell(book: &Weak<Book>) {
    if let Some(book) = book.upgrade() {
        book.tell();
    }
}
