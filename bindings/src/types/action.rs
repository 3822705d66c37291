//! What the bank asks, and the officer's answers.

use super::prospect::{CivilDate, civil_day};
use crate::error::SatchelError;
use satchel::onboarding::actions::{self, DateForm};
use satchel::onboarding::{self as core, ActionStage, DocumentId};

/// What of the bank's asking is wanted. Everything given must hold.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ActionFilter {
    /// Only of this group of the bank's.
    #[uniffi(default = None)]
    pub group: Option<String>,
    /// Only of this person (the bank's `PartyId`).
    #[uniffi(default = None)]
    pub party: Option<String>,
    /// Only what is still to be done: open, and not answered here.
    #[uniffi(default = false)]
    pub to_do: bool,
    /// What is gone, or was answered by someone else, too.
    #[uniffi(default = false)]
    pub include_closed: bool,
}

impl From<ActionFilter> for core::Query {
    fn from(f: ActionFilter) -> Self {
        core::Query { group: f.group, party: f.party, to_do: f.to_do, include_closed: f.include_closed }
    }
}

/// An enum of the bank's words, those that are not known kept as they are spelt.
macro_rules! spoken {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $known:ident),+ $(,)? } $other:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, uniffi::Enum)]
        pub enum $name {
            $($(#[$each])* $known,)+
            #[doc = $other]
            Other {
                /// As it is spelt.
                word: String,
            },
        }
    };
}
spoken! {
    /// Where an action stands at the bank.
    ActionStatus {
        /// It waits for an answer.
        Created,
        /// It has one.
        Submitted,
    } "A status that this library does not know; empty where there is none."
}
spoken! {
    /// What kind of answer is wanted.
    ActionKind {
        /// Papers.
        DocumentUpload,
        /// A text.
        Text,
        /// A date.
        Date,
        /// One of the options, or several.
        Choice,
    } "A kind that this library does not know; it is answered by a text."
}
spoken! {
    /// Whom an action concerns.
    ActionLevel {
        /// One of those who apply.
        Applicant,
        /// The application as a whole.
        Application,
        /// A person or firm.
        Entity,
    } "A level that this library does not know; empty where there is none."
}

impl From<actions::Status> for ActionStatus {
    fn from(status: actions::Status) -> Self {
        match status {
            actions::Status::Created => ActionStatus::Created,
            actions::Status::Submitted => ActionStatus::Submitted,
            actions::Status::Other(word) => ActionStatus::Other { word },
        }
    }
}

impl From<actions::Kind> for ActionKind {
    fn from(kind: actions::Kind) -> Self {
        match kind {
            actions::Kind::DocumentUpload => ActionKind::DocumentUpload,
            actions::Kind::Text => ActionKind::Text,
            actions::Kind::Date => ActionKind::Date,
            actions::Kind::Choice => ActionKind::Choice,
            actions::Kind::Other(word) => ActionKind::Other { word },
        }
    }
}

impl From<actions::Level> for ActionLevel {
    fn from(level: actions::Level) -> Self {
        match level {
            actions::Level::Applicant => ActionLevel::Applicant,
            actions::Level::Application => ActionLevel::Application,
            actions::Level::Entity => ActionLevel::Entity,
            actions::Level::Other(word) => ActionLevel::Other { word },
        }
    }
}

/// How a date is written in an answer.
#[uniffi::remote(Enum)]
pub enum DateForm {
    /// `DD/MM/YYYY`.
    Day,
    /// `MM/YYYY`: the day of the date does not matter.
    Month,
}

/// One of the options of a choice.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AnswerOption {
    /// What is sent: hand it back in `Answer.Choice`.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// Where something that the bank asks for stands, whatever waits to be sent.
#[uniffi::remote(Enum)]
pub enum ActionStage {
    /// Nothing has been answered, as far as the bank knows.
    Open,
    /// The bank has this officer's answer.
    Answered,
    /// The bank has an answer, and not from here. The officer's own, if she gave one, is kept.
    AnsweredElsewhere,
    /// The bank no longer asks. The officer's answer, if she gave one, is kept.
    Gone,
}

/// What the officer answers.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Answer {
    /// A text, exactly as it was typed.
    Text {
        /// It.
        text: String,
    },
    /// A date; where a month is asked for its day does not matter.
    Date {
        /// It.
        day: CivilDate,
    },
    /// The values of the options chosen, in any order; one, unless the action takes many.
    Choice {
        /// They.
        values: Vec<String>,
    },
    /// Papers of this book, by their numbers; they go before the answer.
    Papers {
        /// They.
        documents: Vec<i64>,
    },
}

impl Answer {
    pub(crate) fn core(self) -> Result<actions::Answer, SatchelError> {
        Ok(match self {
            Answer::Text { text } => actions::Answer::Text(text),
            Answer::Date { day } => actions::Answer::Date(civil_day(&day, "answer")?),
            Answer::Choice { values } => actions::Answer::Choice(values),
            Answer::Papers { documents } => {
                actions::Answer::Papers(documents.into_iter().map(DocumentId).collect())
            }
        })
    }
}

impl From<actions::Answer> for Answer {
    fn from(answer: actions::Answer) -> Self {
        match answer {
            actions::Answer::Text(text) => Answer::Text { text },
            actions::Answer::Date(day) => Answer::Date { day: day.into() },
            actions::Answer::Choice(values) => Answer::Choice { values },
            actions::Answer::Papers(papers) => {
                Answer::Papers { documents: papers.into_iter().map(|id| id.0).collect() }
            }
        }
    }
}

/// Something that the bank asks for, and the officer's answer. All texts of the bank's are its own. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Asking {
    /// Its number in this book.
    pub id: i64,
    /// `UserActionIdentifier`: names it to the bank.
    pub identifier: String,
    /// `UserActionName`: what kind of question it is, as the bank calls it; many people are asked the same.
    pub name: String,
    /// The bank's number of the person whom it is about.
    pub party: Option<String>,
    /// The bank's `Application_id` of the application that it is about.
    pub application: Option<String>,
    /// The name of that person, where the bank gives one.
    pub applies_to: Option<String>,
    /// The name of the group in which it was listed.
    pub group: String,
    /// Where it stands at the bank.
    pub status: ActionStatus,
    /// Its title, placeholders filled; its name where it has none.
    pub title: String,
    /// What it says; may be empty. Plain text.
    pub description: String,
    /// The information text as HTML that is safe to show; may be empty.
    pub information_html: String,
    /// The information text without HTML; may be empty.
    pub information_text: String,
    /// A second title that helps; may be empty.
    pub assist_title: String,
    /// What kind of answer is wanted.
    pub kind: ActionKind,
    /// The options of a choice; empty for all else.
    pub options: Vec<AnswerOption>,
    /// More than one option may be chosen.
    pub many: bool,
    /// How a date is written; nothing where none is asked for.
    pub date_form: Option<DateForm>,
    /// Whom it concerns.
    pub level: ActionLevel,
    /// It may be left out.
    pub skippable: bool,
    /// The bank looks at the answer.
    pub needs_review: bool,
    /// It has to be done before the application goes on.
    pub prerequirement: bool,
    /// The JSON as it came, with all that this library does not read.
    pub raw: String,
    /// The officer's answer, sent or not. Kept whatever becomes of the question.
    pub answer: Option<Answer>,
    /// Where it stands.
    pub stage: ActionStage,
    /// Something of it has not been settled with the bank.
    pub unsent: bool,
    /// Its papers that were not taken back.
    pub documents: Vec<i64>,
}

impl From<core::Asking> for Asking {
    fn from(asking: core::Asking) -> Self {
        let a = asking.action;
        let option = |c: actions::Choice| AnswerOption { value: c.value, label: c.label };
        Asking {
            id: asking.id.0,
            identifier: a.identifier,
            name: a.name,
            party: a.party,
            application: a.application,
            applies_to: a.applies_to,
            group: a.group,
            status: a.status.into(),
            title: a.title,
            description: a.description,
            information_html: a.information_html,
            information_text: a.information_text,
            assist_title: a.assist_title,
            kind: a.kind.into(),
            options: a.options.into_iter().map(option).collect(),
            many: a.many,
            date_form: a.date_form,
            level: a.level.into(),
            skippable: a.skippable,
            needs_review: a.needs_review,
            prerequirement: a.prerequirement,
            raw: a.raw,
            answer: asking.answer.map(Answer::from),
            stage: asking.stage,
            unsent: asking.unsent,
            documents: asking.documents.into_iter().map(|id| id.0).collect(),
        }
    }
}

/// What sections are made by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum ActionGrouping {
    /// The bank's groups.
    Group,
    /// The people whom it is about.
    Person,
}

/// How far some actions have come. What was withdrawn is not counted at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct ActionProgress {
    /// Answered: by her, sent or not, or by someone else.
    pub answered: i64,
    /// To be answered before it goes on.
    pub left: i64,
    /// Open, but may be skipped: not left.
    pub skippable: i64,
    /// How much is done, in whole percent, rounded down: 100 only if nothing is left.
    pub percent: i32,
}

/// Actions that belong together, in the order of the bank's list.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ActionSection {
    /// The group's name, or the bank's number of the person; nothing where the bank names none.
    pub of: Option<String>,
    /// The actions' numbers.
    pub actions: Vec<i64>,
    /// How far they have come.
    pub progress: ActionProgress,
}

/// What the bank asks, in sections.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ActionOverview {
    /// In the order of the bank's list.
    pub sections: Vec<ActionSection>,
    /// Of all of them together.
    pub progress: ActionProgress,
}

impl ActionOverview {
    pub(crate) fn of(all: &[core::Asking], by: ActionGrouping) -> Self {
        let section = |of: Option<&str>, items: &[&core::Asking], progress| ActionSection {
            of: of.map(str::to_owned),
            actions: items.iter().map(|asking| asking.id.0).collect(),
            progress: told(progress),
        };
        let sections = match by {
            ActionGrouping::Group => {
                let found = actions::by_group(all).into_iter();
                found.map(|s| section(Some(s.of), &s.items, s.progress)).collect()
            }
            ActionGrouping::Person => {
                let found = actions::by_person(all).into_iter();
                found.map(|s| section(s.of, &s.items, s.progress)).collect()
            }
        };
        ActionOverview { sections, progress: told(actions::progress(all)) }
    }
}

fn told(p: actions::Progress) -> ActionProgress {
    let n = |n: usize| super::count(n as u64);
    ActionProgress {
        answered: n(p.answered),
        left: n(p.left),
        skippable: n(p.skippable),
        percent: i32::from(p.percent()),
    }
}
