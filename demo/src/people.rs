//! The prospects of the day, from a file: its columns are the fields' names in the library.

use crate::Result;
use satchel::prospect::{Field, FieldChange};

const FILE: &str = include_str!("../prospects.csv");

/// A filled-in form.
#[derive(Clone)]
pub struct Person(pub Vec<FieldChange>);

impl Person {
    /// What the form says in a field; empty when nothing.
    pub fn get(&self, field: Field) -> &str {
        let change = self.0.iter().find(|change| change.field == field);
        change.and_then(|change| change.value.as_deref()).unwrap_or_default()
    }

    /// The same form with another value in one field.
    pub fn with(&self, field: Field, value: &str) -> Person {
        let mut form = self.clone();
        form.0.retain(|change| change.field != field);
        form.0.push(FieldChange::text(field, value));
        form
    }
}

/// The first `count` forms of the file.
pub fn read(count: usize) -> Result<Vec<Person>> {
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    let unknown = |name: &str| format!("prospects.csv has a column {name:?} that is no field");
    let fields = reader.headers()?.iter().map(|name| Field::by_name(name).ok_or_else(|| unknown(name)));
    let fields = fields.collect::<std::result::Result<Vec<Field>, String>>()?;
    let form = |record: csv::StringRecord| {
        let given = fields.iter().zip(record.iter()).filter(|(_, value)| !value.is_empty());
        Person(given.map(|(field, value)| FieldChange::text(*field, value)).collect())
    };
    reader.records().take(count).map(|record| Ok(form(record?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_file_holds_what_the_brief_names() {
        let people = read(300).unwrap();
        assert_eq!(people.len(), 300);
        let khmer = |c: char| ('\u{1780}'..='\u{17FF}').contains(&c);
        for person in &people {
            assert!(person.get(Field::NameKh).chars().any(khmer), "{}", person.get(Field::NameEn));
            assert!(person.get(Field::Phone).starts_with('0'));
            let village = person.get(Field::Village);
            assert!(village.len() == 8 && village.bytes().all(|b| b.is_ascii_digit()), "{village}");
        }
        let phones: BTreeSet<_> = people.iter().map(|person| person.get(Field::Phone).to_owned()).collect();
        assert_eq!(phones.len(), 300);
        assert_eq!(people[0].get(Field::ReferName), " មី ណា", "the leading space of the bank's own sample");
    }
}
