//! Collection: late payers, and what the officer records of them.

use crate::error::SatchelError;
use crate::run::{errand, promise};
use crate::satchel::Satchel;
use crate::types::{
    CollectionResult, CollectionSecrets, Downloaded, ResultFields, TaskListed, TaskPage, TaskQuery, unix_ms,
};
use satchel::collection::{CollectionResultId, TaskId};
use std::sync::Arc;
use std::time::SystemTime;

/// The collection of an open book: late payers as the bank lists them, and what the officer records of her visits and calls.
///
/// Make one of a `Satchel` wherever it is needed: it is the same book, with the same outbox, feed, standings and questions.
/// Everything but `downloadTasks` works without a link. Each method throws `NotFound` (`collection`) where the profile has
/// none and one is needed.
#[derive(uniffi::Object)]
pub struct CollectionDesk {
    book: satchel::Satchel,
}

#[uniffi::export]
impl CollectionDesk {
    /// Of this book.
    #[uniffi::constructor]
    pub fn new(book: Arc<Satchel>) -> Arc<Self> {
        Arc::new(CollectionDesk { book: book.core.clone() })
    }

    /// Takes the officer's secrets for the collection service and keeps them in her encrypted book, as `Satchel.signIn` those
    /// for prospects. `expires`: when they end, if the app knows. `signOut` forgets all of them.
    ///
    /// Throws `InvalidInput` for what cannot be sent, and for no HashKey.
    #[uniffi::method(default(expires = None))]
    pub async fn sign_in(
        &self,
        secrets: Arc<CollectionSecrets>,
        expires: Option<SystemTime>,
    ) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.sign_in_collection(secrets.core(), expires.map(unix_ms)).await }).await
    }

    /// Reads the officer's late payers from the bank and merges them in. Nothing is applied unless the whole reply is good. Who
    /// is no longer listed stays, as gone, with everything that was recorded. A caller that goes away ends it.
    ///
    /// Throws `NeedsSignIn`, `Remote`: nothing was applied.
    pub async fn download_tasks(&self) -> Result<Downloaded, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.download_tasks().await }).await.map(Downloaded::from)
    }

    /// Late payers in the order in which an officer would visit them.
    ///
    /// Throws `InvalidInput` for a search text that is too long, an amount or a cursor that is none.
    pub async fn tasks(&self, query: TaskQuery) -> Result<TaskPage, SatchelError> {
        let (core, query) = (self.book.clone(), query.core()?);
        errand(async move { core.tasks(query).await }).await.map(TaskPage::from)
    }

    /// A late payer with what was recorded of her here. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn task(&self, id: i64) -> Result<TaskListed, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.task(TaskId(id)).await }).await.map(TaskListed::from)
    }

    /// The branches of the late payers that the bank lists, by name.
    pub async fn branches(&self) -> Result<Vec<String>, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.task_branches().await }).await
    }

    /// Records a visit or a call, online or not; returns its number. It leaves once, with the time that it has here. An answer
    /// that is lost is asked about: nothing at the bank shows whether it arrived.
    ///
    /// Throws `InvalidInput` naming the first field that is wrong (`contract`: the bank's own number of it is longer than its
    /// service for results takes); `NotFound`. Nothing is saved.
    pub async fn record(&self, task: i64, fields: ResultFields) -> Result<i64, SatchelError> {
        let (core, fields) = (self.book.clone(), fields.core()?);
        promise(async move { core.record_result(TaskId(task), fields).await }).await.map(|id| id.0)
    }

    /// Corrects what was recorded, as long as it never left, or the bank refused it; then it leaves again.
    ///
    /// Throws as `record`; `NotPossible`: `at_bank` (there is no call to change it), `under_way` (it may have arrived),
    /// `withdrawn`, `set_aside`.
    pub async fn edit(&self, id: i64, fields: ResultFields) -> Result<(), SatchelError> {
        let (core, fields) = (self.book.clone(), fields.core()?);
        promise(async move { core.edit_result(CollectionResultId(id), fields).await }).await
    }

    /// Takes back what never left, or what the bank refused. It is kept, and seen in `history`. Throws as `edit`.
    pub async fn withdraw(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.withdraw_result(CollectionResultId(id)).await }).await
    }

    /// Something that was recorded. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn result(&self, id: i64) -> Result<CollectionResult, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.collection_result(CollectionResultId(id)).await }).await?;
        Ok(CollectionResult::from(found))
    }

    /// What was recorded of a late payer on this tablet, oldest first; what was taken back too.
    pub async fn results(&self, task: i64) -> Result<Vec<CollectionResult>, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.collection_results(TaskId(task)).await }).await?;
        Ok(found.into_iter().map(CollectionResult::from).collect())
    }
}
