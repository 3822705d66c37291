//! SQLite itself on the simulated disk: that it bites, that it repeats, that processes and handles may end in any order.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use rusqlite::{Connection, OpenFlags, Result};
use satchel::world::Disk;
use sim_files::{Fault, Files, Process};
use std::path::Path;

const SAVES: i64 = 40;

fn open(process: &Process, path: &str, synchronous: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let db = Connection::open_with_flags_and_vfs(path, flags, process.vfs().unwrap())?;
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\"; PRAGMA cipher_log_level = NONE; PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 50;
         CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, body TEXT);",
        "5".repeat(96)
    ))?;
    Ok(db)
}

fn save(db: &Connection, n: i64) -> Result<usize> {
    db.execute("INSERT INTO t VALUES (?1, ?2)", (n, "x".repeat(300)))
}

fn saved(db: &Connection) -> Result<i64> {
    db.query_row("SELECT count(*) FROM t", [], |r| r.get(0))
}

fn day(process: &Process, synchronous: &str) -> i64 {
    let Ok(db) = open(process, "/a/t.db", synchronous) else { return 0 };
    (1..=SAVES).find(|n| save(&db, *n).is_err()).map_or(SAVES, |n| n - 1)
}

/// In how many of all power cuts acknowledged saves were lost, and how many cuts there were.
fn losses(synchronous: &str) -> (u64, u64) {
    let whole = Files::new();
    assert_eq!(day(&whole.process("/a"), synchronous), SAVES);
    let lost = (0..whole.calls()).filter(|n| {
        let files = Files::new();
        files.fail_at(*n, Fault::PowerCut);
        let acknowledged = day(&files.process("/a"), synchronous);
        files.power_cut(*n);
        let there = open(&files.process("/a"), "/a/t.db", synchronous).and_then(|db| saved(&db)).unwrap();
        there < acknowledged
    });
    (lost.count() as u64, whole.calls())
}

#[test]
fn full_keeps_every_save_and_normal_does_not() {
    let (full, cuts) = losses("FULL");
    assert_eq!(full, 0, "of {cuts}");
    let (normal, cuts) = losses("NORMAL");
    assert!(normal * 2 > cuts, "only {normal} of {cuts}: this disk forgets nothing");
}

#[test]
fn equal_runs_make_equal_calls() {
    let run = |saves: i64| {
        let files = Files::new();
        let db = open(&files.process("/x"), "/x/t.db", "FULL").unwrap();
        (1..=saves).for_each(|n| assert_eq!(save(&db, n), Ok(1)));
        let now: String =
            db.query_row("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", [], |r| r.get(0)).unwrap();
        drop(db);
        (files.digest(), files.calls(), files.counts(), now)
    };
    assert_eq!(run(60), run(60));
    assert_ne!(run(60).0, run(61).0);
    let counts = run(60).2;
    assert!(counts.wal_syncs >= 60 && counts.db_syncs > 0 && counts.writes > counts.wal_syncs, "{counts:?}");
}

#[test]
fn handles_and_processes_end_in_any_order() {
    let files = Files::new();
    let process = files.process("/a");
    let db = open(&process, "/a/t.db", "FULL").unwrap();
    let name = process.vfs().unwrap().to_owned();
    drop(process);
    save(&db, 1).unwrap();
    let other = files.process("/a");
    assert_ne!(other.vfs(), Some(name.as_str()), "its files are still open");
    files.power_cut(3);
    assert!(save(&db, 2).is_err());
    let again = open(&files.process("/b"), "/b/t.db", "FULL").unwrap();
    assert_eq!(saved(&again), Ok(1));
    drop(db);
    save(&again, 2).unwrap();
    assert_eq!(saved(&again), Ok(2), "the dead close quietly");
}

#[test]
fn thousands_of_processes_need_few_places() {
    let files = Files::new();
    let mut places = std::collections::BTreeSet::new();
    for n in 1..=2_000 {
        let process = files.process("/a");
        places.insert(process.vfs().unwrap().to_owned());
        if n % 100 == 0 {
            save(&open(&process, "/a/t.db", "FULL").unwrap(), n).unwrap();
        }
    }
    // Other tests of this program take and leave places meanwhile.
    assert!(places.len() < 40, "{}", places.len());
}

#[test]
fn a_process_sees_only_what_is_below_its_root() {
    let files = Files::new();
    let process = files.process("/a");
    assert!(open(&process, "/b/t.db", "FULL").is_err());
    assert!(open(&process, "/a/no/such/folder/t.db", "FULL").is_err());
    assert!(process.read(Path::new("/b/x"), 1).is_err());
    process.make_dir(Path::new("/a/folder/inner")).unwrap();
    assert!(open(&process, "/a/folder/inner/t.db", "FULL").is_ok());
    assert_eq!(process.list(Path::new("/a/folder")).unwrap(), ["inner"]);
    assert_eq!(process.list(Path::new("/a/nothing")).unwrap(), [""; 0]);
}

#[test]
fn a_backup_put_back_and_a_bit_turned_over() {
    let files = Files::new();
    let process = files.process("/a");
    let db = open(&process, "/a/t.db", "FULL").unwrap();
    save(&db, 1).unwrap();
    let backup = files.image();
    save(&db, 2).unwrap();
    files.restore(&backup);
    assert!(process.dead());
    assert_eq!(open(&files.process("/a"), "/a/t.db", "FULL").and_then(|db| saved(&db)), Ok(1));

    let before = files.read_file("t.db").unwrap();
    files.flip("t.db", 8 * 5000 + 1);
    let after = files.read_file("t.db").unwrap();
    assert_eq!(before[5000] ^ after[5000], 2);
    assert_eq!(backup.read_file("t.db").unwrap().len() % 4096, 0);
    files.flip("no such file", 1);
}

#[test]
fn space_kept_back_is_counted_and_given_up() {
    let files = Files::new();
    let process = files.process("/a");
    files.set_room(Some(1 << 20));
    let reserve = Path::new("/a/reserve");
    process.reserve(reserve, 600_000).unwrap();
    assert_eq!(process.size(reserve), 600_000);
    assert_eq!(process.free_bytes(reserve), Some((1 << 20) - 600_000));
    let full = process.replace(Path::new("/a/x"), &[0; 500_000]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    process.reserve(reserve, 0).unwrap();
    process.replace(Path::new("/a/x"), &[0; 500_000]).unwrap();
    assert_eq!(process.read(Path::new("/a/x"), u64::MAX).unwrap().unwrap().len(), 500_000);
}

#[test]
fn a_copy_is_whole_or_not_there() {
    for n in 0.. {
        let files = Files::new();
        let process = files.process("/a");
        process.replace(Path::new("/a/from"), &[7; 3000]).unwrap();
        files.fail_at(n, Fault::PowerCut);
        let done = process.copy(Path::new("/a/from"), Path::new("/a/to"));
        files.power_cut(n + 1);
        let copy = files.read_file("to");
        assert!(copy.as_ref().is_none_or(|bytes| *bytes == [7; 3000]), "call {n}");
        if done.is_ok() {
            assert!(n > 3 && copy.is_some());
            return;
        }
    }
}
