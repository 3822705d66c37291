//! A download taken in by the real intake, into a real store: all of it or nothing, and never over unsent work.

use super::{Pieces, byte, folder, remote, sealing, session};
use crate::tablet;
use jiff::civil::{DateTime, datetime};
use rusqlite::{Connection, Transaction, types::Value};
use satchel::Result;
use satchel::outbox::entry::{Effect, EntryId, NetClass, Payload, Reason, State};
use satchel::outbox::policy::Move;
use satchel::outbox::remote::{Asked, ReadFailed, Reading, Remote, Taken};
use satchel::outbox::rows::{self as outbox, NewEntry, Now};
use satchel::profile::Profile;
use satchel::prospect::wire::{Downloaded, read_rows};
use satchel::prospect::{Field, Fields, PROSPECT, ProspectId, Query, ServerFields, list, rows};
use satchel::store::Store;
use satchel::text::civil::same_second;
use satchel::world::{Cause, Head, Incoming, MemoryVault, Steady};
use std::cell::RefCell;
use std::io::{self, Read};
use std::sync::Arc;
use tempfile::TempDir;

/// When the officer's own record was made: its natural key.
const MADE: DateTime = datetime(2021, 2, 9, 23, 59, 58, 0);
/// The record that the book has from an earlier download.
const KNOWN: &str = "C-2";

struct Bench {
    store: Store,
    _folder: TempDir,
}

thread_local! {
    /// One store for all inputs of a thread, emptied before each: opening one takes longer than all the rest.
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

fn bench() -> Bench {
    let (folder, mut profile) = (folder(), Profile::new("fuzz", "https://localhost/api/"));
    profile.reserve_bytes = 0;
    let world = tablet::world(&profile, Arc::new(MemoryVault::default()));
    let store = Store::open(&world, folder.path(), "dara", &profile).expect("it opens");
    Bench { store, _folder: folder }
}

pub(super) fn intake(mut data: &[u8]) {
    let how = How::of(byte(&mut data), byte(&mut data));
    BENCH.with_borrow_mut(|bench| take(&bench.get_or_insert_with(self::bench).store, &how, data));
}

/// The circumstances of an input.
struct How {
    all: bool,
    doubtful: bool,
    verified: bool,
    raw: bool,
    breaks_off: bool,
    status: u16,
    length: u8,
}

impl How {
    fn of(bits: u8, length: u8) -> How {
        let bit = |n: u8| bits & (1 << n) != 0;
        How {
            all: !bit(0),
            doubtful: bit(1),
            verified: bit(2),
            raw: bit(3) && bit(4),
            breaks_off: bit(5) && bit(6),
            status: if bit(7) && bit(6) { 500 } else { 200 },
            length,
        }
    }

    fn body(&self, data: &[u8]) -> Box<dyn Read + Send> {
        let body = if self.raw { data.to_vec() } else { sealing().seal(data) };
        let pieces = Pieces::of(&body, &[self.length]);
        if self.breaks_off { Box::new(pieces.chain(Cut)) } else { Box::new(pieces) }
    }
}

/// A connection that is gone.
struct Cut;

impl Read for Cut {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(Cause::Closed.into())
    }
}

/// What the book holds before.
struct Before {
    mine: ProspectId,
    entry: EntryId,
    mark: i64,
    records: i64,
}

fn take(store: &Store, how: &How, data: &[u8]) {
    let before = store.write(|tx| begin(tx, how)).expect("the book is made ready");
    let all = store.read(dump).expect("it can be read");
    let taken = ask(store, how, data, before.mark);
    assert_eq!(count(store, "staged"), 0, "nothing provisional is left");
    match taken {
        Err(ReadFailed::Said(..)) => assert_eq!(store.read(dump).expect("read"), all, "all or nothing"),
        Err(ReadFailed::Store(error)) => panic!("the store is whole: {error:?}"),
        Ok(taken) => good(store, how, data, &before, &taken),
    }
}

fn ask(store: &Store, how: &How, data: &[u8], mark: i64) -> Result<Taken, ReadFailed> {
    let asked = Asked {
        reading: if how.all { Reading::all() } else { Reading(KNOWN.to_owned()) },
        mark,
        at: at(1 << 40),
        session: session(),
        lanes: std::collections::BTreeSet::new(),
        download: 1,
        progress: Arc::default(),
    };
    let head = Head { status: how.status, ..Head::default() };
    remote().take(store, &asked, Incoming { head, body: how.body(data) })
}

fn at(ms: i64) -> Now {
    Now { steady: Steady(ms), wall: ms }
}

/// One record of the officer's, never agreed on, ready to be sent or in doubt; one that a download brought.
fn begin(tx: &Transaction<'_>, how: &How) -> Result<Before> {
    for table in ["staged", "outbox", "prospect", "feed", "remote"] {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let fields = |name: &str| {
        let mut fields = Fields::default();
        fields.set(Field::NameEn, name);
        fields.set(Field::Phone, "012345678");
        fields
    };
    let mine = rows::insert_own(tx, MADE, &fields("Mine"))?;
    let known = Downloaded { code: KNOWN.to_owned(), fields: fields("Theirs"), ..known() };
    rows::insert_downloaded(tx, &known)?;
    let new = NewEntry {
        remote: PROSPECT,
        lane: &mine.lane(),
        verb: "create",
        effect: Effect::Create,
        class: NetClass::Small,
        author: "dara",
        after: None,
        body: None,
    };
    let entry = outbox::insert(tx, &new, at(1))?;
    if how.doubtful {
        let sent = Payload::encode(&rows::get(tx, mine)?.local)?;
        let ready = outbox::get(tx, entry)?.expect("an entry");
        outbox::begin(tx, &ready, &sent, Some(1), at(2))?;
        let sending = outbox::get(tx, entry)?.expect("an entry").head;
        let doubt = Move::Doubtful { reason: Reason::code("timeout"), alone: false };
        outbox::shift(tx, &sending, &doubt, at(3))?;
    }
    // Garbage that is in doubt: its own problem.
    let garbage = outbox::insert(tx, &NewEntry { lane: "nobody's", ..new }, at(1))?;
    tx.execute("UPDATE outbox SET state = 'doubtful', attempt = 1, sent = '{' WHERE id = ?1", [garbage.0])?;
    if how.verified {
        tx.execute("INSERT INTO remote (id, natural_key) VALUES ('prospect', 'verified')", [])?;
    }
    tx.execute("REPLACE INTO feed (subject) VALUES (?1)", [mine.lane()])?;
    Ok(Before { mine, entry, mark: tx.last_insert_rowid(), records: 2 })
}

fn known() -> Downloaded {
    Downloaded {
        code: String::new(),
        fields: Fields::default(),
        server: ServerFields::default(),
        unsaid: vec![],
    }
}

/// The reply was good: what it says is in the book, and what the officer wrote still is.
fn good(store: &Store, how: &How, data: &[u8], before: &Before, taken: &Taken) {
    let mut said = vec![];
    let body = if how.raw { sealing().open(data).expect("it was opened before") } else { data.to_vec() };
    let tail = read_rows(&body[..], |row| {
        said.push(row);
        Ok::<_, ()>(())
    });
    assert!(tail.is_ok_and(|tail| tail.succeeded()) && how.status == 200 && !how.breaks_off);
    assert_eq!(taken.rows, said.len() as u64);
    assert_eq!(count(store, "prospect"), before.records + taken.new as i64);
    let whole = said.iter().all(|row| row.as_ref().map_or_else(|no| no.code.is_some(), |_| true));
    assert!((how.all && whole) || taken.gone == 0, "only the whole list shows what is gone");
    assert!(how.all || said.iter().all(Result::is_ok), "one record's own row, unreadable, is no answer");

    let mine = store.read(|conn| rows::get(conn, before.mine)).expect("the officer's record");
    assert_eq!((mine.local.get(Field::NameEn), mine.local.get(Field::Phone)), ("Mine", "012345678"));
    let same = |row: &Downloaded| same_second(row.created_at(), &mine.created_at);
    let entry = store.read(|conn| outbox::get(conn, before.entry)).expect("read").expect("never deleted");
    match entry.head.state {
        State::Done => {
            let on_key: Vec<_> = said.iter().flatten().filter(|row| same(row)).collect();
            let [proof] = on_key[..] else { panic!("proved by {} rows", on_key.len()) };
            assert_eq!(mine.code.as_deref(), Some(proof.code.as_str()));
            assert_eq!(
                (proof.fields.get(Field::NameEn), proof.fields.get(Field::Phone)),
                ("Mine", "012345678")
            );
        }
        State::Ready if how.doubtful => {
            let another = said.iter().all(|row| match row {
                Ok(row) => !same(row),
                Err(no) => no.code.as_deref() == Some(KNOWN),
            });
            assert!(how.all && another, "sent again only when it is absent");
        }
        State::Ready | State::Doubtful | State::Asks => assert!(mine.unsent),
        other => panic!("no reading leads to {other:?}"),
    }
    let page =
        store.read(|conn| list::list(conn, &Query { include_closed: true, limit: 500, ..Query::default() }));
    assert!(page.is_ok_and(|page| page.damaged.is_empty()));

    let again = || ask(store, how, data, i64::MAX).expect("good once, good twice").new;
    // What was held back, as perhaps the officer's own, comes in once it is known that it is not.
    let late = again();
    assert!(late <= taken.skipped, "nothing comes in twice");
    assert!(late == 0 || again() == 0, "nor later");
    assert_eq!(count(store, "prospect"), before.records + (taken.new + late) as i64);
}

fn count(store: &Store, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    store.read(|conn| Ok(conn.query_row(&sql, [], |row| row.get(0))?)).expect("it can be read")
}

/// Every value of the book.
fn dump(conn: &Connection) -> Result<Vec<Value>> {
    let mut all = vec![];
    for table in ["prospect", "outbox", "feed", "remote", "decision", "staged"] {
        let mut statement = conn.prepare_cached(&format!("SELECT * FROM {table} ORDER BY 1"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                all.push(row.get(column)?);
            }
        }
    }
    Ok(all)
}
