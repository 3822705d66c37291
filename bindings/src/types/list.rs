//! The list: what to look for, and what a page holds.

use crate::error::SatchelError;
use satchel::prospect::{self as core, Life, ProspectId};

/// What to list. Everything given must hold.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Query {
    /// Part of a name, of a phone number or of a code, as the officer types it.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// The status code.
    #[uniffi(default = None)]
    pub status: Option<String>,
    /// How the village code begins: a branch is a prefix of it.
    #[uniffi(default = None)]
    pub village_prefix: Option<String>,
    /// Only what has (or has not) something unsettled with the server.
    #[uniffi(default = None)]
    pub unsent: Option<bool>,
    /// Only what has (or has not) a conflict waiting for the officer.
    #[uniffi(default = None)]
    pub conflict: Option<bool>,
    /// Rejected, withdrawn and gone ones too.
    #[uniffi(default = false)]
    pub include_closed: bool,
    /// Go on after that page (its `next`).
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// The most records of the page, 1 to 500; what is beyond is taken as the nearest of these.
    #[uniffi(default = 50)]
    pub limit: i32,
}

impl Query {
    pub(crate) fn core(self) -> Result<core::Query, SatchelError> {
        Ok(core::Query {
            text: self.text,
            status: self.status,
            village_prefix: self.village_prefix,
            unsent: self.unsent,
            conflict: self.conflict,
            include_closed: self.include_closed,
            after: self.after.map(|after| after.parse()).transpose()?,
            limit: usize::try_from(self.limit).unwrap_or(1),
        })
    }
}

/// A page of the list.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Page {
    /// In the order of their names.
    pub items: Vec<Listed>,
    /// Where the next page begins; nothing after the last. Records added or removed meanwhile neither repeat nor hide
    /// another.
    pub next: Option<String>,
    /// Records that belong here and cannot be decoded. They are still in the book.
    pub damaged: Vec<i64>,
}

/// A prospect in the list. Personal data, as `Prospect`.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Listed {
    /// Its number.
    pub id: i64,
    /// The bank's code.
    pub code: Option<String>,
    /// Name in Latin letters.
    pub name_en: String,
    /// Name in Khmer.
    pub name_kh: String,
    /// Phone number, as typed.
    pub phone: String,
    /// The status code.
    pub status: String,
    /// The village code.
    pub village: String,
    /// Something of it has not been settled with the server.
    pub unsent: bool,
    /// A conflict waits for the officer.
    pub conflict: bool,
    /// Where it stands.
    pub life: Life,
}

impl From<core::Page> for Page {
    fn from(page: core::Page) -> Self {
        Page {
            items: page.items.into_iter().map(Listed::from).collect(),
            next: page.next.map(|next| next.to_string()),
            damaged: page.damaged.into_iter().map(|ProspectId(id)| id).collect(),
        }
    }
}

impl From<core::Listed> for Listed {
    fn from(l: core::Listed) -> Self {
        Listed {
            id: l.id.0,
            code: l.code,
            name_en: l.name_en,
            name_kh: l.name_kh,
            phone: l.phone,
            status: l.status,
            village: l.village,
            unsent: l.unsent,
            conflict: l.conflict,
            life: l.life,
        }
    }
}
