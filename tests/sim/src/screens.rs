//! The screens: a reader of the feed that shows what the feed tells it, and nothing else.

use crate::desk::{Desk, START};
use crate::notebook::{Left, Notebook, View, Word};
use satchel::feed::Subject;
use satchel::outbox::entry::State;
use satchel::prospect::{About, Field, ProspectId, Query};
use satchel::standing::Place;
use satchel::{Error, Satchel, Waiting};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The notebook as tasks share it.
pub type Book = Arc<Mutex<Notebook>>;

/// Opens it.
pub fn open(book: &Book) -> MutexGuard<'_, Notebook> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the feed from where the last reader stood, until the book is closed, and looks up what it names.
pub async fn follow(desk: Arc<Desk>, notes: Book, satchel: Satchel, officer: usize, at_server: AtServer) {
    loop {
        let cursor = open(&notes).cursors.get(&officer).copied().unwrap_or(0);
        let most = 1 + (cursor % 9) as usize * 3;
        let Ok(batch) = satchel.feed(cursor, most).await else { return };
        if batch.snapshot {
            open(&notes).views.retain(|(whose, _), _| *whose != officer);
        }
        for item in &batch.items {
            let ids = match item.subject {
                Subject::Prospect(id) => id..=id,
                Subject::Prospects(from, to) => from..=to,
                _ => continue,
            };
            for id in ids {
                if show(&desk, &notes, &satchel, officer, ProspectId(id), &at_server).await.is_err() {
                    return;
                }
            }
        }
        let mut notes = open(&notes);
        if notes.cursors.get(&officer).copied().unwrap_or(0) == cursor {
            notes.cursors.insert(officer, batch.revision);
        }
    }
}

/// Whether the bank ever held it.
pub fn delivered(at_server: &AtServer, tag: &str) -> bool {
    let at_server = at_server.lock().unwrap_or_else(PoisonError::into_inner);
    at_server.range((tag.to_owned(), String::new())..).next().is_some_and(|(other, _)| other == tag)
}

/// What the screen of that record shows.
///
/// # Errors
/// The book's; none when there is no such record.
pub async fn view(satchel: &Satchel, id: ProspectId) -> Result<Option<View>, Error> {
    let Some(prospect) = unless_gone(satchel.get(id).await)? else { return Ok(None) };
    // It may go in between: a stranger's row turns out to be the officer's own.
    let standing = unless_gone(satchel.standing(id).await)?;
    Ok(standing.map(|standing| View::of(&prospect, standing.place)))
}

fn unless_gone<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Err(Error::NotFound { .. }) => Ok(None),
        found => found.map(Some),
    }
}

async fn show(
    desk: &Desk,
    notes: &Book,
    satchel: &Satchel,
    officer: usize,
    id: ProspectId,
    at_server: &AtServer,
) -> Result<(), Error> {
    let before = unless_gone(satchel.history(id).await)?.unwrap_or_default();
    let view = view(satchel, id).await?;
    let history = unless_gone(satchel.history(id).await)?.unwrap_or_default();
    let (now, mut notes) = (desk.now(), open(notes));
    let states = |history: &[Waiting]| history.iter().map(|entry| entry.state).collect::<Vec<_>>();
    if let Some(view) = view.as_ref().filter(|_| states(&before) == states(&history)) {
        let open = history.iter().find(|entry| !matches!(entry.state, State::Done | State::Closed));
        let settled =
            matches!(view.place, Place::AtBank | Place::Rejected | Place::Withdrawn | Place::GoneElsewhere);
        if settled == open.is_some() && !(open.is_some() && view.place == Place::GoneElsewhere) {
            let how = format!("{} is said to be {:?}, and open is {open:?}", view.tag, view.place);
            notes.violated(now, "standing", how);
        }
    }
    let page = view.as_ref().and_then(|view| notes.recognise(officer, id, &view.tag));
    if view.is_none() {
        notes.views.remove(&(officer, id.0));
    }
    if let Some(view) = view {
        notes
            .trace
            .line(now, format_args!("screen {officer}/{} {:?} {}", id.0, view.place, view.fields.join(" ")));
        if let Some(page) = notes.find(officer, id)
            && view.place == Place::AsksYou
        {
            notes.records[page].asked = true;
        }
        if view.place == Place::AtBank && page.is_some() && !delivered(at_server, &view.tag) {
            notes.violated(
                now,
                "standing",
                format!("{} is said to be at the bank and never was there", view.tag),
            );
        }
        let own = |value: &String| !Notebook::foreign(value) && value != "same" && value != "012000000";
        if view.conflict.iter().any(own) && !notes.restored.contains(&officer) {
            notes.violated(
                now,
                "asks",
                format!("{} is in conflict with what the officer wrote herself", view.tag),
            );
        }
        notes.views.insert((officer, id.0), view);
    }
    history.into_iter().for_each(|entry| notes.looks_at(officer, entry, now));
    Ok(())
}

/// Whether what is kept is what was said: every sure word of an officer, in every record of hers.
///
/// # Errors
/// The book's.
pub async fn compare(
    desk: &Desk,
    notes: &Book,
    satchel: &Satchel,
    officer: usize,
    at_server: &AtServer,
) -> Result<(), Error> {
    let pages: Vec<usize> = {
        let notes = open(notes);
        let mine = notes
            .records
            .iter()
            .enumerate()
            .filter(|(_, r)| r.officer == officer && r.added == Word::Yes && !r.busy);
        mine.map(|(page, _)| page).collect()
    };
    compare_drafts(desk, notes, satchel, officer).await?;
    for page in pages {
        let Some(id) = open(notes).records[page].id else { continue };
        let before = open(notes).records[page].clone();
        let found = match satchel.get(id).await {
            Err(Error::NotFound { .. }) => None,
            found => Some(found?),
        };
        let mut notes = open(notes);
        let record = &notes.records[page];
        let still = record.busy == before.busy
            && record.said.values().flatten().count() == before.said.values().flatten().count();
        if !still {
            continue; // she has gone on writing meanwhile
        }
        let now = desk.now();
        match found {
            None => notes.violated(now, "lost", format!("{} was kept and is not there", before.tag)),
            Some(found) => {
                let wrong = differences(&before, &found, at_server);
                wrong.into_iter().for_each(|how| notes.violated(now, "lost", how));
            }
        }
    }
    Ok(())
}

/// Every form that was left half typed is as it was saved last, unless the record came of it.
async fn compare_drafts(desk: &Desk, book: &Book, satchel: &Satchel, officer: usize) -> Result<(), Error> {
    let drafts: Vec<_> = open(book)
        .drafts
        .iter()
        .filter(|((whose, _), _)| *whose == officer)
        .map(|(key, said)| (key.clone(), said.clone()))
        .collect();
    for (key, said) in drafts {
        let kept = satchel.draft(About::New(key.1.clone())).await?.map(|draft| draft.form);
        let perhaps = {
            let notes = open(book);
            // Else she has gone on writing meanwhile.
            let still = notes.drafts.get(&key) == Some(&said);
            let Some(sure) = said.iter().rposition(|(_, word)| *word == Word::Yes).filter(|_| still) else {
                continue;
            };
            let may = said[sure..].iter().filter(|(left, word)| left.is(kept.as_deref()) && *word > Word::No);
            let record = |left: &Left| match left {
                Left::Typed(_) => None,
                Left::Became(page) => Some(notes.records[*page].tag.clone()),
            };
            if may.clone().any(|(left, word)| *word == Word::Yes || record(left).is_none()) {
                continue;
            }
            may.filter_map(|(left, _)| record(left)).collect::<Vec<_>>()
        };
        let mut came = false;
        for tag in &perhaps {
            came |= there(satchel, tag).await?;
        }
        if came {
            continue;
        }
        let how = format!("the draft {} is {kept:?}, not as it was saved, and no record came of it", key.1);
        open(book).violated(desk.now(), "lost", how);
    }
    Ok(())
}

/// Whether the book holds a record of that tag.
async fn there(satchel: &Satchel, tag: &str) -> Result<bool, Error> {
    let list = satchel.list(Query { include_closed: true, ..Query::default() }).await?;
    for item in list.items {
        if satchel.get(item.id).await.is_ok_and(|found| found.fields.get(Field::Comment) == tag) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the server has been given, by tag and value: shared with the audit.
pub type AtServer = Arc<Mutex<std::collections::BTreeSet<(String, String)>>>;

/// Where a record is not as it was kept.
#[must_use]
pub fn differences(
    record: &crate::notebook::Record,
    found: &satchel::prospect::Prospect,
    at_server: &AtServer,
) -> Vec<String> {
    let mut wrong = vec![];
    if found.fields.get(satchel::prospect::Field::Comment) != record.tag {
        return vec![format!("{} is another record now", record.tag)];
    }
    for (field, said) in &record.said {
        let here = found.fields.get(*field);
        let sure = said.iter().rposition(|s| s.word == Word::Yes);
        let Some(sure) = sure else { continue };
        let at = said.iter().rposition(|s| s.value == here);
        let fine = match at {
            Some(at) => {
                at >= sure
                    || record.left.contains_key(field)
                    || record.dropped > Word::No
                    || record.taken_back > Word::No
            }
            // Somebody else's value: only over what the server had, or by her own word.
            None => {
                let delivered = at_server.lock().unwrap_or_else(PoisonError::into_inner);
                let delivered =
                    said[sure..].iter().any(|s| delivered.contains(&(record.tag.clone(), s.value.clone())));
                Notebook::foreign(here)
                    && (delivered || record.left.contains_key(field) || record.dropped > Word::No)
            }
        };
        if !fine {
            let kept = &said[sure].value;
            wrong.push(format!("{} {}: {kept} was kept and {here} is there", record.tag, field.wire()));
        }
    }
    wrong
}

/// Wall time of a moment.
#[must_use]
pub fn wall(now: i64) -> i64 {
    START + now
}
