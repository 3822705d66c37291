//! What a look at the outbox sees: the heads of the lanes, and what a run that died was sending.

use super::{Entry, Head, NetClass, many};
use crate::error::Result;
use crate::outbox::policy::code;
use crate::world::Steady;
use rusqlite::Connection;

/// The heads of the lanes, as far as a decision needs them: `most` that may leave now, `most` that come next,
/// and the oldest 1000 whose outcome must be read. They are `author`'s: nobody else's stands before them, nor can
/// her session settle another one's doubts. What is cut off belongs to whoever finds it.
pub fn heads(
    conn: &Connection,
    remote: &str,
    class: NetClass,
    author: &str,
    now: Steady,
    most: usize,
) -> Result<Vec<Head>> {
    const FIRST: &str = "remote = ?1 AND class = ?2 AND NOT EXISTS (SELECT 1 FROM outbox AS x WHERE x.lane = o.lane \
                         AND x.id < o.id AND x.state NOT IN ('done', 'closed'))";
    const FREE: &str = "(after IS NULL OR (SELECT state FROM outbox AS a WHERE a.id = o.after) = 'done')";
    // The same as `policy::still_read`; a reason that is no JSON must not fail the question for all.
    let read_on = format!(
        "state = 'asks' AND CASE WHEN json_valid(reason) THEN json_extract(reason, '$.code') END = '{}'",
        code::NO_VERDICT
    );
    let ready = format!("{FIRST} AND state = 'ready' AND author = ?5 AND {FREE}");
    let leaves = format!("{ready} AND (due IS NULL OR due <= ?3) ORDER BY id LIMIT ?4");
    let next = format!("{ready} AND due > ?3 ORDER BY due, id LIMIT ?4");
    let hers = format!("author = ?4 AND (state = 'doubtful' OR ({read_on}))");
    let read = format!("{FIRST} AND (state = 'sending' OR ({hers})) ORDER BY id LIMIT ?3");
    let most = most as i64;
    let mut found = many(conn, &leaves, (remote, class, now.0, most, author))?;
    found.extend(many(conn, &next, (remote, class, now.0, most, author))?);
    found.extend(many(conn, &read, (remote, class, most.max(1000), author))?);
    let mut heads: Vec<_> = found.into_iter().map(|e| e.head).collect();
    heads.sort_by_key(|h| h.id);
    Ok(heads)
}

/// Entries written down as being sent: with no call under way, their outcome is not known.
pub fn sending(conn: &Connection, remote: &str, class: NetClass) -> Result<Vec<Entry>> {
    many(conn, "remote = ?1 AND class = ?2 AND state = 'sending' ORDER BY id", (remote, class))
}
