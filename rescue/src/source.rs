//! What is unsent, from a book's folder or from an export that a tablet sealed.

use crate::failed::{self, Failed};
use crate::{Input, key, place};
use indicatif::{ProgressBar, ProgressStyle};
use satchel::export::Export;
use satchel::world::{Clock, Disk, RealClock, RealDisk};

/// Reads it. Says on the terminal how far it is.
pub fn read(input: &Input) -> Result<Export, Failed> {
    let path = std::fs::canonicalize(&input.book).map_err(failed::file(&input.book))?;
    let identities = key::identities(&input.identity)?;
    if path.is_file() {
        let sealed = std::fs::read(&path).map_err(failed::file(&path))?;
        let json = key::unsealed(&sealed, &identities).ok_or(Failed::OtherIdentity)?;
        return Ok(Export::parse(&json)?);
    }
    let place = place(&path).ok_or_else(|| Failed::NoBook(path.clone()))?;
    if RealDisk.size(&path.join("book.db")) == 0 && RealDisk.size(&path.join("book.db-wal")) == 0 {
        return Err(Failed::NoBook(path));
    }
    let key = key::of_book(&RealDisk, &place, &identities)?;
    let bar = ProgressBar::new(0).with_message("reading the book's pages");
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %") {
        bar.set_style(style);
    }
    let mut progress = |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    };
    let export = Export::from_files(&RealDisk, &place, &key, RealClock.wall(), &mut progress);
    bar.finish_and_clear();
    Ok(export?)
}
