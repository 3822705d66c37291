//! What list, filter and search read of a record, derived in one place.

use crate::error::Error;
use crate::prospect::{Field, Fields};
use crate::text::search_key::{SEPARATOR, digits, normalise, search_key};

/// The longest sort key, in characters: what is beyond does not change an order that eyes can see.
const LIST_KEY: usize = 64;

/// So many digits find a number; which of those found it is, is looked at then.
const PHONE_KEY: usize = 6;

/// The derived columns.
pub(super) struct Derived {
    /// The list's order: the Latin name, else the Khmer one.
    pub(super) list_key: String,
    /// Latin name, Khmer name, phone digits and code, each normalised, in this order.
    pub(super) search_key: String,
    /// The Khmer name, where the list's order is another: finds the same person.
    pub(super) khmer_key: String,
    /// The phone's last digits: finds the same person.
    pub(super) phone_key: String,
}

impl Derived {
    pub(super) fn of(fields: &Fields, code: &str) -> Self {
        let [en, kh] = [Field::NameEn, Field::NameKh].map(|f| fields.get(f));
        let search_key = search_key([en, kh, &digits(fields.get(Field::Phone)), code]);
        let Parts { names, phone } = parts(&search_key);
        let sorted = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let (list_key, phone_key) = (list_key(sorted), phone_key(phone).to_owned());
        let khmer_key = names[1].to_owned();
        let khmer_key = if names[1] == sorted { String::new() } else { khmer_key };
        Derived { list_key, khmer_key, phone_key, search_key }
    }
}

/// The list's order of a normalised name.
pub(in crate::prospect) fn list_key(name: &str) -> String {
    name.chars().take(LIST_KEY).collect()
}

/// The end of a number that is long enough to be one, with or without the country's code.
pub(in crate::prospect) fn phone_key(digits: &str) -> &str {
    if digits.len() < PHONE_KEY { "" } else { &digits[digits.len() - PHONE_KEY..] }
}

/// The search key with another code; the rest as it is.
pub(super) fn with_code(search_key: &str, code: &str) -> String {
    let rest = search_key.rsplit_once(SEPARATOR).map_or(search_key, |(rest, _)| rest);
    format!("{rest}{SEPARATOR}{}", normalise(code))
}

/// A search key's parts.
pub(in crate::prospect) struct Parts<'a> {
    pub(in crate::prospect) names: [&'a str; 2],
    pub(in crate::prospect) phone: &'a str,
}

/// Takes a search key apart.
pub(in crate::prospect) fn parts(search_key: &str) -> Parts<'_> {
    let mut parts = search_key.split(SEPARATOR);
    let mut next = || parts.next().unwrap_or_default();
    Parts { names: [next(), next()], phone: next() }
}

/// A value that is not what this version writes is the row's damage, not the database's.
pub(in crate::prospect) fn damage(e: rusqlite::Error) -> Error {
    match e.sqlite_error() {
        Some(_) => e.into(),
        None => Error::StoreDamaged { place: "row", unsent: 0, as_of: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(Field, &str)]) -> Fields {
        let mut fields = Fields::default();
        pairs.iter().for_each(|(f, v)| fields.set(*f, *v));
        fields
    }

    #[test]
    fn keys_are_normalised_parts() {
        let prospect =
            fields(&[(Field::NameEn, "Pha dy"), (Field::NameKh, "ជា ឌី"), (Field::Phone, "០៩៦ 852-3147")]);
        let derived = Derived::of(&prospect, "2947-1");
        assert_eq!(derived.list_key, "phady");
        let expected = ["phady", &normalise("ជាឌី"), "0968523147", "2947-1"].join("\n");
        assert_eq!(derived.search_key, expected);
        assert_eq!(parts(&derived.search_key).phone, "0968523147");
        assert_eq!(parts(&derived.search_key).names[0], "phady");
    }

    #[test]
    fn the_khmer_name_sorts_where_there_is_no_latin_one() {
        let khmer = fields(&[(Field::NameKh, "ជា ឌី"), (Field::NameEn, " ")]);
        assert_eq!(Derived::of(&khmer, "").list_key, normalise("ជាឌី"));
        let long = fields(&[(Field::NameEn, &"x".repeat(1000))]);
        assert_eq!(Derived::of(&long, "").list_key.len(), LIST_KEY);
        assert_eq!(Derived::of(&Fields::default(), "").search_key, "\n\n\n");
    }

    #[test]
    fn a_new_code_replaces_the_code_alone() {
        let one = fields(&[(Field::NameEn, "a\nb"), (Field::Phone, "1")]);
        let (before, after) = (Derived::of(&one, "OLD 1").search_key, Derived::of(&one, "New 2").search_key);
        assert_eq!(with_code(&before, "New 2"), after);
    }
}
