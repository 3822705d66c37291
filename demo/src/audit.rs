//! Lost or doubled? The officer's notebook against the bank's ledger; the tablet is asked only where it holds something.

use crate::Result;
use crate::notebook::{Note, Wish};
use crate::onboarding::Onboarding;
use crate::stage::Stage;
use crate::weather;
use satchel::Summary;
use satchel::prospect::{Field, ProspectId};
use satchel::standing::Place;
use satchel_sandbox::{LedgerEntry, Row};
use std::collections::{BTreeMap, BTreeSet};

/// What the day came to.
pub struct Audit {
    /// Saves that were acknowledged.
    pub saved: usize,
    /// Of these, at the bank as typed.
    pub delivered: usize,
    /// Taken back or rejected by the officer, and not at the bank.
    pub taken_back: usize,
    /// Rejected by somebody else.
    pub given_up: usize,
    /// Held back with the bank's no, with name and the bank's words.
    pub refused: Vec<(String, String)>,
    /// Held here for another reason: must be none at the end.
    pub unsettled: Vec<String>,
    /// How often an outcome was unknown.
    pub doubts: i64,
    /// Acknowledged, and neither at the bank as typed nor held here.
    pub lost: Vec<String>,
    /// Creates beyond the first one for the same prospect, less the admitted ones.
    pub doubled: usize,
    /// Of such creates, those after somebody else had removed the first: absence could not tell.
    pub admitted: usize,
    /// What else should have happened and did not.
    pub unmet: Vec<String>,
    /// Every kind of fault: name, words, how often it happened.
    pub faults: Vec<(&'static str, String, u64)>,
    /// The book in numbers.
    pub summary: Summary,
    /// The officer's answers: by question, and conflicts.
    pub asks: u64,
    /// Calls that reached the bank.
    pub calls: u64,
    /// Who applied, what was answered, and the papers.
    pub onboarding: Onboarding,
}

impl Audit {
    /// Nothing lost, nothing doubled, nothing open, everything tried.
    pub fn good(&self) -> bool {
        self.lost.is_empty()
            && self.doubled == 0
            && self.unsettled.is_empty()
            && self.never_fired().is_empty()
            && self.unmet.is_empty()
    }

    /// Faults that never happened.
    pub fn never_fired(&self) -> Vec<&'static str> {
        self.faults.iter().filter(|(_, _, n)| *n == 0).map(|(name, ..)| *name).collect()
    }
}

/// What became of one prospect.
enum Fate {
    Delivered,
    TakenBack,
    GivenUp,
    Refused(String),
    Unsettled(Place),
    Lost(String),
}

/// Audits the day.
pub async fn audit(stage: &mut Stage) -> Result<Audit> {
    let bank = Bank::new(stage.bank.ledger(), stage.bank.prospects());
    let summary = stage.satchel.summary().await?;
    let mut audit = Audit {
        saved: stage.notebook.len(),
        delivered: 0,
        taken_back: 0,
        given_up: 0,
        refused: Vec::new(),
        unsettled: Vec::new(),
        doubts: 0,
        lost: Vec::new(),
        doubled: bank.doubled() - bank.admitted(),
        admitted: bank.admitted(),
        unmet: stage.unmet.clone(),
        faults: weather::tally(&stage.bank.fired()),
        summary,
        asks: stage.officer.asked.values().sum(),
        calls: stage.bank.requests_seen(),
        onboarding: stage.applied.audit(&stage.bank),
    };
    audit.lost.extend(audit.onboarding.lost.iter().cloned());
    audit.doubled += audit.onboarding.doubled;
    for (id, note) in stage.notebook.notes() {
        let history = stage.satchel.history(id).await?;
        audit.doubts += history.iter().map(|entry| entry.doubts).sum::<i64>();
        let name = name(note);
        match fate(stage, &bank, id, note).await {
            Fate::Delivered => audit.delivered += 1,
            Fate::TakenBack => audit.taken_back += 1,
            Fate::GivenUp => audit.given_up += 1,
            Fate::Refused(words) => audit.refused.push((name, words)),
            Fate::Unsettled(place) => audit.unsettled.push(format!("{name}: {place:?}")),
            Fate::Lost(why) => audit.lost.push(format!("{name}, number {}: {why}", id.0)),
        }
    }
    Ok(audit)
}

fn name(note: &Note) -> String {
    let typed = |field| note.typed.get(&field).map_or("", |text| text.trim());
    format!("{} ({})", typed(Field::NameEn), typed(Field::NameKh))
}

async fn fate(stage: &Stage, bank: &Bank, id: ProspectId, note: &Note) -> Fate {
    let standing = match stage.satchel.standing(id).await {
        Ok(standing) => standing,
        Err(why) => return Fate::Lost(format!("the tablet does not know it: {why}")),
    };
    let row = bank.row_of(id);
    match (standing.place, note.wish) {
        (Place::Refused, _) => Fate::Refused(standing.words.or(standing.why).unwrap_or_default()),
        (Place::AtBank, Wish::AtBank) => match row {
            Some(row) if !row.rejected => other_than_typed(note, row).map_or(Fate::Delivered, Fate::Lost),
            Some(_) => Fate::Lost("said to be at the bank, where it is rejected".to_owned()),
            None => Fate::Lost("said to be at the bank, which never had it".to_owned()),
        },
        (Place::Withdrawn | Place::Rejected, Wish::TakenBack) => match row {
            Some(row) if !row.rejected => Fate::Lost("taken back, and still at the bank".to_owned()),
            _ => Fate::TakenBack,
        },
        (Place::GoneElsewhere, Wish::GaveUp) if row.is_some_and(|row| row.rejected) => Fate::GivenUp,
        (Place::AtBank | Place::Withdrawn | Place::Rejected | Place::GoneElsewhere, wish) => {
            Fate::Lost(format!("{:?}, and the officer wanted {wish:?}", standing.place))
        }
        (place, _) => Fate::Unsettled(place),
    }
}

/// The first field in which the bank does not hold what she typed last.
fn other_than_typed(note: &Note, row: &Row) -> Option<String> {
    let differs = |(field, typed): &(&Field, &String)| !field.same(typed, row.get(field.wire()));
    note.typed.iter().find(differs).map(|(field, _)| format!("the bank holds another {}", field.name()))
}

/// What the bank did and holds.
struct Bank {
    creates: Vec<LedgerEntry>,
    /// Codes that somebody else rejected, and when.
    removed: BTreeMap<String, u64>,
    rows: BTreeMap<String, Row>,
}

impl Bank {
    fn new(ledger: Vec<LedgerEntry>, rows: Vec<Row>) -> Bank {
        let elsewhere = |entry: &LedgerEntry| entry.endpoint == "control";
        let prospects = ledger.into_iter().filter(|entry| entry.remote == "prospect");
        let (theirs, ours): (Vec<_>, Vec<_>) = prospects.partition(elsewhere);
        let creates = ours.into_iter().filter(|entry| entry.effect.kind == "create").collect();
        let removals = theirs.into_iter().filter(|entry| entry.effect.kind == "reject");
        let removed = removals.map(|entry| (entry.effect.code, entry.seq)).collect();
        let rows = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
        Bank { creates, removed, rows }
    }

    /// The row that a prospect of this tablet became, the last one if there are two.
    fn row_of(&self, id: ProspectId) -> Option<&Row> {
        let create = self.creates.iter().rev().find(|create| create.effect.client_ref == id.0.to_string())?;
        self.rows.get(&create.effect.code)
    }

    /// Creates beyond the first for one prospect: by the tablet's number for it, and by what makes a record.
    fn doubled(&self) -> usize {
        let by_number: BTreeSet<_> = self.creates.iter().map(|create| &create.effect.client_ref).collect();
        let record = |create: &LedgerEntry| {
            let fields = &create.effect.fields;
            [&create.effect.natural_key, fields.get("NameEn"), fields.get("NameKh")].map(str::to_owned)
        };
        let by_record: BTreeSet<_> = self.creates.iter().map(record).collect();
        self.creates.len() - by_number.len().min(by_record.len())
    }

    /// Creates that follow one of the same prospect which somebody else had removed in between.
    fn admitted(&self) -> usize {
        let followed = |(i, first): (usize, &LedgerEntry)| {
            let removed = self.removed.get(&first.effect.code)?;
            let again = |later: &&LedgerEntry| later.effect.client_ref == first.effect.client_ref;
            self.creates[i + 1..].iter().find(again).filter(|later| later.seq > *removed)
        };
        self.creates.iter().enumerate().filter_map(followed).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_sandbox::{Effect, Fate as Reply, Fields};

    fn entry(seq: u64, endpoint: &str, kind: &str, code: &str, client_ref: &str, key: &str) -> LedgerEntry {
        let effect = Effect {
            kind: kind.to_owned(),
            code: code.to_owned(),
            natural_key: key.to_owned(),
            client_ref: client_ref.to_owned(),
            digest: String::new(),
            fields: Fields::new(),
        };
        let (remote, officer) = ("prospect".to_owned(), "dara".to_owned());
        let (request, late, reply) = (seq, false, Reply::Sent);
        LedgerEntry {
            seq,
            at_ms: 0,
            remote,
            endpoint: endpoint.to_owned(),
            officer,
            request,
            late,
            reply,
            effect,
        }
    }

    fn create(seq: u64, code: &str, client_ref: &str, key: &str) -> LedgerEntry {
        entry(seq, "ProspectAddV2", "create", code, client_ref, key)
    }

    fn removal(seq: u64, code: &str) -> LedgerEntry {
        entry(seq, "control", "reject", code, "", "")
    }

    fn doubles(ledger: Vec<LedgerEntry>) -> (usize, usize) {
        let bank = Bank::new(ledger, Vec::new());
        (bank.doubled(), bank.admitted())
    }

    #[test]
    fn a_second_create_is_a_double() {
        assert_eq!(doubles(vec![create(1, "2947-1", "1", "a"), create(2, "2947-2", "2", "b")]), (0, 0));
        assert_eq!(doubles(vec![create(1, "2947-1", "1", "a"), create(2, "2947-2", "1", "a")]), (1, 0));
        assert_eq!(doubles(vec![create(1, "2947-1", "1", "a"), create(2, "2947-2", "2", "a")]), (1, 0));
        assert_eq!(doubles(vec![create(1, "2947-1", "1", "a"), create(2, "2947-2", "1", "b")]), (1, 0));
    }

    #[test]
    fn only_a_removal_in_between_admits_it() {
        let (first, second) = (create(1, "2947-1", "1", "a"), create(3, "2947-2", "1", "a"));
        assert_eq!(doubles(vec![first.clone(), removal(2, "2947-1"), second.clone()]), (1, 1));
        assert_eq!(doubles(vec![first.clone(), removal(2, "2947-9"), second.clone()]), (1, 0));
        assert_eq!(doubles(vec![first, second, removal(4, "2947-1")]), (1, 0));
    }

    #[test]
    fn what_the_bank_holds_is_compared_field_by_field() {
        let mut fields = Fields::new();
        fields.set("Phone", "012345678");
        fields.set("PromotionDate1", "2026-02-03 00:00:00.000");
        let (code, officer) = ("2947-1".to_owned(), "dara".to_owned());
        let row = Row { code, officer, rejected: false, created_ms: 0, changed_ms: 0, fields };
        let typed = |field, text: &str| Note { typed: [(field, text.to_owned())].into(), ..Note::default() };
        assert_eq!(other_than_typed(&typed(Field::Phone, "012345678"), &row), None);
        assert_eq!(other_than_typed(&typed(Field::Promotion1, "2026-02-03 23:59:00.000"), &row), None);
        assert!(other_than_typed(&typed(Field::Phone, "012345679"), &row).is_some());
        assert!(other_than_typed(&typed(Field::NameKh, "ជា ឌី"), &row).is_some());
    }
}
