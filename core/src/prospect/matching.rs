//! Did it arrive? What a read-back proves about a create or an update whose answer was lost. Pure.
//!
//! Names and phone are what makes a person and the natural key what makes a record; no verdict looks at the fields
//! that a V1.0.0 server lacks. When in any doubt the verdict is *near*, which asks the officer: a wrong *proved* would
//! lose a record, a wrong *absent* would double it.

use super::wire::Downloaded;
use super::{Field, Fields};
use crate::text::civil::same_minute;
use crate::text::search_key::{digits, normalise};
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// The most rows that are kept to be shown to the officer.
pub const SHOWN: usize = 20;

/// What a complete read-back says about a create.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived, under this code.
    Proved(String),
    /// Something like it is there: these rows, or the first [`SHOWN`] of them.
    Near(Vec<Downloaded>),
    /// Nothing like it is there.
    Absent,
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Verdict::Proved(_) => f.write_str("Proved(…)"),
            Verdict::Near(rows) => write!(f, "Near({} rows)", rows.len()),
            Verdict::Absent => f.write_str("Absent"),
        }
    }
}

/// One create in doubt, looked for in a download as its rows go by: many can be looked for in one download.
pub struct Sought {
    key: String,
    at: Option<DateTime>,
    exact: [String; 3],
    loose: [String; 3],
    rows: Vec<Downloaded>,
    /// Those that are like it only if the server has cut their seconds off.
    cut: Vec<Downloaded>,
    /// There were more of them than are kept: whose they all are is not known.
    flooded: bool,
    on_key: usize,
    proof: Option<String>,
}

impl Sought {
    /// Looks for the create that was sent with these fields.
    #[must_use]
    pub fn new(sent: &Fields) -> Self {
        let exact = PERSON.map(|f| sent.get(f).to_owned());
        let loose = PERSON.map(|f| loosely(f, sent.get(f)));
        let (key, at) = (sent.get(Field::CreatedAt).to_owned(), sent.date_time(Field::CreatedAt));
        let (rows, cut) = (vec![], vec![]);
        Sought { key, at, exact, loose, rows, cut, flooded: false, on_key: 0, proof: None }
    }

    /// Shows it one row.
    pub fn see(&mut self, row: &Downloaded) {
        let on_key = Field::CreatedAt.same(&self.key, row.created_at());
        let near = on_key || (self.within_a_day(row) && self.same_person(row));
        if !near {
            if self.cut_key(row) {
                self.flooded = self.cut.len() == SHOWN;
                if !self.flooded {
                    self.cut.push(row.clone());
                }
            }
            return;
        }
        self.on_key += usize::from(on_key);
        let exact = on_key && PERSON.into_iter().zip(&self.exact).all(|(f, sent)| row.fields.get(f) == sent);
        if exact {
            self.proof = Some(row.code.clone());
            // The likeliest first, and never beyond those that are shown.
            self.rows.insert(0, row.clone());
            self.rows.truncate(SHOWN);
        } else if self.rows.len() < SHOWN {
            self.rows.push(row.clone());
        }
    }

    /// The verdict, once the whole download has gone by. `owned` says whether another record of this book already has
    /// that code.
    ///
    /// *Proved* is exactly one row of the natural key, whose names and phone are those that were sent, under a code
    /// that no other record has.
    #[must_use]
    pub fn verdict(&self, owned: impl Fn(&str) -> bool) -> Verdict {
        match &self.proof {
            Some(code) if self.on_key == 1 && !code.is_empty() && !owned(code) => {
                Verdict::Proved(code.clone())
            }
            _ => {
                let cut = self.cut.iter().filter(|row| !owned(&row.code));
                let near: Vec<_> = self.rows.iter().chain(cut).take(SHOWN).cloned().collect();
                match near.is_empty() {
                    true if self.flooded => Verdict::Near(self.cut.clone()),
                    true => Verdict::Absent,
                    false => Verdict::Near(near),
                }
            }
        }
    }

    /// Has it seen a row of that code that could be it?
    #[must_use]
    pub fn saw(&self, code: &str) -> bool {
        self.rows.iter().chain(&self.cut).any(|row| row.code == code)
    }

    /// Its key without the seconds, and a name or the phone: a server that cuts them off, and a row that somebody has
    /// changed since.
    fn cut_key(&self, row: &Downloaded) -> bool {
        let held = row.created_at();
        let cut = held.ends_with(":00.000") && same_minute(held, &self.key);
        let mut person = PERSON.into_iter().zip(&self.loose);
        cut && person.any(|(f, sought)| !sought.is_empty() && loosely(f, row.fields.get(f)) == *sought)
    }

    fn same_person(&self, row: &Downloaded) -> bool {
        PERSON.into_iter().zip(&self.loose).all(|(f, sought)| loosely(f, row.fields.get(f)) == *sought)
    }

    /// A key that cannot be read is taken to be near.
    fn within_a_day(&self, row: &Downloaded) -> bool {
        match (self.at, row.fields.date_time(Field::CreatedAt)) {
            (Some(sent), Some(held)) => held.duration_since(sent).abs() <= SignedDuration::from_hours(24),
            _ => true,
        }
    }
}

/// The phone first: it is the cheapest to compare.
const PERSON: [Field; 3] = [Field::Phone, Field::NameEn, Field::NameKh];

fn loosely(field: Field, text: &str) -> String {
    if field == Field::Phone { digits(text) } else { normalise(text) }
}

/// Does the server hold what an update sent? The natural key is no part of it, nor what the row does not speak of.
#[must_use]
pub fn arrived(sent: &Fields, row: &Downloaded, v100: bool) -> bool {
    row.over(sent, v100).differing(sent).all(|f| f == Field::CreatedAt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "2021-02-09 23:59:07.000";

    fn fields(key: &str, phone: &str, en: &str, kh: &str) -> Fields {
        let mut fields = Fields::default();
        let pairs =
            [(Field::CreatedAt, key), (Field::Phone, phone), (Field::NameEn, en), (Field::NameKh, kh)];
        pairs.into_iter().for_each(|(f, v)| fields.set(f, v));
        fields
    }

    fn row(code: &str, key: &str, phone: &str, en: &str, kh: &str) -> Downloaded {
        Downloaded { code: code.into(), fields: fields(key, phone, en, kh), ..Downloaded::default() }
    }

    fn verdict(rows: &[Downloaded]) -> Verdict {
        verdict_where(rows, |_| false)
    }

    fn verdict_where(rows: &[Downloaded], owned: impl Fn(&str) -> bool) -> Verdict {
        let mut sought = Sought::new(&fields(KEY, "096 852", "Pha dy", " មី ណា"));
        rows.iter().for_each(|row| sought.see(row));
        sought.verdict(owned)
    }

    fn same(code: &str) -> Downloaded {
        row(code, KEY, "096 852", "Pha dy", " មី ណា")
    }

    #[test]
    fn one_row_with_key_names_and_phone_proves() {
        let stranger = row("9", "2021-02-09 23:59:08.000", "1", "X", "Y");
        assert_eq!(verdict(&[stranger.clone(), same("2947-1"), stranger]), Verdict::Proved("2947-1".into()));
    }

    #[test]
    fn a_code_that_another_record_has_or_none_proves_nothing() {
        assert_eq!(
            verdict_where(&[same("2947-1")], |code| code == "2947-1"),
            Verdict::Near(vec![same("2947-1")])
        );
        assert_eq!(verdict(&[same("")]), Verdict::Near(vec![same("")]));
    }

    #[test]
    fn the_key_with_anything_else_asks() {
        for other in [
            row("1", KEY, "096 853", "Pha dy", " មី ណា"),
            row("1", KEY, "096 852", "Pha", " មី ណា"),
            row("1", KEY, "096 852", "Pha dy", "មី ណា"),
            row("1", KEY, "", "", ""),
        ] {
            assert_eq!(verdict(std::slice::from_ref(&other)), Verdict::Near(vec![other]));
        }
    }

    #[test]
    fn several_rows_of_the_key_ask() {
        assert_eq!(verdict(&[same("1"), same("2")]), Verdict::Near(vec![same("2"), same("1")]));
        let other = row("2", KEY, "1", "X", "Y");
        assert_eq!(verdict(&[other.clone(), same("1")]), Verdict::Near(vec![same("1"), other]));
    }

    #[test]
    fn the_same_person_within_a_day_asks_and_beside_a_proof_does_not() {
        let near = |key| row("1", key, "096852", "PHA DY", "មីណា");
        for key in ["2021-02-09 23:59:00.000", "2021-02-10 23:59:07.000", "2021-02-08 23:59:07.000", "9 Feb"]
        {
            assert_eq!(verdict(&[near(key)]), Verdict::Near(vec![near(key)]), "{key}");
        }
        for key in ["2021-02-10 23:59:08.000", "2021-02-08 23:59:06.000"] {
            assert_eq!(verdict(&[near(key)]), Verdict::Absent, "{key}");
        }
        let someone_else = row("1", "2021-02-09 23:58:00.000", "096852", "PHA DY", "មីណ");
        assert_eq!(verdict(&[someone_else]), Verdict::Absent);
        assert_eq!(verdict(&[near("2021-02-09 23:59:00.000"), same("7")]), Verdict::Proved("7".into()));
        assert_eq!(verdict(&[]), Verdict::Absent);
    }

    #[test]
    fn a_key_cut_to_the_minute_with_a_name_or_the_phone_asks() {
        let cut = |phone, en, kh| row("1", "2021-02-09 23:59:00.000", phone, en, kh);
        for changed in [cut("096852", "X", "Y"), cut("1", "PHA DY", "Y"), cut("1", "X", "មីណា")] {
            assert_eq!(verdict(std::slice::from_ref(&changed)), Verdict::Near(vec![changed]));
        }
        assert_eq!(verdict(&[cut("1", "X", "Y")]), Verdict::Absent, "somebody else of that minute");
        assert_eq!(verdict(&[cut("", "", "")]), Verdict::Absent);
        let mut sought = Sought::new(&fields(KEY, "096 852", "Pha dy", " មី ណា"));
        sought.see(&cut("096852", "X", "Y"));
        assert_eq!(sought.verdict(|code| code == "1"), Verdict::Absent, "another record's code");
    }

    #[test]
    fn a_flood_of_near_rows_is_bounded_and_does_not_hide_the_likeliest() {
        let near = row("1", "2021-02-09 23:59:00.000", "096852", "PHA DY", "មីណា");
        let mut rows = vec![near; 1_000];
        rows.push(same("7"));
        rows.push(same("8"));
        let Verdict::Near(shown) = verdict(&rows) else { panic!("several rows of the key ask") };
        assert_eq!(shown.len(), SHOWN);
        assert_eq!((shown[0].code.as_str(), shown[1].code.as_str()), ("8", "7"));
        let others = vec![row("1", "2021-02-09 23:59:00.000", "096852", "PHA DY", "មីណា"); SHOWN + 1];
        for (seen, kept) in [(SHOWN - 1, SHOWN - 1), (SHOWN, SHOWN), (SHOWN + 1, SHOWN)] {
            assert_eq!(verdict(&others[..seen]), Verdict::Near(others[..kept].to_vec()));
        }
    }

    #[test]
    fn a_flood_of_other_records_of_that_minute_hides_no_row() {
        let cut = |code: &str| row(code, "2021-02-09 23:59:00.000", "096852", "X", "Y");
        let ours = |code: &str| code == "ours";
        let mut rows = vec![cut("ours"); SHOWN];
        assert_eq!(verdict_where(&rows, ours), Verdict::Absent, "each of them is another record's");
        rows.push(cut("1"));
        let Verdict::Near(shown) = verdict_where(&rows, ours) else { panic!("one of them may be it") };
        assert_eq!(shown.len(), SHOWN);
        assert_eq!(verdict(&rows), Verdict::Near(rows[..SHOWN].to_vec()));
        rows[0] = row("2", "2021-02-09 12:00:00.000", "096852", "PHA DY", "មីណា");
        assert_eq!(verdict_where(&rows, ours), Verdict::Near(vec![rows[0].clone(), rows[SHOWN].clone()]));
        let mut sought = Sought::new(&fields(KEY, "096 852", "Pha dy", " មី ណា"));
        rows.iter().for_each(|row| sought.see(row));
        assert_eq!(["2", "1", "ours", "3"].map(|code| sought.saw(code)), [true, true, true, false]);
    }

    #[test]
    fn an_update_arrived_when_the_server_holds_all_of_it() {
        let mut sent = fields(KEY, "1", "A", "B");
        sent.set(Field::Promotion1, "2021-02-09 23:59:00.000");
        sent.set(Field::OfficerComment, "waits");
        let mut row = Downloaded { code: "1".into(), fields: sent.clone(), ..Downloaded::default() };
        row.fields.set(Field::Promotion1, "2021-02-09 00:00:00.000");
        row.fields.set(Field::CreatedAt, "2021-02-09 23:59:00.000");
        assert!(arrived(&sent, &row, false));
        row.fields.set(Field::OfficerComment, "");
        assert!(!arrived(&sent, &row, false) && arrived(&sent, &row, true));
        row.unsaid.push(Field::OfficerComment);
        assert!(arrived(&sent, &row, false));
        row.fields.set(Field::NameEn, "a");
        assert!(!arrived(&sent, &row, true));
    }

    #[test]
    fn debug_shows_no_personal_data() {
        let canary = row("CANARY", KEY, "CANARY", "CANARY", "CANARY");
        let shown = format!("{:?} {:?}", Verdict::Proved("CANARY".into()), Verdict::Near(vec![canary]));
        assert_eq!(shown, "Proved(…) Near(1 rows)");
        assert_eq!(format!("{:?}", Verdict::Absent), "Absent");
    }

    fn any_row() -> impl Strategy<Value = Downloaded> {
        let of = |values: &'static [&'static str]| prop::sample::select(values);
        let keys = of(&[KEY, "2021-02-09 23:59:00.000", "2021-02-11 00:00:00.000", "?"]);
        let people = (of(&["096 852", "096852", "1"]), of(&["Pha dy", "pha", ""]), of(&[" មី ណា", "មីណា", ""]));
        (of(&["1", "2", "3", ""]), keys, people)
            .prop_map(|(code, key, (phone, en, kh))| row(code, key, phone, en, kh))
    }

    proptest! {
        /// The order of the rows makes no difference, and a row more never turns a sighting into absence.
        #[test]
        fn the_order_does_not_matter(mut rows in prop::collection::vec(any_row(), 0..8), more in any_row()) {
            let kind = |rows: &[Downloaded]| match verdict(rows) {
                Verdict::Proved(code) => (Some(code), 0),
                Verdict::Near(rows) => (None, rows.len()),
                Verdict::Absent => (None, 0),
            };
            let forward = kind(&rows);
            rows.reverse();
            prop_assert_eq!(&kind(&rows), &forward);
            rows.push(more);
            prop_assert!(forward == (None, 0) || verdict(&rows) != Verdict::Absent);
        }

        /// Absent means: no row has the key, and nobody with these names and phone is within a day.
        #[test]
        fn absent_means_nothing_like_it(rows in prop::collection::vec(any_row(), 0..8)) {
            if verdict(&rows) == Verdict::Absent {
                prop_assert!(rows.iter().all(|r| r.created_at() != KEY));
                prop_assert!(!rows.iter().any(|r| verdict(std::slice::from_ref(r)) != Verdict::Absent));
            }
        }
    }
}
