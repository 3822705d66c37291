//! The C side.
//!
//! Why it is sound: a file of ours is a [`Shim`] followed by the real VFS's own file in one block that SQLite allocates
//! (`szOsFile` is the sum, and `Shim` is a multiple of 8 long, so that the real part is aligned as SQLite promises).
//! SQLite calls a method only on a file whose `xOpen` succeeded, and only then is our method table in place. Each method
//! hands the very same arguments to the real one, or fails before it without touching them. Both the table and the VFS live for ever.

use super::watch::{Call, Fault, verdict};
use super::{DATABASE, OTHER, WAL};
use rusqlite::ffi::{
    Error, SQLITE_ERROR, SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_DELETE, SQLITE_IOERR_FSYNC,
    SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE, SQLITE_OK, SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_WAL, sqlite3_file,
    sqlite3_filename, sqlite3_initialize, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;

const NAME: &CStr = c"counting";

#[repr(C, align(8))]
struct Shim {
    base: sqlite3_file,
    flags: c_int,
}

const HEAD: usize = size_of::<Shim>();

/// The real VFS's file behind ours.
///
/// # Safety
/// `file` is a file of this VFS.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the block is HEAD + the real file long.
    unsafe { file.cast::<u8>().add(HEAD).cast() }
}

macro_rules! pass {
    ($($name:ident = $method:ident ($($arg:ident: $kind:ty),*);)+) => { $(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $arg: $kind)*) -> c_int {
            // SAFETY: SQLite calls this on an open file of ours alone; the real file is open as long as ours is.
            unsafe {
                let real = real(file);
                match (*(*real).pMethods).$method {
                    Some(method) => method(real $(, $arg)*),
                    None => SQLITE_IOERR,
                }
            }
        }
    )+ };
}

pass! {
    close = xClose();
    read = xRead(to: *mut c_void, n: c_int, at: i64);
    really_write = xWrite(from: *const c_void, n: c_int, at: i64);
    really_truncate = xTruncate(len: i64);
    really_sync = xSync(flags: c_int);
    size = xFileSize(out: *mut i64);
    lock = xLock(level: c_int);
    unlock = xUnlock(level: c_int);
    reserved = xCheckReservedLock(out: *mut c_int);
    control = xFileControl(op: c_int, arg: *mut c_void);
    sector = xSectorSize();
    device = xDeviceCharacteristics();
    shm_map = xShmMap(region: c_int, n: c_int, extend: c_int, out: *mut *mut c_void);
    shm_lock = xShmLock(at: c_int, n: c_int, flags: c_int);
    shm_unmap = xShmUnmap(delete: c_int);
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as in `pass`.
    unsafe {
        let real = real(file);
        if let Some(method) = (*(*real).pMethods).xShmBarrier {
            method(real);
        }
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file of ours begins with a `Shim`.
    let kind = unsafe { (*file.cast::<Shim>()).flags };
    let count = match kind {
        _ if kind & SQLITE_OPEN_WAL != 0 => &WAL,
        _ if kind & SQLITE_OPEN_MAIN_DB != 0 => &DATABASE,
        _ => &OTHER,
    };
    count.fetch_add(1, Relaxed);
    match failure(Call::Sync, SQLITE_IOERR_FSYNC) {
        Some(code) => code,
        // SAFETY: passed on as it came.
        None => unsafe { really_sync(file, flags) },
    }
}

/// The code with which that call is to fail, if it is.
fn failure(call: Call, eio: c_int) -> Option<c_int> {
    let room = matches!(call, Call::Write | Call::Sync);
    verdict(call).map(|fault| if fault == Fault::Full && room { SQLITE_FULL } else { eio })
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, n: c_int, at: i64) -> c_int {
    match failure(Call::Write, SQLITE_IOERR_WRITE) {
        Some(code) => code,
        // SAFETY: passed on as it came.
        None => unsafe { really_write(file, from, n, at) },
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: i64) -> c_int {
    match failure(Call::Truncate, SQLITE_IOERR_TRUNCATE) {
        Some(code) => code,
        // SAFETY: passed on as it came.
        None => unsafe { really_truncate(file, len) },
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    match failure(Call::Delete, SQLITE_IOERR_DELETE) {
        Some(code) => code,
        // SAFETY: passed on as it came.
        None => unsafe { really_delete(vfs, name, sync) },
    }
}

/// Without `xFetch`: no memory mapping goes past us.
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
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: `pAppData` is the real VFS, which lives for ever; `file` is a block of `szOsFile` bytes. Without methods
    // SQLite does not close a file whose opening failed.
    unsafe {
        (*file).pMethods = null();
        let below = (*vfs).pAppData.cast::<sqlite3_vfs>();
        let Some(open) = (*below).xOpen else { return SQLITE_ERROR };
        let done = open(below, name, real(file), flags, out);
        if done == SQLITE_OK {
            file.cast::<Shim>().write(Shim { base: sqlite3_file { pMethods: &METHODS }, flags });
        }
        done
    }
}

/// The real VFS looks into the struct it is given, so each of its functions is called with the real one.
macro_rules! below {
    ($($name:ident = $method:ident ($($arg:ident: $kind:ty),*);)+) => { $(
        unsafe extern "C" fn $name(vfs: *mut sqlite3_vfs $(, $arg: $kind)*) -> c_int {
            // SAFETY: `pAppData` is the real VFS, which lives for ever.
            unsafe {
                let below = (*vfs).pAppData.cast::<sqlite3_vfs>();
                match (*below).$method {
                    Some(method) => method(below $(, $arg)*),
                    None => SQLITE_ERROR,
                }
            }
        }
    )+ };
}

below! {
    really_delete = xDelete(name: *const c_char, sync: c_int);
    access = xAccess(name: *const c_char, flags: c_int, out: *mut c_int);
    full_path = xFullPathname(name: *const c_char, n: c_int, out: *mut c_char);
    random = xRandomness(n: c_int, out: *mut c_char);
    sleep = xSleep(us: c_int);
    last_error = xGetLastError(n: c_int, out: *mut c_char);
    time = xCurrentTimeInt64(out: *mut i64);
}

pub(super) fn register() -> rusqlite::Result<&'static str> {
    static DONE: OnceLock<c_int> = OnceLock::new();
    match *DONE.get_or_init(register_now) {
        SQLITE_OK => Ok("counting"),
        code => Err(rusqlite::Error::SqliteFailure(Error::new(code), None)),
    }
}

fn register_now() -> c_int {
    // SAFETY: after `sqlite3_initialize` there is a default VFS, never unregistered; ours is leaked on purpose.
    unsafe {
        if sqlite3_initialize() != SQLITE_OK {
            return SQLITE_ERROR;
        }
        let real = sqlite3_vfs_find(null());
        if real.is_null() {
            return SQLITE_ERROR;
        }
        let vfs = Box::leak(Box::new(sqlite3_vfs {
            iVersion: 2,
            szOsFile: HEAD as c_int + (*real).szOsFile,
            mxPathname: (*real).mxPathname,
            pNext: null_mut(),
            zName: NAME.as_ptr(),
            pAppData: real.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(random),
            xSleep: Some(sleep),
            xCurrentTime: None,
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(time),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        sqlite3_vfs_register(vfs, 0)
    }
}
