//! Fault switches: what can go wrong, when, and how often it did.

mod board;
mod catalogue;
mod kind;

pub(crate) use board::{Board, Case, Plan};
pub(crate) use catalogue::{CATALOGUE, Lever, SINCE_ONBOARDING, from_form, groups};
pub(crate) use kind::Stage;
pub use kind::{Kind, Part};

use serde::{Deserialize, Serialize};

/// One fault switch: what goes wrong, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Kind,
    /// At which endpoint; everywhere if none.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// With which probability, from 0 to 1, at each request it fits.
    #[serde(default = "always")]
    pub chance: f64,
    /// How often at most; without limit if none.
    #[serde(default)]
    pub times: Option<u64>,
    /// How many requests it fits are let through first.
    #[serde(default)]
    pub skip: u64,
}

fn always() -> f64 {
    1.0
}

impl Fault {
    /// This fault at every request it fits.
    pub fn new(kind: Kind) -> Fault {
        Fault { kind, endpoint: None, chance: always(), times: None, skip: 0 }
    }

    /// Only at this endpoint.
    pub fn on(self, endpoint: impl Into<String>) -> Fault {
        Fault { endpoint: Some(endpoint.into()), ..self }
    }

    /// Only with this probability.
    pub fn chance(self, chance: f64) -> Fault {
        Fault { chance, ..self }
    }

    /// At most so many times.
    pub fn times(self, times: u64) -> Fault {
        Fault { times: Some(times), ..self }
    }

    /// Only after so many requests it fits were let through.
    pub fn skip(self, skip: u64) -> Fault {
        Fault { skip, ..self }
    }

    /// Reads a fault from JSON, and refuses names it does not know: a misspelt switch must not pass for a set one.
    pub fn from_json(value: &serde_json::Value) -> Result<Fault, String> {
        let fault: Fault = serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
        fault.check()?;
        let known = serde_json::to_value(&fault).map_err(|e| e.to_string())?;
        let known = known.as_object().ok_or("not an object")?;
        match value.as_object().and_then(|given| given.keys().find(|name| !known.contains_key(*name))) {
            Some(name) => Err(format!("`{}` has no `{name}`", fault.kind.name())),
            None => Ok(fault),
        }
    }

    fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.chance) {
            return Err("`chance` is from 0 to 1".into());
        }
        self.kind.check()
    }
}

/// A fault switch that is set, and what it has done.
#[derive(Clone, Debug, Serialize)]
pub struct Armed {
    /// Its number, for taking it back.
    pub id: u64,
    /// The switch.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it fitted.
    pub seen: u64,
    /// How often it fired.
    pub fired: u64,
}

impl Armed {
    /// Whether it has fired as often as it may.
    pub fn spent(&self) -> bool {
        self.fault.times.is_some_and(|times| self.fired >= times)
    }
}
