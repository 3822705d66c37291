//! How a prospect lies in the book, as far as its standing says it.

use super::rows::Row;
use super::{Life, PROSPECT, ProspectId, rows};
use crate::error::Result;
use crate::standing::{Can, Place, Seen};
use rusqlite::Connection;

/// For [`standing`](crate::standing).
pub(crate) fn seen(conn: &Connection, id: ProspectId) -> Result<(Seen, &'static str)> {
    Ok((of(&rows::get(conn, id)?), PROSPECT))
}

fn of(row: &Row) -> Seen {
    let settled = settled_place(row.life, row.code.is_some());
    let mut can = vec![Can::Edit];
    if row.code.is_some() {
        can.push(Can::Reject);
    } else if row.intent.is_none() {
        can.push(Can::Withdraw);
    }
    Seen {
        at_bank: row.code.is_some(),
        conflict: row.conflict.is_some(),
        gone: row.life == Life::Gone,
        settled,
        settled_can: if settled == Place::AtBank { vec![Can::Edit, Can::Reject] } else { vec![] },
        revision: row.revision,
        intent: row.intent,
        can,
    }
}

/// Where a prospect without an open entry is. Without code: its entry was given up by the officer's word.
pub(crate) fn settled_place(life: Life, has_code: bool) -> Place {
    match life {
        Life::Live if has_code => Place::AtBank,
        Life::Live | Life::Withdrawn => Place::Withdrawn,
        Life::Rejected => Place::Rejected,
        Life::Gone => Place::GoneElsewhere,
    }
}
