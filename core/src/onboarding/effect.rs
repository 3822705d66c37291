//! How an entry of onboarding becomes a call, and what its answer means: one table of verbs, and the trait.

use super::asked::list;
use super::secrets::OnboardingSecrets;
use super::{ONBOARDING, documents, encode, judge, moved, wire};
use crate::book::Book;
use crate::error::{Error, Problem, Result};
use crate::feed;
use crate::outbox::entry::{Effect, Entry, EntryId, NetClass, Payload, Reason};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{
    Asked, Judged, Outgoing, ReadFailed, Reading, Remote, Rules, Session, Settling, Taken,
};
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use crate::profile::{Absence, OnboardingProfile, Profile};
use crate::record::Record;
use crate::store::Store;
use crate::world::{Body, Call, Incoming, Limits, Method, Reply, Rng, Secret};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The verbs of this remote.
pub(crate) const CREATE: &str = "create";
pub(crate) const UPDATE: &str = "update";
pub(crate) const REQUIREMENTS: &str = "requirements";
pub(crate) const UPLOAD: &str = "upload";
pub(crate) const ANSWER: &str = "answer";

/// A verb, its operation, and what a repeat would do; beside it what settles a doubt.
struct Verb {
    verb: &'static str,
    path: &'static str,
    effect: Effect,
    class: NetClass,
}

const VERBS: [Verb; 5] = [
    // Nothing reads an application back: the officer says.
    Verb {
        verb: CREATE,
        path: "PersonalInfo/createProspectProfile",
        effect: Effect::Once,
        class: NetClass::Small,
    },
    // Nor a co-applicant.
    Verb {
        verb: UPDATE,
        path: "PersonalInfo/updateProspectProfile",
        effect: Effect::Once,
        class: NetClass::Small,
    },
    // A requirement in the list that was not there proves it; absence asks.
    Verb {
        verb: REQUIREMENTS,
        path: "UserAction/createPreRequirements",
        effect: Effect::Create,
        class: NetClass::Small,
    },
    // Nothing lists papers: the officer says, unless the profile knows that a second copy does no harm.
    Verb { verb: UPLOAD, path: "UserAction/uploadDocument", effect: Effect::Once, class: NetClass::Bulk },
    // The list says whether it is still open.
    Verb {
        verb: ANSWER,
        path: "UserAction/updateUserAction",
        effect: Effect::Replace,
        class: NetClass::Small,
    },
];

fn verb(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.verb == name)
}

/// What a repeat of this verb would do. What is not in the table is taken for the worst.
pub(super) fn effect_of(name: &str) -> Effect {
    verb(name).map_or(Effect::Once, |verb| verb.effect)
}

/// Makes an entry. What it carries is encoded when it leaves, from the record as it is then.
pub(super) fn enqueue(
    book: &Book,
    tx: &Transaction<'_>,
    record: impl Into<Record>,
    name: &str,
    after: Option<EntryId>,
) -> Result<EntryId> {
    let verb = verb(name).ok_or(Error::internal("verb"))?;
    let harmless = name == UPLOAD && profile(book)?.second_upload_harmless;
    let new = NewEntry {
        remote: ONBOARDING,
        lane: &record.into().lane(),
        verb: name,
        effect: if harmless { Effect::Create } else { verb.effect },
        class: verb.class,
        author: &book.officer,
        after,
        body: None,
    };
    let id = outbox::insert(tx, &new, book.now())?;
    feed::touch(tx, new.lane)?;
    Ok(id)
}

/// The book's onboarding.
///
/// # Errors
/// `NotFound` where its profile has none.
pub(crate) fn profile(book: &Book) -> Result<&OnboardingProfile> {
    book.profile.onboarding.as_ref().ok_or(Error::NotFound { what: "onboarding" })
}

/// What proves an entry done.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Receipt {
    /// `Application_id` of a create.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub application_id: String,
    /// `Party_Id` of a create, where the reply had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<String>,
    /// `documentId` of an upload, where the reply had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// `reply`, `read_back` (the list says so), `officer`.
    pub by: String,
}

impl Receipt {
    /// With nothing but who says so.
    pub fn by(by: &str) -> Self {
        Receipt { by: by.to_owned(), ..Receipt::default() }
    }

    pub fn payload(&self) -> Result<Payload> {
        Payload::encode(self)
    }
}

/// The onboarding service.
pub struct OnboardingRemote {
    pub(super) onboarding: OnboardingProfile,
    rules: Rules,
}

impl OnboardingRemote {
    /// For a checked profile; `None` where it has no onboarding.
    #[must_use]
    pub fn new(profile: &Profile) -> Option<Self> {
        let onboarding = profile.onboarding.clone()?;
        let p = &onboarding;
        let rules = Rules {
            classes: &[NetClass::Small, NetClass::Bulk],
            batch_max: 1,
            lone_verbs: &[],
            probe: true,
            quiet: p.quiet(),
            total: Duration::from_millis(p.total_ms),
            total_bulk: Duration::from_millis(p.upload_ms),
            bulk_needs_unmetered: p.papers_need_unmetered,
            absence: Absence::Ask,
            lateness_stated: p.lateness_ms.is_some(),
            absence_window: Duration::ZERO,
            settle_by: Duration::from_millis(p.settle_by_ms),
            backoff: p.backoff,
            paused: p.paused.clone(),
        };
        Some(Self { onboarding, rules })
    }

    /// The call of an operation, without its body.
    pub(super) fn call(&self, path: &str, session: &Session, limits: Limits) -> Result<Call> {
        let secrets = OnboardingSecrets::parse(&session.secrets)?;
        let bad = |_| Error::internal("url");
        let url = url::Url::parse(&self.onboarding.base_url).map_err(bad)?.join(path).map_err(bad)?;
        let authenticated = verb(CREATE).is_some_and(|create| create.path == path);
        let headers = if authenticated { secrets.authenticated } else { secrets.anonymous };
        let call = Call::new(Method::Post, Secret::new(String::from(url)), limits);
        Ok(headers.into_iter().fold(call, |call, (name, value)| call.header(&name, value)))
    }

    fn limits(&self, class: NetClass) -> Limits {
        Limits {
            connect: Duration::from_millis(self.onboarding.connect_ms),
            total: self.rules.total_of(class),
            idle: None,
            reply_bytes: 4 << 20,
        }
    }
}

impl Remote for OnboardingRemote {
    fn id(&self) -> &'static str {
        ONBOARDING
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn reads_before(&self, _: &Connection, batch: &[Entry]) -> Result<Vec<Reading>> {
        let answers = batch.iter().any(|entry| entry.head.verb == ANSWER);
        Ok(if answers && self.onboarding.read_before_answer { vec![Reading::all()] } else { vec![] })
    }

    fn probe(&self, _: &Connection, _: u32) -> Result<Reading> {
        Ok(Reading::all())
    }

    fn curious(&self, _: &Connection) -> Result<Option<Reading>> {
        Ok(None)
    }

    fn settles(&self, _: &Connection, _: &[Entry]) -> Result<Settling> {
        Ok(Settling::Read(Reading::all()))
    }

    fn read_call(&self, session: &Session, _: &Reading, _: &dyn Rng) -> Result<Call> {
        let limits = Limits {
            idle: Some(Duration::from_millis(self.onboarding.idle_ms)),
            reply_bytes: self.onboarding.list_bytes,
            ..self.limits(NetClass::Small)
        };
        let call = self.call("UserAction/getUserActions", session, limits)?;
        Ok(call
            .header("content-type", "application/json".to_owned())
            .body(wire::list(&self.onboarding.is_pre)?))
    }

    fn take(&self, store: &Store, asked: &Asked, answer: Incoming) -> Result<Taken, ReadFailed> {
        list::take(self, store, asked, answer)
    }

    fn encode(
        &self,
        tx: &Transaction<'_>,
        batch: &[Entry],
        session: &Session,
        _: &dyn Rng,
        now: Now,
    ) -> Result<Option<Outgoing>> {
        // One entry a call: none of the operations takes more.
        let Some(entry) = batch.first() else { return Ok(None) };
        let encoded = match verb(&entry.head.verb) {
            Some(verb) => encode::encode(self, tx, entry).map(|body| (verb, body)),
            None => Err(Error::StoreDamaged { place: "row", unsent: 0, as_of: 0 }),
        };
        let (verb, encoded) = match encoded {
            Ok(encoded) => encoded,
            Err(Error::NotFound { .. } | Error::StoreDamaged { place: "row", .. }) => {
                outbox::set_aside(tx, entry.head.id, &Reason::code(code::UNDECODABLE), now)?;
                feed::touch(tx, &entry.lane)?;
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        let call = self
            .call(verb.path, session, self.limits(entry.class))?
            .header("content-type", encoded.content_type.to_owned())
            .body(Body::from(encoded.body));
        let sent = vec![(entry.head.id, encoded.sent, encoded.revision)];
        Ok(Some(Outgoing { call, streamed: encoded.streamed, sent }))
    }

    fn judge(&self, batch: &[Entry], reply: &Reply, _: &Session) -> Judged {
        judge::judge(batch, reply)
    }

    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
        moved::moved(tx, entry, to, now)
    }

    fn arrived(&self, tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<Payload> {
        let mut receipt = Receipt::by("officer");
        if entry.head.verb == CREATE {
            let good = (1..=64).contains(&code.chars().count()) && !code.chars().any(char::is_control);
            if !good {
                return Err(Error::invalid("code", Problem::Form { expected: "an Application_id" }));
            }
            receipt.application_id = code.to_owned();
            if !moved::free(tx, entry, code)? {
                return Err(Error::NotPossible { why: "code_taken" });
            }
        }
        receipt.payload()
    }

    fn tend(&self, store: &Store, now: Now) -> Result<()> {
        documents::prune(store, self.onboarding.keep_papers_days, now)
    }

    fn plausible(&self, tx: &Transaction<'_>, entry: &Entry, receipt: &Payload) -> Result<bool> {
        if entry.head.verb != CREATE {
            return Ok(true);
        }
        let receipt: Receipt = receipt.decode()?;
        Ok(!receipt.application_id.is_empty() && moved::free(tx, entry, &receipt.application_id)?)
    }
}

/// What a book keeps of attachings and writings that were cut off goes.
pub(crate) fn sweep_leftovers(store: &Store) -> Result<()> {
    documents::chunks::sweep(store)
}
