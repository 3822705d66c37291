//! Who applies.

use super::prospect::{CivilDate, civil_day};
use crate::error::SatchelError;
use satchel::onboarding::{self as core, Stage};
use satchel::world::Secret;
use std::collections::HashMap;

/// The officer's headers for the onboarding service. Opaque: no text form shows any of them.
#[derive(uniffi::Object)]
pub struct OnboardingSecrets(core::OnboardingSecrets);

#[uniffi::export]
impl OnboardingSecrets {
    /// By name: `authenticated` for the call that makes a profile, `anonymous` for the five others. They are checked by
    /// `signIn`.
    #[uniffi::constructor]
    pub fn new(authenticated: HashMap<String, String>, anonymous: HashMap<String, String>) -> Self {
        let secret = |headers: HashMap<String, String>| {
            headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect()
        };
        OnboardingSecrets(core::OnboardingSecrets {
            authenticated: secret(authenticated),
            anonymous: secret(anonymous),
        })
    }
}

impl OnboardingSecrets {
    pub(crate) fn core(&self) -> core::OnboardingSecrets {
        self.0.clone()
    }
}

/// An applicant or co-applicant as the officer typed her. Texts are kept as typed, leading spaces too. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Person {
    /// Given name. Required.
    pub first_name: String,
    /// Family name. Required.
    pub last_name: String,
    /// Date of birth. Required.
    pub date_of_birth: Option<CivilDate>,
    /// The number without the country's code, as typed. Required.
    pub mobile_number: String,
    /// The country's code with its plus.
    #[uniffi(default = "+855")]
    pub mobile_country_code: String,
    /// E-mail address; may be empty.
    #[uniffi(default = "")]
    pub email: String,
    /// `BranchReference`; empty: the profile's.
    #[uniffi(default = "")]
    pub branch: String,
    /// She is a customer or member already.
    #[uniffi(default = false)]
    pub existing: bool,
    /// She has agreed to what the bank does with her data. Required to be true: nothing of her leaves without it.
    #[uniffi(default = false)]
    pub consent: bool,
    /// `EntityId` of a co-applicant, if the app knows one. Empty: the application's `Application_id` is sent.
    #[uniffi(default = "")]
    pub entity_id: String,
}

impl Person {
    pub(crate) fn core(self) -> Result<core::Person, SatchelError> {
        let born = self.date_of_birth.map(|day| civil_day(&day, "date_of_birth")).transpose()?;
        Ok(core::Person {
            first_name: self.first_name,
            last_name: self.last_name,
            date_of_birth: born,
            email: self.email,
            mobile_country_code: self.mobile_country_code,
            mobile_number: self.mobile_number,
            branch: self.branch,
            existing: self.existing,
            consent: self.consent,
            entity_id: self.entity_id,
        })
    }
}

impl From<core::Person> for Person {
    fn from(p: core::Person) -> Self {
        Person {
            first_name: p.first_name,
            last_name: p.last_name,
            date_of_birth: p.date_of_birth.map(CivilDate::from),
            mobile_number: p.mobile_number,
            mobile_country_code: p.mobile_country_code,
            email: p.email,
            branch: p.branch,
            existing: p.existing,
            consent: p.consent,
            entity_id: p.entity_id,
        }
    }
}

/// Where an applicant stands as a record, whatever waits to be sent.
#[uniffi::remote(Enum)]
pub enum Stage {
    /// In work, or at the bank.
    Live,
    /// Taken back or given up before the bank had her.
    Withdrawn,
}

/// An application: its applicant and who applies with her. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Application {
    /// Its number in this book.
    pub id: i64,
    /// The bank's `Application_id`, once it gave one.
    pub application_id: Option<String>,
    /// The bank's `Party_Id` of the applicant, where it gave one.
    pub party_id: Option<String>,
    /// The prospect of this book that became this application.
    pub prospect: Option<i64>,
    /// Who applies.
    pub person: Person,
    /// Who applies with her, in the order in which they were added.
    pub co_applicants: Vec<CoApplicant>,
    /// When it was made: `YYYY-MM-DDThh:mm:ss`, civil time of the profile's zone.
    pub made_at: String,
    /// In work, or taken back.
    pub stage: Stage,
    /// Something of it, co-applicants included, has not been settled with the bank.
    pub unsent: bool,
}

/// Somebody who applies with the applicant. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CoApplicant {
    /// Her number in this book.
    pub id: i64,
    /// Whose application it is.
    pub application: i64,
    /// Who she is.
    pub person: Person,
    /// When she was added, as `madeAt`; its own within the application.
    pub index: String,
    /// In work, or taken back.
    pub stage: Stage,
    /// Something of her has not been settled with the bank.
    pub unsent: bool,
}

impl From<core::Application> for Application {
    fn from(a: core::Application) -> Self {
        Application {
            id: a.id.0,
            application_id: a.application_id,
            party_id: a.party_id,
            prospect: a.prospect.map(|id| id.0),
            person: a.person.into(),
            co_applicants: a.co_applicants.into_iter().map(CoApplicant::from).collect(),
            made_at: a.made_at,
            stage: a.stage,
            unsent: a.unsent,
        }
    }
}

impl From<core::CoApplicant> for CoApplicant {
    fn from(c: core::CoApplicant) -> Self {
        let (id, application) = (c.id.0, c.application.0);
        CoApplicant {
            id,
            application,
            person: c.person.into(),
            index: c.index,
            stage: c.stage,
            unsent: c.unsent,
        }
    }
}
