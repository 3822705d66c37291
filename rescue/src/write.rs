//! The one file that is written.

use crate::failed::{self, Failed};
use age::x25519::Identity;
use satchel::export::Export;
use satchel::seal::Recipient;
use satchel::world::RealRng;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file that was not there before, for its owner alone.
pub struct Fresh {
    path: PathBuf,
    file: File,
    done: bool,
}

/// Makes it. Dropped before it is written, it goes away again.
pub fn fresh(path: Option<&Path>) -> Result<Fresh, Failed> {
    let path = path.unwrap_or(Path::new("")).to_owned();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(failed::file(&path))?;
    Ok(Fresh { path, file, done: false })
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.done {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes the export: sealed to the public half of the first of `to`, or plain when there is none.
pub fn export(mut fresh: Fresh, export: &Export, to: Option<&Vec<Identity>>) -> Result<(), Failed> {
    let json = Zeroizing::new(export.json()?);
    let bytes = match to.and_then(|identities| identities.first()) {
        None => json,
        Some(identity) => {
            let recipient = Recipient::parse(&identity.to_public().to_string())?;
            Zeroizing::new(recipient.seal(&json, &RealRng)?.into_bytes())
        }
    };
    let written = fresh.file.write_all(&bytes).and_then(|()| fresh.file.sync_all());
    written.map_err(failed::file(&fresh.path))?;
    fresh.done = true;
    Ok(())
}
