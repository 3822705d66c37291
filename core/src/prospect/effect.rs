//! How an entry becomes a call, how a reply becomes an outcome, and what a move means for the row.

use super::ProspectId;
use super::secrets::ProspectSecrets;
use super::{PROSPECT, decide, download, judge, moved, rows, wire};
use crate::error::{Error, Result};
use crate::outbox::entry::{Effect, Entry, NetClass, Payload, Reason};
use crate::outbox::policy::{Move, Outcome, code};
use crate::outbox::remote::{
    Asked, Judged, Outgoing, ReadFailed, Reading, Remote, Rules, Says, Session, Settling, Taken,
};
use crate::outbox::remote_row::{self, KeyTrust};
use crate::outbox::rows::{self as outbox, Now};
use crate::profile::{MsgId, Profile};
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
#[derive(Serialize, Deserialize)]
pub struct Receipt {
    /// The code the server gave or kept.
    pub code: String,
    /// `reply`, `read_back`, `already` (the server held it before it was sent), `officer`.
    pub by: String,
}

impl Receipt {
    pub(super) fn payload(code: &str, by: &str) -> Result<Payload> {
        Payload::encode(&Receipt { code: code.to_owned(), by: by.to_owned() })
    }
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
            total_bulk: Duration::from_millis(p.total_ms),
            bulk_needs_unmetered: false,
            absence: p.absence,
            lateness_stated: p.lateness_ms.is_some(),
            absence_window: Duration::from_millis(p.absence_window_ms),
            settle_by: Duration::from_millis(p.settle_by_ms),
            backoff: p.backoff,
            paused: p.paused.clone(),
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

    fn reads_before(&self, conn: &Connection, batch: &[Entry]) -> Result<Vec<Reading>> {
        if !self.profile.prospect.read_before_update || batch.iter().any(|e| e.head.verb != UPDATE) {
            return Ok(vec![]);
        }
        if batch.len() > ONE_BY_ONE {
            return Ok(vec![Reading::all()]);
        }
        Ok(codes(conn, batch)?.into_iter().map(Reading).collect())
    }

    fn probe(&self, conn: &Connection, failed: u32) -> Result<Reading> {
        // Any code will do, even one that does not exist: what counts is that the answer can be read.
        let known = if failed.is_multiple_of(2) { rows::newest_code(conn, false)? } else { None };
        Ok(Reading(known.unwrap_or_else(|| "0".to_owned())))
    }

    fn curious(&self, conn: &Connection) -> Result<Option<Reading>> {
        if remote_row::get(conn, PROSPECT)?.key != KeyTrust::Unverified {
            return Ok(None);
        }
        Ok(rows::newest_code(conn, true)?.map(Reading))
    }

    fn settles(&self, conn: &Connection, doubts: &[Entry]) -> Result<Settling> {
        let alone = matches!(doubts, [one] if one.head.verb == UPDATE);
        let code = if alone { codes(conn, doubts)?.pop() } else { None };
        Ok(Settling::Read(code.map_or_else(Reading::all, Reading)))
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
        let Some((verb, _)) = items.first() else { return Ok(None) };
        let plain = match items.as_slice() {
            [(REJECT, row), ..] => wire::reject(row.code.as_deref().unwrap_or_default())?,
            upserts => {
                wire::upload(&upserts.iter().map(item).collect::<Vec<_>>(), self.profile.prospect.v100)?
            }
        };
        let body = secrets.envelope()?.seal(&plain);
        Ok(Some(Outgoing {
            call: self.call(endpoint_of(verb), &secrets, body, self.change_limits(), rng)?,
            streamed: None,
            sent,
        }))
    }

    fn judge(&self, batch: &[Entry], reply: &Reply, session: &Session) -> Judged {
        match ProspectSecrets::parse(&session.secrets).and_then(|s| s.envelope()) {
            Ok(envelope) => judge::judge(batch, reply, &envelope),
            Err(_) => Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE)),
        }
    }

    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
        moved::moved(tx, entry, to, now)
    }

    fn arrived(&self, tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<Payload> {
        decide::arrived(tx, entry, code)
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
        // Not the whole row: one that cannot be decoded is set aside when its turn to be encoded comes.
        codes.extend(rows::code_of(conn, prospect_of(entry)?)?);
    }
    Ok(codes)
}

/// The row to send; an entry that cannot be decoded, or whose row cannot, is set aside, and only it.
fn sendable(tx: &Transaction<'_>, entry: &Entry, now: Now) -> Result<Option<rows::Row>> {
    let verb = entry.head.verb.as_str();
    let known = EFFECTS.iter().any(|(known, ..)| *known == verb);
    let row = ProspectId::of_lane(&entry.lane).ok_or(Error::NotFound { what: "prospect" });
    match row.and_then(|id| rows::get(tx, id)) {
        Ok(row) if known && (verb == CREATE || row.code.is_some()) => Ok(Some(row)),
        Ok(_) | Err(Error::NotFound { .. }) | Err(Error::StoreDamaged { place: "row", .. }) => {
            outbox::set_aside(tx, entry.head.id, &Reason::code(code::UNDECODABLE), now)?;
            crate::feed::touch(tx, &entry.lane)?;
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Every verb, its endpoint, and what a repeat would do; beside it what settles a doubt.
const EFFECTS: [(&str, &str, Effect); 3] = [
    (CREATE, "ProspectAddV2", Effect::Create), // natural key, names and phone in the whole list
    (UPDATE, "ProspectAddV2", Effect::Replace), // the code's row holds what was sent
    (REJECT, "ProspectReject", Effect::Replace), // the code is missing from the whole list
];

/// What a repeat of this verb would do. What is not in the table is taken for the worst.
pub(super) fn effect_of(verb: &str) -> Effect {
    EFFECTS.iter().find(|(v, ..)| *v == verb).map_or(Effect::Once, |(_, _, effect)| *effect)
}

fn endpoint_of(verb: &str) -> &'static str {
    EFFECTS.iter().find(|(v, ..)| *v == verb).map_or("", |(_, endpoint, ..)| endpoint)
}
