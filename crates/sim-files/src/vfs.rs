//! The C side: a disk as an SQLite VFS. All the unsafe code of this crate is here.
//!
//! Why it is sound:
//! - **A VFS lives for ever.** Its table and its seat are leaked; a new process takes a seat that nobody sits on any
//!   more. So SQLite's pointers to a VFS hold whatever is dropped first.
//! - **An open file** is an [`Open`] in the `szOsFile` bytes that SQLite allocates: written once in `xOpen` (before, its
//!   method table is null, so that SQLite calls no method on a file whose opening failed), and given up in `xClose`,
//!   after which SQLite does not touch it. It owns a count of its process's [`Mount`], which therefore outlives it.
//! - **Shared memory** is words that may be written through a shared pointer (`AtomicU64`), in allocations that do not
//!   move and are freed when the last handle has unmapped them. SQLite orders its accesses by `xShmLock` and
//!   `xShmBarrier`, which both take the disk's mutex.
//! - **No unwinding into C**: what is called on the disk does not panic, and a poisoned mutex is taken anyway.
#![allow(unsafe_code, reason = "an SQLite VFS is a table of C functions")]

mod seat;

pub(crate) use seat::Seat;

use crate::locks::{Kind, NONE, Opening, Taken};
use crate::process::Mount;
use crate::state::Refusal;
use rusqlite::ffi::*;
use seat::{Chair, sitter};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

/// The Julian day of 1970, in ms.
const JULIAN: i64 = 210_866_760_000_000;

/// SQLite's table of what a VFS does, for that seat.
fn table(chair: &'static Chair) -> sqlite3_vfs {
    sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<Open>() as c_int,
        mxPathname: 512,
        pNext: null_mut(),
        zName: chair.name.as_ptr(),
        pAppData: std::ptr::from_ref(chair).cast_mut().cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_path),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: None,
        xGetLastError: None,
        xCurrentTimeInt64: Some(time),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// An open file, in SQLite's own block.
#[repr(C)]
struct Open {
    base: sqlite3_file,
    /// One count of the mount's `Arc`.
    mount: *const Mount,
    handle: u64,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(device),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    // Without them there is no memory mapping that goes past us.
    xFetch: None,
    xUnfetch: None,
};

/// The process and the handle of an open file.
///
/// # Safety
/// `file` is an open file of such a VFS, and the result is not kept beyond the call.
unsafe fn of<'a>(file: *mut sqlite3_file) -> (&'a Mount, u64) {
    // SAFETY: `xOpen` has written it, and the mount lives as long as the count that it holds.
    unsafe {
        let open = &*file.cast::<Open>();
        (&*open.mount, open.handle)
    }
}

/// A path that SQLite handed in; it lives as long as the call.
///
/// # Safety
/// `path` is a C string.
unsafe fn path<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: by the caller.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()))
}

fn code<T>(done: &Result<T, Refusal>, otherwise: c_int) -> c_int {
    match done {
        Ok(_) => SQLITE_OK,
        Err(Refusal::Full) => SQLITE_FULL,
        Err(_) => otherwise,
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: `file` is a block of `szOsFile` bytes. Without methods SQLite does not close a file whose opening failed.
    unsafe { (*file).pMethods = null() };
    // SAFETY: SQLite calls this on our VFS.
    let Some(mount) = (unsafe { sitter(vfs) }) else { return SQLITE_CANTOPEN };
    let name = match name.is_null() {
        true => None,
        // SAFETY: not null, so a C string.
        false => match mount.name(unsafe { path(name) }) {
            None => return SQLITE_CANTOPEN,
            name => name,
        },
    };
    let kind = match flags {
        _ if flags & SQLITE_OPEN_WAL != 0 => Kind::Wal,
        _ if flags & SQLITE_OPEN_MAIN_DB != 0 => Kind::Database,
        _ => Kind::Other,
    };
    let is_log = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL) != 0;
    let how = Opening { kind, create: flags & SQLITE_OPEN_CREATE != 0, is_log };
    let opened = mount.files.state().open(mount.number, name, how);
    let Ok(handle) = opened else { return code(&opened, SQLITE_CANTOPEN) };
    // SAFETY: as above; `out` is null or a place for the flags.
    unsafe {
        file.cast::<Open>().write(Open {
            base: sqlite3_file { pMethods: &METHODS },
            mount: Arc::into_raw(mount),
            handle,
        });
        if !out.is_null() {
            *out = flags;
        }
    }
    SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: an open file of ours, for the last time: its count of the mount ends here.
    let (mount, handle) = unsafe {
        let open = file.cast::<Open>().read();
        (Arc::from_raw(open.mount), open.handle)
    };
    mount.files.state().close(handle);
    SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, n: c_int, at: i64) -> c_int {
    // SAFETY: an open file of ours; SQLite hands in `n` bytes to fill.
    let ((mount, handle), out) =
        unsafe { (of(file), std::slice::from_raw_parts_mut(to.cast::<u8>(), n as usize)) };
    match mount.files.state().read(handle, at as u64, out) {
        Ok(have) if have < out.len() => SQLITE_IOERR_SHORT_READ,
        Ok(_) => SQLITE_OK,
        Err(_) => SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, n: c_int, at: i64) -> c_int {
    // SAFETY: an open file of ours; SQLite hands in `n` bytes.
    let ((mount, handle), data) =
        unsafe { (of(file), std::slice::from_raw_parts(from.cast::<u8>(), n as usize)) };
    code(&mount.files.state().write(handle, at as u64, data), SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, to: i64) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    code(&mount.files.state().truncate(handle, to as u64), SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    code(&mount.files.state().sync(handle), SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn size(file: *mut sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    let size = mount.files.state().size(handle);
    // SAFETY: a place for the size.
    unsafe { *out = size.unwrap_or(0) as i64 };
    code(&size, SQLITE_IOERR_FSTAT)
}

fn taken(lock: Result<Taken, Refusal>, otherwise: c_int) -> c_int {
    match lock {
        Ok(Taken::Busy) => SQLITE_BUSY,
        done => code(&done, otherwise),
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    taken(mount.files.state().lock(handle, level), SQLITE_IOERR_LOCK)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    mount.files.state().unlock(handle, level.max(NONE));
    SQLITE_OK
}

unsafe extern "C" fn reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: an open file of ours, and a place for the answer.
    unsafe {
        let (mount, handle) = of(file);
        *out = mount.files.state().is_reserved(handle).into();
    }
    SQLITE_OK
}

unsafe extern "C" fn control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    SQLITE_NOTFOUND
}

/// What the unix VFS says; another number changes what SQLite writes.
unsafe extern "C" fn sector(_: *mut sqlite3_file) -> c_int {
    4096
}

/// Likewise.
unsafe extern "C" fn device(_: *mut sqlite3_file) -> c_int {
    SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    make: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    let memory = mount.files.state().shm_map(handle, region as usize, bytes as usize, make != 0);
    // SAFETY: a place for the pointer.
    unsafe { *out = memory.ok().flatten().unwrap_or(null_mut()).cast() };
    code(&memory, SQLITE_IOERR_SHMMAP)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, at: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    let slots = at as u32..(at + n) as u32;
    let mut state = mount.files.state();
    if flags & SQLITE_SHM_LOCK == 0 {
        state.shm_unlock(handle, slots);
        return SQLITE_OK;
    }
    taken(state.shm_lock(handle, slots, flags & SQLITE_SHM_EXCLUSIVE != 0), SQLITE_IOERR_SHMLOCK)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: an open file of ours.
    let (mount, _) = unsafe { of(file) };
    drop(mount.files.state());
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let (mount, handle) = unsafe { of(file) };
    mount.files.state().shm_unmap(handle);
    SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, durably: c_int) -> c_int {
    // SAFETY: our VFS and a C string.
    let (mount, name) = unsafe { (sitter(vfs), path(name)) };
    let Some(mount) = mount else { return SQLITE_IOERR_DELETE };
    let Some(name) = mount.name(name) else { return SQLITE_IOERR_DELETE_NOENT };
    match mount.files.state().delete(mount.number, name, durably != 0) {
        Err(Refusal::Missing) => SQLITE_IOERR_DELETE_NOENT,
        done => code(&done, SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: our VFS and a C string.
    let (mount, name) = unsafe { (sitter(vfs), path(name)) };
    let there = mount.is_some_and(|mount| {
        let state = mount.files.state();
        let file =
            mount.name(name).and_then(|name| state.names.get(name)).and_then(|id| state.files.get(&id));
        // As unix: an empty file is none to whoever asks whether it exists.
        file.is_some_and(|file| flags != SQLITE_ACCESS_EXISTS || file.size() > 0)
    });
    // SAFETY: a place for the answer.
    unsafe { *out = there.into() };
    SQLITE_OK
}

unsafe extern "C" fn full_path(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    n: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: a C string, and room for `n` bytes.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > n as usize {
            return SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    SQLITE_OK
}

/// SQLite seeds its generator from the default VFS alone, so nobody asks; the answer is the same each time.
unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, n: c_int, out: *mut c_char) -> c_int {
    // SAFETY: room for `n` bytes.
    unsafe { std::ptr::write_bytes(out, 4, n as usize) };
    n
}

/// Moves the simulated clock. Lets other threads go on, should the lock that is waited for be one of theirs: a real pause,
/// since whoever holds it may have to wait for a processor longer than SQLite tries.
#[allow(
    clippy::disallowed_methods,
    reason = "the pause is for other threads; the simulated clock is moved by hand"
)]
unsafe extern "C" fn sleep(vfs: *mut sqlite3_vfs, us: c_int) -> c_int {
    // SAFETY: our VFS.
    if let Some(mount) = unsafe { sitter(vfs) } {
        mount.files.state().clock += (i64::from(us) + 999) / 1000;
    }
    std::thread::sleep(std::time::Duration::from_micros(us.clamp(0, 2_000) as u64));
    us
}

unsafe extern "C" fn time(vfs: *mut sqlite3_vfs, out: *mut i64) -> c_int {
    // SAFETY: our VFS, and a place for the time.
    unsafe { *out = sitter(vfs).map_or(0, |mount| mount.files.state().clock) + JULIAN };
    SQLITE_OK
}
