//! What the state file holds of a server.

use super::remotes::Which;
use super::{Pending, Server};
use crate::ledger::LedgerEntry;
use crate::sessions::Sessions;
use serde::{Deserialize, Serialize};

/// What changed since it was last asked for, or all there is.
pub struct Saved {
    /// Sessions, counters, calls to be executed late; JSON.
    pub meta: String,
    /// Records of the remotes: remote, key, JSON.
    pub records: Vec<(String, String, String)>,
    /// Ledger entries, new or with a new fate.
    pub ledger: Vec<LedgerEntry>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    sessions: Sessions,
    requests: u64,
    pending: Vec<Pending>,
}

impl Server {
    /// What changed since this was last called; none if nothing did. Who keeps it and gives it all to
    /// [`restore`](Server::restore) has the same data, ledger, sessions and late commits again; faults, the log of
    /// requests and the random generator start anew.
    pub fn unsaved(&mut self) -> Option<Saved> {
        let records: Vec<_> = Which::ALL.into_iter().flat_map(|which| self.remotes.unsaved(which)).collect();
        let ledger = self.ledger.unsaved();
        if records.is_empty() && ledger.is_empty() && !self.meta_changed {
            return None;
        }
        self.meta_changed = false;
        let meta =
            Meta { sessions: self.sessions.clone(), requests: self.requests, pending: self.pending.clone() };
        Some(Saved { meta: serde_json::to_string(&meta).unwrap_or_default(), records, ledger })
    }

    /// Takes back all that was saved. Officers known only to `self` are kept beside the saved ones.
    pub fn restore(&mut self, saved: Saved) -> Result<(), serde_json::Error> {
        let meta: Meta = serde_json::from_str(&saved.meta)?;
        self.sessions.adopt(meta.sessions);
        (self.requests, self.pending) = (meta.requests, meta.pending);
        for (remote, key, json) in saved.records {
            if let Some(which) = self.remotes.named(&remote) {
                self.remotes.get_mut(which).restore(&key, &json)?;
            }
        }
        self.ledger.restore(saved.ledger);
        Ok(())
    }
}
