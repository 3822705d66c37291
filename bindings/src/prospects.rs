//! The officer's prospects: her verbs, her questions, and what another officer's book hands over.

use crate::error::SatchelError;
use crate::run::{errand, promise};
use crate::satchel::Satchel;
use crate::types::{
    Added, Ask, BookRecord, Decision, Draft, DraftAbout, DraftInfo, FieldChange, HandOver, Origin, Page,
    Prospect, Query, Question, Standing, TakenOver, Waiting, changes,
};
use satchel::outbox::entry::EntryId;
use satchel::prospect::{Choice, Field, ProspectId, TakenBack};
use satchel::record::Record;
use satchel::{Question as CoreQuestion, Stamp};
use std::collections::HashMap;
use std::sync::Arc;

#[uniffi::export]
impl Satchel {
    /// Saves a new prospect together with the order to send it, and removes the draft that it came from, all in one
    /// transaction. Returns its number, and others that are like it.
    ///
    /// Throws `InvalidInput` naming the first field that is wrong: nothing is saved. `DiskFull` when even the reserve is
    /// used up.
    #[uniffi::method(default(draft = None))]
    pub async fn add(
        &self,
        fields: Vec<FieldChange>,
        draft: Option<DraftAbout>,
    ) -> Result<Added, SatchelError> {
        let (core, fields) = (self.core.clone(), changes(fields)?);
        promise(async move { core.add(fields, draft.map(DraftAbout::core)).await }).await.map(Added::from)
    }

    /// Changes a prospect. What waits is sent with the newest state; what is under way is left alone and the change goes
    /// out next. Nothing is written when nothing changes. Removes the draft about it.
    ///
    /// Throws `InvalidInput`; `NotFound`; `NotPossible`: `rejected`, `withdrawn`, `gone`, `taken_back`, `reject_pending`,
    /// `set_aside`.
    pub async fn edit(&self, id: i64, changed: Vec<FieldChange>) -> Result<(), SatchelError> {
        let (core, changed) = (self.core.clone(), changes(changed)?);
        promise(async move { core.edit(ProspectId(id), changed).await }).await
    }

    /// As `edit`, by the bank's code; returns its number in this book.
    pub async fn edit_by_code(&self, code: String, changed: Vec<FieldChange>) -> Result<i64, SatchelError> {
        let (core, changed) = (self.core.clone(), changes(changed)?);
        promise(async move { core.edit_by_code(&code, changed).await }).await.map(|id| id.0)
    }

    /// Rejects a prospect at the bank. One that has no code yet is taken back as by `withdraw`. Throws as `edit`.
    pub async fn reject(&self, id: i64) -> Result<TakenBack, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.reject(ProspectId(id)).await }).await
    }

    /// Takes back a prospect that the bank does not have: at once when it never left, as a written wish when it may have.
    ///
    /// Throws as `edit`; `NotPossible` (`at_bank`): the bank has it, `reject` it.
    pub async fn withdraw(&self, id: i64) -> Result<TakenBack, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.withdraw(ProspectId(id)).await }).await
    }

    /// One prospect. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn get(&self, id: i64) -> Result<Prospect, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.get(ProspectId(id)).await }).await.map(Prospect::from)
    }

    /// One prospect by the bank's code. Throws as `get`.
    pub async fn get_by_code(&self, code: String) -> Result<Prospect, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.get_by_code(&code).await }).await.map(Prospect::from)
    }

    /// A page of the book: search, filters, in the order of names.
    ///
    /// Throws `InvalidInput` for a search text over 200 characters or a cursor that is none.
    pub async fn list(&self, query: Query) -> Result<Page, SatchelError> {
        let (core, query) = (self.core.clone(), query.core()?);
        errand(async move { core.list(query).await }).await.map(Page::from)
    }

    /// Saves a half-typed form over the draft about the same thing: unchecked, encrypted, never sent. Returns its number.
    ///
    /// Throws `InvalidInput` for a form over 256 KiB or a name that is none.
    pub async fn save_draft(&self, about: DraftAbout, form: String) -> Result<i64, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.save_draft(about.core(), form).await }).await
    }

    /// The draft about that; nothing when there is none.
    pub async fn draft(&self, about: DraftAbout) -> Result<Option<Draft>, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.draft(about.core()).await }).await.map(|draft| draft.map(Draft::from))
    }

    /// The newest drafts, at most `limit`.
    pub async fn drafts(&self, limit: i32) -> Result<Vec<DraftInfo>, SatchelError> {
        let core = self.core.clone();
        let drafts = errand(async move { core.drafts(u32::try_from(limit).unwrap_or(0)).await }).await?;
        Ok(drafts.into_iter().map(DraftInfo::from).collect())
    }

    /// Throws a draft away.
    pub async fn remove_draft(&self, about: DraftAbout) -> Result<(), SatchelError> {
        let core = self.core.clone();
        promise(async move { core.remove_draft(about.core()).await }).await
    }

    /// Where is it, why, what happens next, what can the officer do. Throws as `get`.
    pub async fn standing(&self, id: i64) -> Result<Standing, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.standing(ProspectId(id)).await }).await.map(Standing::from)
    }

    /// Everything that was sent or tried for a prospect, oldest first.
    pub async fn history(&self, id: i64) -> Result<Vec<Waiting>, SatchelError> {
        let core = self.core.clone();
        let history = errand(async move { core.history(ProspectId(id)).await }).await?;
        Ok(history.into_iter().map(Waiting::from).collect())
    }

    /// As `standing`, of any record: an application, a co-applicant, something that the bank asks for, a paper.
    pub async fn standing_of(&self, record: BookRecord) -> Result<Standing, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.standing(Record::from(record)).await }).await.map(Standing::from)
    }

    /// As `history`, of any record.
    pub async fn history_of(&self, record: BookRecord) -> Result<Vec<Waiting>, SatchelError> {
        let core = self.core.clone();
        let history = errand(async move { core.history(Record::from(record)).await }).await?;
        Ok(history.into_iter().map(Waiting::from).collect())
    }

    /// The open questions: records with the same question and nothing to show are asked about together.
    pub async fn asks(&self) -> Result<Vec<Ask>, SatchelError> {
        let core = self.core.clone();
        let asks = errand(async move { core.asks().await }).await?;
        Ok(asks.into_iter().map(Ask::from).collect())
    }

    /// Answers some questions as they were shown (by `asks`; by `waiting` or `history` of what does not ask), all in one
    /// transaction, each kept with what was shown. An answer is taken for its own question only.
    ///
    /// Throws, and then nothing is changed: `InvalidInput` for a code that is none; `NotFound`; `NotPossible`:
    /// `settled_meanwhile`, `under_way`, `asked_anew` (another question than the one shown), `conflict` (use `resolve`),
    /// `set_aside`, `one_code_one_record`, `not_asked`, `not_a_create`, `unknown_code`, `code_taken`.
    pub async fn decide(&self, questions: Vec<Question>, decision: Decision) -> Result<(), SatchelError> {
        let core = self.core.clone();
        let questions = questions.into_iter().map(CoreQuestion::from).collect();
        promise(async move { core.decide(questions, decision.into()).await }).await
    }

    /// Decides a conflict as it was shown (`asked`: the conflict's own), field by field; fields not named stay open, to be
    /// shown anew. When none is left the record goes on its way.
    ///
    /// Throws, and then nothing is changed: `NotFound`; `NotPossible`: `no_conflict`, `asked_anew`; `InvalidInput` for a
    /// field that is not in conflict.
    pub async fn resolve(
        &self,
        id: i64,
        asked: i64,
        choices: HashMap<Field, Choice>,
    ) -> Result<(), SatchelError> {
        let core = self.core.clone();
        let choices = choices.into_iter().collect();
        promise(async move { core.resolve(ProspectId(id), Stamp(asked), choices).await }).await
    }

    /// Of a book whose officer does not return: from now on nothing that is unsent in it leaves it, and what is given back
    /// says what that is. It stays in the book, set aside and counted, until `handedOver`. Called again it gives it again.
    ///
    /// Throws `NotPossible` (`sending`) while a call of this book is under way.
    pub async fn hand_over(&self) -> Result<Arc<HandOver>, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.hand_over().await }).await.map(|export| Arc::new(HandOver::new(export)))
    }

    /// Closes what another book has taken: `entries` as its `takeOver` told them. They are kept, and seen in the history.
    ///
    /// Throws `NotFound`; `NotPossible` (`not_handed_over`): then nothing is changed.
    pub async fn handed_over(&self, entries: Vec<i64>, to: String) -> Result<(), SatchelError> {
        let core = self.core.clone();
        let entries = entries.into_iter().map(EntryId).collect();
        promise(async move { core.handed_over(entries, &to).await }).await
    }

    /// Takes over what another book left unsent, as records of this officer's own. The same entry is never taken twice.
    /// What is known never to have left goes out as hers; all else asks her first. One transaction.
    ///
    /// Throws `InvalidInput` in `export`; `NotPossible`: `goes_on`, `other_profile`, `unknown_book`.
    pub async fn take_over(&self, export: Arc<HandOver>) -> Result<TakenOver, SatchelError> {
        let core = self.core.clone();
        promise(async move { core.take_over(export.core()).await }).await.map(TakenOver::from)
    }

    /// Where a prospect was taken over from; nothing: it is this officer's own.
    pub async fn origin(&self, id: i64) -> Result<Option<Origin>, SatchelError> {
        let core = self.core.clone();
        errand(async move { core.origin(ProspectId(id)).await }).await.map(|origin| origin.map(Origin::from))
    }
}
