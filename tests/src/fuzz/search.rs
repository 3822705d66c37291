//! The search key: stable, bounded, blind to what cannot be seen, and found by its own parts.

use satchel::text::search_key::{SEPARATOR, digits, normalise, search_key};

const UNSEEN: [char; 6] = ['\u{200B}', '\u{200C}', '\u{FEFF}', ' ', '\u{A0}', '\u{2060}'];

pub(super) fn search(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let key = normalise(&text);
    assert_eq!(normalise(&key), key, "normalising twice is normalising once");
    assert!(key.len() <= 3 * text.len());
    assert!(!key.contains(SEPARATOR) && !key.contains(char::is_whitespace));
    assert_eq!(normalise(&sprinkled(&text, data)), key, "what cannot be seen does not matter");

    let number = digits(&text);
    assert!(number.len() <= text.len() && number.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(digits(&number), number);
    assert_eq!(digits(&key), number, "a key keeps every digit, in order");

    let (one, two) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let whole = search_key([one, two, &number]);
    assert!(whole.contains(&normalise(one)) && whole.contains(&normalise(two)) && whole.contains(&number));
    assert_eq!(whole.split(SEPARATOR).count(), 3, "no part runs over into another");
}

fn sprinkled(text: &str, how: &[u8]) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        let unseen = usize::from(how.get(n).copied().unwrap_or(0)) % (2 * UNSEEN.len());
        out.extend(UNSEEN.get(unseen));
        out.push(c);
    }
    out
}
