//! How a change of a record becomes a call, what its answer means, and how a lost one is settled.

use super::model::Kind;
use super::secrets::VbotSecrets;
use super::wire::{self, Answer, Said, Verb};
use super::{VBOT, moved};
use crate::book::Book;
use crate::crm::objects::{self, Object};
use crate::error::{Error, Problem, Result, Trouble};
use crate::feed;
use crate::outbox::entry::{Effect, Entry, EntryId, NetClass, Payload, Reason};
use crate::outbox::policy::{Move, Outcome, Verdict, code};
use crate::outbox::remote::{
    Asked, Judged, Outgoing, ReadFailed, Reading, Remote, Rules, Says, Session, Settling, Taken,
};
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use crate::outbox::status::by_status;
use crate::profile::{Absence, Profile, VbotProfile};
use crate::record::CrmObjectId;
use crate::store::Store;
use crate::world::{Call, Incoming, Limits, Method, Reply, Rng, Secret};
use rusqlite::{Connection, Transaction};
use std::time::Duration;

/// The book's VBot.
///
/// # Errors
/// `NotFound` where its profile has none.
pub(super) fn profile(book: &Book) -> Result<&VbotProfile> {
    book.profile.vbot.as_ref().ok_or(Error::NotFound { what: "vbot" })
}

/// What a repeat of it does. A create is settled by an update under its code, a rename by one under the new code; update and
/// delete may be repeated.
fn effect(verb: Verb) -> Effect {
    match verb {
        Verb::Create | Verb::Rename => Effect::Create,
        Verb::Update | Verb::Delete => Effect::Replace,
    }
}

/// Makes an entry. What it carries is encoded when it leaves, from the record as it is then; a rename carries its new code.
pub(super) fn enqueue(
    tx: &Transaction<'_>,
    (author, now): (&str, Now),
    id: CrmObjectId,
    verb: Verb,
    new_code: Option<&str>,
) -> Result<EntryId> {
    let new = NewEntry {
        remote: VBOT,
        lane: &id.lane(),
        verb: verb.word(),
        effect: effect(verb),
        class: NetClass::Small,
        author,
        after: None,
        body: new_code.map(|code| Payload::encode(&code)).transpose()?,
    };
    let entry = outbox::insert(tx, &new, now)?;
    feed::touch(tx, new.lane)?;
    Ok(entry)
}

/// The VBot service.
pub struct VbotRemote {
    vbot: VbotProfile,
    rules: Rules,
}

impl VbotRemote {
    /// For a checked profile; `None` where it has no VBot.
    #[must_use]
    pub fn new(profile: &Profile) -> Option<Self> {
        let vbot = profile.vbot.clone()?;
        let total = Duration::from_millis(vbot.total_ms);
        let rules = Rules {
            classes: &[NetClass::Small],
            batch_max: 1,
            lone_verbs: &[],
            probe: false,
            quiet: vbot.quiet(),
            total,
            total_bulk: total,
            bulk_needs_unmetered: false,
            absence: Absence::Ask,
            lateness_stated: vbot.lateness_ms.is_some(),
            absence_window: Duration::ZERO,
            settle_by: Duration::from_millis(vbot.settle_by_ms),
            backoff: vbot.backoff,
            paused: vbot.paused.clone(),
        };
        Some(Self { vbot, rules })
    }

    fn call(&self, kind: Kind, verb: Verb, said: &Said, session: &Session) -> Result<Call> {
        let bad = |_| Error::internal("url");
        let url = url::Url::parse(&self.vbot.base_url).map_err(bad)?;
        let url = url.join(&wire::path(kind, verb)).map_err(bad)?;
        let limits = Limits {
            connect: Duration::from_millis(self.vbot.connect_ms),
            total: self.rules.total,
            idle: None,
            reply_bytes: 4 << 20,
        };
        let whose = (self.vbot.vbot_id.as_str(), self.vbot.project_code.as_str());
        Ok(Call::new(Method::Post, Secret::new(String::from(url)), limits)
            .header("authorization", VbotSecrets::parse(&session.secrets)?.bearer())
            .header("content-type", "application/json")
            .body(wire::body(verb, said, whose, self.vbot.keys)?))
    }
}

/// The record of an entry, and what it is to say.
fn said(conn: &Connection, entry: &Entry) -> Result<(Object, Verb, Said)> {
    let missing = Error::NotFound { what: "record" };
    let id = CrmObjectId::of_lane(&entry.lane).ok_or(missing.clone())?;
    let verb = Verb::of(&entry.head.verb).ok_or(missing)?;
    let object = objects::get(conn, id)?;
    let fields = serde_json::from_str(&object.fields)?;
    let new_code = entry.body.as_ref().map(Payload::decode).transpose()?;
    let said = Said { code: object.code.clone(), new_code, fields };
    Ok((object, verb, said))
}

fn receipt(by: &str) -> Result<Payload> {
    Payload::encode(&serde_json::json!({ "by": by }))
}

impl Remote for VbotRemote {
    fn id(&self) -> &'static str {
        VBOT
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn reads_before(&self, _: &Connection, _: &[Entry]) -> Result<Vec<Reading>> {
        Ok(vec![])
    }

    fn probe(&self, _: &Connection, _: u32) -> Result<Reading> {
        Ok(Reading::all())
    }

    fn curious(&self, _: &Connection) -> Result<Option<Reading>> {
        Ok(None)
    }

    fn settles(&self, conn: &Connection, doubts: &[Entry]) -> Result<Settling> {
        let Some(entry) = doubts.first() else { return Ok(Settling::Nothing) };
        let id = CrmObjectId::of_lane(&entry.lane);
        Ok(match Verb::of(&entry.head.verb) {
            Some(Verb::Update | Verb::Delete) => Settling::Again,
            Some(Verb::Rename) => Settling::Call,
            // Of a code that somebody has typed a record may have been there before.
            Some(Verb::Create) if id.and_then(|id| objects::get(conn, id).ok()).is_some_and(|o| o.drawn) => {
                Settling::Call
            }
            _ => Settling::Nothing,
        })
    }

    /// An update under the code that the record has if the entry had arrived.
    fn settling(&self, _: &Connection, doubt: &Entry, session: &Session) -> Result<Call> {
        let sent: Said = doubt.sent.as_ref().ok_or(Error::NotFound { what: "sent" })?.decode()?;
        let code = sent.new_code.unwrap_or(sent.code);
        let said = Said { code, new_code: None, fields: sent.fields };
        self.call(said.fields.kind(), Verb::Update, &said, session)
    }

    fn settled(&self, _: &Entry, reply: &Reply) -> (Says, Verdict) {
        if let Some((says, _)) = by_status(reply.head.status, reply.head.retry_after, Says::SignIn) {
            return (says, Verdict::NoVerdict);
        }
        match wire::answer(&reply.body) {
            Answer::Yes => (Says::Usable, receipt("update").map_or(Verdict::NoVerdict, Verdict::Proved)),
            Answer::No(_) => (Says::Usable, Verdict::Absent),
            Answer::Unusable => (Says::Unusable, Verdict::NoVerdict),
        }
    }

    fn read_call(&self, _: &Session, _: &Reading, _: &dyn Rng) -> Result<Call> {
        Err(Error::NotFound { what: "reading" }) // there is none, and nobody asks for one
    }

    fn take(&self, _: &Store, _: &Asked, _: Incoming) -> Result<Taken, ReadFailed> {
        Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable))
    }

    fn encode(
        &self,
        tx: &Transaction<'_>,
        batch: &[Entry],
        session: &Session,
        _: &dyn Rng,
        now: Now,
    ) -> Result<Option<Outgoing>> {
        let Some(entry) = batch.first() else { return Ok(None) };
        let (object, verb, said) = match said(tx, entry) {
            Ok(found) => found,
            Err(Error::NotFound { .. } | Error::StoreDamaged { place: "row", .. }) => {
                outbox::set_aside(tx, entry.head.id, &Reason::code(code::UNDECODABLE), now)?;
                feed::touch(tx, &entry.lane)?;
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        let call = self.call(said.fields.kind(), verb, &said, session)?;
        let holds = matches!(verb, Verb::Create | Verb::Update).then_some(object.revision);
        let sent = vec![(entry.head.id, Payload::encode(&said)?, holds)];
        Ok(Some(Outgoing { call, streamed: None, sent }))
    }

    fn judge(&self, batch: &[Entry], reply: &Reply, _: &Session) -> Judged {
        if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after, Says::SignIn) {
            // A token that is not taken proves that nothing ran.
            let outcome = || if says == Says::SignIn { Outcome::SignIn } else { Outcome::Unknown(why) };
            return Judged::all(batch, says, outcome);
        }
        match wire::answer(&reply.body) {
            Answer::Yes => Judged::all(batch, Says::Usable, || {
                receipt("reply").map_or(Outcome::Unknown("receipt"), Outcome::Accepted)
            }),
            Answer::No(words) => {
                Judged::all(batch, Says::Usable, || Outcome::Refused(Reason::said(code::REFUSED, &words)))
            }
            Answer::Unusable => Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE)),
        }
    }

    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
        moved::moved(self, tx, entry, to, now)
    }

    /// A record is known by its own code: nothing more is to be said.
    fn arrived(&self, _: &Transaction<'_>, _: &Entry, code: &str) -> Result<Payload> {
        if code.chars().nth(64).is_some() || code.chars().any(char::is_control) {
            return Err(Error::invalid(
                "code",
                Problem::Form { expected: "at most 64 characters, or nothing" },
            ));
        }
        receipt("officer")
    }

    fn plausible(&self, _: &Transaction<'_>, _: &Entry, _: &Payload) -> Result<bool> {
        Ok(true)
    }
}
