//! VBot: customers, and the statuses, types, groups and fields that they have there.

use crate::error::SatchelError;
use crate::run::{errand, promise};
use crate::satchel::{Satchel, at_most};
use crate::types::{VbotFields, VbotKind, VbotObject, VbotSecrets, unix_ms};
use satchel::crm::CrmObjectId;
use std::sync::Arc;
use std::time::SystemTime;

/// The bank's CRM VBot, as far as an open book knows it: what was said to it, for it cannot be read.
///
/// Make one of a `Satchel` wherever it is needed: it is the same book, with the same outbox, feed, standings and questions.
/// Everything works without a link. Each method throws `NotFound` (`vbot`) where the profile has none and one is needed.
#[derive(uniffi::Object)]
pub struct Vbot {
    book: satchel::Satchel,
}

#[uniffi::export]
impl Vbot {
    /// Of this book.
    #[uniffi::constructor]
    pub fn new(book: Arc<Satchel>) -> Arc<Self> {
        Arc::new(Vbot { book: book.core.clone() })
    }

    /// Takes the officer's access token and keeps it in her encrypted book, as `Satchel.signIn` the secrets of prospects.
    /// `expires`: when it ends, if the app knows. `signOut` forgets all of them.
    ///
    /// Throws `InvalidInput` for a token that cannot be sent.
    #[uniffi::method(default(expires = None))]
    pub async fn sign_in(
        &self,
        secrets: Arc<VbotSecrets>,
        expires: Option<SystemTime>,
    ) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.sign_in_vbot(secrets.core(), expires.map(unix_ms)).await }).await
    }

    /// Makes a record, online or not; returns its number. Without a code it gets a random one that nobody else can have: then a
    /// lost answer is settled by itself. With one that somebody has chosen a lost answer is asked about.
    ///
    /// Throws `InvalidInput` naming the first field that is wrong, or `code`: another record of its kind here has it.
    #[uniffi::method(default(code = None))]
    pub async fn create(&self, fields: VbotFields, code: Option<String>) -> Result<i64, SatchelError> {
        let core = self.book.clone();
        promise(async move { core.vbot_create(fields.into(), code).await }).await.map(|id| id.0)
    }

    /// Writes down a record that VBot has already, to be changed or deleted from here; returns its number. Nothing is sent.
    ///
    /// Throws as `create`.
    pub async fn known(&self, fields: VbotFields, code: String) -> Result<i64, SatchelError> {
        let core = self.book.clone();
        promise(async move { core.vbot_known(fields.into(), code).await }).await.map(|id| id.0)
    }

    /// Changes a record: all that it holds from now on. What waits is sent with the newest state; what is under way is left
    /// alone, and the change goes out next.
    ///
    /// Throws as `create`, and `InvalidInput` in `fields` for those of another kind; `NotPossible`: `deleted`, `withdrawn`,
    /// `set_aside`.
    pub async fn update(&self, id: i64, fields: VbotFields) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.vbot_update(CrmObjectId(id), fields.into()).await }).await
    }

    /// Gives a record another code. It is known by the old one until VBot has confirmed it. Throws as `update`, for `code`.
    pub async fn rename(&self, id: i64, code: String) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.vbot_rename(CrmObjectId(id), code).await }).await
    }

    /// Deletes a record. One that never left is taken back, and nothing is sent. Throws as `update`.
    pub async fn delete(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.vbot_delete(CrmObjectId(id)).await }).await
    }

    /// One record. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn object(&self, id: i64) -> Result<VbotObject, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.vbot_object(CrmObjectId(id)).await }).await.map(VbotObject::from)
    }

    /// The records of a kind after that number (0: from the first), oldest first, at most `limit` (500 at most).
    pub async fn objects(
        &self,
        kind: VbotKind,
        after: i64,
        limit: i32,
    ) -> Result<Vec<VbotObject>, SatchelError> {
        let core = self.book.clone();
        let found = async move { core.vbot_objects(kind.into(), CrmObjectId(after), at_most(limit)).await };
        Ok(errand(found).await?.into_iter().map(VbotObject::from).collect())
    }
}
