//! Prospects in a book, on a plain in-memory database with the real schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod garbage;
mod list;

use jiff::civil::{DateTime, datetime};
use proptest::prelude::*;
use rusqlite::{Connection, Transaction};
use satchel::error::{Error, Result};
use satchel::prospect::list::{list, similar};
use satchel::prospect::wire::Downloaded;
use satchel::prospect::{
    Conflict, Field, FieldConflict, Fields, Intent, Life, Page, Prospect, ProspectId, Query, ServerFields,
    rows,
};

const AT: DateTime = datetime(2021, 2, 9, 23, 59, 58, 123_000_000);

fn book() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../../migrations/0001_init.sql")).unwrap();
    conn
}

/// What the store does around each call: one transaction, committed when the call was good.
fn write<T>(conn: &mut Connection, act: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let tx = conn.transaction()?;
    let done = act(&tx)?;
    tx.commit()?;
    Ok(done)
}

fn fields(pairs: &[(Field, &str)]) -> Fields {
    let mut fields = Fields::default();
    pairs.iter().for_each(|(field, value)| fields.set(*field, *value));
    fields
}

fn add_at(conn: &mut Connection, at: DateTime, pairs: &[(Field, &str)]) -> Result<ProspectId> {
    write(conn, |tx| rows::insert_own(tx, at, &fields(pairs)))
}

fn add(conn: &mut Connection, pairs: &[(Field, &str)]) -> ProspectId {
    add_at(conn, AT, pairs).unwrap()
}

fn named(conn: &mut Connection, name: &str) -> ProspectId {
    add(conn, &[(Field::NameEn, name)])
}

fn downloaded(code: &str, pairs: &[(Field, &str)]) -> Downloaded {
    let server = ServerFields { customer_server_id: "77".into(), from_system_id: "1".into() };
    Downloaded { code: code.into(), fields: fields(pairs), server, unsaid: vec![] }
}

fn receive(conn: &mut Connection, row: &Downloaded) -> Result<ProspectId> {
    write(conn, |tx| rows::insert_downloaded(tx, row))
}

fn conflict() -> Option<Conflict> {
    let one = FieldConflict { field: Field::Phone, base: "1".into(), mine: "2".into(), theirs: "3".into() };
    Some(Conflict::new(vec![one]))
}

fn found(conn: &Connection, query: &Query) -> Vec<ProspectId> {
    list(conn, query).unwrap().items.iter().map(|item| item.id).collect()
}

fn search(conn: &Connection, text: &str) -> Vec<ProspectId> {
    found(conn, &Query { text: Some(text.into()), ..Query::default() })
}

fn column(conn: &Connection, id: ProspectId, column: &str) -> Option<String> {
    conn.query_row(&format!("SELECT {column} FROM prospect WHERE id = ?1"), [id], |r| r.get(0)).unwrap()
}

fn overwrite(conn: &Connection, id: ProspectId, column: &str, text: Option<&str>) {
    conn.execute(&format!("UPDATE prospect SET {column} = ?2 WHERE id = ?1"), (id, text)).unwrap();
}

#[test]
fn an_own_record_is_read_back_whole() {
    let mut conn = book();
    let texts = [
        " មី ណា",
        "ស្រ្តី\u{200B}ស្ត្រី",
        "\u{202E}rtl\u{202C} שלום",
        "👩‍🌾🇰🇭",
        "'; DROP TABLE prospect;-- \" \\ %_",
        "nul\0inside",
        "line\nand\ttab",
        "e\u{301} \u{FFFF} \u{10FFFF}",
    ];
    for turn in 0..texts.len() {
        let pairs: Vec<_> = Field::ALL.into_iter().zip(texts.into_iter().cycle().skip(turn)).collect();
        let id = add(&mut conn, &pairs);
        let row = rows::get(&conn, id).unwrap();
        let mut expected = fields(&pairs);
        expected.set(Field::CreatedAt, row.created_at.as_str());
        assert!(row.local == expected && row.base.is_none() && row.conflict.is_none());
        assert_eq!((row.revision, row.acked, row.life, row.intent), (1, 0, Life::Live, None));
        assert!(row.own && row.unsent && row.code.is_none() && row.server == ServerFields::default());
        let shown =
            list(&conn, &Query::default()).unwrap().items.into_iter().find(|item| item.id == id).unwrap();
        assert_eq!(
            (shown.name_kh.as_str(), shown.village.as_str()),
            (expected.get(Field::NameKh), expected.get(Field::Village))
        );
    }
    let first = Prospect::from(rows::get(&conn, ProspectId(1)).unwrap());
    assert_eq!(first.created_at, Some(datetime(2021, 2, 9, 23, 59, 58, 0)));
    assert!(!search(&conn, "DROP table").is_empty());
    assert_eq!(rows::get(&conn, ProspectId(99)), Err(Error::NotFound { what: "prospect" }));
}

#[test]
fn ten_megabytes_are_kept_too() {
    // The desk refuses them; a room below it does not rely on that.
    let mut conn = book();
    let (giant, long) = ("ម".repeat((10 << 20) / 3), "ម".repeat(20_000));
    let id = add(&mut conn, &[(Field::Comment, &giant), (Field::NameKh, &long), (Field::Phone, &giant)]);
    let row = rows::get(&conn, id).unwrap();
    assert!(row.local.get(Field::Comment) == giant && row.local.get(Field::NameKh) == long);
    assert_eq!(found(&conn, &Query::default()), [id]);
    assert_eq!(similar(&conn, &giant, [&giant, &long]).unwrap(), []);
}

#[test]
fn the_natural_key_is_unique_to_the_second_among_own_records() {
    let mut conn = book();
    let key = |conn: &Connection, id| rows::get(conn, id).unwrap().created_at;
    let ids: Vec<_> = (0..4).map(|_| named(&mut conn, "x")).collect();
    let keys: Vec<_> = ids.iter().map(|id| key(&conn, *id)).collect();
    let expected = [
        "2021-02-09 23:59:58.000",
        "2021-02-09 23:59:59.000",
        "2021-02-10 00:00:00.000",
        "2021-02-10 00:00:01.000",
    ];
    assert_eq!(keys, expected);
    let second = rows::get(&conn, ids[1]).unwrap();
    assert_eq!((second.created_at.as_str(), second.own, second.code), (expected[1], true, None));
    assert!(rows::own_open(&conn, expected[1]).unwrap());

    // A gap is used; a downloaded record's key is not ours and takes no second.
    let evening = datetime(2021, 2, 9, 20, 0, 0, 0);
    receive(&mut conn, &downloaded("1-1", &[(Field::CreatedAt, "2021-02-09 20:00:00.000")])).unwrap();
    for expected in ["2021-02-09 20:00:00.000", "2021-02-09 20:00:01.000"] {
        let id = add_at(&mut conn, evening, &[]).unwrap();
        assert_eq!(key(&conn, id), expected);
    }
    let last = datetime(9999, 12, 31, 23, 59, 59, 0);
    assert!(add_at(&mut conn, last, &[]).is_ok());
    for at in [last, datetime(-1, 1, 1, 0, 0, 0, 0)] {
        let refused = add_at(&mut conn, at, &[]);
        assert!(matches!(refused, Err(Error::InvalidInput { field: "created_at", .. })));
    }
}

#[test]
fn a_downloaded_record_is_agreed_on_as_it_is() {
    let mut conn = book();
    let pairs = [(Field::CreatedAt, "9 Feb"), (Field::NameEn, "Pha dy"), (Field::Status, "2")];
    let theirs = downloaded("2947-1", &pairs);
    let id = receive(&mut conn, &theirs).unwrap();
    let row = rows::by_code(&conn, "2947-1").unwrap().unwrap();
    assert!(row.id == id && !row.own && !row.unsent && (row.revision, row.acked) == (0, 0));
    assert!(
        row.base.as_ref() == Some(&theirs.fields)
            && row.local == theirs.fields
            && row.server == theirs.server
    );
    assert_eq!((row.created_at.as_str(), Prospect::from(row.clone()).created_at), ("9 Feb", None));
    assert!(!row.own && !rows::own_open(&conn, "9 Feb").unwrap());
    assert_eq!(rows::by_code(&conn, "2947").unwrap(), None);

    assert_eq!(receive(&mut conn, &theirs), Err(Error::NotPossible { why: "code_taken" }));
    let none = receive(&mut conn, &downloaded("", &[]));
    assert!(matches!(none, Err(Error::InvalidInput { field: "code", .. })));
}

#[test]
fn an_update_changes_a_record_and_all_that_is_derived_from_it() {
    let mut conn = book();
    let id = add(&mut conn, &[(Field::NameEn, "Old"), (Field::Status, "1"), (Field::Village, "0307")]);
    let given = write(&mut conn, |tx| {
        rows::update(tx, id, |row| {
            row.base = Some(row.local.clone());
            let new = [
                (Field::NameEn, "New"),
                (Field::Status, "2"),
                (Field::Village, "12"),
                (Field::Phone, "០១២ 3"),
            ];
            new.into_iter().for_each(|(f, v)| row.local.set(f, v));
            row.local.set(Field::CreatedAt, "2000-01-01 00:00:00.000");
            row.code = Some("2947-1".into());
            row.conflict = conflict();
            row.server.customer_server_id = "77".into();
            (row.revision, row.acked, row.unsent) = (2, 1, false);
            (row.life, row.intent) = (Life::Gone, Some(Intent::Reject));
            (row.own, row.id) = (false, ProspectId(999));
            Ok("given")
        })
    });
    assert_eq!(given, Ok("given"));
    let row = rows::get(&conn, id).unwrap();
    assert_eq!(row.local.get(Field::CreatedAt), "2021-02-09 23:59:58.000", "the key never changes");
    assert!(row.own && row.id == id && row.conflict == conflict() && row.server.customer_server_id == "77");
    assert_eq!((row.revision, row.acked, row.unsent), (2, 1, false));
    assert_eq!(
        (row.life, row.intent, row.code.as_deref()),
        (Life::Gone, Some(Intent::Reject), Some("2947-1"))
    );
    assert_eq!(row.base.unwrap().get(Field::NameEn), "Old");

    let all = Query { include_closed: true, ..Query::default() };
    for text in ["new", "0123", "2947-1", "12 3"] {
        assert_eq!(found(&conn, &Query { text: Some(text.into()), ..all.clone() }), [id], "{text}");
    }
    assert!(found(&conn, &Query { text: Some("old".into()), ..all.clone() }).is_empty());
    let (status, village_prefix) = (Some("2".into()), Some("1".into()));
    assert_eq!(found(&conn, &Query { status, village_prefix, conflict: Some(true), ..all }), [id]);
}

#[test]
fn a_change_that_fails_writes_nothing() {
    let mut conn = book();
    let id = named(&mut conn, "Old");
    let before = rows::get(&conn, id).unwrap();
    let tx = conn.transaction().unwrap();
    let failed: Result<()> = rows::update(&tx, id, |row| {
        row.local.set(Field::NameEn, "New");
        Err(Error::NotPossible { why: "test" })
    });
    tx.commit().unwrap();
    assert_eq!(failed, Err(Error::NotPossible { why: "test" }));
    assert_eq!(rows::get(&conn, id).unwrap(), before);
    let missing = write(&mut conn, |tx| rows::update(tx, ProspectId(99), |_| Ok(())));
    assert_eq!(missing, Err(Error::NotFound { what: "prospect" }));
}

#[test]
fn a_code_belongs_to_one_record() {
    let mut conn = book();
    let (a, b) = (named(&mut conn, "a"), named(&mut conn, "b"));
    write(&mut conn, |tx| rows::set_code(tx, a, "2947-1")).unwrap();
    write(&mut conn, |tx| rows::set_code(tx, a, "2947-1")).unwrap();
    assert_eq!(rows::id_by_code(&conn, "2947-1"), Ok(Some(a)));
    assert_eq!((search(&conn, "2947-1"), search(&conn, "a")), (vec![a], vec![a]));

    let taken = Err(Error::NotPossible { why: "code_taken" });
    assert_eq!(write(&mut conn, |tx| rows::set_code(tx, b, "2947-1")), taken);
    let by_update = write(&mut conn, |tx| {
        rows::update(tx, b, |row| {
            row.code = Some("2947-1".into());
            Ok(())
        })
    });
    assert_eq!(by_update, taken);
    let empty = write(&mut conn, |tx| rows::set_code(tx, b, ""));
    assert!(matches!(empty, Err(Error::InvalidInput { field: "code", .. })));
    let missing = write(&mut conn, |tx| rows::set_code(tx, ProspectId(99), "9"));
    assert_eq!(missing, Err(Error::NotFound { what: "prospect" }));

    // The search key with the code set alone is the one derived from the whole record.
    let set_alone = column(&conn, a, "search_key");
    let touch = |row: &mut rows::Row| {
        row.revision += 1;
        Ok(())
    };
    write(&mut conn, |tx| rows::update(tx, a, touch)).unwrap();
    assert_eq!(column(&conn, a, "search_key"), set_alone);
}

#[test]
fn a_damaged_record_is_its_own_problem() {
    let mut conn = book();
    let (good, bad) = (named(&mut conn, "good"), named(&mut conn, "bad"));
    let row = Error::StoreDamaged { place: "row", unsent: 0, as_of: 0 };
    let damages = [
        ("local", "{\"NameEn\":"),
        ("local", "[1]"),
        ("local", ""),
        ("base", "x"),
        ("theirs", "{}"),
        ("server", "5"),
    ];
    for (name, text) in damages {
        let whole = column(&conn, bad, name);
        overwrite(&conn, bad, name, Some(text));
        assert_eq!(rows::get(&conn, bad), Err(row.clone()), "{name} {text}");
        assert_eq!(write(&mut conn, |tx| rows::update(tx, bad, |_| Ok(()))), Err(row.clone()));
        overwrite(&conn, bad, name, whole.as_deref());
    }
    conn.execute("UPDATE prospect SET local = CAST(x'7bff7d' AS TEXT) WHERE id = ?1", [bad]).unwrap();
    assert_eq!(rows::get(&conn, bad), Err(row));
    let Page { items, damaged, next } = list(&conn, &Query::default()).unwrap();
    assert_eq!((items.len(), items[0].id, damaged, next), (1, good, vec![bad], None));

    // It can still be settled, found by its code and shown as what it is.
    write(&mut conn, |tx| {
        rows::set_code(tx, bad, "2947-1")?;
        rows::set_unsent(tx, bad, false)?;
        rows::set_intent(tx, bad, Some(Intent::Withdraw))?;
        rows::set_life(tx, bad, Life::Rejected)
    })
    .unwrap();
    assert_eq!(rows::id_by_code(&conn, "2947-1"), Ok(Some(bad)));
    let by_code = Query { text: Some("2947".into()), include_closed: true, ..Query::default() };
    assert_eq!(list(&conn, &by_code).unwrap().damaged, [bad]);
    assert_eq!(column(&conn, bad, "intent || life || unsent").as_deref(), Some("withdrawrejected0"));
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let mut conn = book();
    let none = ProspectId(99);
    let missing = Err(Error::NotFound { what: "prospect" });
    assert_eq!(write(&mut conn, |tx| rows::set_unsent(tx, none, true)), missing);
    assert_eq!(write(&mut conn, |tx| rows::set_life(tx, none, Life::Gone)), missing);
    assert_eq!(write(&mut conn, |tx| rows::set_intent(tx, none, None)), missing);
}

#[test]
fn a_whole_list_should_hold_what_is_live_or_gone_with_something_unsent() {
    let mut conn = book();
    let ids: Vec<_> = ["a", "b", "c"].map(|code| receive(&mut conn, &downloaded(code, &[])).unwrap()).into();
    let own = named(&mut conn, "without a code");
    write(&mut conn, |tx| rows::set_life(tx, ids[1], Life::Gone)).unwrap();
    write(&mut conn, |tx| rows::set_life(tx, ids[2], Life::Gone)).unwrap();
    write(&mut conn, |tx| rows::set_unsent(tx, ids[2], true)).unwrap();
    let mut expected = vec![];
    rows::each_expected(&conn, |id| expected.push(id)).unwrap();
    expected.sort();
    assert_eq!(expected, [ids[0], ids[2], own]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What was written is read, whatever it is, and is found by its name.
    #[test]
    fn any_text_is_kept_and_found(name in "(?s).{0,40}", rest in prop::collection::vec("(?s).{0,8}", 22)) {
        let mut conn = book();
        let mut typed = Fields::default();
        Field::ALL.iter().zip(&rest).for_each(|(f, v)| typed.set(*f, v.as_str()));
        typed.set(Field::NameKh, name.as_str());
        let id = write(&mut conn, |tx| rows::insert_own(tx, AT, &typed)).unwrap();
        let row = rows::get(&conn, id).unwrap();
        typed.set(Field::CreatedAt, row.created_at.as_str());
        prop_assert!(row.local == typed);
        prop_assert_eq!(search(&conn, &name), [id]);
    }
}
