//! How an entry becomes a call, how a reply becomes an outcome, and what a move means for the row.

use super::model::{Life, ProspectId};
use super::secrets::ProspectSecrets;
use super::{Fields, download, rows, wire};
use crate::error::{Error, Result};
use crate::net::envelope::Envelope;
use crate::outbox::entry::{Effect, Entry, EntryId, NetClass, Payload, Reason};
use crate::outbox::policy::{Move, Outcome, code};
use crate::outbox::remote::{
    Asked, Judged, Outgoing, ReadFailed, Reading, Remote, Rules, Says, Session, Taken,
};
use crate::outbox::remote_row::{self, KeyTrust};
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use crate::profile::{MsgId, Profile};
use crate::satchel::PROSPECT;
use crate::store::Store;
use crate::world::{Call, Incoming, Limits, Method, Reply, Rng, Secret};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The verbs of this remote.
pub(crate) const CREATE: &str = "create";
pub(crate) const UPDATE: &str = "update";
pub(crate) const REJECT: &str = "reject";

/// So many codes are read one by one; for more, the whole list is one call.
const ONE_BY_ONE: usize = 3;

/// What proves an entry done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The code the server gave or kept.
    pub code: String,
    /// `reply`, `read_back`, `already` (the server held it before it was sent), `officer`.
    pub by: String,
}

/// The prospect service.
pub struct ProspectRemote {
    pub(super) profile: Arc<Profile>,
    rules: Rules,
}

impl ProspectRemote {
    /// For a checked profile.
    #[must_use]
    pub fn new(profile: Arc<Profile>) -> Self {
        let p = &profile.prospect;
        let rules = Rules {
            classes: &[NetClass::Small],
            batch_max: p.batch_max,
            lone_verbs: &[REJECT],
            probe: true,
            quiet: p.quiet(),
            total: Duration::from_millis(p.total_ms),
            absence: p.absence,
            lateness_stated: p.lateness_ms.is_some(),
            absence_window: Duration::from_millis(p.absence_window_ms),
            settle_by: Duration::from_millis(p.settle_by_ms),
            backoff: p.backoff,
        };
        Self { profile, rules }
    }

    fn call(
        &self,
        endpoint: &str,
        secrets: &ProspectSecrets,
        body: Vec<u8>,
        limits: Limits,
        rng: &dyn Rng,
    ) -> Result<Call> {
        let bad = |_| Error::internal("url");
        let mut url =
            url::Url::parse(&self.profile.prospect.base_url).map_err(bad)?.join(endpoint).map_err(bad)?;
        let msgid = match self.profile.prospect.msgid {
            MsgId::User => secrets.user.reveal().clone(),
            MsgId::Reference => format!("{:016x}", rng.below(u64::MAX)),
        };
        url.query_pairs_mut().append_pair("p", secrets.session.reveal()).append_pair("msgid", &msgid);
        Ok(Call::new(Method::Post, Secret::new(String::from(url)), limits)
            .header("authorization", secrets.basic())
            .header("content-type", "application/json")
            .body(body))
    }

    fn change_limits(&self) -> Limits {
        let p = &self.profile.prospect;
        Limits {
            connect: Duration::from_millis(p.connect_ms),
            total: Duration::from_millis(p.total_ms),
            idle: None,
            reply_bytes: 4 << 20,
        }
    }
}

impl Remote for ProspectRemote {
    fn id(&self) -> &'static str {
        PROSPECT
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn effect(&self, verb: &str) -> Effect {
        effect_of(verb)
    }

    fn reads_before(&self, conn: &Connection, batch: &[Entry]) -> Result<Vec<Reading>> {
        if !self.profile.prospect.read_before_update || batch.iter().any(|e| e.head.verb != UPDATE) {
            return Ok(vec![]);
        }
        if batch.len() > ONE_BY_ONE {
            return Ok(vec![Reading::all()]);
        }
        Ok(codes(conn, batch)?.into_iter().map(Reading).collect())
    }

    fn probe(&self, conn: &Connection) -> Result<Reading> {
        // Any code will do, even one that does not exist: what counts is that the answer can be read.
        Ok(Reading(rows::newest_code(conn, false)?.unwrap_or_else(|| "0".to_owned())))
    }

    fn curious(&self, conn: &Connection) -> Result<Option<Reading>> {
        if remote_row::get(conn, PROSPECT)?.key != KeyTrust::Unverified {
            return Ok(None);
        }
        Ok(rows::newest_code(conn, true)?.map(Reading))
    }

    fn settles(&self, conn: &Connection, doubts: &[Entry]) -> Result<Reading> {
        match doubts {
            [one] if one.head.verb == UPDATE => {
                Ok(codes(conn, doubts)?.pop().map_or_else(Reading::all, Reading))
            }
            _ => Ok(Reading::all()),
        }
    }

    fn read_call(&self, session: &Session, reading: &Reading, rng: &dyn Rng) -> Result<Call> {
        let secrets = ProspectSecrets::parse(&session.secrets)?;
        let p = &self.profile.prospect;
        let limits = Limits {
            connect: Duration::from_millis(p.connect_ms),
            total: Duration::from_millis(if reading.is_all() { p.download_ms } else { p.total_ms }),
            idle: Some(Duration::from_millis(p.idle_ms)),
            reply_bytes: if reading.is_all() { p.download_bytes } else { 4 << 20 },
        };
        let body = secrets.envelope()?.seal(&wire::download((!reading.is_all()).then_some(&reading.0))?);
        self.call("ProspectGetV2", &secrets, body, limits, rng)
    }

    fn take(&self, store: &Store, asked: &Asked, answer: Incoming) -> Result<Taken, ReadFailed> {
        download::take(self, store, asked, answer)
    }

    fn encode(
        &self,
        tx: &Transaction<'_>,
        batch: &[Entry],
        session: &Session,
        rng: &dyn Rng,
        now: Now,
    ) -> Result<Option<Outgoing>> {
        let secrets = ProspectSecrets::parse(&session.secrets)?;
        let (mut sent, mut items) = (vec![], vec![]);
        for entry in batch {
            let Some(row) = sendable(tx, entry, now)? else { continue };
            sent.push((entry.head.id, Payload::encode(&row.local)?, Some(row.revision)));
            items.push((entry.head.verb.as_str(), row));
        }
        let (endpoint, plain) = match items.as_slice() {
            [] => return Ok(None),
            [(REJECT, row), ..] => ("ProspectReject", wire::reject(row.code.as_deref().unwrap_or_default())?),
            upserts => (
                "ProspectAddV2",
                wire::upload(&upserts.iter().map(item).collect::<Vec<_>>(), self.profile.prospect.v100)?,
            ),
        };
        let body = secrets.envelope()?.seal(&plain);
        Ok(Some(Outgoing { call: self.call(endpoint, &secrets, body, self.change_limits(), rng)?, sent }))
    }

    fn judge(&self, batch: &[Entry], reply: &Reply, session: &Session) -> Judged {
        let envelope = ProspectSecrets::parse(&session.secrets).and_then(|s| s.envelope());
        let Ok(envelope) = envelope else {
            return all(batch, Says::Unusable, || Outcome::Unknown("undecodable"));
        };
        if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after) {
            return all(batch, says, || Outcome::Unknown(why));
        }
        match batch.first().map(|e| e.head.verb.as_str()) {
            Some(REJECT) => judge_reject(batch, &reply.body, &envelope),
            _ => judge_add(batch, &reply.body, &envelope),
        }
    }

    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
        moved(tx, entry, to, now)
    }

    fn plausible(&self, tx: &Transaction<'_>, entry: &Entry, receipt: &Payload) -> Result<bool> {
        let receipt: Receipt = receipt.decode()?;
        let id = prospect_of(entry)?;
        Ok(match entry.head.verb.as_str() {
            CREATE => {
                !receipt.code.is_empty()
                    && rows::id_by_code(tx, &receipt.code)?.is_none_or(|owner| owner == id)
            }
            _ => true,
        })
    }
}

fn item<'a>((verb, row): &'a (&str, rows::Row)) -> wire::Item<'a> {
    wire::Item { id: row.id, code: row.code.as_deref().filter(|_| *verb != CREATE), fields: &row.local }
}

/// The prospect an entry is about.
pub(super) fn prospect_of(entry: &Entry) -> Result<ProspectId> {
    ProspectId::of_lane(&entry.lane).ok_or(Error::internal("lane"))
}

fn codes(conn: &Connection, batch: &[Entry]) -> Result<Vec<String>> {
    let mut codes = vec![];
    for entry in batch {
        codes.extend(rows::get(conn, prospect_of(entry)?)?.code);
    }
    Ok(codes)
}

/// The row to send; an entry whose row cannot be decoded is set aside, and only it.
fn sendable(tx: &Transaction<'_>, entry: &Entry, now: Now) -> Result<Option<rows::Row>> {
    match rows::get(tx, prospect_of(entry)?) {
        Ok(row) if entry.head.verb == CREATE || row.code.is_some() => Ok(Some(row)),
        Ok(_) | Err(Error::NotFound { .. }) | Err(Error::StoreDamaged { place: "row", .. }) => {
            outbox::set_aside(tx, entry.head.id, &Reason::code("undecodable"), now)?;
            crate::feed::touch(tx, &entry.lane)?;
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

fn by_status(status: u16, retry_after: Option<Duration>) -> Option<(Says, &'static str)> {
    match status {
        200 => None,
        401 | 403 => Some((Says::Settings, "http_401")),
        413 => Some((Says::TooLarge, "http_413")),
        429 | 503 => Some((Says::Busy(retry_after), "http_busy")),
        500..=599 => Some((Says::Busy(retry_after), "http_5xx")),
        _ => Some((Says::Unusable, "http_status")),
    }
}

pub(super) fn status_says(status: u16, retry_after: Option<Duration>) -> Option<Says> {
    by_status(status, retry_after).map(|(says, _)| says)
}

fn all(batch: &[Entry], says: Says, outcome: impl Fn() -> Outcome) -> Judged {
    Judged { outcomes: batch.iter().map(|_| outcome()).collect(), says }
}

fn judge_reject(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let reply = envelope.open(body).map_err(drop).and_then(|plain| wire::parse_tail(&plain).map_err(drop));
    let Ok(reply) = reply else {
        return all(batch, Says::Unusable, || Outcome::Unknown("undecodable"));
    };
    if reply.succeeded() {
        return all(batch, Says::Usable, || accepted("", "reply"));
    }
    if reply.session_expired() {
        return all(batch, Says::SignIn, || Outcome::SignIn);
    }
    // After a doubtful reject the code is gone because the first one arrived.
    let repeated = batch.first().is_some_and(|e| e.head.doubts > 0);
    if repeated && reply.sms.contains("Code is not found") {
        return all(batch, Says::Usable, || accepted("", "already"));
    }
    all(batch, Says::Usable, || Outcome::Refused(Reason::said("refused", &reply.sms)))
}

fn accepted(code: &str, by: &str) -> Outcome {
    let receipt = Receipt { code: code.to_owned(), by: by.to_owned() };
    Payload::encode(&receipt).map_or(Outcome::Unknown("receipt"), Outcome::Accepted)
}

/// Replies are matched by ProspectClientID, never by position; each entry is judged by its own answer alone.
fn judge_add(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let reply = envelope.open(body).map_err(drop).and_then(|plain| wire::parse_add(&plain).map_err(drop));
    let Ok(reply) = reply else {
        return all(batch, Says::Unusable, || Outcome::Unknown("undecodable"));
    };
    if reply.entries.is_none() {
        return if reply.tail.session_expired() {
            all(batch, Says::SignIn, || Outcome::SignIn)
        } else if reply.tail.succeeded() {
            all(batch, Says::Usable, || Outcome::Unanswered)
        } else {
            all(batch, Says::Usable, || Outcome::BatchError(Reason::said("refused", &reply.tail.sms)))
        };
    }
    let outcomes = batch.iter().map(|entry| match prospect_of(entry).ok().and_then(|id| reply.answer(id)) {
        Some(answer) if answer.succeeded() => accepted(&answer.code, "reply"),
        Some(answer) => Outcome::Refused(Reason::said("refused", &answer.sms)),
        None => Outcome::Unanswered,
    });
    let says = if reply.tail.session_expired() { Says::SignIn } else { Says::Usable };
    Judged { outcomes: outcomes.collect(), says }
}

/// What a move means for the row; the last step of every move.
fn moved(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    let id = prospect_of(entry)?;
    match (entry.head.verb.as_str(), to) {
        (REJECT, Move::Done(_)) => rows::set_life(tx, id, Life::Rejected)?,
        (_, Move::Done(receipt)) => upsert_done(tx, entry, id, &receipt.decode()?, now)?,
        (CREATE, Move::Closed(_)) => {
            rows::set_life(tx, id, Life::Withdrawn)?;
            rows::set_intent(tx, id, None)?;
        }
        (UPDATE, Move::Closed(_)) => {
            let dropped = rows::update(tx, id, |row| {
                let dropped = Payload::encode(&row.local)?;
                row.local = row.base.clone().unwrap_or_else(|| row.local.clone());
                (row.conflict, row.acked) = (None, row.revision);
                Ok(dropped)
            })?;
            outbox::keep_body(tx, entry.head.id, &dropped)?;
        }
        // It never arrived and she has taken it back meanwhile.
        (CREATE, Move::Ready { .. } | Move::Refused(_)) if rows::intent(tx, id)?.is_some() => {
            let now_there = outbox::get(tx, entry.head.id)?.ok_or(Error::internal("entry"))?;
            let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
            if outbox::shift(tx, &now_there.head, &closed, now)? {
                return moved(tx, &now_there, &closed, now);
            }
        }
        _ => {}
    }
    rows::set_unsent(tx, id, outbox::lane_open(tx, &entry.lane)?)
}

/// What was sent is what both agree on now; a newer edit, or an intention, goes out next.
fn upsert_done(
    tx: &Transaction<'_>,
    entry: &Entry,
    id: ProspectId,
    receipt: &Receipt,
    now: Now,
) -> Result<()> {
    let sent: Option<Fields> = entry.sent.as_ref().map(Payload::decode).transpose()?;
    let (revision, intent) = rows::update(tx, id, |row| {
        if let Some(sent) = sent.filter(|_| receipt.by != "already") {
            (row.base, row.acked) = (Some(sent), entry.sent_rev.unwrap_or(row.revision));
        }
        Ok((row.revision, row.intent.take()))
    })?;
    if entry.head.verb == CREATE {
        rows::set_code(tx, id, &receipt.code)?;
    }
    if intent.is_some() {
        return enqueue(tx, id, REJECT, &entry.head.author, now).map(drop);
    }
    if entry.sent_rev.is_some_and(|sent| sent < revision) {
        enqueue(tx, id, UPDATE, &entry.head.author, now)?;
    }
    Ok(())
}

/// Makes an entry of this remote; the row's own state is its body.
pub(super) fn enqueue(
    tx: &Transaction<'_>,
    id: ProspectId,
    verb: &str,
    author: &str,
    now: Now,
) -> Result<EntryId> {
    let (lane, class) = (id.lane(), NetClass::Small);
    let effect = effect_of(verb);
    let new =
        NewEntry { remote: PROSPECT, lane: &lane, verb, effect, class, author, after: None, body: None };
    outbox::insert(tx, &new, now)
}

fn effect_of(verb: &str) -> Effect {
    if verb == CREATE { Effect::Create } else { Effect::Replace }
}
