use super::super::scan::{Log, scan};
use super::*;
use proptest::prelude::*;

const FRAME: usize = 24 + 4096;
/// No save here touches more pages.
const SAVE: usize = 5;

/// A killed book with some saves in its log, nothing checked in, and the log itself.
fn killed(saves: i64) -> (Tablet, Image, Vec<u8>) {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    store.pause().unwrap();
    for n in 0..saves {
        save(&store, &format!("body {n}")).unwrap();
    }
    let image = tablet.image();
    drop(store);
    let log = image.iter().find(|(path, _)| path.ends_with("book.db-wal")).unwrap().1.clone();
    (tablet, image, log)
}

fn flipped(log: &[u8], at: usize) -> Vec<u8> {
    let mut log = log.to_vec();
    log[at] ^= 0x10;
    log
}

fn copies(tablet: &Tablet) -> Vec<Vec<u8>> {
    let kept =
        |(path, bytes): (PathBuf, Vec<u8>)| path.to_string_lossy().contains(Place::DAMAGED).then_some(bytes);
    tablet.image().into_iter().filter_map(kept).collect()
}

#[test]
fn damage_is_told_from_a_torn_tail() {
    let (_tablet, _, log) = killed(8);
    let frames = (log.len() - 32) / FRAME;
    assert!(frames > 3 * SAVE, "{frames}");
    let commits = |frame: &usize| log[32 + frame * FRAME..][4..8] != [0; 4];
    let last = (0..frames - 1).rfind(commits).unwrap() + 1;
    assert_eq!(scan(&[]), Log::Sound);
    assert_eq!(scan(&log), Log::Sound);
    assert_eq!(scan(&log[..20]), Log::Torn);
    for frame in 0..frames {
        let cut = 32 + frame * FRAME;
        assert_eq!(scan(&log[..cut]), Log::Sound, "frame {frame}");
        assert_eq!(scan(&log[..cut + 1000]), Log::Torn, "frame {frame}");
        for byte in [4, 9, 16, 24, 2000, FRAME - 1] {
            let found = scan(&flipped(&log, cut + byte));
            // In the last transaction it may as well be what a power cut leaves.
            match frame < last {
                true => assert_eq!(found, Log::Damaged, "frame {frame} byte {byte}"),
                false => assert_ne!(found, Log::Sound, "frame {frame} byte {byte}"),
            }
        }
    }
    for byte in [0, 5, 9, 17, 25] {
        assert_eq!(scan(&flipped(&log, byte)), Log::Damaged, "header byte {byte}");
    }
}

#[test]
fn a_damaged_log_is_kept_aside_once_and_the_rest_opens() {
    let (tablet, image, log) = killed(30);
    tablet.restore(&image);
    let damaged = flipped(&log, 32 + 20 * FRAME + 500);
    fs::write(tablet.place().wal(), &damaged).unwrap();
    let store = tablet.open().unwrap();
    let left = count(&store);
    assert!((1..30).contains(&left), "{left}");
    let told = store.log_damage().unwrap().clone();
    assert_eq!(
        told,
        LogDamage { kept: format!("book.db-wal.damaged-{NOON}"), wall: NOON, bytes: damaged.len() as u64 }
    );
    assert_eq!(copies(&tablet), [damaged]);

    // Killed again and again, it does not take the old frames behind the new ones for damage.
    for n in 0..5 {
        tablet.clock.pass(1000);
        let store = tablet.open().unwrap();
        save(&store, "again").unwrap();
        let image = tablet.image();
        drop(store);
        tablet.restore(&image);
        let again = tablet.open().unwrap();
        assert_eq!(count(&again), left + n + 1);
        assert_eq!(again.log_damage(), Some(&told), "told of until it is taken away");
    }
    assert_eq!(copies(&tablet).len(), 1);
}

#[test]
fn a_log_that_was_caught_being_written_is_no_damage() {
    let (tablet, image, log) = killed(30);
    tablet.restore(&image);
    *tablet.disk.glimpse.lock().unwrap() = Some(flipped(&log, 32 + 20 * FRAME + 500));
    let store = tablet.open().unwrap();
    assert_eq!(count(&store), 30);
    assert_eq!((store.log_damage(), copies(&tablet).len()), (None, 0));
    assert!(tablet.disk.glimpse.lock().unwrap().is_none(), "it was looked at");
}

#[test]
fn a_torn_tail_is_no_damage() {
    let (tablet, image, log) = killed(30);
    tablet.restore(&image);
    fs::write(tablet.place().wal(), &log[..log.len() - 100]).unwrap();
    let store = tablet.open().unwrap();
    assert_eq!(count(&store), 29);
    assert_eq!(store.log_damage(), None);
    assert_eq!(copies(&tablet).len(), 0);
}

/// The power goes while she saves, twice: the frames of the first such save lie behind the second one's.
#[test]
fn a_tail_torn_over_another_is_no_damage() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    store.pause().unwrap();
    save(&store, "short").unwrap();
    let torn = |store: Store, frame: usize| {
        let image = tablet.image();
        drop(store);
        tablet.restore(&image);
        let log = fs::read(tablet.place().wal()).unwrap();
        fs::write(tablet.place().wal(), flipped(&log, 32 + frame * FRAME + 500)).unwrap();
    };
    let frames = |store: &Store| (store.usage().wal_bytes as usize - 32) / FRAME;
    let before = frames(&store);
    save(&store, &"long ".repeat(10 * 4096 / 5)).unwrap();
    assert!(frames(&store) > before + 2 * SAVE);
    torn(store, before);
    let store = tablet.open().unwrap();
    assert_eq!(count(&store), 1);
    let before = if store.usage().wal_bytes == 0 { 0 } else { before };
    save(&store, "short").unwrap();
    torn(store, before);
    let store = tablet.open().unwrap();
    assert_eq!(count(&store), 1);
    assert_eq!((store.log_damage(), store.restored()), (None, false));
}

/// Cutting the log to nothing is not synced: after a power cut the old one is there again, under the header that was torn
/// when the next one was begun.
#[test]
fn an_old_log_under_a_torn_header_is_no_damage() {
    let (tablet, image, log) = killed(30);
    tablet.restore(&image);
    let store = tablet.open().unwrap();
    store.pause().unwrap();
    let image = tablet.image();
    drop(store);
    for byte in [0, 5, 9, 17, 25] {
        tablet.restore(&image);
        fs::write(tablet.place().wal(), flipped(&log, byte)).unwrap();
        let store = tablet.open().unwrap();
        assert_eq!(count(&store), 30, "header byte {byte}");
        assert_eq!((store.log_damage(), store.restored()), (None, false), "header byte {byte}");
    }
    // One save behind it that is not in the database, and it is damage.
    tablet.restore(&image);
    let store = tablet.open().unwrap();
    save(&store, "behind").unwrap();
    save(&store, "and another").unwrap();
    let image = tablet.image();
    drop(store);
    tablet.restore(&image);
    let log = flipped(&fs::read(tablet.place().wal()).unwrap(), 9);
    fs::write(tablet.place().wal(), log).unwrap();
    let store = tablet.open().unwrap();
    assert!(store.log_damage().is_some() && store.restored());
}

/// A head that lies across two sectors: its first half is an older lap's, and says *commit*; its salts are this one's.
#[test]
fn a_head_torn_across_two_sectors_is_no_damage() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    store.pause().unwrap();
    save(&store, "short").unwrap();
    save(&store, &"long ".repeat(60 * 4096 / 5)).unwrap();
    let mut log = fs::read(tablet.place().wal()).unwrap();
    let torn = 32 + 41 * FRAME;
    assert_eq!(((torn + 8) % 512, log[torn + 4..torn + 8].to_vec()), (0, vec![0; 4]), "no commit");
    log[torn..torn + 8].copy_from_slice(&[0, 0, 0, 21, 0, 0, 0, 47]);
    for frame in [36, 38, 44] {
        log = flipped(&log, 32 + frame * FRAME + 8);
        log = flipped(&log, 32 + frame * FRAME + 500);
    }
    assert_eq!(scan(&log), Log::Torn);
    log[torn + 8] ^= 1;
    assert_eq!(scan(&log), Log::Torn);
    // Any other frame that says so was acknowledged.
    log[torn + FRAME..][..8].copy_from_slice(&[0, 0, 0, 21, 0, 0, 0, 47]);
    assert_eq!(scan(&log), Log::Damaged);
}

/// A head that lies across two sectors: its salts are this lap's; its checksum is an older one's, which goes on behind it.
#[test]
fn a_head_torn_before_its_checksum_is_no_damage() {
    let lap = || {
        let tablet = Tablet::new();
        let store = tablet.open().unwrap();
        store.pause().unwrap();
        for n in 0..100 {
            save(&store, &format!("{n}")).unwrap();
        }
        fs::read(tablet.place().wal()).unwrap()
    };
    let (newer, older) = (lap(), lap());
    let torn = 32 + 62 * FRAME + 16;
    assert!(torn.is_multiple_of(512) && older.len() > torn + 20 * FRAME);
    assert_eq!(scan(&[&newer[..torn], &older[torn..]].concat()), Log::Torn);
    // Where this lap goes on behind it, it was acknowledged.
    assert_eq!(scan(&flipped(&newer, torn)), Log::Damaged);
}

#[test]
fn a_damaged_log_that_cannot_be_kept_stays_closed() {
    let (tablet, image, log) = killed(30);
    tablet.restore(&image);
    let damaged = flipped(&log, 32 + 20 * FRAME + 500);
    fs::write(tablet.place().wal(), &damaged).unwrap();
    tablet.disk.full.store(true, Ordering::SeqCst);
    assert_eq!(tablet.open().unwrap_err(), Error::DiskFull);
    assert_eq!(fs::read(tablet.place().wal()).unwrap(), damaged);
    tablet.disk.full.store(false, Ordering::SeqCst);
    assert_eq!(tablet.open().unwrap().log_damage().unwrap().bytes, damaged.len() as u64);
}

/// Which files of those that were there are not as they were; the index of the log is no file that lasts.
fn changed(before: Image) -> Vec<String> {
    let changed = before.into_iter().filter(|(path, bytes)| fs::read(path).ok().as_ref() != Some(bytes));
    let names = changed.map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned());
    names.filter(|name| !name.ends_with("-shm")).collect()
}

/// The first frames are the making of the book itself.
#[test]
fn a_book_that_is_all_in_a_damaged_log_is_not_made_anew() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for n in 0..20 {
        save(&store, &format!("body {n}")).unwrap();
    }
    let image = tablet.image();
    drop(store);
    tablet.restore(&image);
    let log = flipped(&fs::read(tablet.place().wal()).unwrap(), 32 + 500);
    fs::write(tablet.place().wal(), &log).unwrap();
    let before = tablet.image();
    for _ in 0..3 {
        tablet.clock.pass(1000);
        assert!(matches!(tablet.open().unwrap_err(), Error::StoreDamaged { unsent: 1.., .. }));
    }
    assert_eq!(copies(&tablet), [log], "kept once");
    assert_eq!(changed(before), [""; 0]);
}

/// The schema can be read, what the book says of itself cannot: closing again must not check the log in.
#[test]
fn a_book_that_does_not_open_is_left_with_its_log() {
    let (tablet, image, _) = killed(30);
    tablet.restore(&image);
    let page: i64 = {
        let db = tablet.raw();
        db.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'book'", [], |r| r.get(0)).unwrap()
    };
    tablet.restore(&image);
    let db = tablet.place().db();
    let bytes = flipped(&fs::read(&db).unwrap(), (page as usize - 1) * 4096 + 900);
    fs::write(&db, bytes).unwrap();
    let before = tablet.image();
    assert!(matches!(tablet.open().unwrap_err(), Error::StoreDamaged { .. }));
    assert_eq!(changed(before), [""; 0]);
}

#[test]
fn a_log_in_use_is_sound() {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    for n in 0..120 {
        save(&store, &"x".repeat(n * 120)).unwrap();
        if n % 25 == 0 {
            store.idle().unwrap();
        }
        if n % 6 > 0 {
            continue;
        }
        let log = fs::read(tablet.place().wal()).unwrap();
        assert_ne!(scan(&log), Log::Damaged, "after {n}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_log_of_some_kind(log in proptest::collection::vec(any::<u8>(), 0..3 * FRAME)) {
        prop_assert!(scan(&log) != Log::Sound || log.len() <= 32);
    }
}
