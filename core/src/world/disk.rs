//! The files that are not the database's: lease, side file, reserve. Small, so that a simulator can own them all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// A held lock; dropping it (or the death of the process) frees it.
pub trait Lock: Send + Sync {}

/// Bytes that can be read from anywhere.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Files beside the database.
pub trait Disk: Send + Sync + 'static {
    /// The SQLite VFS to open databases with; `None` is the platform's own.
    fn vfs(&self) -> Option<&str>;
    /// The first bytes of a file, `most` of them or all there are; `None` when there is no file.
    ///
    /// # Errors
    /// The system's.
    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>>;
    /// Up to `length` bytes of a file from `at` on; fewer where it ends, none when there is no file.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, path: &Path, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(path, at.saturating_add(length as u64))?.unwrap_or_default();
        Ok(bytes.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default().to_vec())
    }
    /// Writes a file whole. Durable when it returns; a crash leaves the old bytes or the new.
    ///
    /// # Errors
    /// The system's.
    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let draft = beside(path);
        self.replace(&draft, bytes)?;
        self.copy(&draft, path)
    }
    /// Replaces a file whole: a reader sees the old or the new bytes, never a mix. Not synced.
    ///
    /// # Errors
    /// The system's.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Copies a file. Durable when it returns; a crash leaves the whole copy or none under `to`.
    ///
    /// # Errors
    /// The system's.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes the lock file exclusively, or returns `None` when another handle or process holds it. Never waits.
    ///
    /// # Errors
    /// The system's.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;
    /// Makes `path` occupy exactly `bytes` of real space; 0 gives the space back. After an error it may occupy less.
    ///
    /// # Errors
    /// The system's, a full disk among them.
    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()>;
    /// Makes a directory and its parents. Durable when it returns: no file in it can be lost with its folder.
    ///
    /// # Errors
    /// The system's.
    fn make_dir(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, sorted; empty when there is none.
    ///
    /// # Errors
    /// The system's.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Moves a file or directory; used to set things aside, never to delete them. Durable when it returns: a power
    /// cut cannot bring the old name back over what was made there since.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Opens a plain file to read: not a link, not a folder.
    ///
    /// # Errors
    /// The system's; `InvalidInput` for what is no plain file.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        let bytes = self.read(path, u64::MAX)?.ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(io::Cursor::new(bytes)))
    }
    /// Removes a file; none there is no error. Used for what was handed in through this library's own folder, never
    /// for a book.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The size of a file; 0 when there is none.
    fn size(&self, path: &Path) -> u64;
    /// Free bytes for this app where `path` is; `None` when the system does not say.
    fn free_bytes(&self, path: &Path) -> Option<u64>;
}

/// The device's own disk.
#[derive(Clone, Copy, Default, Debug)]
pub struct RealDisk;

impl Lock for File {}

/// The name under which a file is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let mut new = PathBuf::from(path);
    new.add_extension("new");
    new
}

/// Makes `path`'s name durable, or its absence: both are kept by the directory above it.
fn sync_name(path: &Path) -> io::Result<()> {
    let above = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(above)?.sync_all() {
        // Some file systems know no syncing of directories; then there is nothing more to do.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

impl Disk for RealDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = vec![];
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn read_at(&self, path: &Path, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = match File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            file => file?,
        };
        file.seek(io::SeekFrom::Start(at))?;
        let mut bytes = vec![];
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let new = beside(path);
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.rename(&new, path)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let new = beside(path);
        File::create(&new)?.write_all(bytes)?;
        fs::rename(&new, path)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let new = beside(to);
        let mut file = File::create(&new)?;
        io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()?;
        self.rename(&new, to)
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
        let has = file.metadata()?.len();
        if has >= bytes {
            return file.set_len(bytes);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
            Ok(()) => return Ok(()),
            // Trying zeros now would only fill the last room there is.
            Err(rustix::io::Errno::NOSPC) => return Err(io::ErrorKind::StorageFull.into()),
            Err(_) => {}
        }
        // Where the file system cannot reserve (Apple, some FUSE mounts): written zeros take real space.
        let zeros = vec![0; 1 << 20];
        let mut left = bytes - has;
        file.seek(io::SeekFrom::End(0))?;
        while left > 0 {
            let n = left.min(zeros.len() as u64);
            file.write_all(&zeros[..n as usize])?;
            left -= n;
        }
        Ok(())
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        let missing: Vec<_> = path.ancestors().take_while(|p| !p.exists()).collect();
        fs::create_dir_all(path)?;
        missing.into_iter().try_for_each(sync_name)
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
        fs::rename(from, to)?;
        sync_name(from)?;
        sync_name(to)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        // Asked of the open file too: what the name meant a moment ago says nothing.
        let plain = fs::symlink_metadata(path)?.is_file();
        let file = File::open(path)?;
        if plain && file.metadata()?.is_file() {
            Ok(Box::new(file))
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn size(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |m| m.len())
    }

    fn free_bytes(&self, path: &Path) -> Option<u64> {
        let fs = rustix::fs::statvfs(path).ok()?;
        Some(fs.f_bavail.saturating_mul(fs.f_frsize))
    }
}
