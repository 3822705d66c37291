//! The real store on a disk that loses power: at every call, in every way.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use rusqlite::Connection;
use satchel::Error;
use satchel::profile::Profile;
use satchel::store::{Place, Store, books, set_aside};
use satchel::world::{Disk, MemoryVault, World};
use sim_files::{Fault, Files, Image, Process};
use std::path::Path;
use std::sync::{Arc, OnceLock};

const SAVES: i64 = 24;

/// The vault outlives every crash; it is one for all schedules.
struct Officer {
    world: World,
    profile: Profile,
}

impl Officer {
    fn new() -> Officer {
        static DEVICE: OnceLock<World> = OnceLock::new();
        let mut profile = Profile::new("bank", "https://bank.example/api/");
        profile.reserve_bytes = 0;
        let vault = Arc::new(MemoryVault::default());
        let device = DEVICE.get_or_init(|| World::device(&profile, vault.clone(), None).unwrap()).clone();
        Officer { world: World { vault, ..device }, profile }
    }

    fn world(&self, process: &Process) -> World {
        World { disk: Arc::new(process.clone()), ..self.world.clone() }
    }

    fn open(&self, process: &Process, root: &str) -> satchel::Result<Store> {
        Store::open(&self.world(process), &Path::new(root).join("books"), "dara", &self.profile)
    }

    fn place(&self) -> String {
        let place = Place::of(Path::new("books"), "dara", "bank").unwrap();
        place.folder().to_str().unwrap().to_owned()
    }

    /// A book that was just made.
    fn template(&self) -> Image {
        let files = Files::new();
        drop(self.open(&files.process("/a"), "/a").unwrap());
        files.image()
    }
}

/// Two rows, together or not at all.
fn save(store: &Store, n: i64) -> satchel::Result<()> {
    let form = format!("{n:08}").repeat(40);
    store.write(|tx| {
        tx.execute("INSERT INTO draft (id, about, form, wall) VALUES (?1, ?1, ?2, 0)", (n, &form))?;
        let sql =
            "INSERT INTO decision (id, lane, officer, wall, shown, chosen) VALUES (?1, '', '', 0, ?2, '')";
        tx.execute(sql, (n, &form))?;
        Ok(())
    })
}

/// How many saves are there: the first so many, each whole, or it panics.
fn saved(store: &Store) -> i64 {
    store
        .read(|db| {
            let sound: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0))?;
            assert_eq!(sound, "ok");
            let drafts = forms(db, "SELECT id, form FROM draft ORDER BY id");
            assert_eq!(drafts, forms(db, "SELECT id, shown FROM decision ORDER BY id"), "a save is whole");
            for (n, (id, form)) in (1..).zip(&drafts) {
                assert_eq!((*id, form), (n, &format!("{n:08}").repeat(40)));
            }
            Ok(drafts.len() as i64)
        })
        .unwrap()
}

fn forms(db: &Connection, sql: &str) -> Vec<(i64, String)> {
    let mut sql = db.prepare(sql).unwrap();
    sql.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Opens and saves, checking the log in at each eighth; what was acknowledged.
fn day(officer: &Officer, process: &Process, go_on: bool) -> i64 {
    let Ok(store) = officer.open(process, "/a") else { return 0 };
    let mut acknowledged = 0;
    for _ in 0..SAVES {
        match save(&store, acknowledged + 1) {
            Ok(()) => acknowledged += 1,
            // What a failed COMMIT left is unknown: whoever goes on looks first.
            Err(_) if go_on => acknowledged = store.read(|_| Ok(())).map_or(acknowledged, |()| saved(&store)),
            Err(_) => break,
        }
        if acknowledged % 8 == 0 {
            let _ = store.pause();
        }
    }
    acknowledged
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_acknowledged() {
    let officer = Officer::new();
    let template = officer.template();
    let files = Files::load(&template);
    assert_eq!(day(&officer, &files.process("/a"), false), SAVES);
    let (calls, mut kept, mut alarms) = (files.calls(), 0, 0);
    assert!(calls > 100, "{calls}");
    for n in 0..calls {
        let files = Files::load(&template);
        files.fail_at(n, Fault::PowerCut);
        let acknowledged = day(&officer, &files.process("/a"), false);
        assert_eq!(files.fired(), Some(Fault::PowerCut), "call {n}");
        files.power_cut(n);
        let store = officer.open(&files.process("/a"), "/a").unwrap();
        let there = saved(&store);
        assert!((acknowledged..=acknowledged + 1).contains(&there), "call {n}: {acknowledged}, then {there}");
        kept += there - acknowledged;
        alarms += u64::from(store.log_damage().is_some());
        save(&store, there + 1).unwrap();
    }
    assert!(kept > 0, "a COMMIT that failed is unknown, not undone");
    // Only where a log's header was torn to garbage.
    assert!(alarms * 100 <= calls, "{alarms} of {calls} taken for damage");
}

#[test]
fn a_book_whose_making_is_cut_off_opens_or_is_made_anew() {
    let whole = Files::new();
    drop(Officer::new().open(&whole.process("/a"), "/a").unwrap());
    for n in 0..whole.calls() {
        for seed in 0..4 {
            let (officer, files) = (Officer::new(), Files::new());
            files.fail_at(n, Fault::PowerCut);
            let made = officer.open(&files.process("/a"), "/a").is_ok();
            files.power_cut(n * 7 + seed);
            let again = officer.open(&files.process("/a"), "/a");
            let again = again.unwrap_or_else(|e| panic!("call {n}, seed {seed}, made {made}: {e}"));
            save(&again, 1).unwrap();
            assert_eq!(saved(&again), 1);
        }
    }
}

#[test]
fn a_kill_at_any_call_loses_nothing_and_gives_the_locks_back() {
    let officer = Officer::new();
    let template = officer.template();
    let files = Files::load(&template);
    day(&officer, &files.process("/a"), false);
    for n in 0..files.calls() {
        let files = Files::load(&template);
        files.fail_at(n, Fault::Kill);
        let dying = files.process("/a");
        let acknowledged = day(&officer, &dying, false);
        assert!(dying.dead());
        let there = saved(&officer.open(&files.process("/b"), "/b").unwrap());
        assert!((acknowledged..=acknowledged + 1).contains(&there), "call {n}: {acknowledged}, then {there}");
    }
}

#[test]
fn one_call_that_fails_costs_at_most_its_own_save() {
    let officer = Officer::new();
    let template = officer.template();
    let files = Files::load(&template);
    day(&officer, &files.process("/a"), false);
    for fault in [Fault::Eio, Fault::Full] {
        for n in 0..files.calls() {
            let files = Files::load(&template);
            files.fail_at(n, fault);
            let acknowledged = day(&officer, &files.process("/a"), true);
            assert!(acknowledged >= SAVES - 1 || n < 8, "{fault:?} at {n}: {acknowledged}");
            files.power_cut(n);
            let there = saved(&officer.open(&files.process("/a"), "/a").unwrap());
            assert!((acknowledged..=acknowledged + 1).contains(&there), "{fault:?} at {n}");
        }
    }
}

#[test]
fn two_processes_share_a_book_and_one_sends() {
    let (officer, files) = (Officer::new(), Files::new());
    let (first, second) = (files.process("/a"), files.process("/b"));
    let (here, there) = (officer.open(&first, "/a").unwrap(), officer.open(&second, "/b").unwrap());
    save(&here, 1).unwrap();
    save(&there, 2).unwrap();
    assert_eq!((saved(&here), saved(&there)), (2, 2));

    let lease = here.try_lease().unwrap().unwrap();
    assert!(there.try_lease().unwrap().is_none());
    first.kill();
    assert!(matches!(save(&here, 3), Err(Error::Internal { .. })));
    let theirs = there.try_lease().unwrap().expect("freed by the kill");
    drop(lease);
    drop(here);
    save(&there, 3).unwrap();
    let third = files.process("/a");
    let again = officer.open(&third, "/a").unwrap();
    assert!(again.try_lease().unwrap().is_none(), "what the dead let go is not what the living hold");
    drop(theirs);
    assert!(again.try_lease().unwrap().is_some());
    assert_eq!(saved(&again), 3);
}

#[test]
fn a_side_file_torn_by_a_power_cut_is_no_side_file() {
    let officer = Officer::new();
    let side = format!("{}/book.json", officer.place());
    let (mut torn, mut whole) = (0, 0);
    for seed in 0..60 {
        let files = Files::new();
        drop(officer.open(&files.process("/a"), "/a").unwrap());
        files.power_cut(seed);
        let shown = books(&files.process("/a"), Path::new("/a/books")).unwrap();
        match shown.first().and_then(|book| book.officer.as_deref()) {
            Some("dara") => whole += 1,
            None => torn += i32::from(files.read_file(&side).is_some()),
            Some(other) => panic!("{other}"),
        }
        saved(&officer.open(&files.process("/a"), "/a").unwrap());
    }
    assert!(torn > 0 && whole > 0, "{torn} torn, {whole} whole");
}

#[test]
fn a_full_disk_is_told_and_reads_go_on() {
    let (officer, files) = (Officer::new(), Files::new());
    let process = files.process("/a");
    let store = officer.open(&process, "/a").unwrap();
    let used: usize = files.names().iter().map(|name| files.read_file(name).unwrap().len()).sum();
    files.set_room(Some(used as u64 + 40_000));
    assert_eq!(process.free_bytes(Path::new("/a")), Some(40_000));
    let full = (1..).find(|n| save(&store, *n).is_err()).unwrap();
    assert_eq!(save(&store, full), Err(Error::DiskFull));
    assert_eq!(saved(&store), full - 1);
    files.set_room(None);
    save(&store, full).unwrap();
    assert_eq!(saved(&store), full);
}

#[test]
fn a_book_set_aside_is_whole_wherever_the_power_fails() {
    let officer = Officer::new();
    let template = officer.template();
    let aside = |files: &Files| {
        let process = files.process("/a");
        let clock = &*officer.world.clock;
        set_aside(&process, clock, Path::new("/a/books"), "dara", &officer.profile)
    };
    let whole = Files::load(&template);
    aside(&whole).unwrap();
    for n in 0..whole.calls() {
        let files = Files::load(&template);
        files.fail_at(n, Fault::PowerCut);
        assert!(aside(&files).is_err());
        files.power_cut(n);
        let databases = files.names().iter().filter(|name| name.ends_with("book.db")).count();
        assert_eq!(databases, 1, "call {n}: {:?}", files.names());
    }
}
