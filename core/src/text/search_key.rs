//! The key that search compares: two texts that look alike have one key.
//!
//! Khmer is written without spaces between words but often with zero-width ones, its syllables are typed in several
//! orders, and phones are typed with Khmer or with ASCII digits. The key removes these differences; a search is then
//! a plain substring test of the query's [`normalise`] in the record's [`search_key`].

use unicode_normalization::{UnicodeNormalization, char::decompose_canonical};

use super::khmer::Syllables;

/// Stands between the parts of a key. No normalised text contains it, so no query matches across two parts.
pub const SEPARATOR: char = '\n';

/// The key of a record: its parts, each [normalised](normalise), joined by [`SEPARATOR`]. Pass a phone through
/// [`digits`] first.
///
/// ```
/// use satchel::text::search_key::{digits, normalise, search_key};
/// let key = search_key(["Sok Dara", "សុខ ដារ៉ា", &digits("០១២ 345-678"), "2947-1"]);
/// assert!(key.contains(&normalise("ដារ៉ា")) && key.contains(&normalise("dara")) && key.contains("012345"));
/// ```
pub fn search_key<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut key = String::new();
    for (i, part) in parts.into_iter().enumerate() {
        if i > 0 {
            key.push(SEPARATOR);
        }
        key.push_str(&normalise(part));
    }
    key
}

/// The comparable form of `text`, itself normalised: spaces, controls and invisible characters dropped, Khmer
/// digits as ASCII, case folded, Khmer syllables in one order (COENG DA as COENG TA), composed (NFC).
///
/// Never fails; canonically equivalent texts give the same result, which is at most three times as long in bytes.
pub fn normalise(text: &str) -> String {
    let mut syllables = Syllables::default();
    for c in text.chars().filter(|&c| !is_unseen(c)) {
        fold(ascii_digit(c), |c| syllables.push(c));
    }
    syllables.finish().nfc().collect()
}

/// The digits of `text`, Khmer ones as ASCII, all else dropped: what is compared of a phone.
pub fn digits(text: &str) -> String {
    text.chars().map(ascii_digit).filter(char::is_ascii_digit).collect()
}

fn ascii_digit(c: char) -> char {
    match c {
        '\u{17E0}'..='\u{17E9}' => char::from(b'0' + (c as u32 - 0x17E0) as u8),
        _ => c,
    }
}

/// Spaces, controls, and what Unicode tells programs to draw as nothing (Default_Ignorable_Code_Point).
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// `c` decomposed and case folded. Character by character, without Unicode's reordering of marks: that would part a
/// COENG from its letter before the syllable is known.
fn fold(c: char, mut emit: impl FnMut(char)) {
    decompose_canonical(c, |d| {
        // The one cased mark, U+0345, would turn into a letter and change what the marks beside it belong to.
        if unicode_normalization::char::canonical_combining_class(d) != 0 {
            return emit(d);
        }
        // Down, up and down again is full case folding by the standard library's tables: ẞ, ß → ss; ς → σ.
        for lower in d.to_lowercase() {
            for upper in lower.to_uppercase() {
                upper.to_lowercase().for_each(|folded| decompose_canonical(folded, &mut emit));
            }
        }
    });
}

#[cfg(test)]
mod tests;
