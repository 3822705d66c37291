//! Onboarding before the bank's own sandbox, in this process: an application that the bank has, and papers for it.

use crate::Done;
use crate::world::{SESSION, Setup, wait};
use image::codecs::jpeg::JpegEncoder;
use satchel::Satchel;
use satchel::onboarding::{ActionId, OnboardingSecrets, Person, Query};
use satchel::outbox::plan::Link;
use satchel::profile::{OnboardingProfile, Profile};
use satchel_sandbox::{Options, Running, Sandbox, Tls};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Far more than anything here takes.
pub const DEADLINE: Duration = Duration::from_secs(1_800);

/// The bank, on its own threads, as a server would be.
pub struct Bank {
    _runtime: tokio::runtime::Runtime,
    pub sandbox: Running,
}

impl Bank {
    pub fn start() -> Done<Bank> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let options = Options { tls: Tls::Plain, ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(options))?;
        Ok(Bank { _runtime: runtime, sandbox })
    }
}

/// A book whose profile has onboarding.
pub fn setup(root: &Path, base_url: &str, onboarding_url: &str) -> Done<Setup> {
    let mut profile = Profile::new("bench", base_url);
    profile.onboarding = Some(OnboardingProfile::new(onboarding_url));
    Setup::real(root, profile)
}

/// Signed in at both services.
pub fn signed_in(setup: &Setup) -> Done<Satchel> {
    let satchel = setup.signed_in()?;
    let one = || BTreeMap::from([("x-session".to_owned(), SESSION.into())]);
    wait(satchel.sign_in_onboarding(OnboardingSecrets { authenticated: one(), anonymous: one() }, None))?;
    Ok(satchel)
}

/// An application at the bank; the number of what it wants papers for.
pub fn applied(satchel: &Satchel) -> Done<ActionId> {
    let sok = Person {
        first_name: "Dara".into(),
        last_name: "Sok".into(),
        date_of_birth: Some("1985-10-10".parse()?),
        mobile_country_code: "+855".into(),
        mobile_number: "12345678".into(),
        consent: true,
        ..Person::default()
    };
    wait(satchel.start_application(sok, None))?;
    satchel.link_changed(Link::Unmetered);
    sent(satchel)?;
    wait(satchel.download_actions())?;
    let asked = wait(satchel.actions(Query::default()))?;
    let wanted = asked.iter().find(|asking| asking.action.name == "ProofOfIncomeEmployed");
    Ok(wanted.ok_or("the bank wants no paper")?.id)
}

/// Everything that waits is at the bank. How long that took.
pub fn sent(satchel: &Satchel) -> Done<Duration> {
    let start = Instant::now();
    let drained = wait(satchel.drain(DEADLINE))?;
    if drained.left > 0 {
        return Err(format!("{drained:?}").into());
    }
    Ok(start.elapsed())
}

/// A baseline photograph of so many megapixels, four by three, with some noise: as much as a camera's.
pub fn photo(folder: &Path, megapixels: u32) -> Done<PathBuf> {
    let path = folder.join(format!("{megapixels}.jpg"));
    if !path.exists() {
        let height = f64::from(megapixels * 1_000_000 * 3 / 4).sqrt() as u32 / 16 * 16;
        let width = height * 4 / 3 / 16 * 16;
        let mut noise = fastrand::Rng::with_seed(7);
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            let (grain, edge) = (noise.u8(..24), if (x / 97 + y / 61) % 2 == 0 { 60 } else { 0 });
            let far = |at: u32, all: u32| (u64::from(at) * 150 / u64::from(all)) as u8;
            image::Rgb([far(x, width) + grain + edge, far(y, height) + grain, 90 + grain])
        });
        let file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        picture.write_with_encoder(JpegEncoder::new_with_quality(file, 88))?;
    }
    Ok(path)
}

/// A PDF of that many bytes.
pub fn pdf(bytes: usize) -> Vec<u8> {
    const SEED: &[u8] = include_bytes!("../../../crates/photo/tests/data/seed.pdf");
    let end = SEED.windows(9).rposition(|word| word == b"startxref").unwrap_or_default();
    let more = vec![b' '; bytes.saturating_sub(2 * SEED.len() - end + 1)];
    [SEED, &more, b"\n", &SEED[end..]].concat()
}
