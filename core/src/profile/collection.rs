//! The collection service (contract, section 3).

use super::{
    Backoff, default_connect, default_download, default_idle, default_settle_by, default_total,
    default_transit,
};
use crate::error::{Error, Problem, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The collection service. Its document gives no path, perhaps one address for both calls: here stand two whole ones. Times
/// are whole milliseconds, sizes bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionProfile {
    /// Where the list of tasks is: `https://HOST/…`; plain `http` for loopback only.
    pub tasks_url: String,
    /// Where results go.
    pub result_url: String,
    /// How late the server may still carry out a request that it has received, as its owner states it.
    #[serde(default)]
    pub lateness_ms: Option<u64>,
    /// How long data of a closed connection may still travel.
    #[serde(default = "default_transit")]
    pub transit_ms: u64,
    /// After this long without any verdict the officer is asked.
    #[serde(default = "default_settle_by")]
    pub settle_by_ms: u64,
    /// DNS, TCP, TLS and trust.
    #[serde(default = "default_connect")]
    pub connect_ms: u64,
    /// The whole call of a result.
    #[serde(default = "default_total")]
    pub total_ms: u64,
    /// A whole list.
    #[serde(default = "default_download")]
    pub download_ms: u64,
    /// The longest silence inside a list.
    #[serde(default = "default_idle")]
    pub idle_ms: u64,
    /// The largest list.
    #[serde(default = "default_list")]
    pub list_bytes: u64,
    /// The first and the longest wait after a failure.
    #[serde(default)]
    pub backoff: Backoff,
    /// `result_code`s: code → label. The bank's list is in a spreadsheet that no document has; empty: any text of at most
    /// 10 characters is taken.
    #[serde(default)]
    pub results: BTreeMap<String, String>,
    /// `action_code`s, likewise.
    #[serde(default)]
    pub actions: BTreeMap<String, String>,
    /// The `result_code`s that are a promise: with them a day is required.
    #[serde(default)]
    pub promise_required: Vec<String>,
    /// How many days after the visit a promise may lie at most.
    #[serde(default = "default_promise")]
    pub promise_days: u32,
    /// `cre_ip_address` and `mod_ip_address`: a tablet has no address that means anything to the bank.
    #[serde(default = "default_address")]
    pub ip_address: String,
    /// Sending is paused from the start, for the reason given here.
    #[serde(default)]
    pub paused: Option<String>,
}

impl CollectionProfile {
    /// Every default, for these two addresses.
    #[must_use]
    pub fn new(tasks_url: &str, result_url: &str) -> Self {
        let json = serde_json::json!({ "tasks_url": tasks_url, "result_url": result_url });
        serde_json::from_value(json).expect("the defaults make a profile")
    }

    /// Checks what types cannot say.
    pub(super) fn check(&self) -> Result<()> {
        let form = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
        for (field, url) in
            [("collection.tasks_url", &self.tasks_url), ("collection.result_url", &self.result_url)]
        {
            if !url::Url::parse(url).is_ok_and(|url| is_whole(&url)) {
                return form(field, "https://HOST/…");
            }
        }
        self.backoff.check("collection.backoff")?;
        if self.total_ms == 0 || self.connect_ms == 0 || self.download_ms == 0 {
            return form("collection.total_ms", "waits above 0");
        }
        let short = |code: &String| (1..=10).contains(&code.chars().count());
        if !self.results.keys().all(short) {
            return form("collection.results", "codes of 1 to 10 characters");
        }
        if !self.actions.keys().all(short) {
            return form("collection.actions", "codes of 1 to 10 characters");
        }
        if !self.results.is_empty()
            && !self.promise_required.iter().all(|code| self.results.contains_key(code))
        {
            return form("collection.promise_required", "codes of collection.results");
        }
        if self.ip_address.chars().nth(25).is_some() {
            return Err(Error::invalid("collection.ip_address", Problem::TooLong { max: 25 }));
        }
        Ok(())
    }

    /// Lateness plus transit: how long after a lost answer nothing can be concluded.
    #[must_use]
    pub fn quiet(&self) -> Duration {
        Duration::from_millis(self.lateness_ms.unwrap_or(0).saturating_add(self.transit_ms))
    }
}

/// A whole address of a call. (Of `http` the network takes this machine's own alone.)
fn is_whole(url: &url::Url) -> bool {
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    matches!(url.scheme(), "https" | "http") && url.has_host() && plain
}

fn default_list() -> u64 {
    64 << 20
}
fn default_promise() -> u32 {
    366
}
fn default_address() -> String {
    "0.0.0.0".into()
}
