//! The tablet and the bank of these tests: short waits, everything else as shipped.

use satchel::profile::Profile;
use satchel::world::World;
use satchel_sandbox::{Options, Running, Sandbox};
use satchel_tests::vault::FileVault;
use std::path::Path;
use std::sync::Arc;

/// The officer.
pub const OFFICER: &str = "dara";

/// How late the bank may carry out a request, ms.
const LATENESS_MS: u64 = 40;

/// A bank on a free port, plain, in memory.
///
/// # Errors
/// When it cannot listen.
pub async fn bank(seed: u64) -> std::io::Result<Running> {
    Sandbox::start(Options { lateness_ms: LATENESS_MS, seed, ..Options::default() }).await
}

/// The profile for the bank at `base_url`.
#[must_use]
pub fn profile(base_url: &str) -> Profile {
    let mut profile = satchel_tests::tablet::profile(base_url);
    (profile.prospect.lateness_ms, profile.prospect.transit_ms) = (Some(LATENESS_MS), 40);
    profile
}

/// The world of a process on real files: the book and the vault lie in `folder`.
///
/// # Errors
/// When the vault's folder cannot be made.
pub fn world(profile: &Profile, folder: &Path) -> std::io::Result<World> {
    let vault = FileVault::in_folder(&folder.join("vault"))?;
    Ok(satchel_tests::tablet::world(profile, Arc::new(vault)))
}
