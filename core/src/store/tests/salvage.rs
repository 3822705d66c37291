use super::*;
use crate::store::salvage::{Salvage, SavedTable, Value};
use std::collections::BTreeMap;

type Rows = BTreeMap<i64, Vec<(String, Value)>>;

/// A book with rows over many pages, one of them longer than a page; half of it in the log.
fn filled() -> Tablet {
    let tablet = Tablet::new();
    let store = tablet.open().unwrap();
    let more = |from: i64, to: i64| {
        store
            .write(|tx| {
                for n in from..to {
                    entry(tx, &format!("{n} {}", "ក".repeat(if n == 7 { 9_000 } else { 60 + n as usize % 90 })))?;
                    tx.execute("INSERT INTO decision (lane, officer, wall, shown, chosen) VALUES ('l', 'A1', ?1, '1', '2')", [n])?;
                    tx.execute("INSERT INTO draft (about, form, wall) VALUES (?1, ?2, 1)", (format!("new:{n}"), "x".repeat(400)))?;
                }
                Ok(())
            })
            .unwrap();
    };
    more(0, 200);
    store.pause().unwrap();
    more(200, 300);
    store
        .write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'done', body = 'short' WHERE id % 3 = 0", [])?))
        .unwrap();
    let killed = tablet.image();
    drop(store);
    tablet.restore(&killed);
    tablet
}

const TABLES: [&str; 4] = ["outbox", "decision", "draft", "book"];

/// What SQLite says is in the book.
fn by_sqlite(tablet: &Tablet) -> BTreeMap<&'static str, Rows> {
    let image = tablet.image();
    let db = tablet.raw();
    let all = TABLES.map(|table| {
        let mut statement = db.prepare(&format!("SELECT rowid, * FROM {table}")).unwrap();
        let names: Vec<String> = statement.column_names().skip(1).map(str::to_owned).collect();
        let row = |r: &rusqlite::Row<'_>| {
            let named = names.iter().enumerate().map(|(i, name)| Ok((name.clone(), r.get(i + 1)?)));
            Ok((r.get(0)?, named.collect::<rusqlite::Result<_>>()?))
        };
        let rows = statement.query_map([], row).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        (table, rows)
    });
    drop(db);
    tablet.restore(&image);
    all.into()
}

struct Saved {
    rows: BTreeMap<&'static str, Rows>,
    older: BTreeMap<&'static str, Rows>,
    tables: Vec<SavedTable>,
    damaged: u64,
}

fn salvaged(tablet: &Tablet) -> Result<Saved> {
    let key = StoreKey::load(&*tablet.vault, &tablet.place())?.unwrap();
    let (mut last, before) = ((0, 0), tablet.image());
    let salvage = Salvage::open(&*tablet.disk, &tablet.place(), &key, &mut |done, of| last = (done, of))?;
    assert!(last.0 == last.1 && last.1 > 0, "it is told how far it is");
    let mut saved = Saved {
        rows: BTreeMap::new(),
        older: BTreeMap::new(),
        tables: vec![],
        damaged: salvage.damaged_pages(),
    };
    for table in TABLES {
        let (rows, older) = (saved.rows.entry(table).or_default(), saved.older.entry(table).or_default());
        let told = salvage.rows(table, &mut |row| {
            let kept = if row.older { &mut *older } else { &mut *rows };
            assert!(kept.insert(row.rowid, row.columns).is_none(), "each row once");
            Ok(())
        })?;
        assert_eq!((told.rows, told.older), (rows.len() as u64, older.len() as u64));
        saved.tables.push(told);
    }
    assert_eq!(tablet.image(), before, "only looked at");
    Ok(saved)
}

#[test]
fn a_whole_book_reads_as_sqlite_reads_it() {
    let tablet = filled();
    assert!(fs::metadata(tablet.place().wal()).unwrap().len() > 100_000, "the log counts too");
    let saved = salvaged(&tablet).unwrap();
    assert_eq!(saved.rows, by_sqlite(&tablet));
    assert_eq!((saved.damaged, saved.rows["outbox"].len()), (0, 300));
    assert!(saved.tables.iter().all(|t| t.lost == Some(0) && t.older == 0));
}

/// Every page in turn: what is lost was on it, what is left is right, and the counts say so.
#[test]
fn each_page_costs_what_lies_on_it() {
    let tablet = filled();
    tablet.open().unwrap().pause().unwrap();
    let (whole, db) = (by_sqlite(&tablet), tablet.place().db());
    let bytes = fs::read(&db).unwrap();
    let pages = bytes.len() / 4096;
    let (mut lost_rows, mut lost_pages, mut unknown) = (0, 0, 0);
    for page in 0..pages {
        let mut harmed = bytes.clone();
        harmed[page * 4096 + 2000] ^= 0x10;
        fs::write(&db, &harmed).unwrap();
        let saved = salvaged(&tablet).unwrap();
        assert_eq!(saved.damaged, 1);
        let mut lost_here = 0;
        for (table, rows) in &saved.rows {
            assert!(
                rows.iter().all(|(id, row)| whole[table].get(id) == Some(row)),
                "page {page}: a wrong row of {table}"
            );
            let lost = (whole[table].len() - rows.len()) as u64;
            let told = saved.tables.iter().find(|t| t.name == *table).unwrap();
            assert!(told.lost.is_none_or(|told| told == lost), "page {page}: {lost} of {table}, {told:?}");
            unknown += usize::from(told.lost.is_none());
            lost_here += lost;
        }
        assert!(lost_here < 250, "page {page}: {lost_here} rows for one page");
        (lost_rows, lost_pages) = (lost_rows + lost_here, lost_pages + u64::from(lost_here > 0));
    }
    // Each row is on one page, but for the long one, which is on several.
    let rows: usize = whole.values().map(Rows::len).sum();
    assert!((rows as u64..rows as u64 + 10).contains(&lost_rows), "{lost_rows} of {rows}");
    assert!(lost_pages < pages as u64 && unknown < pages * 3, "{lost_pages} of {pages}, {unknown}");
}

#[test]
fn what_the_log_lost_of_a_page_an_older_copy_has() {
    let tablet = filled();
    let (whole, log) = (by_sqlite(&tablet), tablet.place().wal());
    let bytes = fs::read(&log).unwrap();
    let frames = (bytes.len() - 32) / 4120;
    // What was acknowledged, commit by commit, as SQLite finds it.
    let commit = |frame: &usize| *frame == 0 || bytes[32 + (frame - 1) * 4120 + 4..][..4] != [0; 4];
    let states: Vec<_> = (0..=frames)
        .filter(commit)
        .map(|frame| {
            fs::write(&log, &bytes[..32 + frame * 4120]).unwrap();
            by_sqlite(&tablet)
        })
        .collect();
    let mut older = 0;
    for frame in (0..frames).filter(|frame| frame % 3 == 0 || frame + 1 == frames) {
        // Number, commit, salt and sum in turn, and the page itself in each.
        for at in [[0, 3, 5, 9, 17, 24 + 4090][frame / 3 % 6], 24 + 100] {
            let mut harmed = bytes.clone();
            harmed[32 + frame * 4120 + at] ^= 1;
            fs::write(&log, &harmed).unwrap();
            let saved = salvaged(&tablet).unwrap();
            let right = saved
                .rows
                .iter()
                .all(|(table, rows)| rows.iter().all(|(id, row)| whole[table].get(id) == Some(row)));
            assert!(
                right || states.contains(&saved.rows),
                "frame {frame} byte {at}: neither right nor what once was"
            );
            if at > 24 {
                let all = saved.rows["outbox"].len() + saved.older["outbox"].len();
                let last = frame + 1 == frames;
                assert!(
                    all >= 200 && (last || saved.damaged <= 1),
                    "frame {frame}: {all}, {}",
                    saved.damaged
                );
                older += saved.older["outbox"].len();
            }
        }
    }
    assert!(older > 0);
}

#[test]
fn a_damaged_first_page_and_schema_cost_no_row() {
    let tablet = filled();
    tablet.open().unwrap().pause().unwrap();
    let (whole, db) = (by_sqlite(&tablet), tablet.place().db());
    let mut bytes = fs::read(&db).unwrap();
    let schema_pages: Vec<usize> = {
        let db = tablet.raw();
        let root = |name| {
            db.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |r| r.get::<_, i64>(0))
                .unwrap() as usize
        };
        (1..root("book")).collect()
    };
    for page in &schema_pages {
        bytes[(page - 1) * 4096 + 1000..][..64].fill(0xA5);
    }
    fs::write(&db, &bytes).unwrap();
    assert!(matches!(tablet.open(), Err(Error::StoreDamaged { .. })));
    let saved = salvaged(&tablet).unwrap();
    assert_eq!(saved.rows, whole);
    assert_eq!(saved.damaged, schema_pages.len() as u64);
}

#[test]
fn another_key_opens_nothing_and_says_so() {
    let tablet = filled();
    let open = |hex: &str| {
        let key = StoreKey::from_hex(hex).unwrap();
        Salvage::open(&*tablet.disk, &tablet.place(), &key, &mut |_, _| ()).err().unwrap()
    };
    assert!(matches!(open(&"ab".repeat(48)), Error::KeyLost { unsent: 1.., .. }));
    fs::remove_file(tablet.place().side()).unwrap();
    assert!(matches!(open(&"ab".repeat(48)), Error::StoreDamaged { place: "database", unsent: 0, as_of: 0 }));
    for odd in
        ["", "ab", &"ab".repeat(47), &"xy".repeat(48), &"ab".repeat(49), "\u{1F600}".repeat(24).as_str()]
    {
        assert!(StoreKey::from_hex(odd).is_none());
    }
    fs::remove_dir_all(tablet.place().folder()).unwrap();
    assert_eq!(open(&"ab".repeat(48)), Error::NotFound { what: "book" });
}

#[test]
fn the_tail_of_a_log_that_was_kept_aside_is_given_too() {
    let tablet = filled();
    let (whole, log) = (by_sqlite(&tablet), tablet.place().wal());
    let mut bytes = fs::read(&log).unwrap();
    bytes[32 + 24 + 7] ^= 1;
    fs::write(&log, bytes).unwrap();
    let store = tablet.open().unwrap();
    assert!(store.log_damage().is_some() && count(&store) == 200, "SQLite goes on without it");
    drop(store);
    let saved = salvaged(&tablet).unwrap();
    let (rows, older) = (&saved.rows["outbox"], &saved.older["outbox"]);
    assert_eq!((rows.len(), saved.damaged), (200, 0));
    assert!(
        older.len() > 50 && older.iter().all(|(id, row)| whole["outbox"].get(id) == Some(row)),
        "{}",
        older.len()
    );
}
