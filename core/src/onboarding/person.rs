//! Who applies: what the officer types of her, and how a prospect becomes her.

use crate::error::{Error, Problem, Result};
use crate::profile::OnboardingProfile;
use crate::prospect::{Field, Fields, shows};
use crate::text::search_key::digits;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An applicant or co-applicant as the officer typed her. Texts are kept as typed, leading spaces too.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// Given name. Required.
    pub first_name: String,
    /// Family name. Required.
    pub last_name: String,
    /// Date of birth. Required.
    pub date_of_birth: Option<Date>,
    /// E-mail address; may be empty.
    pub email: String,
    /// The country's code with its plus: `+855`.
    pub mobile_country_code: String,
    /// The number without the country's code, as typed. Required.
    pub mobile_number: String,
    /// `BranchReference`; empty: the profile's.
    pub branch: String,
    /// She is a customer or member already.
    pub existing: bool,
    /// She has agreed to what the bank does with her data. Required to be true: nothing of her leaves without it.
    pub consent: bool,
    /// `EntityId` of a co-applicant: no reply of the bank yields it, so it is handed in. Empty: the application's
    /// `Application_id` is sent, which the bank's document neither asks for nor forbids.
    pub entity_id: String,
}
shows!(Person {});

impl Person {
    /// The person of a prospect, to be looked over before it is saved. In `name_en`, or else in `name_kh`, the family name
    /// stands first, as it is written in Khmer; what is one word is the first name. A phone of eight digits or more that
    /// begins with 855 or 0 is taken apart into country code and number.
    #[must_use]
    pub fn of(prospect: &Fields) -> Person {
        let en = prospect.get(Field::NameEn).trim();
        let name = if en.is_empty() { prospect.get(Field::NameKh).trim() } else { en };
        let (last, first) = name.split_once(char::is_whitespace).unwrap_or(("", name));
        let all = digits(prospect.get(Field::Phone));
        let number = all.strip_prefix("855").filter(|rest| rest.len() >= 8).unwrap_or(&all);
        Person {
            first_name: first.trim().to_owned(),
            last_name: last.to_owned(),
            mobile_country_code: if number.is_empty() { String::new() } else { "+855".to_owned() },
            mobile_number: number.strip_prefix('0').unwrap_or(number).to_owned(),
            ..Person::default()
        }
    }

    /// Checks what was typed.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong.
    pub(super) fn check(&self, profile: &OnboardingProfile) -> Result<()> {
        let max = profile.max_text;
        for (field, text, required) in self.texts() {
            if text.trim().is_empty() && required {
                return Err(Error::invalid(field, Problem::Missing));
            }
            if text.chars().nth(max).is_some() {
                return Err(Error::invalid(field, Problem::TooLong { max }));
            }
            if text.chars().any(char::is_control) {
                return Err(Error::invalid(field, Problem::ControlCharacter));
            }
        }
        let form = |good: bool, field, expected| match good {
            true => Ok(()),
            false => Err(Error::invalid(field, Problem::Form { expected })),
        };
        let born = self.date_of_birth.ok_or(Error::invalid("date_of_birth", Problem::Missing))?;
        form((1900..=2100).contains(&born.year()), "date_of_birth", "a year from 1900 to 2100")?;
        form(self.email.is_empty() || is_email(&self.email), "email", "an e-mail address")?;
        let code = &self.mobile_country_code;
        form(code.is_empty() || is_country(code), "mobile_country_code", "a plus and one to four digits")?;
        form(is_number(&self.mobile_number), "mobile_number", "a phone number")?;
        match self.consent {
            true => Ok(()),
            false => Err(Error::invalid("consent", Problem::Missing)),
        }
    }

    fn texts(&self) -> [(&'static str, &str, bool); 7] {
        [
            ("first_name", &self.first_name, true),
            ("last_name", &self.last_name, true),
            ("email", &self.email, false),
            ("mobile_country_code", &self.mobile_country_code, false),
            ("mobile_number", &self.mobile_number, true),
            ("branch", &self.branch, false),
            ("entity_id", &self.entity_id, false),
        ]
    }
}

/// Something before and after one `@`; what mail servers make of it is theirs.
fn is_email(text: &str) -> bool {
    let mut parts = text.split('@');
    let (name, host) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    !name.is_empty() && host.contains('.') && parts.next().is_none() && !text.contains(char::is_whitespace)
}

fn is_country(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || " -()./".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sok() -> Person {
        Person {
            first_name: "Dara".into(),
            last_name: "Sok".into(),
            date_of_birth: Some(jiff::civil::date(1985, 10, 10)),
            mobile_country_code: "+855".into(),
            mobile_number: "12 345 678".into(),
            consent: true,
            ..Person::default()
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let profile = OnboardingProfile::new("https://bank.example/");
        assert_eq!(sok().check(&profile), Ok(()));
        type Change = fn(&mut Person);
        let wrong: [(&str, Change); 9] = [
            ("first_name", |p| p.first_name = "  ".into()),
            ("last_name", |p| p.last_name = "x".repeat(501)),
            ("email", |p| p.email = "dara@localhost".into()),
            ("email", |p| p.email = "da ra@mail.example".into()),
            ("mobile_country_code", |p| p.mobile_country_code = "855".into()),
            ("mobile_number", |p| p.mobile_number = "012x".into()),
            ("branch", |p| p.branch = "a\0".into()),
            ("date_of_birth", |p| p.date_of_birth = None),
            ("consent", |p| p.consent = false),
        ];
        for (field, change) in wrong {
            let mut person = sok();
            change(&mut person);
            let Err(Error::InvalidInput { field: named, .. }) = person.check(&profile) else {
                panic!("{field} was taken");
            };
            assert_eq!(named, field);
        }
    }

    #[test]
    fn a_prospect_becomes_a_person() {
        let of = |name: &str, phone: &str| {
            let mut fields = Fields::default();
            fields.set(Field::NameEn, name.to_owned());
            fields.set(Field::Phone, phone.to_owned());
            let person = Person::of(&fields);
            [person.first_name, person.last_name, person.mobile_country_code, person.mobile_number]
        };
        assert_eq!(of("Sok  Dara", "012345678"), ["Dara", "Sok", "+855", "12345678"]);
        assert_eq!(of("Sok Dara", "+855 12 345 678"), ["Dara", "Sok", "+855", "12345678"]);
        assert_eq!(of("Dara", ""), ["Dara", "", "", ""]);
        assert_eq!(of("Chan Sok Dara", "855123"), ["Sok Dara", "Chan", "+855", "855123"]);
    }
}
