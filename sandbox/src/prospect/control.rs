//! What another device, or the bank's staff, does to a prospect while the tablet is not looking.

use super::wire::{DATES, UPLOAD};
use super::{Prospects, effect};
use crate::fields::Fields;
use crate::ledger::Effect;

/// A change, and what the ledger is to say of it: the owner and the effect.
type Changed<R> = (R, Vec<(String, Effect)>);

impl Prospects {
    /// Sets fields of a prospect. False: no such prospect, or no such field.
    pub fn edit(&mut self, code: &str, edits: &[(String, String)], now_ms: i64) -> Changed<bool> {
        let known = edits.iter().all(|(name, _)| known(name) && name != "Code");
        let Some(number) = self.number(code).filter(|_| known) else { return (false, Vec::new()) };
        self.change(number, now_ms, |row| {
            edits.iter().for_each(|(name, value)| row.fields.set(name.clone(), value.clone()));
        });
        self.changed_elsewhere("update", number)
    }

    /// Rejects a prospect. False: no such prospect.
    pub fn remove(&mut self, code: &str, now_ms: i64) -> Changed<bool> {
        let Some(number) = self.number(code) else { return (false, Vec::new()) };
        self.change(number, now_ms, |row| row.rejected = true);
        self.changed_elsewhere("reject", number)
    }

    /// Makes a prospect for `officer` from some fields; the others get what the document's sample has, dates the
    /// first day of 2021, texts nothing. Returns its code; none if a field is not known.
    pub fn insert(
        &mut self,
        officer: &str,
        given: &[(String, String)],
        now_ms: i64,
    ) -> Changed<Option<String>> {
        if given.iter().any(|(name, _)| !known(name)) {
            return (None, Vec::new());
        }
        let mut fields = Fields::new();
        UPLOAD.into_iter().for_each(|name| fields.set(name, usual(name)));
        given.iter().for_each(|(name, value)| fields.set(name.clone(), value.clone()));
        let code = self.create(officer, fields, now_ms);
        let effects = self.changed_elsewhere("create", self.last).1;
        (Some(code), effects)
    }

    fn changed_elsewhere(&self, kind: &str, number: u64) -> Changed<bool> {
        let row = &self.rows[&number];
        (true, vec![(row.officer.clone(), effect(kind, &row.code, &row.fields))])
    }
}

fn known(name: &str) -> bool {
    UPLOAD.contains(&name)
}

fn usual(name: &str) -> &'static str {
    match name {
        name if DATES.contains(&name) => "2021-01-01 08:00:00.000",
        "Age" => "26",
        "BizStatusID" | "CollateralStatusID" | "LoanEligibleID" => "1",
        "GenderID" => "MALE",
        "IsOldCust" => "0",
        "NameEn" => "Somebody Else",
        "NameKh" => "អ្នកផ្សេង",
        "Phone" => "012000000",
        "ProspectStatusID" => "2",
        "ReferByID" => "AMK",
        "VillageID" => "03070105",
        _ => "",
    }
}
