//! The outbox's SQL. Moves are compare-and-set: zero rows means that somebody else moved the entry.

mod heads;

pub use heads::{heads, sending};

use super::entry::{Effect, Entry, EntryId, Head, NetClass, Payload, Reason, State};
use super::policy::Move;
use crate::error::Result;
use crate::store::hex;
use crate::world::{Clock, Steady};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::collections::BTreeSet;

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Decides.
    pub steady: Steady,
    /// Is shown.
    pub wall: i64,
}

impl Now {
    /// Looks at the clock.
    pub fn of(clock: &dyn Clock) -> Self {
        Self { steady: clock.steady(), wall: clock.wall() }
    }
}

/// An entry to be made.
pub struct NewEntry<'a> {
    pub remote: &'a str,
    pub lane: &'a str,
    pub verb: &'a str,
    pub effect: Effect,
    pub class: NetClass,
    pub author: &'a str,
    pub after: Option<EntryId>,
    pub body: Option<Payload>,
}

const COLUMNS: &str = "id, verb, effect, author, state, attempt, due, since, alone, doubts, reason, remote, lane, \
                       class, after, body, sent, sent_rev, sent_wall, since_wall, made_wall, receipt";
const UNSETTLED: &str = "state NOT IN ('done', 'closed')";

/// A text, whatever its bytes are: where they are no text, this entry cannot be decoded, and the others can.
fn text(r: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    match r.get_ref(column)? {
        ValueRef::Text(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        _ => r.get(column),
    }
}

fn head(r: &Row<'_>) -> rusqlite::Result<Head> {
    let given = |column| Ok::<_, rusqlite::Error>(text(r, column)?.unwrap_or_default());
    let reason = text(r, 10)?;
    Ok(Head {
        id: EntryId(r.get(0)?),
        verb: given(1)?,
        effect: r.get(2)?,
        author: given(3)?,
        state: r.get(4)?,
        attempt: r.get(5)?,
        due: r.get::<_, Option<i64>>(6)?.map(Steady),
        since: Steady(r.get(7)?),
        alone: r.get(8)?,
        doubts: r.get(9)?,
        // A reason this version cannot read is shown as such; the entry itself is whole.
        reason: reason
            .map(|j| serde_json::from_str(&j).unwrap_or_else(|_| Reason::code("unreadable_reason"))),
    })
}

fn entry(r: &Row<'_>) -> rusqlite::Result<Entry> {
    let given = |column| Ok::<_, rusqlite::Error>(text(r, column)?.unwrap_or_default());
    let payload = |column| Ok::<_, rusqlite::Error>(text(r, column)?.map(Payload));
    Ok(Entry {
        head: head(r)?,
        remote: given(11)?,
        lane: given(12)?,
        class: r.get(13)?,
        after: r.get::<_, Option<i64>>(14)?.map(EntryId),
        body: payload(15)?,
        sent: payload(16)?,
        sent_rev: r.get(17)?,
        sent_wall: r.get(18)?,
        since_wall: r.get(19)?,
        made_wall: r.get(20)?,
        receipt: payload(21)?,
    })
}

fn many(conn: &Connection, rest: &str, args: impl rusqlite::Params) -> Result<Vec<Entry>> {
    let mut rows = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox AS o WHERE {rest}"))?;
    Ok(rows.query_map(args, entry)?.collect::<rusqlite::Result<_>>()?)
}

/// Makes an entry, ready to be sent.
pub fn insert(tx: &Transaction<'_>, e: &NewEntry<'_>, now: Now) -> Result<EntryId> {
    tx.prepare_cached(
        "INSERT INTO outbox (remote, lane, verb, effect, class, author, after, state, body, since, since_wall, made_wall)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'ready', ?8, ?9, ?10, ?10)",
    )?
    .execute(params![
        e.remote, e.lane, e.verb, e.effect, e.class, e.author,
        e.after.map(|a| a.0), e.body.as_ref().map(|b| &b.0), now.steady.0, now.wall
    ])?;
    Ok(EntryId(tx.last_insert_rowid()))
}

/// One entry.
pub fn get(conn: &Connection, id: EntryId) -> Result<Option<Entry>> {
    let mut row = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"))?;
    Ok(row.query_row([id.0], entry).optional()?)
}

/// The entries of a lane that are not settled, oldest first.
pub fn open_of_lane(conn: &Connection, lane: &str) -> Result<Vec<Entry>> {
    many(conn, &format!("lane = ?1 AND {UNSETTLED} ORDER BY id"), [lane])
}

/// Is anything of a lane not settled?
pub fn lane_open(conn: &Connection, lane: &str) -> Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM outbox WHERE lane = ?1 AND {UNSETTLED})");
    Ok(conn.prepare_cached(&sql)?.query_row([lane], |r| r.get(0))?)
}

/// The lanes of a remote in which anything is not settled.
pub fn open_lanes(conn: &Connection, remote: &str) -> Result<BTreeSet<String>> {
    let sql = format!("SELECT DISTINCT lane FROM outbox WHERE remote = ?1 AND {UNSETTLED}");
    let mut rows = conn.prepare_cached(&sql)?;
    Ok(rows.query_map([remote], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// When an entry of a lane was done last, steady time.
pub fn last_done(conn: &Connection, lane: &str) -> Result<Option<Steady>> {
    let sql = "SELECT since FROM outbox WHERE lane = ?1 AND state = 'done' ORDER BY id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([lane], |r| r.get(0)).optional()?.map(Steady))
}

/// Every entry of a lane, oldest first: its history.
pub fn all_of_lane(conn: &Connection, lane: &str) -> Result<Vec<Entry>> {
    many(conn, "lane = ?1 ORDER BY id", [lane])
}

/// What waits, oldest first, from `after` on.
pub fn waiting(conn: &Connection, after: EntryId, limit: usize) -> Result<Vec<Entry>> {
    many(conn, &format!("id > ?1 AND {UNSETTLED} ORDER BY id LIMIT ?2"), (after.0, limit as i64))
}

/// What asks the officer, oldest first.
pub fn asking(conn: &Connection, limit: usize) -> Result<Vec<Entry>> {
    many(conn, "state = 'asks' ORDER BY id LIMIT ?1", [limit as i64])
}

/// Entries whose outcome a read-back can settle: begun (or, in a restored book, perhaps begun) and not settled.
pub fn begun(conn: &Connection, remote: &str, verb: &str) -> Result<Vec<Entry>> {
    many(
        conn,
        "remote = ?1 AND verb = ?2 AND (state IN ('sending', 'doubtful', 'asks') OR (state = 'ready' AND attempt > 0)) ORDER BY id",
        (remote, verb),
    )
}

/// ready → sending: the intent, with the fields as sent. `false`: somebody else moved it.
pub fn begin(
    tx: &Transaction<'_>,
    e: &Entry,
    sent: &Payload,
    sent_rev: Option<i64>,
    now: Now,
) -> Result<bool> {
    let n = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'sending', attempt = attempt + 1, sent = ?3, sent_rev = ?4, sent_wall = ?5,
                    since = ?6, since_wall = ?5, due = NULL
             WHERE id = ?1 AND state = 'ready' AND attempt = ?2",
        )?
        .execute(params![e.head.id.0, e.head.attempt, sent.0, sent_rev, now.wall, now.steady.0])?;
    Ok(n == 1)
}

/// How an entry is written after a move.
struct After<'a> {
    state: State,
    due: Option<Steady>,
    reason: Option<&'a Reason>,
    receipt: Option<&'a Payload>,
    alone: bool,
    /// `since` stays: the entry only waits longer.
    stays: bool,
}

impl<'a> After<'a> {
    fn of(seen: &Head, to: &'a Move) -> Self {
        let at = |state| After { state, due: None, reason: None, receipt: None, alone: false, stays: false };
        match to {
            Move::Done(receipt) => After { receipt: Some(receipt), ..at(State::Done) },
            Move::Refused(reason) => After { reason: Some(reason), ..at(State::Refused) },
            Move::Doubtful { reason, alone } => {
                After { reason: Some(reason), alone: *alone, ..at(State::Doubtful) }
            }
            Move::Ready { due, reason } => After { due: *due, reason: reason.as_ref(), ..at(State::Ready) },
            Move::Asks { reason, rows } => {
                After { reason: Some(reason), receipt: rows.as_ref(), ..at(State::Asks) }
            }
            Move::Closed(reason) => After { reason: Some(reason), ..at(State::Closed) },
            Move::Later { due } => After { due: Some(*due), stays: true, ..at(seen.state) },
        }
    }
}

/// Moves an entry if it still is where the decision saw it (state and attempt). `false`: somebody else moved it.
/// What proved or was shown before goes: a later answer must not speak of the rows of an older question.
pub fn shift(tx: &Transaction<'_>, seen: &Head, to: &Move, now: Now) -> Result<bool> {
    let after = After::of(seen, to);
    let reason = after.reason.map(Payload::encode).transpose()?;
    let n = tx
        .prepare_cached(
            "UPDATE outbox SET state = ?4, due = ?5, reason = CASE WHEN ?8 THEN reason ELSE ?6 END,
                    receipt = iif(?8, receipt, ?7), alone = max(alone, ?9),
                    doubts = doubts + (?4 = 'doubtful' AND state <> 'doubtful'),
                    resent = resent + (?4 = 'ready' AND state = 'doubtful' AND effect = 'create'),
                    since = iif(?8, since, ?10), since_wall = iif(?8, since_wall, ?11)
             WHERE id = ?1 AND state = ?2 AND attempt = ?3",
        )?
        .execute(params![
            seen.id.0,
            seen.state,
            seen.attempt,
            after.state,
            after.due.map(|d| d.0),
            reason.map(|r| r.0),
            after.receipt.map(|r| &r.0),
            after.stays,
            after.alone,
            now.steady.0,
            now.wall
        ])?;
    if n == 1 {
        children(tx, seen.id, after.state, now)?;
    }
    Ok(n == 1)
}

/// A child of a refused, asking or closed parent is blocked, and free again when the parent moves on.
fn children(tx: &Transaction<'_>, parent: EntryId, state: State, now: Now) -> Result<()> {
    let (from, to) = match state {
        State::Refused | State::Asks | State::Closed | State::Blocked | State::SetAside => {
            ("ready", "blocked")
        }
        State::Ready | State::Sending | State::Doubtful | State::Done => ("blocked", "ready"),
    };
    tx.prepare_cached(
        "UPDATE outbox SET state = ?3, since = ?4, since_wall = ?5 WHERE after = ?1 AND state = ?2",
    )?
    .execute(params![parent.0, from, to, now.steady.0, now.wall])?;
    Ok(())
}

/// An entry that has not left waits for another one from now on, or for none.
pub fn wait_for(tx: &Transaction<'_>, id: EntryId, after: Option<EntryId>, now: Now) -> Result<()> {
    let sql = "UPDATE outbox SET after = ?2, state = 'ready' WHERE id = ?1 AND state IN ('ready', 'blocked')";
    tx.prepare_cached(sql)?.execute(params![id.0, after.map(|a| a.0)])?;
    let parent = after.map(|after| get(tx, after)).transpose()?.flatten();
    parent.map_or(Ok(()), |parent| children(tx, parent.head.id, parent.head.state, now))
}

/// The officer has changed it: what is ready in its lane need not wait any longer.
pub fn now(tx: &Transaction<'_>, lane: &str) -> Result<()> {
    let sql = "UPDATE outbox SET due = NULL WHERE lane = ?1 AND state = 'ready' AND due IS NOT NULL";
    tx.prepare_cached(sql)?.execute([lane])?;
    Ok(())
}

/// What is ready need not wait any longer, whatever was learnt about it.
pub fn all_now(tx: &Transaction<'_>, remote: &str, class: NetClass) -> Result<()> {
    let sql = "UPDATE outbox SET due = NULL
               WHERE remote = ?1 AND class = ?2 AND state = 'ready' AND due IS NOT NULL";
    tx.prepare_cached(sql)?.execute((remote, class))?;
    Ok(())
}

/// Ready entries wait until `due`, and share no call from then on if `alone`; what has moved meanwhile is left as it is.
pub fn later(tx: &Transaction<'_>, ids: &[EntryId], due: Steady, alone: bool) -> Result<()> {
    let sql = "UPDATE outbox SET due = ?2, alone = max(alone, ?3) WHERE id = ?1 AND state = 'ready'";
    let mut later = tx.prepare_cached(sql)?;
    ids.iter().try_for_each(|id| Ok(later.execute((id.0, due.0, alone)).map(drop)?))
}

/// The officer has looked: the doubts count anew. That there was one is kept: a repeated reject may find nothing.
pub fn forget_doubts(tx: &Transaction<'_>, id: EntryId) -> Result<()> {
    tx.execute("UPDATE outbox SET doubts = min(doubts, 1) WHERE id = ?1", [id.0])?;
    Ok(())
}

/// Entries by state.
pub struct Counts {
    pub by_state: Vec<(State, i64)>,
    /// When the oldest unsettled one was made, unix ms.
    pub oldest_wall: Option<i64>,
}

impl Counts {
    pub fn of(conn: &Connection) -> Result<Self> {
        let mut rows =
            conn.prepare_cached("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state")?;
        let by_state =
            rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let oldest = format!("SELECT min(made_wall) FROM outbox WHERE {UNSETTLED}");
        Ok(Self { by_state, oldest_wall: conn.prepare_cached(&oldest)?.query_row([], |r| r.get(0))? })
    }

    pub fn unsettled(&self) -> i64 {
        self.by_state.iter().filter(|(state, _)| !state.settled()).map(|(_, n)| n).sum()
    }

    pub fn in_state(&self, state: State) -> i64 {
        self.by_state.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
    }
}

/// How many creates were sent again because a read-back did not find them.
pub fn resent(conn: &Connection) -> Result<i64> {
    Ok(conn
        .prepare_cached("SELECT coalesce(sum(resent), 0) FROM outbox WHERE resent > 0")?
        .query_row([], |r| r.get(0))?)
}

/// When anything moved last, unix ms; 0 when nothing ever did.
pub fn newest_wall(conn: &Connection) -> Result<i64> {
    let sql = "SELECT coalesce(max(since_wall), 0) FROM outbox WHERE state IN ('done', 'closed')";
    Ok(conn.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

/// Settled entries older than `before` (unix ms) shrink to lane, verb, code, times and a digest; at most `most` a call.
pub fn shrink(tx: &Transaction<'_>, before: i64, most: usize) -> Result<usize> {
    let digest = |text: &str| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        format!("\"sha256:{}\"", hex(hash.as_ref()))
    };
    let old = many(
        tx,
        "state IN ('done', 'closed') AND since_wall < ?1 AND (body IS NOT NULL OR sent NOT LIKE '\"sha256:%') \
         ORDER BY since_wall LIMIT ?2",
        (before, most as i64),
    )?;
    for e in &old {
        let sent = e.sent.as_ref().or(e.body.as_ref()).map(|p| digest(&p.0));
        tx.execute("UPDATE outbox SET body = NULL, sent = ?2 WHERE id = ?1", params![e.head.id.0, sent])?;
    }
    Ok(old.len())
}

/// Notes what was sent, as well as it is known, for an entry of a restored book.
pub fn keep_sent(tx: &Transaction<'_>, id: EntryId, sent: &Payload, rev: i64) -> Result<()> {
    tx.execute("UPDATE outbox SET sent = ?2, sent_rev = ?3 WHERE id = ?1", params![id.0, sent.0, rev])?;
    Ok(())
}

/// Keeps what an entry would have sent, where its row no longer does.
pub fn keep_body(tx: &Transaction<'_>, id: EntryId, body: &Payload) -> Result<()> {
    tx.execute("UPDATE outbox SET body = ?2 WHERE id = ?1", params![id.0, body.0])?;
    Ok(())
}

/// Sets an entry aside that cannot be decoded: kept, visible, and in nobody's way but its own lane's.
pub fn set_aside(tx: &Transaction<'_>, id: EntryId, reason: &Reason, now: Now) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET state = 'set_aside', reason = ?2, since = ?3, since_wall = ?4 WHERE id = ?1",
        params![id.0, Payload::encode(reason)?.0, now.steady.0, now.wall],
    )?;
    children(tx, id, State::SetAside, now)
}

/// Writes a decision of the officer down.
pub fn decided(
    tx: &Transaction<'_>,
    e: &Entry,
    officer: &str,
    shown: &Payload,
    chosen: &Payload,
    now: Now,
) -> Result<()> {
    tx.execute(
        "INSERT INTO decision (entry, lane, officer, wall, shown, chosen) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![e.head.id.0, e.lane, officer, now.wall, shown.0, chosen.0],
    )?;
    Ok(())
}
