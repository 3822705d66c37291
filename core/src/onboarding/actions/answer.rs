//! The officer's answer: checked at the desk, spelt for the bank.

use super::model::{Action, DateForm, Kind};
use crate::error::{Error, Problem};
use crate::record::DocumentId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the officer answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A text, exactly as it was typed.
    Text(String),
    /// A date; where a month is asked for its day does not matter.
    Date(Date),
    /// The values of the options chosen, in any order; one, unless the action takes many.
    Choice(Vec<String>),
    /// Papers of this book; they go before the answer.
    Papers(Vec<DocumentId>),
}

impl fmt::Debug for Answer {
    /// What kind it is, never what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Text(_) => "Text(…)",
            Answer::Date(_) => "Date(…)",
            Answer::Choice(_) => "Choice(…)",
            Answer::Papers(_) => "Papers(…)",
        })
    }
}

/// What is wrong with an answer. Nothing of the answer is in it: safe to log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    /// The action wants another kind of answer.
    #[error("not the kind of answer that is wanted")]
    WrongKind,
    /// Nothing is in it, or only spaces.
    #[error("empty")]
    Empty,
    /// A text of more characters than the profile allows.
    #[error("longer than {max} characters")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// NUL or another control character but for line breaks and tabulators.
    #[error("control character")]
    ControlCharacter,
    /// A year before 1900 or after 2100: a slip of the finger.
    #[error("not a year from 1900 to 2100")]
    Year,
    /// Not one of the action's options.
    #[error("not an option")]
    NotAnOption,
    /// The same option or paper twice.
    #[error("given twice")]
    Twice,
    /// Several options where one is wanted.
    #[error("more than one option")]
    OnlyOne,
}

impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Self {
        let problem = match wrong {
            Wrong::WrongKind => Problem::Form { expected: "the kind of answer that is wanted" },
            Wrong::Empty => Problem::Missing,
            Wrong::TooLong { max } => Problem::TooLong { max },
            Wrong::ControlCharacter => Problem::ControlCharacter,
            Wrong::Year => Problem::Form { expected: "a year from 1900 to 2100" },
            Wrong::NotAnOption => Problem::NotInList,
            Wrong::Twice => Problem::Twice,
            Wrong::OnlyOne => Problem::Form { expected: "one option" },
        };
        Error::invalid("answer", problem)
    }
}

/// Checks an answer against what the action wants. A text may be given wherever no paper and no option is wanted, a date
/// wherever the action says how to write one: the bank asks for some dates as texts. `max_text` is in characters.
///
/// # Errors
/// What is wrong with it.
pub fn check(action: &Action, answer: &Answer, max_text: usize) -> Result<(), Wrong> {
    match (&action.kind, answer) {
        (Kind::Text | Kind::Other(_), Answer::Text(text)) => check_text(text, max_text),
        (Kind::Date | Kind::Text, Answer::Date(date)) if action.date_form.is_some() => match date.year() {
            1900..=2100 => Ok(()),
            _ => Err(Wrong::Year),
        },
        (Kind::Choice, Answer::Choice(values)) => check_choice(action, values),
        (Kind::DocumentUpload, Answer::Papers(papers)) => once(papers),
        _ => Err(Wrong::WrongKind),
    }
}

fn check_text(text: &str, max: usize) -> Result<(), Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::Empty);
    }
    if text.chars().nth(max).is_some() {
        return Err(Wrong::TooLong { max });
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.chars().any(control) { Err(Wrong::ControlCharacter) } else { Ok(()) }
}

fn check_choice(action: &Action, values: &[String]) -> Result<(), Wrong> {
    let known = |value: &String| action.options.iter().any(|option| option.value == *value);
    match values {
        _ if !values.iter().all(known) => Err(Wrong::NotAnOption),
        [_, _, ..] if !action.many => Err(Wrong::OnlyOne),
        _ => once(values),
    }
}

fn once<T: Ord>(given: &[T]) -> Result<(), Wrong> {
    let mut sorted: Vec<&T> = given.iter().collect();
    sorted.sort_unstable();
    match sorted.as_slice() {
        [] => Err(Wrong::Empty),
        sorted if sorted.windows(2).any(|two| matches!(two, [a, b] if a == b)) => Err(Wrong::Twice),
        _ => Ok(()),
    }
}

/// The answer as `Response` of updateUserAction has it: a text as it is; a date as `DD/MM/YYYY` or `MM/YYYY`; the values of
/// the options chosen, in the options' order, between commas (as a JSON list, if one of them holds a comma); nothing for
/// papers, which went before.
///
/// The seed shows papers and `DD/MM/YYYY`. How it wants a month and several options it does not say.
#[must_use]
pub fn response(action: &Action, answer: &Answer) -> String {
    match answer {
        Answer::Text(text) => text.clone(),
        Answer::Date(date) => match action.date_form {
            Some(DateForm::Month) => format!("{:02}/{:04}", date.month(), date.year()),
            Some(DateForm::Day) | None => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        },
        Answer::Choice(values) => chosen(action, values),
        Answer::Papers(_) => String::new(),
    }
}

fn chosen(action: &Action, values: &[String]) -> String {
    let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
    values.sort_by_key(|value| action.options.iter().position(|option| option.value == *value));
    match values.as_slice() {
        [_, _, ..] if values.iter().any(|value| value.contains(',')) => serde_json::json!(values).to_string(),
        _ => values.join(","),
    }
}

#[cfg(test)]
mod tests;
