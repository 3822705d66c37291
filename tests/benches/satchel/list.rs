//! The list, its filters and its search, at ten thousand and at a hundred thousand records.

use crate::Done;
use crate::floor::book;
use crate::report::{Goal, Pair, Report, timed, us};
use crate::sample::{BRANCH, COMMON, RARE, STATUS};
use crate::shelf::Shelf;
use crate::world::wait;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use satchel::Satchel;
use satchel::prospect::Query;
use serde::Deserialize;
use std::borrow::Cow;

const SMALL: u64 = 10_000;
const LARGE: u64 = 100_000;
const LIMIT: usize = 50;

/// What is asked for, in the product's words and in SQL.
struct Asked {
    query: Query,
    clause: &'static str,
    values: Vec<Value>,
    /// The record after which the page begins.
    after: Option<i64>,
}

/// Fifty records from the middle of the list.
pub fn page(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let asked = |rows: u64| -> Done<Asked> {
        let after = (rows / 2) as i64;
        let cursor = format!("after-{after}").parse()?;
        Ok(Asked {
            query: Query { after: Some(cursor), ..Query::default() },
            clause: "",
            values: vec![],
            after: Some(after),
        })
    };
    let small = measure(shelf, SMALL, &asked(SMALL)?, 300)?;
    let large = measure(shelf, LARGE, &asked(LARGE)?, 300)?;
    let grown = Pair { product: large.product.clone(), floor: small.product.clone() };
    report.add("page_10k", "us", Goal::RatioAtMost(1.3), small);
    report.add("page_100k", "us", Goal::RatioAtMost(1.3), large);
    report.add("page_100k_over_10k", "us", Goal::RatioAtMost(1.5), grown);
    Ok(())
}

/// One in fifty: a status in a branch.
pub fn filter(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let query = Query {
        status: Some(STATUS.to_owned()),
        village_prefix: Some(BRANCH.to_owned()),
        ..Query::default()
    };
    let values = [STATUS, BRANCH, BRANCH].map(|text| Value::from(text.to_owned())).to_vec();
    let clause = "AND status = ? AND substr(village, 1, length(?)) = ?";
    both(shelf, report, "filter", &Asked { query, clause, values, after: None }, 100)
}

/// One hit in the whole book.
pub fn search_rare(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    both(shelf, report, "search_rare", &search(RARE), 40)
}

/// So many hits that the first page is near the beginning.
pub fn search_common(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    both(shelf, report, "search_common", &search(COMMON), 200)
}

fn search(text: &str) -> Asked {
    let values = vec![Value::from(text.to_owned())];
    let query = Query { text: Some(text.to_owned()), ..Query::default() };
    Asked { query, clause: "AND instr(search_key, ?) > 0", values, after: None }
}

fn both(shelf: &mut Shelf, report: &mut Report, job: &str, asked: &Asked, calls: u32) -> Done<()> {
    for (rows, name) in [(SMALL, "10k"), (LARGE, "100k")] {
        let pair = measure(shelf, rows, asked, calls)?;
        report.add(format!("{job}_{name}"), "us", Goal::RatioAtMost(1.3), pair);
    }
    Ok(())
}

/// In turns, call by call. Both read the same file.
fn measure(shelf: &mut Shelf, rows: u64, asked: &Asked, calls: u32) -> Done<Pair> {
    let setup = shelf.book(rows)?;
    let satchel = setup.open()?;
    let db = book::open(&setup.file()?, None)?;
    let (mine, by_hand) = (product(&satchel, asked)?, floor(&db, asked)?);
    if mine != by_hand || mine.is_empty() {
        return Err(format!("{} records against {}, or others", mine.len(), by_hand.len()).into());
    }
    let mut pair = Pair::default();
    for _ in 0..calls {
        let (time, done) = timed(|| product(&satchel, asked));
        done?;
        pair.product.push(us(time));
        let (time, done) = timed(|| floor(&db, asked));
        done?;
        pair.floor.push(us(time));
    }
    wait(satchel.lock())?;
    Ok(pair)
}

/// What a line of the list shows.
type Line = (i64, String, String, String);

fn product(satchel: &Satchel, asked: &Asked) -> Done<Vec<Line>> {
    let page = wait(satchel.list(asked.query.clone()))?;
    Ok(page.items.into_iter().map(|item| (item.id.0, item.name_en, item.name_kh, item.phone)).collect())
}

/// The names are in the record's JSON alone.
#[derive(Deserialize)]
struct Names<'a> {
    #[serde(rename = "NameEn", borrow, default)]
    latin: Cow<'a, str>,
    #[serde(rename = "NameKh", borrow, default)]
    khmer: Cow<'a, str>,
    #[serde(rename = "Phone", borrow, default)]
    phone: Cow<'a, str>,
}

fn floor(db: &Connection, asked: &Asked) -> Done<Vec<Line>> {
    let mut values = vec![];
    let mut place = "";
    if let Some(id) = asked.after {
        let mut key = db.prepare_cached("SELECT list_key FROM prospect WHERE id = ?1")?;
        values.push(Value::Text(key.query_row([id], |row| row.get(0))?));
        values.push(Value::Integer(id));
        place = "AND (list_key, id) > (?, ?)";
    }
    values.extend(asked.values.iter().cloned());
    let sql = format!(
        "SELECT id FROM prospect INDEXED BY prospect_list WHERE life = 'live' {place} {} ORDER BY list_key, id LIMIT {}",
        asked.clause,
        LIMIT + 1
    );
    let mut select = db.prepare_cached(&sql)?;
    let ids = select.query_map(params_from_iter(values), |row| row.get(0))?;
    let ids = ids.collect::<rusqlite::Result<Vec<i64>>>()?;
    let one =
        "SELECT code, local, status, village, unsent, theirs IS NOT NULL, life FROM prospect WHERE id = ?1";
    let mut one = db.prepare_cached(one)?;
    let mut lines = Vec::with_capacity(LIMIT);
    for id in ids.into_iter().take(LIMIT) {
        let local: String = one.query_row([id], |row| row.get(1))?;
        let Names { latin, khmer, phone } = serde_json::from_str(&local)?;
        lines.push((id, latin.into_owned(), khmer.into_owned(), phone.into_owned()));
    }
    Ok(lines)
}
