use super::*;
use crate::error::Problem;

#[test]
fn what_was_acknowledged_is_there_after_closing_and_after_a_kill() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for n in 0..20 {
        save(&store, &format!("body {n}")).unwrap();
    }
    let killed = tablet.image();
    drop(store);
    assert_eq!(count(&tablet.open().unwrap()), 20);

    tablet.restore(&killed);
    let again = tablet.open().unwrap();
    assert_eq!(count(&again), 20);
    let last: String = again
        .read(|db| Ok(db.query_row("SELECT body FROM outbox ORDER BY id DESC", [], |r| r.get(0))?))
        .unwrap();
    assert_eq!(last, "body 19");
}

#[test]
fn a_book_is_of_one_officer_and_one_profile_and_keeps_its_place() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    assert_eq!(store.place().book, "a871df07a305c279", "books of released versions lie there");
    save(&store, "x").unwrap();
    assert_eq!(count(&tablet.open_as("a1").unwrap()), 0);
    let mut other = tablet.profile.clone();
    other.name = "bank 2".into();
    let second = Store::open(&tablet.world, &tablet.root(), OFFICER, &other).unwrap();
    assert_eq!(count(&second), 0);
    assert_eq!(tablet.books().len(), 3);
    // "A1" under "bank" is not "A1b" under "ank".
    let root = tablet.root();
    assert_ne!(Place::of(&root, "A1", "bank").unwrap(), Place::of(&root, "A1b", "ank").unwrap());
}

#[test]
fn names_that_cannot_be_shown_are_refused() {
    let root = Path::new("books");
    let problem = |officer: &str| match Place::of(root, officer, "bank") {
        Err(Error::InvalidInput { field: "officer", problem }) => problem,
        other => panic!("{other:?}"),
    };
    assert_eq!(problem(" "), Problem::Missing);
    assert_eq!(problem("a\0b"), Problem::ControlCharacter);
    assert_eq!(problem(&"x".repeat(201)), Problem::TooLong { max: 200 });
    assert!(Place::of(root, &"ក".repeat(200), "bank").is_ok());
    assert!(Place::of(root, "A1", "").is_err());
}

#[test]
fn a_folder_copied_to_another_officers_name_is_not_opened_as_theirs() {
    let tablet = Tablet::new();
    drop(tablet.open().unwrap());
    let theirs = Place::of(&tablet.root(), "B2", "bank").unwrap();
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    tablet.vault.kept.store(&format!("satchel/{}/key", theirs.book), &key).unwrap();
    fs::rename(tablet.place().folder(), theirs.folder()).unwrap();
    assert_eq!(tablet.open_as("B2").unwrap_err(), Error::NotPossible { why: "other_book" });
}

#[test]
fn a_newer_schema_opens_to_be_read_only() {
    let tablet = Tablet::new();
    save(&tablet.open().unwrap(), "unsent").unwrap();
    tablet.raw().execute_batch("PRAGMA user_version = 99").unwrap();
    let said = fs::read(tablet.place().side()).unwrap();

    let store = tablet.open().unwrap();
    assert!(store.read_only());
    assert_eq!(count(&store), 1);
    let too_new = Error::SchemaTooNew { found: 99, known: migrate::KNOWN };
    assert_eq!(save(&store, "no").unwrap_err(), too_new);
    assert_eq!(store.write_bulk(|_| Ok(())).unwrap_err(), too_new);
    assert_eq!(store.try_lease().err(), Some(too_new));
    tablet.clock.pass(3_600_000);
    store.idle().unwrap();
    store.pause().unwrap();
    store.lock(Duration::ZERO);
    assert_eq!(fs::read(tablet.place().side()).unwrap(), said);
    let version: i64 = tablet.raw().query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_migration_that_fails_leaves_the_old_schema_whole() {
    crate::store::ready();
    let mut db = Connection::open_in_memory().unwrap();
    let failed = migrate::migrate(&mut db, |_| Err(Error::DiskFull));
    assert_eq!(failed, Err(Error::DiskFull));
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).unwrap();
    assert_eq!(tables, 0);
    let born = |tx: &rusqlite::Transaction<'_>| {
        Ok(tx.execute("INSERT INTO book VALUES (1, 'A', 'b', 0, 'u')", []).map(drop)?)
    };
    assert_eq!(migrate::migrate(&mut db, born), Ok(migrate::KNOWN));
    assert_eq!(migrate::migrate(&mut db, |_| panic!("born twice")), Ok(migrate::KNOWN));
    let keys: i64 = db.query_row("PRAGMA foreign_keys", [], |r| r.get(0)).unwrap();
    assert_eq!(keys, 1);
}

#[test]
fn every_connection_is_set_up() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let pragma = |db: &Connection, name: &str| -> String {
        db.query_row(&format!("PRAGMA {name}"), [], |r| r.get::<_, rusqlite::types::Value>(0)).map_or_else(
            |e| e.to_string(),
            |v| match v {
                rusqlite::types::Value::Integer(n) => n.to_string(),
                rusqlite::types::Value::Text(s) => s,
                other => format!("{other:?}"),
            },
        )
    };
    let check = |db: &Connection, query_only: &str| {
        let is = |name, value: &str| assert_eq!(pragma(db, name), value, "{name}");
        is("journal_mode", "wal");
        is("synchronous", "2");
        is("temp_store", "2");
        is("secure_delete", "1");
        is("trusted_schema", "0");
        is("foreign_keys", "1");
        is("wal_autocheckpoint", "4000");
        is("busy_timeout", "5000");
        is("cipher_page_size", "4096");
        is("cache_size", "-8192");
        is("query_only", query_only);
    };
    store
        .write(|tx| {
            check(tx, "0");
            Ok(())
        })
        .unwrap();
    store
        .read(|db| {
            check(db, "1");
            Ok(())
        })
        .unwrap();
    let written = store.read(|db| entry(db, "not through here"));
    assert!(matches!(written, Err(Error::Internal { place: "sqlite", .. })), "{written:?}");
    assert_eq!(count(&store), 0);
}

#[test]
fn another_sqlite_is_found_out() {
    use super::super::connect::{encrypted, fit};
    assert_eq!(fit(3_051_003, "4.19.0 community"), Ok(()));
    assert!(fit(3_051_002, "4.19.0 community").is_err());
    assert!(fit(3_051_003, "").is_err());
    assert!(encrypted(b"SQLite format 3\0").is_err());

    let tablet = Tablet::new();
    tablet.disk.plain.store(true, Ordering::SeqCst);
    assert!(matches!(tablet.open().unwrap_err(), Error::Internal { .. }));
    tablet.disk.plain.store(false, Ordering::SeqCst);
    let store = tablet.open().unwrap();
    assert!(!fs::read(store.place().db()).unwrap().starts_with(b"SQLite"));
}

#[test]
fn no_file_holds_what_was_written() {
    const CANARY: &str = "canary-Sokha-7f3a91";
    let holds = |tablet: &Tablet| {
        let found = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
        tablet.image().iter().filter(|(_, bytes)| found(bytes)).count()
    };
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for n in 0..300 {
        save(&store, &format!("{n} {CANARY} {}", "x".repeat(2000))).unwrap();
    }
    // Sorting what does not fit the cache would be a file, were temporary storage not memory.
    let sort =
        "SELECT max(a.body || b.body) FROM outbox a, outbox b WHERE a.id % 10 = 0 GROUP BY a.body, b.id";
    store.read(|db| Ok(db.prepare(sort)?.query([])?.next().map(drop)?)).unwrap();
    assert_eq!(holds(&tablet), 0);
    store.pause().unwrap();
    assert_eq!(holds(&tablet), 0);
    drop(store);
    assert_eq!(holds(&tablet), 0);
    assert_eq!(count(&tablet.open().unwrap()), 300, "it was written");
}

#[test]
fn nothing_of_the_officer_shows() {
    let tablet = Tablet::new();
    let store = tablet.open_as("staff-canary").unwrap();
    save(&store, "x").unwrap();
    let shown = format!("{store:?} {:?}", tablet.books());
    assert!(!shown.contains("staff-canary"), "{shown}");
    assert!(shown.contains("unsent: 1"), "{shown}");
}

#[test]
fn a_store_is_for_all_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Store>();
    shared::<Lease>();
}
