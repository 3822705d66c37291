//! Entities: the few that texts have.

/// What banks' texts have; any other stays as it is spelt.
const NAMED: [(&str, char); 24] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("copy", '©'),
    ("reg", '®'),
    ("deg", '°'),
    ("times", '×'),
    ("euro", '€'),
    ("pound", '£'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("zwnj", '\u{200C}'),
];

/// The longest that is looked for.
const LONGEST: usize = 10;

/// The character that stands at the beginning of `text`, and what is behind it; an entity is one.
pub(super) fn next(text: &str) -> Option<(char, &str)> {
    let first = text.chars().next()?;
    let rest = text.get(first.len_utf8()..).unwrap_or_default();
    if first == '&' {
        let end = rest.bytes().take(LONGEST).position(|b| b == b';');
        let parts = end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 1..)?)));
        if let Some((c, rest)) = parts.and_then(|(name, rest)| Some((decoded(name)?, rest))) {
            return Some((c, rest));
        }
    }
    Some((first, rest))
}

fn decoded(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, c)| c);
    };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    // The reading of numbers would take a sign.
    let unsigned = digits.starts_with(|c: char| c.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, radix).ok().filter(|_| unsigned)?)
}
