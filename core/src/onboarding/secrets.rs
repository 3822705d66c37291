//! What the app hands in at sign-in: the seed's header tables are lost, so the headers themselves.

use crate::error::{Error, Problem, Result};
use crate::world::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most headers of one set, and the longest of their values in bytes: what a server still takes in a head.
const MOST: usize = 32;
const LONGEST: usize = 8192;

/// The officer's headers for onboarding, by name. `Debug` shows no value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OnboardingSecrets {
    /// Of createProspectProfile ("Authenticated App User").
    pub authenticated: BTreeMap<String, Secret<String>>,
    /// Of the five others ("Anonymous App User").
    pub anonymous: BTreeMap<String, Secret<String>>,
}

impl OnboardingSecrets {
    /// As kept in the book.
    pub(crate) fn checked(&self) -> Result<String> {
        for (field, headers) in [("authenticated", &self.authenticated), ("anonymous", &self.anonymous)] {
            if headers.len() > MOST {
                return Err(Error::invalid(field, Problem::Form { expected: "at most 32 headers" }));
            }
            for (name, value) in headers {
                check(field, name, value.reveal())?;
            }
        }
        serde_json::to_string(self).map_err(|_| Error::internal("secrets"))
    }

    pub(crate) fn parse(kept: &Secret<String>) -> Result<Self> {
        Ok(serde_json::from_str(kept.reveal())?)
    }
}

/// What is the call's own is not handed in: a second one would say something else.
const OWN: [&str; 6] =
    ["host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"];

fn check(field: &'static str, name: &str, value: &str) -> Result<()> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let named = !name.is_empty() && name.len() <= 256 && name.bytes().all(token);
    if !named || OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(Error::invalid(
            field,
            Problem::Form { expected: "names of headers that are not the call's own" },
        ));
    }
    if value.len() > LONGEST {
        return Err(Error::invalid(field, Problem::TooLong { max: LONGEST }));
    }
    match value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        true => Ok(()),
        false => Err(Error::invalid(field, Problem::Form { expected: "printable ASCII" })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Result<String> {
        let headers = BTreeMap::from([(name.to_owned(), Secret::new(value.to_owned()))]);
        OnboardingSecrets { authenticated: headers, ..OnboardingSecrets::default() }.checked()
    }

    #[test]
    fn headers_that_cannot_be_sent_are_refused_and_never_shown() {
        let kept = one("x-session", "S-1").expect("a header");
        let read = OnboardingSecrets::parse(&Secret::new(kept)).expect("what was kept");
        assert_eq!(read.authenticated["x-session"].reveal(), "S-1");
        assert!(!format!("{read:?}").contains("S-1"));
        for (name, value) in [("", "a"), ("x y", "a"), ("Host", "a"), ("x", "a\r\nb: c"), ("x", "é")] {
            assert!(one(name, value).is_err(), "{name}: {value}");
        }
    }
}
