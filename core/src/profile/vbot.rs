//! VBot (contract, section 5).

use super::{
    Backoff, default_connect, default_settle_by, default_text, default_total, default_transit, is_base,
};
use crate::error::{Error, Problem, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// VBot. Times are whole milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VbotProfile {
    /// `https://HOST/api/crm/`; plain `http` for loopback only.
    pub base_url: String,
    /// `vbot_id`, in every call.
    pub vbot_id: String,
    /// `project_code`, in every call.
    pub project_code: String,
    /// By which names a record's code is sent where the service's document has two.
    #[serde(default)]
    pub keys: VbotKeys,
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
    /// A whole call.
    #[serde(default = "default_total")]
    pub total_ms: u64,
    /// The first and the longest wait after a failure.
    #[serde(default)]
    pub backoff: Backoff,
    /// The longest text of one field, in characters.
    #[serde(default = "default_text")]
    pub max_text: usize,
    /// Sending is paused from the start, for the reason given here.
    #[serde(default)]
    pub paused: Option<String>,
}

/// Where VBot's table and its sample call a record's code by two names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VbotKeys {
    /// Both are sent, with the same value: either server finds its own.
    #[default]
    Both,
    /// The table's.
    Table,
    /// The sample's.
    Sample,
}

impl VbotProfile {
    /// Every default, for the service at `base_url`.
    #[must_use]
    pub fn new(base_url: &str, vbot_id: &str, project_code: &str) -> Self {
        let json =
            serde_json::json!({ "base_url": base_url, "vbot_id": vbot_id, "project_code": project_code });
        serde_json::from_value(json).expect("the defaults make a profile")
    }

    /// Checks what types cannot say.
    pub(super) fn check(&self) -> Result<()> {
        let form = |field, expected| Err(Error::invalid(field, Problem::Form { expected }));
        if !url::Url::parse(&self.base_url).is_ok_and(|url| is_base(&url)) {
            return form("vbot.base_url", "https://HOST/… that ends with a slash");
        }
        for (field, text) in [("vbot.vbot_id", &self.vbot_id), ("vbot.project_code", &self.project_code)] {
            if text.is_empty() {
                return Err(Error::invalid(field, Problem::Missing));
            }
        }
        self.backoff.check("vbot.backoff")?;
        match self.total_ms == 0 || self.connect_ms == 0 {
            true => form("vbot.total_ms", "waits above 0"),
            false => Ok(()),
        }
    }

    /// Lateness plus transit: how long after a lost answer nothing can be concluded.
    #[must_use]
    pub fn quiet(&self) -> Duration {
        Duration::from_millis(self.lateness_ms.unwrap_or(0).saturating_add(self.transit_ms))
    }
}
