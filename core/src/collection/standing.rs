//! How something that was recorded lies in the book, as far as its standing says it.

use super::model::ResultStage;
use super::{COLLECTION, rows};
use crate::error::Result;
use crate::record::CollectionResultId;
use crate::standing::{Can, Place, Seen};
use rusqlite::Connection;

/// For [`standing`](crate::standing).
pub(crate) fn seen(conn: &Connection, id: CollectionResultId) -> Result<(Seen, &'static str)> {
    let row = rows::result(conn, id)?;
    let at_bank = row.stage == ResultStage::Delivered;
    let seen = Seen {
        at_bank,
        conflict: false,
        gone: false,
        settled: if at_bank { Place::AtBank } else { Place::Withdrawn },
        settled_can: vec![],
        revision: row.revision,
        intent: None,
        can: vec![Can::Edit, Can::Withdraw],
    };
    Ok((seen, COLLECTION))
}
