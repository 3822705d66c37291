//! Prospects as the officer sees them, and how she changes them.

use crate::error::SatchelError;
use jiff::civil::{Date, DateTime};
use satchel::prospect::{self as core, Field, Intent, Life, TakenBack, Why};
use std::collections::HashMap;

/// A civil date-time as the bank's clocks on the wall show it: no zone, whole seconds. Always ISO 8601,
/// `2021-02-09T23:59:07`, where it comes from the library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CivilDateTime(pub String);
uniffi::custom_newtype!(CivilDateTime, String);

/// A civil day, ISO 8601: `2021-02-09`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CivilDate(pub String);
uniffi::custom_newtype!(CivilDate, String);

impl From<DateTime> for CivilDateTime {
    fn from(at: DateTime) -> Self {
        CivilDateTime(at.strftime("%Y-%m-%dT%H:%M:%S").to_string())
    }
}

impl From<Date> for CivilDate {
    fn from(day: Date) -> Self {
        CivilDate(day.to_string())
    }
}

/// A day that is handed in, for this field.
pub(crate) fn civil_day(day: &CivilDate, field: &str) -> Result<Date, SatchelError> {
    day.0.parse().map_err(|_| SatchelError::form(field, "a civil day"))
}

/// A field of a prospect that the tablet writes. What it holds and how the service spells it stands with each.
#[uniffi::remote(Enum)]
pub enum Field {
    /// Age in years, a whole number (`Age`).
    Age,
    /// Business status, a code (`BizStatusID`).
    BusinessStatus,
    /// Collateral status, a code (`CollateralStatusID`).
    CollateralStatus,
    /// When the tablet made the record, a date-time (`CreateDateClient`). Written by the library alone.
    CreatedAt,
    /// The customer's comment (`CustComment`).
    Comment,
    /// When she is expected to come on board, a date-time (`ExpectOnBoardDate`).
    ExpectOnBoard,
    /// Gender, a code (`GenderID`).
    Gender,
    /// Whether she can take a loan, a code (`LoanEligibleID`).
    LoanEligible,
    /// Name in Latin letters (`NameEn`).
    NameEn,
    /// Name in Khmer (`NameKh`).
    NameKh,
    /// Phone number, as typed (`Phone`).
    Phone,
    /// First promotion day (`PromotionDate1`).
    Promotion1,
    /// Second promotion day (`PromotionDate2`).
    Promotion2,
    /// Third promotion day (`PromotionDate3`).
    Promotion3,
    /// Status of the prospect, a code (`ProspectStatusID`).
    Status,
    /// By whom she was referred, a code (`ReferByID`).
    ReferBy,
    /// By whom she was referred, a name (`ReferName`).
    ReferName,
    /// When she was registered, a date-time (`RegisterDate`).
    RegisteredAt,
    /// Village code (`VillageID`).
    Village,
    /// Already a customer, yes or no (`IsOldCust`).
    OldCustomer,
    /// Occupation (`OccupationType`).
    Occupation,
    /// The credit officer's comment (`COCommends`).
    OfficerComment,
}

/// The field's name in this API, in errors and in forms: `name_en`.
#[uniffi::export]
pub fn field_name(field: Field) -> String {
    field.name().to_owned()
}

/// The field as the service spells it, and a profile's `codes` and `required`: `NameEn`.
#[uniffi::export]
pub fn wire_name(field: Field) -> String {
    field.wire().to_owned()
}

/// The field of that name; nothing when there is none.
#[uniffi::export]
pub fn field_by_name(name: String) -> Option<Field> {
    Field::by_name(&name)
}

/// One change of one field. What it says is checked when it is applied: `InvalidInput` names the field.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum FieldChange {
    /// Sets a text or a code, exactly as it was typed. An empty one clears.
    Text {
        /// Which.
        field: Field,
        /// The new value.
        text: String,
    },
    /// Sets a whole number.
    Number {
        /// Which.
        field: Field,
        /// The new value.
        number: i64,
    },
    /// Sets yes or no.
    Flag {
        /// Which.
        field: Field,
        /// The new value.
        yes: bool,
    },
    /// Sets a civil date-time; parts of a second are cut off, as the server does.
    At {
        /// Which.
        field: Field,
        /// The new value.
        at: CivilDateTime,
    },
    /// Sets a day.
    Day {
        /// Which.
        field: Field,
        /// The new value.
        day: CivilDate,
    },
    /// Clears the field.
    Clear {
        /// Which.
        field: Field,
    },
}

impl FieldChange {
    fn core(self) -> Result<core::FieldChange, SatchelError> {
        let bad = |field: Field, expected: &str| SatchelError::form(field.name(), expected);
        Ok(match self {
            FieldChange::Text { field, text } => core::FieldChange::text(field, text),
            FieldChange::Number { field, number } => core::FieldChange::number(field, number),
            FieldChange::Flag { field, yes } => core::FieldChange::flag(field, yes),
            FieldChange::At { field, at } => {
                let at: DateTime = at.0.parse().map_err(|_| bad(field, "a civil date-time"))?;
                core::FieldChange::date_time(field, at)
            }
            FieldChange::Day { field, day } => core::FieldChange::day(field, civil_day(&day, field.name())?),
            FieldChange::Clear { field } => core::FieldChange::clear(field),
        })
    }
}

pub(crate) fn changes(given: Vec<FieldChange>) -> Result<Vec<core::FieldChange>, SatchelError> {
    given.into_iter().map(FieldChange::core).collect()
}

/// Where a prospect stands as a record, whatever waits to be sent.
#[uniffi::remote(Enum)]
pub enum Life {
    /// In work.
    Live,
    /// Rejected by this officer, proven.
    Rejected,
    /// Withdrawn before it ever left the tablet.
    Withdrawn,
    /// Missing from the bank's whole list: rejected or moved by someone else.
    Gone,
}

/// What the officer wants of a new record whose outcome is not known yet.
#[uniffi::remote(Enum)]
pub enum Intent {
    /// To be rejected under its code once it is proved.
    Reject,
    /// Not to be sent; rejected under its code should it turn out to have arrived.
    Withdraw,
}

/// A prospect. Personal data: keep it out of logs, its text form shows all of it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Prospect {
    /// Its number in this book: stable, also on the wire as `ProspectClientID`.
    pub id: i64,
    /// The bank's code, once it gave one.
    pub code: Option<String>,
    /// The values that are not empty, with everything the officer typed, sent or not. Dates in the service's form; the
    /// typed readers beside this type give them as civil times.
    pub fields: HashMap<Field, String>,
    /// Raised by each change of the officer.
    pub revision: i64,
    /// Where it stands.
    pub life: Life,
    /// What waits for the officer's choice.
    pub conflict: Option<Conflict>,
    /// Something of it has not been settled with the server.
    pub unsent: bool,
    /// When the record was made; nothing when the server's text was no date-time.
    pub created_at: Option<CivilDateTime>,
    /// `CustServerID`, which only the server writes; empty when it has none.
    pub customer_server_id: String,
    /// `FromSystemID`, likewise.
    pub from_system_id: String,
}

impl From<core::Prospect> for Prospect {
    fn from(p: core::Prospect) -> Self {
        Prospect {
            id: p.id.0,
            code: p.code,
            fields: map(&p.fields),
            revision: p.revision,
            life: p.life,
            conflict: p.conflict.map(Conflict::from),
            unsent: p.unsent,
            created_at: p.created_at.map(CivilDateTime::from),
            customer_server_id: p.server.customer_server_id,
            from_system_id: p.server.from_system_id,
        }
    }
}

pub(crate) fn map(fields: &core::Fields) -> HashMap<Field, String> {
    let all = Field::ALL.into_iter().map(|field| (field, fields.get(field).to_owned()));
    all.filter(|(_, value)| !value.is_empty()).collect()
}

/// The civil date-time in a field's text, in any form that the service writes; nothing when it is none.
#[uniffi::export]
pub fn civil_date_time(text: String) -> Option<CivilDateTime> {
    use satchel::text::civil;
    civil::parse_upload(&text).or_else(|_| civil::parse_download(&text)).ok().map(CivilDateTime::from)
}

/// Fields that the officer and someone else changed to different values.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Conflict {
    /// Pass it back with the choice, unchanged (`resolve`). It stands for the values shown here.
    pub asked: i64,
    /// Each of them once.
    pub fields: Vec<FieldConflict>,
}

/// One field's three values.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FieldConflict {
    /// Which.
    pub field: Field,
    /// What both last agreed on.
    pub base: String,
    /// What the officer wrote.
    pub mine: String,
    /// What the bank holds.
    pub theirs: String,
}

impl From<core::Conflict> for Conflict {
    fn from(conflict: core::Conflict) -> Self {
        let one = |c: core::FieldConflict| FieldConflict {
            field: c.field,
            base: c.base,
            mine: c.mine,
            theirs: c.theirs,
        };
        Conflict { asked: conflict.asked.0, fields: conflict.fields.into_iter().map(one).collect() }
    }
}

/// A prospect just added.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Added {
    /// Its number in this book.
    pub id: i64,
    /// Others that are like it: a warning for the officer, nothing was refused because of it.
    pub similar: Vec<Similar>,
}

/// A record that may be the same person.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Similar {
    /// Its number.
    pub id: i64,
    /// In what it is like.
    pub why: Why,
}

/// In what a record is like another.
#[uniffi::remote(Enum)]
pub enum Why {
    /// The same phone number, with or without the country's code.
    Phone,
    /// The same name.
    Name,
}

impl From<core::Added> for Added {
    fn from(added: core::Added) -> Self {
        let similar = added.similar.into_iter().map(|(id, why)| Similar { id: id.0, why });
        Added { id: added.id.0, similar: similar.collect() }
    }
}

/// What taking back did.
#[uniffi::remote(Enum)]
pub enum TakenBack {
    /// It never left: it is closed, and kept.
    Now,
    /// It may have left: the wish is written down. If it arrived it is rejected under its code, if not it is closed. Where
    /// the bank's list is no proof it is looked for until the profile's `settle_by_ms`, and then asked about.
    WhenKnown,
}
