//! A tablet: one officer's book on a real disk, over real sockets to a sandbox.

use satchel::collection::CollectionSecrets;
use satchel::crm::vbot::VbotSecrets;
use satchel::onboarding::{OnboardingSecrets, Person};
use satchel::profile::{Backoff, CollectionProfile, OnboardingProfile, Profile, VbotProfile};
use satchel::prospect::{Field, FieldChange, ProspectId, ProspectSecrets};
use satchel::record::Record;
use satchel::standing::{Place, Standing};
use satchel::world::{KeyVault, MemoryVault, World};
use satchel::{Satchel, outbox::plan::Link};
use satchel_sandbox::{LedgerEntry, Options, Running, Sandbox};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest that anything that must come is waited for. Far more than needed, for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How late the sandbox may carry out a request in tests, ms.
pub const LATENESS_MS: u64 = 400;

/// A sandbox on a free port, plain, in memory.
///
/// # Panics
/// When it cannot listen.
pub async fn sandbox() -> Running {
    sandbox_of(Options { lateness_ms: LATENESS_MS, ..Options::default() }).await
}

/// A sandbox with these options.
///
/// # Panics
/// When it cannot listen.
pub async fn sandbox_of(options: Options) -> Running {
    Sandbox::start(options).await.expect("the sandbox listens")
}

/// A profile with the short times of a test, for the service at `base_url`.
#[must_use]
pub fn profile(base_url: &str) -> Profile {
    let mut profile = Profile::new("test", base_url);
    profile.reserve_bytes = 0;
    let p = &mut profile.prospect;
    (p.lateness_ms, p.transit_ms) = (Some(LATENESS_MS), 300);
    (p.connect_ms, p.total_ms, p.download_ms, p.idle_ms) = (3_000, 3_000, 10_000, 2_000);
    p.backoff = Backoff { first_ms: 20, most_ms: 400 };
    profile
}

/// The second service with the short times of a test.
#[must_use]
pub fn onboarding_profile(url: &str) -> OnboardingProfile {
    let mut profile = OnboardingProfile::new(url);
    (profile.lateness_ms, profile.transit_ms) = (Some(LATENESS_MS), 300);
    (profile.connect_ms, profile.total_ms, profile.idle_ms) = (3_000, 3_000, 2_000);
    profile.upload_ms = 10_000;
    profile.backoff = Backoff { first_ms: 20, most_ms: 400 };
    profile
}

/// The collection service with the short times of a test, and a list of results.
#[must_use]
pub fn collection_profile(sandbox: &Running) -> CollectionProfile {
    let mut profile = CollectionProfile::new(sandbox.collection_tasks_url(), sandbox.collection_result_url());
    (profile.lateness_ms, profile.transit_ms) = (Some(LATENESS_MS), 300);
    (profile.connect_ms, profile.total_ms, profile.download_ms) = (3_000, 3_000, 3_000);
    profile.idle_ms = 2_000;
    profile.backoff = Backoff { first_ms: 20, most_ms: 400 };
    profile
}

/// VBot with the short times of a test.
#[must_use]
pub fn vbot_profile(sandbox: &Running) -> VbotProfile {
    let mut profile = VbotProfile::new(sandbox.vbot_url(), "45681xxx", "PR20210223152xxx");
    (profile.lateness_ms, profile.transit_ms) = (Some(LATENESS_MS), 300);
    (profile.connect_ms, profile.total_ms) = (3_000, 1_000);
    profile.backoff = Backoff { first_ms: 20, most_ms: 400 };
    profile
}

/// The secrets that collection takes of the sandbox's officer.
#[must_use]
pub fn collection_secrets() -> CollectionSecrets {
    CollectionSecrets { user: "dara".into(), password: "secret".into(), hash_key: "sandbox-hash-key".into() }
}

/// The secrets of the sandbox's officer, in that session.
#[must_use]
pub fn secrets(session: &str) -> ProspectSecrets {
    ProspectSecrets {
        user: "dara".into(),
        password: "secret".into(),
        session: session.into(),
        key: vec![7; 32].into(),
        iv: vec![9; 16].into(),
    }
}

/// Dara Sok, who applies.
#[must_use]
pub fn applicant() -> Person {
    Person {
        first_name: "Dara".into(),
        last_name: "Sok".into(),
        date_of_birth: Some(jiff::civil::date(1985, 10, 10)),
        mobile_country_code: "+855".into(),
        mobile_number: "12345678".into(),
        consent: true,
        ..Person::default()
    }
}

/// The headers that onboarding takes in that session.
#[must_use]
pub fn headers(session: &str) -> OnboardingSecrets {
    let one = || BTreeMap::from([("x-session".to_owned(), session.into())]);
    OnboardingSecrets { authenticated: one(), anonymous: one() }
}

/// The world of a device with that vault.
///
/// # Panics
/// When the profile is wrong.
#[must_use]
pub fn world(profile: &Profile, vault: Arc<dyn KeyVault>) -> World {
    let of = |profile, vault| World::device(profile, vault, None).expect("the profile makes a world");
    if !profile.roots_pem.is_empty() {
        return of(profile, vault);
    }
    // Reading the platform's authorities takes longer than many a test.
    static PLATFORM: OnceLock<World> = OnceLock::new();
    let platform = PLATFORM.get_or_init(|| of(profile, Arc::new(MemoryVault::default())));
    World { vault, ..platform.clone() }
}

/// A name and a phone, the least that the sandbox takes.
#[must_use]
pub fn person(name: &str, phone: &str) -> Vec<FieldChange> {
    vec![FieldChange::text(Field::NameEn, name), FieldChange::text(Field::Phone, phone)]
}

/// A tablet with one open book. Its folder goes with it.
pub struct Tablet {
    /// The open book.
    pub satchel: Satchel,
    /// What it is open with.
    pub world: World,
    /// Likewise.
    pub profile: Profile,
    folder: TempDir,
}

impl Tablet {
    /// A fresh book, signed in, with a link, not yet sending.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn of(sandbox: &Running) -> Tablet {
        Tablet::with(sandbox, |_| {}).await
    }

    /// As [`Tablet::of`], under a profile that is changed first.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn with(sandbox: &Running, change: impl FnOnce(&mut Profile)) -> Tablet {
        let mut profile = profile(sandbox.base_url());
        profile.roots_pem = sandbox.ca_pem().unwrap_or_default().to_owned();
        change(&mut profile);
        let folder = tempfile::tempdir().expect("a folder");
        let world = world(&profile, Arc::new(MemoryVault::default()));
        let satchel =
            Satchel::open(world.clone(), folder.path(), "dara", profile.clone()).await.expect("it opens");
        let session = sandbox.officers().first().map(|o| o.session.clone()).unwrap_or_default();
        satchel.sign_in(secrets(&session), None).await.expect("it signs in");
        satchel.link_changed(Link::Unmetered);
        Tablet { satchel, world, profile, folder }
    }

    /// A tablet that sends, and whose server is known to keep creation times to the second: one prospect, `First`, is
    /// at the bank. Only then does absence prove anything.
    ///
    /// # Panics
    /// When that does not come about.
    pub async fn known(sandbox: &Running, change: impl FnOnce(&mut Profile)) -> Tablet {
        let tablet = Tablet::with(sandbox, change).await;
        tablet.satchel.resume();
        let first = tablet.add("First", "011 000 000").await;
        tablet.until(first, Place::AtBank).await;
        tablet.satchel.download(None).await.expect("it downloads");
        tablet
    }

    /// As [`Tablet::with`], with onboarding, signed in there too, and sending.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn onboarding(sandbox: &Running, change: impl FnOnce(&mut OnboardingProfile)) -> Tablet {
        let mut onboarding = onboarding_profile(sandbox.onboarding_url());
        change(&mut onboarding);
        let tablet = Tablet::with(sandbox, |profile| profile.onboarding = Some(onboarding)).await;
        let session = sandbox.officers().first().map(|o| o.session.clone()).unwrap_or_default();
        tablet.satchel.sign_in_onboarding(headers(&session), None).await.expect("it signs in");
        tablet.satchel.resume();
        tablet
    }

    /// As [`Tablet::with`], with collection, signed in there too, and sending; it has the bank's list.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn collection(sandbox: &Running, change: impl FnOnce(&mut CollectionProfile)) -> Tablet {
        let mut collection = collection_profile(sandbox);
        change(&mut collection);
        let tablet = Tablet::with(sandbox, |profile| profile.collection = Some(collection)).await;
        tablet.satchel.sign_in_collection(collection_secrets(), None).await.expect("it signs in");
        tablet.satchel.resume();
        tablet.satchel.download_tasks().await.expect("a list");
        tablet
    }

    /// As [`Tablet::with`], with VBot, signed in there too, and sending.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn vbot(sandbox: &Running, change: impl FnOnce(&mut VbotProfile)) -> Tablet {
        let mut vbot = vbot_profile(sandbox);
        change(&mut vbot);
        let tablet = Tablet::with(sandbox, |profile| profile.vbot = Some(vbot)).await;
        let session = sandbox.officers().first().map(|o| o.session.clone()).unwrap_or_default();
        let secrets = VbotSecrets { token: session.into() };
        tablet.satchel.sign_in_vbot(secrets, None).await.expect("it signs in");
        tablet.satchel.resume();
        tablet
    }

    /// Where the books lie.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the book and opens it again, as after the end of the process. Not sending.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn restart(&mut self) {
        self.satchel.shutdown().await.expect("it closes");
        let (world, profile) = (self.world.clone(), self.profile.clone());
        self.satchel =
            Satchel::open(world, self.folder.path(), "dara", profile).await.expect("it opens again");
        self.satchel.link_changed(Link::Unmetered);
    }

    /// Adds a prospect, never in the first second of a minute: a creation time on the full minute proves nothing
    /// about seconds.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn add(&self, name: &str, phone: &str) -> ProspectId {
        off_the_minute().await;
        self.satchel.add(person(name, phone), None).await.expect("it is saved").id
    }

    /// Where the record stands.
    ///
    /// # Panics
    /// When there is no such record.
    pub async fn standing(&self, id: impl Into<Record>) -> Standing {
        self.satchel.standing(id).await.expect("it stands somewhere")
    }

    /// Waits until the record is there.
    ///
    /// # Panics
    /// When it does not come there.
    pub async fn until(&self, id: impl Into<Record>, place: Place) -> Standing {
        let (id, end) = (id.into(), Instant::now() + PATIENCE);
        loop {
            let standing = self.standing(id).await;
            if standing.place == place {
                return standing;
            }
            assert!(Instant::now() < end, "waited for {place:?}, it is {standing:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The code of a prospect that has one.
    ///
    /// # Panics
    /// When it has none.
    pub async fn code(&self, id: ProspectId) -> String {
        self.satchel.get(id).await.expect("it is there").code.expect("it has a code")
    }
}

/// Waits out the first second of a minute.
pub async fn off_the_minute() {
    // The last seconds too: what is added right after takes the next second, and that may be the full minute.
    while matches!(jiff::Timestamp::now().as_second() % 60, 0 | 57..) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until it is so.
///
/// # Panics
/// When it does not become so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut so: impl FnMut() -> F) {
    let end = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What clients did, by kind and then by `NameEn` as sent (by code where a call carries no name). What was done at
/// the server itself is left out.
#[must_use]
pub fn tally(ledger: &[LedgerEntry]) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut tally = BTreeMap::<String, BTreeMap<String, u64>>::new();
    for entry in ledger.iter().filter(|entry| entry.request != 0) {
        let name = entry.effect.fields.get("NameEn");
        let name = if name.is_empty() { &entry.effect.code } else { name };
        *tally.entry(entry.effect.kind.clone()).or_default().entry(name.to_owned()).or_default() += 1;
    }
    tally
}

/// How often a prospect of that `NameEn` was created.
#[must_use]
pub fn creates(sandbox: &Running, name: &str) -> u64 {
    tally(&sandbox.ledger()).get("create").and_then(|names| names.get(name)).copied().unwrap_or(0)
}
