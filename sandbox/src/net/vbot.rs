//! VBot of a started sandbox: what it holds, and what somebody else does to it.

use super::Running;
use crate::vbot::{Kind, Row, Settings};
use serde_json::{Map, Value};

impl Running {
    /// What VBot's paths are appended to: `https://127.0.0.1:PORT/api/crm/`.
    pub fn vbot_url(&self) -> &str {
        &self.shared.place.vbot_url
    }

    /// Every row in the order in which they were made, deleted ones too.
    pub fn vbot_rows(&self) -> Vec<Row> {
        self.shared.with(|server, _| server.vbot().rows().cloned().collect())
    }

    /// How many rows stand beside another one of their kind and code.
    pub fn vbot_doubles(&self) -> u64 {
        self.shared.with(|server, _| server.vbot().doubles())
    }

    /// Makes a row as another device would.
    pub fn vbot_insert(&self, user: &str, kind: Kind, code: &str, members: Map<String, Value>) {
        self.shared.with(|server, now| {
            server.elsewhere_in_vbot(now, |all| all.insert(user, kind, code, members, now));
        });
    }

    /// Deletes a row as another device would. False: there is none.
    pub fn vbot_remove(&self, kind: Kind, code: &str) -> bool {
        self.shared.with(|server, now| server.elsewhere_in_vbot(now, |all| all.remove(kind, code, now)))
    }

    /// How VBot is set up.
    pub fn vbot_settings(&self) -> Settings {
        self.shared.with(|server, _| server.vbot().settings().clone())
    }

    /// Sets VBot up anew.
    pub fn set_vbot_settings(&self, settings: Settings) {
        self.shared.with(|server, now| {
            server.elsewhere_in_vbot(now, |all| (all.set_settings(settings), Vec::new()));
        });
    }
}
