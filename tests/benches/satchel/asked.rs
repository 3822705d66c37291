//! What the bank asks: a list of five hundred taken in, and shown with a thumbnail each.

use crate::Done;
use crate::canned::Canned;
use crate::floor::book;
use crate::onboarding::{setup, signed_in};
use crate::report::{Goal, Pair, Report, ms, timed};
use crate::shelf::Shelf;
use crate::world::{Setup, wait};
use rusqlite::types::Value as Column;
use rusqlite::{Connection, params, params_from_iter};
use satchel::Satchel;
use satchel::onboarding::{Query, Source};
use satchel::world::World;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const ACTIONS: usize = 500;
const ROUNDS: usize = 7;
/// Actions of a transaction, as in the core.
const CHUNK: usize = 250;

/// A reply of getUserActions.
fn reply(actions: usize) -> Value {
    let action = |n: usize| {
        json!({
            "UserActionName": format!("Proof{n}"), "UserActionStatus": "Created", "PartyId": "1778258145",
            "UserActionIdentifier": format!("Proof{n}_1778258145_3X88WLM"), "ProductId": "ALL",
            "ActionMetaData": {
                "Group": "Income", "Options": "", "NeedsReview": "false", "OptionsType": "", "Skippable": "false",
                "InformationText": "<h4>Rules</h4>Cannot contain: , * | :<br>File can’t exceed 2MB",
                "Description": "Salary slips, tax returns or others documents.", "isPreRequirement": "true",
                "Title": "Upload Income Proof documents %FirstName% %LastName%", "ActionLevel": "Applicant",
                "CategoryMetadata": { "identifier": "1778258145", "type": "Applicant" },
                "UserActionType": "DocumentUpload", "DynamicData": { "FirstName": "Virat", "LastName": "Kohli" },
            },
        })
    };
    let all: Vec<_> = (0..actions).map(action).collect();
    json!({ "Income": all, "count": actions, "opstatus": 0, "httpStatusCode": 0 })
}

/// A book that takes that reply in.
fn with_reply(root: &Path, path: &Path) -> Done<(Setup, Satchel)> {
    let setup = setup(root, "https://bank.example/api/", "https://bank.example/operations/")?;
    let setup = Setup { world: World { http: Arc::new(Canned::new(path)), ..setup.world }, ..setup };
    let satchel = signed_in(&setup)?;
    Ok((setup, satchel))
}

/// Into an empty book.
pub fn merged(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (path, mut pair) = (shelf.disk().join("actions.json"), Pair::default());
    std::fs::write(&path, reply(ACTIONS).to_string())?;
    for _ in 0..ROUNDS {
        let folder = shelf.folder()?;
        let (setup, satchel) = with_reply(&folder.path().join("product"), &path)?;
        let (time, taken) = timed(|| wait(satchel.download_actions()));
        pair.product.push(ms(time));
        if taken?.new != ACTIONS as u64 {
            return Err("not all came in".into());
        }
        wait(satchel.lock())?;
        let rows = rows(&book::open(&setup.file()?, None)?, "action")?;
        let mut db = book::create(&folder.path().join("floor.db"), None)?;
        db.execute_batch(include_str!("../../../core/migrations/0002_onboarding.sql"))?;
        let (time, done) = timed(|| by_hand(&mut db, &path, ACTION, &rows));
        done?;
        pair.floor.push(ms(time));
    }
    report.add("actions_merged", "ms", Goal::RatioAtMost(1.3), pair);
    Ok(())
}

pub fn rows(db: &Connection, table: &str) -> Done<Vec<Vec<Column>>> {
    let mut select = db.prepare(&format!("SELECT * FROM {table} ORDER BY id"))?;
    let columns = select.column_count();
    let rows = select.query_map([], |row| (0..columns).map(|n| row.get(n)).collect())?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a list holds, and where it lies: the list's key, the table, the column of the bank's own name.
#[derive(Clone, Copy)]
pub struct Kind {
    pub list: &'static str,
    pub table: &'static str,
    pub name: &'static str,
}

const ACTION: Kind = Kind { list: "Income", table: "action", name: "identifier" };

/// Read, staged, and written as the product wrote it.
pub fn by_hand(db: &mut Connection, reply: &Path, kind: Kind, rows: &[Vec<Column>]) -> Done<()> {
    let Kind { list, table, name } = kind;
    let reply: Value = serde_json::from_reader(std::io::BufReader::new(std::fs::File::open(reply)?))?;
    let actions = reply[list].as_array().ok_or("no list")?;
    for (chunk, actions) in actions.chunks(CHUNK).enumerate() {
        let tx = book::begin(db)?;
        for (n, action) in actions.iter().enumerate() {
            tx.prepare_cached("INSERT INTO staged (download, seq, row) VALUES (1, ?1, ?2)")?
                .execute(params![(chunk * CHUNK + n) as i64, action.to_string()])?;
        }
        tx.commit()?;
    }
    let marks = vec!["?"; rows.first().map_or(0, Vec::len)].join(", ");
    for (chunk, rows) in rows.chunks(CHUNK).enumerate() {
        let (from, tx) = ((chunk * CHUNK) as i64, book::begin(db)?);
        let range = params![from, from + CHUNK as i64];
        tx.prepare_cached("SELECT row FROM staged WHERE download = 1 AND seq >= ?1 AND seq < ?2")?
            .query_map(range, |row| row.get(0))?
            .try_for_each(|row: rusqlite::Result<String>| -> Done<()> {
                Ok(serde_json::from_str::<Value>(&row?).map(drop)?)
            })?;
        tx.prepare_cached("DELETE FROM staged WHERE download = 1 AND seq >= ?1 AND seq < ?2")?
            .execute(range)?;
        for row in rows {
            let known = format!("SELECT id FROM {table} WHERE {name} = ?1");
            let known = tx.prepare_cached(&known)?.exists([&row[1]])?;
            if known {
                return Err("it was there".into());
            }
            tx.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))?
                .execute(params_from_iter(row))?;
            let Column::Integer(id) = row[0] else { return Err("no number".into()) };
            tx.prepare_cached("REPLACE INTO feed (subject) VALUES (?1)")?
                .execute([format!("{table}:{id}")])?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// All of them with a paper each, as a screen shows them.
pub fn listed(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let (folder, mut pair) = (shelf.folder()?, Pair::default());
    let path = folder.path().join("actions.json");
    std::fs::write(&path, reply(ACTIONS).to_string())?;
    let (setup, satchel) = with_reply(&folder.path().join("product"), &path)?;
    wait(satchel.download_actions())?;
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/papers/house.png");
    for asking in wait(satchel.actions(Query::default()))? {
        wait(satchel.attach(asking.id, Source::Path(picture.clone()), "house.png", ""))?;
    }
    let db = book::open(&setup.file()?, None)?;
    for _ in 0..ROUNDS {
        let (time, shown) = timed(|| product(&satchel));
        pair.product.push(ms(time));
        let (time, read) = timed(|| floor(&db));
        pair.floor.push(ms(time));
        if shown? != read? {
            return Err("product and floor do not show the same".into());
        }
    }
    wait(satchel.lock())?;
    report.add("actions_listed", "ms", Goal::RatioAtMost(1.3), pair);
    Ok(())
}

/// Actions and the bytes of their thumbnails.
fn product(satchel: &Satchel) -> Done<(usize, usize)> {
    let all = wait(satchel.actions(Query::default()))?;
    let papers = all.iter().flat_map(|asking| asking.documents.clone()).collect();
    let small = wait(satchel.thumbnails(papers))?;
    Ok((all.len(), small.iter().flatten().map(Vec::len).sum()))
}

fn floor(db: &Connection) -> Done<(usize, usize)> {
    let mut papers = std::collections::BTreeMap::<i64, Vec<i64>>::new();
    let live = "SELECT action, id FROM document WHERE life <> 'withdrawn' ORDER BY action, id";
    let mut select = db.prepare_cached(live)?;
    for row in select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (action, id) = row?;
        papers.entry(action).or_default().push(id);
    }
    let mut select = db.prepare_cached("SELECT id, asked, answer, raw FROM action ORDER BY place, id")?;
    let all = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(3)?))
    })?;
    let (mut count, mut bytes) = (0, 0);
    for row in all {
        let (id, asked, _raw) = row?;
        serde_json::from_str::<Value>(&asked)?;
        count += 1;
        for paper in papers.get(&id).into_iter().flatten() {
            let mut one = db.prepare_cached("SELECT thumbnail FROM document WHERE id = ?1")?;
            bytes += one.query_row([paper], |row| row.get::<_, Vec<u8>>(0))?.len();
        }
    }
    Ok((count, bytes))
}
