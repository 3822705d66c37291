//! A download by hand: decode as it streams, look each row up, stage what differs, then write it.
//!
//! It gives no promise of the core's: no lane is looked at, nothing is settled, nothing unsent is safe from it.

use super::{book, seal};
use crate::Done;
use rusqlite::{Connection, OptionalExtension, params};
use satchel::text::search_key::{digits, normalise, search_key};
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Rows of a transaction, as in the core.
const CHUNK: usize = 500;

macro_rules! row {
    ($($field:ident $wire:literal),+ $(,)?) => {
        /// What both sides agree on, spelt and ordered as the core keeps it.
        #[derive(Serialize, Deserialize, Default)]
        #[serde(default)]
        struct Row {
            #[serde(rename = "Code", skip_serializing)]
            code: String,
            #[serde(rename = "CustServerID", skip_serializing)]
            customer: String,
            #[serde(rename = "FromSystemID", skip_serializing)]
            system: String,
            $(#[serde(rename = $wire, skip_serializing_if = "String::is_empty")] $field: String),+
        }
    };
}
row! {
    age "Age", business "BizStatusID", collateral "CollateralStatusID", created "CreateDateClient",
    comment "CustComment", board "ExpectOnBoardDate", gender "GenderID", eligible "LoanEligibleID", latin "NameEn",
    khmer "NameKh", phone "Phone", day1 "PromotionDate1", day2 "PromotionDate2", day3 "PromotionDate3",
    status "ProspectStatusID", refer "ReferByID", referrer "ReferName", registered "RegisterDate", village "VillageID",
    old "IsOldCust", occupation "OccupationType", officer "COCommends",
}

/// `2/9/2021 11:59:00 PM` → `2021-02-09 23:59:00.000`.
fn canonical(text: &str) -> Option<String> {
    let (day, rest) = text.split_once(' ')?;
    let (time, half) = rest.split_once(' ')?;
    let mut day = day.split('/').map(str::parse::<u32>);
    let (month, date, year) = (day.next()?.ok()?, day.next()?.ok()?, day.next()?.ok()?);
    let mut time = time.split(':').map(str::parse::<u32>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let hour = hour % 12 + if half == "PM" { 12 } else { 0 };
    Some(format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}.000"))
}

impl Row {
    fn with_canonical_dates(mut self) -> Row {
        for date in [
            &mut self.created,
            &mut self.board,
            &mut self.day1,
            &mut self.day2,
            &mut self.day3,
            &mut self.registered,
        ] {
            if let Some(canonical) = canonical(date) {
                *date = canonical;
            }
        }
        self
    }

    fn server(&self) -> String {
        format!(r#"{{"FromSystemID":"{}"}}"#, self.system)
    }
}

/// The reply, each row handed on as it is read.
struct Reply<'a>(&'a mut dyn FnMut(Row) -> Done<()>);

impl<'de> Visitor<'de> for Reply<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rows")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element()? {
            (self.0)(row).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// Streams the sealed reply. What stands around the list is passed over.
fn stream(reply: &Path, mut each: impl FnMut(Row) -> Done<()>) -> Done<()> {
    let mut plain = BufReader::new(seal::Opening::new(File::open(reply)?)?);
    std::io::BufRead::skip_until(&mut plain, b'[')?;
    std::io::BufRead::skip_until(&mut plain, b'[')?;
    // The list's own bracket has been read: it is put back.
    let list = std::io::Read::chain(&b"["[..], plain);
    serde_json::Deserializer::from_reader(list).deserialize_seq(Reply(&mut each))?;
    Ok(())
}

/// A staged row.
#[derive(Serialize, Deserialize)]
struct Staged {
    code: String,
    system: String,
    row: Row,
}

/// Takes the whole reply in. Returns how many rows were new or different.
pub fn take(db: &mut Connection, reply: &Path) -> Done<usize> {
    let (mut chunk, mut staged) = (Vec::with_capacity(CHUNK), 0);
    stream(reply, |row| {
        chunk.push(row.with_canonical_dates());
        if chunk.len() == CHUNK {
            staged += stage(db, std::mem::take(&mut chunk), staged)?;
        }
        Ok(())
    })?;
    staged += stage(db, chunk, staged)?;
    for from in (0..staged).step_by(CHUNK) {
        write(db, from)?;
    }
    Ok(staged)
}

/// Looks each row up by its code; those that differ are staged, as JSON.
fn stage(db: &mut Connection, chunk: Vec<Row>, first: usize) -> Done<usize> {
    let mut differing = vec![];
    for row in chunk {
        let agreed = serde_json::to_string(&row)?;
        let mut known = db.prepare_cached("SELECT base, server FROM prospect WHERE code = ?1")?;
        let same = known
            .query_row([&row.code], |r| {
                Ok(r.get_ref(0)?.as_str()? == agreed && r.get_ref(1)?.as_str()? == row.server())
            })
            .optional()?;
        if same != Some(true) {
            let (code, system) = (row.code.clone(), row.system.clone());
            differing.push(serde_json::to_string(&Staged { code, system, row })?);
        }
    }
    if !differing.is_empty() {
        let tx = book::begin(db)?;
        for (seq, row) in (first..).zip(&differing) {
            tx.prepare_cached("INSERT INTO staged (download, seq, row) VALUES (1, ?1, ?2)")?
                .execute(params![seq as i64, row])?;
        }
        tx.commit()?;
    }
    Ok(differing.len())
}

/// Writes one chunk of staged rows; they leave the staging table in the same transaction.
fn write(db: &mut Connection, from: usize) -> Done<()> {
    let (from, to) = (from as i64, (from + CHUNK) as i64);
    let tx = book::begin(db)?;
    let texts: Vec<String> = tx
        .prepare_cached("SELECT row FROM staged WHERE download = 1 AND seq >= ?1 AND seq < ?2 ORDER BY seq")?
        .query_map([from, to], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached("DELETE FROM staged WHERE download = 1 AND seq >= ?1 AND seq < ?2")?
        .execute([from, to])?;
    let mut ids = vec![];
    for text in texts {
        ids.push(insert(&tx, &serde_json::from_str(&text)?)?);
    }
    if let [first, .., last] = ids[..] {
        tx.prepare_cached("REPLACE INTO feed (subject) VALUES (?1)")?
            .execute([format!("prospects:{first}-{last}")])?;
    }
    Ok(tx.commit()?)
}

fn insert(tx: &Connection, Staged { code, system, row }: &Staged) -> Done<i64> {
    let sorted =
        [&row.latin, &row.khmer].map(|name| normalise(name)).into_iter().find(|name| !name.is_empty());
    let list_key: String = sorted.unwrap_or_default().chars().take(64).collect();
    let search_key = search_key([&row.latin, &row.khmer, digits(&row.phone).as_str(), code]);
    let phone = digits(&row.phone);
    let phone_key = if phone.len() < 6 { "" } else { &phone[phone.len() - 6..] };
    let khmer = normalise(&row.khmer);
    let khmer_key = if khmer.chars().take(64).eq(list_key.chars()) { String::new() } else { khmer };
    let (fields, server) = (serde_json::to_string(row)?, format!(r#"{{"FromSystemID":"{system}"}}"#));
    tx.prepare_cached(
        "INSERT INTO prospect (code, created_at, own, local, base, server, revision, acked, life, unsent, status,
                               village, list_key, search_key, khmer_key, phone_key)
         VALUES (?1, ?2, 0, ?3, ?3, ?4, 0, 0, 'live', 0, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (code) DO UPDATE SET (local, base, server, status, village, list_key, search_key)
            = (excluded.local, excluded.base, excluded.server, excluded.status, excluded.village, excluded.list_key,
               excluded.search_key)",
    )?
    .execute(params![code, row.created, fields, server, row.status, row.village, list_key, search_key, khmer_key, phone_key])?;
    Ok(tx.last_insert_rowid())
}

/// What a book holds, as one number: equal books give equal ones.
pub fn digest(db: &Connection) -> Done<(i64, i64, i64)> {
    let sql = "SELECT count(*), sum(length(local) + length(base) + length(server) + length(created_at)),
                      sum(length(list_key) + length(search_key) + length(village)) FROM prospect WHERE own = 0";
    Ok(db.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?)
}
