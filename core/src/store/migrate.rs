//! From the schema a book has to the one this library knows, in one transaction.

use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Step *n* leads from schema *n* to *n + 1*. A released step is never edited; a new one is added at the end.
const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_init.sql"),
    include_str!("../../migrations/0002_onboarding.sql"),
    include_str!("../../migrations/0003_collection.sql"),
    include_str!("../../migrations/0004_crm.sql"),
];

/// The newest schema this library knows.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// Brings the book to [`KNOWN`] and returns the schema it has then; a newer one is left as it is and returned.
/// `birth` fills a book that was empty until now, in the same transaction. A crash leaves the old schema, whole.
///
/// # Errors
/// SQLite's; `StoreDamaged` when a step would leave a reference to nothing.
pub(super) fn migrate(
    db: &mut Connection,
    birth: impl FnOnce(&Transaction<'_>) -> Result<()>,
) -> Result<i64> {
    if version(db)? >= KNOWN {
        return version(db);
    }
    // A step may build a table anew, which would look like deleting it to whatever refers to it.
    db.execute_batch("PRAGMA foreign_keys = OFF")?;
    let done = climb(db, birth);
    db.execute_batch("PRAGMA foreign_keys = ON")?;
    done
}

fn climb(db: &mut Connection, birth: impl FnOnce(&Transaction<'_>) -> Result<()>) -> Result<i64> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again: another process may have done it while this one waited for its turn.
    let from = version(&tx)?;
    if from >= KNOWN {
        return Ok(from);
    }
    for step in &STEPS[from.max(0) as usize..] {
        tx.execute_batch(step)?;
    }
    if from == 0 {
        birth(&tx)?;
    }
    if tx.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Error::StoreDamaged { place: "schema", unsent: 0, as_of: 0 });
    }
    tx.pragma_update(None, "user_version", KNOWN)?;
    tx.commit()?;
    Ok(KNOWN)
}

/// Makes the tables of [`KNOWN`] in an empty database, with nothing in them.
///
/// # Errors
/// SQLite's.
pub(super) fn make(db: &Connection) -> Result<()> {
    STEPS.iter().try_for_each(|step| Ok(db.execute_batch(step)?))
}

pub(super) fn version(db: &Connection) -> Result<i64> {
    Ok(db.query_row("PRAGMA user_version", [], |r| r.get(0))?)
}
