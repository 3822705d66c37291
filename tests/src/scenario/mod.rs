//! Scenarios: JSON files that a person can read and that Rust, Kotlin and Swift run word for word.
//!
//! `tests/scenarios/README.md` is the format's document. A step does one thing and gives one JSON value; what the file
//! expects is compared with that value by [`expect`], until it fits or the step's time is over.

mod act;
mod at_bank;
mod at_server;
mod code;
mod collection;
pub mod expect;
mod onboarding;
mod say;

use crate::tablet;
use satchel::Satchel;
use satchel::profile::Profile;
use satchel::prospect::ProspectId;
use satchel::record::Record;
use satchel::world::{MemoryVault, World};
use satchel_sandbox::prospect::Settings;
use satchel_sandbox::{Options, Running};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A scenario, as its file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is about, in a few words.
    pub name: String,
    /// What it shows, for the reader.
    pub about: String,
    /// Settings of the prospect service that differ from the format's defaults.
    #[serde(default)]
    pub profile: Map<String, Value>,
    /// How the sandbox's service is set up, where it differs from its defaults.
    #[serde(default)]
    pub service: Option<Value>,
    /// Settings of the onboarding service that differ from the format's defaults. Without it the tablet has none.
    #[serde(default)]
    pub onboarding: Option<Map<String, Value>>,
    /// How the sandbox's onboarding service is set up, where it differs from its defaults.
    #[serde(default)]
    pub onboarding_service: Option<Value>,
    /// Settings of the collection service that differ from the format's defaults. Without it the tablet has none.
    #[serde(default)]
    pub collection: Option<Map<String, Value>>,
    /// How the sandbox's collection service is set up, where it differs from its defaults.
    #[serde(default)]
    pub collection_service: Option<Value>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// Reads a scenario's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Scenario, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
}

/// One step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The verb.
    #[serde(rename = "do")]
    pub verb: String,
    /// The record it is about, by the name that the file gave it.
    #[serde(default)]
    pub of: Option<String>,
    /// The name that the file gives to the record made here.
    #[serde(default, rename = "as")]
    pub name: Option<String>,
    /// What the verb needs.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// What its value must hold.
    #[serde(default)]
    pub expect: Option<Value>,
    /// Do it again until the value fits, at most so long. Without it: once.
    #[serde(default)]
    pub eventually_ms: Option<u64>,
    /// Why, for the reader.
    #[serde(default, rename = "why")]
    pub _why: Option<String>,
}

/// What a step gives: a value, or what is wrong with the file itself.
type Told = Result<Value, String>;

/// A running scenario.
struct Player {
    sandbox: Running,
    satchel: Satchel,
    world: World,
    profile: Profile,
    folder: TempDir,
    /// The session that the next `sign_in` uses.
    session: String,
    names: BTreeMap<String, Record>,
    /// Codes of prospects that another device made.
    codes: BTreeMap<String, String>,
    /// Where the feed was read to.
    cursor: i64,
}

/// Plays a scenario from its text.
///
/// # Errors
/// What is wrong with the file, or which step did not give what it should, and what it gave.
pub async fn play(text: &str) -> Result<(), String> {
    let scenario = Scenario::read(text)?;
    let mut player = Player::of(&scenario).await?;
    for (n, step) in scenario.steps.iter().enumerate() {
        player
            .step(step)
            .await
            .map_err(|why| format!("{}, step {} ({}): {why}", scenario.name, n + 1, step.verb))?;
    }
    let _ = player.satchel.shutdown().await; // a scenario may have locked it
    Ok(())
}

impl Player {
    async fn of(scenario: &Scenario) -> Result<Player, String> {
        let options = Options { lateness_ms: tablet::LATENESS_MS, ..Options::default() };
        let sandbox = tablet::sandbox_of(options).await;
        if let Some(service) = &scenario.service {
            let service: Settings = serde_json::from_value(service.clone()).map_err(|e| e.to_string())?;
            sandbox.set_settings(service);
        }
        if let Some(service) = &scenario.onboarding_service {
            let service = serde_json::from_value(service.clone()).map_err(|e| e.to_string())?;
            sandbox.set_onboarding_settings(service);
        }
        if let Some(service) = &scenario.collection_service {
            let service = serde_json::from_value(service.clone()).map_err(|e| e.to_string())?;
            sandbox.set_collection_settings(service);
        }
        let mut profile = tablet::profile(sandbox.base_url());
        profile.collection = scenario.collection.as_ref().map(|_| tablet::collection_profile(&sandbox));
        profile.onboarding =
            scenario.onboarding.as_ref().map(|_| tablet::onboarding_profile(sandbox.onboarding_url()));
        let profile = changed(&profile, "prospect", &scenario.profile)?;
        let changes = scenario.onboarding.clone().unwrap_or_default();
        let profile = changed(&profile, "onboarding", &changes)?;
        let changes = scenario.collection.clone().unwrap_or_default();
        let profile = changed(&profile, "collection", &changes)?;
        let world = tablet::world(&profile, Arc::new(MemoryVault::default()));
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let satchel = open(&world, &folder, &profile).await?;
        Ok(Player {
            sandbox,
            satchel,
            world,
            profile,
            folder,
            session: "S-1".to_owned(),
            names: BTreeMap::new(),
            codes: BTreeMap::new(),
            cursor: 0,
        })
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let end = Instant::now() + Duration::from_millis(step.eventually_ms.unwrap_or(0));
        loop {
            let value = self.act(step).await?;
            let Some(why) = wrong(step, &value) else { return Ok(()) };
            if Instant::now() >= end {
                return Err(format!("{why}\n  it gave {value}"));
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// The record that a step is about.
    fn record(&self, step: &Step) -> Result<Record, String> {
        self.named(step.of.as_deref().ok_or("it needs `of`")?)
    }

    fn named(&self, name: &str) -> Result<Record, String> {
        self.names.get(name).copied().ok_or_else(|| format!("nobody is called `{name}`"))
    }

    fn prospect(&self, step: &Step) -> Result<ProspectId, String> {
        self.record(step)?.prospect().ok_or_else(|| "it is no prospect".to_owned())
    }

    /// Gives the step's name to a record.
    fn gives_name(&mut self, step: &Step, id: impl Into<Record>) -> Result<(), String> {
        self.names.insert(step.name.clone().ok_or("it needs `as`")?, id.into());
        Ok(())
    }

    /// The name that the file gave a record.
    fn name_of(&self, id: impl Into<Record>) -> String {
        let record = id.into();
        let named = self.names.iter().find(|(_, named)| **named == record);
        named.map_or_else(|| "?".to_owned(), |(name, _)| name.clone())
    }
}

async fn open(world: &World, folder: &TempDir, profile: &Profile) -> Result<Satchel, String> {
    let open = Satchel::open(world.clone(), folder.path(), "dara", profile.clone());
    open.await.map_err(|e| format!("the book does not open: {e}"))
}

/// What the expectation misses. A step that expects nothing must not fail.
fn wrong(step: &Step, value: &Value) -> Option<String> {
    match &step.expect {
        Some(expected) => expect::misses(expected, value),
        None => value.get("error").map(|code| format!("it failed with {code}")),
    }
}

/// The profile with those settings of that service.
///
/// # Errors
/// Which of them is none.
pub fn changed(profile: &Profile, service: &str, changes: &Map<String, Value>) -> Result<Profile, String> {
    let mut json = serde_json::to_value(profile).map_err(|e| e.to_string())?;
    for (name, value) in changes {
        json[service][name] = value.clone();
    }
    serde_json::from_value(json).map_err(|e| e.to_string())
}
