//! At the desk: what was typed is looked at before anything is written, so that a save never half-succeeds and the
//! server is not the first to say what the tablet could have known.
//!
//! Pure. Texts are kept as typed, leading spaces too; only dates and numbers are brought into the one form in which
//! they are stored and sent.

use super::model::to_canonical;
use super::wire::ROW_BYTES;
use super::{Field, FieldChange, Fields, Kind};
use crate::error::{Error, Problem, Result};
use crate::profile::ProspectProfile;
use crate::text::search_key::{digits, normalise};

/// The longest text, whatever the profile says: 22 such texts, each character escaped in JSON as a surrogate pair
/// (12 bytes), still fit one row of a download. What can be saved can be read back.
pub const LONGEST_TEXT: usize = ROW_BYTES / (12 * (Field::ALL.len() + 2));

/// The longest code of the bank, in characters; the contract's have some ten.
const LONGEST_CODE: usize = 200;

/// What is wrong, field by field, in the contract's order: a form can show all of it.
pub type Problems = Vec<(Field, Problem)>;

/// A new record's fields from what the form gave, checked as a whole.
///
/// # Errors
/// Every problem there is; nothing is taken.
pub fn new(profile: &ProspectProfile, given: &[FieldChange]) -> Result<Fields, Problems> {
    let (fields, mut problems) = applied(&Fields::default(), given);
    for (field, problem) in check_all(profile, &fields) {
        note(&mut problems, field, problem);
    }
    done(fields, problems)
}

/// The fields after an edit. Only what the edit changes is checked: a value that came from the server and fits no
/// list of today does not keep the officer from correcting a phone number.
///
/// # Errors
/// Every problem there is; nothing is taken.
pub fn edit(profile: &ProspectProfile, before: &Fields, changes: &[FieldChange]) -> Result<Fields, Problems> {
    let (fields, mut problems) = applied(before, changes);
    for field in Field::ALL.into_iter().filter(|f| fields.get(*f) != before.get(*f)) {
        if let Err(problem) = value(profile, field, fields.get(field)) {
            note(&mut problems, field, problem);
        }
    }
    done(fields, problems)
}

/// Checks whole fields; every problem. `CreatedAt` is the library's own and not looked at.
fn check_all(profile: &ProspectProfile, fields: &Fields) -> Problems {
    let written = Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt);
    written.filter_map(|f| value(profile, f, fields.get(f)).err().map(|p| (f, p))).collect()
}

/// Whether it can be a code of the bank.
///
/// # Errors
/// `InvalidInput`.
pub fn code(code: &str) -> Result<()> {
    let problem = if code.trim().is_empty() {
        Problem::Missing
    } else if code.chars().nth(LONGEST_CODE).is_some() {
        Problem::TooLong { max: LONGEST_CODE }
    } else if code.chars().any(char::is_control) {
        Problem::ControlCharacter
    } else {
        return Ok(());
    };
    Err(Error::invalid("code", problem))
}

/// The first of some problems, as an error that names its field.
#[must_use]
pub fn first(problems: &Problems) -> Error {
    match problems.first() {
        Some((field, problem)) => error(*field, problem.clone()),
        None => Error::internal("no problem"),
    }
}

fn error(field: Field, problem: Problem) -> Error {
    Error::invalid(field.name(), problem)
}

fn done(fields: Fields, mut problems: Problems) -> Result<Fields, Problems> {
    problems.sort_by_key(|(field, _)| *field);
    if problems.is_empty() { Ok(fields) } else { Err(problems) }
}

/// One problem a field is enough, and the earlier is the plainer one.
fn note(problems: &mut Problems, field: Field, problem: Problem) {
    if !problems.iter().any(|(f, _)| *f == field) {
        problems.push((field, problem));
    }
}

fn applied(before: &Fields, changes: &[FieldChange]) -> (Fields, Problems) {
    let (mut fields, mut problems) = (before.clone(), Problems::new());
    let mut given = [false; Field::ALL.len()];
    for FieldChange { field, value } in changes {
        let field = *field;
        if field == Field::CreatedAt {
            note(&mut problems, field, Problem::ReadOnly);
        } else if std::mem::replace(&mut given[field as usize], true) {
            note(&mut problems, field, Problem::Twice);
        } else {
            fields.set(field, normal(field.kind(), value.as_deref().unwrap_or_default()));
        }
    }
    (fields, problems)
}

/// Dates and numbers in their one form; anything else, and what is neither date nor number, as it is.
fn normal(kind: Kind, text: &str) -> String {
    let better = match kind {
        // The longest date that is read has far fewer characters than this; a 10 MB text is not even looked at.
        _ if text.len() > 64 => None,
        Kind::DateTime | Kind::Day => to_canonical(text),
        Kind::Number => age(text).map(|n| n.to_string()),
        Kind::Text | Kind::Phone | Kind::Code | Kind::Flag => None,
    };
    better.unwrap_or_else(|| text.to_owned())
}

/// The only number of a prospect is an age. Khmer digits are digits.
fn age(text: &str) -> Option<u8> {
    let ascii = digits(text);
    let only_digits = ascii.len() == text.chars().count() && (1..=3).contains(&ascii.len());
    only_digits.then(|| ascii.parse().ok().filter(|n| *n <= 150))?
}

fn value(profile: &ProspectProfile, field: Field, text: &str) -> Result<(), Problem> {
    let required = profile.required.iter().any(|name| name == field.wire());
    if text.is_empty() {
        return if required { Err(Problem::Missing) } else { Ok(()) };
    }
    let max = profile.max_text.min(LONGEST_TEXT);
    if text.chars().nth(max).is_some() {
        return Err(Problem::TooLong { max });
    }
    let lines = matches!(field, Field::Comment | Field::OfficerComment);
    if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t'))) {
        return Err(Problem::ControlCharacter);
    }
    // Spaces and what cannot be seen are no answer to what is required.
    if required && normalise(text).is_empty() {
        return Err(Problem::Missing);
    }
    form(field.kind(), text)?;
    match profile.codes.get(field.wire()) {
        Some(list) if !list.contains_key(text) => Err(Problem::NotInList),
        _ => Ok(()),
    }
}

fn form(kind: Kind, text: &str) -> Result<(), Problem> {
    let (good, expected) = match kind {
        Kind::Text | Kind::Code => return Ok(()),
        Kind::Phone => (phone(text), "a phone number"),
        Kind::Number => (age(text).is_some(), "a whole number from 0 to 150"),
        Kind::Flag => (matches!(text, "0" | "1"), "0 or 1"),
        Kind::DateTime | Kind::Day => {
            (to_canonical(text).as_deref() == Some(text), "a date-time like 2021-02-09 23:59:00.000")
        }
    };
    if good { Ok(()) } else { Err(Problem::Form { expected }) }
}

/// A phone is a text: digits (Khmer ones too), spaces, and the signs people put between them.
fn phone(text: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || ('\u{17E0}'..='\u{17E9}').contains(&c);
    text.chars().any(digit) && text.chars().all(|c| digit(c) || " +-()./".contains(c))
}

#[cfg(test)]
mod tests;
