//! How the records of onboarding lie in the book, as far as their standing says it.

use super::asked::rows as actions;
use super::documents::rows as documents;
use super::rows::{self, Row, Stage};
use super::{ActionStage, ONBOARDING, PaperStage};
use crate::error::{Error, Result};
use crate::record::Record;
use crate::standing::{Can, Place, Seen};
use rusqlite::Connection;

/// For [`standing`](crate::standing).
pub(crate) fn seen(conn: &Connection, record: Record) -> Result<(Seen, &'static str)> {
    let seen = match record {
        Record::Application(id) => applicant(&rows::application(conn, id)?, &[Can::Edit, Can::Withdraw], &[]),
        Record::CoApplicant(id) => {
            applicant(&rows::co_applicant(conn, id)?, &[Can::Edit, Can::Withdraw], &[Can::Edit])
        }
        Record::Action(id) => action(&actions::get(conn, id)?),
        Record::Document(id) => document(&documents::get(conn, id)?),
        Record::Prospect(_) | Record::CollectionResult(_) | Record::CrmObject(_) => {
            return Err(Error::NotFound { what: "record" });
        }
    };
    Ok((seen, ONBOARDING))
}

/// `new`: what can be done before the bank has her; `known`: afterwards.
fn applicant(row: &Row, new: &[Can], known: &[Can]) -> Seen {
    let at_bank = row.acked > 0;
    Seen {
        at_bank,
        conflict: false,
        gone: false,
        settled: if row.stage == Stage::Live && at_bank { Place::AtBank } else { Place::Withdrawn },
        settled_can: if row.stage == Stage::Live && at_bank { known.to_vec() } else { vec![] },
        revision: row.revision,
        intent: None,
        can: if at_bank { known.to_vec() } else { new.to_vec() },
    }
}

fn action(row: &actions::Row) -> Seen {
    let (settled, settled_can) = match row.stage {
        ActionStage::Open => (Place::Open, vec![Can::Edit]),
        ActionStage::Answered => (Place::AtBank, vec![Can::Edit]),
        ActionStage::AnsweredElsewhere | ActionStage::Gone => (Place::GoneElsewhere, vec![]),
    };
    let closed = matches!(row.stage, ActionStage::AnsweredElsewhere | ActionStage::Gone);
    Seen {
        at_bank: row.acked > 0,
        conflict: false,
        gone: closed,
        settled,
        settled_can,
        revision: row.revision,
        intent: None,
        can: if closed { vec![] } else { vec![Can::Edit, Can::Withdraw] },
    }
}

fn document(row: &documents::Row) -> Seen {
    Seen {
        at_bank: row.stage == PaperStage::Delivered,
        conflict: false,
        gone: false,
        settled: match row.stage {
            PaperStage::Delivered => Place::AtBank,
            PaperStage::Live | PaperStage::Withdrawn => Place::Withdrawn,
        },
        settled_can: vec![],
        revision: 1,
        intent: None,
        can: vec![Can::Withdraw],
    }
}
