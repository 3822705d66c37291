//! Which remotes, where, under which limits: everything that differs from bank to bank and is no secret.

mod collection;
mod onboarding;
mod vbot;

pub use collection::CollectionProfile;
pub use onboarding::{Fixed, OnboardingProfile, PaperLimits};
pub use vbot::{VbotKeys, VbotProfile};

use crate::error::{Error, Problem, Result};
use crate::seal::Recipient;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A profile. Times are whole milliseconds, sizes bytes. Unknown keys are refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: a book belongs to one officer and one profile.
    pub name: String,
    /// The IANA zone in which the bank's civil times are meant, whatever the tablet's zone: `Asia/Phnom_Penh`.
    #[serde(default = "default_zone")]
    pub zone: String,
    /// The bank's own certificate authorities (PEM). Given, only these are trusted; empty: the platform's.
    #[serde(default)]
    pub roots_pem: String,
    /// How much disk is kept in reserve so that text and outcomes still save when the disk is full.
    #[serde(default = "default_reserve")]
    pub reserve_bytes: u64,
    /// How many days settled entries keep what was sent.
    #[serde(default = "default_keep")]
    pub keep_days: u32,
    /// The organisation's public key (`age1…`, made by `age-keygen`). Given, the key of every book is sealed to it, and
    /// exports are: who holds the private half can read a book whose tablet or vault is lost. Not given, a lost key
    /// loses what is unsent.
    #[serde(default)]
    pub organisation_key: Option<String>,
    /// The prospect service.
    pub prospect: ProspectProfile,
    /// Onboarding; `None`: this bank has none, and its calls give `NotFound`.
    #[serde(default)]
    pub onboarding: Option<OnboardingProfile>,
    /// Collection; `None`: this bank has none, and its calls give `NotFound`.
    #[serde(default)]
    pub collection: Option<CollectionProfile>,
    /// VBot; `None`: this bank has none, and its calls give `NotFound`.
    #[serde(default)]
    pub vbot: Option<VbotProfile>,
}

/// The prospect service (contract, section 1).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProspectProfile {
    /// `https://HOST:PORT/api/`; plain `http` is taken for loopback only.
    pub base_url: String,
    /// What `msgid` holds: the user name, or a fresh reference for each call that support can find in its log.
    #[serde(default)]
    pub msgid: MsgId,
    /// How late the server may still carry out a request that it has received, as its owner states it.
    /// Not stated: absence in a read-back is never taken as proof; it asks.
    #[serde(default)]
    pub lateness_ms: Option<u64>,
    /// How long data of a closed connection may still travel.
    #[serde(default = "default_transit")]
    pub transit_ms: u64,
    /// What absence in a complete, late enough read-back means.
    #[serde(default)]
    pub absence: Absence,
    /// Absence counts only this long after the send.
    #[serde(default = "default_window")]
    pub absence_window_ms: u64,
    /// After this long without any verdict the officer is asked while reading goes on.
    #[serde(default = "default_settle_by")]
    pub settle_by_ms: u64,
    /// Updates are read and merged just before they are sent.
    #[serde(default = "default_true")]
    pub read_before_update: bool,
    /// The most entries in one ProspectAddV2 call.
    #[serde(default = "default_batch")]
    pub batch_max: usize,
    /// A V1.0.0 server knows neither OccupationType nor COCommends: they are not sent and not compared.
    #[serde(default)]
    pub v100: bool,
    /// DNS, TCP, TLS and trust.
    #[serde(default = "default_connect")]
    pub connect_ms: u64,
    /// A whole call that changes something.
    #[serde(default = "default_total")]
    pub total_ms: u64,
    /// A whole download.
    #[serde(default = "default_download")]
    pub download_ms: u64,
    /// The longest silence inside a download.
    #[serde(default = "default_idle")]
    pub idle_ms: u64,
    /// The largest full download.
    #[serde(default = "default_download_bytes")]
    pub download_bytes: u64,
    /// The first and the longest wait after a failure.
    #[serde(default)]
    pub backoff: Backoff,
    /// Code lists by field name as on the wire (`GenderID` …): code → label. A field without a list takes any text.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// Fields that must not be empty, by their names on the wire.
    #[serde(default)]
    pub required: Vec<String>,
    /// The longest text of one field, in characters.
    #[serde(default = "default_text")]
    pub max_text: usize,
    /// Sending is paused from the start, for the reason given here.
    #[serde(default)]
    pub paused: Option<String>,
}

/// What `msgid` holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MsgId {
    /// The user name.
    #[default]
    User,
    /// A fresh random reference for each call.
    Reference,
}

/// What absence in a complete, late enough read-back means for a create in doubt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// It did not arrive: send again. A removal by someone else inside the window can then lead to a double (*admitted*).
    #[default]
    Resend,
    /// The officer is asked.
    Ask,
}

/// Waiting after failures: exponential, full jitter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backoff {
    /// The first ceiling.
    pub first_ms: u64,
    /// The last ceiling.
    pub most_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first_ms: 2_000, most_ms: 15 * 60_000 }
    }
}

impl Backoff {
    fn check(self, field: &'static str) -> Result<()> {
        if self.first_ms == 0 || self.first_ms > self.most_ms || self.most_ms < 10 {
            let expected = "first_ms from 1 to most_ms, most_ms at least 10";
            return Err(Error::invalid(field, Problem::Form { expected }));
        }
        Ok(())
    }
}

impl Profile {
    /// A profile with every default, for the prospect service at `base_url`.
    #[must_use]
    pub fn new(name: &str, base_url: &str) -> Self {
        let json = serde_json::json!({ "name": name, "prospect": { "base_url": base_url } });
        serde_json::from_value(json).expect("the defaults make a profile")
    }

    /// The organisation's key, read; `None` when there is none.
    ///
    /// # Errors
    /// `InvalidInput` in `organisation_key`.
    pub fn organisation(&self) -> Result<Option<Recipient>> {
        self.organisation_key.as_deref().map(Recipient::parse).transpose()
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// `InvalidInput` naming the setting.
    pub fn check(&self) -> Result<()> {
        let form = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
        if self.name.trim().is_empty() {
            return Err(Error::invalid("name", Problem::Missing));
        }
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            return form("zone", "an IANA time zone");
        }
        match url::Url::parse(&self.prospect.base_url) {
            Ok(url) if is_base(&url) => {}
            _ => return form("prospect.base_url", "https://HOST/… that ends with a slash"),
        }
        if self.prospect.batch_max == 0 {
            return form("prospect.batch_max", "at least 1");
        }
        self.organisation()?;
        self.prospect.backoff.check("prospect.backoff")?;
        if self.prospect.total_ms == 0 || self.prospect.connect_ms == 0 || self.prospect.download_ms == 0 {
            return form("prospect.total_ms", "waits above 0");
        }
        self.onboarding.as_ref().map_or(Ok(()), OnboardingProfile::check)?;
        self.collection.as_ref().map_or(Ok(()), CollectionProfile::check)?;
        self.vbot.as_ref().map_or(Ok(()), VbotProfile::check)?;
        let known = |name: &String| crate::prospect::Field::by_wire(name).is_some();
        if !self.prospect.required.iter().all(known) {
            return form("prospect.required", "field names of the contract");
        }
        if !self.prospect.codes.keys().all(known) {
            return form("prospect.codes", "field names of the contract");
        }
        Ok(())
    }
}

/// A service's address, below which its endpoints stand. (Of `http` the network takes this machine's own alone.)
fn is_base(url: &url::Url) -> bool {
    let plain = url.username().is_empty() && url.password().is_none();
    let ends = url.path().ends_with('/') && url.query().is_none() && url.fragment().is_none();
    matches!(url.scheme(), "https" | "http") && url.has_host() && plain && ends
}

impl ProspectProfile {
    /// Lateness plus transit: how long after a lost answer nothing can be concluded from absence.
    #[must_use]
    pub fn quiet(&self) -> Duration {
        Duration::from_millis(self.lateness_ms.unwrap_or(0).saturating_add(self.transit_ms))
    }
}

fn default_zone() -> String {
    "Asia/Phnom_Penh".into()
}
fn default_reserve() -> u64 {
    32 << 20
}
fn default_keep() -> u32 {
    30
}
fn default_true() -> bool {
    true
}
fn default_transit() -> u64 {
    3 * 60_000
}
fn default_window() -> u64 {
    24 * 3_600_000
}
fn default_settle_by() -> u64 {
    3 * 24 * 3_600_000
}
fn default_batch() -> usize {
    50
}
fn default_connect() -> u64 {
    15_000
}
fn default_total() -> u64 {
    60_000
}
fn default_download() -> u64 {
    20 * 60_000
}
fn default_idle() -> u64 {
    30_000
}
fn default_download_bytes() -> u64 {
    512 << 20
}
fn default_text() -> usize {
    500
}
