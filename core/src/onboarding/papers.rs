//! What a paper may be called and may be, and how it leaves: pure.

use crate::error::{Error, Problem, Result};
use crate::profile::PaperLimits;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use satchel_photo as photo;
use serde::Serialize;
use std::io;

/// What the actions' information text forbids in a name.
const FORBIDDEN: &str = ",*|:\"<>?/\\[]%=;";

/// Checks a paper's name as the bank will: none of `, * | : " < > ? / \ [ ] % = ;`, no space in front, an extension.
///
/// # Errors
/// `InvalidInput` in `name`.
pub fn check_name(name: &str, most: usize) -> Result<()> {
    let wrong = |problem| Err(Error::invalid("name", problem));
    if name.is_empty() {
        return wrong(Problem::Missing);
    }
    if name.len() > most {
        return wrong(Problem::TooLong { max: most });
    }
    if name.chars().any(char::is_control) {
        return wrong(Problem::ControlCharacter);
    }
    if name.starts_with(char::is_whitespace) {
        return wrong(Problem::Form { expected: "a name without a space in front" });
    }
    if name.contains(|c| FORBIDDEN.contains(c)) {
        return wrong(Problem::Form { expected: "a name without any of , * | : \" < > ? / \\ [ ] % = ;" });
    }
    match extension(name) {
        Some((stem, ext)) if !stem.is_empty() && !ext.is_empty() => Ok(()),
        _ => wrong(Problem::Form { expected: "a name with an extension, such as .jpg or .pdf" }),
    }
}

/// Checks what the officer says about a paper.
///
/// # Errors
/// `InvalidInput` in `info`.
pub fn check_info(info: &str, max: usize) -> Result<()> {
    let problem = if info.chars().nth(max).is_some() {
        Problem::TooLong { max }
    } else if info.chars().any(char::is_control) {
        Problem::ControlCharacter
    } else {
        return Ok(());
    };
    Err(Error::invalid("info", problem))
}

fn extension(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
}

/// A name that `check_name` takes, as near to this one as can be: for an app to offer.
#[must_use]
pub fn suggest(name: &str, most: usize) -> String {
    let clean: String = name
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if FORBIDDEN.contains(c) { '-' } else { c })
        .collect();
    let (stem, ext) = extension(clean.trim()).unwrap_or((clean.trim(), ""));
    let ext = if ext.is_empty() || ext.len() > 10 { "jpg" } else { ext };
    let stem = if stem.is_empty() { "paper" } else { stem };
    let room = most.saturating_sub(ext.len() + 1);
    let cut = stem.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
    format!("{}.{ext}", stem.get(..cut.unwrap_or(0)).unwrap_or_default())
}

/// Is the content what the name says, and something that is taken?
///
/// # Errors
/// `InvalidInput` in `paper` or `name`.
pub fn check_kind(name: &str, kind: photo::Kind) -> Result<()> {
    let refused = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
    let ext = extension(name).map_or(String::new(), |(_, ext)| ext.to_ascii_lowercase());
    match (kind, ext.as_str()) {
        (photo::Kind::Jpeg, "jpg" | "jpeg") | (photo::Kind::Png, "png") | (photo::Kind::Pdf, "pdf") => Ok(()),
        (photo::Kind::Jpeg, _) => refused("name", "the extension of its content: .jpg"),
        (photo::Kind::Png, _) => refused("name", "the extension of its content: .png"),
        (photo::Kind::Pdf, _) => refused("name", "the extension of its content: .pdf"),
        (photo::Kind::Heic, _) => {
            refused("paper", "JPEG, PNG or PDF: HEIC is to be converted first, or the camera set to JPEG")
        }
        _ => refused("paper", "JPEG, PNG or PDF"),
    }
}

/// A fitted picture is a JPEG, whatever it was called.
#[must_use]
pub fn as_jpeg(name: &str) -> String {
    match extension(name) {
        Some((_, ext)) if matches!(ext.to_ascii_lowercase().as_str(), "jpg" | "jpeg") => name.to_owned(),
        Some((stem, _)) => format!("{stem}.jpg"),
        None => format!("{name}.jpg"),
    }
}

/// Small enough to be held: what stands before a paper's bytes in a request, and what stands behind them.
pub struct UploadBody {
    head: Vec<u8>,
    tail: Vec<u8>,
    contents: u64,
}

#[derive(Serialize)]
struct Upload<'a> {
    #[serde(rename = "UserActionIdentifier")]
    identifier: &'a str,
    #[serde(rename = "Response")]
    response: [File<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    file_name: &'a str,
    file_type: &'a str,
    file_info: &'a str,
    file_client_id: i64,
    file_contents: &'a str,
}

impl UploadBody {
    /// The request around `bytes` bytes of a paper.
    ///
    /// # Errors
    /// `Internal`.
    pub fn new(
        identifier: &str,
        name: &str,
        mime: &str,
        info: &str,
        client_id: i64,
        bytes: u64,
    ) -> Result<Self> {
        let file = File {
            file_name: name,
            file_type: mime,
            file_info: info,
            file_client_id: client_id,
            file_contents: "",
        };
        let mut head = serde_json::to_vec(&Upload { identifier, response: [file] })
            .map_err(|_| Error::internal("wire"))?;
        // The contents come last: behind their opening quote.
        let tail = head.split_off(head.len() - b"\"}]}".len());
        Ok(UploadBody { head, tail, contents: bytes.div_ceil(3) * 4 })
    }

    /// Bytes in all.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.head.len() as u64 + self.contents + self.tail.len() as u64
    }

    /// The request piece by piece, around a paper's chunks of any size. No more than two bytes of a chunk are kept for the
    /// next piece.
    pub fn stream<I>(self, chunks: I) -> impl Iterator<Item = io::Result<Bytes>> + Send
    where
        I: Iterator<Item = io::Result<Vec<u8>>> + Send,
    {
        let one = |bytes: Vec<u8>| std::iter::once(Ok(Bytes::from(bytes)));
        one(self.head).chain(Base64Chunks { chunks, rest: vec![], ended: false }).chain(one(self.tail))
    }
}

/// Chunks of any size as base64, piece by piece.
struct Base64Chunks<I> {
    chunks: I,
    /// What did not make three bytes.
    rest: Vec<u8>,
    ended: bool,
}

impl<I: Iterator<Item = io::Result<Vec<u8>>>> Iterator for Base64Chunks<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let whole = match self.chunks.next() {
                Some(Err(e)) => {
                    self.ended = true;
                    return Some(Err(e));
                }
                Some(Ok(chunk)) => {
                    self.rest.extend(chunk);
                    self.rest.len() / 3 * 3
                }
                None => {
                    self.ended = true;
                    self.rest.len()
                }
            };
            let rest = self.rest.split_off(whole);
            let piece = std::mem::replace(&mut self.rest, rest);
            if !piece.is_empty() {
                return Some(Ok(Bytes::from(STANDARD.encode(piece))));
            }
        }
        None
    }
}

/// Why a paper was not taken, with what to do about it.
#[must_use]
pub fn fault(fault: photo::Fault) -> Error {
    use photo::Fault;
    let expected = match fault {
        Fault::Empty => return Error::invalid("paper", Problem::Missing),
        Fault::NotAPicture(_) => "JPEG, PNG or PDF",
        Fault::CutShort => "a whole file: this one is cut off, take or scan it again",
        Fault::TooManyPixels { .. } => "a picture with fewer pixels: set the camera to a smaller size",
        Fault::Progressive { .. } => "a smaller picture, or one saved as a baseline JPEG",
        Fault::Unsupported(_) => "a JPEG or PNG as cameras make them",
        Fault::DoesNotFit { .. } => {
            "a picture that fits the bank's limit: take it with less around the paper"
        }
        Fault::EncryptedPdf => "a PDF without a password",
        Fault::NoPages => "a PDF with a page",
        Fault::Read(_) => "a file that can be read to its end",
        _ => "a file that is not damaged: take or scan it again",
    };
    Error::invalid("paper", Problem::Form { expected })
}

/// A photo's limits as the profile says.
#[must_use]
pub fn photo_limits(limits: &PaperLimits) -> photo::Limits {
    photo::Limits {
        bytes: limits.bytes,
        edge: limits.edge,
        pixels: limits.pixels,
        whole: limits.whole_bytes,
        ..photo::Limits::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_held_to_the_banks_rules() {
        for good in ["a.jpg", "លិខិត.pdf", "a b.c.png", "..pdf", "x.PDF"] {
            assert_eq!(check_name(good, 200), Ok(()), "{good}");
        }
        for c in FORBIDDEN.chars() {
            assert!(check_name(&format!("a{c}b.jpg"), 200).is_err(), "{c}");
        }
        let long = "x".repeat(300) + ".jpg";
        for bad in ["", " a.jpg", "\u{a0}a.jpg", "a", ".jpg", "a.", "../a.jpg", "a\n.jpg", &long] {
            assert!(check_name(bad, 200).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_suggested_is_taken(name in "\\PC{0,60}") {
            prop_assert_eq!(check_name(&suggest(&name, 60), 60), Ok(()));
        }

        #[test]
        fn a_streamed_request_is_the_one_that_serde_writes(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
            name in "\\PC{1,20}",
        ) {
            let all = chunks.concat();
            let body = UploadBody::new("A_1_B", &name, "image/jpeg", "", 7, all.len() as u64).expect("a body");
            let len = body.length();
            let sent: Vec<u8> =
                body.stream(chunks.into_iter().map(Ok)).map(|piece| piece.expect("bytes").to_vec()).collect::<Vec<_>>().concat();
            prop_assert_eq!(sent.len() as u64, len);
            let whole = Upload {
                identifier: "A_1_B",
                response: [File {
                    file_name: &name,
                    file_type: "image/jpeg",
                    file_info: "",
                    file_client_id: 7,
                    file_contents: &STANDARD.encode(&all),
                }],
            };
            prop_assert_eq!(sent, serde_json::to_vec(&whole).expect("JSON"));
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_request_before_its_end() {
        let body = UploadBody::new("A", "a.jpg", "image/jpeg", "", 7, 6).expect("a body");
        let chunks = vec![Ok(vec![1, 2, 3]), Err(io::Error::from(io::ErrorKind::Other))];
        let mut pieces = body.stream(chunks.into_iter());
        assert!(pieces.next().is_some_and(|p| p.is_ok()) && pieces.next().is_some_and(|p| p.is_ok()));
        assert!(pieces.next().is_some_and(|p| p.is_err()));
    }
}
