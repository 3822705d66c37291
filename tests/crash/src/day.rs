//! An officer's day, with every word that was acknowledged to her.

use satchel::outbox::plan::Link;
use satchel::prospect::{About, Field, FieldChange, ProspectId};
use satchel::{Error, Satchel};
use satchel_tests::tablet::{person, secrets};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::time::Duration;

/// What the officer was told. What was told is acknowledged, and must be true ever after.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Word {
    /// The book is open and holds so many prospects.
    Open(usize),
    /// The prospect of that name is saved.
    Saved(String),
    /// What [`edit`] changes in it is saved.
    Edited(String),
    /// A draft about that name is saved.
    Drafted(String),
    /// The paper of that name and SHA-256 is taken in.
    Attached(String, String),
    /// A call failed: what it was to do may be done or not.
    Failed(String),
    /// Everything is settled with the bank.
    Settled,
    /// The day is over.
    Done,
}

/// A word counts as told once it is in the pipe.
pub fn say(word: &Word) {
    let mut out = std::io::stdout().lock();
    let line = serde_json::to_string(word).unwrap_or_default();
    // Whoever listened may have gone; the day goes on.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Where the words go.
pub type Tell<'a> = dyn FnMut(Word) + Send + 'a;

/// Everybody's phone.
pub const PHONE: &str = "012 345 678";

/// What an edit writes into both comments.
#[must_use]
pub fn edit(name: &str) -> String {
    format!("visited {name}")
}

/// What the draft about a name holds.
#[must_use]
pub fn draft(name: &str) -> String {
    format!("half a form about {name}").repeat(20)
}

/// What that draft is about.
#[must_use]
pub fn form(name: &str) -> About {
    About::New(name.replace(' ', "_"))
}

/// One day: the [`morning`], until all is settled; then the book is read back from the bank and put to rest. A call
/// that fails is not made again: the officer goes on with the next.
///
/// How long the day waits for the bank is `patience`; then it goes on without.
pub async fn day(satchel: &Satchel, names: &[String], patience: Duration, tell: &mut Tell<'_>) {
    morning(satchel, names, tell).await;
    if settled(satchel, patience).await {
        tell(Word::Settled);
    }
    if let Err(e) = satchel.download(None).await {
        failed(tell, "download", &e);
    }
    if let Err(e) = satchel.pause(patience).await {
        failed(tell, "pause", &e);
    }
    tell(Word::Done);
}

/// Sending begins, the names are added, and the first of them is edited and gets a draft.
pub async fn morning(satchel: &Satchel, names: &[String], tell: &mut Tell<'_>) {
    if let Err(e) = satchel.sign_in(secrets("S-1"), None).await {
        failed(tell, "sign in", &e);
    }
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    let mut first = None;
    for name in names {
        match satchel.add(person(name, PHONE), None).await {
            Ok(added) => {
                first = first.or(Some((added.id, name)));
                tell(Word::Saved(name.clone()));
            }
            Err(e) => failed(tell, "add", &e),
        }
    }
    if let Some((id, name)) = first {
        change(satchel, id, name, tell).await;
    }
}

async fn change(satchel: &Satchel, id: ProspectId, name: &str, tell: &mut Tell<'_>) {
    let changes = [Field::Comment, Field::OfficerComment].map(|field| FieldChange::text(field, edit(name)));
    match satchel.edit(id, changes.into()).await {
        Ok(()) => tell(Word::Edited(name.to_owned())),
        Err(e) => failed(tell, "edit", &e),
    }
    match satchel.save_draft(form(name), draft(name)).await {
        Ok(_) => tell(Word::Drafted(name.to_owned())),
        Err(e) => failed(tell, "draft", &e),
    }
}

fn failed(tell: &mut Tell<'_>, what: &str, error: &Error) {
    tell(Word::Failed(format!("{what}: {error}")));
}

/// Waits until nothing is unsent, at most so long.
async fn settled(satchel: &Satchel, most: Duration) -> bool {
    let end = tokio::time::Instant::now() + most;
    while tokio::time::Instant::now() < end {
        match satchel.summary().await {
            Ok(summary) if summary.unsent == 0 => return true,
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(_) => return false,
        }
    }
    false
}
