use super::*;

const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const OTHER: &str = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";

fn with_key() -> Tablet {
    let mut tablet = Tablet::new();
    tablet.profile.organisation_key = Some(KEY.into());
    tablet
}

fn kept(tablet: &Tablet) -> Vec<(PathBuf, Vec<u8>)> {
    tablet.image().into_iter().filter(|(p, _)| p.extension().is_some_and(|e| e == "age")).collect()
}

#[test]
fn the_key_is_sealed_once_before_there_is_a_book() {
    let tablet = with_key();
    tablet.disk.full.store(true, Ordering::SeqCst);
    assert_eq!(tablet.open().unwrap_err(), Error::DiskFull);
    assert!(!tablet.place().db().exists(), "no book without its escrow");
    tablet.disk.full.store(false, Ordering::SeqCst);
    let store = tablet.open().unwrap();
    assert!(store.escrowed() && tablet.books()[0].escrowed);
    drop(store);
    let sealed = kept(&tablet);
    assert_eq!(sealed.len(), 1);
    let key = tablet.vault.kept.load(&tablet.key_name()).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&sealed[0].1).contains(&hex(&key)));
    tablet.open().unwrap();
    assert_eq!(kept(&tablet), sealed, "sealed once");
}

#[test]
fn a_book_from_before_and_a_new_key_get_theirs_at_the_next_open() {
    let mut tablet = Tablet::new();
    let store = tablet.open().unwrap();
    assert!(store.escrowed() && !tablet.books()[0].escrowed, "none is asked for");
    save(&store, "x").unwrap();
    drop(store);
    tablet.profile.organisation_key = Some(KEY.into());
    tablet.disk.full.store(true, Ordering::SeqCst);
    let store = tablet.open().unwrap();
    assert!(!store.escrowed() && count(&store) == 1, "it opens all the same, and says so");
    drop(store);
    tablet.disk.full.store(false, Ordering::SeqCst);
    assert!(tablet.open().unwrap().escrowed());
    assert_eq!(kept(&tablet).len(), 1);
    tablet.profile.organisation_key = Some(OTHER.into());
    assert!(tablet.open().unwrap().escrowed());
    assert_eq!(kept(&tablet).len(), 2, "beside the old one");
    assert_eq!(escrows(&*tablet.disk, &tablet.place()).unwrap().len(), 2);
}
