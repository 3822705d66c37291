//! The document of what is unsent, and the key that it is sealed to.

use super::byte;
use satchel::export::Export;
use satchel::seal::Recipient;
use satchel::world::RealRng;

pub(super) fn export(mut data: &[u8]) {
    match byte(&mut data) % 2 {
        0 => document(data),
        _ => recipient(&String::from_utf8_lossy(data)),
    }
}

/// What can be read can be written, and is then the same.
fn document(json: &[u8]) {
    let Ok(export) = Export::parse(json) else { return };
    let written = export.json().expect("JSON");
    let again = Export::parse(&written).expect("what was written can be read");
    assert_eq!(again.json().expect("JSON"), written);
    let shown = format!("{export:?}");
    for row in export.prospects.iter().chain(&export.entries).chain(&export.drafts) {
        let text = row.text("local");
        assert!(text.len() < 8 || !shown.contains(text), "nothing personal is shown");
        assert!(
            row.get("local").is_none_or(|value| !value.is_null())
                && row.number("local").is_none_or(|_| text.is_empty())
        );
    }
}

/// A key to which something can be sealed, or none; white space around it does not matter.
fn recipient(text: &str) {
    let Ok(recipient) = Recipient::parse(text) else { return };
    assert_eq!(Recipient::parse(&format!("\n {} \t", text.trim())).as_ref(), Ok(&recipient));
    let sealed = recipient.seal(b"a note", &RealRng).expect("it seals");
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && !sealed.contains("a note"));
}
