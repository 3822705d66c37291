//! The screens: a reader of the feed that shows what the feed tells it, and nothing else.

use crate::desk::{Desk, START};
use crate::notebook::{Notebook, View, Word};
use satchel::feed::Subject;
use satchel::prospect::ProspectId;
use satchel::standing::Place;
use satchel::{Concern, Error, Satchel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The notebook as tasks share it.
pub type Book = Arc<Mutex<Notebook>>;

/// Opens it.
pub fn open(book: &Book) -> MutexGuard<'_, Notebook> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the feed from where the last reader stood, until the book is closed, and looks up what it names.
pub async fn follow(desk: Arc<Desk>, notes: Book, satchel: Satchel, officer: usize) {
    loop {
        let cursor = open(&notes).cursors.get(&officer).copied().unwrap_or(0);
        let Ok(batch) = satchel.feed(cursor, 100).await else { return };
        if batch.snapshot {
            open(&notes).views.retain(|(whose, _), _| *whose != officer);
        }
        for item in &batch.items {
            let ids = match item.subject {
                Subject::Prospect(id) => id..=id,
                Subject::Prospects(from, to) => from..=to,
                Subject::Session(_) => {
                    if needs_sign_in(&satchel).await {
                        open(&notes).handed.remove(&officer);
                    }
                    continue;
                }
                _ => continue,
            };
            for id in ids {
                if show(&desk, &notes, &satchel, officer, ProspectId(id)).await.is_err() {
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

async fn needs_sign_in(satchel: &Satchel) -> bool {
    let health = satchel.health().await;
    health.is_ok_and(|health| health.concerns.iter().any(|c| matches!(c, Concern::NeedsSignIn { .. })))
}

/// What the screen of that record shows.
///
/// # Errors
/// The book's; none when there is no such record.
pub async fn view(satchel: &Satchel, id: ProspectId) -> Result<Option<View>, Error> {
    let prospect = match satchel.get(id).await {
        Err(Error::NotFound { .. }) => return Ok(None),
        prospect => prospect?,
    };
    let standing = satchel.standing(id).await?;
    Ok(Some(View::of(&prospect, standing.place)))
}

async fn show(
    desk: &Desk,
    notes: &Book,
    satchel: &Satchel,
    officer: usize,
    id: ProspectId,
) -> Result<(), Error> {
    let view = view(satchel, id).await?;
    let seen = open(notes).sees_entries;
    let history = if seen { satchel.history(id).await? } else { vec![] };
    let (now, mut notes) = (desk.now(), open(notes));
    let page = view.as_ref().and_then(|view| notes.tagged(&view.tag));
    if let Some(page) = page.filter(|page| notes.records[*page].officer == officer && notes.records[*page].id.is_none()) {
        notes.named(page, id); // the app died before it told her so
    }
    if let Some(view) = view {
        notes.trace.line(now, format_args!("screen {officer}/{} {:?} {}", id.0, view.place, view.fields.join(" ")));
        if let Some(page) = notes.find(officer, id)
            && view.place == Place::AsksYou
        {
            notes.records[page].asked = true;
        }
        notes.views.insert((officer, id.0), view);
    }
    for entry in history {
        let (state, befell) = (entry.state.word(), notes.befell);
        if entry.attempt > 200 {
            notes.violated(now, "attempts", format!("entry {} was begun {} times", entry.entry, entry.attempt));
        }
        let before = notes.states.insert((officer, entry.entry), state).unwrap_or("new");
        if before != state {
            *notes.moves.entry((before, state, befell)).or_default() += 1;
            let why = entry.why.unwrap_or_default();
            notes.trace.line(now, format_args!("entry {officer}/{} {} {before} -> {state} {why}", entry.entry, entry.verb));
        }
    }
    Ok(())
}

/// Whether what is kept is what was said: every sure word of an officer, in every record of hers.
///
/// # Errors
/// The book's.
pub async fn compare(desk: &Desk, notes: &Book, satchel: &Satchel, officer: usize, at_server: &AtServer) -> Result<(), Error> {
    let pages: Vec<usize> = {
        let notes = open(notes);
        let mine = notes.records.iter().enumerate().filter(|(_, r)| r.officer == officer && r.added == Word::Yes && !r.busy);
        mine.map(|(page, _)| page).collect()
    };
    for page in pages {
        let Some(id) = open(notes).records[page].id else { continue };
        let before = open(notes).records[page].clone();
        let found = match satchel.get(id).await {
            Err(Error::NotFound { .. }) => None,
            found => Some(found?),
        };
        let mut notes = open(notes);
        let record = &notes.records[page];
        let still = record.busy == before.busy && record.said.values().flatten().count() == before.said.values().flatten().count();
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

/// What the server has been given, by tag and value: shared with the audit.
pub type AtServer = Arc<Mutex<std::collections::BTreeSet<(String, String)>>>;

/// Where a record is not as it was kept.
#[must_use]
pub fn differences(record: &crate::notebook::Record, found: &satchel::prospect::Prospect, at_server: &AtServer) -> Vec<String> {
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
            Some(at) => at >= sure || record.left.contains_key(field) || record.dropped > Word::No || record.taken_back > Word::No,
            // Somebody else's value: only over what the server had, or by her own word.
            None => {
                let delivered = at_server.lock().unwrap_or_else(PoisonError::into_inner);
                let delivered = said[sure..].iter().any(|s| delivered.contains(&(record.tag.clone(), s.value.clone())));
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
