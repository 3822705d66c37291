//! How a result becomes a call, and the outbox's door to the service.

use super::check::NAME;
use super::secrets::CollectionSecrets;
use super::{COLLECTION, download, judge, rows, wire};
use crate::book::Book;
use crate::error::{Error, Problem, Result};
use crate::feed;
use crate::outbox::entry::{Effect, Entry, EntryId, NetClass, Payload, Reason};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{
    Asked, Judged, Outgoing, ReadFailed, Reading, Remote, Rules, Session, Settling, Taken,
};
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use crate::profile::{Absence, CollectionProfile, Profile};
use crate::record::CollectionResultId;
use crate::store::Store;
use crate::world::{Call, Incoming, Limits, Method, Reply, Rng, Secret};
use rusqlite::{Connection, Transaction};
use std::time::Duration;

/// The only verb of this remote. It moves money, and nothing at the bank can be read back to prove it.
const RESULT: &str = "result";

/// The book's collection.
///
/// # Errors
/// `NotFound` where its profile has none.
pub(super) fn profile(book: &Book) -> Result<&CollectionProfile> {
    book.profile.collection.as_ref().ok_or(Error::NotFound { what: "collection" })
}

/// Makes the entry of a result. What it carries is encoded when it leaves, from the record as it is then.
pub(super) fn enqueue(book: &Book, tx: &Transaction<'_>, id: CollectionResultId) -> Result<EntryId> {
    let new = NewEntry {
        remote: COLLECTION,
        lane: &id.lane(),
        verb: RESULT,
        effect: Effect::Once,
        class: NetClass::Small,
        author: &book.officer,
        after: None,
        body: None,
    };
    outbox::insert(tx, &new, book.now())
}

/// The collection service.
pub struct CollectionRemote {
    collection: CollectionProfile,
    rules: Rules,
}

impl CollectionRemote {
    /// For a checked profile; `None` where it has no collection.
    #[must_use]
    pub fn new(profile: &Profile) -> Option<Self> {
        let collection = profile.collection.clone()?;
        let p = &collection;
        let total = Duration::from_millis(p.total_ms);
        let rules = Rules {
            classes: &[NetClass::Small],
            batch_max: 1,
            lone_verbs: &[],
            probe: true,
            quiet: p.quiet(),
            total,
            total_bulk: total,
            bulk_needs_unmetered: false,
            absence: Absence::Ask,
            lateness_stated: p.lateness_ms.is_some(),
            absence_window: Duration::ZERO,
            settle_by: Duration::from_millis(p.settle_by_ms),
            backoff: p.backoff,
            paused: p.paused.clone(),
        };
        Some(Self { collection, rules })
    }

    fn limits(&self) -> Limits {
        Limits {
            connect: Duration::from_millis(self.collection.connect_ms),
            total: self.rules.total,
            idle: None,
            reply_bytes: 4 << 20,
        }
    }

    /// The fields of a result as they leave, but for their hash.
    fn spelt(&self, tx: &Transaction<'_>, entry: &Entry) -> Result<(wire::Sent, i64)> {
        let id = CollectionResultId::of_lane(&entry.lane).ok_or(Error::NotFound { what: "record" })?;
        let row = rows::result(tx, id)?;
        let task = rows::task(tx, row.task)?.task;
        let name: String = task.name.chars().take(NAME).collect();
        let at = |day: jiff::civil::DateTime| day.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let (author, address) = (&entry.head.author, &self.collection.ip_address);
        let sent = wire::Sent {
            account_no: task.contract,
            collection_date: row.fields.collected.map(at).unwrap_or_default(),
            cust_name: name,
            result_code: row.fields.result,
            action_code: row.fields.action,
            remark: row.fields.remark,
            cre_by: author.clone(),
            cre_ip_address: address.clone(),
            mod_by: author.clone(),
            mod_ip_address: address.clone(),
            promise_date: row.fields.promised.map(|day| at(day.into())).unwrap_or_default(),
            period: row.fields.period.to_string(),
            hashing: String::new(),
        };
        Ok((sent, row.revision))
    }
}

impl Remote for CollectionRemote {
    fn id(&self) -> &'static str {
        COLLECTION
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

    fn settles(&self, _: &Connection, _: &[Entry]) -> Result<Settling> {
        Ok(Settling::Nothing)
    }

    fn read_call(&self, session: &Session, _: &Reading, _: &dyn Rng) -> Result<Call> {
        let secrets = CollectionSecrets::parse(&session.secrets)?;
        let limits = Limits {
            total: Duration::from_millis(self.collection.download_ms),
            idle: Some(Duration::from_millis(self.collection.idle_ms)),
            reply_bytes: self.collection.list_bytes,
            ..self.limits()
        };
        let url = Secret::new(self.collection.tasks_url.clone());
        Ok(Call::new(Method::Get, url, limits).header("authorization", secrets.basic()))
    }

    fn take(&self, store: &Store, asked: &Asked, answer: Incoming) -> Result<Taken, ReadFailed> {
        download::take(store, asked, answer)
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
        let (mut spelt, revision) = match self.spelt(tx, entry) {
            Ok(spelt) => spelt,
            Err(Error::NotFound { .. } | Error::StoreDamaged { place: "row", .. }) => {
                outbox::set_aside(tx, entry.head.id, &Reason::code(code::UNDECODABLE), now)?;
                feed::touch(tx, &entry.lane)?;
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        let secrets = CollectionSecrets::parse(&session.secrets)?;
        let sent = Payload::encode(&spelt)?;
        spelt.hashing = wire::hashing(&spelt.account_no, secrets.hash_key.reveal());
        let call = Call::new(Method::Post, Secret::new(self.collection.result_url.clone()), self.limits())
            .header("authorization", secrets.basic())
            .header("content-type", "application/json")
            .body(wire::body(&spelt)?);
        Ok(Some(Outgoing { call, streamed: None, sent: vec![(entry.head.id, sent, Some(revision))] }))
    }

    fn judge(&self, batch: &[Entry], reply: &Reply, _: &Session) -> Judged {
        judge::judge(batch, reply)
    }

    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, _: Now) -> Result<()> {
        super::results::moved(tx, entry, to)
    }

    /// The service gives a result no number: whatever the officer noted of it will do, or nothing.
    fn arrived(&self, _: &Transaction<'_>, _: &Entry, code: &str) -> Result<Payload> {
        if code.chars().nth(64).is_some() || code.chars().any(char::is_control) {
            return Err(Error::invalid(
                "code",
                Problem::Form { expected: "at most 64 characters, or nothing" },
            ));
        }
        judge::receipt("officer")
    }

    fn plausible(&self, _: &Transaction<'_>, _: &Entry, _: &Payload) -> Result<bool> {
        Ok(true)
    }
}
