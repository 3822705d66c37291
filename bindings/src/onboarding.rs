//! Onboarding: who applies, what the bank asks, and the papers.

use crate::error::SatchelError;
use crate::run::{errand, promise};
use crate::satchel::{Satchel, at_most};
use crate::types::{
    ActionFilter, ActionGrouping, ActionOverview, Answer, Application, Asking, Attached, CaptureSlot,
    Document, Downloaded, OnboardingSecrets, PaperSource, Person, unix_ms,
};
use satchel::onboarding::{self as core, ActionId, ApplicationId, CoApplicantId, DocumentId};
use satchel::prospect::ProspectId;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Mutex;

/// The onboarding of an open book: people who apply, what the bank asks of them, and the papers they bring.
///
/// Make one of a `Satchel` wherever it is needed: it is the same book, with the same outbox, feed, standings and questions.
/// Everything works without a link. What depends on the bank's `Application_id` waits for it by itself, across restarts.
/// Each method throws `NotFound` (`onboarding`) where the profile has none.
#[derive(uniffi::Object)]
pub struct Onboarding {
    book: satchel::Satchel,
}

#[uniffi::export]
impl Onboarding {
    /// Of this book.
    #[uniffi::constructor]
    pub fn new(book: Arc<Satchel>) -> Arc<Self> {
        Arc::new(Onboarding { book: book.core.clone() })
    }

    /// Takes the officer's headers for the onboarding service and keeps them in her encrypted book, as `Satchel.signIn` the
    /// secrets of prospects. `expires`: when the session ends, if the app knows. `signOut` forgets both.
    ///
    /// Throws `InvalidInput` for headers that cannot be sent.
    #[uniffi::method(default(expires = None))]
    pub async fn sign_in(
        &self,
        secrets: Arc<OnboardingSecrets>,
        expires: Option<SystemTime>,
    ) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.sign_in_onboarding(secrets.core(), expires.map(unix_ms)).await }).await
    }

    /// The form for an application, filled from a prospect of this book, to be looked over before it is started: the family
    /// name stands first in her name, and country code and number of her phone are taken apart. Nothing is saved.
    ///
    /// Throws as `Satchel.get`.
    pub async fn person_of(&self, prospect: i64) -> Result<Person, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.get(ProspectId(prospect)).await }).await?;
        Ok(core::Person::of(&found.fields).into())
    }

    /// Starts an application, online or not; `from` links it to the prospect that it comes from. Returns its number.
    ///
    /// Throws `InvalidInput` naming the first field that is wrong; `NotFound` for a prospect that is not there; `NotPossible`
    /// (`has_application`) for one that has an application already. Nothing is saved.
    #[uniffi::method(default(from = None))]
    pub async fn start_application(&self, person: Person, from: Option<i64>) -> Result<i64, SatchelError> {
        let (core, person) = (self.book.clone(), person.core()?);
        promise(async move { core.start_application(person, from.map(ProspectId)).await })
            .await
            .map(|id| id.0)
    }

    /// Adds somebody who applies too; she leaves once the bank has the application. Returns her number.
    ///
    /// Throws as `startApplication`; `NotPossible` (`withdrawn`).
    pub async fn add_co_applicant(&self, application: i64, person: Person) -> Result<i64, SatchelError> {
        let (core, person) = (self.book.clone(), person.core()?);
        let added =
            promise(async move { core.add_co_applicant(ApplicationId(application), person).await }).await;
        added.map(|id| id.0)
    }

    /// Changes the applicant, as long as the bank does not have her: it has no call to change her afterwards.
    ///
    /// Throws as `startApplication`; `NotPossible`: `at_bank`, `under_way` (it may have arrived), `withdrawn`, `set_aside`.
    pub async fn edit_application(&self, id: i64, person: Person) -> Result<(), SatchelError> {
        let (core, person) = (self.book.clone(), person.core()?);
        promise(async move { core.edit_application(ApplicationId(id), person).await }).await
    }

    /// Changes a co-applicant. What waits is sent with the newest state; what is under way is left alone and the change goes
    /// out next.
    ///
    /// Throws as `startApplication`; `NotPossible`: `withdrawn`, `set_aside`.
    pub async fn edit_co_applicant(&self, id: i64, person: Person) -> Result<(), SatchelError> {
        let (core, person) = (self.book.clone(), person.core()?);
        promise(async move { core.edit_co_applicant(CoApplicantId(id), person).await }).await
    }

    /// Takes back an application that never left, with everybody who applies in it.
    ///
    /// Throws `NotFound`; `NotPossible`: `at_bank` (the bank has no call to take it back), `under_way` (it may have arrived),
    /// `withdrawn`.
    pub async fn withdraw_application(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.withdraw_application(ApplicationId(id)).await }).await
    }

    /// Takes back a co-applicant who never left. Throws as `withdrawApplication`.
    pub async fn withdraw_co_applicant(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.withdraw_co_applicant(CoApplicantId(id)).await }).await
    }

    /// Has the bank make its additional questions once it has the application; they come with a later `downloadActions`.
    /// Asked for twice before it left, it leaves once. Throws `NotFound`; `NotPossible` (`withdrawn`).
    pub async fn ask_requirements(&self, application: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.ask_requirements(ApplicationId(application)).await }).await
    }

    /// One application. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn application(&self, id: i64) -> Result<Application, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.application(ApplicationId(id)).await }).await.map(Application::from)
    }

    /// The number of the application that a prospect became; nothing when it became none.
    pub async fn application_of(&self, prospect: i64) -> Result<Option<i64>, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.application_of(ProspectId(prospect)).await }).await?;
        Ok(found.map(|id| id.0))
    }

    /// The applications after that number (0: from the first), oldest first, at most `limit` (500 at most).
    pub async fn applications(&self, after: i64, limit: i32) -> Result<Vec<Application>, SatchelError> {
        let core = self.book.clone();
        let found = async move { core.applications(ApplicationId(after), at_most(limit)).await };
        Ok(errand(found).await?.into_iter().map(Application::from).collect())
    }

    /// Reads what the bank asks and merges it in. Nothing is applied unless the whole reply is good; an answer that is not
    /// sent yet is never lost: what was withdrawn or answered by someone else says so and keeps it. A caller that goes away
    /// ends it.
    ///
    /// Throws `NeedsSignIn`, `Remote`: nothing was applied.
    pub async fn download_actions(&self) -> Result<Downloaded, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.download_actions().await }).await.map(Downloaded::from)
    }

    /// What the bank asks, in the order of its list.
    pub async fn actions(&self, filter: ActionFilter) -> Result<Vec<Asking>, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.actions(filter.into()).await }).await?;
        Ok(found.into_iter().map(Asking::from).collect())
    }

    /// The same in sections, each with how far it has come: by the bank's groups, or by person.
    pub async fn overview(
        &self,
        filter: ActionFilter,
        by: ActionGrouping,
    ) -> Result<ActionOverview, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.actions(filter.into()).await }).await?;
        Ok(ActionOverview::of(&found, by))
    }

    /// One thing that the bank asks. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn action(&self, id: i64) -> Result<Asking, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.action(ActionId(id)).await }).await.map(Asking::from)
    }

    /// Answers, online or not. An answer that has not left yet is replaced; one that is under way is left alone, and this one
    /// goes out next. Where the bank has one of hers already, this one corrects it: it goes over it, and goes again should its
    /// outcome not be known. An answer that says that the papers are there leaves after them.
    ///
    /// Throws `InvalidInput` in `answer`: empty, too long, not of the kind that is asked for, not one of the options, no
    /// paper; `NotFound`; `NotPossible`: `gone`, `answered` (by someone else), `set_aside`.
    pub async fn answer(&self, id: i64, answer: Answer) -> Result<(), SatchelError> {
        let (core, answer) = (self.book.clone(), answer.core()?);
        promise(async move { core.answer(ActionId(id), answer).await }).await
    }

    /// Takes back an answer that never left. Throws `NotFound`; `NotPossible`: `at_bank` (there is none that waits),
    /// `under_way` (it may have arrived).
    pub async fn withdraw_answer(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.withdraw_answer(ActionId(id)).await }).await
    }

    /// Takes a paper into the book: a JPEG or PNG is turned upright, freed of everything but its pixels (place, camera, time)
    /// and made to fit the bank's limit; a PDF is taken as it is. When this returns all of it is on disk, encrypted, and
    /// queued; the source is not needed again. A crash before leaves nothing of it. `progress` shows how far it is.
    ///
    /// `name` is the file's name as the bank shall see it, `info` what the officer says about it (may be empty). What may be
    /// wrong with a photo is said as warnings: nothing is refused because of them.
    ///
    /// Throws, and nothing is kept: `InvalidInput` in `name` (the bank's rules), in `source` (not a plain file), in `slot` (no
    /// slot's name), in `paper` (empty, cut off, damaged, not what its name says, HEIC, too many pixels or pages, a PDF over
    /// the limit or with a password); `NotFound` for the action; `NotPossible` (`gone`, `answered`); `DiskFull`.
    pub async fn attach(
        &self,
        action: i64,
        source: PaperSource,
        name: String,
        info: String,
    ) -> Result<Attached, SatchelError> {
        let (core, source) = (self.book.clone(), source.core()?);
        promise(async move { core.attach(ActionId(action), source, &name, &info).await })
            .await
            .map(Attached::from)
    }

    /// Begins to take a paper's bytes piece by piece, for what is no file: nothing of them is ever a plain one.
    pub fn write_paper(&self) -> Result<Arc<PaperWriter>, SatchelError> {
        let writer = Mutex::new(Some(self.book.write_paper()));
        Ok(Arc::new(PaperWriter { book: self.book.clone(), writer: Arc::new(writer) }))
    }

    /// A path for the camera to write a photo to, in the library's own folder. Attach it as `PaperSource.Captured`: that
    /// removes the file. It is not encrypted until then: take, attach. This, `discardCaptured` and an empty `recovered` look at
    /// files alone, and answer on a locked book too.
    pub async fn capture_slot(&self) -> Result<CaptureSlot, SatchelError> {
        let core = self.book.clone();
        let (slot, path) = promise(async move { core.capture_slot().await }).await?;
        Ok(CaptureSlot { slot, path: path.to_string_lossy().into_owned() })
    }

    /// What a camera has written into a slot and was never attached, by the slots' names: the app was killed in between. Offer
    /// them to the officer.
    pub async fn recovered(&self) -> Result<Vec<String>, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.recovered().await }).await
    }

    /// Throws a captured photo away that is not wanted. Throws `InvalidInput` for a name that is no slot's.
    pub async fn discard_captured(&self, slot: String) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.discard_captured(&slot).await }).await
    }

    /// One paper, without its bytes. Throws `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn document(&self, id: i64) -> Result<Document, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.document(DocumentId(id)).await }).await.map(Document::from)
    }

    /// The papers of an action, oldest first; those taken back too.
    pub async fn documents(&self, action: i64) -> Result<Vec<Document>, SatchelError> {
        let core = self.book.clone();
        let found = errand(async move { core.documents(ActionId(action)).await }).await?;
        Ok(found.into_iter().map(Document::from).collect())
    }

    /// Small JPEGs for lists, 160 pixels at most, in the order of the papers asked for; nothing for a PDF. Ask for those of
    /// a screen at once. Throws `NotFound`: one of them is not there.
    pub async fn thumbnails(&self, documents: Vec<i64>) -> Result<Vec<Option<Vec<u8>>>, SatchelError> {
        let core = self.book.clone();
        let of = documents.into_iter().map(DocumentId).collect();
        errand(async move { core.thumbnails(of).await }).await
    }

    /// The paper as it is sent, whole: at most the profile's limit (2 MB).
    ///
    /// Throws `NotFound`; `NotPossible` (`pruned`): it was delivered long ago, and its bytes are at the bank alone.
    pub async fn preview(&self, document: i64) -> Result<Vec<u8>, SatchelError> {
        let core = self.book.clone();
        errand(async move { core.preview(DocumentId(document)).await }).await
    }

    /// Takes back a paper that never left. It is kept like a delivered one, and seen among its action's papers.
    ///
    /// Throws `NotFound`; `NotPossible`: `at_bank`, `under_way` (it may have arrived), `withdrawn`.
    pub async fn withdraw_document(&self, id: i64) -> Result<(), SatchelError> {
        let core = self.book.clone();
        promise(async move { core.withdraw_document(DocumentId(id)).await }).await
    }
}

/// Takes a paper's bytes piece by piece. What is never attached is gone with the next open of the book.
#[derive(uniffi::Object)]
pub struct PaperWriter {
    book: satchel::Satchel,
    writer: Arc<Mutex<Option<core::PaperWriter>>>,
}

#[uniffi::export]
impl PaperWriter {
    /// Takes some more bytes. They are in the book, encrypted, when this returns, but for less than 64 KiB.
    ///
    /// Throws `InvalidInput` beyond 256 MiB; `NotPossible` (`attached`); `DiskFull`.
    pub async fn write(&self, bytes: Vec<u8>) -> Result<(), SatchelError> {
        let writer = self.writer.clone();
        promise(async move {
            match writer.lock().await.as_mut() {
                Some(writer) => writer.write(&bytes).await,
                None => Err(satchel::Error::NotPossible { why: "attached" }),
            }
        })
        .await
    }

    /// That was all of it: takes the paper into the book as `Onboarding.attach` does, and throws as that; `NotPossible`
    /// (`attached`) the second time. After an error the bytes are to be written anew, with another writer.
    pub async fn attach(&self, action: i64, name: String, info: String) -> Result<Attached, SatchelError> {
        let (core, writer) = (self.book.clone(), self.writer.clone());
        let attached = async move {
            let writer = writer.lock().await.take();
            let written = writer.ok_or(satchel::Error::NotPossible { why: "attached" })?.finish().await?;
            core.attach(ActionId(action), core::Source::Written(written), &name, &info).await
        };
        promise(attached).await.map(Attached::from)
    }
}
