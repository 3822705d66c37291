//! The list of late payers: filters, and the order in which an officer would visit them.

use super::COLLECTION;
use super::model::{Recorded, ResultStage, TaskListed};
use super::rows::{self, ResultRow, TaskRow};
use crate::error::{Error, Problem, Result};
use crate::outbox::rows as outbox;
use crate::prospect::shows;
use crate::record::TaskId;
use crate::satchel::Satchel;
use crate::text::amount::Amount;
use crate::text::search_key::normalise;
use jiff::civil::Date;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// The most late payers of a page.
const MOST: usize = 500;

/// The longest search text, in characters.
const LONGEST_SEARCH: usize = 200;

/// What to list. Everything given must hold.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskQuery {
    /// Part of a name, an address, a phone number, a contract or a customer's code, as the officer types it.
    pub text: Option<String>,
    /// Overdue at least so far.
    pub overdue_from: Option<i64>,
    /// At least so much is to be paid.
    pub total_from: Option<Amount>,
    /// Only who has (or has not) promised here to pay.
    pub promised: Option<bool>,
    /// Only of this branch.
    pub branch: Option<String>,
    /// Only of whom something recorded has (or has not) not been settled with the bank.
    pub unsent: Option<bool>,
    /// Those too that the bank no longer lists.
    pub include_gone: bool,
    /// Go on after that page.
    pub after: Option<TaskCursor>,
    /// The most late payers of the page: 1 to 500.
    pub limit: usize,
}
shows!(TaskQuery { promised, unsent, include_gone, after, limit });

impl Default for TaskQuery {
    fn default() -> Self {
        TaskQuery {
            text: None,
            overdue_from: None,
            total_from: None,
            promised: None,
            branch: None,
            unsent: None,
            include_gone: false,
            after: None,
            limit: 50,
        }
    }
}

/// Where a page ended: opaque, and without personal data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TaskCursor(TaskId);

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after-{}", self.0.0)
    }
}

impl FromStr for TaskCursor {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let id = text.strip_prefix("after-").and_then(|id| id.parse().ok());
        let bad = Error::invalid("after", Problem::Form { expected: "the cursor of a page" });
        id.map(|id| TaskCursor(TaskId(id))).ok_or(bad)
    }
}

/// A page of late payers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TaskPage {
    /// In the order of visiting: whose promise has come, then who is furthest overdue and owes most, then who has promised
    /// for later, last those of whom something was recorded today.
    pub items: Vec<TaskListed>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<TaskCursor>,
    /// How many fit the query, on all pages.
    pub count: usize,
    /// What they are to pay together; `None` where that is beyond what an exact sum can hold.
    pub total: Option<Amount>,
    /// Those that belong here and cannot be decoded. They are still in the book.
    pub damaged: Vec<TaskId>,
}

impl Satchel {
    /// Late payers in the order in which an officer would visit them.
    ///
    /// # Errors
    /// `InvalidInput` for a search text that is too long. A cursor whose late payer no longer fits begins anew.
    pub async fn tasks(&self, query: TaskQuery) -> Result<TaskPage> {
        self.book.read(move |book, conn| page(conn, &query, book.civil_now()?.date())).await
    }

    /// A late payer with what was recorded of her here.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn task(&self, id: TaskId) -> Result<TaskListed> {
        self.book
            .read(move |book, conn| {
                let row = rows::task(conn, id)?;
                Ok(Joined::of(conn, Some(id), book.civil_now()?.date())?.listed(row))
            })
            .await
    }

    /// The branches of the late payers that the bank lists, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn task_branches(&self) -> Result<Vec<String>> {
        self.book
            .read(|_, conn| {
                let branches: BTreeSet<_> =
                    rows::tasks(conn, false, "")?.0.into_iter().map(|row| row.task.branch).collect();
                Ok(branches.into_iter().filter(|branch| !branch.is_empty()).collect())
            })
            .await
    }
}

fn page(conn: &Connection, query: &TaskQuery, today: Date) -> Result<TaskPage> {
    let text = query.text.as_deref().unwrap_or_default();
    if text.chars().nth(LONGEST_SEARCH).is_some() {
        return Err(Error::invalid("text", Problem::TooLong { max: LONGEST_SEARCH }));
    }
    let (found, damaged) = rows::tasks(conn, query.include_gone, &normalise(text))?;
    let joined = Joined::of(conn, None, today)?;
    let mut items: Vec<_> = found.into_iter().map(|row| joined.listed(row)).collect();
    items.retain(|item| fits(query, item));
    items.sort_by_cached_key(|item| visited(item, today));
    let count = items.len();
    let total = Amount::sum(items.iter().filter_map(|item| item.task.total));
    let after = query.after.and_then(|TaskCursor(id)| items.iter().position(|item| item.id == id));
    items.drain(..after.map_or(0, |at| at + 1));
    let more = items.len() > query.limit.clamp(1, MOST);
    items.truncate(query.limit.clamp(1, MOST));
    let next = items.last().filter(|_| more).map(|item| TaskCursor(item.id));
    Ok(TaskPage { items, next, count, total, damaged })
}

fn fits(query: &TaskQuery, item: &TaskListed) -> bool {
    let promised = item.last.as_ref().is_some_and(|last| last.promised.is_some());
    query.overdue_from.is_none_or(|from| item.task.overdue.is_some_and(|overdue| overdue >= from))
        && query.total_from.is_none_or(|from| item.task.total.is_some_and(|total| total >= from))
        && query.promised.is_none_or(|wanted| wanted == promised)
        && query.branch.as_ref().is_none_or(|branch| *branch == item.task.branch)
        && query.unsent.is_none_or(|wanted| wanted == (item.unsent > 0))
}

/// Who comes first: by the least of these.
type Order = (bool, u8, Reverse<Option<i64>>, Reverse<Option<Amount>>, String, TaskId);

fn visited(item: &TaskListed, today: Date) -> Order {
    let promised = item.last.as_ref().and_then(|last| last.promised);
    let rank = match promised {
        _ if item.today => 3,
        Some(day) if day <= today => 0,
        Some(_) => 2,
        None => 1,
    };
    let (overdue, total) = (Reverse(item.task.overdue), Reverse(item.task.total));
    (item.gone, rank, overdue, total, item.task.name.clone(), item.id)
}

/// What was recorded, by late payer.
struct Joined {
    results: BTreeMap<TaskId, Vec<ResultRow>>,
    open: BTreeSet<String>,
    today: Date,
}

impl Joined {
    fn of(conn: &Connection, task: Option<TaskId>, today: Date) -> Result<Self> {
        let mut results: BTreeMap<TaskId, Vec<ResultRow>> = BTreeMap::new();
        for row in rows::results(conn, task)? {
            results.entry(row.task).or_default().push(row);
        }
        Ok(Self { results, open: outbox::open_lanes(conn, COLLECTION)?, today })
    }

    fn listed(&self, TaskRow { id, task, gone }: TaskRow) -> TaskListed {
        let of = self.results.get(&id).map_or(&[][..], Vec::as_slice);
        let kept = || of.iter().filter(|row| row.stage != ResultStage::Withdrawn);
        let day = |row: &ResultRow| row.fields.collected.map(|at| at.date());
        let last = kept().max_by_key(|row| (row.fields.collected, row.id)).and_then(|row| {
            let fields = row.fields.clone();
            Some(Recorded {
                id: row.id,
                result: fields.result,
                collected: fields.collected?,
                promised: fields.promised,
            })
        });
        TaskListed {
            id,
            task,
            gone,
            last,
            today: kept().any(|row| day(row) == Some(self.today)),
            unsent: of.iter().filter(|row| self.open.contains(&row.id.lane())).count() as i64,
        }
    }
}
