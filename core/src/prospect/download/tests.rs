//! A whole reply taken in, into a real book: what it costs when some of it cannot be read, or is another officer's.

use super::*;
use crate::outbox::entry::{EntryId, Payload, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{Reading, Session};
use crate::outbox::rows::{self as outbox, Now};
use crate::profile::Profile;
use crate::prospect::Life;
use crate::prospect::effect::{CREATE, UPDATE};
use crate::prospect::moved::enqueue;
use crate::world::{Head, MemoryVault, Secret, Steady, World};
use jiff::civil::datetime;
use std::sync::Arc;
use tempfile::TempDir;

/// When the create's answer was lost, and when the bank is asked: the quiet period is over.
const LOST: Now = Now { steady: Steady(1_000_000), wall: 1_780_000_000_000 };
const ASKED: Now = Now { steady: Steady(2_000_000), wall: 1_780_001_000_000 };

struct Book {
    store: Store,
    remote: ProspectRemote,
    _folder: TempDir,
}

fn secrets() -> ProspectSecrets {
    let (key, iv) = (vec![7; 32].into(), vec![9; 16].into());
    ProspectSecrets { user: "dara".into(), password: "secret".into(), session: "S-1".into(), key, iv }
}

fn person(name: &str) -> Fields {
    let mut fields = Fields::default();
    fields.set(Field::NameEn, name);
    fields.set(Field::Phone, "012");
    fields
}

/// A row as the bank writes it.
fn row(code: &str, name: &str) -> String {
    let made = "2020-01-01 08:00:00.000";
    format!(r#"{{"Code":"{code}","CreateDateClient":"{made}","NameEn":"{name}","Phone":"099"}}"#)
}

/// One that cannot be read behind what is given.
fn unreadable(before: &str) -> String {
    format!(r#"{{{before}"CustComment":"{}"}}"#, "x".repeat(wire::ROW_BYTES))
}

impl Book {
    /// With three records that the bank has under codes 1, 2, 3, and a server known to keep creation times.
    fn new() -> Self {
        let mut profile = Profile::new("bank", "https://bank.example/api/");
        (profile.prospect.lateness_ms, profile.reserve_bytes) = (Some(60_000), 0);
        let folder = TempDir::new().unwrap();
        let world = World::device(&profile, Arc::new(MemoryVault::default()), None).unwrap();
        let store = Store::open(&world, folder.path(), "dara", &profile).unwrap();
        let book = Book { store, remote: ProspectRemote::new(Arc::new(profile)), _folder: folder };
        let known = [row("1", "One"), row("2", "Two"), row("3", "Three")];
        assert_eq!(book.take(Reading::all(), &known).unwrap().new, 3);
        book.store.write(|tx| remote_row::set_key(tx, PROSPECT, KeyTrust::Verified)).unwrap();
        book
    }

    /// A create that was sent and whose answer was lost.
    fn lost(&self) -> EntryId {
        self.store
            .write(|tx| {
                let id = rows::insert_own(tx, datetime(2021, 2, 9, 23, 59, 7, 0), &person("Sok"))?;
                let entry = outbox::get(tx, enqueue(tx, id, CREATE, "dara", LOST)?)?.unwrap();
                let sent = Payload::encode(&rows::get(tx, id)?.local)?;
                assert!(outbox::begin(tx, &entry, &sent, Some(1), LOST)?);
                let doubt = Move::Doubtful { reason: Reason::code("timeout"), alone: false };
                let sending = outbox::get(tx, entry.head.id)?.unwrap().head;
                assert!(outbox::shift(tx, &sending, &doubt, LOST)?);
                Ok(entry.head.id)
            })
            .unwrap()
    }

    fn take(&self, reading: Reading, rows: &[String]) -> Result<Taken, ReadFailed> {
        self.reply(reading, &format!(r#"[{{"DataList":[{}],"ERR":"Succeed"}}]"#, rows.join(",")))
    }

    fn reply(&self, reading: Reading, reply: &str) -> Result<Taken, ReadFailed> {
        let secrets = secrets();
        let asked = Asked {
            reading,
            mark: self.store.read(crate::feed::newest).unwrap(),
            at: ASKED,
            session: Session { officer: "dara".into(), secrets: Secret::new(secrets.checked().unwrap()) },
            lanes: std::collections::BTreeSet::new(),
            download: 1,
            progress: Arc::default(),
        };
        let body = Box::new(std::io::Cursor::new(secrets.envelope().unwrap().seal(reply.as_bytes())));
        let head = Head { status: 200, ..Head::default() };
        take(&self.remote, &self.store, &asked, Incoming { head, body })
    }

    fn of(&self, code: &str) -> rows::Row {
        self.store.read(|conn| rows::by_code(conn, code)).unwrap().unwrap()
    }

    fn entry(&self, id: EntryId) -> (State, Option<String>) {
        let head = self.store.read(|conn| outbox::get(conn, id)).unwrap().unwrap().head;
        (head.state, head.reason.map(|reason| reason.code))
    }
}

fn refused(taken: Result<Taken, ReadFailed>) -> (Says, Trouble) {
    match taken {
        Err(ReadFailed::Said(says, trouble)) => (says, trouble),
        other => panic!("{other:?}"),
    }
}

/// The others are merged; a record whose code is in it is not gone, and where it has none no record is.
#[test]
fn a_row_that_cannot_be_read_keeps_no_other_from_being_taken_in() {
    for (bad, gone) in [(unreadable(r#""Code":"2","#), 1), (unreadable(""), 0)] {
        let book = Book::new();
        book.store.write(|tx| Ok(tx.execute("UPDATE remote SET downloaded_wall = NULL", [])?)).unwrap();
        let before = book.of("2");
        let taken = book.take(Reading::all(), &[row("1", "Changed"), bad, row("4", "Four")]).unwrap();
        let counts = (taken.rows, taken.new, taken.changed, taken.unreadable, taken.gone);
        assert_eq!((counts, taken.apart), ((3, 1, 1, 1, gone), 0));
        assert_eq!(book.of("1").local.get(Field::NameEn), "Changed");
        assert!(book.of("4").life == Life::Live && book.of("2") == before);
        assert_eq!(book.of("3").life == Life::Gone, gone == 1);
        let noted = book.store.read(|conn| remote_row::get(conn, PROSPECT)).unwrap();
        assert_eq!(noted.downloaded_wall, (gone == 1).then_some(ASKED.wall), "complete, or not");
    }
}

/// It may be the very create that is sought, unless it is another record's.
#[test]
fn a_create_is_not_absent_from_a_list_in_which_it_may_be_unread() {
    let doubtful = (State::Doubtful, Some("timeout".to_owned()));
    let absent = (State::Ready, Some(code::ABSENT.to_owned()));
    let like_it = row("9", "Sok").replace("2020-01-01", "2021-02-09").replace("099", "012");
    for (bad, whole) in [(r#""Code":"2","#, true), (r#""Code":"7","#, false), ("", false)] {
        let (book, bad) = (Book::new(), unreadable(bad));
        let entry = book.lost();
        book.take(Reading::all(), &[row("1", "One"), bad.clone(), row("3", "Three")]).unwrap();
        assert_eq!(book.entry(entry), if whole { absent.clone() } else { doubtful.clone() });

        let book = Book::new();
        let entry = book.lost();
        book.take(Reading::all(), &[bad.clone(), like_it.clone()]).unwrap();
        assert_eq!(book.entry(entry).0, if whole { State::Asks } else { State::Doubtful });
        // Proof is proof.
        let arrived = like_it.replace("08:00:00", "23:59:07");
        book.take(Reading::all(), &[arrived, bad]).unwrap();
        assert_eq!(book.entry(entry).0, State::Done);
    }
}

/// Asked for by itself it is no answer: what waits for it waits. The settings are proven, if the session still is.
#[test]
fn one_records_own_row_that_cannot_be_read_is_no_answer() {
    let book = Book::new();
    let taken = book.take(Reading("2".into()), &[unreadable(r#""Code":"2","#)]);
    assert_eq!(refused(taken), (Says::Usable, Trouble::Unreadable));
    let expired = format!(r#"[{{"DataList":[{}],"ERR":"Error","ERRCode":"00009"}}]"#, unreadable(""));
    assert_eq!(refused(book.reply(Reading("2".into()), &expired)), (Says::SignIn, Trouble::SignIn));
}

/// The row that still breaks the key may be the one that was not read.
#[test]
fn a_broken_key_is_mended_by_a_list_read_to_its_last_row() {
    let book = Book::new();
    let mine = |tx: &Transaction<'_>| {
        let id = rows::insert_own(tx, datetime(2021, 2, 9, 23, 59, 7, 0), &person("Sok"))?;
        rows::set_code(tx, id, "9")?;
        remote_row::set_key(tx, PROSPECT, KeyTrust::Broken)
    };
    book.store.write(mine).unwrap();
    let mine = row("9", "Sok").replace("2020-01-01 08:00:00", "2021-02-09 23:59:07");
    let key = || book.store.read(|conn| remote_row::get(conn, PROSPECT)).unwrap().key;
    for bad in [unreadable(""), unreadable(r#""Code":"2","#)] {
        book.take(Reading::all(), &[row("1", "One"), mine.clone(), bad]).unwrap();
        assert_eq!(key(), KeyTrust::Broken);
    }
    book.take(Reading::all(), &[row("1", "One"), mine]).unwrap();
    assert_eq!(key(), KeyTrust::Verified);
}

/// Only the documented no is one; a word that nobody knows proves neither address nor key.
#[test]
fn a_word_that_is_neither_yes_nor_no_is_no_answer() {
    let book = Book::new();
    for (err, said) in [
        ("Error", (Says::Usable, Trouble::Refused)),
        ("Failed", (Says::Unusable, Trouble::Unusable)),
        ("", (Says::Unusable, Trouble::Unusable)),
    ] {
        for list in ["null", "[]"] {
            let reply = format!(r#"[{{"DataList":{list},"ERR":"{err}"}}]"#);
            assert_eq!(refused(book.reply(Reading::all(), &reply)), said, "{err}");
        }
    }
    let expired = r#"[{"DataList":null,"ERR":"Error","ERRCode":"00009"}]"#;
    assert_eq!(refused(book.reply(Reading::all(), expired)), (Says::SignIn, Trouble::SignIn));
}

/// The record of that code is changed, with an update of each of these officers.
fn changed<const N: usize>(book: &Book, code: &str, authors: [&str; N]) -> [EntryId; N] {
    let id = book.of(code).id;
    let change = |tx: &Transaction<'_>| {
        rows::update(tx, id, |row| {
            row.local.set(Field::NameEn, "Hers");
            row.revision += 1;
            Ok(())
        })?;
        rows::set_unsent(tx, id, true)?;
        Ok(authors.map(|author| enqueue(tx, id, UPDATE, author, LOST).unwrap()))
    };
    book.store.write(change).unwrap()
}

/// The bank gives each officer her own list: what this one's lacks or holds says nothing of what another has not settled.
#[test]
fn what_another_officer_has_not_settled_is_left_to_her() {
    let book = Book::new();
    let entries = ["2", "3"].map(|code| changed(&book, code, ["vanna"]));
    let before = ["2", "3"].map(|code| book.of(code));
    let taken = book.take(Reading::all(), &[row("1", "One"), row("2", "Hers")]).unwrap();
    assert_eq!((taken.gone, taken.settled, taken.skipped), (0, 0, 1));
    assert!(["2", "3"].map(|code| book.of(code)) == before);
    assert_eq!(entries.map(|[entry]| book.entry(entry).0), [State::Ready; 2]);
}

/// In one lane too: what is hers is merged and settled as far as it comes before what is another's.
#[test]
fn what_another_officer_has_not_settled_holds_up_nothing_before_it() {
    let book = Book::new();
    let [there, gone] = ["2", "3"].map(|code| changed(&book, code, ["dara", "vanna"]));
    let taken = book.take(Reading::all(), &[row("1", "One"), row("2", "Hers")]).unwrap();
    assert_eq!((taken.gone, taken.settled, taken.skipped), (0, 1, 0));
    assert_eq!(there.map(|entry| book.entry(entry).0), [State::Done, State::Ready]);
    assert_eq!(gone.map(|entry| book.entry(entry).0), [State::Refused, State::Ready]);
    assert_eq!(book.of("3").life, Life::Live, "it is hers to find out");
}
