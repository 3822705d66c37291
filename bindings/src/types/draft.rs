//! Half-typed forms.

use super::instant;
use satchel::prospect::{self as core, ProspectId};
use std::time::SystemTime;

/// What a draft is about: there is at most one draft for each.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum DraftAbout {
    /// A new record, by the app's own name of the form: letters, digits, `-` and `_`, at most 64.
    New {
        /// The form.
        form: String,
    },
    /// Changes to a prospect of this book.
    Prospect {
        /// Its number.
        id: i64,
    },
}

impl DraftAbout {
    pub(crate) fn core(self) -> core::About {
        match self {
            DraftAbout::New { form } => core::About::New(form),
            DraftAbout::Prospect { id } => core::About::Prospect(ProspectId(id)),
        }
    }
}

impl From<core::About> for DraftAbout {
    fn from(about: core::About) -> Self {
        match about {
            core::About::New(form) => DraftAbout::New { form },
            core::About::Prospect(ProspectId(id)) => DraftAbout::Prospect { id },
        }
    }
}

/// A half-typed form. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Draft {
    /// Its number: its subject in the feed.
    pub id: i64,
    /// What it is about.
    pub about: DraftAbout,
    /// As the app gave it.
    pub form: String,
    /// When it was saved last.
    pub saved: SystemTime,
}

impl From<core::Draft> for Draft {
    fn from(d: core::Draft) -> Self {
        Draft { id: d.id, about: d.about.into(), form: d.form, saved: instant(d.wall) }
    }
}

/// A draft without its form.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct DraftInfo {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub about: DraftAbout,
    /// When it was saved last.
    pub saved: SystemTime,
}

impl From<core::DraftInfo> for DraftInfo {
    fn from(d: core::DraftInfo) -> Self {
        DraftInfo { id: d.id, about: d.about.into(), saved: instant(d.wall) }
    }
}
