//! The officer's verbs about what the bank asks.

use super::rows::{self, ActionStage, Row};
use crate::error::{Error, Problem, Result};
use crate::feed;
use crate::onboarding::actions::{self, Action, Answer, Mark};
use crate::onboarding::documents::PaperStage;
use crate::onboarding::documents::rows as documents;
use crate::onboarding::effect::{ANSWER, enqueue};
use crate::onboarding::{ONBOARDING, profile};
use crate::outbox::entry::{Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{Reading, Taken};
use crate::outbox::{calls, rows as outbox};
use crate::prospect::shows;
use crate::record::{ActionId, DocumentId};
use crate::satchel::Satchel;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Something that the bank asks for, and the officer's answer.
#[derive(Clone, PartialEq)]
pub struct Asking {
    /// Its number in this book.
    pub id: ActionId,
    /// What the bank asks.
    pub action: Action,
    /// The officer's answer, sent or not. Kept whatever becomes of the question.
    pub answer: Option<Answer>,
    /// Where it stands.
    pub stage: ActionStage,
    /// Something of it has not been settled with the bank.
    pub unsent: bool,
    /// Its papers that were not taken back.
    pub documents: Vec<DocumentId>,
}
shows!(Asking { id, stage, unsent, documents });

/// What to list. Everything given must hold.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Query {
    /// Only of this group of the bank's.
    pub group: Option<String>,
    /// Only of this person (`PartyId`).
    pub party: Option<String>,
    /// Only what is still to be done: open, and not answered here.
    pub to_do: bool,
    /// What is gone, or was answered by someone else, too.
    pub include_closed: bool,
}

impl Satchel {
    /// Reads what the bank asks and merges it in. Nothing is applied unless the whole reply is good; an answer that is not
    /// sent yet is never lost: withdrawn questions and those answered by someone else say so and keep it.
    ///
    /// # Errors
    /// `NotFound` where the profile has no onboarding; `Remote`: what happened. Nothing was applied.
    pub async fn download_actions(&self) -> Result<Taken> {
        let remote = self.book.remote(ONBOARDING).map_err(|_| Error::NotFound { what: "onboarding" })?;
        calls::read(&self.book, &remote, Reading::all(), BTreeSet::new()).await
    }

    /// What the bank asks, in the order of its list.
    ///
    /// # Errors
    /// The store's.
    pub async fn actions(&self, query: Query) -> Result<Vec<Asking>> {
        self.book
            .read(move |_, conn| {
                let papers = documents::by_action(conn)?;
                let unsent = outbox::open_lanes(conn, ONBOARDING)?;
                let shown = |row: Row| {
                    let documents = papers.get(&row.id).cloned().unwrap_or_default();
                    Asking { unsent: unsent.contains(&row.id.lane()), ..asking(row, documents) }
                };
                let found = rows::all(conn)?.0.into_iter().map(shown);
                Ok(found.filter(|asking| fits(&query, asking)).collect())
            })
            .await
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn action(&self, id: ActionId) -> Result<Asking> {
        self.book.read(move |_, conn| one(conn, id)).await
    }

    /// Answers, online or not. An answer that has not left yet is replaced; one that is under way is left alone, and this
    /// one goes out next. Where the bank has one of hers already, this one corrects it: it goes over it, and goes again
    /// should its outcome not be known. An answer that says that the papers are there leaves after them.
    ///
    /// # Errors
    /// `InvalidInput` in `answer`: empty, too long, not of the kind that is asked for, not one of the options, no paper.
    /// `NotFound`; `NotPossible`: `gone`, `answered` (by someone else), `set_aside`.
    pub async fn answer(&self, id: ActionId, answer: Answer) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let row = rows::get(tx, id)?;
                match row.stage {
                    ActionStage::Open | ActionStage::Answered => {}
                    ActionStage::Gone => return Err(Error::NotPossible { why: "gone" }),
                    ActionStage::AnsweredElsewhere => return Err(Error::NotPossible { why: "answered" }),
                }
                actions::check(&row.asked, &answer, profile(book)?.max_text)?;
                if let Answer::Papers(papers) = &answer {
                    of_this_action(tx, id, papers)?;
                }
                let open = outbox::open_of_lane(tx, &id.lane())?;
                if open.iter().any(|entry| entry.head.state == State::SetAside) {
                    return Err(Error::NotPossible { why: "set_aside" });
                }
                rows::set_answer(tx, id, Some(&answer))?;
                match open.first() {
                    None => drop(enqueue(book, tx, id, ANSWER, None)?),
                    Some(entry) if entry.head.state == State::Refused => {
                        let ready = Move::Ready { due: None, reason: None };
                        calls::apply(&*book.remote(ONBOARDING)?, tx, entry, ready, book.now())?;
                    }
                    Some(_) => outbox::now(tx, &id.lane())?,
                }
                rows::answer_after_papers(tx, id, book.now())?;
                feed::touch(tx, &id.lane()).map(drop)
            })
            .await
    }

    /// Takes back an answer that never left.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible`: `at_bank` (there is none that waits), `under_way` (it may have arrived).
    pub async fn withdraw_answer(&self, id: ActionId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                rows::get(tx, id)?;
                let open = outbox::open_of_lane(tx, &id.lane())?;
                let Some(entry) = open.first() else { return Err(Error::NotPossible { why: "at_bank" }) };
                let still = matches!(entry.head.state, State::Ready | State::Refused | State::Blocked);
                if !still || entry.head.doubts > 0 {
                    return Err(Error::NotPossible { why: "under_way" });
                }
                let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
                calls::apply(&*book.remote(ONBOARDING)?, tx, entry, closed, book.now())?;
                rows::set_answer(tx, id, None)
            })
            .await
    }
}

/// Papers that an answer speaks of are this action's, and not taken back.
fn of_this_action(conn: &Connection, id: ActionId, papers: &[DocumentId]) -> Result<()> {
    for paper in papers {
        let row = documents::get(conn, *paper)?;
        if row.action != id || row.stage == PaperStage::Withdrawn {
            return Err(Error::invalid("answer", Problem::NotInList));
        }
    }
    Ok(())
}

impl actions::Asked for Asking {
    fn action(&self) -> &Action {
        &self.action
    }

    fn mark(&self) -> Mark {
        match self.stage {
            ActionStage::Gone => Mark::Withdrawn,
            ActionStage::Open if !self.unsent => Mark::Open,
            _ => Mark::Answered,
        }
    }
}

fn one(conn: &Connection, id: ActionId) -> Result<Asking> {
    let papers = documents::of_action(conn, id)?;
    let live = papers.iter().filter(|paper| paper.stage != PaperStage::Withdrawn).map(|paper| paper.id);
    let unsent = outbox::lane_open(conn, &id.lane())?;
    Ok(Asking { unsent, ..asking(rows::get(conn, id)?, live.collect()) })
}

fn asking(row: Row, documents: Vec<DocumentId>) -> Asking {
    Asking { id: row.id, action: row.asked, answer: row.answer, stage: row.stage, unsent: false, documents }
}

fn fits(query: &Query, asking: &Asking) -> bool {
    let group = query.group.as_ref().is_none_or(|group| *group == asking.action.group);
    let party = query.party.as_ref().is_none_or(|party| Some(party) == asking.action.party.as_ref());
    let done = actions::Asked::mark(asking) != Mark::Open;
    let closed = matches!(asking.stage, ActionStage::Gone | ActionStage::AnsweredElsewhere);
    // Closed or not: what holds an answer that has not arrived is shown.
    let shown = query.include_closed || !closed || asking.unsent;
    group && party && shown && !(query.to_do && done)
}
