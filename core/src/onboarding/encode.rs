//! How an entry becomes the body of a call, from its record as it is now.

use super::actions;
use super::asked::rows as asked;
use super::documents::chunks::Chunks;
use super::documents::rows as documents;
use super::effect::{ANSWER, CREATE, OnboardingRemote, REQUIREMENTS, UPDATE, UPLOAD};
use super::papers::UploadBody;
use super::wire::{ApplicantType, PRE_REQUIREMENTS, SUBMITTED};
use super::{Person, rows, wire};
use crate::error::{Error, Result};
use crate::outbox::entry::{Entry, Payload};
use crate::outbox::remote::Streamed;
use crate::record::{ActionId, ApplicationId, CoApplicantId, DocumentId};
use crate::world::Body;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

const JSON: &str = "application/json";

/// The body of a call, and what is kept of it with the attempt.
pub(super) struct Encoded {
    pub body: Vec<u8>,
    pub content_type: &'static str,
    pub streamed: Option<Streamed>,
    pub sent: Payload,
    pub revision: Option<i64>,
}

/// What is kept of an upload: its bytes stay where they are.
#[derive(Serialize, Deserialize)]
pub(super) struct SentPaper {
    pub client_id: i64,
    pub sha256: String,
    pub bytes: i64,
}

/// What is kept of a request for requirements: the newest question that was known before.
#[derive(Serialize, Deserialize)]
pub(super) struct Requested {
    pub newest: ActionId,
}

/// Encodes an entry.
///
/// # Errors
/// `NotFound`, `StoreDamaged` in `row`: the entry is to be set aside.
pub(super) fn encode(remote: &OnboardingRemote, tx: &Transaction<'_>, entry: &Entry) -> Result<Encoded> {
    let lane = || Error::NotFound { what: "record" };
    match entry.head.verb.as_str() {
        CREATE => application(remote, tx, ApplicationId::of_lane(&entry.lane).ok_or_else(lane)?),
        UPDATE => co_applicant(remote, tx, CoApplicantId::of_lane(&entry.lane).ok_or_else(lane)?),
        REQUIREMENTS => requirements(tx),
        UPLOAD => paper(tx, DocumentId::of_lane(&entry.lane).ok_or_else(lane)?),
        ANSWER => answer(tx, ActionId::of_lane(&entry.lane).ok_or_else(lane)?),
        _ => Err(Error::NotFound { what: "verb" }),
    }
}

fn plain(body: Vec<u8>, sent: Payload, revision: i64) -> Encoded {
    Encoded { body, content_type: JSON, streamed: None, sent, revision: Some(revision) }
}

fn born(person: &Person) -> String {
    person.date_of_birth.map_or(String::new(), |date| date.to_string())
}

fn branch<'a>(remote: &'a OnboardingRemote, person: &'a Person) -> &'a str {
    if person.branch.is_empty() { &remote.onboarding.fixed.branch } else { &person.branch }
}

/// What both calls say of her.
fn spelt<'a>(remote: &'a OnboardingRemote, person: &'a Person, born: &'a str) -> wire::Person<'a> {
    let fixed = &remote.onboarding.fixed;
    wire::Person {
        first_name: &person.first_name,
        last_name: &person.last_name,
        date_of_birth: born,
        email: &person.email,
        mobile_country_code: &person.mobile_country_code,
        mobile_number: &person.mobile_number,
        branch_reference: branch(remote, person),
        applicant_type: ApplicantType::Applicant,
        section_progress: &fixed.section_progress,
        consent_identifier: &fixed.consent,
        acceptance_status: person.consent,
    }
}

fn application(remote: &OnboardingRemote, conn: &Connection, id: ApplicationId) -> Result<Encoded> {
    let row = rows::application(conn, id)?;
    let (person, fixed) = (&row.person, &remote.onboarding.fixed);
    let body = wire::create(&wire::Create {
        form_code: &fixed.form_code,
        application_id: "",
        person: spelt(remote, person, &born(person)),
        status: &fixed.status,
        is_existing_customer: person.existing,
        co_applicant_count: None,
    })?;
    Ok(plain(body, Payload::encode(person)?, row.revision))
}

fn co_applicant(remote: &OnboardingRemote, conn: &Connection, id: CoApplicantId) -> Result<Encoded> {
    let row = rows::co_applicant(conn, id)?;
    let person = &row.person;
    let born = born(person);
    let spelt = wire::Person {
        applicant_type: ApplicantType::CoApplicant,
        consent_identifier: &remote.onboarding.fixed.co_consent,
        ..spelt(remote, person, &born)
    };
    // No document says what ties her to the application: where the officer has nothing, it is the number that we do have.
    let application = rows::application(conn, row.application.unwrap_or(ApplicationId(0)))?.application_id;
    let entity = Some(person.entity_id.clone()).filter(|id| !id.is_empty()).or(application);
    let body = wire::update(&wire::Update {
        person: spelt,
        is_existent_member: person.existing,
        index: &row.made_at,
        entity_id: &entity.unwrap_or_default(),
    })?;
    Ok(plain(body, Payload::encode(person)?, row.revision))
}

fn requirements(conn: &Connection) -> Result<Encoded> {
    let newest = asked::newest(conn)?;
    Ok(Encoded {
        body: PRE_REQUIREMENTS.into(),
        content_type: "application/x-www-form-urlencoded",
        streamed: None,
        sent: Payload::encode(&Requested { newest })?,
        revision: None,
    })
}

fn answer(conn: &Connection, id: ActionId) -> Result<Encoded> {
    let row = asked::get(conn, id)?;
    let answer = row.answer.ok_or(Error::NotFound { what: "answer" })?;
    let body = wire::submit(&wire::Submit {
        user_action_identifier: &row.asked.identifier,
        response: &actions::response(&row.asked, &answer),
        status: SUBMITTED,
    })?;
    Ok(plain(body, Payload::encode(&answer)?, row.revision))
}

/// Its bytes are read while they leave: what is held is its head and its tail.
fn paper(conn: &Connection, id: DocumentId) -> Result<Encoded> {
    let row = documents::get(conn, id)?;
    let identifier = asked::get(conn, row.action)?.asked.identifier;
    let around =
        UploadBody::new(&identifier, &row.name, &row.mime, &row.info, row.client_id, row.bytes as u64)?;
    let sent =
        Payload::encode(&SentPaper { client_id: row.client_id, sha256: row.sha256, bytes: row.bytes })?;
    let streamed: Streamed = Box::new(move |store| {
        let len = around.length();
        let mut pieces = around.stream(Chunks::new(store, id.0));
        Body::Stream { len, next: Box::new(move || pieces.next().transpose()) }
    });
    Ok(Encoded { body: vec![], content_type: JSON, streamed: Some(streamed), sent, revision: None })
}
