//! The remotes behind the frame, and to which of them a path or an endpoint belongs.

use crate::collection::Collection;
use crate::onboarding::Onboarding;
use crate::prospect::Prospects;
use crate::remote::Remote;
use crate::vbot::Vbot;

/// One of the remotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Prospects,
    Onboarding,
    Collection,
    Vbot,
}

impl Which {
    pub const ALL: [Which; 4] = [Which::Prospects, Which::Onboarding, Which::Collection, Which::Vbot];
}

pub(super) struct Remotes {
    pub prospects: Prospects,
    pub onboarding: Onboarding,
    pub collection: Collection,
    pub vbot: Vbot,
}

impl Remotes {
    pub fn get(&self, which: Which) -> &dyn Remote {
        match which {
            Which::Prospects => &self.prospects,
            Which::Onboarding => &self.onboarding,
            Which::Collection => &self.collection,
            Which::Vbot => &self.vbot,
        }
    }

    pub fn get_mut(&mut self, which: Which) -> &mut dyn Remote {
        match which {
            Which::Prospects => &mut self.prospects,
            Which::Onboarding => &mut self.onboarding,
            Which::Collection => &mut self.collection,
            Which::Vbot => &mut self.vbot,
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &dyn Remote> {
        Which::ALL.into_iter().map(|which| self.get(which))
    }

    /// The remote and the endpoint a path belongs to.
    pub fn route(&self, path: &str) -> Option<(Which, &'static str)> {
        Which::ALL.into_iter().find_map(|which| Some((which, self.get(which).route(path)?)))
    }

    /// The remote that has this endpoint.
    pub fn having(&self, endpoint: &str) -> Option<Which> {
        Which::ALL.into_iter().find(|which| self.get(*which).endpoints().contains(&endpoint))
    }

    pub fn named(&self, name: &str) -> Option<Which> {
        Which::ALL.into_iter().find(|which| self.get(*which).name() == name)
    }

    /// The records of a remote that changed since the last call: remote, key, JSON.
    pub fn unsaved(&mut self, which: Which) -> Vec<(String, String, String)> {
        let name = self.get(which).name();
        let records = self.get_mut(which).unsaved().into_iter();
        records.map(|(key, json)| (name.to_owned(), key, json)).collect()
    }
}
