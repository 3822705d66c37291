//! What the book knows about a remote beyond one run.

use super::remote::Remote;
use crate::error::Result;
use crate::feed::{self, Subject};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

super::entry::words! {
    /// Does the server keep the natural key to the second? Only then can absence prove anything.
    KeyTrust {
        /// No confirmed create has been read back yet.
        Unverified = "unverified",
        /// A confirmed create came back with its key.
        Verified = "verified",
        /// A confirmed create came back with another key: absence always asks.
        Broken = "broken",
    }
}

/// The row; all empty while there is none.
#[derive(Clone, Debug)]
pub struct RemoteRow {
    pub key: KeyTrust,
    /// Why sending is paused by hand.
    pub paused: Option<String>,
    /// Why its last answers were unusable.
    pub trouble: Option<String>,
    /// Unix ms when the last complete download was asked for.
    pub downloaded_wall: Option<i64>,
    /// That download's counts and digest (JSON).
    pub digest: Option<String>,
}

pub fn get(conn: &Connection, id: &str) -> Result<RemoteRow> {
    let row = conn
        .prepare_cached(
            "SELECT natural_key, paused, trouble, downloaded_wall, digest FROM remote WHERE id = ?1",
        )?
        .query_row([id], |r| {
            Ok(RemoteRow {
                key: r.get(0)?,
                paused: r.get(1)?,
                trouble: r.get(2)?,
                downloaded_wall: r.get(3)?,
                digest: r.get(4)?,
            })
        })
        .optional()?;
    Ok(row.unwrap_or(RemoteRow {
        key: KeyTrust::Unverified,
        paused: None,
        trouble: None,
        downloaded_wall: None,
        digest: None,
    }))
}

/// Why this remote is paused, by hand or by the profile; `None`: it is not.
pub fn paused(conn: &Connection, remote: &dyn Remote) -> Result<Option<String>> {
    Ok(get(conn, remote.id())?.paused.or_else(|| remote.rules().paused.clone()))
}

/// Pauses (with a reason shown to the officer) or lets go on.
pub fn set_paused(tx: &Transaction<'_>, id: &str, reason: Option<&str>) -> Result<()> {
    set(tx, id, "paused", reason)
}

/// Notes that settings or key seem wrong, or that they are right again.
pub fn set_trouble(tx: &Transaction<'_>, id: &str, trouble: Option<&str>) -> Result<()> {
    if get(tx, id)?.trouble.as_deref() == trouble {
        return Ok(());
    }
    set(tx, id, "trouble", trouble)
}

/// What a read showed about the natural key. Broken stays broken until a later read shows otherwise everywhere.
pub fn set_key(tx: &Transaction<'_>, id: &str, key: KeyTrust) -> Result<()> {
    if get(tx, id)?.key == key {
        return Ok(());
    }
    set(tx, id, "natural_key", Some(key.word()))
}

/// A complete download.
pub fn set_downloaded(tx: &Transaction<'_>, id: &str, wall: i64, digest: &str) -> Result<()> {
    set(tx, id, "digest", Some(digest))?;
    tx.execute("UPDATE remote SET downloaded_wall = ?2 WHERE id = ?1", params![id, wall])?;
    Ok(())
}

/// `column` is one of this file's own words, never input.
fn set(tx: &Transaction<'_>, id: &str, column: &'static str, value: Option<&str>) -> Result<()> {
    tx.execute("INSERT INTO remote (id) VALUES (?1) ON CONFLICT DO NOTHING", [id])?;
    tx.execute(&format!("UPDATE remote SET {column} = ?2 WHERE id = ?1"), params![id, value])?;
    feed::touch(tx, &Subject::Remote(id.to_owned()).text()).map(drop)
}
