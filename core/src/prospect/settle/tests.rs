//! What a reading does to creates in doubt, in a real book: how much it is worth by its circumstances.

mod later;
mod taken_back;

use super::*;
use crate::book::Tracked;
use crate::outbox::entry::{EntryId, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{Reading, Session};
use crate::outbox::rows::Now;
use crate::profile::Profile;
use crate::prospect::moved::enqueue;
use crate::prospect::{Field, Intent, ProspectId};
use crate::world::{MemoryVault, Secret, World};
use jiff::civil::datetime;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Lateness and transit of the profile below.
const QUIET: i64 = 240_000;
const HOUR: i64 = 3_600_000;
/// When the create's answer was lost.
const LOST: Now = Now { steady: Steady(50 * HOUR), wall: 1_780_000_000_000 };

fn after(ms: i64) -> Now {
    Now { steady: Steady(LOST.steady.0 + ms), wall: LOST.wall + ms }
}

struct Book {
    store: Store,
    remote: ProspectRemote,
    _folder: TempDir,
}

/// A reading's circumstances; the best there can be but for what a test changes.
struct Reads {
    of: Reading,
    at: Now,
    mark: Option<i64>,
    key_verified: bool,
}

impl Default for Reads {
    fn default() -> Self {
        Reads { of: Reading::all(), at: after(QUIET), mark: None, key_verified: true }
    }
}

impl Book {
    fn new() -> Self {
        Book::of(|_| {})
    }

    fn of(change: impl FnOnce(&mut Profile)) -> Self {
        let mut profile = Profile::new("bank", "https://bank.example/api/");
        (profile.prospect.lateness_ms, profile.prospect.transit_ms) = (Some(60_000), 180_000);
        profile.reserve_bytes = 0;
        change(&mut profile);
        let folder = TempDir::new().unwrap();
        let world = World::device(&profile, Arc::new(MemoryVault::default()), None).unwrap();
        let store = Store::open(&world, folder.path(), "dara", &profile).unwrap();
        Book { store, remote: ProspectRemote::new(Arc::new(profile)), _folder: folder }
    }

    /// A create that was sent and whose answer was lost.
    fn lost(&self) -> (ProspectId, EntryId) {
        self.store
            .write(|tx| {
                let id = rows::insert_own(tx, datetime(2021, 2, 9, 23, 59, 7, 0), &person("Sok", "012"))?;
                let entry = enqueue(tx, id, CREATE, "dara", LOST)?;
                self.lose(tx, entry)?;
                Ok((id, entry))
            })
            .unwrap()
    }

    /// Sends it (again) and loses the answer.
    fn lose(&self, tx: &Transaction<'_>, id: EntryId) -> Result<()> {
        let entry = outbox::get(tx, id)?.unwrap();
        let row = rows::get(tx, prospect_of(&entry)?)?;
        assert!(outbox::begin(tx, &entry, &Payload::encode(&row.local)?, Some(row.revision), LOST)?);
        let doubt = Move::Doubtful { reason: Reason::code("timeout"), alone: false };
        assert!(outbox::shift(tx, &outbox::get(tx, id)?.unwrap().head, &doubt, LOST)?);
        feed::touch(tx, &entry.lane).map(drop)
    }

    /// Brings an entry where it asks.
    fn ask(&self, id: EntryId, code: &str) {
        let asks = Move::Asks { reason: Reason::code(code), rows: None };
        self.store.write(|tx| outbox::shift(tx, &outbox::get(tx, id)?.unwrap().head, &asks, LOST)).unwrap();
    }

    fn entry(&self, id: EntryId) -> Entry {
        self.store.read(|conn| outbox::get(conn, id)).unwrap().unwrap()
    }

    fn newest(&self) -> i64 {
        self.store.read(feed::newest).unwrap()
    }

    fn touch(&self, id: ProspectId) {
        self.store.write(|tx| feed::touch(tx, &id.lane())).unwrap();
    }

    fn asked(&self, reads: &Reads) -> Asked {
        let zero = || 0.into();
        Asked {
            reading: reads.of.clone(),
            mark: reads.mark.unwrap_or_else(|| self.newest()),
            at: reads.at,
            session: Session { officer: "dara".into(), secrets: Secret::new("{}".into()) },
            lanes: BTreeSet::new(),
            download: 1,
            progress: Arc::new(Tracked {
                remote: PROSPECT,
                what: "read",
                items: zero(),
                bytes: zero(),
                total_bytes: 0,
            }),
        }
    }

    fn around<'a>(&'a self, asked: &'a Asked) -> Circumstances<'a> {
        let passed = Passed::default();
        Circumstances { remote: &self.remote, asked, key_verified: true, tight: false, passed }
    }

    /// Reads these rows. Returns how many moved.
    fn reads(&self, reads: &Reads, rows: &[Downloaded]) -> u64 {
        let doubts = self.store.read(Doubts::load).unwrap();
        self.reads_for(doubts, reads, rows)
    }

    fn reads_for(&self, mut doubts: Doubts, reads: &Reads, rows: &[Downloaded]) -> u64 {
        let asked = self.asked(reads);
        let around = Circumstances { key_verified: reads.key_verified, ..self.around(&asked) };
        rows.iter().for_each(|row| doubts.see(row));
        doubts.settle(&self.store, &around).unwrap()
    }

    /// Where it is, and why.
    fn stands(&self, id: EntryId) -> (State, Option<String>) {
        let head = self.entry(id).head;
        (head.state, head.reason.map(|reason| reason.code))
    }
}

fn stands(state: State, code: &str) -> (State, Option<String>) {
    (state, Some(code.to_owned()))
}

fn in_doubt() -> (State, Option<String>) {
    stands(State::Doubtful, "timeout")
}

fn person(name: &str, phone: &str) -> Fields {
    let mut fields = Fields::default();
    fields.set(Field::NameEn, name);
    fields.set(Field::Phone, phone);
    fields
}

fn row(code: &str, key: &str, name: &str) -> Downloaded {
    let mut fields = person(name, "012");
    fields.set(Field::CreatedAt, key);
    Downloaded { code: code.into(), fields, ..Downloaded::default() }
}

/// The create as the bank holds it.
fn arrived(code: &str) -> Downloaded {
    row(code, "2021-02-09 23:59:07.000", "Sok")
}

/// Another record of the same person, made that day.
fn like_it() -> Downloaded {
    row("9", "2021-02-09 08:00:00.000", "Sok")
}

fn one_code() -> Reading {
    Reading("9".into())
}

/// A verdict but for proof takes the whole list, asked for after the quiet period and after whatever the lane did last:
/// what was asked for before the create left says nothing about it, and one code's own read nothing about the others.
#[test]
fn what_a_reading_lacks_or_resembles_counts_only_in_the_whole_list_asked_for_late_enough() {
    let verdicts =
        [(vec![], stands(State::Ready, code::ABSENT)), (vec![like_it()], stands(State::Asks, code::NEAR))];
    for (rows, verdict) in verdicts {
        for (whole, late, unmoved) in [
            (true, true, true),
            (false, true, true),
            (true, false, true),
            (true, true, false),
            (true, false, false),
            (false, true, false),
        ] {
            let book = Book::new();
            let before = book.newest();
            let (_, entry) = book.lost();
            let counts = whole && late && unmoved;
            let reads = Reads {
                of: if whole { Reading::all() } else { one_code() },
                at: after(if late { QUIET } else { QUIET - 1 }),
                mark: (!unmoved).then_some(before),
                ..Reads::default()
            };
            assert_eq!(book.reads(&reads, &rows), u64::from(counts), "{whole} {late} {unmoved}");
            let expected = if counts { verdict.clone() } else { in_doubt() };
            assert_eq!(book.stands(entry), expected, "{whole} {late} {unmoved}");
        }
    }
}

/// A list asked for before the create left: its clock reading lies before the doubt, as after a reboot.
#[test]
fn a_list_that_was_under_way_when_the_create_was_lost_says_nothing() {
    for rows in [vec![], vec![like_it()]] {
        let book = Book::new();
        let mark = Some(book.newest());
        let (_, entry) = book.lost();
        assert_eq!(book.reads(&Reads { at: after(-1_000), mark, ..Reads::default() }, &rows), 0);
        assert_eq!(book.stands(entry), in_doubt());
    }
}

#[test]
fn proof_counts_in_every_reading_and_wherever_the_create_waits() {
    for of in [Reading::all(), one_code()] {
        let book = Book::new();
        let (id, entry) = book.lost();
        let reads = Reads { of, at: after(0), mark: Some(0), key_verified: false };
        assert_eq!(book.reads(&reads, &[like_it(), arrived("2947-1")]), 1);
        assert_eq!(book.entry(entry).head.state, State::Done);
        let held = book.store.read(|conn| rows::get(conn, id)).unwrap();
        assert_eq!((held.code.as_deref(), held.unsent), (Some("2947-1"), false));
        assert_eq!(book.reads(&reads, &[]), 0, "what is settled is looked for no more");
    }
    let book = Book::new();
    let (_, entry) = book.lost();
    book.ask(entry, code::ABSENT_KEY);
    assert_eq!(book.reads(&Reads::default(), &[arrived("2947-1")]), 1);
    assert_eq!(book.entry(entry).head.state, State::Done);
}

/// The bank gives each officer her own list: what it lacks or holds says nothing of another one's create.
#[test]
fn another_officers_create_is_settled_in_her_session_only() {
    for rows in [vec![], vec![like_it()], vec![arrived("2947-1")]] {
        let book = Book::new();
        let (_, entry) = book.lost();
        book.store.write(|tx| Ok(tx.execute("UPDATE outbox SET author = 'vanna'", [])?)).unwrap();
        assert_eq!(book.reads(&Reads::default(), &rows), 0);
        assert_eq!(book.stands(entry), in_doubt());
    }
}

#[test]
fn the_code_of_another_record_proves_nothing() {
    let book = Book::new();
    let (_, entry) = book.lost();
    book.store.write(|tx| rows::insert_downloaded(tx, &arrived("2947-1"))).unwrap();
    assert_eq!(book.reads(&Reads::default(), &[arrived("2947-1")]), 1);
    assert_eq!(book.stands(entry), stands(State::Asks, code::NEAR));
    let shown: Vec<Staged> = book.entry(entry).receipt.unwrap().decode().unwrap();
    assert_eq!(shown.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["2947-1"]);
}

#[test]
fn a_reading_about_an_older_attempt_says_nothing_about_the_newer_one() {
    let book = Book::new();
    let (_, entry) = book.lost();
    let seen_before = book.store.read(Doubts::load).unwrap();
    assert_eq!(book.reads(&Reads::default(), &[]), 1);
    book.store.write(|tx| book.lose(tx, entry)).unwrap();
    assert_eq!(book.reads_for(seen_before, &Reads::default(), &[]), 0);
    assert_eq!((book.stands(entry), book.entry(entry).head.attempt), (in_doubt(), 2));
}

/// Each circumstance that keeps an absent create from being sent again has its own word for the officer.
#[test]
fn an_absent_create_is_sent_again_only_while_everything_speaks_for_it() {
    let absent = |change: fn(&mut Profile), reads: Reads| {
        let book = Book::of(change);
        let (_, entry) = book.lost();
        book.reads(&reads, &[]);
        book.stands(entry)
    };
    let at = |steady: i64, wall: i64| Reads {
        at: Now { steady: Steady(LOST.steady.0 + steady), wall: LOST.wall + wall },
        ..Reads::default()
    };
    let as_it_is: fn(&mut Profile) = |_| {};
    assert_eq!(
        absent(as_it_is, Reads { key_verified: false, ..Reads::default() }),
        stands(State::Asks, code::ABSENT_KEY)
    );
    assert_eq!(
        absent(|p| p.prospect.lateness_ms = None, Reads::default()),
        stands(State::Asks, code::ABSENT_LATENESS)
    );
    let ask: fn(&mut Profile) = |p| p.prospect.absence = crate::profile::Absence::Ask;
    assert_eq!(absent(ask, Reads::default()), stands(State::Asks, code::ABSENT_ASK));
    let window = 24 * HOUR;
    for (steady, wall, sure) in [
        (QUIET, 0, true),
        (window, window, true),
        (QUIET, window, true),
        (QUIET, window + 1, false),
        (window + 1, QUIET, false),
        (QUIET, -1, false),
    ] {
        let expected =
            if sure { stands(State::Ready, code::ABSENT) } else { stands(State::Asks, code::ABSENT_WINDOW) };
        assert_eq!(absent(as_it_is, at(steady, wall)), expected, "{steady} {wall}");
    }
}

/// After a reboot steady time has begun anew, and only what it shows by itself counts.
#[test]
fn after_a_reboot_the_quiet_period_is_counted_from_there() {
    for (uptime, over) in [(QUIET - 1, false), (QUIET, true)] {
        let book = Book::new();
        let (_, entry) = book.lost();
        let at = Now { steady: Steady(uptime), wall: LOST.wall + HOUR };
        assert_eq!(book.reads(&Reads { at, ..Reads::default() }, &[]), u64::from(over));
        assert_eq!(book.entry(entry).head.state == State::Ready, over);
    }
}

/// What could be ours is not taken in as somebody else's; a create without what it sent is sought by what its row holds.
#[test]
fn rows_that_could_be_ours_are_held_back() {
    let held = |sql: &str| {
        let book = Book::new();
        let (_, id) = book.lost();
        book.store.write(|tx| Ok(tx.execute(sql, [id.0])?)).unwrap();
        let mut doubts = book.store.read(Doubts::load).unwrap();
        [arrived("1"), like_it(), row("3", "2021-01-01 00:00:00.000", "Sok")]
            .iter()
            .for_each(|row| doubts.see(row));
        ["1", "9", "3", ""].map(|code| doubts.hold(code))
    };
    let ours = [true, true, false, false];
    assert_eq!(held("UPDATE outbox SET alone = 0 WHERE id = ?1"), ours);
    assert_eq!(held("UPDATE outbox SET sent = NULL WHERE id = ?1"), ours);
    assert_eq!(
        held("UPDATE outbox SET sent = '?' WHERE id = ?1"),
        [false; 4],
        "what cannot be read cannot be sought"
    );
    assert_eq!(held("UPDATE outbox SET state = 'closed' WHERE id = ?1"), [false; 4]);
}

#[test]
fn circumstances_say_what_they_are() {
    let book = Book::of(|p| p.prospect.v100 = true);
    let (id, _) = book.lost();
    let asked = book.asked(&Reads::default());
    let around = book.around(&asked);
    assert!(around.v100() && !Circumstances { remote: &Book::new().remote, ..around }.v100());
    let over = |ms| around.quiet_over_since(Some(after(ms).steady));
    assert!(around.quiet_over_since(None) && over(0) && !over(1));
    let moved = || book.store.write(|tx| around.moved_since(tx, &id.lane())).unwrap();
    assert!(!moved());
    book.touch(id);
    assert!(moved());
    assert!(!book.store.write(|tx| around.moved_since(tx, "prospect:77")).unwrap());
    for tight in [false, true] {
        let around = Circumstances { tight, ..book.around(&asked) };
        assert_eq!(around.write(&book.store, |tx| rows::code_of(tx, id)), Ok(None), "it is in a transaction");
    }
    assert_eq!(QUIET, book.remote.rules().quiet.as_millis() as i64);
    assert_eq!(book.remote.rules().absence_window, Duration::from_secs(24 * 3600));
}
