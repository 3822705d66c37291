use super::*;

#[test]
fn the_first_unsent_entry_shows_at_once() {
    let tablet = Tablet::new();
    assert!(tablet.books().is_empty());
    let store = tablet.open().unwrap();
    let seen = || tablet.books().remove(0);
    assert_eq!((seen().unsent, seen().oldest_unsent_wall, seen().as_of), (0, None, NOON));
    tablet.clock.pass(7);
    save(&store, "x").unwrap();
    let book = seen();
    assert_eq!((book.unsent, book.oldest_unsent_wall, book.as_of), (1, Some(NOON - 5), NOON + 7));
    assert_eq!((book.officer.as_deref(), book.profile.as_deref()), (Some("A1"), Some("bank")));
    assert_eq!((book.schema, book.set_aside, book.folder), (migrate::KNOWN, false, tablet.place().folder()));

    // From then on it is "at least", until there is time.
    save(&store, "y").unwrap();
    assert_eq!(seen().unsent, 1);
    store.idle().unwrap();
    assert_eq!(seen().unsent, 2);
}

#[test]
fn what_is_not_done_or_closed_is_unsent() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let states =
        ["ready", "sending", "doubtful", "asks", "done", "refused", "blocked", "closed", "set_aside"];
    for state in states {
        store
            .write(|tx| {
                let id = entry(tx, "x")?;
                Ok(tx.execute("UPDATE outbox SET state = ?1 WHERE id = ?2", (state, id))?)
            })
            .unwrap();
    }
    store.pause().unwrap();
    assert_eq!(tablet.books()[0].unsent, 7);
    store.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'done'", [])?)).unwrap();
    store.lock(Duration::ZERO);
    assert_eq!((tablet.books()[0].unsent, tablet.books()[0].oldest_unsent_wall), (0, None));
}

#[test]
fn the_count_reads_an_index_only_as_long_as_it_is_open() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let plan = "EXPLAIN QUERY PLAN SELECT 1 FROM outbox WHERE state NOT IN ('done', 'closed') LIMIT 1";
    let how: String = store.read(|db| Ok(db.query_row(plan, [], |r| r.get(3))?)).unwrap();
    assert!(how.contains("outbox_open"), "{how}");
}

#[test]
fn the_side_file_is_not_worn_out() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    save(&store, "x").unwrap();
    let writes = || tablet.disk.writes.load(Ordering::SeqCst);
    let before = writes();
    for _ in 0..50 {
        tablet.clock.pass(10_000);
        store.idle().unwrap();
    }
    assert_eq!(writes(), before);
    tablet.clock.pass(200_000);
    store.idle().unwrap();
    assert_eq!(writes(), before + 1, "but the time in it stays fresh");
    tablet.clock.pass(-1_000_000);
    store.idle().unwrap();
    assert_eq!(writes(), before + 2, "a clock put back does not keep it from being written");
}

#[test]
fn a_side_file_of_any_kind_keeps_no_book_from_opening() {
    let tablet = Tablet::new();
    save(&tablet.open().unwrap(), "x").unwrap();
    let side = tablet.place().side();
    let whole = fs::read(&side).unwrap();
    let odd: [&[u8]; 5] = [b"", b"null", b"{", &[0xFF; 99], br#"{"officer": 7}"#];
    for bytes in odd {
        fs::write(&side, bytes).unwrap();
        let book = tablet.books().remove(0);
        assert_eq!((book.officer, book.unsent, book.as_of), (None, 0, 0), "listed all the same");
        tablet.open().unwrap();
        assert_eq!(fs::read(&side).unwrap(), whole);
    }
    fs::remove_file(&side).unwrap();
    tablet.open().unwrap();
    assert_eq!(fs::read(&side).unwrap(), whole);

    // A newer version's file with more in it.
    let more = String::from_utf8(whole).unwrap().replacen('{', r#"{"later": [1],"#, 1);
    fs::write(&side, more).unwrap();
    assert_eq!(tablet.books()[0].unsent, 1);
}

#[test]
fn other_folders_are_no_books() {
    let tablet = Tablet::new();
    tablet.open().unwrap();
    for name in ["0123456789abcdef", "aside-5-0123456789abcdef", "aside-x", "aside-", "photos"] {
        fs::create_dir_all(tablet.root().join(name)).unwrap();
    }
    fs::write(tablet.root().join("fedcba9876543210"), "a file").unwrap();
    assert_eq!(tablet.books().len(), 1);
}

#[test]
fn a_damaged_book_is_set_aside_whole_and_a_fresh_one_opens() {
    let tablet = Tablet::new();
    assert_eq!(tablet.set_aside(), Err(Error::NotFound { what: "book" }));
    save(&tablet.open().unwrap(), "unsent").unwrap();
    let mut bytes = fs::read(tablet.place().db()).unwrap();
    bytes[300] ^= 1;
    fs::write(tablet.place().db(), &bytes).unwrap();
    assert!(matches!(tablet.open(), Err(Error::StoreDamaged { unsent: 1, .. })));

    let aside = tablet.set_aside().unwrap();
    assert_eq!(aside, tablet.root().join(format!("aside-{NOON}-{}", tablet.place().book)));
    assert_eq!(fs::read(aside.join("book.db")).unwrap(), bytes);
    let fresh = tablet.open().unwrap();
    assert_eq!(count(&fresh), 0);
    drop(fresh);
    // In the same millisecond again: no book is ever written over.
    let second = tablet.set_aside().unwrap();
    assert_ne!(second, aside);
    tablet.open().unwrap();
    let seen: Vec<_> =
        tablet.books().into_iter().map(|b| (b.set_aside, b.unsent, b.officer.unwrap())).collect();
    let officer = || OFFICER.to_owned();
    assert_eq!(seen, [(false, 0, officer()), (true, 1, officer()), (true, 0, officer())]);
    // Mended by the salvage or not: its key is still the vault's.
    bytes[300] ^= 1;
    fs::write(aside.join("book.db"), &bytes).unwrap();
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    let db = Connection::open(aside.join("book.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex(&key))).unwrap();
    assert_eq!(rows(&db), Ok(1));
}
