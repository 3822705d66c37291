//! The officer's verbs about applications and co-applicants. Each is one transaction, on disk when it returns.

use super::effect::{CREATE, REQUIREMENTS, UPDATE, enqueue};
use super::rows::{self, Row, Stage};
use super::{Person, profile};
use crate::book::Book;
use crate::error::{Error, Result};
use crate::feed;
use crate::outbox::entry::{Entry, EntryId, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox};
use crate::prospect::{self, shows};
use crate::record::{ApplicationId, CoApplicantId, ProspectId, Record};
use crate::satchel::Satchel;
use rusqlite::{Connection, Transaction};

/// An application: its applicant and who applies with her.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// Its number in this book.
    pub id: ApplicationId,
    /// The bank's `Application_id`, once it gave one.
    pub application_id: Option<String>,
    /// The bank's `Party_Id` of the applicant, where it gave one.
    pub party_id: Option<String>,
    /// The prospect of this book that became this application.
    pub prospect: Option<ProspectId>,
    /// Who applies.
    pub person: Person,
    /// Who applies with her, in the order in which they were added.
    pub co_applicants: Vec<CoApplicant>,
    /// When it was made: `YYYY-MM-DDThh:mm:ss`, civil time of the profile's zone.
    pub made_at: String,
    /// In work, or taken back.
    pub stage: Stage,
    /// Something of it, co-applicants included, has not been settled with the bank.
    pub unsent: bool,
}
shows!(Application { id, co_applicants, stage, unsent });

/// Somebody who applies with the applicant.
#[derive(Clone, PartialEq, Eq)]
pub struct CoApplicant {
    /// Her number in this book.
    pub id: CoApplicantId,
    /// Whose application it is.
    pub application: ApplicationId,
    /// Who she is.
    pub person: Person,
    /// `Index`: when she was added, `YYYY-MM-DDThh:mm:ss`, its own within the application.
    pub index: String,
    /// In work, or taken back.
    pub stage: Stage,
    /// Something of her has not been settled with the bank.
    pub unsent: bool,
}
shows!(CoApplicant { id, application, stage, unsent });

impl Satchel {
    /// Starts an application, online or not; `from` links it to the prospect that it comes from ([`Person::of`] fills the
    /// form). The bank gives its `Application_id` when it is delivered; what depends on it waits until then.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong; `NotFound` for a prospect that is not there, and where the
    /// profile has no onboarding; `NotPossible` (`has_application`) for a prospect that has one already. Nothing is saved.
    pub async fn start_application(&self, person: Person, from: Option<ProspectId>) -> Result<ApplicationId> {
        self.book
            .write(move |book, tx| {
                person.check(profile(book)?)?;
                if let Some(prospect) = from {
                    prospect::rows::get(tx, prospect)?;
                    if rows::of_prospect(tx, prospect)?.is_some() {
                        return Err(Error::NotPossible { why: "has_application" });
                    }
                    feed::touch(tx, &prospect.lane())?;
                }
                let id = ApplicationId(rows::insert(tx, None, from, &person, book.civil_now()?)?);
                enqueue(book, tx, id, CREATE, None)?;
                Ok(id)
            })
            .await
    }

    /// Adds somebody who applies too. She leaves once the bank has the application.
    ///
    /// # Errors
    /// As `start_application`; `NotFound`; `NotPossible` (`withdrawn`) for an application that was taken back.
    pub async fn add_co_applicant(&self, to: ApplicationId, person: Person) -> Result<CoApplicantId> {
        self.book
            .write(move |book, tx| {
                person.check(profile(book)?)?;
                if rows::application(tx, to)?.stage == Stage::Withdrawn {
                    return Err(Error::NotPossible { why: "withdrawn" });
                }
                let id = rows::insert(tx, Some(to), None, &person, book.civil_now()?)?;
                enqueue(book, tx, CoApplicantId(id), UPDATE, create_of(tx, to)?)?;
                feed::touch(tx, &to.lane())?;
                Ok(CoApplicantId(id))
            })
            .await
    }

    /// Changes the applicant, as long as the bank does not have her: the bank has no call to change her afterwards.
    ///
    /// # Errors
    /// As `start_application`; `NotFound`; `NotPossible`: `at_bank`, `under_way` (it may have arrived), `withdrawn`,
    /// `set_aside`.
    pub async fn edit_application(&self, id: ApplicationId, person: Person) -> Result<()> {
        self.book
            .write(move |book, tx| {
                person.check(profile(book)?)?;
                let row = rows::application(tx, id)?;
                let open = changeable(tx, &row, id.into())?;
                match open.first().filter(|entry| entry.head.verb == CREATE).map(|entry| entry.head.state) {
                    None => Err(Error::NotPossible { why: "at_bank" }),
                    Some(State::Sending | State::Doubtful | State::Asks) => {
                        Err(Error::NotPossible { why: "under_way" })
                    }
                    Some(_) => edit(book, tx, &row, id.into(), &person, &open),
                }
            })
            .await
    }

    /// Changes a co-applicant. What waits is sent with the newest state; what is under way is left alone and the change
    /// goes out next.
    ///
    /// # Errors
    /// As `start_application`; `NotFound`; `NotPossible`: `withdrawn`, `set_aside`.
    pub async fn edit_co_applicant(&self, id: CoApplicantId, person: Person) -> Result<()> {
        self.book
            .write(move |book, tx| {
                person.check(profile(book)?)?;
                let row = rows::co_applicant(tx, id)?;
                let open = changeable(tx, &row, id.into())?;
                if open.is_empty() && person != row.person {
                    enqueue(
                        book,
                        tx,
                        id,
                        UPDATE,
                        create_of(tx, row.application.unwrap_or(ApplicationId(0)))?,
                    )?;
                }
                edit(book, tx, &row, id.into(), &person, &open)
            })
            .await
    }

    /// Takes back an application that never left, with everybody who applies in it.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible`: `at_bank` (the bank has no call to take it back), `under_way` (it may have arrived:
    /// answer the question that comes), `withdrawn`.
    pub async fn withdraw_application(&self, id: ApplicationId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let row = rows::application(tx, id)?;
                never_left(tx, &row, &id.lane())?;
                for with in rows::co_applicants(tx, id)?.iter().filter(|row| row.stage == Stage::Live) {
                    close(book, tx, &CoApplicantId(with.id).lane())?;
                }
                close(book, tx, &id.lane())
            })
            .await
    }

    /// Takes back a co-applicant who never left.
    ///
    /// # Errors
    /// As `withdraw_application`.
    pub async fn withdraw_co_applicant(&self, id: CoApplicantId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let row = rows::co_applicant(tx, id)?;
                never_left(tx, &row, &id.lane())?;
                close(book, tx, &id.lane())
            })
            .await
    }

    /// Has the bank make its additional questions (createPreRequirements) once it has the application; they come with the
    /// next list of actions. Asked for twice before it left, it leaves once.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible` (`withdrawn`).
    pub async fn ask_requirements(&self, of: ApplicationId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                profile(book)?;
                if rows::application(tx, of)?.stage == Stage::Withdrawn {
                    return Err(Error::NotPossible { why: "withdrawn" });
                }
                let waits = |e: &Entry| e.head.verb == REQUIREMENTS && e.head.attempt == 0;
                if !outbox::open_of_lane(tx, &of.lane())?.iter().any(waits) {
                    // In the application's own lane: it comes after its create by itself.
                    enqueue(book, tx, of, REQUIREMENTS, None)?;
                }
                Ok(())
            })
            .await
    }

    /// One application.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn application(&self, id: ApplicationId) -> Result<Application> {
        self.book.read(move |_, conn| shown(conn, rows::application(conn, id)?)).await
    }

    /// The application that a prospect became, if it did.
    ///
    /// # Errors
    /// The store's.
    pub async fn application_of(&self, prospect: ProspectId) -> Result<Option<ApplicationId>> {
        self.book.read(move |_, conn| rows::of_prospect(conn, prospect)).await
    }

    /// The applications after that one (0: from the first), oldest first, at most `limit` (500 at most).
    ///
    /// # Errors
    /// The store's.
    pub async fn applications(&self, after: ApplicationId, limit: usize) -> Result<Vec<Application>> {
        self.book
            .read(move |_, conn| {
                let found = rows::applications(conn, after, limit.clamp(1, 500))?;
                found.into_iter().map(|row| shown(conn, row)).collect()
            })
            .await
    }
}

fn shown(conn: &Connection, row: Row) -> Result<Application> {
    let id = ApplicationId(row.id);
    let with = rows::co_applicants(conn, id)?;
    let co_applicants =
        with.into_iter().map(|row| co_applicant(conn, id, row)).collect::<Result<Vec<_>>>()?;
    let unsent = outbox::lane_open(conn, &id.lane())? || co_applicants.iter().any(|with| with.unsent);
    Ok(Application {
        id,
        application_id: row.application_id,
        party_id: row.party_id,
        prospect: row.prospect,
        person: row.person,
        co_applicants,
        made_at: row.made_at,
        stage: row.stage,
        unsent,
    })
}

fn co_applicant(conn: &Connection, application: ApplicationId, row: Row) -> Result<CoApplicant> {
    let id = CoApplicantId(row.id);
    let unsent = outbox::lane_open(conn, &id.lane())?;
    Ok(CoApplicant { id, application, person: row.person, index: row.made_at, stage: row.stage, unsent })
}

/// The entry that carries an application to the bank, while that is not done.
fn create_of(conn: &Connection, id: ApplicationId) -> Result<Option<EntryId>> {
    let open = outbox::open_of_lane(conn, &id.lane())?;
    Ok(open.into_iter().find(|entry| entry.head.verb == CREATE).map(|entry| entry.head.id))
}

/// What of her lane is not settled, if the officer may still change her.
fn changeable(tx: &Transaction<'_>, row: &Row, record: Record) -> Result<Vec<Entry>> {
    let open = outbox::open_of_lane(tx, &record.lane())?;
    let aside = open.iter().any(|entry| entry.head.state == State::SetAside);
    match row.stage {
        Stage::Withdrawn => Err(Error::NotPossible { why: "withdrawn" }),
        Stage::Live if aside => Err(Error::NotPossible { why: "set_aside" }),
        Stage::Live => Ok(open),
    }
}

fn edit(
    book: &Book,
    tx: &Transaction<'_>,
    row: &Row,
    record: Record,
    person: &Person,
    open: &[Entry],
) -> Result<()> {
    if *person == row.person {
        return Ok(());
    }
    rows::set_person(tx, row.id, person)?;
    match open.first() {
        Some(entry) if entry.head.state == State::Refused => {
            let ready = Move::Ready { due: None, reason: None };
            calls::apply(&*book.remote(&entry.remote)?, tx, entry, ready, book.now())?;
        }
        _ => outbox::now(tx, &record.lane())?,
    }
    feed::touch(tx, &record.lane()).map(drop)
}

/// Proven never to have left: ready or refused, and never in doubt.
fn never_left(tx: &Transaction<'_>, row: &Row, lane: &str) -> Result<()> {
    let not = |why| Err(Error::NotPossible { why });
    if row.stage == Stage::Withdrawn {
        return not("withdrawn");
    }
    if row.acked > 0 || row.application_id.is_some() {
        return not("at_bank");
    }
    let open = outbox::open_of_lane(tx, lane)?;
    let still = |e: &Entry| matches!(e.head.state, State::Ready | State::Refused | State::Blocked);
    if open.iter().all(|e| still(e) && e.head.doubts == 0) { Ok(()) } else { not("under_way") }
}

/// Closes what is open of a lane, the newest first: nothing is freed by it.
fn close(book: &Book, tx: &Transaction<'_>, lane: &str) -> Result<()> {
    for entry in outbox::open_of_lane(tx, lane)?.iter().rev() {
        let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
        calls::apply(&*book.remote(&entry.remote)?, tx, entry, closed, book.now())?;
    }
    Ok(())
}
