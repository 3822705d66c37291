//! A key vault in files. It protects nothing: it is here so that a book outlives the process that made it.

use satchel::world::{Kept, KeyError, KeyVault};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// One file a secret, in a folder of its own.
pub struct FileVault(PathBuf);

impl FileVault {
    /// The vault in that folder, which is made when it is not there.
    ///
    /// # Errors
    /// The system's.
    pub fn in_folder(folder: &Path) -> std::io::Result<FileVault> {
        fs::create_dir_all(folder)?;
        Ok(FileVault(folder.to_owned()))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name.replace('/', "_"))
    }

    fn keep(&self, name: &str, secret: &[u8]) -> std::io::Result<()> {
        let beside = self.file(&format!("{name}.{}.new", std::process::id()));
        let mut file = File::create(&beside)?;
        file.write_all(secret)?;
        file.sync_all()?;
        fs::rename(&beside, self.file(name))
    }
}

impl KeyVault for FileVault {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        match fs::read(self.file(name)) {
            Ok(secret) => Ok(Some(secret)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(KeyError::Unavailable),
        }
    }

    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        self.keep(name, secret).map(|()| Kept).map_err(|_| KeyError::Unavailable)
    }
}
