//! The fields of a prospect as one table: wire name, kind, who writes it. Merge, checks, wire and search all walk it.

use crate::text::civil;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Free text; leading spaces are kept.
    Text,
    /// A phone number, as text.
    Phone,
    /// A whole number as text.
    Number,
    /// A code of the profile's list for this field, if it has one.
    Code,
    /// `0` or `1`.
    Flag,
    /// A civil date-time, `YYYY-MM-DD hh:mm:ss.000`; the server keeps whole seconds.
    DateTime,
    /// Sent as a date-time; comes back with the time cut off, so that only the date can be compared.
    Day,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $wire:literal $own:literal $kind:ident),+ $(,)?) => {
        /// A field of a prospect that the tablet writes. (`Code` and `ProspectClientID` are the record's identity,
        /// `CustServerID` and `FromSystemID` the server's own: see `Prospect`.)
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Field { $($(#[$doc])* $name),+ }

        impl Field {
            /// All fields, in the order of the contract's list.
            pub const ALL: [Field; 22] = [$(Field::$name),+];

            /// The seed's own spelling.
            #[must_use]
            pub fn wire(self) -> &'static str {
                match self { $(Field::$name => $wire),+ }
            }

            /// Its name in this API and in its errors.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Field::$name => $own),+ }
            }

            /// What it holds.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Field::$name => Kind::$kind),+ }
            }

            /// The field of that wire name.
            #[must_use]
            pub fn by_wire(name: &str) -> Option<Field> {
                match name { $($wire => Some(Field::$name),)+ _ => None }
            }

            /// The field of that name in this API.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Field> {
                match name { $($own => Some(Field::$name),)+ _ => None }
            }
        }
    };
}

fields! {
    /// Age in years.
    Age "Age" "age" Number,
    /// Business status.
    BusinessStatus "BizStatusID" "business_status" Code,
    /// Collateral status.
    CollateralStatus "CollateralStatusID" "collateral_status" Code,
    /// When the tablet made the record: the natural key, unique to the second in this book. Written by the library.
    CreatedAt "CreateDateClient" "created_at" DateTime,
    /// The customer's comment.
    Comment "CustComment" "comment" Text,
    /// When she is expected to come on board.
    ExpectOnBoard "ExpectOnBoardDate" "expect_on_board" DateTime,
    /// Gender.
    Gender "GenderID" "gender" Code,
    /// Whether she can take a loan.
    LoanEligible "LoanEligibleID" "loan_eligible" Code,
    /// Name in Latin letters.
    NameEn "NameEn" "name_en" Text,
    /// Name in Khmer.
    NameKh "NameKh" "name_kh" Text,
    /// Phone number.
    Phone "Phone" "phone" Phone,
    /// First promotion day.
    Promotion1 "PromotionDate1" "promotion_1" Day,
    /// Second promotion day.
    Promotion2 "PromotionDate2" "promotion_2" Day,
    /// Third promotion day.
    Promotion3 "PromotionDate3" "promotion_3" Day,
    /// Status of the prospect.
    Status "ProspectStatusID" "status" Code,
    /// By whom she was referred (code).
    ReferBy "ReferByID" "refer_by" Code,
    /// By whom she was referred (name).
    ReferName "ReferName" "refer_name" Text,
    /// When she was registered.
    RegisteredAt "RegisterDate" "registered_at" DateTime,
    /// Village code.
    Village "VillageID" "village" Code,
    /// Already a customer.
    OldCustomer "IsOldCust" "old_customer" Flag,
    /// Occupation.
    Occupation "OccupationType" "occupation" Text,
    /// The credit officer's comment.
    OfficerComment "COCommends" "officer_comment" Text,
}

impl Field {
    /// Does the server know it? A V1.0.0 server has neither of the two fields that V1.0.1 added.
    #[must_use]
    pub fn known(self, v100: bool) -> bool {
        !(v100 && matches!(self, Field::Occupation | Field::OfficerComment))
    }

    /// The same value, as far as the server can return it? Dates lose milliseconds, promotion days their time.
    #[must_use]
    pub fn same(self, a: &str, b: &str) -> bool {
        a == b
            || match self.kind() {
                Kind::DateTime => civil::same_second(a, b),
                Kind::Day => civil::same_day(a, b),
                _ => false,
            }
    }
}

/// The 22 values, one text each; empty means not given. In storage a JSON object by wire name, empty ones left out.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields([String; 22]);

impl Fields {
    /// The value of a field; empty when not given.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// Puts a value.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.0[field as usize] = value.into();
    }

    /// The fields in which two records differ, by what the server can return.
    pub fn differing<'a>(&'a self, other: &'a Fields) -> impl Iterator<Item = Field> + 'a {
        Field::ALL.into_iter().filter(|f| !f.same(self.get(*f), other.get(*f)))
    }
}

impl std::fmt::Debug for Fields {
    /// Personal data is never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields(…)")
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        for f in Field::ALL {
            if !self.get(f).is_empty() {
                map.serialize_entry(f.wire(), self.get(f))?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Fields;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("fields by wire name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    // A name of a later version is passed over: an older library still reads the rest.
                    if let Some(f) = Field::by_wire(&name) {
                        fields.set(f, value);
                    }
                }
                Ok(fields)
            }
        }
        d.deserialize_map(V)
    }
}
