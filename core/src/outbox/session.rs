//! The officer's secrets for the remotes, kept in her own encrypted book until they are refused or replaced.

use super::plan::SessionState;
use super::remote::Session;
use crate::error::Result;
use crate::feed::{self, Subject};
use crate::world::Secret;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// The secrets, and whether the server has refused them.
pub fn load(conn: &Connection, remote: &str, officer: &str) -> Result<Option<(Session, bool)>> {
    let row = conn
        .prepare_cached("SELECT secrets, refused FROM session WHERE remote = ?1 AND officer = ?2")?
        .query_row([remote, officer], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))
        .optional()?;
    Ok(row.map(|(secrets, refused)| {
        (Session { officer: officer.to_owned(), secrets: Secret::new(secrets) }, refused)
    }))
}

/// Is there a session that the server has not refused?
pub fn state(conn: &Connection, remote: &str, officer: &str) -> Result<SessionState> {
    Ok(match load(conn, remote, officer)? {
        Some((_, false)) => SessionState::Open,
        Some((_, true)) => SessionState::Refused,
        None => SessionState::Missing,
    })
}

/// Keeps new secrets; what waited for a sign-in goes on.
pub fn keep(
    tx: &Transaction<'_>,
    remote: &str,
    officer: &str,
    secrets: &Secret<String>,
    expires_wall: Option<i64>,
) -> Result<()> {
    tx.execute(
        "REPLACE INTO session (remote, officer, secrets, expires_wall, refused) VALUES (?1, ?2, ?3, ?4, 0)",
        params![remote, officer, secrets.reveal(), expires_wall],
    )?;
    touched(tx, remote)
}

/// The server said that the session is over: ask for one new sign-in.
pub fn refuse(tx: &Transaction<'_>, remote: &str, used: &Session) -> Result<()> {
    // Only the very secrets that were used: a sign-in that came meanwhile stands.
    let n = tx.execute(
        "UPDATE session SET refused = 1 WHERE remote = ?1 AND officer = ?2 AND secrets = ?3 AND refused = 0",
        params![remote, used.officer, used.secrets.reveal()],
    )?;
    if n > 0 { touched(tx, remote) } else { Ok(()) }
}

/// Forgets the secrets; the book stays.
pub fn forget(tx: &Transaction<'_>, remote: &str, officer: &str) -> Result<()> {
    tx.execute("DELETE FROM session WHERE remote = ?1 AND officer = ?2", [remote, officer])?;
    touched(tx, remote)
}

/// When the session ends as the app stated, unix ms.
pub fn ends(conn: &Connection, remote: &str, officer: &str) -> Result<Option<i64>> {
    Ok(conn
        .prepare_cached("SELECT expires_wall FROM session WHERE remote = ?1 AND officer = ?2")?
        .query_row([remote, officer], |r| r.get(0))
        .optional()?
        .flatten())
}

fn touched(tx: &Transaction<'_>, remote: &str) -> Result<()> {
    feed::touch(tx, &Subject::Session(remote.to_owned()).text()).map(drop)
}
