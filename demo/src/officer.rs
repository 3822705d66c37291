//! The officer at her desk: she does what the tablet offers, and only looks at what the tablet shows.

use crate::Result;
use crate::notebook::{Notebook, Wish};
use crate::onboarding;
use crate::stage::{USER, secrets};
use satchel::outbox::entry::{EntryId, State};
use satchel::prospect::{Choice, Field, FieldChange, NearRow, ProspectId, Query};
use satchel::standing::Can;
use satchel::{AskedAbout, Decision};
use satchel::{Concern, Error, Satchel, Summary, Waiting};
use satchel_sandbox::Running;
use std::collections::{BTreeMap, BTreeSet};

/// What she did so far, and what she means to do.
#[derive(Default)]
pub struct Officer {
    /// How often she signed in anew.
    pub sign_ins: u64,
    /// Questions answered, by the tablet's code for the question.
    pub asked: BTreeMap<String, u64>,
    /// Answers: it arrived, under this code.
    pub arrived: u64,
    /// Answers: send it again.
    pub sent_again: u64,
    /// Conflicts decided: her own value, the bank's value.
    pub conflicts: (u64, u64),
    /// What the bank refused, with its words: how often.
    pub refusals: BTreeMap<String, u64>,
    /// How she mends what the bank refuses.
    pub mend: BTreeMap<ProspectId, FieldChange>,
    /// What she leaves refused on purpose.
    pub leaves: BTreeSet<ProspectId>,
    /// Refused entries that she has seen, so that each is counted once.
    seen: BTreeSet<(i64, i64)>,
}

impl Officer {
    /// Does all that the tablet asks for now.
    pub async fn attend(&mut self, satchel: &Satchel, bank: &Running, notebook: &mut Notebook) -> Result<()> {
        let health = satchel.health().await?;
        for concern in &health.concerns {
            match concern {
                Concern::NeedsSignIn { .. } => self.sign_in(satchel, bank).await?,
                Concern::Questions { .. } => {
                    self.answer(satchel, bank).await?;
                    self.decide_conflicts(satchel, notebook).await?;
                }
                Concern::Refusals { .. } => self.look_at_refusals(satchel, notebook).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether nothing is unsent but what she leaves refused on purpose.
    pub fn leaves_only_what_she_means_to(&self, summary: &Summary) -> bool {
        summary.unsent == self.leaves.len() as i64
            && summary.unsent == summary.by_state.get("refused").copied().unwrap_or(0)
    }

    async fn sign_in(&mut self, satchel: &Satchel, bank: &Running) -> Result<()> {
        let session = bank.renew_session(USER);
        satchel.sign_in(secrets(&session), None).await?;
        satchel.sign_in_onboarding(onboarding::headers(&session), None).await?;
        self.sign_ins += 1;
        Ok(())
    }

    async fn answer(&mut self, satchel: &Satchel, bank: &Running) -> Result<()> {
        for ask in satchel.asks().await? {
            for about in &ask.about {
                let Some(decision) = self.decision(satchel, bank, about).await? else { continue };
                match satchel.decide(vec![about.question], decision.clone()).await {
                    Ok(()) => self.count(&ask.code, &decision),
                    // A reading has settled it while she was thinking, or put another question.
                    Err(Error::NotPossible { why: "settled_meanwhile" | "under_way" | "asked_anew" }) => {}
                    Err(why) => return Err(why.into()),
                }
            }
        }
        Ok(())
    }

    /// She compares what the bank holds with what she typed: the same person is the same prospect.
    async fn decision(
        &self,
        satchel: &Satchel,
        bank: &Running,
        about: &AskedAbout,
    ) -> Result<Option<Decision>> {
        let Some(id) = about.record.prospect() else {
            return onboarding::decision(satchel, bank, about.record).await.map(Some);
        };
        let (mine, standing) = (satchel.get(id).await?, satchel.standing(id).await?);
        let person = [Field::Phone, Field::NameEn, Field::NameKh];
        let same = |field: &Field, row: &NearRow| row.fields.get(*field) == mine.fields.get(*field);
        let found = about.rows.iter().find(|row| person.iter().all(|field| same(field, row)));
        Ok(match found {
            Some(row) if standing.can.contains(&Can::ItIsThatOne) => {
                Some(Decision::Arrived { code: row.code.clone() })
            }
            None if standing.can.contains(&Can::SendAgain) => Some(Decision::SendAgain),
            _ => None,
        })
    }

    fn count(&mut self, code: &str, decision: &Decision) {
        *self.asked.entry(code.to_owned()).or_default() += 1;
        match decision {
            Decision::Arrived { .. } => self.arrived += 1,
            _ => self.sent_again += 1,
        }
    }

    /// A phone number that somebody else has corrected is the newer one; all else is as she wrote it.
    async fn decide_conflicts(&mut self, satchel: &Satchel, notebook: &mut Notebook) -> Result<()> {
        let query = Query { conflict: Some(true), limit: 500, ..Query::default() };
        for listed in satchel.list(query).await?.items {
            let Some(conflict) = satchel.get(listed.id).await?.conflict else { continue };
            let choice = |field| if field == Field::Phone { Choice::Theirs } else { Choice::Mine };
            let choices = conflict.fields.iter().map(|c| (c.field, choice(c.field))).collect();
            match satchel.resolve(listed.id, conflict.asked, choices).await {
                Ok(()) => {}
                Err(Error::NotPossible { .. }) => continue,
                Err(why) => return Err(why.into()),
            }
            for both in conflict.fields {
                match choice(both.field) {
                    Choice::Mine => self.conflicts.0 += 1,
                    Choice::Theirs => {
                        self.conflicts.1 += 1;
                        notebook.typed(listed.id, &[FieldChange::text(both.field, both.theirs)]);
                    }
                }
            }
        }
        Ok(())
    }

    async fn look_at_refusals(&mut self, satchel: &Satchel, notebook: &mut Notebook) -> Result<()> {
        let waiting = satchel.waiting(EntryId(0), 500).await?;
        for entry in waiting.iter().filter(|entry| entry.state == State::Refused) {
            let Some(id) = ProspectId::of_lane(&entry.lane) else { continue };
            if self.seen.insert((entry.entry, entry.attempt)) {
                let words = satchel.standing(id).await?.words;
                *self.refusals.entry(words.unwrap_or_else(|| why(entry))).or_default() += 1;
            }
            self.mend(satchel, notebook, id, entry).await?;
        }
        Ok(())
    }

    async fn mend(
        &mut self,
        satchel: &Satchel,
        notebook: &mut Notebook,
        id: ProspectId,
        entry: &Waiting,
    ) -> Result<()> {
        if self.leaves.contains(&id) {
            return Ok(());
        }
        if entry.why.as_deref() == Some("gone") {
            // Somebody else rejected it: nothing is left to change.
            let Some(question) = entry.question else { return Ok(()) };
            satchel.decide(vec![question], Decision::Drop).await?;
            notebook.wish(id, Wish::GaveUp);
        } else if let Some(change) = self.mend.remove(&id) {
            satchel.edit(id, vec![change.clone()]).await?;
            notebook.typed(id, &[change]);
        } else {
            self.leaves.insert(id);
        }
        Ok(())
    }
}

fn why(entry: &Waiting) -> String {
    match entry.why.as_deref() {
        Some("gone") => "rejected by somebody else meanwhile".to_owned(),
        why => why.unwrap_or("no reason given").to_owned(),
    }
}
