//! A store put back from a backup: it does not know what it sent since, so everything unsent that a repeat would double is in doubt.

use crate::book::Book;
use crate::error::Result;
use crate::outbox::calls;
use crate::outbox::entry::EntryId;
use crate::outbox::policy;
use crate::outbox::rows;

/// On open: is the database behind what the vault remembers of it? The next run that sends raises its generation again.
pub fn notice(book: &Book) -> Result<()> {
    if !book.store.restored() {
        return Ok(());
    }
    book.store.write(|tx| {
        let mut after = EntryId(0);
        loop {
            let some = rows::waiting(tx, after, 200)?;
            let Some(last) = some.last() else { return Ok(()) };
            after = last.head.id;
            for entry in &some {
                if let Some(to) = policy::restored(&entry.head) {
                    calls::apply(&*book.remote(&entry.remote)?, tx, entry, to, book.now())?;
                }
            }
        }
    })
}
