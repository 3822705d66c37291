//! What must be true: in the book whenever it is opened, and at the bank when all is settled.

use crate::day::{PHONE, Word, draft, edit, form};
use crate::tablet::OFFICER;
use satchel::Decision;
use satchel::outbox::plan::Link;
use satchel::profile::Profile;
use satchel::prospect::{Field, Listed, Query};
use satchel::world::World;
use satchel::{Error, Satchel};
use satchel_sandbox::{LedgerEntry, Running};
use satchel_tests::tablet::{secrets, tally};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest that everything may take to be settled once nothing fails any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was asked for and what was acknowledged.
#[derive(Clone, Default, Debug)]
pub struct Truth {
    told: BTreeSet<String>,
    saved: BTreeSet<String>,
    edited: BTreeSet<String>,
    drafted: BTreeSet<String>,
}

/// What a check found. Nothing but `doubts` may be there.
#[derive(Default, Debug)]
pub struct Verdict {
    /// What was acknowledged and is not there.
    pub lost: Vec<String>,
    /// What the bank has more than once.
    pub doubled: BTreeSet<String>,
    /// Anything else that is not as it must be.
    pub wrong: Vec<String>,
    /// How many entries were ever in doubt.
    pub doubts: u64,
}

impl Verdict {
    /// Whether everything is as it must be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.wrong.is_empty()
    }

    /// Adds what another check found.
    pub fn add(&mut self, other: Verdict) {
        self.lost.extend(other.lost);
        self.doubled.extend(other.doubled);
        self.wrong.extend(other.wrong);
        self.doubts += other.doubts;
    }

    fn error(&mut self, what: &str, error: &Error) {
        self.wrong.push(format!("{what}: {error}"));
    }
}

impl Truth {
    /// The officer is going to work on these.
    pub fn tell(&mut self, names: &[String]) {
        self.told.extend(names.iter().cloned());
    }

    /// She was told this.
    pub fn hear(&mut self, word: &Word) {
        match word {
            Word::Saved(name) => drop(self.saved.insert(name.clone())),
            Word::Edited(name) => drop(self.edited.insert(name.clone())),
            Word::Drafted(name) => drop(self.drafted.insert(name.clone())),
            Word::Open(_) | Word::Attached(..) | Word::Failed(_) | Word::Settled | Word::Done => {}
        }
    }

    /// How many prospects were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.saved.len()
    }

    /// What the bank has done twice so far.
    #[must_use]
    pub fn doubled(ledger: &[LedgerEntry]) -> Vec<String> {
        let tally = tally(ledger);
        let created = tally.get("create").into_iter().flatten();
        created
            .filter(|(_, times)| **times > 1)
            .map(|(name, times)| format!("{name}: {times} times"))
            .collect()
    }

    /// Opens the book in a fresh world, holds it against what was acknowledged, lets everything settle, and holds the
    /// bank against it.
    pub async fn check(&self, world: World, root: &Path, profile: Profile, bank: &Running) -> Verdict {
        let mut verdict = Verdict::default();
        let satchel = match Satchel::open(world, root, OFFICER, profile).await {
            Ok(satchel) => satchel,
            Err(e) => {
                verdict.error("open", &e);
                return verdict;
            }
        };
        if let Err(e) = self.check_book(&satchel, &mut verdict).await {
            verdict.error("the book", &e);
        }
        if let Err(e) = settle(&satchel, bank, &mut verdict).await {
            verdict.error("settling", &e);
        }
        if let Err(e) = self.check_bank(&satchel, bank, &mut verdict).await {
            verdict.error("the bank", &e);
        }
        if let Err(e) = satchel.shutdown().await {
            verdict.error("shutdown", &e);
        }
        verdict
    }

    async fn check_book(&self, satchel: &Satchel, verdict: &mut Verdict) -> satchel::Result<()> {
        let mut seen = BTreeSet::new();
        for listed in all(satchel, verdict).await? {
            let name = listed.name_en;
            if !self.told.contains(&name) {
                verdict.wrong.push(format!("{name} came from nowhere"));
            }
            let prospect = satchel.get(listed.id).await?;
            let comments = [Field::Comment, Field::OfficerComment].map(|f| prospect.fields.get(f).to_owned());
            let whole = comments == [String::new(), String::new()] || comments == [edit(&name), edit(&name)];
            if !whole || prospect.fields.get(Field::Phone) != PHONE {
                verdict.wrong.push(format!("{name} is there by half"));
            }
            if self.edited.contains(&name) && comments[0].is_empty() {
                verdict.lost.push(format!("the edit of {name}"));
            }
            if satchel.history(listed.id).await?.is_empty() {
                verdict.lost.push(format!("the entry of {name}"));
            }
            if !seen.insert(name.clone()) {
                verdict.wrong.push(format!("{name} is in the book twice"));
            }
        }
        verdict.lost.extend(self.saved.difference(&seen).map(|name| format!("{name}, in the book")));
        for name in &self.drafted {
            match satchel.draft(form(name)).await? {
                Some(found) if found.form == draft(name) => {}
                _ => verdict.lost.push(format!("the draft about {name}")),
            }
        }
        Ok(())
    }

    async fn check_bank(
        &self,
        satchel: &Satchel,
        bank: &Running,
        verdict: &mut Verdict,
    ) -> satchel::Result<()> {
        let ledger = bank.ledger();
        verdict.doubled.extend(Truth::doubled(&ledger));
        let rows = bank.prospects();
        let book: BTreeSet<String> = all(satchel, verdict).await?.into_iter().map(|l| l.name_en).collect();
        for name in self.saved.union(&book) {
            let mut found = rows.iter().filter(|row| row.get("NameEn") == name);
            match (found.next(), found.next()) {
                (None, _) => verdict.lost.push(format!("{name}, at the bank")),
                (Some(_), Some(_)) => drop(verdict.doubled.insert(name.clone())),
                (Some(row), None) if self.edited.contains(name) && row.get("CustComment") != edit(name) => {
                    verdict.lost.push(format!("the edit of {name}, at the bank"));
                }
                _ => {}
            }
        }
        for listed in all(satchel, verdict).await? {
            let history = satchel.history(listed.id).await?;
            verdict.doubts += history.iter().filter(|entry| entry.doubts > 0).count() as u64;
        }
        let receipt = satchel.receipt().await?;
        if !receipt.same {
            verdict.wrong.push("tablet and bank differ".to_owned());
        }
        Ok(())
    }
}

async fn all(satchel: &Satchel, verdict: &mut Verdict) -> satchel::Result<Vec<Listed>> {
    let mut query = Query { limit: 500, include_closed: true, ..Query::default() };
    let mut listed = vec![];
    loop {
        let page = satchel.list(query.clone()).await?;
        verdict.wrong.extend(page.damaged.iter().map(|id| format!("{id:?} cannot be read")));
        listed.extend(page.items);
        match page.next {
            None => return Ok(listed),
            next => query.after = next,
        }
    }
}

/// Everything goes on without faults, the officer answers what asks, and it all comes to an end.
async fn settle(satchel: &Satchel, bank: &Running, verdict: &mut Verdict) -> satchel::Result<()> {
    bank.clear_faults();
    satchel.sign_in(secrets("S-1"), None).await?;
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    let end = Instant::now() + PATIENCE;
    loop {
        answer(satchel, bank).await?;
        let summary = satchel.summary().await?;
        if summary.unsent == 0 {
            return Ok(());
        }
        if Instant::now() > end {
            verdict.wrong.push(format!("not settled: {:?}", summary.by_state));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// As an officer who has looked at the bank's list.
async fn answer(satchel: &Satchel, bank: &Running) -> satchel::Result<()> {
    for about in satchel.asks().await?.into_iter().flat_map(|ask| ask.about) {
        let Some(id) = about.record.prospect() else { continue };
        let prospect = satchel.get(id).await?;
        let name = prospect.fields.get(Field::NameEn);
        let row = bank.prospects().into_iter().find(|row| row.get("NameEn") == name);
        let decision = row.map_or(Decision::SendAgain, |row| Decision::Arrived { code: row.code });
        match satchel.decide(vec![about.question], decision).await {
            // A reading was faster than she.
            Err(Error::NotPossible { .. }) | Ok(()) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
