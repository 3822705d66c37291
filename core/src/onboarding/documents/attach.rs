//! Attaching: looked at while the customer is still at the table, made to fit, encrypted, hashed, and only then there.

use super::chunks;
use super::model::{Attached, Document, Measure, Paper, Warning};
use super::rows::{self, New};
use super::source::{LONGEST, Source, unreadable};
use crate::book::{Book, Tracked};
use crate::error::{Error, Problem, Result};
use crate::feed;
use crate::onboarding::asked::rows as actions;
use crate::onboarding::effect::{UPLOAD, enqueue};
use crate::onboarding::{ONBOARDING, papers, profile};
use crate::profile::OnboardingProfile;
use crate::record::{ActionId, DocumentId};
use crate::satchel::Satchel;
use crate::store::hex;
use crate::world::ReadSeek;
use aws_lc_rs::digest::{Context, SHA256};
use satchel_photo as photo;
use std::io::{Read, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

impl Satchel {
    /// Takes a paper into the book: a JPEG or PNG is turned upright, freed of everything but its pixels (place, camera,
    /// time) and made to fit the bank's limit; a PDF is taken as it is. When this returns all of it is on disk,
    /// encrypted, and queued; the source is not needed again. A crash before leaves nothing of it.
    ///
    /// What may be wrong with a photo is said as warnings: nothing is refused because of them.
    ///
    /// # Errors
    /// - `InvalidInput`, nothing is kept: in `name` (see the bank's rules; the problem says which), in `source` (not a plain
    ///   file), in `paper` (empty, cut off, damaged, not what its name says, HEIC, too many pixels or pages, a PDF over the
    ///   limit or with a password).
    /// - `NotFound` for the action; `NotPossible` (`gone`, `answered`): it takes no papers any more.
    /// - `DiskFull`: the last room is for what is typed.
    pub async fn attach(
        &self,
        action: ActionId,
        mut source: Source,
        name: &str,
        info: &str,
    ) -> Result<Attached> {
        let (book, name, info) = (self.book.clone(), name.to_owned(), info.to_owned());
        let attached = self
            .book
            .world
            .run(move || {
                let done = attach(&book, action, &mut source, &name, &info);
                if done.is_ok() {
                    source.done(&book);
                }
                done
            })
            .await;
        self.book.stir();
        attached
    }
}

fn attach(book: &Book, action: ActionId, source: &mut Source, name: &str, info: &str) -> Result<Attached> {
    let profile = profile(book)?;
    papers::check_name(name, profile.papers.name_bytes)?;
    papers::check_info(info, profile.max_text)?;
    book.store.read(|conn| actions::takes_papers(conn, action))?;
    let ready = prepare(book, profile, &mut *source.open(book)?, name)?;
    let id = publish(book, action, &ready, info)?;
    book.store.read(|conn| {
        let document = Document::from(rows::get(conn, id)?);
        let mut same = rows::same(conn, &ready.sha256, &ready.paper.source_sha256)?;
        same.retain(|other| *other != id);
        Ok(Attached { document, same })
    })
}

/// A paper as it will be sent.
struct Ready {
    name: String,
    mime: &'static str,
    bytes: Vec<u8>,
    sha256: String,
    thumbnail: Option<Vec<u8>>,
    paper: Paper,
}

fn prepare(book: &Book, profile: &OnboardingProfile, source: &mut dyn ReadSeek, name: &str) -> Result<Ready> {
    let length = source.seek(SeekFrom::End(0)).map_err(|e| unreadable(&e))?;
    if length > LONGEST {
        return Err(paper(Problem::Form { expected: "at most 256 MiB" }));
    }
    let mut first = vec![];
    rewound(source)?.take(photo::SNIFF_BYTES as u64).read_to_end(&mut first).map_err(|e| unreadable(&e))?;
    let kind = photo::sniff(&first);
    papers::check_kind(name, kind)?;
    let source_sha256 = sha256(rewound(source)?)?;
    let mut ready = match kind {
        photo::Kind::Pdf => pdf(profile, rewound(source)?, length, name)?,
        _ => picture(book, profile, rewound(source)?, length, name)?,
    };
    ready.paper.source_sha256 = source_sha256;
    // The very bytes that were looked at: a file that changes meanwhile is another one.
    if sha256(rewound(source)?)? != ready.paper.source_sha256 {
        return Err(paper(Problem::Form { expected: "a file that stays as it is while it is read" }));
    }
    Ok(ready)
}

fn rewound(source: &mut dyn ReadSeek) -> Result<&mut dyn ReadSeek> {
    source.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    Ok(source)
}

fn paper(problem: Problem) -> Error {
    Error::invalid("paper", problem)
}

fn pdf(profile: &OnboardingProfile, source: &mut dyn ReadSeek, length: u64, name: &str) -> Result<Ready> {
    let limits = &profile.papers;
    if length > limits.bytes {
        return Err(paper(Problem::Form {
            expected: "a PDF within the bank's limit: scan it smaller, or photograph its pages",
        }));
    }
    let mut bytes = vec![];
    source.take(limits.bytes + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    let looked = photo::pdf(&bytes).map_err(papers::fault)?;
    if looked.pages > limits.pages {
        return Err(paper(Problem::Form { expected: "a PDF with fewer pages" }));
    }
    let measure = Measure { bytes: bytes.len() as u64, ..Measure::default() };
    let paper = Paper { before: measure, after: measure, pages: looked.pages, ..Paper::default() };
    Ok(Ready {
        name: name.to_owned(),
        mime: "application/pdf",
        sha256: sha256(&mut &bytes[..])?,
        bytes,
        thumbnail: None,
        paper,
    })
}

fn picture(
    book: &Book,
    profile: &OnboardingProfile,
    source: &mut dyn ReadSeek,
    length: u64,
    name: &str,
) -> Result<Ready> {
    let limits = papers::photo_limits(&profile.papers);
    let tracked = book.track(Tracked {
        remote: ONBOARDING,
        what: "attach",
        items: AtomicU64::new(1),
        total_bytes: length,
        ..Tracked::default()
    });
    let fitted = photo::fit(source, &limits, &mut |progress| {
        if let photo::Progress::Reading { percent } = progress {
            tracked.bytes.store(length / 100 * u64::from(percent), SeqCst);
            book.tell();
        }
        !book.is_closed()
    });
    let fitted = fitted.map_err(papers::fault)?;
    let measure = |size: &photo::Size| Measure { bytes: size.bytes, width: size.width, height: size.height };
    let paper = Paper {
        before: measure(&fitted.before),
        after: measure(&fitted.after),
        warnings: fitted.warnings.iter().filter_map(warning).collect(),
        ..Paper::default()
    };
    let thumbnail = photo::thumbnail(&fitted.jpeg, THUMBNAIL).map_err(papers::fault)?;
    Ok(Ready {
        name: papers::as_jpeg(name),
        mime: "image/jpeg",
        sha256: sha256(&mut &fitted.jpeg[..])?,
        bytes: fitted.jpeg,
        thumbnail: Some(thumbnail),
        paper,
    })
}

/// A thumbnail's largest edge, in pixels.
const THUMBNAIL: u32 = 160;

fn warning(warning: &photo::Warning) -> Option<Warning> {
    match *warning {
        photo::Warning::TooSmall { edge } => Some(Warning::TooSmall { edge }),
        photo::Warning::Blurred { measure } => Some(Warning::Blurred { sharpness: measure }),
        photo::Warning::Dark { measure } => Some(Warning::Dark { share: measure }),
        photo::Warning::Bright { measure } => Some(Warning::Bright { share: measure }),
        _ => None,
    }
}

/// Chunks first, under a number that nobody sees; then, in one transaction, the paper and its entry.
fn publish(book: &Book, action: ActionId, ready: &Ready, info: &str) -> Result<DocumentId> {
    let paper = chunks::write(&book.store, &ready.bytes)?;
    let id = DocumentId(paper);
    let published = book.store.write_bulk(|tx| {
        actions::takes_papers(tx, action)?;
        // Another process that opened the book meanwhile has taken them for leftovers.
        if chunks::length(tx, paper)? != ready.bytes.len() as i64 {
            return Err(Error::internal("attach"));
        }
        let new = New {
            id,
            action,
            name: &ready.name,
            info,
            mime: ready.mime,
            bytes: ready.bytes.len() as i64,
            sha256: &ready.sha256,
            paper: &ready.paper,
            thumbnail: ready.thumbnail.as_deref(),
        };
        rows::insert(tx, &new, book.now())?;
        enqueue(book, tx, id, UPLOAD, None)?;
        actions::answer_after_papers(tx, action, book.now())?;
        feed::touch(tx, &action.lane())?;
        Ok(id)
    });
    if published.is_err() {
        let _ = book.store.write(|tx| chunks::remove(tx, paper)); // what stays is swept on open
    }
    published
}

/// Hex SHA-256 of all that it holds.
pub(super) fn sha256(source: &mut dyn Read) -> Result<String> {
    let (mut sum, mut some) = (Context::new(&SHA256), vec![0; 64 << 10]);
    loop {
        match source.read(&mut some) {
            Ok(0) => return Ok(hex(sum.finish().as_ref())),
            Ok(n) => sum.update(&some[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(&e)),
        }
    }
}
