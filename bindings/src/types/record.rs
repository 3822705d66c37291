//! Which record is meant, of any kind.

use satchel::collection::CollectionResultId;
use satchel::crm::CrmObjectId;
use satchel::onboarding::{ActionId, ApplicationId, CoApplicantId, DocumentId};
use satchel::prospect::ProspectId;
use satchel::record::Record as Core;

/// Any record of the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum BookRecord {
    /// A prospect.
    Prospect {
        /// Its number.
        id: i64,
    },
    /// An application.
    Application {
        /// Its number.
        id: i64,
    },
    /// Somebody who applies with the applicant.
    CoApplicant {
        /// Her number.
        id: i64,
    },
    /// Something that the bank asks for.
    Action {
        /// Its number.
        id: i64,
    },
    /// A paper.
    Document {
        /// Its number.
        id: i64,
    },
    /// Something that was recorded of a late payer.
    CollectionResult {
        /// Its number.
        id: i64,
    },
    /// A CRM's record.
    CrmObject {
        /// Its number.
        id: i64,
    },
}

impl From<Core> for BookRecord {
    fn from(record: Core) -> Self {
        match record {
            Core::Prospect(ProspectId(id)) => BookRecord::Prospect { id },
            Core::Application(ApplicationId(id)) => BookRecord::Application { id },
            Core::CoApplicant(CoApplicantId(id)) => BookRecord::CoApplicant { id },
            Core::Action(ActionId(id)) => BookRecord::Action { id },
            Core::Document(DocumentId(id)) => BookRecord::Document { id },
            Core::CollectionResult(CollectionResultId(id)) => BookRecord::CollectionResult { id },
            Core::CrmObject(CrmObjectId(id)) => BookRecord::CrmObject { id },
        }
    }
}

impl From<BookRecord> for Core {
    fn from(record: BookRecord) -> Self {
        match record {
            BookRecord::Prospect { id } => ProspectId(id).into(),
            BookRecord::Application { id } => ApplicationId(id).into(),
            BookRecord::CoApplicant { id } => CoApplicantId(id).into(),
            BookRecord::Action { id } => ActionId(id).into(),
            BookRecord::Document { id } => DocumentId(id).into(),
            BookRecord::CollectionResult { id } => CollectionResultId(id).into(),
            BookRecord::CrmObject { id } => CrmObjectId(id).into(),
        }
    }
}
