//! Executing calls.

use super::dates::Civil;
use super::rules::{Mixed, Unknown};
use super::wire::{self, AddEntry, ERROR, NOT_FOUND, SUCCEED};
use super::{Prospects, Row, effect};
use crate::fields::Fields;
use crate::ledger::Effect;
use crate::remote::{Knobs, Outcome, Phrase, Reply, Twist};

impl Prospects {
    pub(super) fn add(&mut self, officer: &str, entries: Vec<Fields>, knobs: &Knobs, now_ms: i64) -> Outcome {
        if self.settings.spoilt(&entries) {
            let reply = Reply::ok(wire::failed("ProspectAddV2", Phrase::Invalid));
            return Outcome { reply, effects: Vec::new() };
        }
        let verdicts: Vec<Option<String>> =
            entries.iter().map(|entry| self.verdict(officer, entry)).collect();
        let spoilt = self.settings.mixed != Mixed::Kept && verdicts.iter().any(Option::is_some);
        let mut replies = Vec::new();
        let mut effects = Vec::new();
        for (entry, verdict) in entries.into_iter().zip(verdicts) {
            let client_id = entry.get("ProspectClientID").to_owned();
            match verdict {
                Some(sms) => replies.push(refused(sms, client_id)),
                None if spoilt && self.settings.mixed == Mixed::OnlyErrorsListed => {}
                None if spoilt => replies.push(refused("Another entry was refused".to_owned(), client_id)),
                None => {
                    let done = self.put(officer, entry, knobs, now_ms);
                    let code = done.code.clone();
                    replies.push(AddEntry { err: SUCCEED, sms: String::new(), client_id, code });
                    effects.push(done);
                }
            }
        }
        twist(&mut replies, knobs);
        Outcome { reply: Reply::ok(wire::added(&replies, if spoilt { ERROR } else { SUCCEED })), effects }
    }

    fn verdict(&self, officer: &str, entry: &Fields) -> Option<String> {
        let code = entry.get("Code");
        match self.settings.refuse(entry) {
            None if !code.is_empty() && self.live(code, officer).is_none() => Some(NOT_FOUND.to_owned()),
            verdict => verdict,
        }
    }

    /// Creates or updates. The ledger gets the fields as sent, the row as this server keeps them.
    fn put(&mut self, officer: &str, sent: Fields, knobs: &Knobs, now_ms: i64) -> Effect {
        let mut kept = sent.clone();
        if knobs.round_minutes
            && let Some(civil) = Civil::read(sent.get("CreateDateClient"))
        {
            kept.set("CreateDateClient", civil.to_the_minute().upload());
        }
        match self.live(sent.get("Code"), officer) {
            Some(number) => {
                let code = sent.get("Code").to_owned();
                self.change(number, now_ms, |row| row.fields = kept);
                effect("update", &code, &sent)
            }
            None => {
                let code = self.create(officer, kept, now_ms);
                effect("create", &code, &sent)
            }
        }
    }

    pub(super) fn create(&mut self, officer: &str, mut fields: Fields, now_ms: i64) -> String {
        self.last += 1;
        let code = format!("{}-{}", self.settings.branch, self.last);
        fields.set("Code", code.clone());
        let officer = officer.to_owned();
        let (created_ms, changed_ms) = (now_ms, now_ms);
        let row = Row { code: code.clone(), officer, rejected: false, created_ms, changed_ms, fields };
        self.rows.insert(self.last, row);
        self.changed.insert(self.last);
        code
    }

    pub(super) fn change(&mut self, number: u64, now_ms: i64, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(&number) {
            change(row);
            row.changed_ms = now_ms;
            self.changed.insert(number);
        }
    }

    pub(super) fn reject(&mut self, officer: &str, code: &str, now_ms: i64) -> Outcome {
        let found = self.live(code, officer);
        let effects = found.map(|number| {
            self.change(number, now_ms, |row| row.rejected = true);
            effect("reject", code, &self.rows[&number].fields)
        });
        Outcome { reply: Reply::ok(wire::rejected(found.is_some())), effects: effects.into_iter().collect() }
    }

    pub(super) fn get(&self, officer: &str, code: &str) -> String {
        let v1_0_0 = self.settings.v1_0_0;
        let mine = |row: &&Row| !row.rejected && row.officer == officer;
        if code.is_empty() {
            return wire::downloaded(self.rows.values().filter(mine), v1_0_0);
        }
        let row = self.row(code).filter(mine);
        match (row, self.settings.unknown_code) {
            (None, Unknown::NotFound) => wire::nothing_to_download(),
            (row, _) => wire::downloaded(row.into_iter(), v1_0_0),
        }
    }
}

fn refused(sms: String, client_id: String) -> AddEntry {
    AddEntry { err: ERROR, sms, client_id, code: String::new() }
}

fn twist(replies: &mut Vec<AddEntry>, knobs: &Knobs) {
    let Some(twist) = knobs.twist.filter(|twist| replies.len() >= twist.needs()) else { return };
    let at = knobs.pick as usize % replies.len();
    match twist {
        Twist::Swap => replies.reverse(),
        Twist::Missing => {
            replies.remove(at);
        }
        Twist::WrongReference => replies[at].client_id.push_str("999999"),
        Twist::Duplicate { contradict } => {
            let mut copy = replies[at].clone();
            if contradict && copy.err == SUCCEED {
                copy = refused("Phone is invalid".to_owned(), copy.client_id);
            } else if contradict {
                copy.err = SUCCEED;
            }
            replies.insert(at + 1, copy);
        }
    }
}
