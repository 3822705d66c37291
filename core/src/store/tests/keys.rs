use super::*;

#[test]
fn the_key_is_forty_eight_bytes_and_opens_the_file() {
    let tablet = Tablet::new();
    save(&tablet.open().unwrap(), "x").unwrap();
    let db = tablet.raw();
    assert_eq!(rows(&db), Ok(1));
    let salt: String = db.query_row("PRAGMA cipher_salt", [], |r| r.get(0)).unwrap();
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    assert_eq!(salt, hex(&key[32..]));
    assert_eq!(fs::read(tablet.place().db()).unwrap()[..16], key[32..]);
    let side: serde_json::Value = serde_json::from_slice(&fs::read(tablet.place().side()).unwrap()).unwrap();
    assert_eq!(side["salt"], salt);
    assert_eq!(side["key"].as_str().unwrap().len(), 16);
    assert_eq!(tablet.books()[0].key, side["key"]);
}

#[test]
fn two_books_have_two_keys() {
    let tablet = Tablet::new();
    tablet.open().unwrap();
    tablet.open_as("B2").unwrap();
    let books = tablet.books();
    assert_ne!(books[0].key, books[1].key);
}

#[test]
fn a_lost_key_says_what_is_at_stake_and_touches_nothing() {
    for lost in [None, Some(KeyError::Lost)] {
        let tablet = Tablet::new();
        let store = tablet.open().unwrap();
        save(&store, "x").unwrap();
        let killed = tablet.image();
        drop(store);
        tablet.restore(&killed);
        match lost {
            None => drop(tablet.vault.kept.store(&tablet.key_name(), b"short").unwrap()),
            Some(e) => *tablet.vault.answer.lock().unwrap() = Some(e),
        }
        assert_eq!(tablet.open().unwrap_err(), Error::KeyLost { unsent: 1, as_of: NOON });
        assert_eq!(tablet.image(), killed);
    }
}

#[test]
fn another_key_is_a_lost_key_and_touches_nothing() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    save(&store, "x").unwrap();
    let killed = tablet.image();
    drop(store);
    tablet.restore(&killed);
    tablet.vault.kept.store(&tablet.key_name(), &[7; 48]).unwrap();
    assert_eq!(tablet.open().unwrap_err(), Error::KeyLost { unsent: 1, as_of: NOON });
    let log = |image: &[(PathBuf, Vec<u8>)]| {
        image.iter().filter(|(p, _)| !p.ends_with("book.db-shm")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(log(&tablet.image()), log(&killed), "not even the log was checked in");

    tablet.vault.kept.store(&tablet.key_name(), &key).unwrap();
    assert_eq!(count(&tablet.open().unwrap()), 1);
}

#[test]
fn a_vault_that_does_not_answer_leaves_everything() {
    let tablet = Tablet::new();
    for e in [KeyError::Unavailable, KeyError::Denied] {
        *tablet.vault.answer.lock().unwrap() = Some(e);
        assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(e));
        assert!(!tablet.root().exists());
    }
    *tablet.vault.answer.lock().unwrap() = None;
    save(&tablet.open().unwrap(), "x").unwrap();
    let before = tablet.image();
    *tablet.vault.answer.lock().unwrap() = Some(KeyError::Unavailable);
    assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(KeyError::Unavailable));
    assert_eq!(tablet.image(), before);
}

#[test]
fn nothing_is_written_under_a_key_that_cannot_be_had_again() {
    let tablet = Tablet::new();
    tablet.vault.forgets.store(true, Ordering::SeqCst);
    assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(KeyError::Denied));
    assert!(!tablet.place().db().exists());
    tablet.vault.forgets.store(false, Ordering::SeqCst);
    tablet.vault.garbles.store(true, Ordering::SeqCst);
    assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(KeyError::Denied));
    assert!(!tablet.place().db().exists());
    tablet.vault.garbles.store(false, Ordering::SeqCst);
    tablet.vault.kept.store(&tablet.key_name(), b"no key").unwrap();
    *tablet.vault.refuses.lock().unwrap() = Some(KeyError::Unavailable);
    assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(KeyError::Unavailable));
    assert!(!tablet.place().db().exists() && tablet.books().is_empty());
}

#[test]
fn a_key_without_a_book_is_used() {
    let tablet = Tablet::new();
    tablet.vault.kept.store(&tablet.key_name(), &[9; 48]).unwrap();
    let store = tablet.open().unwrap();
    save(&store, "x").unwrap();
    assert_eq!(fs::read(tablet.place().db()).unwrap()[..16], [9; 16]);
}

#[test]
fn two_processes_cannot_draw_two_keys() {
    let tablet = Tablet::new();
    fs::create_dir_all(tablet.place().folder()).unwrap();
    let other = RealDisk.try_lock(&tablet.place().birth()).unwrap().unwrap();
    assert_eq!(tablet.open().unwrap_err(), Error::NotPossible { why: "being_made" });
    drop(other);
    tablet.open().unwrap();
}

#[test]
fn a_garbled_first_sector_of_the_salt_costs_nothing() {
    let tablet = Tablet::new();
    save(&tablet.open().unwrap(), "x").unwrap();
    let mut bytes = fs::read(tablet.place().db()).unwrap();
    bytes[..16].fill(0xA5);
    fs::write(tablet.place().db(), &bytes).unwrap();
    assert_eq!(count(&tablet.open().unwrap()), 1);
}

#[test]
fn damage_is_damage_when_the_key_is_right() {
    let tablet = Tablet::new();
    save(&tablet.open().unwrap(), "x").unwrap();
    let whole = fs::read(tablet.place().db()).unwrap();
    let mut bytes = whole.clone();
    bytes[200] ^= 1;
    fs::write(tablet.place().db(), &bytes).unwrap();
    let damaged = Error::StoreDamaged { place: "database", unsent: 1, as_of: NOON };
    assert_eq!(tablet.open().unwrap_err(), damaged);
    assert_eq!(fs::read(tablet.place().db()).unwrap(), bytes);

    // Behind the first page it shows when it is read, with the same numbers.
    let mut bytes = whole.clone();
    let pages = bytes.len() / 4096;
    for page in 3..pages {
        bytes[page * 4096 + 99] ^= 1;
    }
    fs::write(tablet.place().db(), &bytes).unwrap();
    let found = match tablet.open() {
        Err(e) => e,
        Ok(store) => store.read(rows).unwrap_err(),
    };
    assert_eq!(found, damaged);

    // A database that has vanished is damage too: its side file says that there was one.
    fs::remove_file(tablet.place().db()).unwrap();
    assert_eq!(tablet.open().unwrap_err(), damaged);
}
