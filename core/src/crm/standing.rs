//! How a CRM's record lies in the book, as far as its standing says it.

use super::objects::{self, Life};
use super::vbot::VBOT;
use crate::error::{Error, Result};
use crate::record::CrmObjectId;
use crate::standing::{Can, Place, Seen};
use rusqlite::Connection;

/// For [`standing`](crate::standing).
pub(crate) fn seen(conn: &Connection, id: CrmObjectId) -> Result<(Seen, &'static str)> {
    let object = objects::get(conn, id)?;
    let remote = [VBOT].into_iter().find(|known| *known == object.remote);
    let at_crm = object.acked > 0;
    let (settled, settled_can) = match object.life {
        Life::Live if at_crm => (Place::AtBank, vec![Can::Edit, Can::Reject]),
        Life::Live | Life::Withdrawn => (Place::Withdrawn, vec![]),
        Life::Deleted => (Place::Rejected, vec![]),
    };
    let seen = Seen {
        at_bank: at_crm,
        conflict: false,
        gone: false,
        settled,
        settled_can,
        revision: object.revision,
        intent: None,
        can: if object.life == Life::Live { vec![Can::Edit, Can::Reject] } else { vec![] },
    };
    Ok((seen, remote.ok_or(Error::NotFound { what: "remote" })?))
}
