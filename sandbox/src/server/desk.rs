//! What tests, control routes and the inspector see and switch.

use super::Server;
use crate::collection::Collection;
use crate::exchange::Exchange;
use crate::faults::{Armed, Fault};
use crate::ledger::{Effect, Fate, LedgerEntry, Origin};
use crate::onboarding::Onboarding;
use crate::prospect::Prospects;
use crate::remote::Remote;
use crate::sessions::Sessions;
use crate::vbot::Vbot;
use std::collections::BTreeMap;

impl Server {
    /// Sets these faults in place of all that were set.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.faults.set(faults);
    }

    /// Sets one more fault; returns its number.
    pub fn add_fault(&mut self, fault: Fault) -> u64 {
        self.faults.add(fault)
    }

    /// Takes a fault back by its number. False: it was not set.
    pub fn remove_fault(&mut self, id: u64) -> bool {
        self.faults.remove(id)
    }

    /// The faults that are set, with what they did.
    pub fn faults(&self) -> &[Armed] {
        self.faults.armed()
    }

    /// How often each kind of fault fired since the start.
    pub fn fired(&self) -> &BTreeMap<String, u64> {
        self.faults.fired()
    }

    /// Every committed effect, oldest first.
    pub fn ledger(&self) -> &[LedgerEntry] {
        self.ledger.entries()
    }

    /// The committed effects numbered above `seq`.
    pub fn ledger_after(&self, seq: u64) -> &[LedgerEntry] {
        self.ledger.after(seq)
    }

    /// The last requests, oldest first.
    pub fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.exchanges.iter()
    }

    /// How many requests came.
    pub fn requests_seen(&self) -> u64 {
        self.requests
    }

    /// How many accepted calls are not executed yet.
    pub fn in_flight(&self) -> usize {
        self.pending.len() + self.waiting.len()
    }

    /// Officers and sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Officers and sessions, to be changed.
    pub fn sessions_mut(&mut self) -> &mut Sessions {
        self.meta_changed = true;
        &mut self.sessions
    }

    /// The prospect service's data.
    pub fn prospects(&self) -> &Prospects {
        &self.remotes.prospects
    }

    /// Changes the prospect service's data as another device or the bank's staff would, and writes it in the ledger.
    pub fn elsewhere<R>(
        &mut self,
        now_ms: i64,
        change: impl FnOnce(&mut Prospects) -> (R, Vec<(String, Effect)>),
    ) -> R {
        let (result, effects) = change(&mut self.remotes.prospects);
        self.note(self.remotes.prospects.name(), effects, now_ms);
        result
    }

    /// The onboarding service's data.
    pub fn onboarding(&self) -> &Onboarding {
        &self.remotes.onboarding
    }

    /// Changes the onboarding service's data as another device or the bank's staff would, and writes it in the
    /// ledger.
    pub fn elsewhere_in_onboarding<R>(
        &mut self,
        now_ms: i64,
        change: impl FnOnce(&mut Onboarding) -> (R, Vec<(String, Effect)>),
    ) -> R {
        let (result, effects) = change(&mut self.remotes.onboarding);
        self.note(self.remotes.onboarding.name(), effects, now_ms);
        result
    }

    /// The collection service's data.
    pub fn collection(&self) -> &Collection {
        &self.remotes.collection
    }

    /// Changes the collection service's data as another device or the company's staff would, and writes it in the
    /// ledger.
    pub fn elsewhere_in_collection<R>(
        &mut self,
        now_ms: i64,
        change: impl FnOnce(&mut Collection) -> (R, Vec<(String, Effect)>),
    ) -> R {
        let (result, effects) = change(&mut self.remotes.collection);
        self.note(self.remotes.collection.name(), effects, now_ms);
        result
    }

    /// VBot's data.
    pub fn vbot(&self) -> &Vbot {
        &self.remotes.vbot
    }

    /// Changes VBot's data as another device would, and writes it in the ledger.
    pub fn elsewhere_in_vbot<R>(
        &mut self,
        now_ms: i64,
        change: impl FnOnce(&mut Vbot) -> (R, Vec<(String, Effect)>),
    ) -> R {
        let (result, effects) = change(&mut self.remotes.vbot);
        self.note(self.remotes.vbot.name(), effects, now_ms);
        result
    }

    /// The remotes, in a fixed order.
    pub(crate) fn remotes(&self) -> impl Iterator<Item = &dyn Remote> {
        self.remotes.all()
    }

    fn note(&mut self, remote: &'static str, effects: Vec<(String, Effect)>, now_ms: i64) {
        for (officer, effect) in effects {
            let from = Origin {
                remote,
                endpoint: "control",
                officer: &officer,
                request: 0,
                late: false,
                reply: Fate::Elsewhere,
                at_ms: now_ms,
            };
            self.ledger.append(from, effect);
        }
    }
}
