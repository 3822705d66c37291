//! What the officer's book holds, by local numbers. A record's lane in the outbox is also its subject in the feed.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// Makes the number of a kind of record.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $lane:literal $record:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl $name {
                /// Its lane in the outbox and its subject in the feed.
                #[must_use]
                pub fn lane(self) -> String {
                    format!(concat!($lane, ":{}"), self.0)
                }

                /// The record of that lane.
                #[must_use]
                pub fn of_lane(lane: &str) -> Option<Self> {
                    lane.strip_prefix(concat!($lane, ":"))?.parse().ok().map($name)
                }
            }

            impl ToSql for $name {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    Ok(self.0.into())
                }
            }

            impl FromSql for $name {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    value.as_i64().map($name)
                }
            }

            impl From<$name> for Record {
                fn from(id: $name) -> Self {
                    Record::$record(id)
                }
            }
        )+

        /// Any record of the book.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Record { $($(#[$doc])* $record($name)),+ }

        impl Record {
            /// Its lane in the outbox and its subject in the feed.
            #[must_use]
            pub fn lane(self) -> String {
                match self { $(Record::$record(id) => id.lane()),+ }
            }

            /// The prospect, if it is one.
            #[must_use]
            pub fn prospect(self) -> Option<ProspectId> {
                if let Record::Prospect(id) = self { Some(id) } else { None }
            }

            /// The record of that lane.
            #[must_use]
            pub fn of_lane(lane: &str) -> Option<Self> {
                None$(.or_else(|| $name::of_lane(lane).map(Record::$record)))+
            }
        }
    };
}

ids! {
    /// A prospect's number in its book: the lane is `prospect:42`, and `ProspectClientID` on the wire is this number.
    ProspectId "prospect" Prospect,
    /// An application's number in its book, and so its applicant's: the lane is `application:7`.
    ApplicationId "application" Application,
    /// A co-applicant's number in her book: the lane is `co_applicant:8`.
    CoApplicantId "co_applicant" CoApplicant,
    /// The number of something that the bank asks for: the lane is `action:12`.
    ActionId "action" Action,
    /// A paper's number in its book: the lane is `document:30`.
    DocumentId "document" Document,
    /// The number of something that was recorded of a late payer: the lane is `collection_result:4`.
    CollectionResultId "collection_result" CollectionResult,
    /// The number of a CRM's record: the lane is `crm_object:9`.
    CrmObjectId "crm_object" CrmObject,
}

/// A late payer's number in its book. Nothing of hers is ever sent: she has no lane.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub i64);

impl ToSql for TaskId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for TaskId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(TaskId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_names_its_record() {
        let records: [Record; 7] = [
            ProspectId(1).into(),
            ApplicationId(2).into(),
            CoApplicantId(3).into(),
            ActionId(4).into(),
            DocumentId(5).into(),
            CollectionResultId(6).into(),
            CrmObjectId(7).into(),
        ];
        for record in records {
            assert_eq!(Record::of_lane(&record.lane()), Some(record));
        }
        assert_eq!(Record::of_lane("photo:1"), None);
        assert_eq!(Record::of_lane("prospect:x"), None);
    }
}
