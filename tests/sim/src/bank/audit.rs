//! The auditor: reads the ledger as it grows, and compares it with what the officers noted.

use super::{Bank, Row};
use crate::notebook::{EDITED, Notebook, Reading, Record, Word};
use crate::tablet::OFFICERS;
use satchel::prospect::Field;
use satchel_sandbox::LedgerEntry;
use std::sync::PoisonError;

impl Bank {
    /// Looks at what is new in the ledger.
    pub(crate) fn audit(&mut self, now: i64, notes: &mut Notebook) {
        let new: Vec<LedgerEntry> = self.server.ledger_after(self.seen).to_vec();
        for entry in new {
            self.seen = entry.seq;
            if entry.remote == "onboarding" {
                self.audit_onboarding(&entry, now, notes);
                continue;
            }
            if entry.remote == "collection" {
                self.audit_collection(&entry, now, notes);
                continue;
            }
            match entry.effect.kind.as_str() {
                "create" => self.created(&entry, now, notes),
                "update" => self.updated(&entry, now, notes),
                _ => {
                    if let Some(row) = self.rows.get_mut(&entry.effect.code) {
                        row.gone = true;
                    }
                }
            }
            if entry.request != 0 {
                self.author(&entry, now, notes);
            }
        }
    }

    pub(super) fn created(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let tag = entry.effect.fields.get("CustComment").to_owned();
        let mut row = Row { tag: tag.clone(), made: now, ..Row::default() };
        for field in EDITED {
            row.values.insert(field, (entry.effect.fields.get(field.wire()).to_owned(), now, entry.seq));
        }
        self.rows.insert(entry.effect.code.clone(), row);
        if entry.request == 0 {
            return;
        }
        self.delivered(&tag, entry, now, notes);
        self.own_key(&tag, entry, now, notes);
        let codes = self.creates.entry(tag.clone()).or_default();
        codes.push(entry.effect.code.clone());
        if let [before @ .., _] = codes.as_slice()
            && !before.is_empty()
        {
            let begun = self.requests.get(&entry.request).map_or(now, |came| came.begun);
            // A list that was asked for inside the window lacked it, for somebody had removed it.
            let in_window = |code: &String| {
                let made = self.rows.get(code).map_or(0, |row| row.made);
                let (Some(removed), Some(window)) = (notes.removed.get(code), self.window) else {
                    return false;
                };
                notes.reads.iter().any(|read| {
                    let inside = (*removed..=made + window).contains(&read.served);
                    read.code.is_empty() && inside && read.heard <= begun
                })
            };
            let restored =
                notes.tagged(&tag).is_some_and(|page| notes.restored.contains(&notes.records[page].officer));
            if before.iter().all(in_window)
                || (restored && before.iter().all(|code| self.rows.get(code).is_some_and(|row| row.gone)))
            {
                self.admitted += 1;
                notes
                    .trace
                    .line(now, format_args!("admitted: {tag} again, its first row was removed by others"));
            } else {
                self.doubled += 1;
                notes.violated(now, "doubled", format!("{tag} is at the bank {} times", codes.len()));
            }
        }
    }

    /// The natural key is one record's alone, and the officer had not taken it back when it left.
    pub(super) fn own_key(&mut self, tag: &str, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let key = (entry.officer.clone(), entry.effect.natural_key.clone());
        let other = self.keys.insert(key, tag.to_owned()).filter(|other| other != tag);
        let page = notes.tagged(tag);
        if let Some(other) = other
            && page.is_some_and(|page| !notes.restored.contains(&notes.records[page].officer))
        {
            notes.violated(now, "key", format!("{tag} was sent under the key of {other}"));
        }
        let begun = self.requests.get(&entry.request).map_or(now, |came| came.begun);
        if page.and_then(|page| notes.records[page].withdrawn).is_some_and(|at| begun > at) {
            notes.violated(now, "wish", format!("{tag} was sent though it was taken back"));
        }
    }

    pub(super) fn updated(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let code = &entry.effect.code;
        let tag = self.rows.get(code).map(|row| row.tag.clone()).unwrap_or_default();
        if entry.request != 0 {
            self.delivered(&tag, entry, now, notes);
        }
        for field in EDITED {
            let after = if entry.request == 0 {
                self.server
                    .prospects()
                    .row(code)
                    .map(|row| row.get(field.wire()).to_owned())
                    .unwrap_or_default()
            } else {
                entry.effect.fields.get(field.wire()).to_owned()
            };
            let before =
                self.rows.get(code).and_then(|row| row.values.get(&field)).cloned().unwrap_or_default();
            if before.0 == after {
                continue;
            }
            if entry.request != 0 && Notebook::foreign(&before.0) {
                self.overwritten(entry, &tag, field, (before.1, before.2), now, notes);
            }
            if let Some(row) = self.rows.get_mut(code) {
                row.values.insert(field, (after, now, entry.seq));
            }
        }
    }

    /// Our update has changed what another device wrote: had the officer seen it, or was it on its way meanwhile?
    pub(super) fn overwritten(
        &self,
        entry: &LedgerEntry,
        tag: &str,
        field: Field,
        (written, place): (i64, u64),
        now: i64,
        notes: &mut Notebook,
    ) {
        let Some(came) = self.requests.get(&entry.request) else { return };
        let Some(officer) = OFFICERS.iter().position(|(user, ..)| *user == entry.officer) else { return };
        let code = &entry.effect.code;
        let forgotten = |heard: i64| {
            notes.rolled.iter().any(|(whose, taken, back)| {
                *whose == officer && (*taken..=*back).contains(&heard) && came.begun > *back
            })
        };
        let mine = |read: &&Reading| {
            let about = read.code.is_empty() || read.code == *code;
            read.officer == officer && about && read.heard <= came.begun && !forgotten(read.heard)
        };
        let last = notes.reads.iter().filter(mine).map(|read| (read.served, read.heard)).max();
        let shown =
            notes.reads.iter().filter(mine).filter(|read| read.up_to >= place).map(|read| read.heard).min();
        let why = match (last, shown) {
            (None, _) => Some("nothing was read before".to_owned()),
            (Some((_, heard)), None) => {
                let old = came.begun - heard;
                (old > self.round_trip).then(|| format!("the reading before it was {old} ms old"))
            }
            (_, Some(shown)) => {
                let record = notes.tagged(tag).map(|page| &notes.records[page]);
                let knew = record.is_none_or(|record| chose(record, field, written, shown));
                (!knew).then(|| "it had been read, and the officer had not chosen".to_owned())
            }
        };
        if let Some(why) = why {
            notes.violated(now, "overwritten", format!("{code} {tag} {}: {why}", field.wire()));
        }
    }

    pub(super) fn delivered(&mut self, tag: &str, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let mut at_server = self.at_server.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(page) = notes.tagged(tag) else { return };
        for field in EDITED {
            let value = entry.effect.fields.get(field.wire());
            at_server.insert((tag.to_owned(), value.to_owned()));
            let said = notes.records[page].said.get(&field).map(Vec::as_slice).unwrap_or_default();
            let Some(at) = said.iter().rposition(|said| said.value == value) else { continue };
            let latest = self.latest.entry((tag.to_owned(), field)).or_insert(0);
            if at < *latest
                && !notes.restored.contains(&notes.records[page].officer)
                && !notes.records[page].left.contains_key(&field)
            {
                let newer = said[*latest].value.clone();
                notes.violated(now, "order", format!("{tag} {}: {value} landed over {newer}", field.wire()));
            } else {
                *latest = at;
            }
        }
    }

    pub(super) fn author(&self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let tag = self.rows.get(&entry.effect.code).map(|row| row.tag.clone()).unwrap_or_default();
        let whose = notes.tagged(&tag).map(|page| OFFICERS[notes.records[page].officer].0);
        if whose.is_some_and(|whose| whose != entry.officer) {
            notes.violated(now, "author", format!("{tag} was sent in the session of {}", entry.officer));
        }
    }
}

/// Had she seen it when she wrote hers, or insisted on hers?
fn chose(record: &Record, field: Field, written: i64, shown: i64) -> bool {
    let said = record.said.get(&field).map(Vec::as_slice).unwrap_or_default();
    record.mine.get(&field).is_some_and(|at| *at >= written)
        || said.iter().any(|s| s.word > Word::No && s.at >= shown)
}
