//! What the app does with VBot's records. All of it is kept at once, and reaches VBot when there is a link.

use super::effect::{enqueue, profile};
use super::model::{Kind, VbotFields, VbotObject, text};
use super::wire::Verb;
use super::{VBOT, VbotSecrets};
use crate::book::Book;
use crate::crm::objects::{self, Life, Object};
use crate::error::{Error, Problem, Result};
use crate::feed;
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox, session};
use crate::record::CrmObjectId;
use crate::satchel::Satchel;
use crate::world::Secret;
use rusqlite::Transaction;

/// The longest code, in characters.
const LONGEST_CODE: usize = 100;

impl Satchel {
    /// Takes the officer's access token for VBot and keeps it in her encrypted book, as [`Satchel::sign_in`] the secrets for
    /// prospects.
    ///
    /// # Errors
    /// `InvalidInput` in `token`; `NotFound` where the profile has no VBot.
    pub async fn sign_in_vbot(&self, secrets: VbotSecrets, expires_wall: Option<i64>) -> Result<()> {
        let kept = Secret::new(secrets.checked()?);
        self.book
            .write(move |book, tx| {
                profile(book)?;
                session::keep(tx, VBOT, &book.officer, &kept, expires_wall)
            })
            .await
    }

    /// Makes a record, online or not. Without a code it gets a random one that nobody else can have: then a lost answer is
    /// settled by itself. With one that somebody has chosen a lost answer is asked about.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong, or `code`: given twice here; `NotFound` where the profile has no
    /// VBot. Nothing is saved.
    pub async fn vbot_create(&self, fields: VbotFields, code: Option<String>) -> Result<CrmObjectId> {
        self.book
            .write(move |book, tx| {
                let drawn = code.is_none();
                let code = code.clone().unwrap_or_else(|| objects::draw(&*book.world.rng));
                let id = insert(book, tx, &fields, (&code, drawn), false)?;
                enqueue(tx, (&book.officer, book.now()), id, Verb::Create, None)?;
                Ok(id)
            })
            .await
    }

    /// Writes down a record that VBot has already, to be changed or deleted from here. Nothing is sent.
    ///
    /// # Errors
    /// As `vbot_create`.
    pub async fn vbot_known(&self, fields: VbotFields, code: String) -> Result<CrmObjectId> {
        self.book
            .write(move |book, tx| {
                let id = insert(book, tx, &fields, (&code, false), true)?;
                feed::touch(tx, &id.lane())?;
                Ok(id)
            })
            .await
    }

    /// Changes a record: all that it holds from now on. What waits is sent with the newest state; what is under way is left
    /// alone, and the change goes out next.
    ///
    /// # Errors
    /// As `vbot_create`, and in `fields` for those of another kind; `NotPossible`: `deleted`, `withdrawn`, `set_aside`.
    pub async fn vbot_update(&self, id: CrmObjectId, fields: VbotFields) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let (object, open) = changeable(tx, id)?;
                fields.check(profile(book)?.max_text)?;
                if object.kind != fields.kind().word() {
                    return Err(Error::invalid("fields", Problem::Form { expected: "those of its kind" }));
                }
                objects::set_fields(tx, id, &json(&fields)?)?;
                let carries = |entry: &&Entry| matches!(entry.head.verb.as_str(), "create" | "update");
                match open.iter().rfind(carries) {
                    None => drop(enqueue(tx, (&book.officer, book.now()), id, Verb::Update, None)?),
                    Some(entry) if entry.head.state == State::Refused => {
                        let ready = Move::Ready { due: None, reason: None };
                        calls::apply(&*book.remote(VBOT)?, tx, entry, ready, book.now())?;
                    }
                    Some(_) => outbox::now(tx, &id.lane())?,
                }
                feed::touch(tx, &id.lane()).map(drop)
            })
            .await
    }

    /// Gives a record another code. It is known by the old one until VBot has confirmed it.
    ///
    /// # Errors
    /// As `vbot_update`, for `code`.
    pub async fn vbot_rename(&self, id: CrmObjectId, code: String) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let (object, _) = changeable(tx, id)?;
                free(tx, &object.kind, &code)?;
                enqueue(tx, (&book.officer, book.now()), id, Verb::Rename, Some(&code)).map(drop)
            })
            .await
    }

    /// Deletes a record. One that never left is taken back, and nothing is sent.
    ///
    /// # Errors
    /// As `vbot_update`.
    pub async fn vbot_delete(&self, id: CrmObjectId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let (_, open) = changeable(tx, id)?;
                let never_left = |entry: &&Entry| {
                    entry.head.verb == Verb::Create.word()
                        && matches!(entry.head.state, State::Ready | State::Refused | State::Blocked)
                        && entry.head.doubts == 0
                };
                match open.first().filter(never_left) {
                    Some(create) => {
                        let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
                        calls::apply(&*book.remote(VBOT)?, tx, create, closed, book.now()).map(drop)
                    }
                    None => enqueue(tx, (&book.officer, book.now()), id, Verb::Delete, None).map(drop),
                }
            })
            .await
    }

    /// One record.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn vbot_object(&self, id: CrmObjectId) -> Result<VbotObject> {
        self.book
            .read(move |_, conn| {
                let object = objects::get(conn, id)?;
                if object.remote != VBOT {
                    return Err(Error::NotFound { what: "crm_object" });
                }
                shown(object, outbox::lane_open(conn, &id.lane())?)
            })
            .await
    }

    /// The records of a kind after that number, oldest first, at most `limit` (500 at most). One that cannot be read is left
    /// out: `vbot_object` says so.
    ///
    /// # Errors
    /// The store's.
    pub async fn vbot_objects(
        &self,
        kind: Kind,
        after: CrmObjectId,
        limit: usize,
    ) -> Result<Vec<VbotObject>> {
        self.book
            .read(move |_, conn| {
                let open = outbox::open_lanes(conn, VBOT)?;
                let found = objects::some(conn, VBOT, kind.word(), after, limit.clamp(1, 500))?;
                let of = |object: Object| {
                    let unsent = open.contains(&object.id.lane());
                    shown(object, unsent).ok()
                };
                Ok(found.into_iter().filter_map(of).collect())
            })
            .await
    }
}

fn json(fields: &VbotFields) -> Result<String> {
    serde_json::to_string(fields).map_err(|_| Error::internal("fields"))
}

fn shown(object: Object, unsent: bool) -> Result<VbotObject> {
    let fields = serde_json::from_str(&object.fields)?;
    Ok(VbotObject { id: object.id, code: object.code, fields, life: object.life, unsent })
}

fn insert(
    book: &Book,
    tx: &Transaction<'_>,
    fields: &VbotFields,
    (code, drawn): (&str, bool),
    there: bool,
) -> Result<CrmObjectId> {
    fields.check(profile(book)?.max_text)?;
    free(tx, fields.kind().word(), code)?;
    objects::insert(tx, (VBOT, fields.kind().word()), (code, drawn), &json(fields)?, there)
}

/// A code that can be sent, and that no other record of its kind here has.
fn free(tx: &Transaction<'_>, kind: &str, code: &str) -> Result<()> {
    text("code", code, true, LONGEST_CODE)?;
    match objects::of_code(tx, VBOT, kind, code)? {
        None => Ok(()),
        Some(_) => Err(Error::invalid("code", Problem::Twice)),
    }
}

/// A record that is there or to be there, and what of it is open.
fn changeable(tx: &Transaction<'_>, id: CrmObjectId) -> Result<(Object, Vec<Entry>)> {
    let object = objects::get(tx, id)?;
    let not = |why| Err(Error::NotPossible { why });
    if object.remote != VBOT {
        return Err(Error::NotFound { what: "crm_object" });
    }
    match object.life {
        Life::Deleted => return not("deleted"),
        Life::Withdrawn => return not("withdrawn"),
        Life::Live => {}
    }
    let open = outbox::open_of_lane(tx, &id.lane())?;
    if open.iter().any(|entry| entry.head.state == State::SetAside) {
        return not("set_aside");
    }
    match open.iter().any(|entry| entry.head.verb == Verb::Delete.word()) {
        true => not("deleted"),
        false => Ok((object, open)),
    }
}
