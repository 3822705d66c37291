use super::super::pool::Rank;
use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

#[test]
fn what_fails_leaves_nothing() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let failed: Result<()> = store.write(|tx| {
        entry(tx, "half")?;
        Err(Error::NotFound { what: "prospect" })
    });
    assert_eq!(failed, Err(Error::NotFound { what: "prospect" }));
    assert_eq!(count(&store), 0);
    assert_eq!(save(&store, "whole"), Ok(1));
}

#[test]
fn a_panic_inside_is_rolled_back_and_survived() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for bulk in [false, true] {
        let broken = catch_unwind(AssertUnwindSafe(|| {
            let write = |tx: &rusqlite::Transaction<'_>| -> Result<()> {
                entry(tx, "half")?;
                panic!("inside a transaction");
            };
            if bulk { store.write_bulk(write) } else { store.write(write) }
        }));
        assert!(broken.is_err());
    }
    for _ in 0..5 {
        let broken =
            catch_unwind(AssertUnwindSafe(|| store.read(|_| -> Result<()> { panic!("inside a read") })));
        assert!(broken.is_err());
    }
    assert_eq!(count(&store), 0);
    save(&store, "after").unwrap();
    assert_eq!(count(&store), 1);
}

#[test]
fn a_transaction_left_open_does_not_spoil_the_next() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    // Against the rules: it ends the store's transaction and leaves one of its own.
    let odd =
        store.write(|tx| Ok(tx.execute_batch("COMMIT; BEGIN; INSERT INTO draft VALUES (1, 'a', 'b', 0)")?));
    let drafts =
        |db: &Connection| Ok(db.query_row("SELECT count(*) FROM draft", [], |r| r.get::<_, i64>(0))?);
    assert_eq!(odd, Ok(()));
    assert_eq!(store.read(drafts), Ok(1));
    save(&store, "after").unwrap();
    assert_eq!(store.write(|tx| Ok(tx.execute_batch("ROLLBACK")?)).map_err(|_| ()), Err(()));
    save(&store, "after").unwrap();
    assert_eq!(count(&store), 2);
}

#[test]
fn a_connection_that_comes_back_in_a_transaction_is_not_lent_again() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let lent = store.writer.take(Rank::Save).unwrap();
    lent.execute_batch("BEGIN IMMEDIATE; INSERT INTO draft VALUES (1, 'a', 'b', 0)").unwrap();
    drop(lent);
    assert_eq!(save(&store, "after"), Ok(1));
    let drafts =
        |db: &Connection| Ok(db.query_row("SELECT count(*) FROM draft", [], |r| r.get::<_, i64>(0))?);
    assert_eq!(store.read(drafts), Ok(0));
}

#[test]
fn a_call_inside_a_call_is_an_error_and_no_deadlock() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let inside = |e: Result<i64>| assert!(matches!(e, Err(Error::Internal { .. })), "{e:?}");
    inside(store.write(|_| save(&store, "inner")));
    inside(store.write(|_| store.write_bulk(|tx| entry(tx, "inner"))));
    inside(store.read(|_| store.read(rows)));
    assert_eq!(count(&store), 0);
}

#[test]
fn a_reader_sees_one_snapshot_and_never_waits_for_the_writer() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    save(&store, "first").unwrap();
    store
        .write(|tx| {
            entry(tx, "second")?;
            assert_eq!(count(&store), 1, "from inside an open write transaction");
            Ok(())
        })
        .unwrap();
    let seen = store
        .read(|db| {
            let before = rows(db)?;
            save(&store, "third")?;
            Ok((before, rows(db)?))
        })
        .unwrap();
    assert_eq!(seen, (2, 2));
    assert_eq!(count(&store), 3);
}

#[test]
fn three_read_at_once_and_a_fourth_waits() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let inside = AtomicI64::new(0);
    let go = AtomicBool::new(false);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                let look = |db: &Connection| {
                    inside.fetch_add(1, Ordering::SeqCst);
                    until(|| go.load(Ordering::SeqCst));
                    rows(db)
                };
                store.read(look).unwrap();
            });
        }
        until(|| inside.load(Ordering::SeqCst) == 3 && store.readers.waiting(Rank::Save) == 1);
        go.store(true, Ordering::SeqCst);
    });
    assert_eq!(inside.load(Ordering::SeqCst), 4);
}

#[test]
fn bulk_work_lets_saves_go_first() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for _ in 0..20 {
        let order = Mutex::new(vec![]);
        thread::scope(|s| {
            store
                .write(|_| {
                    s.spawn(|| {
                        store
                            .write_bulk(|_| {
                                order.lock().unwrap().push("bulk");
                                Ok(())
                            })
                            .unwrap()
                    });
                    until(|| store.writer.waiting(Rank::Bulk) == 1);
                    for _ in 0..3 {
                        s.spawn(|| {
                            store
                                .write(|_| {
                                    order.lock().unwrap().push("save");
                                    Ok(())
                                })
                                .unwrap()
                        });
                    }
                    until(|| store.writer.waiting(Rank::Save) == 3);
                    store.idle()
                })
                .unwrap();
        });
        assert_eq!(*order.lock().unwrap(), ["save", "save", "save", "bulk"]);
    }
}

#[test]
fn the_log_is_checked_in_when_idle_and_cut_in_pause() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    save(&store, "small").unwrap();
    let before = store.usage();
    store.idle().unwrap();
    assert_eq!(store.usage().database_bytes, before.database_bytes, "not worth a sync yet");
    for n in 0..100 {
        save(&store, &format!("{n}{}", "x".repeat(9000))).unwrap();
    }
    store.idle().unwrap();
    let after = store.usage();
    assert!(after.database_bytes > before.database_bytes + 900_000, "{before:?} {after:?}");
    assert!(after.wal_bytes > 900_000);
    store.pause().unwrap();
    assert_eq!(store.usage().wal_bytes, 0);
    assert_eq!(store.usage().free_bytes, Some(u64::MAX));
    assert_eq!(count(&store), 101);
}

#[test]
fn a_pause_does_not_wait_long_for_a_reader() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    save(&store, "x").unwrap();
    store
        .read(|db| {
            rows(db)?;
            save(&store, "y")?;
            let start = RealClock.steady();
            store.pause()?;
            assert!(RealClock.steady().since(start) < Duration::from_secs(3));
            assert!(store.usage().wal_bytes > 0, "the reader still needs it");
            Ok(())
        })
        .unwrap();
    store.pause().unwrap();
    assert_eq!(store.usage().wal_bytes, 0);
}

#[test]
fn after_lock_nothing_is_served_and_all_is_closed() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    save(&store, "x").unwrap();
    count(&store);
    store.lock(Duration::from_secs(1));
    assert_eq!(save(&store, "y"), Err(Error::Locked));
    assert_eq!(store.write_bulk(|_| Ok(())), Err(Error::Locked));
    assert_eq!(store.read(rows), Err(Error::Locked));
    assert_eq!(store.idle(), Err(Error::Locked));
    assert_eq!(store.pause(), Err(Error::Locked));
    assert_eq!(store.try_lease().err(), Some(Error::Locked));
    assert_eq!(store.generation(), Err(Error::Locked));
    assert!(!tablet.place().wal().exists(), "the last connection takes the log with it");
    store.lock(Duration::ZERO);
    assert_eq!(count(&tablet.open().unwrap()), 1);
}

#[test]
fn lock_waits_for_calls_under_way_and_refuses_those_that_wait() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    thread::scope(|s| {
        let waiting = store
            .write(|tx| {
                let waiting = s.spawn(|| save(&store, "too late"));
                until(|| store.writer.waiting(Rank::Save) == 1);
                s.spawn(|| store.lock(Duration::from_secs(60)));
                until(|| store.writer.barred());
                entry(tx, "in time")?;
                Ok(waiting)
            })
            .unwrap();
        assert_eq!(waiting.join().unwrap(), Err(Error::Locked));
    });
    let again = tablet.open().unwrap();
    assert_eq!(count(&again), 1);
    assert_eq!(tablet.books()[0].unsent, 1);
}

#[test]
fn lock_breaks_off_what_outlives_its_grace() {
    const ENDLESS: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let running = AtomicI64::new(0);
    let endless = |db: &Connection| {
        running.fetch_add(1, Ordering::SeqCst);
        Ok(db.query_row(ENDLESS, [], |r| r.get::<_, i64>(0))?)
    };
    thread::scope(|s| {
        let read = s.spawn(|| store.read(endless));
        let write = s.spawn(|| {
            store.write(|tx| {
                entry(tx, "half")?;
                endless(tx)
            })
        });
        until(|| running.load(Ordering::SeqCst) == 2);
        // Not before they are in SQLite's hands: an interrupt between two statements is not kept.
        thread::yield_now();
        until(|| {
            store.lock(Duration::from_millis(20));
            read.is_finished() && write.is_finished()
        });
        assert_eq!(read.join().unwrap(), Err(Error::Locked));
        assert_eq!(write.join().unwrap(), Err(Error::Locked));
    });
    assert_eq!(count(&tablet.open().unwrap()), 0);
}

/// A newer app in another process has moved the schema on: what covers a failed sync must not put it back.
#[test]
fn what_covers_a_failed_sync_leaves_the_schema_as_it_is() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let mut other = tablet.raw();
    other.execute_batch("PRAGMA user_version = 99").unwrap();
    let before = tablet.disk.size(&tablet.place().wal());
    super::super::write::cover(&mut other);
    assert!(tablet.disk.size(&tablet.place().wal()) > before, "it was written");
    let version: i64 = other.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    assert_eq!(version, 99);
    drop(store);
}
