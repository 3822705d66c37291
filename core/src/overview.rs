//! Where things are: the standing of one record, a summary of the book, what waits and why, a record's history.

use crate::asks;
use crate::book::{Book, Mode};
use crate::collection;
use crate::crm;
use crate::error::Result;
use crate::onboarding;
use crate::outbox::entry::{Entry, EntryId, NetClass, State};
use crate::outbox::{remote_row, rows as outbox, session};
use crate::prospect::{self, rows};
use crate::record::Record;
use crate::satchel::Satchel;
use crate::stamp::Question;
use crate::standing::{self, Around, Place, Standing};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole book in numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Records by where they are.
    pub by_place: BTreeMap<Place, i64>,
    /// Entries not settled.
    pub unsent: i64,
    /// When the oldest of them was made, unix ms.
    pub oldest_unsent_wall: Option<i64>,
    /// Entries by state.
    pub by_state: BTreeMap<&'static str, i64>,
    /// Sends that were repeated because a read-back did not find them: the way to a double that is *admitted*.
    pub resent_on_absence: i64,
}

/// An entry as the officer or support sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Waiting {
    /// Its number.
    pub entry: i64,
    /// Handed back with an answer (`decide`). `None` where there is nothing to answer here: it is settled, or under way,
    /// or it asks, and then `asks` has the question with the rows that belong to it (a conflict is its record's).
    #[serde(skip)]
    pub question: Option<Question>,
    /// Its remote.
    pub remote: String,
    /// Its lane.
    pub lane: String,
    /// The remote's own word.
    pub verb: String,
    /// Where it is.
    pub state: State,
    /// Why, as a stable code.
    pub why: Option<String>,
    /// The server's words, for the officer's eyes only.
    #[serde(skip)]
    pub words: Option<crate::outbox::entry::Payload>,
    /// How often it was begun.
    pub attempt: i64,
    /// How often it was in doubt.
    pub doubts: i64,
    /// When it was made, unix ms.
    pub made_wall: i64,
    /// When it was sent last, unix ms.
    pub sent_wall: Option<i64>,
    /// When it came where it is, unix ms.
    pub since_wall: i64,
}

impl From<Entry> for Waiting {
    fn from(e: Entry) -> Self {
        let question = match e.head.state {
            State::Ready | State::Refused | State::Blocked | State::SetAside => Some(asks::question(&e)),
            State::Done | State::Closed | State::Sending | State::Doubtful | State::Asks => None,
        };
        let (why, words) = e.head.reason.map_or((None, None), |r| (Some(r.code), r.words));
        Waiting {
            entry: e.head.id.0,
            question,
            remote: e.remote,
            lane: e.lane,
            verb: e.head.verb,
            state: e.head.state,
            why,
            words: words.map(crate::outbox::entry::Payload),
            attempt: e.head.attempt,
            doubts: e.head.doubts,
            made_wall: e.made_wall,
            sent_wall: e.sent_wall,
            since_wall: e.since_wall,
        }
    }
}

impl Satchel {
    /// Where is it, why, what happens next, what can I do: of a prospect, an application, a co-applicant, something that
    /// the bank asks for, or a paper.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn standing(&self, record: impl Into<Record>) -> Result<Standing> {
        let record = record.into();
        self.book.read(move |book, conn| standing_of(book, conn, record)).await
    }

    /// The whole book in numbers.
    ///
    /// # Errors
    /// The store's.
    pub async fn summary(&self) -> Result<Summary> {
        self.book.read(summary).await
    }

    /// What is not settled, oldest first, after entry `after` (0: from the beginning), at most `limit` (500 at most).
    ///
    /// # Errors
    /// The store's.
    pub async fn waiting(&self, after: EntryId, limit: usize) -> Result<Vec<Waiting>> {
        self.book
            .read(move |_, conn| {
                Ok(outbox::waiting(conn, after, limit.clamp(1, 500))?
                    .into_iter()
                    .map(Waiting::from)
                    .collect())
            })
            .await
    }

    /// Everything that was sent or tried for a record, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn history(&self, record: impl Into<Record>) -> Result<Vec<Waiting>> {
        let lane = record.into().lane();
        self.book
            .read(move |_, conn| {
                Ok(outbox::all_of_lane(conn, &lane)?.into_iter().map(Waiting::from).collect())
            })
            .await
    }
}

fn standing_of(book: &Book, conn: &Connection, record: Record) -> Result<Standing> {
    let (seen, id) = match record {
        Record::Prospect(id) => prospect::standing::seen(conn, id)?,
        Record::CollectionResult(id) => collection::standing::seen(conn, id)?,
        Record::CrmObject(id) => crm::standing::seen(conn, id)?,
        other => onboarding::standing::seen(conn, other)?,
    };
    let open = outbox::open_of_lane(conn, &record.lane())?;
    let remote = book.remote(id)?;
    let class = open.first().map_or(NetClass::Small, |e| e.class);
    let (step, mode) = {
        let live = book.live();
        (live.resting.get(&(id, class)).cloned(), live.mode())
    };
    let around = Around {
        now: book.clock().steady(),
        step: step.as_ref(),
        automatic: mode != Mode::Paused,
        session: session::state(conn, id, &book.officer)?,
        paused: remote_row::paused(conn, &*remote)?.is_some(),
        rules: remote.rules(),
    };
    Ok(standing::of(&seen, &open, &around))
}

fn summary(_: &Book, conn: &Connection) -> Result<Summary> {
    let counts = outbox::Counts::of(conn)?;
    let mut by_place = BTreeMap::new();
    let mut add = |place, n: i64| *by_place.entry(place).or_insert(0) += n;
    for (life, unsent, coded, n) in rows::tally(conn)? {
        if !unsent {
            add(prospect::standing::settled_place(life, coded), n); // an unsent one is counted by its entry below
        }
    }
    for open in rows::tally_open(conn)? {
        add(standing::place(open.head, open.has_code, open.conflict, open.gone), open.count);
    }
    Ok(Summary {
        by_place,
        unsent: counts.unsettled(),
        oldest_unsent_wall: counts.oldest_wall,
        by_state: counts.by_state.iter().map(|(s, n)| (s.word(), *n)).collect(),
        resent_on_absence: outbox::resent(conn)?,
    })
}
