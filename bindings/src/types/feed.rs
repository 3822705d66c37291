//! What changed, by a cursor.

/// The changes after a cursor.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FeedBatch {
    /// Oldest first. A subject comes once, with its last change.
    pub items: Vec<FeedItem>,
    /// The cursor to ask with next.
    pub revision: i64,
    /// The cursor was the beginning or not of this book: forget what you know, these items begin the whole state.
    pub snapshot: bool,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FeedItem {
    /// When, in revisions.
    pub revision: i64,
    /// What.
    pub subject: Subject,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Subject {
    /// One prospect, or its standing.
    Prospect {
        /// Its number.
        id: i64,
    },
    /// Many prospects that a download brought, both ends included.
    Prospects {
        /// The first number.
        first: i64,
        /// The last number.
        last: i64,
    },
    /// One application, or its standing.
    Application {
        /// Its number.
        id: i64,
    },
    /// Somebody who applies with the applicant.
    CoApplicant {
        /// Her number.
        id: i64,
    },
    /// Something that the bank asks for, or its answer.
    Action {
        /// Its number.
        id: i64,
    },
    /// A paper.
    Document {
        /// Its number.
        id: i64,
    },
    /// A late payer, or what was recorded of her.
    Task {
        /// Her number.
        id: i64,
    },
    /// Something that was recorded of a late payer, or its standing.
    CollectionResult {
        /// Its number.
        id: i64,
    },
    /// A CRM's record, or its standing.
    CrmObject {
        /// Its number.
        id: i64,
    },
    /// A draft.
    Draft {
        /// Its number.
        id: i64,
    },
    /// The officer's session at a remote: `health` says whether she needs to sign in.
    Session {
        /// Which remote.
        remote: String,
    },
    /// A remote's own state: paused, settings wrong, natural key.
    Remote {
        /// Which.
        remote: String,
    },
    /// Something of a later version of this library.
    Other {
        /// As it is kept.
        text: String,
    },
}

impl From<satchel::feed::FeedBatch> for FeedBatch {
    fn from(b: satchel::feed::FeedBatch) -> Self {
        let item = |i: satchel::feed::FeedItem| FeedItem { revision: i.revision, subject: i.subject.into() };
        FeedBatch {
            items: b.items.into_iter().map(item).collect(),
            revision: b.revision,
            snapshot: b.snapshot,
        }
    }
}

impl From<satchel::feed::Subject> for Subject {
    fn from(subject: satchel::feed::Subject) -> Self {
        use satchel::feed::Subject as From;
        match subject {
            From::Prospect(id) => Subject::Prospect { id },
            From::Prospects(first, last) => Subject::Prospects { first, last },
            From::Draft(id) => Subject::Draft { id },
            From::Session(remote) => Subject::Session { remote },
            From::Remote(remote) => Subject::Remote { remote },
            From::Other(text) => Subject::Other { text },
            From::Application(id) => Subject::Application { id },
            From::CoApplicant(id) => Subject::CoApplicant { id },
            From::Action(id) => Subject::Action { id },
            From::Document(id) => Subject::Document { id },
            From::Task(id) => Subject::Task { id },
            From::CollectionResult(id) => Subject::CollectionResult { id },
            From::CrmObject(id) => Subject::CrmObject { id },
        }
    }
}
