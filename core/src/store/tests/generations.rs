use super::*;

fn vault_says(tablet: &Tablet, bytes: &[u8]) {
    tablet.vault.kept.store(&format!("satchel/{}/generation", tablet.place().book), bytes).unwrap();
}

#[test]
fn a_store_put_back_from_a_backup_knows_it() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    assert_eq!(store.generation(), Ok(0));
    assert_eq!(store.raise_generation(&tablet.world), Ok(1));
    let backup = tablet.image();
    assert_eq!(store.raise_generation(&tablet.world), Ok(2));
    drop(store);
    assert!(!tablet.open().unwrap().restored());

    tablet.restore(&backup);
    let store = tablet.open().unwrap();
    assert!(store.restored());
    assert_eq!(store.generation(), Ok(1));
    drop(store);
    let store = tablet.open().unwrap();
    assert!(store.restored(), "until it was dealt with");
    assert_eq!(store.raise_generation(&tablet.world), Ok(3), "above both");
    assert!(!store.restored());
    drop(store);
    assert!(!tablet.open().unwrap().restored());
}

#[test]
fn a_book_whose_vault_knows_nothing_of_it_came_from_elsewhere() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let never_sent = tablet.image();
    drop(store);
    assert!(!tablet.open().unwrap().restored());
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    let other = Tablet::new();
    other.vault.kept.store(&tablet.key_name(), &key).unwrap();
    fs::create_dir_all(other.place().folder()).unwrap();
    for (path, bytes) in never_sent {
        fs::write(other.place().folder().join(path.file_name().unwrap()), bytes).unwrap();
    }
    let store = other.open().unwrap();
    assert!(store.restored());
    store.raise_generation(&other.world).unwrap();
    drop(store);
    assert!(!other.open().unwrap().restored());
}

/// A tablet whose book was killed, and one bit of its log flipped: some saves behind it are lost.
fn cut_off() -> (Tablet, Image) {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    assert!(!store.restored(), "a new book is none");
    store.raise_generation(&tablet.world).unwrap();
    save(&store, "x").unwrap();
    store.pause().unwrap();
    for body in ["sent since", "sent since", "sent since"] {
        save(&store, body).unwrap();
    }
    let mut killed = tablet.image();
    drop(store);
    let log = &mut killed.iter_mut().find(|(p, _)| p.ends_with("book.db-wal")).unwrap().1;
    log[32 + 24 + 99] ^= 1;
    (tablet, killed)
}

/// A lost tail may have held what was sent: as with a backup, nothing may be sent again unseen.
#[test]
fn a_book_that_lost_the_end_of_its_log_knows_it_whatever_crashes() {
    let (tablet, killed) = cut_off();
    tablet.restore(&killed);
    let store = tablet.open().unwrap();
    assert!(store.log_damage().is_some() && store.restored());
    drop(store);
    let store = tablet.open().unwrap();
    assert!(store.restored(), "until it was dealt with");
    store.raise_generation(&tablet.world).unwrap();
    drop(store);
    assert!(!tablet.open().unwrap().restored());
}

/// The vault is to be told, and is locked just then: the log must stay, for nothing else says that its end is lost.
#[test]
fn a_book_that_lost_the_end_of_its_log_knows_it_though_the_vault_was_not_told_at_once() {
    let (tablet, killed) = cut_off();
    tablet.restore(&killed);
    *tablet.vault.refuses.lock().unwrap() = Some(KeyError::Unavailable);
    for _ in 0..2 {
        assert_eq!(tablet.open().unwrap_err(), Error::KeyUnavailable(KeyError::Unavailable));
        assert!(
            killed.iter().filter(|(path, _)| !path.ends_with("book.db-shm")).all(|(path, bytes)| fs::read(
                path
            )
            .unwrap()
                == *bytes)
        );
    }
    *tablet.vault.refuses.lock().unwrap() = None;
    let store = tablet.open().unwrap();
    assert!(store.log_damage().is_some() && store.restored());
    drop(store);
    assert!(tablet.open().unwrap().restored(), "until it was dealt with");
}

#[test]
fn a_crash_between_book_and_vault_is_no_restore() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    store.raise_generation(&tablet.world).unwrap();
    *tablet.vault.refuses.lock().unwrap() = Some(KeyError::Unavailable);
    assert_eq!(store.raise_generation(&tablet.world), Err(Error::KeyUnavailable(KeyError::Unavailable)));
    assert_eq!(store.generation(), Ok(2), "the book is ahead");
    drop(store);
    *tablet.vault.refuses.lock().unwrap() = None;
    let store = tablet.open().unwrap();
    assert!(!store.restored());
    assert_eq!(store.raise_generation(&tablet.world), Ok(3));
}

#[test]
fn a_vault_that_remembers_garbage_makes_it_doubtful_once() {
    let tablet = Tablet::new();
    drop(tablet.open().unwrap());
    vault_says(&tablet, b"??");
    let store = tablet.open().unwrap();
    assert!(store.restored());
    store.raise_generation(&tablet.world).unwrap();
    drop(store);
    assert!(!tablet.open().unwrap().restored());
}

#[test]
fn a_fresh_book_after_setting_one_aside_is_not_restored() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for _ in 0..5 {
        store.raise_generation(&tablet.world).unwrap();
    }
    drop(store);
    tablet.set_aside().unwrap();
    let fresh = tablet.open().unwrap();
    assert!(!fresh.restored());
    assert_eq!(fresh.raise_generation(&tablet.world), Ok(6));
}
