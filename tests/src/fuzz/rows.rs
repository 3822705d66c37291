//! Garbage in a column of a record or of an entry is that one's problem: the others are found, listed and sent.

use super::{byte, remote, session};
use jiff::civil::datetime;
use rusqlite::{Connection, Transaction, types::Value};
use satchel::error::{Error, Result};
use satchel::outbox::entry::{Effect, Entry, EntryId, NetClass, Payload};
use satchel::outbox::remote::Remote;
use satchel::outbox::rows::{self as outbox, NewEntry, Now};
use satchel::prospect::wire::Downloaded;
use satchel::prospect::{Field, Fields, PROSPECT, Prospect, ProspectId, Query, ServerFields, list, rows};
use satchel::world::{RealRng, Steady};
use std::cell::RefCell;

const SCHEMA: &str = include_str!("../../../core/migrations/0001_init.sql");

/// Texts of a record and of an entry, then numbers.
const RECORD: [&str; 12] = [
    "code",
    "created_at",
    "local",
    "base",
    "theirs",
    "server",
    "status",
    "village",
    "list_key",
    "search_key",
    "khmer_key",
    "phone_key",
];
const RECORD_NUMBERS: [&str; 4] = ["revision", "acked", "own", "unsent"];
const ENTRY: [&str; 7] = ["verb", "author", "reason", "sent", "receipt", "body", "lane"];
const ENTRY_NUMBERS: [&str; 6] = ["attempt", "due", "since", "doubts", "alone", "sent_rev"];
const STATES: [&str; 8] = ["ready", "sending", "doubtful", "asks", "done", "refused", "blocked", "set_aside"];

/// The record and the entry that the bytes go into; the others are whole.
const BAD: i64 = 2;
const NOW: Now = Now { steady: Steady(1_000), wall: 1_000 };

thread_local! {
    static BOOK: RefCell<Connection> = RefCell::new(book());
}

fn book() -> Connection {
    let mut conn = Connection::open_in_memory().expect("memory");
    conn.execute_batch(SCHEMA).expect("the schema");
    let tx = conn.transaction().expect("a transaction");
    for (n, name) in ["Sok Dara", "Chea Dy", "Pha Dy"].into_iter().enumerate() {
        let mut fields = Fields::default();
        fields.set(Field::NameEn, name);
        fields.set(Field::Phone, format!("01234567{n}"));
        let server = ServerFields { customer_server_id: "7".into(), ..ServerFields::default() };
        let id = if n < 2 {
            rows::insert_own(&tx, datetime(2021, 2, 9, 10, 0, 7, 0), &fields)
        } else {
            let row = Downloaded { code: "C-3".into(), fields, server, unsaid: vec![] };
            rows::insert_downloaded(&tx, &row)
        };
        let id = id.expect("a record");
        if n == 1 {
            rows::set_code(&tx, id, "C-2").expect("a code");
        }
        enter(&tx, id);
    }
    tx.commit().expect("committed");
    conn
}

fn enter(tx: &Transaction<'_>, id: ProspectId) {
    let (lane, update) = (id.lane(), id.0 > 1);
    let new = NewEntry {
        remote: PROSPECT,
        lane: &lane,
        verb: if update { "update" } else { "create" },
        effect: if update { Effect::Replace } else { Effect::Create },
        class: NetClass::Small,
        author: "dara",
        after: None,
        body: None,
    };
    outbox::insert(tx, &new, Now { steady: Steady(1), wall: 1 }).expect("an entry");
    rows::set_unsent(tx, id, true).expect("noted");
}

/// Where the rest goes, then what it is.
pub(super) fn rows(mut data: &[u8]) {
    let (place, state) = (usize::from(byte(&mut data)), byte(&mut data));
    BOOK.with_borrow_mut(|conn| {
        let tx = conn.transaction().expect("a transaction");
        let state = STATES[usize::from(state) % STATES.len()];
        tx.execute("UPDATE outbox SET state = ?2 WHERE id = ?1", (BAD, state)).expect("written");
        if spoil(&tx, place, data) {
            records(&tx);
            entries(&tx);
            sent(&tx);
            receipt(&tx, data);
        }
    });
}

/// Writes the bytes where they are to go. `false`: the schema itself refuses them.
fn spoil(tx: &Transaction<'_>, place: usize, data: &[u8]) -> bool {
    let texts = RECORD.iter().map(|c| ("prospect", c)).chain(ENTRY.iter().map(|c| ("outbox", c)));
    let numbers =
        RECORD_NUMBERS.iter().map(|c| ("prospect", c)).chain(ENTRY_NUMBERS.iter().map(|c| ("outbox", c)));
    let places =
        texts.map(|(t, c)| (t, c, true)).chain(numbers.map(|(t, c)| (t, c, false))).collect::<Vec<_>>();
    let (table, column, text) = places[place % places.len()];
    let number = data.iter().take(8).fold(0_i64, |n, byte| n << 8 | i64::from(*byte));
    let (value, given) =
        if text { ("CAST(?2 AS TEXT)", Value::from(data.to_vec())) } else { ("?2", Value::from(number)) };
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE id = ?1");
    // In another's lane it would be that one's entry, and keep its place in it.
    let elsewhere =
        *column == "lane" && std::str::from_utf8(data).is_ok_and(|l| ProspectId::of_lane(l).is_some());
    !elsewhere && tx.execute(&sql, (BAD, given)).is_ok()
}

/// The damage of a row, or none.
fn or_damaged<T>(done: Result<T>) -> Option<T> {
    match done {
        Ok(value) => Some(value),
        Err(Error::StoreDamaged { place: "row", .. }) => None,
        Err(other) => panic!("not the row's own damage: {other:?}"),
    }
}

fn records(tx: &Transaction<'_>) {
    for id in [1, 3].map(ProspectId) {
        assert_eq!(rows::get(tx, id).expect("whole").id, id);
    }
    if let Some(row) = or_damaged(rows::get(tx, ProspectId(BAD))) {
        rows::update(tx, ProspectId(BAD), |_| Ok(())).expect("what can be read can be kept");
        let shown = format!("{row:?} {:?}", Prospect::from(row.clone()));
        assert!(!shown.contains("Chea"), "nothing personal is shown");
    }
    for (text, unsent) in [(None, None), (Some("Dy"), None), (None, Some(true))] {
        let query = Query { text: text.map(str::to_owned), unsent, limit: 1, ..Query::default() };
        let found = pages(tx, query);
        assert!(
            found.contains(&3) && (text.is_some() || found.contains(&1)),
            "the others are listed: {found:?}"
        );
    }
    list::similar(tx, "012345672", ["Pha Dy", "ដារ៉ា"]).expect("a hint or none");
    for code in ["C-3", "C-2"] {
        rows::known(tx, code).expect("compared with a download, whatever the others hold");
    }
    rows::tally(tx).expect("counted");
    rows::tally_open(tx).expect("counted");
    rows::newest_code(tx, false).expect("one of them");
}

/// All numbers that a query finds, page by page, decodable or not.
fn pages(tx: &Transaction<'_>, mut query: Query) -> Vec<i64> {
    let mut found = vec![];
    for _ in 0..4 {
        let page = list::list(tx, &query).expect("a page");
        found.extend(page.items.iter().map(|item| item.id.0).chain(page.damaged.iter().map(|id| id.0)));
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
    panic!("the list has an end");
}

fn entries(tx: &Transaction<'_>) {
    let heads =
        outbox::heads(tx, PROSPECT, NetClass::Small, "dara", NOW.steady, 10).expect("the lanes' heads");
    for id in [1, 3].map(EntryId) {
        assert!(heads.iter().any(|head| head.id == id), "its lane goes on");
        assert_eq!(outbox::get(tx, id).expect("read").map(|entry| entry.head.id), Some(id));
    }
    for id in [1, 3].map(ProspectId) {
        assert_eq!(outbox::open_of_lane(tx, &id.lane()).expect("read").len(), 1);
    }
    assert!(outbox::waiting(tx, EntryId(0), 10).expect("read").len() >= 2);
    outbox::asking(tx, 10).expect("read");
    outbox::begun(tx, PROSPECT, "create").expect("read");
    outbox::sending(tx, PROSPECT, NetClass::Small).expect("read");
    assert!(outbox::Counts::of(tx).expect("counted").unsettled() >= 2);
}

/// A batch leaves without what cannot be encoded, and only that is set aside.
fn sent(tx: &Transaction<'_>) {
    let whole = |id| outbox::get(tx, EntryId(id)).ok().flatten();
    for batch in [vec![1, BAD], vec![BAD, 1], vec![BAD, 3], vec![3, BAD, 1]] {
        let batch: Vec<Entry> = batch.into_iter().filter_map(whole).collect();
        if batch.iter().any(|entry| entry.head.verb == "reject") {
            continue; // verbs of two kinds never share a call
        }
        let out =
            remote().encode(tx, &batch, &session(), &RealRng, NOW).expect("a batch").expect("not empty");
        for entry in batch.iter().filter(|entry| entry.head.id.0 != BAD) {
            assert!(out.sent.iter().any(|(id, ..)| *id == entry.head.id), "the others leave");
        }
        let at = out.call.url.reveal().contains("/ProspectAddV2?");
        assert!(at, "what is no verb leads nowhere");
    }
}

/// A receipt is believed or not; it never costs more than itself.
fn receipt(tx: &Transaction<'_>, data: &[u8]) {
    let Ok(Some(entry)) = outbox::get(tx, EntryId(1)) else { panic!("it is whole") };
    let receipt = Payload(String::from_utf8_lossy(data).into_owned());
    if let Some(true) = or_damaged(remote().plausible(tx, &entry, &receipt)) {
        let code = serde_json::from_str::<serde_json::Value>(&receipt.0).expect("JSON");
        let code = code["code"].as_str().or_else(|| code[0].as_str()).expect("a code");
        assert!(!code.is_empty() && code != "C-3", "another's code proves nothing");
    }
}
