//! What the app sees of a prospect, and how it says what to change.

use super::{Field, Fields, shows};
use crate::outbox::entry::words;
use crate::record::ProspectId;
use crate::stamp::Stamp;
use crate::text::civil;
use jiff::civil::{Date, DateTime};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

words! {
    /// Where a prospect stands as a record, whatever its entries do.
    Life {
        /// In work.
        Live = "live",
        /// Rejected by this officer, proven.
        Rejected = "rejected",
        /// Withdrawn before it ever left the tablet.
        Withdrawn = "withdrawn",
        /// Its code is missing from a full download: rejected or moved by someone else.
        Gone = "gone",
    }
}

words! {
    /// What the officer wants of a create whose outcome is not known yet.
    Intent {
        /// To be rejected under its code once it is proved.
        Reject = "reject",
        /// Not to be sent; rejected under its code should it turn out to have arrived.
        Withdraw = "withdraw",
    }
}

/// A prospect as the officer sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Prospect {
    /// Its number in this book.
    pub id: ProspectId,
    /// The server's code, once it gave one.
    pub code: Option<String>,
    /// The 22 values, with everything the officer typed, sent or not.
    pub fields: Fields,
    /// Raised by each change of the officer.
    pub revision: i64,
    /// Where it stands.
    pub life: Life,
    /// What waits for the officer's choice.
    pub conflict: Option<Conflict>,
    /// Something of it has not been settled with the server.
    pub unsent: bool,
    /// What only the server writes.
    pub server: ServerFields,
    /// When the record was made, civil time of the profile's zone; `None` when the server's text was no date-time.
    pub created_at: Option<DateTime>,
}
shows!(Prospect { id, revision, life, unsent });

/// What only the server writes.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServerFields {
    /// `CustServerID`.
    #[serde(rename = "CustServerID", default, skip_serializing_if = "String::is_empty")]
    pub customer_server_id: String,
    /// `FromSystemID`.
    #[serde(rename = "FromSystemID", default, skip_serializing_if = "String::is_empty")]
    pub from_system_id: String,
}
shows!(ServerFields {});

/// Fields that the officer and someone else changed to different values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<FieldConflict>", into = "Vec<FieldConflict>")]
pub struct Conflict {
    /// Handed back with the choice (`resolve`). Another value on either side has another one.
    pub asked: Stamp,
    /// Each of them once.
    pub fields: Vec<FieldConflict>,
}

impl Conflict {
    /// A conflict of these.
    #[must_use]
    pub fn new(fields: Vec<FieldConflict>) -> Self {
        let shown = fields.iter().flat_map(|c| [c.field.wire(), &c.base, &c.mine, &c.theirs]);
        Conflict { asked: Stamp::of(shown), fields }
    }
}

impl From<Vec<FieldConflict>> for Conflict {
    fn from(fields: Vec<FieldConflict>) -> Self {
        Conflict::new(fields)
    }
}

impl From<Conflict> for Vec<FieldConflict> {
    fn from(conflict: Conflict) -> Self {
        conflict.fields
    }
}

impl std::fmt::Debug for Conflict {
    /// Which fields, never what they hold.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Conflict ")?;
        f.debug_list().entries(self.fields.iter().map(|c| c.field)).finish()
    }
}

/// One field's three values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// Which.
    #[serde(serialize_with = "to_wire_name", deserialize_with = "from_wire_name")]
    pub field: Field,
    /// What both last agreed on.
    pub base: String,
    /// What the officer wrote.
    pub mine: String,
    /// What the server holds.
    pub theirs: String,
}
shows!(FieldConflict { field });

fn to_wire_name<S: Serializer>(field: &Field, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(field.wire())
}

fn from_wire_name<'de, D: Deserializer<'de>>(d: D) -> Result<Field, D::Error> {
    let name = String::deserialize(d)?;
    Field::by_wire(&name).ok_or_else(|| serde::de::Error::custom("no such field"))
}

/// One change of a field: set or clear. What it says is checked when it is applied.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// The new value; `None` or empty clears it.
    pub value: Option<String>,
}

impl std::fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.value.is_some() { "set" } else { "clear" };
        write!(f, "FieldChange({what} {})", self.field.name())
    }
}

impl FieldChange {
    /// Sets a text, exactly as it was typed.
    #[must_use]
    pub fn text(field: Field, text: impl Into<String>) -> Self {
        Self { field, value: Some(text.into()) }
    }

    /// Sets a whole number.
    #[must_use]
    pub fn number(field: Field, number: i64) -> Self {
        Self::text(field, number.to_string())
    }

    /// Sets yes or no.
    #[must_use]
    pub fn flag(field: Field, yes: bool) -> Self {
        Self::text(field, if yes { "1" } else { "0" })
    }

    /// Sets a civil date-time, in the profile's zone; parts of a second are cut off, as the server does.
    #[must_use]
    pub fn date_time(field: Field, at: DateTime) -> Self {
        // A year that the form cannot say becomes a text that no check lets pass: the caller hears of it there.
        Self::text(field, canonical(at).unwrap_or_else(|| "a year before 1".to_owned()))
    }

    /// Sets a day.
    #[must_use]
    pub fn day(field: Field, day: Date) -> Self {
        Self::date_time(field, day.to_datetime(jiff::civil::Time::midnight()))
    }

    /// Clears the field.
    #[must_use]
    pub fn clear(field: Field) -> Self {
        Self { field, value: None }
    }
}

impl Fields {
    /// The date-time of a field; `None` when it is empty or was no date-time when it came from the server.
    #[must_use]
    pub fn date_time(&self, field: Field) -> Option<DateTime> {
        civil::parse_upload(self.get(field)).ok()
    }

    /// The day of a field.
    #[must_use]
    pub fn day(&self, field: Field) -> Option<Date> {
        self.date_time(field).map(DateTime::date)
    }

    /// The whole number of a field.
    #[must_use]
    pub fn number(&self, field: Field) -> Option<i64> {
        self.get(field).parse().ok()
    }

    /// Yes or no; `None` when not given or neither.
    #[must_use]
    pub fn flag(&self, field: Field) -> Option<bool> {
        match self.get(field) {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
}

/// The one form in which dates are kept and sent, to the second.
pub(super) fn canonical(at: DateTime) -> Option<String> {
    let whole = at.with().subsec_nanosecond(0).build().ok()?;
    civil::format_upload(whole).ok()
}

/// Any form the service writes, in the canonical one.
pub(super) fn to_canonical(text: &str) -> Option<String> {
    civil::parse_upload(text).or_else(|_| civil::parse_download(text)).ok().and_then(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn typed_values_come_back_as_typed() {
        let mut fields = Fields::default();
        let at = datetime(2021, 2, 9, 23, 59, 7, 123_000_000);
        for change in [
            FieldChange::date_time(Field::RegisteredAt, at),
            FieldChange::day(Field::Promotion1, date(2021, 2, 9)),
            FieldChange::number(Field::Age, 26),
            FieldChange::flag(Field::OldCustomer, true),
        ] {
            fields.set(change.field, change.value.expect("a value"));
        }
        assert_eq!(fields.get(Field::RegisteredAt), "2021-02-09 23:59:07.000");
        assert_eq!(fields.date_time(Field::RegisteredAt), Some(datetime(2021, 2, 9, 23, 59, 7, 0)));
        assert_eq!(fields.day(Field::Promotion1), Some(date(2021, 2, 9)));
        assert_eq!(fields.number(Field::Age), Some(26));
        assert_eq!(fields.flag(Field::OldCustomer), Some(true));
        assert_eq!(fields.date_time(Field::ExpectOnBoard), None);
        assert_eq!(fields.flag(Field::Age), None);
    }

    #[test]
    fn both_forms_of_the_service_become_one() {
        for text in ["2021-02-09 23:59:00.000", "2/9/2021 11:59:00 PM", "2021-02-09 23:59:00.900"] {
            assert_eq!(to_canonical(text).as_deref(), Some("2021-02-09 23:59:00.000"), "{text}");
        }
        assert_eq!(to_canonical("9.2.2021"), None);
    }

    #[test]
    fn a_field_is_found_by_either_of_its_names() {
        for field in Field::ALL {
            assert_eq!(
                (Field::by_name(field.name()), Field::by_wire(field.wire())),
                (Some(field), Some(field))
            );
            assert!(field.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
            assert!(field.known(false));
        }
        assert_eq!((Field::by_name("Age"), Field::by_wire("age")), (None, None));
        let added: Vec<_> = Field::ALL.into_iter().filter(|f| !f.known(true)).map(Field::wire).collect();
        assert_eq!(added, ["OccupationType", "COCommends"]);
    }

    #[test]
    fn a_lane_names_its_prospect() {
        assert_eq!(ProspectId::of_lane(&ProspectId(42).lane()), Some(ProspectId(42)));
        for lane in ["prospect:", "prospect:x", "application:7", "42"] {
            assert_eq!(ProspectId::of_lane(lane), None, "{lane}");
        }
    }

    #[test]
    fn a_conflict_is_kept_by_the_wire_name_of_its_field() {
        let one =
            FieldConflict { field: Field::Phone, base: "1".into(), mine: "2".into(), theirs: "3".into() };
        let conflict = Conflict::new(vec![one]);
        let json = serde_json::to_string(&conflict).expect("JSON");
        assert_eq!(json, r#"[{"field":"Phone","base":"1","mine":"2","theirs":"3"}]"#);
        assert_eq!(serde_json::from_str::<Conflict>(&json).expect("a conflict"), conflict);
        assert!(serde_json::from_str::<Conflict>(&json.replace("Phone", "Fax")).is_err());
    }

    #[test]
    fn debug_shows_no_personal_data() {
        let mut fields = Fields::default();
        fields.set(Field::NameEn, "CANARY");
        let conflict = FieldConflict {
            field: Field::NameEn,
            base: "CANARY".into(),
            mine: "CANARY".into(),
            theirs: "CANARY".into(),
        };
        let server = ServerFields { customer_server_id: "CANARY".into(), from_system_id: "CANARY".into() };
        let prospect = Prospect {
            id: ProspectId(7),
            code: Some("CANARY".into()),
            fields,
            revision: 1,
            life: Life::Live,
            conflict: Some(Conflict::new(vec![conflict.clone()])),
            unsent: true,
            server: server.clone(),
            created_at: None,
        };
        let change = FieldChange::text(Field::NameEn, "CANARY");
        let shown = format!("{prospect:?} {conflict:?} {server:?} {change:?} {:?}", prospect.conflict);
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(
            shown.contains("ProspectId(7)") && shown.contains("NameEn") && shown.contains("name_en"),
            "{shown}"
        );
    }
}
