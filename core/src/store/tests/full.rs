use super::*;

/// A disk on which there is room only once the reserve is gone, as SQLite sees it.
fn crowded(store: &Store, tx: &Connection) -> Result<()> {
    let pages: i64 = tx.query_row("PRAGMA page_count", [], |r| r.get(0))?;
    let room = if store.disk_tight() { 1_000_000 } else { pages };
    Ok(tx.query_row(&format!("PRAGMA max_page_count = {room}"), [], |_| Ok(()))?)
}

#[test]
fn a_save_goes_through_on_a_full_disk_by_giving_up_the_reserve() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    assert_eq!(fs::metadata(tablet.place().reserve()).unwrap().len(), 1 << 20);
    assert!(!store.disk_tight());
    let mut runs = 0;
    let id = store
        .write(|tx| {
            runs += 1;
            crowded(&store, tx)?;
            entry(tx, &"x".repeat(50_000))
        })
        .unwrap();
    assert_eq!((runs, id, count(&store)), (2, 1, 1), "run twice, done once");
    assert!(store.disk_tight());
    assert_eq!(fs::metadata(tablet.place().reserve()).unwrap().len(), 0);

    // The last room is for what the officer types.
    assert_eq!(store.write_bulk(|tx| entry(tx, "download")), Err(Error::DiskFull));
    save(&store, "typed").unwrap();
    tablet.disk.free.store(3 << 19, Ordering::SeqCst);
    store.idle().unwrap();
    assert!(store.disk_tight(), "taking it now would fill the disk again");
    tablet.disk.free.store(2 << 20, Ordering::SeqCst);
    store.idle().unwrap();
    assert!(!store.disk_tight());
    store.write_bulk(|tx| entry(tx, "download")).unwrap();
}

#[test]
fn bulk_work_never_takes_the_reserve() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let mut runs = 0;
    let full = store.write_bulk(|tx| {
        runs += 1;
        crowded(&store, tx)?;
        entry(tx, &"x".repeat(50_000))
    });
    assert_eq!((full, runs), (Err(Error::DiskFull), 1));
    assert!(!store.disk_tight());
    assert_eq!(count(&store), 0);
}

#[test]
fn when_the_reserve_does_not_help_nothing_is_changed() {
    let mut tablet = Tablet::new();
    for reserve in [1 << 20, 0] {
        tablet.profile.reserve_bytes = reserve;
        let store = tablet.open().unwrap();
        let mut runs = 0;
        let full: Result<i64> = store.write(|tx| {
            runs += 1;
            entry(tx, "half")?;
            let pages: i64 = tx.query_row("PRAGMA page_count", [], |r| r.get(0))?;
            tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            entry(tx, &"x".repeat(100_000))
        });
        assert_eq!((full, runs), (Err(Error::DiskFull), if reserve > 0 { 2 } else { 1 }));
        assert_eq!(count(&store), 0);
        assert_eq!(store.disk_tight(), reserve > 0);
        save(&store, "small").unwrap();
        drop(store);
        fs::remove_dir_all(tablet.root()).unwrap();
    }
}

#[test]
fn a_nearly_full_disk_keeps_no_reserve_and_still_saves() {
    let tablet = Tablet::new();
    tablet.disk.free.store(1 << 20, Ordering::SeqCst);
    let store = tablet.open().unwrap();
    assert!(store.disk_tight());
    save(&store, "x").unwrap();
    assert_eq!(store.write_bulk(|_| Ok(())), Err(Error::DiskFull));
}

#[test]
fn only_a_full_disk_is_one() {
    use super::super::write::full;
    let sqlite = |id: std::ffi::c_int| {
        Error::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(id), None))
    };
    assert!(full(&sqlite(rusqlite::ffi::SQLITE_FULL)));
    assert!(full(&sqlite(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)));
    assert!(!full(&sqlite(rusqlite::ffi::SQLITE_IOERR_FSYNC)), "then the COMMIT may be on disk");
    assert!(!full(&sqlite(rusqlite::ffi::SQLITE_IOERR_WRITE)));
}

#[test]
fn the_reserve_takes_real_space() {
    use std::os::unix::fs::MetadataExt;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("reserve");
    for bytes in [1 << 20, 3 << 20, 1 << 19, 0] {
        RealDisk.reserve(&path, bytes).unwrap();
        let file = fs::metadata(&path).unwrap();
        assert_eq!(file.len(), bytes);
        assert!(file.blocks() * 512 >= bytes, "{} blocks for {bytes}", file.blocks());
    }
}
