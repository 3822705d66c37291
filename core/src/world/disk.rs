//! The files that are not the database's: lease, side file, reserve. Small, so that a simulator can own them all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A held lock; dropping it (or the death of the process) frees it.
pub trait Lock: Send + Sync {}

/// Files beside the database.
pub trait Disk: Send + Sync + 'static {
    /// The SQLite VFS to open databases with; `None` is the platform's own.
    fn vfs(&self) -> Option<&str>;
    /// The whole file, or `None` when there is none.
    ///
    /// # Errors
    /// The system's.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// Replaces a file whole: a reader sees the old or the new bytes, never a mix. Not synced.
    ///
    /// # Errors
    /// The system's.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Takes the lock file exclusively, or returns `None` when another handle or process holds it. Never waits.
    ///
    /// # Errors
    /// The system's.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;
    /// Makes `path` occupy `bytes` of real space; 0 gives the space back.
    ///
    /// # Errors
    /// The system's, a full disk among them.
    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()>;
    /// Makes a directory and its parents.
    ///
    /// # Errors
    /// The system's.
    fn make_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, sorted; empty when there is none.
    ///
    /// # Errors
    /// The system's.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Moves a file or directory; used to set things aside, never to delete them.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// The size of a file; 0 when there is none.
    fn size(&self, path: &Path) -> u64;
    /// Free bytes for this app where `path` is; `None` when the system does not say.
    fn free_bytes(&self, path: &Path) -> Option<u64>;
}

/// The device's own disk.
#[derive(Clone, Copy, Default, Debug)]
pub struct RealDisk;

impl Lock for File {}

impl Disk for RealDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut new = PathBuf::from(path);
        new.add_extension("new");
        File::create(&new)?.write_all(bytes)?;
        fs::rename(&new, path)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(e)) => Err(e),
        }
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        if bytes == 0 {
            return file.set_len(0);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes).is_ok() {
            return Ok(());
        }
        // Where the file system cannot reserve (Apple, some FUSE mounts): written zeros take real space.
        let zeros = vec![0; 1 << 20];
        let mut left = bytes.saturating_sub(file.metadata()?.len());
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        while left > 0 {
            let n = left.min(zeros.len() as u64);
            file.write_all(&zeros[..n as usize])?;
            left -= n;
        }
        Ok(())
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        let mut names: Vec<_> =
            entries.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn size(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |m| m.len())
    }

    fn free_bytes(&self, path: &Path) -> Option<u64> {
        let fs = rustix::fs::statvfs(path).ok()?;
        Some(fs.f_bavail.saturating_mul(fs.f_frsize))
    }
}
