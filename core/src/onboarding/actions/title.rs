//! Titles: templates filled once from `DynamicData`.

use std::collections::BTreeMap;

/// The longest title, in characters: what is filled in may not make a short template endless.
pub const LONGEST_TITLE: usize = 1000;

/// The longest name of a placeholder.
const LONGEST_NAME: usize = 64;

/// What stands between two percent signs.
enum Inner<'a> {
    /// `%FirstName%`: nothing but a placeholder.
    Tight(&'a str),
    /// `% FirstName %`: it may be one.
    Spaced(&'a str),
}

/// The template with its placeholders filled. Each is filled once: what comes out of `values` is never looked at again, so
/// that no template refers to itself.
///
/// `%FirstName%` of which nothing is known is left out with the space beside it; `% FirstName %` stays, for it may be two
/// percent signs. What is longer than [`LONGEST_TITLE`] is cut.
///
/// ```
/// use satchel::onboarding::actions::fill;
/// let values = [("FirstName".to_owned(), "Virat".to_owned())].into();
/// assert_eq!(fill("Upload documents %FirstName% %LastName%", &values), "Upload documents Virat");
/// assert_eq!(fill("At least 5% for % FirstName %", &values), "At least 5% for Virat");
/// ```
#[must_use]
pub fn fill(template: &str, values: &BTreeMap<String, String>) -> String {
    cut(expand(template, values))
}

/// Filled, not cut: no longer than the template, what a title may have, and one value more.
fn expand(template: &str, values: &BTreeMap<String, String>) -> String {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        if out.len() > 4 * LONGEST_TITLE {
            break;
        }
        rest = match placeholder(behind) {
            Some((Inner::Tight(name) | Inner::Spaced(name), behind)) if values.contains_key(name) => {
                out.push_str(values.get(name).map_or("", String::as_str));
                behind
            }
            Some((Inner::Tight(_), behind)) => left_out(&mut out, behind),
            Some((Inner::Spaced(_), _)) | None => {
                out.push('%');
                behind
            }
        };
    }
    out.push_str(rest);
    out
}

/// The placeholder that ends in `behind`, and what follows it.
fn placeholder(behind: &str) -> Option<(Inner<'_>, &str)> {
    let end = behind.bytes().take(LONGEST_NAME + 1).position(|b| b == b'%')?;
    let (inner, rest) = (behind.get(..end)?, behind.get(end + 1..)?);
    let name = inner.trim_matches(' ');
    let sign = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !name.starts_with(char::is_alphabetic) || !name.chars().all(sign) {
        return None;
    }
    let inner = if name.len() == inner.len() { Inner::Tight(name) } else { Inner::Spaced(name) };
    Some((inner, rest))
}

/// Of the two spaces that stood around a placeholder, one stays; none at an end.
fn left_out<'a>(out: &mut String, behind: &'a str) -> &'a str {
    if behind.is_empty() {
        out.truncate(out.trim_end_matches(' ').len());
    }
    let apart = out.is_empty() || out.ends_with(' ');
    behind.strip_prefix(' ').filter(|_| apart).unwrap_or(behind)
}

fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(LONGEST_TITLE) {
        text.truncate(at);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(template: &str) -> String {
        let values = [
            ("FirstName", "Virat"),
            ("LastName", "Kohli"),
            ("Self", "%Self% %FirstName%"),
            ("Empty", ""),
            ("ឈ្មោះ", "សុខ"),
        ];
        fill(template, &values.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    #[test]
    fn placeholders_are_filled() {
        let table = [
            (
                "Upload Income Proof documents %FirstName% %LastName%",
                "Upload Income Proof documents Virat Kohli",
            ),
            ("Upload documents % FirstName % % LastName %", "Upload documents Virat Kohli"),
            ("%FirstName%%LastName%", "ViratKohli"),
            ("%FirstName", "%FirstName"),
            ("100%", "100%"),
            ("%%", "%%"),
            ("%", "%"),
            ("", ""),
            ("10% of %FirstName%", "10% of Virat"),
            ("from 5% to %FirstName% or % 7", "from 5% to Virat or % 7"),
            ("%First Name%", "%First Name%"),
            ("[%Empty%]", "[]"),
            ("%firstname%x", "x"),
        ];
        for (template, title) in table {
            assert_eq!(filled(template), title, "{template}");
        }
    }

    #[test]
    fn a_missing_name_stays_readable() {
        let table = [
            ("Licence %Nobody%", "Licence"),
            ("Licence %Nobody% of %FirstName%", "Licence of Virat"),
            ("%Nobody% Licence", "Licence"),
            ("Licence (%Nobody%)", "Licence ()"),
            ("Licence %Nobody% %NoOne%", "Licence"),
            ("Licence % Nobody %", "Licence % Nobody %"),
        ];
        for (template, title) in table {
            assert_eq!(filled(template), title, "{template}");
        }
    }

    #[test]
    fn nothing_is_filled_twice() {
        assert_eq!(filled("%Self%"), "%Self% %FirstName%");
        assert_eq!(filled("%Fir%Self%stName%"), "Self", "what is left out joins nothing to a placeholder");
    }

    #[test]
    fn a_title_does_not_grow_without_end() {
        let values = [("A".to_owned(), "x".repeat(200_000))].into();
        let template = "%A%".repeat(80_000);
        assert!(expand(&template, &values).len() <= template.len() + 4 * LONGEST_TITLE + 200_000);
        let title = fill(&template, &values);
        assert_eq!(title.chars().count(), LONGEST_TITLE + 1);
        assert!(title.ends_with('…'));
        assert_eq!(fill(&"%".repeat(1 << 20), &values).chars().count(), LONGEST_TITLE + 1);
    }

    proptest! {
        #[test]
        fn a_text_without_placeholders_is_left_alone(text in "[^%]{0,40}(% [^%]{0,9})?") {
            prop_assert_eq!(filled(&text), text);
        }
    }
}
