//! What the officer was shown, as a number that her answer hands back: between showing and answering a download may
//! have put another question in the same place, and her answer must not be taken for one to that.

use crate::outbox::entry::EntryId;
use aws_lc_rs::digest;

/// Opaque. Take it from what you display and pass it back unchanged; do not compute it, do not log it (a digest of
/// personal data; its `Debug` says nothing). Valid across restarts. On `asked_anew` fetch the question again and show it.
///
/// The same question read again has the same stamp, whatever else has happened; another row, another value, another
/// reason has another one. It may differ although what is shown does not in two cases: of an entry that waits to be sent,
/// when it was tried meanwhile; and where the bank holds more than twenty rows that are like it, when others of them are
/// kept to be shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp(pub i64);

impl std::fmt::Debug for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Stamp {
    /// Of these texts, each as it is and in this order.
    pub(crate) fn of<'a>(shown: impl IntoIterator<Item = &'a str>) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        for text in shown {
            digest.update(&(text.len() as u64).to_be_bytes()); // where one ends and the next begins
            digest.update(text.as_bytes());
        }
        let first = digest.finish().as_ref().iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte));
        Stamp(first.cast_signed())
    }
}

/// An entry as it was shown. Pass it back to [`Satchel::decide`](crate::Satchel::decide) as it is: see [`Stamp`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    /// The entry.
    pub entry: EntryId,
    /// What was shown of it.
    pub asked: Stamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_texts_have_the_same_stamp() {
        assert_eq!(Stamp::of(["near", "12"]), Stamp::of(["near", "12"]));
        for other in [&["near1", "2"][..], &["near", "12", ""], &["12", "near"], &["near"], &["near", "13"]] {
            assert_ne!(Stamp::of(["near", "12"]), Stamp::of(other.iter().copied()), "{other:?}");
        }
    }

    #[test]
    fn a_stamp_is_not_shown() {
        assert_eq!(format!("{:?}", Stamp::of(["CANARY"])), "…");
    }
}
