//! What the officer typed, looked at before it is kept: by the lengths of the service's table and the profile's lists.

use super::model::ResultFields;
use crate::error::{Error, Problem, Result};
use crate::profile::CollectionProfile;
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// Lengths of the seed's table, in characters.
pub(super) const CONTRACT: usize = 25;
pub(super) const NAME: usize = 50;
pub(super) const CODE: usize = 10;
const REMARK: usize = 255;
const OFFICER: usize = 25;

/// The most that `period` holds.
const PERIODS: i64 = 999;

/// What was typed, with the time of the visit filled in.
///
/// # Errors
/// `InvalidInput` naming the first field that is wrong.
pub(super) fn check(
    mut fields: ResultFields,
    profile: &CollectionProfile,
    now: DateTime,
) -> Result<ResultFields> {
    code("result", &fields.result, &profile.results)?;
    code("action", &fields.action, &profile.actions)?;
    if fields.remark.chars().nth(REMARK).is_some() {
        return Err(Error::invalid("remark", Problem::TooLong { max: REMARK }));
    }
    if fields.remark.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Error::invalid("remark", Problem::ControlCharacter));
    }
    let form = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
    let collected = fields.collected.unwrap_or(now).with().subsec_nanosecond(0).build();
    let collected = collected.map_err(|_| Error::internal("collected"))?;
    // A minute's grace: clocks of a tablet and of its officer.
    if collected > now.saturating_add(1.minute()) || collected.year() < 2000 {
        return form("collected", "a time from the year 2000 until now");
    }
    fields.collected = Some(collected);
    let latest = collected.date().saturating_add(i64::from(profile.promise_days).days());
    match fields.promised {
        None if profile.promise_required.contains(&fields.result) => {
            return Err(Error::invalid("promised", Problem::Missing));
        }
        Some(day) if day < collected.date() || day > latest => {
            return form("promised", "a day from the visit on, as far ahead as the profile allows");
        }
        _ => {}
    }
    if !(0..=PERIODS).contains(&fields.period) {
        return form("period", "a whole number from 0 to 999");
    }
    Ok(fields)
}

fn code(field: &'static str, code: &str, list: &BTreeMap<String, String>) -> Result<()> {
    match code {
        "" => Err(Error::invalid(field, Problem::Missing)),
        _ if code.chars().nth(CODE).is_some() => Err(Error::invalid(field, Problem::TooLong { max: CODE })),
        _ if code.chars().any(char::is_control) => Err(Error::invalid(field, Problem::ControlCharacter)),
        _ if !list.is_empty() && !list.contains_key(code) => Err(Error::invalid(field, Problem::NotInList)),
        _ => Ok(()),
    }
}

/// What the service takes of a contract and of an officer.
///
/// # Errors
/// `InvalidInput` in `contract` or `officer`.
pub(super) fn names(contract: &str, officer: &str) -> Result<()> {
    for (field, text, max) in [("contract", contract, CONTRACT), ("officer", officer, OFFICER)] {
        if text.chars().nth(max).is_some() {
            return Err(Error::invalid(field, Problem::TooLong { max }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn typed() -> ResultFields {
        ResultFields { result: "PTP01".into(), action: "PTP".into(), ..ResultFields::default() }
    }

    fn checked(change: impl FnOnce(&mut ResultFields)) -> Result<ResultFields> {
        let mut profile = CollectionProfile::new("https://bank.example/tasks", "https://bank.example/result");
        profile.results = ["PTP01", "NA"].map(|code| (code.to_owned(), code.to_owned())).into();
        profile.promise_required = vec!["PTP01".into()];
        let mut fields = ResultFields { promised: Some(date(2021, 12, 31)), ..typed() };
        change(&mut fields);
        check(fields, &profile, datetime(2021, 12, 29, 10, 30, 5, 999))
    }

    #[test]
    fn the_time_of_the_visit_is_now_unless_it_is_said() {
        assert_eq!(checked(|_| ()).expect("good").collected, Some(datetime(2021, 12, 29, 10, 30, 5, 0)));
        let said = datetime(2021, 12, 28, 8, 0, 0, 0);
        assert_eq!(checked(|f| f.collected = Some(said)).expect("good").collected, Some(said));
    }

    #[test]
    fn what_the_bank_would_not_take_is_named_at_the_desk() {
        type Change = fn(&mut ResultFields);
        let bad: [(&str, Change); 11] = [
            ("result", |f| f.result.clear()),
            ("result", |f| f.result = "XYZ".into()),
            ("action", |f| f.action = "A".repeat(11)),
            ("action", |f| f.action = "A\u{7}".into()),
            ("remark", |f| f.remark = "x".repeat(256)),
            ("remark", |f| f.remark = "\0".into()),
            ("collected", |f| f.collected = Some(datetime(2021, 12, 30, 0, 0, 0, 0))),
            ("promised", |f| f.promised = None),
            ("promised", |f| f.promised = Some(date(2021, 12, 28))),
            ("promised", |f| f.promised = Some(date(2031, 12, 28))),
            ("period", |f| f.period = 1000),
        ];
        for (field, change) in bad {
            let error = checked(change).expect_err(field);
            assert!(
                matches!(error, Error::InvalidInput { field: named, .. } if named == field),
                "{field}: {error}"
            );
        }
        let long = "ក".repeat(255);
        assert_eq!(
            checked(|f| f.remark.clone_from(&long)).expect("255 characters, whatever their bytes").remark,
            long
        );
    }

    #[test]
    fn no_more_of_a_number_is_taken_than_the_service_takes() {
        assert!(names(&"1".repeat(25), "dara").is_ok());
        assert!(names(&"1".repeat(26), "dara").is_err() && names("1", &"d".repeat(26)).is_err());
    }
}
