//! Hard days of a store: the key is lost, the database damaged, a backup put back, the officer gone.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod exports;
mod handover;
mod key_lost;
mod restored;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use satchel::export::Export;
use satchel::profile::Profile;
use satchel::world::{KeyVault, MemoryVault, Secret, World};
use satchel::{Satchel, outbox::plan::Link};
use satchel_sandbox::{Officer, Options, Running};
use satchel_tests::tablet::{self, LATENESS_MS, profile, sandbox_of};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The bank's own key, with its private half in a file.
struct Organisation {
    identity: Identity,
    folder: TempDir,
}

impl Organisation {
    fn new() -> Self {
        let (identity, folder) = (Identity::generate(), TempDir::new().unwrap());
        let text = format!("# created: today\n{}\n", identity.to_string().expose_secret());
        fs::write(folder.path().join("key.txt"), text).unwrap();
        Organisation { identity, folder }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// As stock tools open it.
    fn opens(&self, sealed: &[u8]) -> Vec<u8> {
        age::decrypt(&self.identity, sealed).unwrap()
    }

    fn export(&self, sealed: &str) -> Export {
        Export::parse(&self.opens(sealed.as_bytes())).unwrap()
    }

    /// The command, with this key where it wants one.
    fn rescue(&self, words: &[&str]) -> (u8, String, String) {
        let mut line = vec!["satchel-rescue".to_owned()];
        line.extend(words.iter().map(|word| (*word).to_owned()));
        if words[0] != "list" {
            line.extend(["--identity".to_owned(), self.file("key.txt")]);
        }
        let (mut out, mut err) = (vec![], vec![]);
        let code = satchel_rescue::run(line, &mut out, &mut err);
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }
}

/// A tablet on which books of several officers may lie.
struct Shared {
    root: TempDir,
    profile: Profile,
    world: World,
}

impl Shared {
    fn new(bank: &Running, organisation: &Organisation) -> Self {
        let mut profile = profile(bank.base_url());
        profile.organisation_key = Some(organisation.identity.to_public().to_string());
        Self { root: TempDir::new().unwrap(), world: world(&profile), profile }
    }

    /// The same files under a vault that knows nothing.
    fn lose_vault(&mut self) {
        self.world = world(&self.profile);
    }

    async fn open(&self, officer: &str) -> satchel::Result<Satchel> {
        let satchel =
            Satchel::open(self.world.clone(), self.root.path(), officer, self.profile.clone()).await?;
        let mut secrets = tablet::secrets(&format!("S-{officer}"));
        secrets.user = officer.into();
        satchel.sign_in(secrets, None).await?;
        Ok(satchel)
    }

    fn folder(&self, officer: &str) -> PathBuf {
        satchel::store::Place::of(self.root.path(), officer, "test").unwrap().folder()
    }
}

fn world(profile: &Profile) -> World {
    world_with(profile, Arc::new(MemoryVault::default()))
}

fn world_with(profile: &Profile, vault: Arc<dyn KeyVault>) -> World {
    tablet::world(profile, vault)
}

async fn bank() -> Running {
    let officers = ["dara", "vanna"].map(|name| Officer::new(name, "secret", format!("S-{name}")));
    sandbox_of(Options { lateness_ms: LATENESS_MS, officers: officers.into(), ..Options::default() }).await
}

/// Every file of a folder with its bytes.
fn image(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.clone(), fs::read(p).unwrap()))
        .collect();
    files.sort();
    files
}

fn put_back(folder: &Path, image: &[(PathBuf, Vec<u8>)]) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir_all(folder).unwrap();
    image.iter().for_each(|(path, bytes)| fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap());
}

fn goes(satchel: &Satchel) {
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
}

fn plain(export: &Export) -> Secret<Vec<u8>> {
    Secret::new(export.json().unwrap())
}
