//! What is sent. The types hold personal data and have no `Debug`.

use crate::error::{Error, Result};
use serde::{Serialize, Serializer};

/// The operations, each a POST below the base URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// An application and its applicant.
    CreateProspectProfile,
    /// A co-applicant.
    UpdateProspectProfile,
    /// A paper.
    UploadDocument,
    /// The list of what the bank asks for.
    GetUserActions,
    /// An answer.
    UpdateUserAction,
    /// Additional questions.
    CreatePreRequirements,
}

impl Operation {
    /// Every one.
    pub const ALL: [Operation; 6] = [
        Operation::CreateProspectProfile,
        Operation::UpdateProspectProfile,
        Operation::UploadDocument,
        Operation::GetUserActions,
        Operation::UpdateUserAction,
        Operation::CreatePreRequirements,
    ];

    /// Its path below the base URL, without a leading slash.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Operation::CreateProspectProfile => "PersonalInfo/createProspectProfile",
            Operation::UpdateProspectProfile => "PersonalInfo/updateProspectProfile",
            Operation::UploadDocument => "UserAction/uploadDocument",
            Operation::GetUserActions => "UserAction/getUserActions",
            Operation::UpdateUserAction => "UserAction/updateUserAction",
            Operation::CreatePreRequirements => "UserAction/createPreRequirements",
        }
    }

    /// Its request's `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Operation::CreatePreRequirements => "application/x-www-form-urlencoded",
            _ => "application/json",
        }
    }
}

/// In which role somebody applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ApplicantType {
    /// The application is hers.
    Applicant,
    /// She applies with the applicant.
    CoApplicant,
}

/// What both calls say of a person.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Person<'a> {
    /// Given name.
    pub first_name: &'a str,
    /// Family name.
    pub last_name: &'a str,
    /// `1985-10-10`.
    pub date_of_birth: &'a str,
    /// E-mail address; may be empty.
    pub email: &'a str,
    /// `+91`.
    pub mobile_country_code: &'a str,
    /// The number without it.
    pub mobile_number: &'a str,
    /// The branch's number.
    pub branch_reference: &'a str,
    /// Her role.
    pub applicant_type: ApplicantType,
    /// `Done`.
    pub section_progress: &'a str,
    /// Which consent she gave.
    pub consent_identifier: &'a str,
    /// Whether she gave it: `Yes` or `No`.
    #[serde(serialize_with = "yes_no")]
    pub acceptance_status: bool,
}

/// createProspectProfile.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create<'a> {
    /// Named in the seed's text and in no sample; empty: left out.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub form_code: &'a str,
    /// As `form_code`.
    #[serde(rename = "Application_id", skip_serializing_if = "str::is_empty")]
    pub application_id: &'a str,
    /// Who applies.
    #[serde(flatten)]
    pub person: Person<'a>,
    /// `InProgress`.
    pub status: &'a str,
    /// Whether she is a customer already: `Yes` or `No`.
    #[serde(serialize_with = "yes_no")]
    pub is_existing_customer: bool,
    /// How many apply with her; null in the sample.
    pub co_applicant_count: Option<u32>,
}

/// updateProspectProfile.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Update<'a> {
    /// Who applies too.
    #[serde(flatten)]
    pub person: Person<'a>,
    /// Whether she is a member already: a JSON boolean here.
    pub is_existent_member: bool,
    /// When she was added: `2021-07-26T02:15:22`.
    pub index: &'a str,
    /// The bank's id of her; no reply yields it.
    pub entity_id: &'a str,
}

/// updateUserAction.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Submit<'a> {
    /// Which action.
    pub user_action_identifier: &'a str,
    /// The answer; empty for papers, which went before.
    pub response: &'a str,
    /// [`SUBMITTED`].
    pub status: &'a str,
}

/// The status of an action that has been answered.
pub const SUBMITTED: &str = "Submitted";

/// The body of createPreRequirements, as the seed has it: a form, its braces not escaped.
pub const PRE_REQUIREMENTS: &[u8] = b"jsondata={}";

/// The body of createProspectProfile.
///
/// # Errors
/// `Internal` if the text cannot be written.
pub fn create(body: &Create<'_>) -> Result<Vec<u8>> {
    encode(body)
}

/// The body of updateProspectProfile.
///
/// # Errors
/// As [`create`].
pub fn update(body: &Update<'_>) -> Result<Vec<u8>> {
    encode(body)
}

/// The body of updateUserAction.
///
/// # Errors
/// As [`create`].
pub fn submit(body: &Submit<'_>) -> Result<Vec<u8>> {
    encode(body)
}

/// The body of getUserActions. `is_pre` is a text on the wire: `true` or `false`.
///
/// # Errors
/// As [`create`].
pub fn list(is_pre: &str) -> Result<Vec<u8>> {
    encode(&serde_json::json!({ "isPre": is_pre }))
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|_| Error::internal("request"))
}

fn yes_no<S: Serializer>(yes: &bool, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(if *yes { "Yes" } else { "No" })
}
